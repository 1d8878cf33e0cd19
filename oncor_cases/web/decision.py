"""A decision from the patient's page: one form, one verb of actions.decide, then the page as it stands now."""

import secrets
from collections.abc import Callable, Mapping
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from fastapi.responses import Response

from oncor_cases.actions import acknowledge, decide
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import BadAttribute, Conflict, UserError
from oncor_cases.kernel.numbers import LARGEST, whole
from oncor_cases.store import case, views
from oncor_cases.store.session import Database
from oncor_cases.tasks.wish import Key
from oncor_cases.web import assigned_forms, case_page, words
from oncor_cases.web.access import PartsNeeded, Reader, WriterNeeded, looked, public
from oncor_cases.web.case import FACTS, material
from oncor_cases.web.case_page import clock_code
from oncor_cases.web.pages import go, is_htmx, render
from oncor_cases.web.rules import rules

routes = APIRouter()
Given = Mapping[str, str]


async def form_of(request: Request) -> Given:
    """The fields of the form as text; files are no part of a decision."""
    return {k: v.strip() for k, v in (await request.form()).items() if isinstance(v, str)}


@routes.post("/case/{public_id}/decide")
def decision(
    request: Request, found: WriterNeeded, p: PartsNeeded, public_id: str, given: Annotated[Given, Depends(form_of)]
) -> Response:
    """Takes the decision; what does not fit comes back with the form open and the words of the error."""
    verb = VERBS.get(given.get("verb", "")) or assigned_forms.VERBS.get(given.get("verb", ""))
    said = complaint = ""
    status = 200
    try:
        if verb is None:
            raise UserError("Такого решения нет")
        about = _about(p.db, found, public_id, given)
        said = verb(p.db, about, given, {"by": found.scope, "today": found.today})
    except Conflict as error:
        complaint, status = error.message, 409
    except (UserError, BadAttribute) as error:
        complaint, status = error.message, 422
    if said and not is_htmx(request):
        return go(f"/case/{public(public_id)}?done={given['verb']}")
    judged = rules(p, found)
    with p.db.web(found.scope) as conn:
        m = material(conn, found, public_id, judged)
        looked(conn, found, "case", m.person.id)
    page = case_page.page(
        m, chosen=given.get("target") or case_page.PERSON, opened=given.get("verb", "") if complaint else "", said=said,
        complaint=complaint,
        key=secrets.token_hex(8), limit=FACTS,
    )  # fmt: skip
    return render(request, "case.html", page, block="case", status=status)


def _about(db: Database, found: Reader, public_id: str, given: Given) -> About:
    """The task or the clock the form was made for. A clock is found again in the cached views by its short name."""
    person, target = public(public_id), given.get("target", "")
    version = given.get("version", "")
    once = given.get("key", "")[:80]
    if not target.startswith("clock-"):
        task = public(target) if target else None
        return About(person, task, None, whole(version, 0, LARGEST, "Версия страницы") if version else None, once)
    with db.web(found.scope) as conn:
        row = case.person(conn, found.scope, person)
        seen = views.read(conn, found.scope.region, row.id) if row else []
    for view in seen:
        for clock in view.clocks:
            if clock_code(view, clock) == target:
                return About(person, None, Key(view.pathway, view.episode, clock.rule, clock.subject), None, once)
    raise Conflict("Этот срок уже изменился: посмотрите страницу ещё раз")


def _day(given: Given, name: str, title: str) -> date:
    """A day that must be there. Raises UserError."""
    value = _maybe(given, name, title)
    if value is None:
        raise UserError(f"Укажите день: {title}")
    return value


def _maybe(given: Given, name: str, title: str) -> date | None:
    try:
        return date.fromisoformat(given[name]) if given.get(name) else None
    except ValueError as error:
        raise UserError(f"День не читается: {title}") from error


def _took(db: Database, about: About, given: Given, who: Any) -> str:
    decide.took(db, about, **who)
    return "Задача за вами."


def _called(db: Database, about: About, given: Given, who: Any) -> str:
    again = _maybe(given, "next_on", "когда повторить")
    outcome = given.get("outcome", "reached")
    decide.called(
        db, about, outcome=outcome, channel=given.get("channel", "phone"), next_on=again, note=given.get("note", ""), **who
    )
    return "Звонок записан." + (f" Напомним {words.day(again, who['today'])}." if again else "")


