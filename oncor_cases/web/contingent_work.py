"""Tasks from a list: what would be given to whom, then given."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import assigning
from oncor_cases.contingents.expression import parsed, plain
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import case, contingents, inbox
from oncor_cases.store.inbox import WIDE
from oncor_cases.web import expression_form, words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.contingent_builder import build_address
from oncor_cases.web.contingent_words import expression_words, people, titles
from oncor_cases.web.pages import Option, go, render

routes = APIRouter()
AT_ONCE = 1000  # persons whose tasks are there before the answer; those of more come with the next sweep
LATER = "Список большой: задачи появятся у клиник после ближайшего разбора"
TEXT = "Связаться и пригласить на приём к онкологу"


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """What one clinic would get."""

    name: str
    fresh: str
    have: str
    dead: str


@dataclass(frozen=True, slots=True)
class WorkPage:
    """The preview with the form that gives the work."""

    title: str
    set_words: str
    summary: str
    notes: tuple[str, ...]
    clinics: tuple[ClinicLine, ...]
    complaint: str
    expression: str
    name: str
    text: str
    due: str
    owners: tuple[Option, ...]
    button: str
    nothing: bool
    back: str


@routes.get("/contingents/work")
def preview(request: Request, found: ReaderNeeded, p: PartsNeeded, e: str = "") -> Response:
    """Nothing is written here: how many, by clinic, who has it already, who died."""
    need_role(found, *assigning.GIVERS)
    return render(request, "work.html", _page(found, p, e))


@routes.post("/contingents/work")
def give(
    request: Request, found: WriterNeeded, p: PartsNeeded, e: Annotated[str, Form()],
    text: Annotated[str, Form()] = "", due: Annotated[str, Form()] = "", owner: Annotated[str, Form()] = "",
    name: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Gives the work and shows it on the page of the list."""
    need_role(found, *assigning.GIVERS)
    try:
        given = assigning.give(
            p.db, found.scope, expression_form.read(e), name=name, owner=owner, due=_day(due), text=text, today=found.today
        )
    except UserError as error:
        page = _page(found, p, e, complaint=error.message, text=text, due=due, owner=owner, name=name)
        return render(request, "work.html", page, status=422)
    if len(given.persons) <= AT_ONCE:
        sweep_persons(p.db, found.scope.region, given.persons, found.today)
    return go(f"/contingents/{given.address}?tab=work")


def _page(
    found: Reader, p: Parts, e: str, *, complaint: str = "", text: str = TEXT, due: str = "", owner: str = "", name: str = ""
) -> WorkPage:
    expression = parsed(expression_form.read(e))
    seen = assigning.preview(p.db, found.scope, plain(expression), found.today)
    with p.db.web(found.scope) as conn:
        clinics = inbox.clinics(conn, found.scope)
        orgs = case.organisations(conn, found.scope) if found.account.role in WIDE else list(found.around.orgs)
        called = titles(contingents.listed(conn, found.scope), clinics)
        looked(conn, found, "contingent_work", None)
    said = expression_words(expression, called)
    notes = [
        f"у {people(seen.have)} такое поручение уже открыто" if seen.have else "",
        f"умерли: {people(seen.dead)}, поручения не получат" if seen.dead else "",
        LATER if seen.fresh > AT_ONCE else "",
        f"нет в базе: {people(seen.unknown)}" if seen.unknown else "",
    ]
    return WorkPage(
        title="Поставить задачи",
        set_words=said,
        summary=f"Задачу получат: {people(seen.fresh)} из {words.number(seen.persons)}",
        notes=tuple(n for n in notes if n),
        clinics=tuple(
            ClinicLine(c.name or "не прикреплены", words.number(c.fresh), words.number(c.have), words.number(c.dead))
            for c in seen.clinics
        ),
        complaint=complaint,
        expression=json.dumps(plain(expression)),
        name=name or said[:200],
        text=text,
        due=due or seen.due.isoformat(),
        owners=(
            Option("", "клиника прикрепления каждого", not owner),
            *(Option(oid, title, oid == owner) for oid, title in orgs),
        ),
        button=f"Поставить {words.count(seen.fresh, 'задачу', 'задачи', 'задач')}",
        nothing=seen.fresh == 0,
        back=build_address(expression),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise UserError("Укажите срок") from error
