"""Tables we hand out: CSV and XLSX that no spreadsheet program takes for formulas."""

import csv
import io
from collections.abc import Callable, Generator, Iterable, Sequence
from typing import TYPE_CHECKING

import xlsxwriter
from anyio import CancelScope
from fastapi.responses import Response, StreamingResponse
from starlette.concurrency import run_in_threadpool

from oncor_cases.actions.exporting import safe

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class Streamed(StreamingResponse):
    """A CSV sent while it is made; `end` is called when it has ended, whichever way. A reader who goes away ends the making
    at once: left to the collector of garbage, it would end on the loop of the server, or with the process, which would
    wait for a database that is closed."""

    def __init__(self, name: str, pieces: Iterable[str | bytes], end: Callable[[], None]) -> None:
        super().__init__(pieces, media_type="text/csv; charset=utf-8", headers=_named(name))
        self._end = end

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        try:
            await super().__call__(scope, receive, send)
        finally:
            with CancelScope(shield=True):
                await run_in_threadpool(self._end)


def as_csv(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Streamed; with a mark of UTF-8 and semicolons, as spreadsheets in Russian expect."""

    def lines() -> Generator[str, None, None]:
        yield "\ufeff"
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        for row in rows:
            writer.writerow([safe("" if cell is None else str(cell)) for cell in row])
            yield out.getvalue()
            out.seek(0)
            out.truncate()

    made = lines()
    return Streamed(name, made, made.close)


def as_xlsx(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Every cell is a text: never a formula, never a link."""
    out = io.BytesIO()
    options = {"in_memory": True, "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    with xlsxwriter.Workbook(out, options) as book:
        sheet = book.add_worksheet("Строки")
        for at, row in enumerate(rows):
            for column, cell in enumerate(row):
                sheet.write_string(at, column, "" if cell is None else str(cell)[:32_000])
    return Response(out.getvalue(), media_type=XLSX, headers=_named(name))


def _named(name: str) -> dict[str, str]:
    return {"content-disposition": f'attachment; filename="{name}"'}
