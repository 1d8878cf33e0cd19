"""Winding a demo store back to an earlier day: what the sweeps after it did is undone. Never used anywhere else."""

from datetime import date

from oncor_cases.store.session import Connection


def to(conn: Connection, region: int, day: date) -> None:
    """Tasks and their history as they stood at the end of `day`; everyone is due for a sweep of it.

    Needs the owner's connection: history is append-only for every other role."""
    later = (region, day)
    conn.execute(
        """with gone as (
               delete from notice_recipient r using notice n, task t
               where r.region_id = %(region)s and n.region_id = r.region_id and n.id = r.notice_id
                 and t.region_id = n.region_id and t.id = n.task_id and (r.on_day > %(day)s or t.opened_on > %(day)s)
               returning r.notice_id)
           delete from notice n where n.region_id = %(region)s and n.id in (select notice_id from gone)
             and not exists (select from notice_recipient r where r.region_id = n.region_id and r.notice_id = n.id
                             and r.on_day <= %(day)s)""",
        {"region": region, "day": day},
    )
    conn.execute("delete from acknowledgement where region_id = %s and on_day > %s", later)
    conn.execute("update acknowledgement set withdrawn_on = null, withdrawn_at = null, withdrawn_by = ''"
                 " where region_id = %s and withdrawn_on > %s", later)  # fmt: skip
    conn.execute("delete from absence where region_id = %s and on_day > %s", later)
    conn.execute("update absence set withdrawn_on = null, withdrawn_at = null, withdrawn_by = ''"
                 " where region_id = %s and withdrawn_on > %s", later)  # fmt: skip
    conn.execute("delete from notice n using task t where n.region_id = %s and t.region_id = n.region_id"
                 " and t.id = n.task_id and t.opened_on > %s", later)  # fmt: skip
    conn.execute("delete from task_event where region_id = %s and on_day > %s", later)
    conn.execute("update clock_event e set task_id = null from task t where e.region_id = %s and t.region_id = e.region_id"
                 " and t.id = e.task_id and t.opened_on > %s", later)  # fmt: skip
    conn.execute("delete from clock_event where region_id = %s and on_day > %s", later)
    conn.execute("delete from task where region_id = %s and opened_on > %s", later)
    conn.execute(
        """update task t
           set state = e.state, level = e.level, due = e.due, waiting_until = e.waiting_until, owner_org = e.owner_org,
               assignee = e.assignee, icd10 = e.icd10, edition = e.edition,
               closed_on = case when e.state = 'closed' then e.on_day end,
               closed_at = case when e.state = 'closed' then e.at end,
               closed_by = case when e.state = 'closed' then e.author else '' end,
               closed_reason = case when e.state = 'closed' then coalesce(e.data ->> 'reason', '') else '' end,
               closing_fact = case when e.state = 'closed' then nullif(e.data ->> 'fact', '')::bigint end
           from (select distinct on (task_id) * from task_event where region_id = %(region)s order by task_id, id desc) e
           where t.region_id = %(region)s and t.id = e.task_id""",
        {"region": region},
    )
    conn.execute("delete from trace where region_id = %s and first_on > %s", later)
    conn.execute("update trace set last_on = %s where region_id = %s and last_on > %s", (day, region, day))
    conn.execute("delete from sender_delay where region_id = %s and known_on > %s", later)
    conn.execute("delete from source_load where region_id = %s and since > %s", later)
    conn.execute("update source_load set asked_on = %s where region_id = %s and asked_on > %s", (day, region, day))
    conn.execute("delete from backlog where region_id = %s and entered_on > %s", later)
    conn.execute("update backlog set released_on = null, released_at = null, released_by = ''"
                 " where region_id = %s and released_on > %s", later)  # fmt: skip
    conn.execute("update backlog set left_on = null where region_id = %s and left_on > %s", later)
    conn.execute("delete from backlog_portion where region_id = %s and day > %s", later)
    conn.execute("update person_change set wakes_on = %s where region_id = %s", (day, region))
