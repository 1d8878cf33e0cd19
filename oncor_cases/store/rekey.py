"""Two persons turned out to be one: episodes and tasks of the one move to the other before anything is reconciled; or
they part again, and what went along comes back (docs/adr/0020).

Of two open tasks for the same duty the older stays; its twin is closed with the reason `joined` and a row of history."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection

AUTHOR = "identity"


def joined(conn: Connection, region: int, before: int, into: int, at: datetime) -> dict[str, Any]:
    """Moves what is kept for `before` to `into`; waits for a sweep that holds either of them.

    Returns what went along, by table: [id, episode] of rows that moved, whole rows of what was dropped or rewritten."""
    values = {"region": region, "before": before, "into": into, "at": at, "author": AUTHOR}
    _hold(conn, region, before, into)
    carried: dict[str, Any] = conn.execute(_CARRIED, values).fetchone()[0]
    twins = conn.execute(
        """select b.id::text as gone, a.id::text as stays
           from episode b join episode a on a.region_id = b.region_id and a.key = b.key
           where b.region_id = %(region)s and b.person_id = %(before)s and a.person_id = %(into)s""",
        values,
    ).fetchall()
    values |= {"gone": [t.gone for t in twins], "stays": [t.stays for t in twins]}
    for statement, name in (
        (_CLOSE_TWIN_ASSIGNMENTS, "assignment_closed"),
        (_MOVE_ASSIGNMENTS, ""),
        (_CLOSE_TWINS, ""),
        (_MOVE_TASKS, ""),
        (_MOVE_NOTES, ""),
        (_MOVE_WORDS, ""),
        (_MOVE_TRACES, ""),
        (_DROP_DRAFTS, "draft_dropped"),
        (_MOVE_DRAFTS, ""),
        (_DROP_BACKLOG, "backlog_dropped"),
        (_MOVE_BACKLOG, ""),
        (_MOVE_ATTACHMENTS, ""),
        (_MOVE_CATEGORIES, ""),
        (_DROP_EPISODES, ""),
        (_MOVE_EPISODES, ""),
        (_DROP_VIEWS, ""),
        (_DROP_ROUTES, ""),
        (_COPY_SCOPE, "scope_copied"),
        (_DROP_SCOPE, ""),
    ):
        done = conn.execute(statement, values)
        if name:
            carried[name] = [row[0] for row in done.fetchall()]
    return carried


def parted(conn: Connection, region: int, person: int, survivor: int, carried: Mapping[str, Any], at: datetime) -> None:
    """What `person` brought when they became `survivor` is theirs again, in the state it has now; what was dropped is as it
    was. Rows about the survivor's own things, and whatever was begun since, stay."""
    _hold(conn, region, person, survivor)
    values = {"region": region, "person": person, "survivor": survivor, "at": at, "author": AUTHOR,
              "carried": Jsonb(carried)}  # fmt: skip
    for statement in _BACK:
        conn.execute(statement, values)


def _hold(conn: Connection, region: int, *persons: int) -> None:
    for person in sorted(persons):
        locks.hold(conn, Lock.PERSON, region, person)


# Rows that go along under their own ids; those of `_KEYED` name an episode too.
_KEYED = ("task", "clock_event", "acknowledgement", "late_stage_draft", "backlog")
_PLAIN = ("trace", "attachment", "person_category", "assignment")
BY_ID = (*_KEYED, *_PLAIN, "own")


def _rows(table: str, told: str, where: str = "") -> str:
    return f"""coalesce((select jsonb_agg({told} order by x.id) from {table} x
        where x.region_id = %(region)s and x.person_id = %(before)s{where}), '[]')"""


_CARRIED = "select jsonb_build_object({})".format(
    ", ".join(
        [f"'{name}', {_rows(name, 'jsonb_build_array(x.id, x.episode)')}" for name in _KEYED]
        + [f"'{name}', {_rows(name, 'jsonb_build_array(x.id)')}" for name in _PLAIN]
        + [
            "'own', " + _rows("subject", "jsonb_build_array(x.id)", " and x.source = 'person'"),
            "'episode', " + _rows("episode", "to_jsonb(x)"),
            "'scope', " + _rows("person_scope", "jsonb_build_array(x.org, x.reason)").replace("order by x.id", ""),
        ]
    )
)


# The same work was given about both: the older piece stays, its twin's task closes at the next sweep.
_CLOSE_TWIN_ASSIGNMENTS = """
    update assignment t set closed_on = greatest(t.given_on, (%(at)s at time zone r.tz)::date), closed_at = %(at)s,
        closed_by = %(author)s, closed_reason = 'joined'
    from region r where t.region_id = %(region)s and r.id = t.region_id and t.closed_at is null and t.id in (
        select greatest(a.id, b.id) from assignment a join assignment b on b.region_id = a.region_id
            and (b.source_kind, b.source_key, b.item) = (a.source_kind, a.source_key, a.item) and b.closed_at is null
        where a.region_id = %(region)s and a.person_id = %(before)s and b.person_id = %(into)s and a.closed_at is null)
    returning to_jsonb(t.id)"""

