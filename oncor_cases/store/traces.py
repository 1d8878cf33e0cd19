"""The trace of lost patients in rows, and what it is judged by: which sources bring anything, how late senders are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.facts.timeline import Usual
from oncor_cases.store import bulk
from oncor_cases.store.facts import tells_death
from oncor_cases.store.session import Connection

FEWEST = 10  # documents of a sender and kind that make a usual delay
_COLUMNS = {"person_id": "int", "source": "text", "state": "text", "found_on": "date", "kind": "text", "fact_id": "bigint"}
Row = tuple[int, str, str, date | None, str, int | None]  # in the order of _COLUMNS


@dataclass(frozen=True, slots=True)
class TraceRow:
    """One answer of one source, from the first to the last day it was given."""

    source: str
    state: str
    found_on: date | None
    kind: str
    first_on: date
    last_on: date


def write(conn: Connection, region: int, today: date, rows: Sequence[Row]) -> None:
    """Keeps what was looked at today: the same answer goes on, another one begins a new row of the history."""
    if not rows:
        return
    source, values = bulk.table_of(_COLUMNS, rows)
    conn.execute(
        f"""
        with asked as materialized (select * from {source}),
        last as (
            select distinct on (t.person_id, t.source) t.* from trace t
            where t.region_id = %s and t.person_id in (select person_id from asked)
            order by t.person_id, t.source, t.id desc
        ), same as (
            select l.id, a.* from asked a join last l on (l.person_id, l.source) = (a.person_id, a.source)
            where (l.state, l.kind) = (a.state, a.kind) and l.found_on is not distinct from a.found_on
        ), kept as (
            update trace t set last_on = greatest(t.last_on, %s), fact_id = s.fact_id from same s
            where t.region_id = %s and t.id = s.id and (t.last_on < %s or t.fact_id is distinct from s.fact_id)
        )
        insert into trace (region_id, person_id, source, state, found_on, kind, fact_id, first_on, last_on)
        select %s, a.person_id, a.source, a.state, a.found_on, a.kind, a.fact_id, %s, %s from asked a
        where not exists (select from same s where (s.person_id, s.source) = (a.person_id, a.source))
        order by a.person_id, a.source""",
        (*values, region, today, region, today, region, today, today),
    )


def read(conn: Connection, region: int, person: int) -> list[TraceRow]:
    """The whole trace of a person, the newest answer of each source first."""
    rows = conn.execute(
        """select source, state, found_on, kind, first_on, last_on from trace
           where region_id = %s and person_id = %s order by source, id desc""",
        (region, person),
    )
    return [TraceRow(**row._asdict()) for row in rows]


def searched(conn: Connection, region: int, rules: Iterable[str], today: date) -> list[int]:
    """Persons with an open task of the rules whose trace nobody asked for today, ascending."""
    rows = conn.execute(
        """select distinct t.person_id from task t
           where t.region_id = %(region)s and t.closed_at is null and t.rule = any(%(rules)s)
             and not exists (select from trace x where x.region_id = t.region_id and x.person_id = t.person_id
                             and x.last_on >= %(today)s)
           order by 1""",
        {"region": region, "rules": list(rules), "today": today},
    )
    return [row[0] for row in rows]


def loaded(conn: Connection, region: int) -> dict[str, date | None]:
    """Sources that ever brought anything, with the day of the last of it, as measured last."""
    rows = conn.execute("select source, last_on from source_load where region_id = %s and last_on is not null", (region,))
    return {row.source: row.last_on for row in rows}


def measured(conn: Connection, region: int) -> tuple[date, date] | None:
    """The first and the last day the senders and sources were measured; None if never."""
    row = conn.execute("select min(since), max(asked_on) from source_load where region_id = %s", (region,)).fetchone()
    return None if row[0] is None else (row[0], row[1])


def delays(conn: Connection, region: int, known_on: date | None = None) -> dict[tuple[str, str], Usual] | None:
    """How late each sender's documents are, as known on a day (default: now); None if nobody had measured it by then."""
    seen = measured(conn, region)
    if seen is None or (known_on is not None and known_on < seen[0]):
        return None
    rows = conn.execute(
        """select distinct on (sender, kind) sender, kind, n, median, p90 from sender_delay
           where region_id = %(region)s and (%(day)s::date is null or known_on <= %(day)s)
           order by sender, kind, known_on desc""",
        {"region": region, "day": known_on},
    )
    return {(r.sender, r.kind): Usual(r.n, r.median, r.p90) for r in rows}


