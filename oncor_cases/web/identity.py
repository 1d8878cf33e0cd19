""" "Who is this?" and "wrong patient": a person says whose record it is; the links change, nothing is copied."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import decide, identity
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import case, decisions, papers, people
from oncor_cases.store.case import PersonRow
from oncor_cases.store.papers import PaperRow
from oncor_cases.store.session import Connection
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, public
from oncor_cases.web.after import sweep_persons
from oncor_cases.web.document import digest_of
from oncor_cases.web.form_page import FormField, FormPage
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Option, go, render

routes = APIRouter()
PAPERS = 5000  # documents to choose from: of one person there are never so many


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody the unknown patient may be."""

    public_id: str
    who: str
    about: str
    like: str


@dataclass(frozen=True, slots=True)
class WhoPage:
    """The unknown patient beside those they may be."""

    title: str
    known: tuple[tuple[str, str], ...]
    candidates: tuple[Candidate, ...]
    complaint: str
    q: str
    find_action: str
    link_action: str
    back: str
    searched: bool


@routes.get("/case/{public_id}/who")
def who(request: Request, found: ReaderNeeded, p: PartsNeeded, public_id: str) -> Response:
    """Persons of the reader's scope with the same name or birth date, the likeliest first."""
    return _who(request, found, p, public_id)


@routes.post("/case/{public_id}/who")
def find(request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str, q: Annotated[str, Form()] = "") -> Response:
    """The same page with the result of a search; the name travels in the form, never in the address."""
    return _who(request, found, p, public_id, q=" ".join(q.split())[:100])


@routes.post("/case/{public_id}/same")
def same(
    request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str,
    other: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """These two are one: the case goes on under the one known longer."""
    try:
        with p.db.web(found.scope) as conn:
            unknown, known = _person(conn, found, public_id), _person(conn, found, other)
        with p.db.batch() as conn:
            at = decisions.moment(conn, found.scope.region, found.today)
            moved = identity.link(
                conn, found.scope.region, unknown.id, known.id, reason=reason, by=found.account.login, at=at
            )
    except (UserError, Conflict) as error:
        return _who(request, found, p, public_id, complaint=error.message, status=422)
    sweep_persons(p.db, found.scope.region, sorted(moved.changed), found.today)
    return go(f"/case/{known.public_id}")


def _who(
    request: Request, found: Reader, p: Parts, public_id: str, *, q: str = "", complaint: str = "", status: int = 200
) -> Response:
    with p.db.web(found.scope) as conn:
        person = _person(conn, found, public_id)
        likely = identity.candidates(conn, found.scope.region, person.id)
        number = read_snils(q) or ""
        asked = people.search(conn, found.scope, q, number) if len(q) >= 2 else []
        looked(conn, found, "who_is_this", person.id)
        for c in likely:
            looked(conn, found, "found", c.id)
        for r in asked:
            looked(conn, found, "found", r.id)
    shown = [
        Candidate(
            str(c.public_id), full_name(c.family, c.given, c.patronymic),
            words.joined([words.day(c.birth_date) if c.birth_date else "", words.snils_masked(c.snils)]),
            words.joined(["совпала дата рождения" if c.same_birth_date else "", "совпало имя" if c.same_name else ""]),
        )
        for c in likely
    ]  # fmt: skip
    have = {c.public_id for c in shown} | {str(person.public_id)}
    shown += [
        Candidate(
            str(r.public_id), full_name(r.family, r.given, r.patronymic),
            words.joined([words.day(r.birth_date) if r.birth_date else "", words.snils_masked(r.snils), r.attached_name]),
            "найден поиском",
        )
        for r in asked if str(r.public_id) not in have
    ]  # fmt: skip
    base = f"/case/{person.public_id}"
    known = (
        ("Имя", full_name(person.family, person.given, person.patronymic)),
        ("Дата рождения", words.day(person.birth_date)),
        ("СНИЛС", words.snils_masked(person.snils) or "не указан"),
        ("Адрес", person.address or "не указан"),
    )
    page = WhoPage("Кто это?", known, tuple(shown), complaint, q, f"{base}/who", f"{base}/same", base, bool(q))
    return render(request, "who.html", page, status=status)


@routes.get("/case/{public_id}/wrong")
def wrong(request: Request, found: ReaderNeeded, p: PartsNeeded, public_id: str) -> Response:
    """Which document is about somebody else."""
    return _wrong(request, found, p, public_id)


@routes.post("/case/{public_id}/wrong")
def separate(
    request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str,
    sha256: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """Takes the document away from this patient, with all that name their patient the same way."""
    try:
        if not sha256:
            raise UserError("Отметьте документ")
        decide.wrong_patient(p.db, public(public_id), digest_of(sha256), reason=reason, by=found.scope, today=found.today)
    except (UserError, Conflict) as error:
        return _wrong(request, found, p, public_id, complaint=error.message, status=422)
    return go(f"/case/{public(public_id)}?done=wrong")


def _wrong(request: Request, found: Reader, p: Parts, public_id: str, *, complaint: str = "", status: int = 200) -> Response:
    with p.db.web(found.scope) as conn:
        person = _person(conn, found, public_id)
        rows = papers.of_person(conn, found.scope, person.id, PAPERS + 1)
        looked(conn, found, "case", person.id)
    name = full_name(person.family, person.given, person.patronymic)
    page = FormPage(
        title="Документ не этого пациента",
        lead=(
            f"Отметьте документ, который попал к пациенту по ошибке ({name}).",
            "Вместе с ним уйдут документы, где пациент записан так же. Сроки и задачи пересчитаются сразу.",
            "Если документ пришёл при объединении двух пациентов, объединение отменяется целиком: второй пациент"
            " вернётся под своим номером со всем, что было сказано о нём до объединения. Сказанное позже останется.",
            *(
                (f"Показаны последние {words.count(PAPERS, 'документ', 'документа', 'документов')}.",)
                if rows[PAPERS:]
                else ()
            ),
        ),
        action=f"/case/{person.public_id}/wrong",
        button="Отделить документ",
        back=f"/case/{person.public_id}",
        complaint=complaint,
        fields=(
            FormField("sha256", "Документ", "radio", options=tuple(_choice(r, found) for r in rows[:PAPERS])),
            FormField("reason", "Почему это не он", "textarea", "x-reason", required=True),
        ),
    )
    return render(request, "form.html", page, status=status)


def _choice(r: PaperRow, found: Reader) -> Option:
    return Option(r.sha256, words.joined([r.title or "Документ", words.day(r.doc_date, found.today), r.sender]))


def _person(conn: Connection, found: Reader, public_id: str) -> PersonRow:
    person = case.person(conn, found.scope, public(public_id))
    if person is None:
        raise NotFound("Такого пациента нет.")
    return person
