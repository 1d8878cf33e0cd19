"""Where one person belongs: attachments and categories with their sources and dates, and what a registrar may say of it."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

from oncor_cases.actions import places as action
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import case, decisions, organisations, places
from oncor_cases.store.case import PersonRow
from oncor_cases.store.places import PlaceRow
from oncor_cases.store.session import Connection
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, public
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.organisations import day_of
from oncor_cases.web.pages import Option, go, render
from oncor_cases.web.place_words import ATTACHMENTS, CATEGORY_WORDS, SOURCES

routes = APIRouter()
MAY = ("registrar", "coordinator", "methodologist")


@dataclass(frozen=True, slots=True)
class Line:
    """One record."""

    kind: str
    what: str
    dates: str
    source: str
    old: bool


@dataclass(frozen=True, slots=True)
class PlacesPage:
    """What is known, and two forms."""

    title: str
    who: str
    back: str
    said: str
    complaint: str
    rows: tuple[Line, ...]
    may: bool
    base: str
    organisations: tuple[Option, ...]
    kinds: tuple[Option, ...]
    categories: tuple[Option, ...]
    today: str


@routes.get("/case/{public_id}/places")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, public_id: str, done: str = "") -> Response:
    """The records of a patient in scope."""
    said = "Записано, задачи пересчитаны." if done else ""
    return _page(request, found, p, public_id, said=said)


def _page(
    request: Request, found: Reader, p: Parts, public_id: str, *, said: str = "", complaint: str = "", status: int = 200
) -> Response:
    with p.db.web(found.scope) as conn:
        person = _person(conn, found, public_id)
        rows = places.of_person(conn, found.scope, person.id)
        names = organisations.names(conn, found.scope.region)
        looked(conn, found, "places", person.id)
    base = f"/case/{person.public_id}"
    page = PlacesPage(
        title="Прикрепление и категория",
        who=full_name(person.family, person.given, person.patronymic),
        back=base,
        said=said,
        complaint=complaint,
        rows=tuple(_line(r, found) for r in rows),
        may=found.account.role in MAY,
        base=base,
        organisations=tuple(Option(oid, name, oid == person.attached_org) for oid, name in names),
        kinds=tuple(Option(k, w, k == "insurance") for k, w in ATTACHMENTS.items() if k != "category"),
        categories=tuple(Option(c, w) for c, w in CATEGORY_WORDS.items()),
        today=found.today.isoformat(),
    )
    return render(request, "places.html", page, status=status)


def _line(r: PlaceRow, found: Reader) -> Line:
    dates = [f"с {words.day(r.since, found.today)}" if r.since else "", f"до {words.day(r.until)}" if r.until else ""]
    return Line(
        kind=words.upper_first(ATTACHMENTS.get(r.kind, r.kind)),
        what=CATEGORY_WORDS.get(r.what, r.what) if r.kind == "category" else r.what,
        dates=words.joined(dates, " ") or "день не назван",
        source=words.joined([SOURCES.get(r.source, r.source), r.author if r.source == "person" else "",
                             f"известно с {words.day(r.known_on, found.today)}"]),
        old=r.ended,
    )  # fmt: skip


@routes.post("/case/{public_id}/attach")
def attach(
    request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str, kind: Annotated[str, Form()] = "",
    org: Annotated[str, Form()] = "", since: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A clinic from a day on."""
    _may(found)
    try:
        day = day_of(since)
        with p.db.web(found.scope) as conn:
            person = _person(conn, found, public_id)
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
            action.attach(conn, found.scope.region, person.id, kind, org, day, by=found.account.login, at=at)
    except (UserError, Conflict) as error:
        return _page(request, found, p, public_id, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, [person.id], found.today)
    return go(f"/case/{person.public_id}/places?done=1")


@routes.post("/case/{public_id}/category")
def categorise(
    request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str, category: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A category from a day on, or its end."""
    _may(found)
    try:
        day = day_of(since)
        with p.db.web(found.scope) as conn:
            person = _person(conn, found, public_id)
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
            action.categorise(conn, found.scope.region, person.id, category, day, by=found.account.login, at=at)
    except (UserError, Conflict) as error:
        return _page(request, found, p, public_id, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, [person.id], found.today)
    return go(f"/case/{person.public_id}/places?done=1")


def _may(found: Reader) -> None:
    if found.account.role not in MAY:
        raise HTTPException(403, "Прикрепление записывает регистратор или координатор.")


def _person(conn: Connection, found: Reader, public_id: str) -> PersonRow:
    person = case.person(conn, found.scope, public(public_id))
    if person is None:
        raise NotFound("Такого пациента нет.")
    return person
