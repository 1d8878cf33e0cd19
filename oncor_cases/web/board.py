"""What is overdue, grouped by rule: the page of a clinic head and, with clinics, of a coordinator."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.store import board
from oncor_cases.store.inbox import WIDE, Filters
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, ReaderNeeded, looked
from oncor_cases.web.duties import duty
from oncor_cases.web.inbox_page import address, days_past
from oncor_cases.web.pages import Tag, render
from oncor_cases.web.rules import rules

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One rule or one clinic; `href` opens its tasks."""

    title: str
    code: str
    href: str
    tasks: str
    persons: str
    untaken: str
    raised: str
    oldest: str
    age: str
    tag: Tag


@dataclass(frozen=True, slots=True)
class BoardPage:
    """Overdue by rule, and by clinic for those who answer for several."""

    title: str
    summary: str
    rules: tuple[Line, ...]
    clinics: tuple[Line, ...]
    clinic: str
    whole_href: str


@routes.get("/overdue")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, clinic: str = "") -> Response:
    """Counts only: no patient on this page, the lines lead to the lists."""
    calendar, today = rules(p, found).calendar, found.today
    with p.db.web(found.scope) as conn:
        by_rule = board.by_rule(conn, found.scope, today, clinic[:80])
        wide = found.account.role in WIDE or len(found.account.orgs) > 1
        by_clinic = board.by_clinic(conn, found.scope, today) if wide and not clinic else []
        looked(conn, found, "overdue", None)
    lines = tuple(
        Line(
            title=duty(r.rule).title,
            code=r.rule,
            href=address(Filters("clinic" if r.norm == "recalled" else "overdue", r.rule, "", clinic)),
            tasks=words.number(r.tasks),
            persons=words.number(r.persons),
            untaken=words.number(r.untaken) if r.untaken else "—",
            raised=words.number(r.raised) if r.raised else "—",
            oldest=words.day(r.oldest, today),
            age=words.past_or_left(days_past(r.oldest, today, calendar)),
            tag=Tag(words.NORM_TAGS.get(r.norm, r.norm), "late" if r.norm == "verified" else ""),
        )
        for r in by_rule
    )
    clinics = tuple(
        Line(
            title=c.name, code=c.org, href=f"/overdue?clinic={c.org}", tasks=words.number(c.tasks), persons="", untaken="",
            raised=words.number(c.raised) if c.raised else "—", oldest=words.day(c.oldest, today),
            age=words.past_or_left(days_past(c.oldest, today, calendar)), tag=Tag(""),
        )
        for c in by_clinic
    )  # fmt: skip
    total = sum(r.tasks for r in by_rule)
    summary = words.count(total, "просроченная задача", "просроченные задачи", "просроченных задач")
    page = BoardPage("Просрочено по правилам", summary, lines, clinics, clinic, "/overdue" if clinic else "")
    return render(request, "overdue.html", page)
