"""«Уведомления»: what the reader was told of, unread first. There is no other channel: nothing leaves the system."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import notices as action
from oncor_cases.kernel.numbers import LARGEST
from oncor_cases.store import notices
from oncor_cases.store.notices import Told
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Tag, go, render

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class Line:
    """One notice."""

    id: int
    on: str
    what: str
    href: str
    who: str
    icd10: str
    todo: str
    due: str
    place: str
    stands_for: str
    level: Tag
    unread: bool
    closed: bool


@dataclass(frozen=True, slots=True)
class NoticesPage:
    """The reader's notices; `unread` says how many wait."""

    title: str
    summary: str
    unread: int
    rows: tuple[Line, ...]


@routes.get("/notices")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """Unread ones, then those of the last thirty days."""
    with p.db.web(found.scope) as conn:
        rows = notices.mine(conn, found.scope, found.today)
        looked(conn, found, "notices", None)
    unread = found.account.unread
    summary = words.count(unread, "непрочитанное", "непрочитанных", "непрочитанных") if unread else "непрочитанных нет"
    page = NoticesPage("Уведомления", summary, unread, tuple(_line(r, found) for r in rows))
    return render(request, "notices.html", page)


@routes.post("/notices/read")
def read(found: WriterNeeded, p: PartsNeeded, notice: Annotated[int | None, Form(ge=1, le=LARGEST)] = None) -> Response:
    """One is read, or all of them."""
    action.read(p.db, None if notice is None else [notice], by=found.scope)
    return go("/notices")


def _line(r: Told, found: Reader) -> Line:
    level = {"head": "задача дошла до заведующего", "coordinator": "задача дошла до координатора региона"}
    return Line(
        id=r.id,
        on=words.day(r.on_day, found.today),
        what=level.get(r.level, words.LEVELS.get(r.level, r.level)),
        href=f"/case/{r.person}?task={r.task}",
        who=full_name(r.family, r.given, r.patronymic),
        icd10=r.icd10,
        todo=words.joined([duty(r.rule).title, subject_words(r.subject)], ": "),
        due=words.day(r.due, found.today),
        place=r.owner_name,
        stands_for=r.stands_for,
        level=Tag(words.LEVELS.get(r.level, r.level), {"head": "soon", "coordinator": "late"}.get(r.level, "")),
        unread=r.unread,
        closed=r.closed,
    )
