-- A load of the insured is a row of list_load, its rejects are rows of list_reject. No release ever wrote the tables that go.
drop table resident_reject;
drop table resident_load;

alter table resident add column phone text default '' not null, add column address text default '' not null;
alter table resident_former add column load_id bigint not null;
