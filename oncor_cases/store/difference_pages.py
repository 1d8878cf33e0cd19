"""What the pages of the comparisons read: counts by comparison and clinic, runs, differences with both sides.

A clinic works on the differences it has to mend; row security lets it see no others but of its own patients."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope

PAGE = 50
LATELY = timedelta(days=30)


NEWS = ("new", "returned", "changed", "ended")


class Run(NamedTuple):
    """A day of comparing: when its last run ended, who started that, and the counts by comparison: what is open after the
    last run, and what all runs of the day found and ended."""

    day: date
    finished_at: datetime
    author: str
    counts: Mapping[str, Mapping[str, int]]


def runs(conn: Connection, scope: Scope, limit: int) -> list[Run]:
    """The last days of comparing, the newest first."""
    rows = conn.execute(
        """select day, (array_agg(finished_at order by id desc))[1] as at, (array_agg(author order by id desc))[1] as by,
                  array_agg(counts order by id desc) as counts
           from comparison_run where region_id = %s and finished_at is not null
           group by day order by day desc limit %s""",
        (scope.region, limit),
    )
    return [Run(day, at, author, _whole_day(counts)) for day, at, author, counts in rows]


def _whole_day(runs: Sequence[Mapping[str, Mapping[str, int]]]) -> dict[str, dict[str, int]]:
    """Counts of runs of one day, the last one first: a second run finds nothing new, the day has."""
    return {
        name: dict(last) | {what: sum(r.get(name, {}).get(what, 0) for r in runs) for what in NEWS}
        for name, last in runs[0].items()
    }


class Count(NamedTuple):
    """Differences of one comparison, or of one clinic in it. `given`: open ones somebody works on;
    `came`, `left`: found and ended within the last LATELY days."""

    name: str
    title: str
    open: int
    given: int
    confirmed: int
    ended: int
    oldest: date | None
    came: int = 0
    left: int = 0


NONE = Count("", "", 0, 0, 0, 0, None)
_NUMBERS = """
    count(*) filter (where d.state = 'open') as open, count(a.item) filter (where d.state = 'open') as given,
    count(*) filter (where d.state = 'confirmed') as confirmed,
    count(*) filter (where d.state in ('fixed', 'gone')) as ended,
    min(d.found_on) filter (where d.state = 'open') as oldest,
    count(*) filter (where d.found_on > %(lately)s and not d.baseline) as came,
    count(*) filter (where d.ended_on > %(lately)s) as left"""
_WORK = """
    left join assignment a on a.region_id = d.region_id and a.person_id = d.person_id and a.source_kind = 'comparison'
        and a.source_key = d.comparison and a.item = d.thing and a.closed_at is null"""


def _mine(scope: Scope) -> str:
    return "" if scope.role in WIDE else " and d.org = any(%(orgs)s)"


def by_comparison(conn: Connection, scope: Scope, today: date, clinic: str = "") -> dict[str, Count]:
    """Counts of each comparison that has any, in the reader's scope."""
    rows = conn.execute(
        f"""select d.comparison, '' as title, {_NUMBERS} from difference d {_WORK}
            where d.region_id = %(region)s{_mine(scope)} and (%(clinic)s = '' or d.org = %(clinic)s)
            group by d.comparison""",
        {"region": scope.region, "orgs": list(scope.orgs), "clinic": clinic, "lately": today - LATELY},
    )
    return {row.comparison: Count(*row) for row in rows}


def by_clinic(conn: Connection, scope: Scope, today: date, comparison: str = "") -> list[Count]:
    """Counts of each clinic, of all comparisons or of one; the most open first."""
    rows = conn.execute(
        f"""select d.org, coalesce(nullif(o.short_name, ''), o.name, d.org) as title, {_NUMBERS}
            from difference d {_WORK} left join organisation o on o.region_id = d.region_id and o.oid = d.org
            where d.region_id = %(region)s{_mine(scope)} and (%(comparison)s = '' or d.comparison = %(comparison)s)
            group by d.org, o.short_name, o.name order by 3 desc, 2""",
        {"region": scope.region, "orgs": list(scope.orgs), "comparison": comparison, "lately": today - LATELY},
    )
    return [Count(*row) for row in rows]


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One difference with its person, both sides and where they come from."""

    id: int
    public_id: UUID
    comparison: str
    person_id: int
    person: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    org_name: str
    left_values: Mapping[str, Any]
    right_values: Mapping[str, Any]
    left_source: str
    left_document: str
    right_source: str
    right_document: str
    state: str
    found_on: date
    changed_on: date
    ended_on: date | None
    work_due: date | None
    work_closed: date | None
    confirmed_on: date | None
    confirmed_by: str
    confirmed_reason: str
    confirmed_note: str


def _side(side: str) -> str:
    """Title and address of the document a side's fact stands in; a fact somebody stated says who."""
    return f"""
        coalesce(nullif(dx.title, ''), dx.kind, case when fx.id is not null then 'со слов' else '' end) ||
            coalesce(', ' || coalesce(oncor_org_name(dx.region_id, nullif(dx.sender_org, ''),
                coalesce(dx.doc_date, dx.known_at::date)), nullif(dx.sender_org, '')), '') as {side}_source,
        coalesce(encode(dx.sha256, 'hex'), '') as {side}_document""".replace("dx.", f"d{side}.").replace("fx.", f"f{side}.")


