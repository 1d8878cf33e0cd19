"""Lists in the web: every load with its counts and rejects, upload, downloads of what was rejected, withdrawal."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Annotated

from fastapi import APIRouter, File, Form, Request, UploadFile
from fastapi.responses import Response

from oncor_cases.actions import list_told
from oncor_cases.actions import lists as door
from oncor_cases.facts.listed import place
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.kernel.numbers import LARGEST, whole, whole_or
from oncor_cases.sources.lists import KINDS
from oncor_cases.sources.lists.kinds import TABLES
from oncor_cases.store import accounts, decisions, list_pages
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.list_pages import KEEPERS, PAGE
from oncor_cases.store.lists import Load
from oncor_cases.store.session import Connection
from oncor_cases.web import list_loading, words
from oncor_cases.web import list_pages as shown
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.downloads import as_csv, as_xlsx
from oncor_cases.web.list_pages import ListsPage, LoadPage, Reason, RejectLine
from oncor_cases.web.pages import Option, Tag, go, is_htmx, render

routes = APIRouter()
SAID = {"withdrawn": "Список отозван: сказанное только в нём больше не действует.", "begun": "Список принят и загружается.",
        "along": "Отдельной загрузки нет: тот файл повторяет этот список или взят вместе с ним."}  # fmt: skip
HEAD = ("Строка", "Столбец", "Причина", "Строка принята", "Строка списка")


@routes.get("/lists")
def listed(request: Request, found: ReaderNeeded, p: PartsNeeded, kind: str = "", after: int | None = None) -> Response:
    """Every load, the newest first."""
    need_role(found, *KEEPERS)
    return _listed(request, found, p, kind=kind[:60], after=after)


@routes.post("/lists")
def upload(
    request: Request, found: WriterNeeded, p: PartsNeeded, file: Annotated[UploadFile | None, File()] = None,
    kind: Annotated[str, Form()] = "", sender: Annotated[str, Form()] = "", as_of: Annotated[str, Form()] = "",
    of_region: Annotated[str, Form()] = "", sender_name: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Stores the bytes, begins to read them beside, and shows the load."""
    need_role(found, *KEEPERS)
    try:
        if file is None or not file.filename:
            raise UserError("Выберите файл списка")
        if found.account.role not in (*WIDE, "admin") and sender not in found.scope.orgs:
            raise UserError("Регистратор загружает списки своей организации")
        sender = shown.sender_of(sender, of_region, sender_name)
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
        number = door.receive(
            p.db, file.file, file.filename, region=found.scope.region, author=found.account.login, kind=kind, sender=sender,
            as_of=day_of(as_of), received_at=at,
        )  # fmt: skip
    except (UserError, NotFound) as error:
        return _listed(request, found, p, complaint=error.message, status=422)
    list_loading.begin(p, found.scope.region, number)
    target = f"/lists/{number}?done=begun"
    return Response(headers={"HX-Redirect": target}) if is_htmx(request) else go(target)


@routes.get("/lists/{number}")
def load(request: Request, found: ReaderNeeded, p: PartsNeeded, number: int, after: int = -1, done: str = "") -> Response:
    """One load: what it is, what became of its rows, which were rejected and why."""
    need_role(found, *KEEPERS)
    try:
        return _load(request, found, p, number, after=after, done=done)
    except NotFound:
        with p.db.web(found.scope) as conn:
            both = list_pages.of_half(conn, found.scope, number)
        if both is None:
            raise
        return go(f"/lists/{both}?done=along")


@routes.get("/lists/{number}/rejects.csv")
def rejects_csv(found: ReaderNeeded, p: PartsNeeded, number: int) -> Response:
    """Rejected rows as a table."""
    return as_csv(f"rejects-{number}.csv", _rejects(found, p, number))


@routes.get("/lists/{number}/rejects.xlsx")
def rejects_xlsx(found: ReaderNeeded, p: PartsNeeded, number: int) -> Response:
    """The same as a spreadsheet."""
    return as_xlsx(f"rejects-{number}.xlsx", _rejects(found, p, number))


