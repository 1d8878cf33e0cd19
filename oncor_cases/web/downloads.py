"""Tables we hand out: CSV and XLSX that no spreadsheet program takes for formulas."""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence

import xlsxwriter
from fastapi.responses import Response, StreamingResponse

DANGEROUS = ("=", "+", "-", "@", "\t", "\r")
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def safe(cell: object) -> str:
    """The cell as text; what a program would run as a formula gets an apostrophe before it."""
    said = "" if cell is None else str(cell)
    return f"'{said}" if said.startswith(DANGEROUS) else said


def as_csv(name: str, rows: Iterable[Sequence[object]]) -> Response:
    """Streamed; with a mark of UTF-8 and semicolons, as spreadsheets in Russian expect."""

    def lines() -> Iterator[str]:
        yield "\ufeff"
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        for row in rows:
            writer.writerow([safe(cell) for cell in row])
            yield out.getvalue()
            out.seek(0)
            out.truncate()

    return StreamingResponse(lines(), media_type="text/csv; charset=utf-8", headers=_named(name))


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
