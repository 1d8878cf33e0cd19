-- Residents of a region are a table of their own: a first list is written and indexed beside, on several connections, and
-- swapped in at the end of its transaction (docs/adr/0018). Policies of `resident` are asked whoever reads it; a part alone
-- is open to nobody. `insured.other` holds regions that never had a whole list.
alter table resident rename to resident_before;
alter table resident_before rename constraint pk_resident to pk_resident_before;
drop index ix_resident_person_id_region_id, ix_resident_born_region_id, ix_resident_snils_region_id;
drop policy batch on resident_before;
drop policy web on resident_before;
alter table resident_before disable row level security, no force row level security;

create table resident (
    region_id smallint not null,
    person_id integer not null,
    load_id bigint not null,
    subject_id bigint,
    row_hash bigint not null,
    born date not null,
    attached_since date,
    gone_on date,
    sex text not null,
    enp text COLLATE "C" not null,
    snils text COLLATE "C" default '' not null,
    family text not null,
    given text not null,
    patronymic text default '' not null,
    org text COLLATE "C" default '' not null,
    insurer text default '' not null,
    phone text default '' not null,
    address text default '' not null
) partition by list (region_id);

create schema insured;
create table insured.other partition of resident default;
do $$
declare
    region smallint;
    part text;
begin
    for region in select distinct region_id from resident_before order by 1 loop
        part := format('insured.region_%s_0', region);
        execute format('create table %s partition of resident for values in (%s)', part, region);
        execute format('alter table %s enable row level security, force row level security', part);
    end loop;
end
$$;
insert into resident (region_id, person_id, load_id, subject_id, row_hash, born, attached_since, gone_on, sex, enp, snils,
                      family, given, patronymic, org, insurer, phone, address)
select region_id, person_id, load_id, subject_id, row_hash, born, attached_since, gone_on, sex, enp, snils,
       family, given, patronymic, org, insurer, phone, address from resident_before;
drop table resident_before;

-- What differs first: an index of millions is sorted by its first column. The key names the region because it has to.
alter table resident add constraint pk_resident primary key (enp, region_id);
create index ix_resident_person_id on resident (person_id);
create index ix_resident_born on resident (born);
create index ix_resident_snils on resident (snils) where snils <> '';

grant select, insert, update, delete on resident to oncor_batch;
grant select on resident to oncor_web;
alter table insured.other enable row level security, force row level security;
alter table resident enable row level security, force row level security;
create policy batch on resident to oncor_batch using (true) with check (true);
create policy web on resident for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide()) or org = any ((select oncor_orgs())::text[])));
