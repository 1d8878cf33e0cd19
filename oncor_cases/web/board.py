"""What is overdue, grouped by rule: the page of a clinic head, who answers here for what is late, and of a coordinator,
who sees what nobody answered for. Also for a past day: as shown then, or computed."""

import secrets
from typing import Annotated
from urllib.parse import urlencode
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Query, Request
from fastapi.responses import Response

from oncor_cases.actions import acknowledge
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import acknowledgements, board
from oncor_cases.store.inbox import WIDE
from oncor_cases.web import board_page, then, words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, public
from oncor_cases.web.board_page import MONTH, Answered, Asked
from oncor_cases.web.pages import go, render
from oncor_cases.web.rules import rules

routes = APIRouter()


@routes.get("/overdue")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, clinic: str = "", rule: str = "", on: str = "",
    how: Annotated[str, Query(alias="as")] = "", known: str = "", done: int = 0,
) -> Response:  # fmt: skip
    """Counts by rule; the tasks that wait for a word of the head, with the form beside them."""
    said = f"Объяснение записано: {words.count(done, 'задача', 'задачи', 'задач')}." if done else ""
    return _page(request, p, found, Asked(clinic[:80], rule[:20], on, how, known), Answered(said=said))


async def fields_of(request: Request) -> dict[str, list[str]]:
    """The form's fields; the tasks come as a list."""
    given = await request.form()
    return {name: [v.strip() for v in given.getlist(name) if isinstance(v, str)] for name in given}


@routes.post("/overdue")
def answer(
    request: Request, found: WriterNeeded, p: PartsNeeded, given: Annotated[dict[str, list[str]], Depends(fields_of)]
) -> Response:
    """A head answers for one task or several at once; what does not fit comes back with the form filled in."""

    def one(name: str) -> str:
        return (given.get(name) or [""])[0]

    asked = Asked(one("clinic")[:80], one("rule")[:20])
    tasks = [public(text) for text in given.get("task", [])]
    try:
        outcome = acknowledge.acknowledge_several(
            p.db, tasks, reason=one("reason"), note=one("note")[:2000], until=then.day_of(one("until"), "до какого дня"),
            by=found.scope, today=found.today, once=one("key")[:80],
        )  # fmt: skip
        if outcome.refused:
            raise UserError("; ".join(outcome.refused))
    except UserError as error:
        back = Answered(
            complaint=error.message, reason=one("reason"), note=one("note")[:2000], until=one("until"),
            chosen=frozenset(str(t) for t in tasks),
        )  # fmt: skip
        return _page(request, p, found, asked, back, 422)
    query = urlencode({k: v for k, v in (("clinic", asked.clinic), ("rule", asked.rule), ("done", outcome.done)) if v})
    return go(f"/overdue?{query}")


@routes.post("/overdue/withdraw")
def take_back(
    found: WriterNeeded, p: PartsNeeded, person: Annotated[str, Form()] = "", task: Annotated[str, Form()] = "",
    clinic: Annotated[str, Form()] = "", rule: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The word on one task does not hold any more."""
    address: UUID = public(person)
    try:
        acknowledge.withdraw(p.db, About(address, public(task)), by=found.scope, today=found.today)
    except UserError as error:
        raise Conflict(error.message) from error
    query = urlencode({k: v for k, v in (("clinic", clinic[:80]), ("rule", rule[:20])) if v})
    return go(f"/overdue?{query}" if query else "/overdue")


def _page(request: Request, p: Parts, found: Reader, asked: Asked, answered: Answered, status: int = 200) -> Response:
    known = rules(p, found)
    calendar = known.calendar
    day = then.asked(found, asked.on, asked.how, asked.known)
    past = then.source(p, found, day, asked.clinic)
    with p.db.web(found.scope) as conn:
        by_rule = board.by_rule(conn, found.scope, day.day, asked.clinic, past.source, day.known_on)
        wide = found.account.role in WIDE or len(found.account.orgs) > 1
        by_clinic = (
            board.by_clinic(conn, found.scope, day.day, past.source, day.known_on) if wide and not asked.clinic else []
        )
        silent = answers = reasons = ()
        if not day.past:
            silent = board.listed(conn, found.scope, day.day, clinic=asked.clinic, rule=asked.rule)
            answers = board.listed(conn, found.scope, day.day, clinic=asked.clinic, rule=asked.rule, answered=True)
            reasons = acknowledgements.reasons(conn, found.scope, day.day - MONTH, day.day, asked.clinic)
        speaks = not day.past and found.speaks
        looked(conn, found, "overdue", None, day.day.isoformat() if day.past else "")
    page = board_page.page(
        by_rule, by_clinic, silent, answers, reasons, asked=asked, answered=answered, day=day, today=found.today,
        calendar=calendar, book=known.book, speaks=speaks, key=secrets.token_hex(8), failed=past.failed,
    )  # fmt: skip
    return render(request, "overdue.html", page, status=status)
