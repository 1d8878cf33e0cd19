-- Claims and their file of persons become one load (actions/list_pairs.py): whoever kept the address of the other is led here.
-- Asked only for a number that is no load, so it needs no index.
alter table list_load add column along bigint[] not null default '{}'::bigint[];
