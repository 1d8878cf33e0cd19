-- Which step a load is in and since when: the number of rows read stands still for most of a long load.
alter table list_load add column stages jsonb not null default '{}'::jsonb;