@routes.post("/lists/{number}/retry")
def retry(
    found: WriterNeeded, p: PartsNeeded, number: int, confirmed: Annotated[bool, Form()] = False,
    without_columns: Annotated[bool, Form()] = False,
) -> Response:  # fmt: skip
    """Reads a list that could not be read once more; `confirmed`: somebody says that a shrunken list is whole,
    `without_columns`: that it is right without the columns it lacks."""
    need_role(found, *KEEPERS)
    with p.db.web(found.scope) as conn:
        state = _mine(conn, found, number).state
    if state not in ("failed", "waiting", "stored", "reading"):
        raise Conflict("Этот список уже загружен")
    list_loading.begin(p, found.scope.region, number, confirmed=confirmed, without_columns=without_columns)
    return go(f"/lists/{number}?done=begun")


@routes.post("/lists/{number}/told")
def told(
    request: Request, found: WriterNeeded, p: PartsNeeded, number: int, as_of: Annotated[str, Form()] = "",
    of: Annotated[str, Form()] = "", of_region: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The answer a waiting list asked for; then it is read."""
    need_role(found, *KEEPERS)
    with p.db.web(found.scope) as conn:
        _mine(conn, found, number)
        if of:
            _mine(conn, found, whole_or(of, 1, LARGEST, 0))  # a number that is none is no list
    try:
        earlier = whole(of, 1, LARGEST) if of else None
        list_told.tell(p.db, number, region=found.scope.region, as_of=day_of(as_of), of=earlier, of_region=of_region)
    except (UserError, Conflict) as error:
        return _load(request, found, p, number, complaint=error.message, status=422)
    list_loading.begin(p, found.scope.region, number)
    return go(f"/lists/{number}?done=begun")


@routes.post("/lists/{number}/withdraw")
def withdraw(
    request: Request, found: WriterNeeded, p: PartsNeeded, number: int, reason: Annotated[str, Form()] = ""
) -> Response:
    """The list no longer counts; its bytes stay."""
    need_role(found, "registrar", "coordinator", "methodologist")
    with p.db.web(found.scope) as conn:
        visible = _mine(conn, found, number).state not in door.ASIDE
    with p.db.batch() as conn:
        at = decisions.moment(conn, found.scope.region, found.today)
    try:
        door.withdraw(p.db, number, reason, region=found.scope.region, by=found.account.login, at=at)
    except (UserError, Conflict) as error:
        return _load(request, found, p, number, complaint=error.message, status=422)
    if visible:
        list_loading.withdrawn(p, found.scope.region)
    return go(f"/lists/{number}?done=withdrawn")


# --- steps ----------------------------------------------------------------------------------------------------------


def day_of(text: str) -> date | None:
    """A day of a form, None for an empty field. Raises UserError."""
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise UserError("Дата не читается") from error


def mine(conn: Connection, found: Reader, number: int) -> Load:
    """The load as this reader may see it. Raises NotFound."""
    row = list_pages.one(conn, found.scope, number)
    if row is None:
        raise NotFound("Такой загрузки нет.")
    return row


_mine = mine


def _listed(
    request: Request,
    found: Reader,
    p: Parts,
    *,
    kind: str = "",
    after: int | None = None,
    complaint: str = "",
    status: int = 200,
) -> Response:
    with p.db.web(found.scope) as conn:
        rows = list_pages.page(conn, found.scope, kind=kind, after=after)
        kinds = list_pages.kinds(conn, found.scope)
        names, bodies = list_pages.senders(conn, found.scope), list_pages.bodies(conn, found.scope)
    total = sum(n for _, n in kinds)
    tabs = [Option("", f"все списки: {words.number(total)}", not kind)]
    tabs += [Option(k, f"{shown.kind_title(k)}: {words.number(n)}", k == kind) for k, n in kinds if k]
    wide = found.account.role in (*WIDE, "admin")
    page = ListsPage(
        title="Списки",
        rows=tuple(shown.line(row, found, names) for row in rows),
        tabs=tuple(tabs) if len(tabs) > 2 else (),
        kinds=shown.kind_options("", "узнать по столбцам"),
        senders=shown.sender_options(names, bodies, found.scope.orgs, wide),
        complaint=complaint,
        said="",
        more_href=f"/lists?after={rows[-1].id}{f'&kind={kind}' if kind else ''}" if len(rows) >= PAGE else "",
        running=any(row.state in ("stored", "reading") for row in rows),
        href=f"/lists?kind={kind}" if kind else "/lists",
        empty="Загрузите файл здесь, положите его в папку приёма или выполните oncor lists load."
        if wide
        else "Загрузите файл здесь: дальше видны списки вашей организации.",
    )
    return render(request, "lists.html", page, block="refused" if complaint else "rows", status=status)


def _load(
    request: Request, found: Reader, p: Parts, number: int, *, after: int = -1, done: str = "", complaint: str = "",
    status: int = 200,
) -> Response:  # fmt: skip
    with p.db.web(found.scope) as conn:
        row = _mine(conn, found, number)
        names = list_pages.senders(conn, found.scope)
        people = accounts.names(conn, found.scope.region)
        reasons = list_pages.reasons(conn, found.scope, number)
        rejects = list_pages.rejects(conn, found.scope, number, after=after)
        if rejects:
            looked(conn, found, "list_rejects", None, str(number))
    running = row.state in ("stored", "reading")
    shrunk = row.state == "waiting" and "shrunk_from" in row.counts
    lost = row.state == "waiting" and bool(row.reading.get("lost"))
    sheets = row.reading.get("sheets", ())
    asks = str(row.counts.get("asks", "")) if row.state == "waiting" else ""
    earlier = list_told.corrects(p.db, number, region=found.scope.region) if asks == "day" else []
    closed = row.counts.get("rejected", 0) + row.counts.get("warned", 0) > 0 and not reasons
    page = LoadPage(
        title=row.name,
        tag=shown.tag(row),
        about=(*shown.about(row, found, names, people), *shown.sheets(row)),
        counts=shown.counts(row),
        error=row.error.rstrip("."),
        said=SAID.get(done, "") if done != "begun" or running else "",  # what has come to an end is not «загружается»
        complaint=complaint,
        running=running,
        progress=shown.told(row, found) if row.state == "reading" else "",
        stages=shown.stages(row, found, datetime.now(UTC)),
        href=f"/lists/{number}",
        mapping_href=f"/lists/{number}/mapping" if _mappable(row) and not (shrunk or asks) else "",
        retry_href=f"/lists/{number}/retry" if row.state == "failed" or shrunk or lost else "",
        shrunk=shrunk,
        lost=lost,
        columns=shown.columns(row),
        unread=shown.unread(row),
        several=len(sheets) > 1,
        asks=asks,
        asks_href=f"/lists/{number}/told",
        corrects=shown.correct_options(earlier, found) if earlier else (),
        withdraw_href=f"/lists/{number}/withdraw"
        if row.state in ("loaded", "replaced", *door.ASIDE) and found.account.role != "admin"
        else "",
        aside=row.state in door.ASIDE,
        reasons=tuple(
            Reason(": ".join(filter(None, shown.why(field, text))), _taken(accepted), words.number(n))
            for field, text, accepted, n in reasons
        ),
        rejects=tuple(
            RejectLine(
                place(r.line, sheets), *shown.why(r.field, r.message), _taken(r.accepted), " · ".join(c for c in r.raw if c)
            )
            for r in rejects
        ),
        more_href=f"/lists/{number}?after={rejects[-1].seq}" if len(rejects) >= PAGE else "",
        closed="Отклонённые строки видят координатор, методолог и регистратор отправителя." if closed else "",
    )
    return render(request, "list.html", page, block="state", status=status)


def _mappable(row: Load) -> bool:
    """Its columns may be told: it waits for them, or was read by wrong ones; bytes that are no table have none."""
    table = KINDS.get(row.kind) in (None, *TABLES)
    return table and (row.state == "waiting" or (row.state == "failed" and bool(row.reading.get("columns"))))


def _taken(accepted: bool) -> Tag:
    return Tag("строка принята", "soon") if accepted else Tag("строка отклонена", "late")


def _rejects(found: Reader, p: Parts, number: int) -> Iterator[tuple[object, ...]]:
    need_role(found, "registrar", "coordinator", "methodologist")
    with p.db.web(found.scope) as conn:
        sheets = _mine(conn, found, number).reading.get("sheets", ())
        looked(conn, found, "list_rejects", None, str(number))
        rows = list(list_pages.all_rejects(conn, found.scope, number))
    at = str if len(sheets) > 1 else int  # a number stays a number in the table
    return iter(
        [HEAD, *((at(place(r.line, sheets)), r.field, r.message, "да" if r.accepted else "нет", *r.raw) for r in rows)]
    )
