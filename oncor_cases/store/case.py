"""Read model of one patient's page. A person outside the reader's scope is the same as a person who does not exist."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from oncor_cases.store.inbox import _COLUMNS, _JOINS, WIDE, TaskRow, _row
from oncor_cases.store.partial import PART
from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class PersonRow:
    """Who the patient is and how to reach them. `to_sweep`: something was learnt that no sweep has judged yet."""

    id: int
    public_id: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    sex: str
    snils: str
    enp: str
    address: str
    phones: tuple[str, ...]
    attached_org: str
    attached_name: str
    provisional: bool
    died_on: date | None
    to_sweep: bool


@dataclass(frozen=True, slots=True)
class ViewRow:
    """The last computed view of an episode: the cache kept by the sweep."""

    pathway: str
    episode: str
    icd10: str
    state: str
    view: Mapping[str, Any]
    computed_on: date


@dataclass(frozen=True, slots=True)
class FactRow:
    """One fact of the timeline. `document` is a random address, never a number of a patient."""

    id: int
    kind: str
    on_date: date | None
    on_text: str
    known_on: date
    certainty: str
    evidence: str
    attributes: Mapping[str, Any]
    document: str
    sender: str
    author: str
    in_force: bool


@dataclass(frozen=True, slots=True)
class EventRow:
    """One line of the history of tasks and of clocks that are no tasks yet. `of_task`: `id` counts task events."""

    id: int
    of_task: bool
    at: datetime
    on_day: date
    author: str
    kind: str
    rule: str
    subject: str
    state: str
    level: str
    due: date | None
    waiting_until: date | None
    data: Mapping[str, Any]


def mine(scope: Scope, person: str) -> str:
    """The reader may see the person: written out in the query, and once more by row security."""
    if scope.role in WIDE:
        return ""
    return (
        " and exists (select from person_scope s where s.region_id = %(region)s"
        f" and s.person_id = {person} and s.org = any(%(orgs)s))"
    )


def person(conn: Connection, scope: Scope, public_id: UUID) -> PersonRow | None:
    """A person by the outside address; an old address after a join leads to the person joined into."""
    row = conn.execute(
        "select q.id, q.public_id, q.family, q.given, q.patronymic, q.birth_date, q.sex, q.snils, q.enp, q.address,"
        " q.phones,"
        " q.attached_org, coalesce(nullif(o.short_name, ''), o.name, q.attached_org) as attached_name,"
        " q.provisional, q.died_on, exists (select from person_change c where c.region_id = q.region_id"
        " and c.person_id = q.id and c.generation <> c.swept_generation) as to_sweep"
        " from person p join person q on q.region_id = p.region_id and q.id = coalesce(p.merged_into, p.id)"
        " left join organisation o on o.region_id = q.region_id and o.oid = q.attached_org"
        " where p.region_id = %(region)s and p.public_id = %(id)s" + mine(scope, "q.id"),
        {"region": scope.region, "id": public_id, "orgs": list(scope.orgs)},
    ).fetchone()
    return None if row is None else PersonRow(**(row._asdict() | {"phones": tuple(row.phones)}))


def views(conn: Connection, scope: Scope, person_id: int) -> list[ViewRow]:
    """Pathways of a person, the live ones first."""
    rows = conn.execute(
        "select pathway, episode, icd10, state, view, computed_on from pathway_view"
        " where region_id = %s and person_id = %s order by next_due nulls last, pathway, episode",
        (scope.region, person_id),
    ).fetchall()
    return [ViewRow(**r._asdict()) for r in rows]


def facts(conn: Connection, scope: Scope, person_id: int, limit: int) -> list[FactRow]:
    """The newest facts first, a month below its days; superseded and withdrawn ones stay visible as such."""
    rows = conn.execute(
        "select f.id, f.kind, f.on_date, f.on_text,"
        " (f.known_at at time zone g.tz)::date as known_on, f.certainty, f.evidence, f.attributes,"
        " coalesce(encode(d.sha256, 'hex'), '') as document,"
        " coalesce(oncor_org_name(d.region_id, d.sender_org, coalesce(d.doc_date, d.known_at::date)), d.sender_org, '')"
        " as sender,"
        " coalesce(u.name, f.author) as author, f.in_force"
        " from subject s join region g on g.id = s.region_id"
        " join fact f on f.region_id = s.region_id and f.subject_id = s.id"
        " left join document d on d.region_id = f.region_id and d.id = f.document_id"
        " left join user_account u on u.login = f.author and f.author <> ''"
        " where s.region_id = %s and s.person_id = %s"
        f" order by coalesce(f.on_date::text, case when f.on_text ~ '{PART}' then f.on_text end) collate \"C\" desc"
        " nulls last, f.known_at desc, f.id desc limit %s",
        (scope.region, person_id, limit),
    ).fetchall()
    return [FactRow(**r._asdict()) for r in rows]


def tasks(conn: Connection, scope: Scope, person_id: int) -> list[TaskRow]:
    """Open tasks of a person, whoever owns them, in the order of the inbox."""
    rows = conn.execute(
        f"select {_COLUMNS} from task t {_JOINS} where t.region_id = %s and t.person_id = %s and t.closed_at is null"
        " order by t.due, t.danger, t.id",
        (scope.region, person_id),
    ).fetchall()
    return [_row(r) for r in rows]


def history(conn: Connection, scope: Scope, person_id: int, limit: int = 200) -> list[EventRow]:
    """What happened to the person's tasks, and what was done with clocks before they became tasks; newest first."""
    rows = conn.execute(
        """
        select h.id, h.of_task, h.at, h.on_day, coalesce(u.name, h.author) as author, h.kind, h.rule, h.subject, h.state,
               h.level, h.due, h.waiting_until, h.data
        from (select e.id, true as of_task, e.at, e.on_day, e.author, e.kind, t.rule, t.subject, e.state, e.level, e.due,
                     e.waiting_until, e.data
              from task t join task_event e on e.region_id = t.region_id and e.task_id = t.id
              where t.region_id = %(region)s and t.person_id = %(person)s
              union all
              select c.id, false, c.at, c.on_day, c.author, c.kind, c.rule, c.subject, 'upcoming', '', null, null, c.data
              from clock_event c where c.region_id = %(region)s and c.person_id = %(person)s) h
        left join user_account u on u.login = h.author
        order by h.on_day desc, h.of_task desc, h.id desc limit %(limit)s
        """,
        {"region": scope.region, "person": person_id, "limit": limit},
    ).fetchall()
    return [EventRow(**r._asdict()) for r in rows]