_MOVE_ASSIGNMENTS = "update assignment set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s"

_MAPPED = """
    mapped as (
        select t.id, t.pathway, t.rule, t.subject, t.opened_on, t.closed_at, coalesce(w.stays, t.episode) as episode
        from task t left join unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) on w.gone = t.episode
        where t.region_id = %(region)s and t.person_id = %(before)s
    )"""

_CLOSE_TWINS = f"""
    with {_MAPPED}, pair as (
        select case when (a.opened_on, a.id) < (m.opened_on, m.id) then m.id else a.id end as loser
        from mapped m join task a on a.region_id = %(region)s and a.person_id = %(into)s and a.closed_at is null
            and (a.pathway, a.episode, a.rule, a.subject) = (m.pathway, m.episode, m.rule, m.subject)
        where m.closed_at is null
    ), closed as (
        update task t set state = 'closed', waiting_until = null, closed_at = clock_timestamp(), closed_by = %(author)s,
            closed_reason = 'joined', closed_on = greatest(t.opened_on, (%(at)s at time zone r.tz)::date)
        from region r where t.region_id = %(region)s and r.id = t.region_id and t.id in (select loser from pair)
        returning t.*
    )
    insert into task_event (region_id, task_id, on_day, author, kind, person_id, state, level, due, waiting_until, owner_org,
        assignee, icd10, edition, data)
    select region_id, id, closed_on, %(author)s, 'closed', person_id, state, level, due, waiting_until, owner_org,
        assignee, icd10, edition, '{{"reason": "joined"}}' from closed order by id"""

_TOLD = """
    insert into task_event (region_id, task_id, on_day, author, kind, person_id, state, level, due, waiting_until, owner_org,
        assignee, icd10, edition)
    select m.region_id, m.id, greatest(m.opened_on, (%(at)s at time zone r.tz)::date), %(author)s, 'rekeyed', m.person_id,
        m.state, m.level, m.due, m.waiting_until, m.owner_org, m.assignee, m.icd10, m.edition
    from moved m join region r on r.id = m.region_id where m.closed_at is null order by m.id"""

_MOVE_TASKS = f"""
    with {_MAPPED}, moved as (
        update task t set person_id = %(into)s, episode = m.episode from mapped m
        where t.region_id = %(region)s and t.id = m.id returning t.*
    ) {_TOLD}"""

_MOVE_NOTES = """
    update clock_event c set person_id = %(into)s, episode = coalesce(
        (select w.stays from unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) where w.gone = c.episode), c.episode)
    where c.region_id = %(region)s and c.person_id = %(before)s"""

_MOVE_WORDS = _MOVE_NOTES.replace("clock_event", "acknowledgement")
_MOVE_TRACES = "update trace set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s"
# of two drafts for one case the one of the person who stays is kept, as with tasks
_DROP_DRAFTS = """
    delete from late_stage_draft d where d.region_id = %(region)s and d.person_id = %(before)s and exists (
        select from late_stage_draft o where o.region_id = d.region_id and o.person_id = %(into)s
          and o.episode = coalesce((select w.stays from unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays)
                                    where w.gone = d.episode), d.episode))
    returning to_jsonb(d)"""
_MOVE_DRAFTS = _MOVE_NOTES.replace("clock_event", "late_stage_draft")
# Of two rows for one duty the released one stays, else the older.
_DROP_BACKLOG = """
    with keyed as (
        select b.id, b.released_on, row_number() over (
            partition by b.pathway, coalesce(w.stays, b.episode), b.rule, b.subject
            order by b.released_on nulls last, b.id) as place
        from backlog b left join unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) on w.gone = b.episode
        where b.region_id = %(region)s and b.person_id in (%(before)s, %(into)s)
    )
    delete from backlog b using keyed k where b.region_id = %(region)s and b.id = k.id and k.place > 1
    returning to_jsonb(b)"""
_MOVE_BACKLOG = """
    update backlog b set person_id = %(into)s, episode = coalesce(
        (select w.stays from unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) where w.gone = b.episode), b.episode)
    where b.region_id = %(region)s and b.person_id = %(before)s"""
_MOVE_ATTACHMENTS = """
    update attachment set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s"""
_MOVE_CATEGORIES = """
    update person_category set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s"""

_DROP_EPISODES = "delete from episode where region_id = %(region)s and id::text = any(%(gone)s::text[])"
_MOVE_EPISODES = "update episode set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s"
_DROP_VIEWS = "delete from pathway_view where region_id = %(region)s and person_id = %(before)s"
_DROP_ROUTES = _DROP_VIEWS.replace("pathway_view", "case_route")
_COPY_SCOPE = """
    insert into person_scope (region_id, person_id, org, reason)
    select region_id, %(into)s, org, reason from person_scope
    where region_id = %(region)s and person_id = %(before)s and reason in ('task', 'attachment') on conflict do nothing
    returning jsonb_build_array(org, reason)"""
