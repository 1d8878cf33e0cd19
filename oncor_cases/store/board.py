"""The overdue board of a head or a coordinator: how many by rule, how old, how many nobody took."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope
from oncor_cases.store.then import NOW, Source


@dataclass(frozen=True, slots=True)
class RuleRow:
    """Overdue tasks of one rule in scope."""

    rule: str
    norm: str
    tasks: int
    persons: int
    untaken: int
    raised: int  # at the level of the head or above
    silent: int  # of those, nobody has answered for
    oldest: date


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """Overdue tasks of one clinic."""

    org: str
    name: str
    tasks: int
    raised: int
    silent: int
    oldest: date


_WHERE = "t.region_id = %(region)s and t.closed_at is null and t.state <> 'waiting' and t.due < %(today)s"


def _scope(scope: Scope, clinic: str) -> str:
    return ("" if scope.role in WIDE else " and t.owner_org = any(%(orgs)s)") + (
        " and t.owner_org = %(clinic)s" if clinic else ""
    )


_RAISED = "t.level in ('head', 'coordinator')"
# No word of a head in force on that day, as known then.
_SILENT = """not exists (select from acknowledgement a where a.region_id = t.region_id and a.task_id = t.id
    and a.until_day >= %(today)s and a.on_day <= least(%(today)s, %(known)s)
    and (a.withdrawn_on is null or a.withdrawn_on > %(known)s))"""


def by_rule(
    conn: Connection, scope: Scope, today: date, clinic: str = "", source: Source = NOW, known_on: date | None = None
) -> list[RuleRow]:
    """Counts by rule, the most dangerous and the fullest first."""
    rows = conn.execute(
        "select x.rule, max(x.norm) as norm, sum(x.n)::int as tasks, count(*) as persons, sum(x.untaken)::int as untaken,"
        " sum(x.raised)::int as raised, sum(x.silent)::int as silent, min(x.oldest) as oldest from ("
        "select t.rule, t.person_id, max(t.norm) as norm, count(*) as n,"
        " count(*) filter (where t.assignee = '') as untaken,"
        f" count(*) filter (where {_RAISED}) as raised, count(*) filter (where {_RAISED} and {_SILENT}) as silent,"
        " min(t.due) as oldest, min(t.danger) as danger"
        f" from {source.sql} t where {_WHERE}{_scope(scope, clinic)} group by t.rule, t.person_id) x"
        " group by x.rule order by min(x.danger), 3 desc, x.rule",
        _values(scope, today, clinic, source, known_on),
    ).fetchall()
    return [RuleRow(**r._asdict()) for r in rows]


def by_clinic(
    conn: Connection, scope: Scope, today: date, source: Source = NOW, known_on: date | None = None
) -> list[ClinicRow]:
    """Counts by clinic, the fullest first."""
    rows = conn.execute(
        "select t.owner_org as org, coalesce(nullif(max(o.short_name), ''), max(o.name), t.owner_org) as name,"
        f" count(*) as tasks, count(*) filter (where {_RAISED}) as raised,"
        f" count(*) filter (where {_RAISED} and {_SILENT}) as silent, min(t.due) as oldest"
        f" from {source.sql} t left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org"
        f" where {_WHERE}{_scope(scope, '')} group by t.owner_org order by count(*) desc, t.owner_org limit 200",
        _values(scope, today, "", source, known_on),
    ).fetchall()
    return [ClinicRow(**r._asdict()) for r in rows]


@dataclass(frozen=True, slots=True)
class Silent:
    """A task of the board with the word of its head, if one is in force. `id` is for paging."""

    task: UUID
    person: UUID
    id: int
    family: str
    given: str
    patronymic: str
    rule: str
    subject: str
    icd10: str
    due: date
    level: str
    owner_name: str
    assignee_name: str
    reason: str
    note: str
    until_day: date | None
    author_name: str


def listed(
    conn: Connection, scope: Scope, today: date, *, clinic: str = "", rule: str = "", answered: bool = False, limit: int = 50
) -> list[Silent]:
    """Overdue tasks one by one, the highest level first: those nobody answers for, or (`answered`) those with a word."""
    want = f"{_RAISED} and {_SILENT}" if not answered else f"not ({_SILENT})"
    rows = conn.execute(
        f"""select t.public_id as task, p.public_id as person, t.id, p.family, p.given, p.patronymic, t.rule, t.subject,
                   t.icd10, t.due, t.level, coalesce(nullif(o.short_name, ''), o.name, t.owner_org) as owner_name,
                   coalesce(nullif(u.name, ''), t.assignee) as assignee_name, coalesce(w.reason, '') as reason,
                   coalesce(w.note, '') as note, w.until_day, coalesce(w.author_name, '') as author_name
            from (select * from task t where {_WHERE}{_scope(scope, clinic)}{" and t.rule = %(rule)s" if rule else ""}
                    and {want}
                  order by (t.level = 'coordinator') desc, t.due, t.danger, t.id limit %(limit)s) t
            join person p on p.region_id = t.region_id and p.id = t.person_id
            left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org
            left join user_account u on u.login = t.assignee and t.assignee <> ''
            left join lateral (
                select a.reason, a.note, a.until_day, coalesce(nullif(h.name, ''), a.author) as author_name
                from acknowledgement a left join user_account h on h.login = a.author
                where a.region_id = t.region_id and a.task_id = t.id and a.withdrawn_on is null and a.until_day >= %(today)s
                order by a.id desc limit 1) w on true
            order by (t.level = 'coordinator') desc, t.due, t.danger, t.id""",
        _values(scope, today, clinic, NOW, None) | {"rule": rule, "limit": limit},
    ).fetchall()
    return [Silent(**r._asdict()) for r in rows]


def _values(scope: Scope, today: date, clinic: str, source: Source, known_on: date | None) -> dict[str, Any]:
    return {
        "region": scope.region, "orgs": list(scope.orgs), "today": today, "clinic": clinic, "known": known_on or today,
    } | dict(source.values)  # fmt: skip
