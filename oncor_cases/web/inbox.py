"""The inbox: GET / is one list; POST /search finds a person without putting a name into an address."""

from dataclasses import dataclass, replace
from datetime import date
from time import monotonic
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import JSONResponse, Response

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.codes import enp as read_enp
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.errors import UserError
from oncor_cases.kernel.numbers import LARGEST, whole
from oncor_cases.store import inbox, likeness_page, people, upcoming
from oncor_cases.store.inbox import After, Filters, TaskRow
from oncor_cases.store.session import Connection, Scope
from oncor_cases.web import inbox_page, then, words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked
from oncor_cases.web.pages import render
from oncor_cases.web.rules import rules
from oncor_cases.web.then import Then

routes = APIRouter()
LONG, FRESH = 3000, 30.0  # rows; seconds
_counted: dict[tuple[str, Scope, date], tuple[float, inbox.Counts]] = {}


@routes.get("/")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded,
    tab: str = "clinic", rule: str = "", level: str = "", clinic: str = "", after: str = "", on: str = "",
    how: Annotated[str, Query(alias="as")] = "", known: str = "",
) -> Response:  # fmt: skip
    """A list of tasks, or its block for htmx; of a past day if one is asked for."""
    filters = _filters(tab, rule, level, clinic)
    days = rules(p, found).calendar
    day = then.asked(found, on, how, known)
    if day.past:
        return _past(request, p, found, filters, day, read_after(after))
    with p.db.web(found.scope) as conn:
        rows, counts, soon = _read(conn, p, found, filters, days, read_after(after))
        clinics = inbox.clinics(conn, found.scope)
        looked(conn, found, "inbox", None, filters.tab)
    page = inbox_page.page(rows, counts, soon, clinics, filters, found.account.role, found.today, days)
    return render(request, "inbox.html", page, block="list")


def _past(request: Request, p: Parts, found: Reader, filters: Filters, day: Then, key: After | None) -> Response:
    """The list of a past day: read from the history, or computed."""
    if filters.tab in inbox_page.NOT_PAST:
        filters = replace(filters, tab="clinic")
    past = then.source(p, found, day, filters.clinic)
    scope = found.scope_on(day.day, day.known_on)
    with p.db.web(scope) as conn:
        rows = inbox.page(conn, scope, filters, day.day, key, source=past.source.sql, more=past.source.values)
        counts = inbox.counts(conn, scope, day.day, past.source.sql, past.source.values)
        clinics = inbox.clinics(conn, scope)
        looked(conn, found, "inbox", None, f"{filters.tab} {day.day}")
    calendar = rules(p, found).calendar
    page = inbox_page.page(rows, counts, 0, clinics, filters, found.account.role, found.today, calendar, day, past.failed)
    return render(request, "inbox.html", page, block="list")


@routes.get("/changes")
def changes(
    found: ReaderNeeded, p: PartsNeeded,
    tab: str = "clinic", rule: str = "", level: str = "", clinic: str = "", after: str = "",
) -> Response:  # fmt: skip
    """Has the open list changed? Only its mark, no patient: the page asks every minute and then asks for the list."""
    days = rules(p, found).calendar
    with p.db.web(found.scope) as conn:
        rows, counts, soon = _read(conn, p, found, _filters(tab, rule, level, clinic), days, read_after(after))
    return JSONResponse({"mark": inbox_page.mark(rows, counts, soon)})


def _filters(tab: str, rule: str, level: str, clinic: str) -> Filters:
    """What was asked for, cut to what can be."""
    return Filters(tab if tab in inbox.TABS else "clinic", rule[:20], level[:20], clinic[:80])


def _read(
    conn: Connection, p: Parts, found: Reader, filters: Filters, days: Calendar, key: After | None
) -> tuple[list[TaskRow], inbox.Counts, int]:
    """Rows of one page, the tabs' numbers, the number of upcoming clocks."""
    soon = upcoming.count(conn, found.scope, found.today, days)
    if filters.tab == "upcoming":
        rows = upcoming.page(conn, found.scope, filters, found.today, days, key)
    else:
        rows = inbox.page(conn, found.scope, filters, found.today, key)
    return rows, _counts(conn, p, found), soon


