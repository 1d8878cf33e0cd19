"""The mapping screen: which column of a foreign table is which; saved under a name, next month it loads by itself."""

import re
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response
from starlette.datastructures import FormData

from oncor_cases.actions import list_reading
from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.sources.lists import KINDS, NotATable
from oncor_cases.sources.lists.content import by_content
from oncor_cases.sources.lists.header import Header, guesses, match
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.store import list_pages
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.list_pages import KEEPERS
from oncor_cases.store.lists import Load
from oncor_cases.web import list_loading
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.list_pages import MappingPage, Matched, sender_of, sender_options
from oncor_cases.web.lists import day_of, mine
from oncor_cases.web.pages import Option, go, render

routes = APIRouter()
ASK = "Выберите, что это за список, и проверьте, какой столбец что значит."
MAY = tuple(role for role in KEEPERS if role != "admin")  # the preview shows patients


async def form_of(request: Request) -> FormData:
    """The whole form: its fields are the columns of the chosen kind."""
    return await request.form()


@routes.get("/lists/{number}/mapping")
def ask(request: Request, found: ReaderNeeded, p: PartsNeeded, number: int, kind: str = "") -> Response:
    """The first ten rows and our guess."""
    need_role(found, *MAY)
    return _page(request, found, p, number, kind=kind[:60])


@routes.post("/lists/{number}/mapping")
def save(
    request: Request, found: WriterNeeded, p: PartsNeeded, number: int, form: Annotated[FormData, Depends(form_of)]
) -> Response:
    """Keeps the mapping and begins to load."""
    need_role(found, *MAY)
    told = {name: str(value) for name, value in form.items() if isinstance(value, str)}
    kind = told.get("kind", "")
    columns = {c.name: told.get(f"c-{c.name}", "") for c in KINDS[kind].columns} if kind in KINDS else {}
    with p.db.web(found.scope) as conn:
        mine(conn, found, number)
    try:
        if found.account.role not in WIDE and told.get("sender", "") not in found.scope.orgs:
            raise UserError("Регистратор загружает списки своей организации")
        sender = sender_of(told.get("sender", ""), told.get("of_region", ""), told.get("sender_name", ""))
        door.remap(
            p.db, number, region=found.scope.region, kind=kind, columns=columns, name=told.get("name", ""),
            sender=sender, as_of=day_of(told.get("as_of", "")), by=found.account.login,
        )  # fmt: skip
    except (UserError, Conflict) as error:
        return _page(request, found, p, number, kind=kind, columns=columns, complaint=error.message, status=422)
    list_loading.begin(p, found.scope.region, number)
    return go(f"/lists/{number}?done=begun")


def _page(
    request: Request, found: Reader, p: Parts, number: int, *, kind: str = "", columns: dict[str, str] | None = None,
    complaint: str = "", status: int = 200,
) -> Response:  # fmt: skip
    with p.db.web(found.scope) as conn:
        load = mine(conn, found, number)
        names, bodies = list_pages.senders(conn, found.scope), list_pages.bodies(conn, found.scope)
        looked(conn, found, "list_preview", None, str(number))
    try:
        with p.db.batch() as conn:
            header, rows = list_reading.preview(conn, found.scope.region, load)
    except NotATable as error:
        raise UserError(error.message) from error
    if header is None:
        raise UserError("В файле нет строки, похожей на заголовки столбцов")
    likely = guesses(header, TABLES, load.name)
    chosen = kind if kind in KINDS else load.kind if load.kind in KINDS else likely[0].kind.name if likely else "deaths"
    page = MappingPage(
        title="Разметка столбцов",
        lead=ASK if load.state == "waiting" or not load.error else f"{load.error}. {ASK}",
        header=header.names,
        rows=tuple(tuple(r) for r in rows),
        kinds=tuple(Option(k.name, k.title, k.name == chosen) for k in TABLES),
        about=KINDS[chosen].about,
        columns=_columns(chosen, header, rows, columns if columns is not None else dict(load.mapping), found),
        name=load.mapping_name or re.sub(r"[\d_.\-]+", " ", load.name.rsplit(".", 1)[0]).strip(),
        senders=sender_options(names, bodies, found.scope.orgs, found.account.role in WIDE, load.sender_org),
        as_of=_as_of(load),
        complaint=complaint,
        kind_action=f"/lists/{number}/mapping",
        action=f"/lists/{number}/mapping",
        back=f"/lists/{number}",
        kind=chosen,
    )
    return render(request, "list_mapping.html", page, status=status)


def _columns(
    kind: str, header: Header, rows: list[tuple[str, ...]], told: dict[str, str], found: Reader
) -> tuple[Matched, ...]:
    """Each column of ours with what was chosen, else what we guess: by the header, then by what stands below it."""
    places = dict(match(KINDS[kind], header).places)
    places |= by_content(KINDS[kind], rows, places, found.today)
    names = {ours: header.names[at] for ours, at in places.items() if at < len(header.names)}
    options = tuple(dict.fromkeys(name for name in header.names if name))
    shown_columns = []
    for column in KINDS[kind].columns:
        chosen = told.get(column.name, "") if told else names.get(column.name, "")
        choices = (Option("", "нет в файле", not chosen), *(Option(name, name, name == chosen) for name in options))
        shown_columns.append(Matched(f"c-{column.name}", column.title, column.required or column.present, choices))
    return tuple(sorted(shown_columns, key=lambda m: not m.required))


def _as_of(load: Load) -> str:
    day = load.as_of or list_reading.day_of_name(load.name)
    return day.isoformat() if day else ""
