"""Statistics of time and routing, counted set by set over case_route (or rows computed for a past day in its place).

Cases are chosen by the day they opened; clocks by the day they started. Every count can be asked for its people: `PEOPLE`
holds the same conditions the counts use."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from oncor_cases.store.case_routes import NOW
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope
from oncor_cases.store.then import Source

# name → (from, to); the days between two dates of a case, left out where the second is the earlier
INTERVALS = {
    "visit_referral": ("first_visit", "referral"), "referral_consultation": ("referral", "consultation"),
    "consultation_diagnosis": ("consultation", "diagnosis"), "diagnosis_treatment": ("diagnosis", "treatment"),
    "visit_treatment": ("first_visit", "treatment"),
}  # fmt: skip
BY = {"clinic": "r.org", "month": "date_trunc('month', r.opened_on)::date::text", "site": "r.site"}
TOLD = "coalesce(r.told, least(r.diagnosis, r.excluded))"

# Foreign standards, by the same facts: name → (days, from, to, source). Not Russian norms.
FOREIGN = {
    "nhs_28": (28, "r.referral", TOLD),
    "nhs_31": (31, "r.plan", "r.treatment"),
    "nhs_62": (62, "r.referral", "r.treatment"),
    "dk_14_examination": (14, "r.referral", "r.first_exam"),
    "dk_14_treatment": (14, "r.plan", "r.treatment"),
}


@dataclass(frozen=True, slots=True)
class Chosen:
    """Which cases are counted: opened from `first` to `last`; of one clinic, one site (`C50`), one month (its first day).
    `source` stands for case_route, `today` is the day on which a running clock is or is not overdue."""

    first: date
    last: date
    today: date
    clinic: str = ""
    site: str = ""
    source: Source = NOW


def _values(scope: Scope, chosen: Chosen) -> dict[str, Any]:
    return {
        "region": scope.region, "orgs": list(scope.orgs), "first": chosen.first, "last": chosen.last,
        "today": chosen.today, "clinic": chosen.clinic, "site": chosen.site,
    } | dict(chosen.source.values)  # fmt: skip


def _where(scope: Scope, chosen: Chosen, dated: str = " and r.opened_on between %(first)s and %(last)s") -> str:
    return (
        "r.region_id = %(region)s"
        + dated
        + ("" if scope.role in WIDE else " and r.org = any(%(orgs)s)")
        + (" and r.org = %(clinic)s" if chosen.clinic else "")
        + (" and r.site = %(site)s" if chosen.site else "")
    )


@dataclass(frozen=True, slots=True)
class Span:
    """An interval in days: how many cases have both dates, the median and the 90th percentile."""

    n: int
    median: float | None
    p90: float | None


@dataclass(frozen=True, slots=True)
class Times:
    """One row: `key` is a clinic, a month's first day or a site; empty for all. `cases`: of the pathway of diagnosis."""

    key: str
    cases: int
    spans: Mapping[str, Span]


def times(conn: Connection, scope: Scope, chosen: Chosen, by: str) -> list[Times]:
    """All cases together first, then by clinic, month or site."""
    parts = []
    for name, (start, end) in INTERVALS.items():
        days = f"(r.{end} - r.{start})"
        parts.append(f"count({days}) filter (where {days} >= 0) as {name}_n")
        parts.append(
            f"percentile_cont(array[0.5, 0.9]) within group (order by {days}) filter (where {days} >= 0) as {name}_p"
        )
    rows = conn.execute(
        f"""select coalesce({BY[by]}, '') as key, grouping({BY[by]}) as whole, count(*) as cases, {", ".join(parts)}
            from {chosen.source.sql} r where {_where(scope, chosen)} and r.pathway = 'diagnosis'
            group by grouping sets ((), ({BY[by]})) order by 2 desc, 3 desc, 1""",
        _values(scope, chosen),
    ).fetchall()
    return [
        Times(
            "" if r.whole else r.key,
            r.cases,
            {name: _span(getattr(r, f"{name}_n"), getattr(r, f"{name}_p")) for name in INTERVALS},
        )
        for r in rows
        if r.whole or r.key
    ]


def _span(n: int, values: Sequence[float] | None) -> Span:
    return Span(n, None, None) if not values or values[0] is None else Span(n, round(values[0], 1), round(values[1], 1))


@dataclass(frozen=True, slots=True)
class DutyRow:
    """Clocks of a rule that started in the span. `running`: in time still; `overdue`: past due and nothing came;
    `passed`: a later step came, this one was never documented; `closed`: ended by another reason."""

    rule: str
    norm: str
    met: int
    late: int
    passed: int
    running: int
    overdue: int
    closed: int

    @property
    def judged(self) -> int:
        """Clocks whose term is over one way or the other: the base of the share in time."""
        return self.met + self.late + self.passed + self.overdue


