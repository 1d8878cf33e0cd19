"""«Отсутствие»: when I am away and who stands in; a head and a coordinator say so for their people too."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import absences as action
from oncor_cases.actions.absences import KEEPERS, fits
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import absences
from oncor_cases.store.absences import AbsenceRow, Colleague
from oncor_cases.web import then, words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked
from oncor_cases.web.pages import Option, go, render

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One absence."""

    id: int
    who: str
    when: str
    substitute: str
    mine: bool


@dataclass(frozen=True, slots=True)
class AbsencePage:
    """The form, what is written of those the reader answers for, and for whom the reader stands in today."""

    title: str
    complaint: str
    people: tuple[Option, ...]
    substitutes: tuple[Option, ...]
    first: str
    last: str
    today: str
    rows: tuple[Line, ...]
    stands_for: str


@routes.get("/absence")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """The page."""
    return _page(request, p, found)


@routes.post("/absence")
def register(
    request: Request, found: WriterNeeded, p: PartsNeeded, login: Annotated[str, Form()] = "",
    substitute: Annotated[str, Form()] = "", first: Annotated[str, Form()] = "", last: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Writes an absence; what does not fit comes back with the words of the error."""
    try:
        action.register(
            p.db, login or found.account.login, substitute, then.day_of(first, "первый день"),
            then.day_of(last, "последний день"), by=found.scope, today=found.today,
        )  # fmt: skip
    except (UserError, Conflict) as error:
        status = 409 if isinstance(error, Conflict) else 422
        return _page(request, p, found, error.message, (login, substitute, first, last), status)
    return go("/absence")


@routes.post("/absence/remove")
def remove(found: WriterNeeded, p: PartsNeeded, absence: Annotated[int, Form()] = 0) -> Response:
    """Calls one off."""
    action.remove(p.db, absence, by=found.scope, today=found.today)
    return go("/absence")


def _page(
    request: Request, p: Parts, found: Reader, complaint: str = "", given: tuple[str, str, str, str] = ("", "", "", ""),
    status: int = 200,
) -> Response:  # fmt: skip
    login, substitute, first, last = given
    me, today = found.account, found.today
    with p.db.web(found.scope) as conn:
        everybody = absences.colleagues(conn, found.scope.region)
        rows = absences.lasting(conn, found.scope.region, today)
        looked(conn, found, "absence", None)
    mine = [c for c in everybody if c.login == me.login or _under(found, c)]
    answered = {c.login for c in mine}
    fit = {s.login: s for c in mine for s in everybody if fits(c, s)}
    names = {c.login: c.name for c in everybody}
    page = AbsencePage(
        title="Отсутствие и замещение",
        complaint=complaint,
        people=tuple(Option(c.login, _named(c), c.login == (login or me.login)) for c in mine),
        substitutes=tuple(Option(s.login, _named(s), s.login == substitute) for s in fit.values()),
        first=first or today.isoformat(),
        last=last,
        today=today.isoformat(),
        rows=tuple(_line(r, found) for r in rows if r.login in answered or r.substitute == me.login),
        stands_for=words.joined([names.get(login, login) for login in found.scope.stands_for]),
    )
    return render(request, "absence.html", page, status=status)


def _under(found: Reader, c: Colleague) -> bool:
    if found.account.role in KEEPERS:
        return True
    return found.account.role == "head" and bool(c.orgs) and set(c.orgs) <= set(found.account.orgs)


def _named(c: Colleague) -> str:
    return f"{c.name}, {words.ROLES.get(c.role, c.role)}"


def _line(r: AbsenceRow, found: Reader) -> Line:
    when = f"{words.day(r.first_day, found.today)} — {words.day(r.last_day, found.today)}"
    return Line(r.id, r.name, when, r.substitute_name, r.substitute != found.account.login or r.login == found.account.login)