_DROP_SCOPE = "delete from person_scope where region_id = %(region)s and person_id = %(before)s"


# --- back again -------------------------------------------------------------------------------------------------------


def _went(name: str) -> str:
    return f"""(select (v ->> 0)::bigint as id, v ->> 1 as episode
        from jsonb_array_elements(%(carried)s::jsonb -> '{name}') v) c"""


def _back(name: str) -> str:
    episode = ", episode = c.episode" if name in _KEYED else ""
    return f"""update {name} x set person_id = %(person)s{episode} from {_went(name)}
        where x.region_id = %(region)s and x.id = c.id and x.person_id = %(survivor)s"""


def _again(table: str, name: str) -> str:
    """Rows dropped for the sake of a twin, with the person and the episode they had."""
    return f"""insert into {table} select (jsonb_populate_record(null::{table}, v)).*
        from jsonb_array_elements(coalesce(%(carried)s::jsonb -> '{name}', '[]')) v on conflict do nothing"""


# A word about a task goes with the task, also one said while the two were one.
_BACK_WITH_TASK = """
    update acknowledgement x set person_id = t.person_id, episode = t.episode from task t
    where x.region_id = %(region)s and x.person_id = %(survivor)s and t.region_id = x.region_id and t.id = x.task_id
      and t.person_id = %(person)s"""
_BACK_EPISODES = (
    """delete from episode e using jsonb_array_elements(%(carried)s::jsonb -> 'episode') v
       where e.region_id = %(region)s and e.id = (v ->> 'id')::bigint and e.person_id = %(survivor)s""",
    """insert into episode
       select (jsonb_populate_record(null::episode, v || jsonb_build_object('person_id', %(person)s::int))).*
       from jsonb_array_elements(%(carried)s::jsonb -> 'episode') v on conflict do nothing""",
)
_REOPEN_ASSIGNMENTS = """
    update assignment x set closed_on = null, closed_at = null, closed_by = '', closed_reason = ''
    where x.region_id = %(region)s and x.closed_by = %(author)s and x.closed_reason = 'joined'
      and to_jsonb(x.id) in (select jsonb_array_elements(coalesce(%(carried)s::jsonb -> 'assignment_closed', '[]')))
      and not exists (select from assignment o where o.region_id = x.region_id and o.closed_at is null
          and (o.source_kind, o.source_key, o.person_id, o.item) = (x.source_kind, x.source_key, x.person_id, x.item))"""
_SCOPES_BACK = (
    """insert into person_scope (region_id, person_id, org, reason)
       select %(region)s, %(person)s, v ->> 0, v ->> 1
       from jsonb_array_elements(coalesce(%(carried)s::jsonb -> 'scope', '[]')) v on conflict do nothing""",
    # whoever saw the survivor only for the sake of this person's work sees them no more
    """delete from person_scope s using jsonb_array_elements(coalesce(%(carried)s::jsonb -> 'scope_copied', '[]')) v
       where s.region_id = %(region)s and s.person_id = %(survivor)s and s.org = v ->> 0 and s.reason = v ->> 1
         and not exists (select from task t join task_event e on e.region_id = t.region_id and e.task_id = t.id
                         where t.region_id = s.region_id and t.person_id = s.person_id and s.reason = 'task'
                           and (t.owner_org = s.org or e.owner_org = s.org))
         and not exists (select from attachment a where a.region_id = s.region_id and a.person_id = s.person_id
                         and s.reason = 'attachment' and a.org = s.org)""",
)
# What the comparisons found about this person's own facts, with what people confirmed of it.
_BACK_DIFFERENCES = """
    update difference d set person_id = %(person)s
    where d.region_id = %(region)s and d.person_id = %(survivor)s and coalesce(d.left_fact, d.right_fact) is not null
      and not exists (select from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id
                      where f.region_id = d.region_id and f.id in (d.left_fact, d.right_fact)
                        and s.person_id is distinct from %(person)s)
      and not exists (select from difference o where o.region_id = d.region_id and o.person_id = %(person)s
                      and (o.comparison, o.thing) = (d.comparison, d.thing))"""
_BACK = (
    *(_back(name) for name in (*_KEYED[1:], *_PLAIN)),
    f"with moved as ({_back('task')} returning x.*) {_TOLD}",
    _BACK_WITH_TASK,
    _BACK_WITH_TASK.replace("acknowledgement", "clock_event"),
    _REOPEN_ASSIGNMENTS,
    _again("backlog", "backlog_dropped"),
    _again("late_stage_draft", "draft_dropped"),
    *_BACK_EPISODES,
    *_SCOPES_BACK,
    _BACK_DIFFERENCES,
)