def duties(conn: Connection, scope: Scope, chosen: Chosen) -> list[DutyRow]:
    """By rule and norm; each clock is counted once."""
    rows = conn.execute(
        f"""select c.clock, c.due < %(today)s as past, count(*) as n
            from {chosen.source.sql} r cross join lateral unnest(r.clocks, r.starts, r.dues) c(clock, start, due)
            where {_where(scope, chosen, "")} and c.start between %(first)s and %(last)s group by 1, 2""",
        _values(scope, chosen),
    )
    found: dict[tuple[str, str], dict[str, int]] = {}
    for clock, past, n in rows:
        rule, status, norm = clock.split("|")
        if rule.startswith("LOST-"):
            continue  # a search is not a term: the duty that was missed is counted itself
        name = "overdue" if status == "running" and past else "closed" if status == "paused" else status
        counts = found.setdefault((rule, norm), dict.fromkeys(("met", "late", "passed", "running", "overdue", "closed"), 0))
        counts[name] += n
    return [DutyRow(rule, norm, **counts) for (rule, norm), counts in sorted(found.items())]


@dataclass(frozen=True, slots=True)
class Shares:
    """Counts of the routing page. `suspected`: cases of diagnosis; `workup_*`: referred cases with a defined minimum."""

    suspected: int
    excluded: int
    workup_known: int
    workup_lacking: int
    visits: int
    plain_visits: int
    delay_days: int
    planned_days: int
    delayed_lines: int
    lines: int
    foreign: Mapping[str, tuple[int, int]]  # name → (within, of)


def shares(conn: Connection, scope: Scope, chosen: Chosen, dispensaries: Sequence[str]) -> Shares:
    """Cases of diagnosis in one pass, visits and delays in another: each touches its own pathways only."""
    foreign = []
    for name, (days, start, end) in FOREIGN.items():
        # a case counts once its answer is known, or once the term is over without one
        known = f"{end} >= {start} or ({end} is null and %(today)s - {start} > {days})"
        foreign.append(f"count(*) filter (where {known}) as {name}_of")
        foreign.append(f"count(*) filter (where {end} - {start} between 0 and {days}) as {name}_in")
    cases = conn.execute(
        f"""select count(*) as suspected, count(*) filter (where r.state = 'excluded') as excluded,
                   count(r.workup) as workup_known, count(*) filter (where r.workup = 0) as workup_lacking,
                   {", ".join(foreign)}
            from {chosen.source.sql} r where {_where(scope, chosen)} and r.pathway = 'diagnosis'""",
        _values(scope, chosen),
    ).fetchone()._asdict()  # fmt: skip
    rest = conn.execute(
        f"""select coalesce(sum(v.visits), 0)::int as visits, coalesce(sum(v.plain), 0)::int as plain_visits,
                   coalesce(sum(r.delay_days), 0)::int as delay_days, coalesce(sum(r.planned_days), 0)::int as planned_days,
                   count(*) filter (where r.delay_days > 0) as delayed_lines,
                   count(*) filter (where r.planned_days > 0) as lines
            from {chosen.source.sql} r
            left join lateral (
                select (select count(*) from unnest(r.visits) o where o = any(%(dispensaries)s)) as visits,
                       (select count(*) from unnest(r.plain_visits) o where o = any(%(dispensaries)s)) as plain
            ) v on r.visits && %(dispensaries)s::text[]
            where {_where(scope, chosen)} and r.pathway in ('follow_up', 'chemotherapy')
              and (r.visits <> '{{}}' or r.planned_days > 0)""",
        _values(scope, chosen) | {"dispensaries": list(dispensaries)},
    ).fetchone()._asdict()  # fmt: skip
    views = {name: (cases.pop(f"{name}_in"), cases.pop(f"{name}_of")) for name in FOREIGN}
    return Shares(**cases, **rest, foreign=views)


def ways(conn: Connection, scope: Scope, chosen: Chosen) -> list[tuple[str, str, str, str, int]]:
    """Cases by where they went: organisations of the first visit, the consultation, the plan and the treatment; count."""
    rows = conn.execute(
        f"""select r.first_org, r.consultation_org, r.plan_org, r.treatment_org, count(*) as n
            from {chosen.source.sql} r where {_where(scope, chosen)} and r.pathway = 'diagnosis' group by 1, 2, 3, 4""",
        _values(scope, chosen),
    )
    return [tuple(row) for row in rows]  # type: ignore[misc]


def roles(conn: Connection, region: int) -> dict[str, tuple[str, ...]]:
    """Organisation → its roles."""
    rows = conn.execute("select oid, roles from organisation where region_id = %s", (region,))
    return {row.oid: tuple(row.roles) for row in rows}


