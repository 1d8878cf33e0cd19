"""The overdue board of a head or a coordinator: how many by rule, how old, how many nobody took."""

from dataclasses import dataclass
from datetime import date

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Overdue tasks of one rule in scope."""

    rule: str
    norm: str
    tasks: int
    persons: int
    untaken: int
    raised: int  # at the level of the head or above
    oldest: date


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """Overdue tasks of one clinic."""

    org: str
    name: str
    tasks: int
    raised: int
    oldest: date


_WHERE = "t.region_id = %(region)s and t.closed_at is null and t.state <> 'waiting' and t.due < %(today)s"


def _scope(scope: Scope, clinic: str) -> str:
    return ("" if scope.role in WIDE else " and t.owner_org = any(%(orgs)s)") + (
        " and t.owner_org = %(clinic)s" if clinic else ""
    )


def by_rule(conn: Connection, scope: Scope, today: date, clinic: str = "") -> list[RuleRow]:
    """Counts by rule, the most dangerous and the fullest first."""
    rows = conn.execute(
        "select x.rule, max(x.norm) as norm, sum(x.n)::int as tasks, count(*) as persons, sum(x.untaken)::int as untaken,"
        " sum(x.raised)::int as raised, min(x.oldest) as oldest from ("
        "select t.rule, t.person_id, max(t.norm) as norm, count(*) as n,"
        " count(*) filter (where t.assignee = '') as untaken,"
        " count(*) filter (where t.level in ('head', 'coordinator')) as raised, min(t.due) as oldest,"
        " min(t.danger) as danger"
        f" from task t where {_WHERE}{_scope(scope, clinic)} group by t.rule, t.person_id) x"
        " group by x.rule order by min(x.danger), 3 desc, x.rule",
        {"region": scope.region, "orgs": list(scope.orgs), "today": today, "clinic": clinic},
    ).fetchall()
    return [RuleRow(**r._asdict()) for r in rows]


def by_clinic(conn: Connection, scope: Scope, today: date) -> list[ClinicRow]:
    """Counts by clinic, the fullest first."""
    rows = conn.execute(
        "select t.owner_org as org, coalesce(nullif(max(o.short_name), ''), max(o.name), t.owner_org) as name,"
        " count(*) as tasks, count(*) filter (where t.level in ('head', 'coordinator')) as raised, min(t.due) as oldest"
        " from task t left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org"
        f" where {_WHERE}{_scope(scope, '')} group by t.owner_org order by count(*) desc, t.owner_org limit 200",
        {"region": scope.region, "orgs": list(scope.orgs), "today": today},
    ).fetchall()
    return [ClinicRow(**r._asdict()) for r in rows]
