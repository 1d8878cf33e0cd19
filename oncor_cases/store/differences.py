"""What a run of the comparisons does to the stored differences: a few statements over the whole region, no row read here.

`rc_found` (store/compared_found.py) is what differs now. A difference keeps its row for ever: it changes, ends, returns;
each time a line of `difference_event` says so. Twice changes nothing (tests/worklist/test_differences.py)."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store import locks
from oncor_cases.store.facts import changed
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection

COUNTS = ("found", "new", "changed", "returned", "ended", "open")
GONE, CONFIRMED = "difference_gone", "difference_confirmed"
SOURCE = "comparison"


def alone(conn: Connection, region: int) -> bool:
    """Nobody else compares until this session ends the hold or itself; False if somebody does."""
    return locks.take(conn, Lock.COMPARISON, region)


def done(conn: Connection, region: int) -> None:
    """Ends the hold."""
    locks.give_back(conn, Lock.COMPARISON, region)


def one_moment(conn: Connection) -> None:
    """The first statement of a transaction: it sees the facts of one moment, whatever is loaded meanwhile."""
    conn.execute("set transaction isolation level repeatable read")


def made_since(conn: Connection, region: int) -> dict[str, date]:
    """Comparisons that some finished run has made, with the day of the first of them."""
    rows = conn.execute(
        """select k.name, min(r.day) as day from comparison_run r cross join lateral jsonb_object_keys(r.counts) k(name)
           where r.region_id = %s and r.finished_at is not null group by 1""",
        (region,),
    )
    return {row.name: row.day for row in rows}


def overdue(conn: Connection, region: int) -> bool:
    """True if a list was loaded or withdrawn since the last run began, and that run was short or is as long past as nine
    of its kind take: a region where records come one by one is not compared without end. False before the first run."""
    row = conn.execute(
        """select (r.finished_at - r.started_at < interval '30 seconds'
                   or clock_timestamp() - r.finished_at >= 9 * (r.finished_at - r.started_at)) and exists (
               select from list_load l where l.region_id = r.region_id
               and (l.finished_at > r.started_at or l.withdrawn_at > r.started_at)) as it
           from comparison_run r where r.region_id = %s and r.finished_at is not null order by r.id desc limit 1""",
        (region,),
    ).fetchone()
    return bool(row and row.it)


def start(conn: Connection, region: int, day: date, author: str) -> int:
    """The number of a new run."""
    row = conn.execute(
        "insert into comparison_run (region_id, day, author) values (%s, %s, %s) returning id", (region, day, author)
    ).fetchone()
    return int(row.id)


def finish(conn: Connection, region: int, run: int, counts: dict[str, Any]) -> None:
    """The counts of a run, by comparison."""
    conn.execute(
        "update comparison_run set finished_at = clock_timestamp(), counts = %s where region_id = %s and id = %s",
        (Jsonb(counts), region, run),
    )


_NOW = """
    create temp table rc_now on commit drop as
    select f.*, sha256(convert_to(f.left_values::text || f.right_values::text, 'UTF8')) as hash from rc_found f"""

# A person who turned out to be another one: the differences follow, unless the other has the same already.
_FOLLOW = """
    update difference d set person_id = m.person_id
    from (select distinct on (p.merged_into, o.comparison, o.thing) o.id, p.merged_into as person_id
          from difference o join person p on p.region_id = o.region_id and p.id = o.person_id and p.merged_into is not null
          where o.region_id = %(region)s and not exists (select from difference t where t.region_id = o.region_id
              and t.comparison = o.comparison and t.person_id = p.merged_into and t.thing = o.thing)
          order by p.merged_into, o.comparison, o.thing, o.state = 'confirmed' desc, o.id) m
    where d.region_id = %(region)s and d.id = m.id"""

_EVENTS = "insert into difference_event (region_id, difference_id, at, on_day, author, kind, data) "

_CHANGED = f"""
    with moved as (
        update difference d set left_values = f.left_values, right_values = f.right_values, left_fact = f.left_fact,
            right_fact = f.right_fact, values_hash = f.hash, org = f.org, changed_on = %(day)s, ended_on = null,
            state = case when d.confirmed_hash = f.hash then 'confirmed' else 'open' end,
            baseline = d.comparison = any(%(first)s)
        from rc_now f join difference o on o.region_id = %(region)s and o.comparison = f.comparison
            and o.person_id = f.person_id and o.thing = f.thing
        where d.region_id = %(region)s and d.id = o.id
          and (o.values_hash <> f.hash or o.state in ('fixed', 'gone'))
        returning d.id, d.comparison, d.state, o.state as before, o.left_values, o.right_values,
            o.values_hash <> f.hash as other
    ), told as (
        {_EVENTS}
        select %(region)s, m.id, coalesce(%(at)s, now()), %(day)s, %(author)s,
               case when m.before in ('fixed', 'gone') then 'returned' else 'changed' end,
               case when m.other then jsonb_build_object('left', m.left_values, 'right', m.right_values) else '{{}}' end
        from moved m order by m.id
    )
    select comparison, count(*) filter (where before not in ('fixed', 'gone')) as changed,
           count(*) filter (where before in ('fixed', 'gone')) as returned
    from moved group by comparison"""

_REFRESHED = """
    update difference d set left_fact = f.left_fact, right_fact = f.right_fact, org = f.org from rc_now f
    where d.region_id = %(region)s and d.comparison = f.comparison and d.person_id = f.person_id and d.thing = f.thing
      and (d.left_fact, d.right_fact, d.org) is distinct from (f.left_fact, f.right_fact, f.org)"""

_NEW = f"""
    with fresh as (
        insert into difference (region_id, comparison, person_id, thing, org, left_values, right_values, left_fact,
            right_fact, values_hash, baseline, found_on, changed_on)
        select %(region)s, f.comparison, f.person_id, f.thing, f.org, f.left_values, f.right_values, f.left_fact,
            f.right_fact, f.hash, f.comparison = any(%(first)s), %(day)s, %(day)s
        from rc_now f where not exists (select from difference o where o.region_id = %(region)s
            and o.comparison = f.comparison and o.person_id = f.person_id and o.thing = f.thing)
        order by f.comparison, f.person_id, f.thing
        returning id, comparison
    ), told as (
        {_EVENTS} select %(region)s, id, coalesce(%(at)s, now()), %(day)s, %(author)s, 'found', '{{}}' from fresh order by id
    )
    select comparison, count(*) as n from fresh group by comparison"""

_ENDED = f"""
    with over as (
        update difference d set ended_on = greatest(d.found_on, %(day)s), changed_on = greatest(d.found_on, %(day)s),
            state = case when exists (select from assignment a where a.region_id = d.region_id
                and a.person_id = d.person_id and a.source_kind = 'comparison' and a.source_key = d.comparison
                and a.item = d.thing) then 'fixed' else 'gone' end
        where d.region_id = %(region)s and d.state in ('open', 'confirmed') and not exists (select from rc_now f
            where f.comparison = d.comparison and f.person_id = d.person_id and f.thing = d.thing)
        returning d.id, d.comparison, d.state
    ), told as (
        {_EVENTS} select %(region)s, id, coalesce(%(at)s, now()), %(day)s, %(author)s, state, '{{}}' from over order by id
    )
    select comparison, count(*) as n from over group by comparison"""

# Who has to mend a difference sees whom it is about, as with a task: a cancer centre answers for people it never met.
SEEN = (
    """insert into person_scope (region_id, person_id, org, reason)
       select distinct d.region_id, d.person_id, d.org, 'difference' from difference d
       where d.region_id = %(region)s and d.org <> '' and not exists (select from person_scope s
           where s.region_id = d.region_id and s.person_id = d.person_id and s.org = d.org and s.reason = 'difference')
       order by 2, 3 on conflict do nothing""",
    """delete from person_scope s where s.region_id = %(region)s and s.reason = 'difference' and not exists (
           select from difference d where d.region_id = s.region_id and d.person_id = s.person_id and d.org = s.org)""",
)

_CLOSE = """
    update assignment a set closed_on = greatest(%(day)s, a.given_on), closed_at = coalesce(%(at)s, now()),
        closed_by = %(author)s, closed_reason = %(reason)s
    where a.region_id = %(region)s and a.source_kind = 'comparison' and a.closed_at is null
      and not exists (select from difference d where d.region_id = a.region_id and d.comparison = a.source_key
          and d.person_id = a.person_id and d.thing = a.item and d.state = 'open')
    returning a.person_id"""


def settle(
    conn: Connection, region: int, made: Sequence[str], first: Sequence[str], *, day: date, author: str,
    at: datetime | None = None,
) -> dict[str, dict[str, int]]:  # fmt: skip
    """Makes the stored differences equal to `rc_found`; counts by comparison. `made`: the comparisons of this run,
    `first`: those whose sources are still being loaded. What a comparison that cannot be made any more had found ends."""
    values = {"region": region, "day": day, "author": author, "at": at, "first": list(first)}
    conn.execute(_NOW)
    conn.execute("create unique index on rc_now (comparison, person_id, thing)")
    conn.execute("analyze rc_now")
    conn.execute(_FOLLOW, values)
    counts = {name: dict.fromkeys(COUNTS, 0) for name in made}
    for row in conn.execute("select comparison, count(*) as n from rc_now group by 1"):
        counts[row.comparison]["found"] = row.n
    for row in conn.execute(_CHANGED, values):
        counts[row.comparison] |= {"changed": row.changed, "returned": row.returned}
    conn.execute(_REFRESHED, values)
    for row in conn.execute(_NEW, values):
        counts[row.comparison]["new"] = row.n
    for row in conn.execute(_ENDED, values):
        counts.setdefault(row.comparison, dict.fromkeys(COUNTS, 0))["ended"] = row.n
    for row in conn.execute(
        "select comparison, count(*) as n from difference where region_id = %s and state = 'open' group by 1", (region,)
    ):
        counts.setdefault(row.comparison, dict.fromkeys(COUNTS, 0))["open"] = row.n
    for statement in SEEN:
        conn.execute(statement, values)
    if sum(c["new"] for c in counts.values()) >= 1000:
        conn.execute("analyze difference")
    return counts


def close_ended(conn: Connection, region: int, *, day: date, author: str, at: datetime | None = None) -> list[int]:
    """Ends the work about differences that are open no more; the persons it was about."""
    values = {"region": region, "day": day, "author": author, "at": at, "reason": GONE}
    closed = sorted({row.person_id for row in conn.execute(_CLOSE, values)})
    changed(conn, region, closed)
    return closed


class Stale(NamedTuple):
    """Open work that may say something else than its difference does today. `mark`: of the values it has to tell."""

    id: int
    difference_id: int
    comparison: str
    owner: str
    org: str
    left_values: dict[str, Any]
    right_values: dict[str, Any]
    mark: str


def stale(conn: Connection, region: int) -> list[Stale]:
    """Open work about open differences whose values or whose mender changed since it was told last."""
    rows = conn.execute(
        """select a.id, d.id as difference_id, d.comparison, a.owner_org as owner, d.org, d.left_values, d.right_values,
                  encode(d.values_hash, 'hex') as mark
           from assignment a join difference d on d.region_id = a.region_id and d.comparison = a.source_key
               and d.person_id = a.person_id and d.thing = a.item and d.state = 'open'
           where a.region_id = %s and a.source_kind = 'comparison' and a.closed_at is null
             and (a.owner_org <> d.org or a.detail ->> 'values' is distinct from encode(d.values_hash, 'hex'))
           order by a.id""",
        (region,),
    )
    return [Stale(*row) for row in rows]


class Work(NamedTuple):
    """A difference about which work may be given."""

    id: int
    comparison: str
    person_id: int
    thing: str
    org: str
    left_values: dict[str, Any]
    right_values: dict[str, Any]
    public_id: Any
    mark: str


# One fault shows in several comparisons, DX-11 already asks for the notice, follow-up for the visit: the work is given
# once (ADR 0017).
_FREE = """
    d.region_id = %(region)s and d.state = 'open' and d.comparison = %(comparison)s
    and not exists (select from assignment a where a.region_id = d.region_id and a.person_id = d.person_id
        and a.source_kind = 'comparison' and a.source_key = d.comparison and a.item = d.thing and a.closed_at is null)
    and not exists (select from difference o where o.region_id = d.region_id and o.person_id = d.person_id
        and o.state = 'open' and (d.comparison, o.comparison) in (
            ('observed_not_registered', 'documents_not_registered'),
            ('registered_not_observed', 'registered_without_document')))
    and not (d.comparison = 'documents_not_registered' and not d.left_values ? 'notice' and exists (
        select from task t where t.region_id = d.region_id and t.person_id = d.person_id and t.rule = 'DX-11'
          and t.closed_at is null))
    and not (d.comparison = 'plan_not_kept' and exists (
        select from task t where t.region_id = d.region_id and t.person_id = d.person_id and starts_with(t.rule, 'FU-')
          and t.closed_at is null))"""


# What appeared since the comparison is no longer new and was given to nobody since; work that a run or a confirmation
# ended was not done, so it does not count.
_FRESH = """ and not d.baseline and not exists (select from assignment a where a.region_id = d.region_id
    and a.person_id = d.person_id and a.source_kind = 'comparison' and a.source_key = d.comparison and a.item = d.thing
    and a.given_on >= d.changed_on and a.closed_reason not in ('difference_gone', 'difference_confirmed'))"""


def free(
    conn: Connection, region: int, comparison: str, *, orgs: Sequence[str] | None = None, fresh: bool = False, limit: int
) -> list[Work]:
    """Open differences without work, the oldest first: of some organisations; `fresh`: those that get it by themselves."""
    rows = conn.execute(
        f"""select d.id, d.comparison, d.person_id, d.thing, d.org, d.left_values, d.right_values, d.public_id,
                   encode(d.values_hash, 'hex') as mark
            from difference d where {_FREE}{_FRESH if fresh else ""} and (%(orgs)s::text[] is null or d.org = any(%(orgs)s))
            order by d.id limit %(limit)s""",
        {"region": region, "comparison": comparison, "orgs": None if orgs is None else list(orgs), "limit": limit},
    )
    return [Work(*row) for row in rows]


def free_by_org(conn: Connection, region: int, comparison: str, orgs: Sequence[str] | None) -> list[tuple[str, str, int]]:
    """(organisation, its name, differences without work), the most first."""
    rows = conn.execute(
        f"""select d.org, coalesce(nullif(o.short_name, ''), o.name, d.org) as name, count(*) as n
            from difference d left join organisation o on o.region_id = d.region_id and o.oid = d.org
            where {_FREE} and (%(orgs)s::text[] is null or d.org = any(%(orgs)s))
            group by d.org, o.short_name, o.name order by 3 desc, 2""",
        {"region": region, "comparison": comparison, "orgs": None if orgs is None else list(orgs)},
    )
    return [(row.org, row.name, row.n) for row in rows]


def note(
    conn: Connection, region: int, ids: Sequence[int], kind: str, *, day: date, author: str,
    data: dict[str, Any] | None = None, at: datetime | None = None,
) -> None:  # fmt: skip
    """One line of history for each of the differences."""
    conn.execute(
        f"{_EVENTS} select %s, id, coalesce(%s, now()), %s, %s, %s, %s from unnest(%s::bigint[]) id order by id",
        (region, at, day, author, kind, Jsonb(data or {}), list(ids)),
    )


def confirm(
    conn: Connection, region: int, id: int, *, reason: str, note_: str, by: str, day: date, at: datetime | None = None
) -> bool:
    """An open difference is right as it is; False if it is not open. Its work ends."""
    row = conn.execute(
        """update difference set state = 'confirmed', changed_on = %s, confirmed_at = coalesce(%s, now()), confirmed_by = %s,
               confirmed_reason = %s, confirmed_note = %s, confirmed_hash = values_hash
           where region_id = %s and id = %s and state = 'open' returning id""",
        (day, at, by, reason, note_, region, id),
    ).fetchone()
    if row is None:
        return False
    note(conn, region, [id], "confirmed", day=day, author=by, data={"reason": reason, "note": note_}, at=at)
    values = {"region": region, "day": day, "author": by, "at": at, "reason": CONFIRMED, "id": id}
    closed = conn.execute(
        _CLOSE.replace("a.closed_at is null", "a.closed_at is null and (a.source_key, a.person_id, a.item) = "
                       "(select d.comparison, d.person_id, d.thing from difference d "
                       "where d.region_id = a.region_id and d.id = %(id)s)", 1),
        values,
    ).fetchall()  # fmt: skip
    changed(conn, region, [r.person_id for r in closed])
    return True


def unconfirm(conn: Connection, region: int, id: int, *, by: str, day: date, at: datetime | None = None) -> bool:
    """Takes a confirmation back; False if there is none. The difference is open again if it still stands."""
    row = conn.execute(
        """update difference set state = 'open', changed_on = %s, confirmed_at = null, confirmed_by = '',
               confirmed_reason = '', confirmed_note = '', confirmed_hash = null
           where region_id = %s and id = %s and state = 'confirmed' returning id""",
        (day, region, id),
    ).fetchone()
    if row is None:
        return False
    note(conn, region, [id], "unconfirmed", day=day, author=by, at=at)
    return True