def _appointment(db: Database, about: About, given: Given, who: Any) -> str:
    on = _day(given, "on", "день приёма")
    decide.appointment(
        db, about, for_=given.get("for", ""), at=on, time=given.get("time", "")[:5], note=given.get("note", ""), **who
    )
    return f"Записан на {words.day(on, who['today'])}. Задача ждёт этого дня, срок не сдвинулся."


def _told(db: Database, about: About, given: Given, who: Any) -> str:
    decide.told_result(db, about, on=_day(given, "on", "когда сообщили"), what=given.get("what", ""), **who)
    return "Отмечено: результат сообщён."


def _elsewhere(db: Database, about: About, given: Given, who: Any) -> str:
    note = words.joined([f"Где: {given['place']}" if given.get("place") else "", given.get("note", "")], ". ")
    decide.done_elsewhere(db, about, on=_day(given, "on", "когда сделано"), note=note, **who)
    return "Записано. Документ запрошен: до него сделанное известно только со слов."


def _refused(db: Database, about: About, given: Given, who: Any) -> str:
    documented = given.get("documented", "verbal")
    decide.refused(
        db, about, of=given.get("of", ""), documented=documented, on=_day(given, "on", "когда отказался"),
        note=given.get("note", ""), **who,
    )  # fmt: skip
    return "Отказ записан." + (" Нужен разговор и письменный отказ." if documented == "verbal" else "")


def _acknowledge(db: Database, about: About, given: Given, who: Any) -> str:
    until = _day(given, "until", "до какого дня")
    acknowledge.acknowledge(db, about, reason=given.get("reason", ""), note=given.get("note", "")[:2000], until=until, **who)
    return f"Объяснение записано, уровень держится до {words.day(until, who['today'])}. Срок не сдвинулся."


def _snooze(db: Database, about: About, given: Given, who: Any) -> str:
    until = _day(given, "until", "до какого дня")
    decide.snooze(db, about, until=until, note=given.get("note", ""), **who)
    return f"Отложено до {words.day(until, who['today'])}. Срок не сдвинулся."


def _comment(db: Database, about: About, given: Given, who: Any) -> str:
    decide.comment(db, about, text=given.get("note", ""), **who)
    return "Комментарий сохранён."


def _hand_over(db: Database, about: About, given: Given, who: Any) -> str:
    org = given.get("org", "")
    decide.hand_over(db, about, to_user=given.get("to", ""), to_org=org, note=given.get("note", ""), **who)
    return "Задача передана другой организации." if org else "Задача передана."


def _missing(db: Database, about: About, given: Given, who: Any) -> str:
    decide.document_missing(db, about, note=given.get("note", ""), **who)
    return "Передано регистратору: нужен документ."


def _no_document(db: Database, about: About, given: Given, who: Any) -> str:
    decide.no_document(db, about, on=_day(given, "on", "когда не явился"), note=given.get("note", ""), **who)
    return "Записано: пациент не приходил. Документа нет, начинается поиск пациента."


def _moved(db: Database, about: About, given: Given, who: Any) -> str:
    decide.moved_away(db, about, on=_day(given, "on", "когда выехал"), region=given.get("region", ""), **who)
    return "Выезд записан, звонки прекращены."


def _died(db: Database, about: About, given: Given, who: Any) -> str:
    decide.died_reported(db, about, on=_day(given, "on", "день смерти"), note=given.get("note", ""), **who)
    return "Записано. Звонки прекращены; ждём документа о смерти."


def _here(db: Database, about: About, given: Given, who: Any) -> str:
    if decide.here_after_all(db, about, note=given.get("note", ""), **who):
        return "Отметка снята, сроки пересчитаны."
    return "Передано регистратору. О смерти говорят документ или список: пока отправитель не исправит, звонков нет."


VERBS: dict[str, Callable[[Database, About, Given, Any], str]] = {
    "took": _took, "called": _called, "appointment": _appointment, "told_result": _told, "done_elsewhere": _elsewhere,
    "refused": _refused, "snooze": _snooze, "comment": _comment, "hand_over": _hand_over, "document_missing": _missing,
    "no_document": _no_document, "moved_away": _moved, "died_reported": _died, "acknowledge": _acknowledge,
    "here_after_all": _here,
}  # fmt: skip
