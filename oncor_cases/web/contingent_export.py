"""A list as a file: the reader chooses the columns; the file is made aside and thrown away after it is sent."""

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import FileResponse, Response
from starlette.background import BackgroundTask

from oncor_cases.actions import contingents as lists
from oncor_cases.actions import exporting
from oncor_cases.web.access import PartsNeeded, ReaderNeeded, WriterNeeded, need_role, public
from oncor_cases.web.contingent_builder import READERS
from oncor_cases.web.pages import Option, render

routes = APIRouter()
TYPES = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@dataclass(frozen=True, slots=True)
class ExportPage:
    """Columns and kind of file to choose."""

    title: str
    base: str
    columns: tuple[Option, ...]


@routes.get("/contingents/{address}/export")
def ask(request: Request, found: ReaderNeeded, p: PartsNeeded, address: str) -> Response:
    """The form."""
    need_role(found, *READERS)
    with p.db.web(found.scope) as conn:
        row = lists.visible(conn, found.scope, public(address))
    columns = tuple(Option(name, title, name in exporting.USUAL) for name, (title, _) in exporting.COLUMNS.items())
    return render(request, "export.html", ExportPage(f"Выгрузить «{row.name}»", f"/contingents/{row.public_id}", columns))


@routes.post("/contingents/{address}/export")
def download(
    found: WriterNeeded, p: PartsNeeded, address: str, column: Annotated[list[str], Form()] = [],  # noqa: B006
    kind: Annotated[str, Form()] = "xlsx", sent: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The file, named by the day: the name of a list may say too much for a folder of downloads."""
    need_role(found, *READERS)
    folder = tempfile.TemporaryDirectory(prefix="oncor-export-")
    to = Path(folder.name) / f"list.{kind if kind in TYPES else 'xlsx'}"
    try:
        exporting.export(p.db, found.scope, public(address), columns=column, kind=kind, to=to)
    except BaseException:
        folder.cleanup()
        raise
    name = f"oncor-{found.today.isoformat()}.{kind}"
    answer = FileResponse(to, media_type=TYPES[kind], filename=name, background=BackgroundTask(folder.cleanup))
    if sent.isascii() and sent.isalnum():
        answer.set_cookie("sent", sent[:20], max_age=60, path="/", samesite="lax")  # tells the page that its file is coming
    return answer
