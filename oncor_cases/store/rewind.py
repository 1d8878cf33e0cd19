"""Winding a demo store back to an earlier day: what the sweeps after it did is undone. Never used anywhere else."""

from datetime import date

from oncor_cases.store.differences import SEEN
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
    conn.execute("update rule_record r set marked_to = 0, marked_at = null from region g where r.region_id = %s"
                 " and g.id = r.region_id and (r.known_at at time zone g.tz)::date > %s", later)  # fmt: skip
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
    differences(conn, region, day)
    conn.execute("update person_change set wakes_on = %s where region_id = %s", (day, region))


_BEFORE = """
    select distinct on (d.id) d.id, e.data ->> 'from' as before
    from difference_event e join difference d on d.region_id = e.region_id and d.id = e.difference_id
    where e.region_id = %(region)s and e.on_day > %(day)s and e.kind = 'handed' order by d.id, e.id"""

_WORK = (
    """update assignment set closed_on = null, closed_at = null, closed_by = '', closed_reason = ''
       where region_id = %(region)s and source_kind = 'comparison' and closed_on > %(day)s
         and closed_reason in ('difference_gone', 'difference_confirmed')""",
    # whose it was and what it asked for: the first later change says what was before it
    """update assignment a set owner_org = c.owner_org, text = c.text, detail = a.detail - 'values'
       from (select distinct on (assignment_id) assignment_id, owner_org, text from assignment_change
             where region_id = %(region)s and on_day > %(day)s order by assignment_id, id) c
       where a.region_id = %(region)s and a.id = c.assignment_id""",
    "delete from assignment_change where region_id = %(region)s and on_day > %(day)s",
    "delete from assignment where region_id = %(region)s and source_kind = 'comparison' and given_on > %(day)s",
    f"update difference d set org = e.before from ({_BEFORE}) e where d.region_id = %(region)s and d.id = e.id",
)

# The values of a day are those that the first later change tells to have been before it.
_VALUES = """
    update difference d set left_values = e.data -> 'left', right_values = e.data -> 'right',
        values_hash = sha256(convert_to((e.data -> 'left')::text || (e.data -> 'right')::text, 'UTF8'))
    from (select distinct on (difference_id) difference_id, data from difference_event
          where region_id = %(region)s and on_day > %(day)s and data ? 'left' order by difference_id, id) e
    where d.region_id = %(region)s and d.id = e.difference_id"""

_CONFIRMED = """
    update difference d set confirmed_at = c.at, confirmed_by = coalesce(c.author, ''),
        confirmed_reason = coalesce(c.data ->> 'reason', ''), confirmed_note = coalesce(c.data ->> 'note', ''),
        confirmed_hash = case when c.id is null then null when v.data is null then d.values_hash
            else sha256(convert_to((v.data -> 'left')::text || (v.data -> 'right')::text, 'UTF8')) end
    from (select o.id as difference_id, l.* from difference o left join lateral (
              select e.id, e.at, e.author, e.data, e.kind from difference_event e
              where e.region_id = o.region_id and e.difference_id = o.id and e.kind in ('confirmed', 'unconfirmed')
              order by e.id desc limit 1) l on l.kind = 'confirmed'
          where o.region_id = %(region)s and (o.confirmed_by <> '' or l.id is not null)) c
    left join lateral (select e.data from difference_event e where e.region_id = %(region)s
        and e.difference_id = c.difference_id and e.id > c.id and e.data ? 'left' order by e.id limit 1) v on true
    where d.region_id = %(region)s and d.id = c.difference_id"""

_STATE = """
    update difference d set changed_on = e.on_day,
        state = case when e.kind in ('fixed', 'gone') then e.kind when e.kind = 'confirmed' then 'confirmed'
                     when d.confirmed_hash = d.values_hash then 'confirmed' else 'open' end,
        ended_on = case when e.kind in ('fixed', 'gone') then e.on_day end
    from (select distinct on (difference_id) difference_id, kind, on_day from difference_event
          where region_id = %(region)s and kind not in ('given', 'handed') order by difference_id, id desc) e
    where d.region_id = %(region)s and d.id = e.difference_id"""


def differences(conn: Connection, region: int, day: date) -> None:
    """Differences of the comparisons, their history and the work about them as they stood at the end of `day`; runs after
    it were never made. Which facts say it, and who mends what nobody has as work, is what the next run says."""
    values = {"region": region, "day": day}
    conn.execute("delete from comparison_run where region_id = %(region)s and day > %(day)s", values)
    for statement in _WORK:
        conn.execute(statement, values)
    conn.execute(_VALUES, values)
    conn.execute("delete from difference_event where region_id = %(region)s and on_day > %(day)s", values)
    conn.execute("delete from difference where region_id = %(region)s and found_on > %(day)s", values)
    conn.execute("update difference set state = 'open', ended_on = null where region_id = %(region)s", values)
    conn.execute(_CONFIRMED, values)
    conn.execute(_STATE, values)
    for statement in SEEN:
        conn.execute(statement, values)
