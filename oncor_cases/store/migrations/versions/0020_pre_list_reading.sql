-- Which columns of the file were read as what and which were not, which sheets of a workbook (docs/adr/0011).
alter table list_load add column reading jsonb default '{}'::jsonb not null;
