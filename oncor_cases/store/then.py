"""Where lists and boards read tasks from: the table of now, the history up to a day, or rows computed for a day.

A source is a `from` item with the columns of `task` that pages use, so one query serves all three (DESIGN invariant 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.store import bulk
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class Source:
    """`sql` stands for `task` in a query; `values` are its parameters."""

    sql: str = "task"
    values: Mapping[str, Any] = field(default_factory=dict)


NOW = Source()

_SHOWN = """(
    select t.region_id, t.id, t.public_id, e.person_id, t.pathway, t.episode, t.rule, t.subject, e.icd10, e.due, e.level,
           e.state, e.waiting_until, e.owner_org, e.assignee, t.danger, t.norm, t.because, null::date as closed_on,
           null::timestamptz as closed_at, '' as closed_reason
    from task t cross join lateral (
        select * from task_event e where e.region_id = t.region_id and e.task_id = t.id and e.on_day <= %(then)s
        order by e.id desc limit 1) e
    where t.region_id = %(region)s and t.opened_on <= %(then)s and (t.closed_on is null or t.closed_on > %(then)s)
      and e.state <> 'closed')"""

_COLUMNS = {
    "region_id": "smallint", "id": "bigint", "public_id": "uuid", "person_id": "int", "pathway": "text", "episode": "text",
    "rule": "text", "subject": "text", "icd10": "text", "due": "date", "level": "text", "state": "text",
    "waiting_until": "date", "owner_org": "text", "assignee": "text", "danger": "smallint", "norm": "text",
    "because": "jsonb", "closed_on": "date", "closed_at": "timestamptz", "closed_reason": "text",
}  # fmt: skip


def shown(day: date) -> Source:
    """The tasks open at the end of a day, from the append-only history. Explanations are the ones of now."""
    return Source(_SHOWN, {"then": day})


def computed(rows: Sequence[Mapping[str, Any]]) -> Source:
    """Rows somebody computed, with the columns above; missing ones are null."""
    listed = [[row.get(name) for name in _COLUMNS] for row in rows]
    fields = ", ".join(f"{name} {type}" for name, type in _COLUMNS.items())
    sql = f"(select * from jsonb_to_recordset(%(computed)s::jsonb) r({fields}))"
    return Source(sql, {"computed": bulk.packed(_COLUMNS, listed)})


def persons(conn: Connection, scope: Scope, clinic: str = "", limit: int = 5000) -> list[int]:
    """The persons a reader may see, up to a limit; run as `oncor_web`."""
    orgs = [clinic] if clinic else list(scope.orgs)
    if scope.role in WIDE and not clinic:
        sql = "select person_id from person_change where region_id = %(region)s order by 1 limit %(limit)s"
    else:
        sql = (
            "select distinct person_id from person_scope where region_id = %(region)s and org = any(%(orgs)s)"
            " order by 1 limit %(limit)s"
        )
    rows = conn.execute(sql, {"region": scope.region, "orgs": orgs, "limit": limit})
    return [row[0] for row in rows]


def numbers(conn: Connection, scope: Scope, addresses: Sequence[UUID]) -> dict[UUID, int]:
    """Persons by their outside addresses; run as `oncor_web`."""
    rows = conn.execute(
        "select public_id, id from person where region_id = %s and public_id = any(%s)", (scope.region, list(addresses))
    )
    return {row[0]: row[1] for row in rows}