def _counts(conn: Connection, p: Parts, found: Reader) -> inbox.Counts:
    """The tabs' numbers. Of a list of thousands nobody notices that they are half a minute old."""
    key = (p.db.url, found.scope, found.today)
    kept = _counted.get(key)
    if kept is None or monotonic() > kept[0]:
        counts = inbox.counts(conn, found.scope, found.today)
        kept = _counted[key] = (monotonic() + (FRESH if counts.clinic + counts.waiting > LONG else 0), counts)
    return kept[1]


def read_after(text: str) -> After | None:
    """`2026-03-05.1.4711`; a spoilt key starts the list anew."""
    try:
        due, danger, id = text.split(".")
        return After(date.fromisoformat(due), whole(danger, 0, 32_767), whole(id, 0, LARGEST))
    except (ValueError, UserError):
        return None


@dataclass(frozen=True, slots=True)
class Person:
    """A person found by name or number."""

    href: str
    who: str
    born: str
    snils: str
    org: str
    tasks: str


@dataclass(frozen=True, slots=True)
class SearchPage:
    """Up to fifty persons; more means the question was too wide."""

    title: str
    summary: str
    rows: tuple[Person, ...]
    advice: str
    residents: tuple[Person, ...] = ()


@routes.post("/search")
def search(request: Request, found: WriterNeeded, p: PartsNeeded, q: Annotated[str, Form()] = "") -> Response:
    """Persons in the reader's scope by the beginning of a name or by the insurance number."""
    asked = " ".join(q.split())[:100]
    number = read_snils(asked)
    policy = read_enp(asked) or ""
    with p.db.web(found.scope) as conn:
        rows = people.search(conn, found.scope, asked, number or "", policy) if number or len(asked) >= 2 else []
        insured = likeness_page.resident(conn, found.scope, number or "", policy) if number or policy else []
        for r in rows:
            looked(conn, found, "found", r.id)
        for r in insured:
            looked(conn, found, "found_resident", r.person_id)
    persons = tuple(
        Person(
            href=f"/case/{r.public_id}",
            who=inbox_page.full_name(r.family, r.given, r.patronymic),
            born=words.joined([words.day(r.birth_date), words.age(r.birth_date, found.today)]) if r.birth_date else "",
            snils=words.snils_masked(r.snils),
            org=r.attached_name,
            tasks=words.count(r.tasks, "открытая задача", "открытые задачи", "открытых задач") if r.tasks else "—",
        )
        for r in rows
    )
    summary = words.count(len(rows), "человек", "человека", "человек") + (
        ", уточните запрос" if len(rows) >= people.FOUND else ""
    )
    listed = tuple(
        Person(
            href="",
            who=inbox_page.full_name(r.family, r.given, r.patronymic),
            born=words.joined([words.day(r.born), words.age(r.born, found.today)]),
            snils=words.snils_masked(r.snils),
            org=r.org_name,
            tasks=f"выбыл из списка {words.day(r.gone_on)}" if r.gone_on else "застрахован, случая нет",
        )
        for r in insured
    )
    if listed and not persons:
        summary = "среди пациентов никого"
    page = SearchPage("Поиск", summary, persons, _advice(asked, number or policy), listed)
    return render(request, "search.html", page)


def _advice(asked: str, number: str | None) -> str:
    digits = sum(c.isdigit() for c in asked)
    if digits >= 9 and not number:
        return "В СНИЛС или полисе ошибка: контрольные цифры не сходятся."
    if len(asked) < 2:
        return "Введите начало фамилии или СНИЛС."
    return "Проверьте написание: достаточно начала фамилии, имени. Видны только пациенты вашей организации."
