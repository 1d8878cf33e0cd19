-- Lists of one day and part are corrections of each other, and the last version of a day numbers the next list of it: both
-- are asked by every load, so neither may cost more with every list of its series.
drop index ix_list_load_region_id_series_as_of;
create index ix_list_load_region_id_series_as_of_part on list_load (region_id, series, as_of, part);
create index ix_list_load_region_id_series_version on list_load (region_id, series, version);
