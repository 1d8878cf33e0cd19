"""Two persons turned out to be one: episodes and tasks of the one move to the other before anything is reconciled.

Of two open tasks for the same duty the older stays; its twin is closed with the reason `joined` and a row of history."""

from datetime import datetime

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection

AUTHOR = "identity"


def joined(conn: Connection, region: int, before: int, into: int, at: datetime) -> None:
    """Moves what is kept for `before` to `into`; waits for a sweep that holds either of them."""
    values = {"region": region, "before": before, "into": into, "at": at, "author": AUTHOR}
    for person in sorted((before, into)):
        locks.hold(conn, Lock.PERSON, region, person)
    twins = conn.execute(
        """select b.id::text as gone, a.id::text as stays
           from episode b join episode a on a.region_id = b.region_id and a.key = b.key
           where b.region_id = %(region)s and b.person_id = %(before)s and a.person_id = %(into)s""",
        values,
    ).fetchall()
    values |= {"gone": [t.gone for t in twins], "stays": [t.stays for t in twins]}
    for statement in (
        _CLOSE_TWIN_ASSIGNMENTS,
        _MOVE_ASSIGNMENTS,
        _CLOSE_TWINS,
        _MOVE_TASKS,
        _MOVE_NOTES,
        _MOVE_WORDS,
        *_MOVE_CARE,
        _DROP_BACKLOG,
        _MOVE_BACKLOG,
        _MOVE_ATTACHMENTS,
        _MOVE_CATEGORIES,
        _DROP_EPISODES,
        _MOVE_EPISODES,
        _DROP_VIEWS,
        _DROP_ROUTES,
        _COPY_SCOPE,
        _DROP_SCOPE,
    ):
        conn.execute(statement, values)


# The same work was given about both: the older piece stays, its twin's task closes at the next sweep.
_CLOSE_TWIN_ASSIGNMENTS = """
    update assignment t set closed_on = greatest(t.given_on, (%(at)s at time zone r.tz)::date), closed_at = %(at)s,
        closed_by = %(author)s, closed_reason = 'joined'
    from region r where t.region_id = %(region)s and r.id = t.region_id and t.closed_at is null and t.id in (
        select greatest(a.id, b.id) from assignment a join assignment b on b.region_id = a.region_id
            and (b.source_kind, b.source_key, b.item) = (a.source_kind, a.source_key, a.item) and b.closed_at is null
        where a.region_id = %(region)s and a.person_id = %(before)s and b.person_id = %(into)s and a.closed_at is null)"""

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

_MOVE_TASKS = f"""
    with {_MAPPED}
    update task t set person_id = %(into)s, episode = m.episode from mapped m
    where t.region_id = %(region)s and t.id = m.id"""

_MOVE_NOTES = """
    update clock_event c set person_id = %(into)s, episode = coalesce(
        (select w.stays from unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) where w.gone = c.episode), c.episode)
    where c.region_id = %(region)s and c.person_id = %(before)s"""

_MOVE_WORDS = _MOVE_NOTES.replace("clock_event", "acknowledgement")
_MOVE_CARE = (
    "update trace set person_id = %(into)s where region_id = %(region)s and person_id = %(before)s",
    # of two drafts for one case the one of the person who stays is kept, as with tasks
    """delete from late_stage_draft d where d.region_id = %(region)s and d.person_id = %(before)s and exists (
           select from late_stage_draft o where o.region_id = d.region_id and o.person_id = %(into)s
             and o.episode = coalesce((select w.stays from unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays)
                                       where w.gone = d.episode), d.episode))""",
    _MOVE_NOTES.replace("clock_event", "late_stage_draft"),
)
# Of two rows for one duty the released one stays, else the older.
_DROP_BACKLOG = """
    with keyed as (
        select b.id, b.released_on, row_number() over (
            partition by b.pathway, coalesce(w.stays, b.episode), b.rule, b.subject
            order by b.released_on nulls last, b.id) as place
        from backlog b left join unnest(%(gone)s::text[], %(stays)s::text[]) w(gone, stays) on w.gone = b.episode
        where b.region_id = %(region)s and b.person_id in (%(before)s, %(into)s)
    )
    delete from backlog b using keyed k where b.region_id = %(region)s and b.id = k.id and k.place > 1"""
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
    where region_id = %(region)s and person_id = %(before)s and reason = 'task' on conflict do nothing"""
_DROP_SCOPE = "delete from person_scope where region_id = %(region)s and person_id = %(before)s"
