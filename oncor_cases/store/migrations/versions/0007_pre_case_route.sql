create table case_route (
    region_id smallint not null,
    person_id integer not null,
    pathway text not null,
    episode text default '' not null,
    icd10 text default '' not null,
    site text default '' not null,
    org text default '' not null,
    state text not null,
    opened_on date not null,
    excluded date,
    told date,
    first_exam date,
    first_visit date,
    referral date,
    consultation date,
    examined date,
    diagnosis date,
    plan date,
    treatment date,
    first_org text default '' not null,
    consultation_org text default '' not null,
    plan_org text default '' not null,
    treatment_org text default '' not null,
    workup smallint,
    visits text[] default '{}'::text[] not null,
    plain_visits text[] default '{}'::text[] not null,
    delay_days integer default 0 not null,
    planned_days integer default 0 not null,
    clocks text[] default '{}'::text[] not null,
    starts date[] default '{}'::date[] not null,
    dues date[] default '{}'::date[] not null,
    constraint pk_case_route primary key (region_id, person_id, pathway, episode),
    constraint fk_case_route_region_id_person_id foreign key(region_id, person_id) references person (region_id, id)
);
create index ix_case_route_region_id_pathway_opened_on on case_route (region_id, pathway, opened_on);
create index ix_case_route_region_id_org_opened_on on case_route (region_id, org, opened_on);

grant select, insert, update, delete on case_route to oncor_batch;
grant select on case_route to oncor_web;
alter table case_route enable row level security;
alter table case_route force row level security;
create policy batch on case_route to oncor_batch using (true) with check (true);
-- The clinic that answers for the case, a stored column: a count over a region makes no probe for every row.
create policy web on case_route for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide()) or org = any ((select oncor_orgs())::text[])));

-- Cases swept before this table existed are swept again once, in the order of their persons.
set role oncor_batch;
update person_change set generation = generation + 1;
reset role;
