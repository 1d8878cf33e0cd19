-- What a first sweep of a region paid for and no query asked for.

-- An index over all columns of the key of a task beside the unique one of open tasks: a person is narrow enough.
drop index ix_task_person;
create index ix_task_person on task (region_id, person_id);

-- History is read by its task; only the rewind of a demo goes by days.
drop index ix_task_event_region_id_on_day_task_id;

-- Nobody compares these: sorting samples of them was most of what autovacuum did while tables grew.
alter table task alter because set statistics 0;
alter table task_event alter data set statistics 0;
alter table pathway_view alter view set statistics 0;
alter table episode alter anchors set statistics 0;
alter table case_route
    alter visits set statistics 0, alter plain_visits set statistics 0,
    alter clocks set statistics 0, alter starts set statistics 0, alter dues set statistics 0;
alter table fact alter attributes set statistics 0, alter links set statistics 0;
