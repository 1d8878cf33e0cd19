"""Statistics of time and routing: GET /statistics counts, GET /statistics/people shows who stands behind a number."""

from datetime import timedelta
from time import monotonic
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from oncor_cases.actions.statistics import Question, ask, people
from oncor_cases.actions.then import past
from oncor_cases.store import board, inbox
from oncor_cases.store.session import Scope
from oncor_cases.store.statistics import BY
from oncor_cases.web import statistics_page, then
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, looked, need_role
from oncor_cases.web.pages import render
from oncor_cases.web.rules import rules
from oncor_cases.web.statistics_page import Asked

routes = APIRouter()
ROLES = ("head", "coordinator", "methodologist")
YEAR = timedelta(days=364)
LONG, FRESH = 0.5, 60.0  # seconds
_kept: dict[tuple[str, Scope, Question], tuple[float, dict[str, Any]]] = {}


def _asked(found: Reader, first: str, last: str, by: str, clinic: str, site: str, on: str, how: str, known: str) -> Asked:
    """What was asked for, with the last year by default. Raises UserError for days that cannot be."""
    need_role(found, *ROLES)
    day = then.asked(found, on, how, known)
    until = then.day_of(last, "конец периода") if last else day.day
    since = then.day_of(first, "начало периода") if first else until - YEAR
    by = by if by in BY else "clinic"
    return Asked(Question(since, until, day.day, by, clinic[:80], site[:10].upper(), day.known_on), day)


@routes.get("/statistics")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "", by: str = "clinic", clinic: str = "", site: str = "", on: str = "",
    how: Annotated[str, Query(alias="as")] = "", known: str = "",
) -> Response:  # fmt: skip
    """Counts only, no patient. What was shown on a past day is its overdue tasks, from the history; the rest is computed."""
    asked = _asked(found, first, last, by, clinic, site, on, how, known)
    shown = asked.then.past and asked.then.known_on is None
    told = None if shown else _counted(p, found, asked.question)
    with p.db.web(found.scope) as conn:
        clinics = inbox.clinics(conn, found.scope)
        tasks = []
        if shown:
            source = past(p.db, found.scope, asked.then.day, known_on=None).source
            tasks = board.by_rule(conn, found.scope, asked.then.day, asked.question.clinic, source)
        looked(conn, found, "statistics", None)
    page = statistics_page.page(told, tasks, clinics, asked, found.today, rules(p, found).book)
    return render(request, "statistics.html", page)


def _counted(p: Parts, found: Reader, question: Question) -> dict[str, Any]:
    """What the page shows. Of a whole region nobody notices that it is a minute old."""
    key = (p.db.url, found.scope, question)
    kept = _kept.get(key)
    if kept is None or monotonic() > kept[0]:
        began = monotonic()
        told = ask(p.db, found.scope, question)
        took = monotonic() - began
        for old in [k for k, (until, _) in _kept.items() if until < began]:
            del _kept[old]
        kept = _kept[key] = (began + (FRESH if took > LONG else 0), told)
    return kept[1]


@routes.get("/statistics/people")
def who(
    request: Request, found: ReaderNeeded, p: PartsNeeded, what: str, first: Annotated[str, Query(alias="from")] = "",
    last: Annotated[str, Query(alias="to")] = "", by: str = "clinic", clinic: str = "", site: str = "", month: str = "",
    on: str = "", how: Annotated[str, Query(alias="as")] = "", known: str = "",
) -> Response:  # fmt: skip
    """The people behind one number, in the reader's scope; the look is audited with the number's name."""
    asked = _asked(found, first, last, by, clinic, site, on, how, known)
    month = month and f"{then.day_of(month, 'месяц'):%Y-%m-01}"
    with p.db.web(found.scope) as conn:
        rows = people(p.db, found.scope, asked.question, what[:60], month=month, conn=conn)
        looked(conn, found, "statistics_people", None, what[:60])
    return render(request, "statistics_people.html", statistics_page.people_page(rows, what, asked, month, found.today))
