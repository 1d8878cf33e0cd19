"""The backlog of a region that went live: how much waits, and how a clinic head lets it in."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import backlog as action
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.kernel.numbers import LARGEST, whole, whole_or
from oncor_cases.store import backlog, decisions
from oncor_cases.store.inbox import WIDE
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.duties import duty
from oncor_cases.web.pages import Option, Tag, go, render

routes = APIRouter()
READERS = ("head", "coordinator", "methodologist")
MAY = ("head", "coordinator")
DANGER = ((1, "высокая", "late"), (3, "средняя", "soon"), (99, "обычная", ""))


@dataclass(frozen=True, slots=True)
class DutyLine:
    """What waits of one duty."""

    title: str
    code: str
    waiting: str
    persons: str
    oldest: str
    danger: Tag


@dataclass(frozen=True, slots=True)
class ClinicLine:
    """What waits at one clinic."""

    title: str
    href: str
    waiting: str
    released: str
    per_day: str
    oldest: str
    left: str


@dataclass(frozen=True, slots=True)
class BacklogPage:
    """Counts by duty, the two ways to release, and clinics for those who answer for several."""

    title: str
    summary: str
    lead: str
    said: str
    complaint: str
    clinic: str
    clinic_name: str
    whole_href: str
    duties: tuple[DutyLine, ...]
    clinics: tuple[ClinicLine, ...]
    rules: tuple[Option, ...]
    may: bool
    per_day: int
    largest: int


@routes.get("/backlog")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, clinic: str = "", done: str = "") -> Response:
    """Counts only, no patient."""
    need_role(found, *READERS)
    n = whole_or(done, 0, LARGEST, 0)
    said = f"Выпущено: {words.count(n, 'обязанность', 'обязанности', 'обязанностей')}. Они в списке задач." if n else ""
    if done == "pace":
        said = "Порция записана: её выпустит утренний разбор рабочего дня."
    elif done == "0":
        said = "Выпускать нечего."
    return _page(request, found, p, clinic[:128], said=said)


def _page(
    request: Request, found: Reader, p: Parts, clinic: str, *, said: str = "", complaint: str = "", status: int = 200
) -> Response:
    with p.db.web(found.scope) as conn:
        live = action.live_from(conn, found.scope.region)
        clinics = backlog.by_clinic(conn, found.scope)
        if not clinic and len(found.account.orgs) == 1 and found.account.role not in WIDE:
            clinic = found.account.orgs[0]
        duties = backlog.by_duty(conn, found.scope, clinic)
        looked(conn, found, "backlog", None)
    mine = next((c for c in clinics if c.org == clinic), None)
    waiting = sum(d.waiting for d in duties)
    page = BacklogPage(
        title="Очередь ввода",
        summary=words.count(waiting, "обязанность ждёт", "обязанности ждут", "обязанностей ждут"),
        lead=(
            f"Просроченное к {words.day(live)} по данным, загруженным до этого дня. Задачей становится только выпущенное."
            if live
            else "Регион работает без очереди: просроченное сразу становится задачами."
        ),
        said=said,
        complaint=complaint,
        clinic=clinic,
        clinic_name=mine.name if mine else "",
        whole_href="/backlog" if clinic and len(clinics) > 1 else "",
        duties=tuple(
            DutyLine(
                duty(d.rule).title, d.rule, words.number(d.waiting), words.number(d.persons),
                words.day(d.oldest, found.today), _danger(d.danger),
            )
            for d in duties
        ),
        clinics=tuple(
            ClinicLine(
                c.name, f"/backlog?clinic={c.org}", words.number(c.waiting), words.number(c.released),
                words.number(c.per_day) if c.per_day else "—", words.day(c.oldest, found.today) if c.oldest else "—",
                _left(c.waiting, c.per_day),
            )
            for c in clinics
        )
        if len(clinics) > 1 or found.account.role in WIDE
        else (),
        rules=(Option("", "все обязанности"), *(Option(d.rule, f"{duty(d.rule).title} ({d.waiting})") for d in duties)),
        may=found.account.role in MAY and bool(clinic) and _owns(found, clinic),
        per_day=mine.per_day if mine else 0,
        largest=action.LARGEST,
    )  # fmt: skip
    return render(request, "backlog.html", page, status=status)


def _danger(danger: int) -> Tag:
    return next(Tag(word, tone) for most, word, tone in DANGER if danger <= most)


def _left(waiting: int, per_day: int) -> str:
    if not waiting:
        return "очередь пуста"
    if not per_day:
        return "порции не заданы"
    return words.count(-(-waiting // per_day), "рабочий день", "рабочих дня", "рабочих дней")


def _owns(found: Reader, clinic: str) -> bool:
    return found.account.role in WIDE or clinic in found.account.orgs


@routes.post("/backlog/release")
def release(
    request: Request, found: WriterNeeded, p: PartsNeeded, clinic: Annotated[str, Form()] = "",
    number: Annotated[str, Form()] = "", rule: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """The most dangerous of a clinic become tasks at once."""
    _may(found, clinic)
    try:
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
            persons = action.release(
                conn, found.scope.region, clinic, _number(number, 1), rule=rule, today=found.today, by=found.account.login,
                at=at,
            )  # fmt: skip
    except UserError as error:
        return _page(request, found, p, clinic, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, sorted(set(persons)), found.today)
    return go(f"/backlog?clinic={clinic}&done={len(persons)}")


@routes.post("/backlog/pace")
def pace(
    request: Request, found: WriterNeeded, p: PartsNeeded, clinic: Annotated[str, Form()] = "",
    per_day: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """So many each working day, with the morning's sweep."""
    _may(found, clinic)
    try:
        with p.db.batch() as conn:
            action.set_pace(conn, found.scope.region, clinic, _number(per_day, 0), by=found.account.login)
    except UserError as error:
        return _page(request, found, p, clinic, complaint=error.message, status=422)
    return go(f"/backlog?clinic={clinic}&done=pace")


def _may(found: Reader, clinic: str) -> None:
    need_role(found, *MAY)
    if not clinic or not _owns(found, clinic):
        raise NotFound("Такой клиники нет.")


def _number(text: str, least: int) -> int:
    return whole(text, least, action.LARGEST, "Сколько")
