"""The protocol of late detection: composed from the case page, worded, sent and reviewed on a page of its own."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from oncor_cases.actions import late_stage as action
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.sources.seeds import late_reasons
from oncor_cases.store import case
from oncor_cases.store import late_stage as store
from oncor_cases.store.case import PersonRow
from oncor_cases.store.late_stage import Draft
from oncor_cases.store.session import Connection
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, public
from oncor_cases.web.decision import Given, form_of
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Option, Tag, go, render

routes = APIRouter()
STEPS = {
    "first_visit": "Первое обращение", "suspicion": "Подозрение на ЗНО", "referral": "Направление к онкологу",
    "consultation": "Консультация онколога", "biopsy": "Биопсия", "report": "Злокачественное заключение",
    "diagnosis": "Установлен диагноз", "plan": "Консилиум", "treatment": "Начало лечения", "death": "Смерть",
}  # fmt: skip
STATES = {"drafted": ("черновик", "wait"), "published": ("отправлен", "soon"), "reviewed": ("разобран", "fine")}
SAID = {
    "saved": "Сохранено.", "published": "Протокол отмечен отправленным. Теперь ждёт разбора.", "reviewed": "Разбор отмечен."
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Step:
    """One date of the case: what happened and where."""

    name: str
    on: str
    org: str
    after: str


@dataclass(frozen=True, slots=True)
class ProtocolPage:
    """The protocol as a page to read, edit and send."""

    title: str
    tag: Tag
    person: str
    person_href: str
    about: tuple[tuple[str, str], ...]
    steps: tuple[Step, ...]
    said: str
    complaint: str
    action: str
    editable: bool
    reviewable: bool
    texts: dict[str, str]
    reasons: tuple[Option, ...]
    reason: str
    today: str
    written: str


@routes.post("/case/{public_id}/protocol")
def compose(found: WriterNeeded, p: PartsNeeded, public_id: str, given: Annotated[Given, Depends(form_of)]) -> Response:
    """Composes the protocol of one case and opens it."""
    address = action.draft(p.db, public(public_id), given.get("episode", ""), by=found.scope, today=found.today)
    return go(f"/protocol/{address}")


@routes.get("/protocol/{address}")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, address: str, done: str = "") -> Response:
    """The protocol; a patient of another clinic has none here."""
    with p.db.web(found.scope) as conn:
        page = _page(conn, found, address, said=SAID.get(done, ""))
    return render(request, "protocol.html", page)


@routes.post("/protocol/{address}")
def change(
    request: Request, found: WriterNeeded, p: PartsNeeded, address: str, given: Annotated[Given, Depends(form_of)]
) -> Response:
    """Saves the words, marks it sent or reviewed; what does not fit comes back with the reason."""
    who: dict[str, Any] = {"by": found.scope, "today": found.today}
    id, verb = public(address), given.get("verb", "save")
    try:
        if verb == "publish":
            action.publish(p.db, id, given, on=_day(given, "published_on"), **who)
        elif verb == "review":
            action.review(p.db, id, on=_day(given, "reviewed_on"), words=given.get("conclusion", ""), **who)
        else:
            action.save(p.db, id, given, **who)
    except (UserError, Conflict) as error:
        with p.db.web(found.scope) as conn:
            page = _page(conn, found, address, complaint=error.message, texts=dict(given))
        return render(request, "protocol.html", page, status=409 if isinstance(error, Conflict) else 422)
    done = {"publish": "published", "review": "reviewed"}.get(verb, "saved")
    return go(f"/protocol/{id}?done={done}")


def _day(given: Given, name: str) -> date:
    try:
        return date.fromisoformat(given.get(name, ""))
    except ValueError:
        raise UserError("Укажите день") from None


def _page(
    conn: Connection, found: Reader, address: str, *, said: str = "", complaint: str = "",
    texts: dict[str, str] | None = None,
) -> ProtocolPage:  # fmt: skip
    draft = store.find(conn, found.scope, public(address))
    person = case.person(conn, found.scope, draft.person) if draft else None
    if draft is None or person is None:
        raise NotFound("Такой страницы нет.")
    looked(conn, found, "late_stage", person.id)
    names = dict(case.names(conn, found.scope, [s["org"] for s in draft.milestones.get("steps", ())]))
    mine = found.account.role in action.SIGN
    given = {name: str(draft.texts.get(name, "")) for name in (*action.TEXTS, "published_on")} | (texts or {})
    tone = STATES[draft.state]
    reasons = late_reasons()
    return ProtocolPage(
        title="Протокол запущенности, форма № 027-2/у",
        tag=Tag(*tone),
        person=full_name(person.family, person.given, person.patronymic),
        person_href=f"/case/{person.public_id}",
        about=tuple(_about(draft, person, found)),
        steps=tuple(_steps(draft, names, found.today)),
        said=said,
        complaint=complaint,
        action=f"/protocol/{draft.public_id}",
        editable=mine and draft.state == "drafted",
        reviewable=mine and draft.state == "published",
        texts=given,
        reasons=(Option("", "не выбрана", not given["reason"]),
                 *(Option(code, title, code == given["reason"]) for code, title in reasons.items())),
        reason=reasons.get(given["reason"], ""),
        today=found.today.isoformat(),
        written=f"Составлен {words.day(found.local(draft.created_at).date())}, {draft.created_by}; "
                f"последняя правка {words.day(found.local(draft.changed_at).date())}, {draft.changed_by}",
    )  # fmt: skip


def _about(draft: Draft, person: PersonRow, found: Reader) -> list[tuple[str, str]]:
    tumour = draft.milestones.get("tumour", {})
    tnm = "".join(f"{letter}{tumour[name]}" for letter, name in (("T", "t"), ("N", "n"), ("M", "m")) if tumour.get(name))
    born = {"male": "Родился", "female": "Родилась"}.get(person.sex, "Дата рождения")
    age = words.age(person.birth_date, found.today)
    rows = [
        (born, words.joined([words.day(person.birth_date) if person.birth_date else "", age])),
        ("Диагноз", words.icd(tumour.get("icd10", ""), tumour.get("side", ""))),
        ("Стадия", words.joined([tumour.get("stage", ""), tnm])),
        ("Морфология", tumour.get("morphology", "")),
        ("Отправлен", words.day(draft.published_on) if draft.published_on else ""),
        ("Разобран", words.day(draft.reviewed_on) if draft.reviewed_on else ""),
    ]  # fmt: skip
    return [(name, text) for name, text in rows if text]


def _steps(draft: Draft, names: dict[str, str], today: date) -> list[Step]:
    """The dates in order of time, each with the days since the first one."""
    told = sorted(draft.milestones.get("steps", ()), key=lambda s: (s["on"], list(STEPS).index(s["name"])))
    first = date.fromisoformat(told[0]["on"]) if told else today
    rows = []
    for s in told:
        on = date.fromisoformat(s["on"])
        gone = (on - first).days
        after = f"через {words.count(gone, 'день', 'дня', 'дней')}" if gone else ""
        rows.append(Step(STEPS.get(s["name"], s["name"]), words.day(on), names.get(s["org"], s["org"]), after))
    return rows
