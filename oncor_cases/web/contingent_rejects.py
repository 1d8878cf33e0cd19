"""Rows of a file nobody was found for: on the page of the list, and as a table to send back to whoever made the file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter
from fastapi.responses import Response

from oncor_cases.actions import contingents as lists
from oncor_cases.kernel.errors import NotFound
from oncor_cases.store import members
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, looked, need_role, public
from oncor_cases.web.contingent_builder import READERS
from oncor_cases.web.downloads import as_csv, as_xlsx

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class RejectLine:
    """A row of the file nobody was found for."""

    line: str
    reason: str
    cells: str


def shown(rows: Sequence[Any]) -> tuple[RejectLine, ...]:
    """Rows for the page; their cells are named, for the store does not keep the order of the columns."""
    return tuple(
        RejectLine(str(r.line), r.reason, words.joined([f"{k}: {v}" for k, v in r.cells.items()], " · ")) for r in rows
    )


@routes.get("/contingents/{address}/rejects.csv")
def rejects_csv(found: ReaderNeeded, p: PartsNeeded, address: str) -> Response:
    """All of the last file, as a table."""
    return as_csv("not-found.csv", _table(found, p, address))


@routes.get("/contingents/{address}/rejects.xlsx")
def rejects_xlsx(found: ReaderNeeded, p: PartsNeeded, address: str) -> Response:
    """The same as a spreadsheet."""
    return as_xlsx("not-found.xlsx", _table(found, p, address))


def _table(found: Reader, p: Parts, address: str) -> Iterator[tuple[object, ...]]:
    need_role(found, *READERS)
    with p.db.web(found.scope) as conn:
        row = lists.visible(conn, found.scope, public(address))
        rows = list(members.all_rejects(conn, found.scope.region, row.snapshot)) if row.snapshot else []
        looked(conn, found, "contingent_rejects", None, str(row.public_id))
    if not rows:
        raise NotFound("Таких строк нет")
    columns = list(dict.fromkeys(name for r in rows for name in r.cells))
    head = ("Строка", "Почему", *columns)
    return iter([head, *((r.line, r.reason, *(r.cells.get(name, "") for name in columns)) for r in rows)])