def organisations(conn: Connection, scope: Scope) -> list[tuple[str, str]]:
    """OID and name of those a task may be handed to: every organisation of the region but the reader's only one."""
    rows = conn.execute(
        "select oid, coalesce(nullif(short_name, ''), name) as name from organisation where region_id = %s"
        " and %s <> array[oid] order by sort_key, oid limit 1000",
        (scope.region, list(scope.orgs)),
    ).fetchall()
    return [(r.oid, r.name) for r in rows]


def names(conn: Connection, scope: Scope, orgs: Sequence[str]) -> list[tuple[str, str]]:
    """OID and short name of the organisations among these."""
    rows = conn.execute(
        "select oid, coalesce(nullif(short_name, ''), name) as name from organisation"
        " where region_id = %s and oid = any(%s)",
        (scope.region, list(orgs)),
    ).fetchall()
    return [(r.oid, r.name) for r in rows]


def colleagues(conn: Connection, scope: Scope) -> list[tuple[str, str]]:
    """Login and name of those a task may be handed to: active users of the reader's organisations."""
    rows = conn.execute(
        "select login, coalesce(nullif(name, ''), login) as name from user_account where region_id = %s and active"
        " and role in ('navigator', 'head', 'registrar') and (orgs && %s or %s) order by 2, 1 limit 200",
        (scope.region, list(scope.orgs), scope.role in WIDE),
    ).fetchall()
    return [(r.login, r.name) for r in rows]