# The same division of facts as workflows/trace.py (tests/worklist/test_trace.py holds them together).
_SOURCE = f"""case
    when f.evidence in ('document', 'register') and {tells_death("f")} then 'deaths'
    when f.evidence = 'list' and (f.kind = 'moved_away' or {tells_death("f")}) then 'civil_registry'
    when f.kind = 'attached' then 'attachment'
    when f.evidence = 'register' then 'registers' when f.evidence = 'claim' then 'claims'
    when f.evidence = 'list' then 'lists' when f.evidence = 'document' then 'documents' else 'contacts' end"""


def measure(conn: Connection, region: int, today: date) -> list[str] | None:
    """Measures sources and senders once a day, set-based. Returns the senders whose figures changed (none: an empty list);
    None if today is measured already.

    A delay is the days from what a document tells of to the day it became known; only of what happened since documents
    began to arrive here, so that the first load of old papers does not look like slow senders."""
    seen = measured(conn, region)
    if seen is not None and seen[1] >= today:
        return None
    values = {"region": region, "today": today, "fewest": FEWEST}
    conn.execute(
        f"""insert into source_load (region_id, source, since, asked_on, last_on)
            select %(region)s, s.source, %(today)s, %(today)s, l.last_on
            from unnest(%(sources)s::text[]) s(source) left join (
                select {_SOURCE} as source, max((f.known_at at time zone r.tz)::date) as last_on
                from fact f join region r on r.id = f.region_id where f.region_id = %(region)s group by 1) l using (source)
            on conflict (region_id, source) do update set asked_on = excluded.asked_on, last_on = excluded.last_on""",
        values | {"sources": ["deaths", "civil_registry", "attachment", "registers", "claims", "lists", "documents"]},
    )
    rows = conn.execute(
        """
        with begun as (
            select (min(d.known_at) at time zone r.tz)::date as day, r.tz from document d join region r on r.id = d.region_id
            where d.region_id = %(region)s group by r.tz
        ), late as (
            select d.sender_org as sender, f.kind, (f.known_at at time zone b.tz)::date - f.on_date as days
            from begun b cross join fact f
            join document d on d.region_id = f.region_id and d.id = f.document_id
            where f.region_id = %(region)s and f.in_force and f.evidence = 'document'
              and f.certainty = 'established' and d.sender_org <> ''
              and f.on_date between greatest(b.day, %(today)s::date - 365) and (f.known_at at time zone b.tz)::date
              and (f.known_at at time zone b.tz)::date <= %(today)s
        ), usual as (
            select sender, kind, count(*)::int as n, percentile_disc(0.5) within group (order by days)::int as median,
                   percentile_disc(0.9) within group (order by days)::int as p90
            from late group by sender, kind having count(*) >= %(fewest)s
        ), last as (
            select distinct on (sender, kind) sender, kind, median, p90 from sender_delay
            where region_id = %(region)s order by sender, kind, known_on desc
        )
        insert into sender_delay (region_id, sender, kind, known_on, n, median, p90)
        select %(region)s, u.sender, u.kind, %(today)s, u.n, u.median, u.p90
        from usual u left join last l using (sender, kind)
        where l.sender is null or (l.median, l.p90) <> (u.median, u.p90)
        on conflict (region_id, sender, kind, known_on) do update
            set n = excluded.n, median = excluded.median, p90 = excluded.p90
        returning sender""",
        values,
    ).fetchall()
    return sorted({row[0] for row in rows})


def concerned(conn: Connection, region: int, senders: Sequence[str] | None) -> list[int]:
    """Persons whose missed duties are weighed anew: with an open task of one of the senders, of anybody for None."""
    only = "" if senders is None else " and owner_org = any(%(senders)s)"
    rows = conn.execute(
        f"select distinct person_id from task where region_id = %(region)s and closed_at is null{only} order by 1",
        {"region": region, "senders": None if senders is None else list(senders)},
    )
    return [row[0] for row in rows]