def sites(conn: Connection, scope: Scope, chosen: Chosen) -> list[str]:
    """Sites that occur, for the filter."""
    rows = conn.execute(
        f"""select r.site from {chosen.source.sql} r where {_where(scope, replace(chosen, site=""))}
            and r.pathway = 'diagnosis' and r.site <> '' group by 1 order by 1 limit 300""",
        _values(scope, chosen),
    )
    return [row[0] for row in rows]


@dataclass(frozen=True, slots=True)
class PersonRow:
    """One person behind a number; `days` is what is counted of them, if it is days."""

    person: UUID
    family: str
    given: str
    patronymic: str
    icd10: str
    clinic: str
    state: str
    opened_on: date
    days: int | None


def people(
    conn: Connection, scope: Scope, chosen: Chosen, what: str, *, month: str = "", ways: Sequence[Sequence[str]] = (),
    dispensaries: Sequence[str] = (), limit: int = 200,
) -> list[PersonRow] | None:  # fmt: skip
    """The people behind a number, the longest time first; None for a number that does not exist. Run as `oncor_web`."""
    asked = _condition(what)
    if asked is None:
        return None
    condition, days, clocks = asked
    where = _where(scope, chosen, "") if clocks else _where(scope, chosen)
    rows = conn.execute(
        f"""select p.public_id as person, p.family, p.given, p.patronymic, r.icd10,
                   coalesce(nullif(o.short_name, ''), o.name, r.org) as clinic, r.state, r.opened_on, r.days
            from (select r.person_id, r.region_id, r.icd10, r.org, r.state, r.opened_on, ({days})::int as days
                  from {chosen.source.sql} r {clocks}
                  where {where} and {condition}
                    {"and date_trunc('month', r.opened_on)::date::text = %(month)s" if month else ""}
                  order by ({days}) desc nulls last, r.opened_on, r.person_id limit %(limit)s) r
            join person p on p.region_id = r.region_id and p.id = r.person_id
            left join organisation o on o.region_id = r.region_id and o.oid = r.org
            order by r.days desc nulls last, r.opened_on, p.id""",
        _values(scope, chosen)
        | {"month": month, "limit": limit, "dispensaries": list(dispensaries), **_clock_values(what)}
        | {"ways": Jsonb([list(way) for way in ways])},
    ).fetchall()
    return [PersonRow(**r._asdict()) for r in rows]


_CLOCKS = "cross join lateral unnest(r.clocks, r.starts, r.dues) c(clock, start, due)"


def _condition(what: str) -> tuple[str, str, str] | None:
    """(condition, expression of days, extra `from`) of a number by its name."""
    kind, _, name = what.partition(":")
    if kind == "interval" and name in INTERVALS:
        start, end = INTERVALS[name]
        return f"r.pathway = 'diagnosis' and r.{end} >= r.{start}", f"r.{end} - r.{start}", ""
    if kind in ("foreign", "foreign_late") and name in FOREIGN:
        limit, start, end = FOREIGN[name]
        days = f"coalesce({end}, %(today)s) - {start}"
        late = f" and ({days}) > {limit}" if kind == "foreign_late" else ""
        return f"r.pathway = 'diagnosis' and {start} is not null and ({end} is null or {end} >= {start}){late}", days, ""
    if kind == "duty" and name.count(":") == 1:
        past = {"overdue": " and c.due < %(today)s", "running": " and c.due >= %(today)s"}.get(name.split(":")[1], "")
        condition = f"c.clock = any(%(clocks)s) and c.start between %(first)s and %(last)s{past}"
        return condition, "%(today)s - c.due" if past else "c.due - c.start", _CLOCKS
    fixed = {
        "cases": "r.pathway = 'diagnosis'",
        "excluded": "r.pathway = 'diagnosis' and r.state = 'excluded'",
        "workup": "r.pathway = 'diagnosis' and r.workup = 0",
        "way": "r.pathway = 'diagnosis' and (r.first_org, r.consultation_org, r.plan_org, r.treatment_org) in"
        " (select w ->> 0, w ->> 1, w ->> 2, w ->> 3 from jsonb_array_elements(%(ways)s::jsonb) w)",
        "visits": "r.plain_visits && %(dispensaries)s::text[]",
        "delays": "r.delay_days > 0",
    }
    days = {"delays": "r.delay_days", "excluded": "r.excluded - r.opened_on"}.get(kind, "null::int")
    return (fixed[kind], days, "") if kind in fixed and (kind == "way") == bool(name) else None


def _clock_values(what: str) -> dict[str, Any]:
    kind, _, name = what.partition(":")
    if kind != "duty":
        return {}
    rule, _, status = name.partition(":")
    stored = {"overdue": ["running"], "closed": ["closed", "paused"]}.get(status, [status])
    return {"clocks": [f"{rule}|{s}|{norm}" for s in stored for norm in ("verified", "recalled", "product")]}
