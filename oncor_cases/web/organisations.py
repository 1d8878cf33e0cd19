"""The region's organisations: a list, the card of one with its history, a new name, a merger."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import organisations as action
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import organisations, population
from oncor_cases.store.organisations import PAGE, OrganisationRow, RecordRow
from oncor_cases.store.session import Connection, become_batch
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, need_role
from oncor_cases.web.pages import Option, Tag, go, render
from oncor_cases.web.place_words import COLUMNS, RECORDS, ROLES, roles

routes = APIRouter()
KEEPERS = ("coordinator", "methodologist", "admin")
DONE = {
    "edited": "Изменения сохранены.", "renamed": "Новое название записано.", "merged": "Реорганизация записана.",
    "cancelled": "Реорганизация отменена. Проверьте, какие организации открыты учётным записям.",
    "same": "Ничего не изменилось.",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Line:
    """One organisation of the list."""

    href: str
    name: str
    oid: str
    about: str
    roles: str
    district: str
    attached: str
    tasks: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class ListPage:
    """Organisations by name, with search."""

    title: str
    summary: str
    tabs: tuple[Option, ...]
    q: str
    roles: tuple[Option, ...]
    rows: tuple[Line, ...]
    more_href: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the history."""

    on: str
    what: str
    detail: str
    author: str


@dataclass(frozen=True, slots=True)
class CardPage:
    """One organisation: what it is, what hangs on it, the three forms, the history."""

    title: str
    oid: str
    said: str
    complaint: str
    tags: tuple[Tag, ...]
    about: tuple[tuple[str, str, str], ...]
    name: str
    short_name: str
    district: str
    roles: tuple[Option, ...]
    places: tuple[Option, ...]
    parent: str
    office: str
    districts: tuple[str, ...]
    today: str
    merged: bool
    history: tuple[Change, ...]


def tabs(current: str) -> tuple[Option, ...]:
    """The pages about places."""
    listed = (
        ("/organisations", "Организации"), ("/organisations/routing", "Кто отвечает"),
        ("/organisations/unplaced", "Без поликлиники"),
    )  # fmt: skip
    return tuple(Option(href, title, href == current) for href, title in listed)


@routes.get("/organisations")
def listed(
    request: Request, found: ReaderNeeded, p: PartsNeeded, q: str = "", role: str = "", after: str = "", key: str = ""
) -> Response:
    """By name; the search knows names, districts and the beginning of an OID."""
    need_role(found, *KEEPERS)
    q = " ".join(q.split())[:80]
    with p.db.web(found.scope) as conn:
        rows = organisations.page(conn, found.scope, q, role[:40], (key, after) if after else None)
        by_role = organisations.counts(conn, found.scope)
        sees = found.account.role != "admin"  # an administrator sees no patient, so no counts of them either
        attached = _attached(conn, found) if sees else {}
    page = ListPage(
        title="Организации",
        summary="",
        tabs=tabs("/organisations") if sees else (),
        q=q,
        roles=(
            Option("", "все роли", not role),
            *(Option(r, f"{ROLES.get(r, r)} ({n})", r == role) for r, n in by_role),
        ),
        rows=tuple(_line(r, found, attached.get(r.oid, 0), r.tasks if sees else 0) for r in rows),
        more_href=_more(rows, q, role),
    )
    return render(request, "organisations.html", page)


def _more(rows: list[OrganisationRow], q: str, role: str) -> str:
    from urllib.parse import urlencode

    if len(rows) < PAGE:
        return ""
    return "/organisations?" + urlencode({"q": q, "role": role, "key": rows[-1].sort_key, "after": rows[-1].oid})


def _attached(conn: Connection, found: Reader) -> dict[str, int]:
    become_batch(conn)  # the last question of the page: it counts over everybody, only numbers leave
    return population.attached(conn, found.scope.region)


def _line(r: OrganisationRow, found: Reader, attached: int, tasks: int) -> Line:
    return Line(
        href=f"/organisations/{r.oid}",
        name=r.short_name or r.name,
        oid=r.oid,
        about=f"отделение: {r.parent}" if r.parent_oid else r.name if r.short_name else "",
        roles=roles(r.roles) or "не указаны",
        district=r.district or "—",
        attached=words.number(attached) if attached else "—",
        tasks=words.number(tasks) if tasks else "—",
        tag=_heir(r, found.today) if r.successor_oid else Tag(""),
    )


def _heir(r: OrganisationRow, today: date) -> Tag:
    verb = "вошла" if r.succeeded_on is None or r.succeeded_on <= today else "войдёт"
    return Tag(f"с {words.day(r.succeeded_on)} {verb} в «{r.successor}»", "soon")


@routes.get("/organisations/{oid}")
def card(request: Request, found: ReaderNeeded, p: PartsNeeded, oid: str, done: str = "") -> Response:
    """One organisation."""
    need_role(found, *KEEPERS)
    return _card(request, found, p, oid, said=DONE.get(done, ""))


