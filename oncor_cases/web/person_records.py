"""The records behind a patient: whose they are, since when they are taken for this patient and why, which were parted."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response

from oncor_cases.store import person_records
from oncor_cases.store.person_records import RecordRow
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, looked
from oncor_cases.web.identity import _person
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Tag, render

routes = APIRouter()
REASONS = {
    "identifiers": "общий СНИЛС, полис или номер карты", "insured": "тот же СНИЛС или полис в списке застрахованных",
    "likeness": "совпали имя, дата рождения и пол", "different": "ответили, что это разные люди",
}  # fmt: skip
RECORDS, ALL_RECORDS = 200, 5_000
FIRST = "первая запись о пациенте"  # nothing joined it: the person began with it


@dataclass(frozen=True, slots=True)
class RecordLine:
    """One record: who wrote it and what, when it was joined and why, and whether it was parted."""

    sender: str
    who: str
    about: str
    since: str
    why: str
    tag: Tag
    parted: str


@dataclass(frozen=True, slots=True)
class RecordsPage:
    """The records of one patient."""

    title: str
    who: str
    back: str
    wrong_href: str
    rows: tuple[RecordLine, ...]
    shown: str
    more_href: str


@routes.get("/case/{public_id}/records")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, public_id: str,
    everything: Annotated[bool, Query(alias="all")] = False,
) -> Response:  # fmt: skip
    """Joined and parted records of a patient in scope."""
    with p.db.web(found.scope) as conn:
        person = _person(conn, found, public_id)
        rows = person_records.of_person(conn, found.scope, person.id, ALL_RECORDS if everything else RECORDS)
        looked(conn, found, "person_records", person.id)
    base = f"/case/{person.public_id}"
    of = rows[0].of if rows else 0
    page = RecordsPage(
        title="Записи о пациенте",
        who=full_name(person.family, person.given, person.patronymic),
        back=base,
        wrong_href=f"{base}/wrong",
        rows=tuple(_line(row, found) for row in rows),
        shown=f"Показано {words.number(len(rows))} из {words.number(of)}: сначала нынешние, затем отделённые последними."
        if of > len(rows)
        else "",
        more_href="" if everything else f"{base}/records?all=1",
    )
    return render(request, "person_records.html", page)


def _line(r: RecordRow, found: Reader) -> RecordLine:
    sender = "Список застрахованных" if r.source == "insured" else words.sender(r.sender) or "Отправитель не назван"
    born = words.day(r.birth_date) if r.birth_date else "дата рождения не указана"
    return RecordLine(
        sender=sender if r.source else "Запись теперь у другого пациента",
        who=full_name(r.family, r.given, r.patronymic) if r.source else "",
        about=words.joined([born, words.snils_masked(r.snils)]) if r.source else "",
        since=words.day(found.local(r.since).date(), found.today),
        why=FIRST if r.first and not r.author else words.joined([REASONS.get(r.reason, f"«{r.reason}»"), r.author]),
        tag=Tag(f"отделена {words.day(found.local(r.until).date(), found.today)}", "soon") if r.until else Tag(""),
        parted=words.joined([REASONS.get(r.parted_reason, f"«{r.parted_reason}»"), r.parted_by])
        if r.until and r.parted_reason
        else "",
    )
