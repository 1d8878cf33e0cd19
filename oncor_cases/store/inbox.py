"""Read models of the inbox: one query per list, paged by key; run as `oncor_web`, the reader's scope comes first.

Order: days past or to the limit, then danger, then id. The due date gives the same order as the days past it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.store.session import Connection, Scope

WIDE = ("coordinator", "methodologist")
PAGE = 50
DONE_DAYS = 30
TABS = ("clinic", "mine", "overdue", "upcoming", "waiting", "done")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the reader asks to see. `clinic` is an organisation's OID, `level` and `rule` as stored; empty is all."""

    tab: str = "clinic"
    rule: str = ""
    level: str = ""
    clinic: str = ""


@dataclass(frozen=True, slots=True)
class After:
    """The place to go on from: key of the last row shown."""

    due: date
    danger: int
    id: int


@dataclass(frozen=True, slots=True)
class TaskRow:
    """One line of the worklist. `because` is the stored explanation."""

    task: UUID | None
    person: UUID
    id: int
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    sex: str
    phones: tuple[str, ...]
    provisional: bool
    rule: str
    subject: str
    icd10: str
    due: date
    level: str
    state: str
    waiting_until: date | None
    assignee: str
    assignee_name: str
    owner_org: str
    owner_name: str
    danger: int
    norm: str
    because: Mapping[str, Any]
    closed_on: date | None = None
    closed_reason: str = ""
    pathway: str = ""
    episode: str = ""
    others: int = 0  # further open tasks of the same person
    search: Mapping[str, Any] | None = None  # of a lost patient: the step of the search and its day, as computed last


@dataclass(frozen=True, slots=True)
class Counts:
    """Open tasks of the reader by tab; `done` counts the last 30 days."""

    clinic: int
    mine: int
    overdue: int
    waiting: int
    done: int
    rules: tuple[str, ...] = ()
    untold: int = 0  # results that are in and nobody has told the patient (DX-30)


_COLUMNS = """
    t.public_id as task, p.public_id as person, t.id, p.family, p.given, p.patronymic, p.birth_date, p.sex, p.phones,
    p.provisional, t.rule, t.subject, t.icd10, t.due, t.level, t.state, t.waiting_until, t.assignee,
    coalesce(u.name, t.assignee) as assignee_name, t.owner_org,
    coalesce(nullif(o.short_name, ''), o.name, t.owner_org) as owner_name, t.danger, t.norm, t.because,
    t.closed_on, t.closed_reason, t.pathway, t.episode,
    (select count(*) from task x where x.region_id = t.region_id and x.person_id = t.person_id and x.closed_at is null
        and x.id <> t.id) as others,
    case when t.rule like 'LOST%%' then (select v.view #> '{notes,search}' from pathway_view v
        where (v.region_id, v.person_id, v.pathway, v.episode) = (t.region_id, t.person_id, t.pathway, t.episode))
        end as search
"""
_JOINS = """
    join person p on p.region_id = t.region_id and p.id = t.person_id
    left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org
    left join user_account u on u.login = t.assignee and t.assignee <> ''
"""
_TAB = {
    "clinic": "t.closed_at is null and t.state <> 'waiting'",
    "mine": "t.closed_at is null and t.assignee = any(%(mine)s)",
    "overdue": "t.closed_at is null and t.state <> 'waiting' and t.due < %(today)s and t.norm <> 'recalled'",
    "waiting": "t.closed_at is null and t.state = 'waiting'",
    "done": "t.closed_at is not null and t.closed_at > %(today)s::date - 30",
}


def _where(scope: Scope, filters: Filters) -> str:
    """Conditions of a list; the scope is written out even though row security repeats it."""
    parts = ["t.region_id = %(region)s", _TAB[filters.tab]]
    if filters.clinic:
        parts.append("t.owner_org = %(clinic)s")
    if scope.role not in WIDE:
        parts.append("t.owner_org = any(%(orgs)s)")
    if filters.rule:
        parts.append("t.rule = %(rule)s")
    if filters.level:
        parts.append("t.level = %(level)s")
    return " and ".join(parts)