def _card(
    request: Request, found: Reader, p: Parts, oid: str, *, said: str = "", complaint: str = "", status: int = 200
) -> Response:
    with p.db.web(found.scope) as conn:
        row = organisations.one(conn, found.scope, oid)
        if row is None:
            raise NotFound("Такой организации нет.")
        history = organisations.history(conn, found.scope, oid)
        names = organisations.names(conn, found.scope.region)
        known = organisations.districts(conn, found.scope.region)
        sees = found.account.role != "admin"
        attached = _attached(conn, found).get(oid, 0) if sees else 0
    about = [
        ("OID", row.oid, ""),
        ("Полное название", row.name, ""),
        ("Головная организация", row.parent, f"/organisations/{row.parent_oid}" if row.parent_oid else ""),
        ("Онкокабинет или ЦАОП", row.office, f"/organisations/{row.office_oid}" if row.office_oid else ""),
        ("Прикреплено людей", words.number(attached) if sees else "", ""),
        ("Открытых задач", words.number(row.tasks) if sees else "", ""),
    ]
    page = CardPage(
        title=row.short_name or row.name,
        oid=row.oid,
        said=said,
        complaint=complaint,
        tags=(_heir(row, found.today),) if row.successor_oid else (),
        about=tuple(line for line in about if line[1]),
        name=row.name,
        short_name=row.short_name,
        district=row.district,
        roles=tuple(Option(code, title, code in row.roles) for code, title in ROLES.items()),
        places=tuple(Option(o, name) for o, name in names if o != oid),
        parent=row.parent_oid,
        office=row.office_oid,
        districts=tuple(known),
        today=found.today.isoformat(),
        merged=bool(row.successor_oid),
        history=tuple(_change(r, found, dict(names)) for r in history),
    )
    return render(request, "organisation.html", page, status=status)


def _change(r: RecordRow, found: Reader, names: dict[str, str]) -> Change:
    told = []
    for column in (c for c in COLUMNS if c in r.changes):
        value = r.changes[column]
        if column == "succeeded_on" or (column == "successor_oid" and not value):
            continue
        text = roles(tuple(value)) if column == "roles" else names.get(str(value), str(value))
        told.append(f"{COLUMNS.get(column, column)}: {text or '—'}")
    first = r.kind == "loaded" and r.known_at.year < 1950  # what was known before the first change
    return Change(
        on=words.day(r.since, found.today) if r.since else "",
        what="как было"
        if first
        else "реорганизация отменена"
        if "successor_oid" in r.changes and not r.changes["successor_oid"]
        else RECORDS.get(r.kind, r.kind),
        detail=words.joined([*told, r.reason], "; "),
        author="" if first else words.joined([r.author, words.moment(found.local(r.known_at), found.today)]),
    )


@routes.post("/organisations/{oid}/edit")
def edit(
    request: Request, found: WriterNeeded, p: PartsNeeded, oid: str, name: Annotated[str, Form()] = "",
    short_name: Annotated[str, Form()] = "", district: Annotated[str, Form()] = "",
    role: Annotated[list[str] | None, Form()] = None, parent: Annotated[str, Form()] = "",
    office: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Puts the card right."""
    need_role(found, *KEEPERS)
    values = {
        "name": name.strip()[:500], "short_name": short_name.strip()[:200], "district": district.strip()[:200],
        "roles": [r for r in ROLES if r in (role or ())], "parent_oid": parent, "office_oid": office,
    }  # fmt: skip
    try:
        with p.db.batch() as conn:
            action.edit(conn, found.scope.region, oid, values, today=found.today, by=found.account.login)
    except (UserError, Conflict) as error:
        return _card(request, found, p, oid, complaint=error.message, status=422)
    return go(f"/organisations/{oid}?done=edited")


@routes.post("/organisations/{oid}/rename")
def rename(
    request: Request, found: WriterNeeded, p: PartsNeeded, oid: str, name: Annotated[str, Form()] = "",
    short_name: Annotated[str, Form()] = "", since: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A new name from a day on."""
    need_role(found, *KEEPERS)
    try:
        with p.db.batch() as conn:
            action.rename(
                conn, found.scope.region, oid, name=name[:500], short_name=short_name[:200], since=day_of(since),
                reason=reason[:1000], today=found.today, by=found.account.login,
            )  # fmt: skip
    except (UserError, Conflict) as error:
        return _card(request, found, p, oid, complaint=error.message, status=422)
    return go(f"/organisations/{oid}?done=renamed")


@routes.post("/organisations/{oid}/merge")
def merge(
    request: Request, found: WriterNeeded, p: PartsNeeded, oid: str, successor: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """From a day on the successor owes and sees what this organisation owed and saw."""
    need_role(found, *KEEPERS)
    try:
        with p.db.batch() as conn:
            action.merge(
                conn, found.scope.region, oid, successor, since=day_of(since), reason=reason[:1000], today=found.today,
                by=found.account.login,
            )  # fmt: skip
    except (UserError, Conflict) as error:
        return _card(request, found, p, oid, complaint=error.message, status=422)
    return go(f"/organisations/{oid}?done=merged")


@routes.post("/organisations/{oid}/cancel")
def cancel(request: Request, found: WriterNeeded, p: PartsNeeded, oid: str, reason: Annotated[str, Form()] = "") -> Response:
    """The merger was a mistake."""
    need_role(found, *KEEPERS)
    try:
        with p.db.batch() as conn:
            action.cancel_merger(
                conn, found.scope.region, oid, reason=reason[:1000], today=found.today, by=found.account.login
            )
    except (UserError, Conflict) as error:
        return _card(request, found, p, oid, complaint=error.message, status=422)
    return go(f"/organisations/{oid}?done=cancelled")


def day_of(text: str) -> date:
    """A date of a form. Raises UserError."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError("Укажите дату") from error
