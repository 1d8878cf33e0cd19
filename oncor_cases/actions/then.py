"""The lists and boards of a past day: as they were shown, from the history; or as they are computed for that day from
what was known on another one. Writes nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.actions import explain
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import then
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Database, Scope
from oncor_cases.store.then import Source

MOST = 5000  # persons computed for one page: some seconds


@dataclass(frozen=True, slots=True)
class Past:
    """`source` in place of the table of tasks; `failed`: persons whose records could not be read."""

    source: Source
    failed: int = 0


def past(db: Database, scope: Scope, day: date, *, known_on: date | None, clinic: str = "") -> Past:
    """Tasks as shown at the end of `day` (`known_on` None), or computed for it. Raises UserError for too many persons."""
    if known_on is None:
        return Past(then.shown(day))
    with db.web(scope) as conn:
        persons = then.persons(conn, scope, clinic, MOST + 1)
    if len(persons) > MOST:
        raise UserError(f"Пересчёт за прошлый день — не больше чем на {MOST} пациентов: выберите клинику")
    answer = explain.tasks_of(db, persons, day, region=scope.region, known_on=known_on)
    orgs = [clinic] if clinic else list(scope.orgs)
    rows = [r for r in answer.rows if (scope.role in WIDE and not clinic) or r["owner_org"] in orgs]
    with db.web(scope) as conn:
        numbers = then.numbers(conn, scope, sorted({UUID(r["person"]) for r in rows}))
    return Past(then.computed([_row(r, numbers, scope.region, n) for n, r in enumerate(rows, 1)]), answer.failed)


def _row(row: dict[str, Any], numbers: dict[UUID, int], region: int, n: int) -> dict[str, Any]:
    """A row of an answer with the names of the table's columns; a task that never was stored has no number of its own."""
    return row | {
        "region_id": region, "id": row["task"] or -n, "public_id": row["id"], "person_id": numbers.get(UUID(row["person"])),
        "norm": row["because"].get("norm", "product"), "closed_reason": "",
    }  # fmt: skip
