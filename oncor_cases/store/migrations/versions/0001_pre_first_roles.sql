-- Roles and row security.
--   owner         whoever migrates; owns everything, is bound by row security like the others (force)
--   oncor_batch   sweeps, intake, decisions: all regions, but history is append-only for it too
--   oncor_web     pages: reads what its context lets it see; writes nothing about patients
-- A page's transaction sets oncor.region, oncor.orgs (comma separated), oncor.role and oncor.user; nothing set is nothing seen.
-- On a managed cluster the roles may exist already and the owner may not be allowed to create any.
do $$
declare
    wanted text;
begin
    foreach wanted in array array['oncor_batch', 'oncor_web'] loop
        if not exists (select from pg_roles where rolname = wanted) then
            begin
                execute format('create role %I nologin', wanted);
            exception when duplicate_object or unique_violation then
                null;  -- another database of the cluster is being migrated at this moment
            end;
        end if;
        if not pg_has_role(current_user, wanted, 'member') then
            execute format('grant %I to current_user', wanted);
        end if;
        execute format('grant usage on schema public to %I', wanted);
    end loop;
end
$$;

create function oncor_region() returns smallint language sql stable parallel safe
    return nullif(current_setting('oncor.region', true), '')::smallint;
create function oncor_orgs() returns text[] language sql stable parallel safe
    return coalesce(string_to_array(nullif(current_setting('oncor.orgs', true), ''), ','), '{}'::text[]);
-- Coordinators and methodologists answer for the whole region; an administrator of accounts sees no patient.
create function oncor_wide() returns boolean language sql stable parallel safe
    return coalesce(current_setting('oncor.role', true) in ('coordinator', 'methodologist'), false);
create function oncor_keeper() returns boolean language sql stable parallel safe
    return coalesce(current_setting('oncor.role', true) in ('coordinator', 'methodologist', 'registrar', 'admin'), false);

grant select, insert, update, delete on all tables in schema public to oncor_batch;
grant usage on all sequences in schema public to oncor_batch;
revoke update, delete on task_event, audit from oncor_batch;
revoke update, delete on raw_document, clock_event from oncor_batch;
grant update (task_id, person_id, episode) on clock_event to oncor_batch;

grant select on all tables in schema public to oncor_web;
grant insert, update, delete on session to oncor_web;
grant insert, delete on login_attempt to oncor_web;
grant insert on audit to oncor_web;
grant update (password_hash) on user_account to oncor_web;
grant usage on all sequences in schema public to oncor_web;

-- Signing in happens before there is a context, so accounts, sessions, attempts and tokens are guarded by privileges alone.
do $$
declare
    name text;
begin
    for name in
        select relname from pg_class
        where relnamespace = 'public'::regnamespace and relkind = 'r'
          and relname not in ('alembic_version', 'user_account', 'session', 'login_attempt', 'api_token')
    loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
        execute format('create policy batch on %I to oncor_batch using (true) with check (true)', name);
    end loop;
    -- What a whole region may know: no patient in it.
    foreach name in array array['organisation', 'calendar_record', 'sweep_run', 'intake_run'] loop
        execute format('create policy web on %I for select to oncor_web using (region_id = (select oncor_region()))', name);
    end loop;
end
$$;

create policy web on region for select to oncor_web using (id = (select oncor_region()));

create policy web on person_scope for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide()) or org = any ((select oncor_orgs())::text[])));

-- Everything about a person: a row of person_scope for one of the reader's organisations. Stored columns only, so the
-- planner can use the index (region_id, person_id, org) and the check costs one probe.
do $$
declare
    name text;
    person text;
begin
    foreach name in array array['person', 'subject', 'subject_link', 'episode', 'pathway_view', 'person_change', 'clock_event', 'finding'] loop
        person := case name when 'person' then 'id' else 'person_id' end;
        execute format(
            'create policy web on %1$I for select to oncor_web using (region_id = (select oncor_region()) and ((select oncor_wide())
                or exists (select from person_scope s where s.region_id = %1$I.region_id and s.person_id = %1$I.%2$I
                           and s.org = any ((select oncor_orgs())::text[]))))', name, person);
    end loop;
end
$$;

create policy web on fact for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide())
        or exists (select from subject s where s.region_id = fact.region_id and s.id = fact.subject_id)));

-- A quarantined document has no person yet: its sender's registrar and the keepers of the intake may see it.
create policy web on document for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide())
        or exists (select from subject s where s.region_id = document.region_id and s.id = document.subject_id)
        or (status = 'quarantined' and (select oncor_keeper())
            and (sender_org = '' or sender_org = any ((select oncor_orgs())::text[])))));

create policy web on raw_document for select to oncor_web
    using (region_id = (select oncor_region())
        and exists (select from document d where d.region_id = raw_document.region_id and d.sha256 = raw_document.sha256));

create policy web on task for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide()) or owner_org = any ((select oncor_orgs())::text[])
        or exists (select from person_scope s where s.region_id = task.region_id and s.person_id = task.person_id
                   and s.org = any ((select oncor_orgs())::text[]))));

create policy web on task_event for select to oncor_web
    using (region_id = (select oncor_region())
        and exists (select from task t where t.region_id = task_event.region_id and t.id = task_event.task_id));

create policy web on notice for select to oncor_web
    using (region_id = (select oncor_region()) and ((select oncor_wide()) or owner_org = any ((select oncor_orgs())::text[])));

create policy web on audit for select to oncor_web using (region_id = (select oncor_region()) and (select oncor_wide()));
create policy web_writes on audit for insert to oncor_web with check (region_id = (select oncor_region()));