def _values(scope: Scope, filters: Filters, today: date) -> dict[str, Any]:
    return {
        "region": scope.region, "orgs": list(scope.orgs), "mine": [scope.user, *scope.stands_for], "today": today,
        "clinic": filters.clinic,
        "rule": filters.rule, "level": filters.level,
    }  # fmt: skip


def page(
    conn: Connection, scope: Scope, filters: Filters, today: date, after: After | None, limit: int = PAGE,
    source: str = "task", more: Mapping[str, Any] | None = None,
) -> list[TaskRow]:  # fmt: skip
    """Up to `limit` rows after a key, one query. Closed tasks come newest first. `source`, `more`: what stands for the
    table of tasks and its parameters (store/then.py).

    The page is cut before the joins, so that its cost follows the page and not the list."""
    done = filters.tab == "done"
    key, order = (
        ("(t.closed_on, t.danger, t.id) < (%(due)s, %(danger)s, %(id)s)", "t.closed_on desc, t.danger desc, t.id desc")
        if done
        else ("(t.due, t.danger, t.id) > (%(due)s, %(danger)s, %(id)s)", "t.due, t.danger, t.id")
    )
    values = _values(scope, filters, today) | {"limit": limit} | dict(more or {})
    where = _where(scope, filters)
    if after is not None:
        where += f" and {key}"
        values |= {"due": after.due, "danger": after.danger, "id": after.id}
    rows = conn.execute(
        f"with page as materialized (select t.* from {source} t where {where} order by {order} limit %(limit)s)"
        f" select {_COLUMNS} from page t {_JOINS} order by {order}",
        values,
    ).fetchall()
    return [_row(r) for r in rows]


def _row(r: Any) -> TaskRow:
    return TaskRow(**(r._asdict() | {"phones": tuple(r.phones)}))


def counts(
    conn: Connection, scope: Scope, today: date, source: str = "task", more: Mapping[str, Any] | None = None
) -> Counts:
    """All tabs in one pass over the reader's open tasks, and the rules that have any."""
    values = _values(scope, Filters(), today) | dict(more or {})
    mine = "" if scope.role in WIDE else " and t.owner_org = any(%(orgs)s)"
    rows = conn.execute(
        f"""
        select t.rule, count(*) filter (where t.state <> 'waiting') as clinic,
               count(*) filter (where t.assignee = any(%(mine)s)) as mine,
               count(*) filter (where t.state <> 'waiting' and t.due < %(today)s and t.norm <> 'recalled') as overdue,
               count(*) filter (where t.state = 'waiting') as waiting, 0 as done
        from {source} t where t.region_id = %(region)s and t.closed_at is null{mine} group by t.rule
        union all
        select '', 0, 0, 0, 0, count(*) from {source} t where t.region_id = %(region)s and t.closed_at is not null
            and t.closed_at > %(today)s::date - {DONE_DAYS}{mine}
        """,
        values,
    ).fetchall()
    sums = {name: sum(getattr(r, name) for r in rows) for name in ("clinic", "mine", "overdue", "waiting", "done")}
    untold = sum(r.clinic for r in rows if r.rule == "DX-30")
    return Counts(rules=tuple(sorted(r.rule for r in rows if r.rule)), untold=untold, **sums)


def clinics(conn: Connection, scope: Scope) -> list[tuple[str, str]]:
    """The reader's clinics as (OID, name); the whole region's for those who answer for it."""
    wide = scope.role in WIDE
    rows = conn.execute(
        "select oid, coalesce(nullif(short_name, ''), name) as name from organisation where region_id = %s"
        + ("" if wide else " and oid = any(%s)") + " order by sort_key, oid limit 300",
        (scope.region,) if wide else (scope.region, list(scope.orgs)),
    ).fetchall()  # fmt: skip
    return [(o.oid, o.name) for o in rows]