_ROWS = f"""
    with page as materialized (
        select d.* from difference d where d.region_id = %(region)s {{where}} order by d.id {{limit}})
    select d.id, d.public_id, d.comparison, d.person_id, p.public_id as person, p.family, p.given, p.patronymic,
           p.birth_date, coalesce(nullif(o.short_name, ''), o.name, d.org) as org_name, d.left_values, d.right_values,
           {_side("left")}, {_side("right")}, d.state, d.found_on, d.changed_on, d.ended_on,
           w.due as work_due, w.closed_on as work_closed, (d.confirmed_at at time zone r.tz)::date as confirmed_on,
           coalesce(u.name, d.confirmed_by) as confirmed_by, d.confirmed_reason, d.confirmed_note
    from page d join person p on p.region_id = d.region_id and p.id = d.person_id
    join region r on r.id = d.region_id
    left join organisation o on o.region_id = d.region_id and o.oid = d.org
    left join fact fleft on fleft.region_id = d.region_id and fleft.id = d.left_fact
    left join document dleft on dleft.region_id = d.region_id and dleft.id = fleft.document_id
    left join fact fright on fright.region_id = d.region_id and fright.id = d.right_fact
    left join document dright on dright.region_id = d.region_id and dright.id = fright.document_id
    left join user_account u on u.login = d.confirmed_by and d.confirmed_by <> ''
    left join lateral (select a.due, a.closed_on from assignment a where a.region_id = d.region_id
        and a.person_id = d.person_id and a.source_kind = 'comparison' and a.source_key = d.comparison
        and a.item = d.thing order by a.id desc limit 1) w on true
    order by d.id"""


def page(
    conn: Connection, scope: Scope, comparison: str, states: Sequence[str], *, clinic: str = "", work: str = "",
    after: int = 0, limit: int = 0,
) -> list[DifferenceRow]:  # fmt: skip
    """Up to `limit` differences (0: a page), the oldest first; `work`: given or free, empty is both; `after` is the last
    one shown."""
    given = """ and {}exists (select from assignment a where a.region_id = d.region_id and a.person_id = d.person_id
        and a.source_kind = 'comparison' and a.source_key = d.comparison and a.item = d.thing and a.closed_at is null)"""
    where = (
        f"and d.comparison = %(comparison)s and d.state = any(%(states)s) and d.id > %(after)s{_mine(scope)}"
        f" and (%(clinic)s = '' or d.org = %(clinic)s){given.format('' if work == 'given' else 'not ') if work else ''}"
    )
    rows = conn.execute(
        _ROWS.format(where=where, limit=f"limit {int(limit or PAGE)}"),
        {
            "region": scope.region, "orgs": list(scope.orgs), "comparison": comparison, "states": list(states),
            "clinic": clinic, "after": after,
        },
    )  # fmt: skip
    return [DifferenceRow(**row._asdict()) for row in rows]


def one(conn: Connection, scope: Scope, address: UUID) -> DifferenceRow | None:
    """A difference the reader has to mend; None for those of others."""
    row = conn.execute(
        _ROWS.format(where=f"and d.public_id = %(address)s{_mine(scope)}", limit=""),
        {"region": scope.region, "orgs": list(scope.orgs), "address": address},
    ).fetchone()
    return DifferenceRow(**row._asdict()) if row else None


class Event(NamedTuple):
    """One line of a difference's history."""

    at: datetime
    on_day: date
    author: str
    kind: str
    data: Mapping[str, Any]


def histories(conn: Connection, scope: Scope, ids: Sequence[int]) -> dict[int, list[Event]]:
    """What happened to each of these differences, the oldest first."""
    rows = conn.execute(
        """select e.difference_id, e.at, e.on_day, coalesce(u.name, e.author) as author, e.kind, e.data
           from difference_event e left join user_account u on u.login = e.author
           where e.region_id = %s and e.difference_id = any(%s) order by e.difference_id, e.id""",
        (scope.region, list(ids)),
    )
    found: dict[int, list[Event]] = {}
    for id, *event in rows:
        found.setdefault(id, []).append(Event(*event))
    return found
