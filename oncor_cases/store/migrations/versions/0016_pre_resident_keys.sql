-- The region is the same in every row: leading with it, an index of millions is sorted by comparing whole keys.
drop index ix_resident_region_id_person_id, ix_resident_region_id_born, ix_resident_region_id_snils;
create index ix_resident_person_id_region_id on resident (person_id, region_id);
create index ix_resident_born_region_id on resident (born, region_id);
create index ix_resident_snils_region_id on resident (snils, region_id) where snils <> '';
