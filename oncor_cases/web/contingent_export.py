"""A list as a file: the reader chooses the columns. CSV is sent as it is made, XLSX is made aside and thrown away later."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from oncor_cases.actions import contingents as lists
from oncor_cases.actions import exporting
from oncor_cases.kernel.errors import UserError
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, need_role, public
from oncor_cases.web.contingent_builder import READERS
from oncor_cases.web.downloads import XLSX, Streamed
from oncor_cases.web.pages import Option, render

routes = APIRouter()
LONG = 50_000  # rows from which a workbook takes so long that it is said before
KINDS = {"xlsx": "XLSX", "csv": "CSV"}


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Columns and kind of file to choose. `about`: how many people, and what a file of so many is like."""

    title: str
    about: str
    complaint: str
    base: str
    columns: tuple[Option, ...]
    kinds: tuple[Option, ...]


@routes.get("/contingents/{address}/export")
def ask(request: Request, found: ReaderNeeded, p: PartsNeeded, address: str) -> Response:
    """The form."""
    return _form(request, found, p, address, exporting.USUAL)


@routes.post("/contingents/{address}/export")
def download(
    request: Request, found: WriterNeeded, p: PartsNeeded, address: str,
    column: Annotated[list[str], Form()] = [], kind: Annotated[str, Form()] = "xlsx",  # noqa: B006
    sent: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The file, named by the day: the name of a list may say too much for a folder of downloads."""
    need_role(found, *READERS)
    try:
        made = exporting.begin(p.db, found.scope, public(address), columns=column, kind=kind)
    except UserError as error:
        return _form(request, found, p, address, column, complaint=error.message)
    name = f"oncor-{found.today.isoformat()}.{kind}"
    answer = _csv(made, name) if kind == "csv" else _xlsx(made, name)
    if sent.isascii() and sent.isalnum():
        answer.set_cookie("sent", sent[:20], max_age=60, path="/", samesite="lax")  # tells the page that its file is coming
    return answer


# --- steps ----------------------------------------------------------------------------------------------------------


def _csv(made: exporting.Export, name: str) -> Response:
    pieces = made.csv()
    first = next(pieces)  # what fails before anything was sent is a page of error, not a broken file
    return Streamed(name, chain([first], pieces), pieces.close)


def _xlsx(made: exporting.Export, name: str) -> Response:
    folder = tempfile.TemporaryDirectory(prefix="oncor-export-")
    to = Path(folder.name) / "list.xlsx"
    try:
        made.xlsx(to)
    except BaseException:
        folder.cleanup()
        raise
    return FileResponse(to, media_type=XLSX, filename=name, background=BackgroundTask(folder.cleanup))


def _form(
    request: Request, found: Reader, p: Parts, address: str, chosen: Sequence[str], complaint: str = ""
) -> Response:  # fmt: skip
    need_role(found, *READERS)
    with p.db.web(found.scope) as conn:
        row = lists.visible(conn, found.scope, public(address))
    who, _ = exporting.shown(p.db, found.scope, public(address), fresh=False)
    fits = len(who) <= exporting.LARGEST_SHEET
    page = ExportPage(
        title=f"Выгрузить «{row.name}»",
        about=_about(len(who)),
        complaint=complaint,
        base=f"/contingents/{row.public_id}",
        columns=tuple(Option(name, title, name in chosen) for name, (title, _) in exporting.COLUMNS.items()),
        kinds=tuple(Option(kind, title, (kind == "xlsx") == fits) for kind, title in KINDS.items() if fits or kind == "csv"),
    )
    return render(request, "export.html", page, status=422 if complaint else 200)


def _about(people: int) -> str:
    said = f"В файле будет {words.count(people, 'человек', 'человека', 'человек')}."
    if people > exporting.LARGEST_SHEET:
        return (
            f"{said} На лист таблицы помещается {words.number(exporting.LARGEST_SHEET)} строк, поэтому только CSV: Excel"
            " откроет из него начало, остальное отбросит. Файл целиком прочтут база данных или программа анализа."
        )
    if people > LONG:
        return f"{said} CSV начнёт загружаться сразу, XLSX готовится целиком: на сто тысяч строк уходит до десяти секунд."
    return said
