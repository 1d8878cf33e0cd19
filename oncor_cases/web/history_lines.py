"""The history of a person's tasks in words: what happened, with what, who did it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from oncor_cases.sources.seeds import acknowledgement_reasons
from oncor_cases.store.case import EventRow
from oncor_cases.web import words
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.fact_words import CHANNELS, DOCUMENTED, OUTCOMES, REFUSALS, VALUES

EVENTS = {
    "opened": "открыта", "reopened": "открыта снова", "closed": "закрыта", "changed": "уточнена",
    "took": "взята в работу",
    "snoozed": "отложена", "waiting": "ждёт", "resumed": "снова в списке",
    "agreed_visit_not_seen": "условленный день прошёл",
    "handed_over": "передана", "moved": "передана другой клинике", "commented": "комментарий", "escalated": "передана выше",
    "lowered": "уровень снижен", "rekeyed": "перешла с записью пациента",
    "called": "звонок", "appointment": "запись", "refused": "отказ",
    "told_result": "результат сообщён", "moved_away": "выехал", "died_reported": "умер, со слов",
    "no_document": "документа нет: пациент не приходил",
    "acknowledged": "объяснение заведующего", "acknowledgement_withdrawn": "объяснение отозвано",
    "returned": "вернулась в клинику: сотрудник больше не работает",
    "assignment_done": "выполнено", "assignment_not_needed": "не требуется",
    "done_elsewhere": "сделано в другом месте", "document_missing": "нет документа, передано регистратору",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the task history."""

    at: str
    what: str
    task: str
    author: str


def history_line(e: EventRow, today: date) -> HistoryLine:
    what = EVENTS.get(e.kind, e.kind)
    extra = []
    if e.kind == "waiting" and e.waiting_until:
        extra.append(f"до {words.day(e.waiting_until, today)}")
    if e.kind in ("opened", "reopened", "changed", "escalated") and e.due:
        extra.append(f"срок {words.day(e.due, today)}, {words.LEVELS.get(e.level, e.level)}")
    extra += _told(e.data, today)
    author = {"sweep": "разбор дня", "identity": "сопоставление записей", "": "система"}.get(e.author, e.author)
    task = words.joined([duty(e.rule).title, subject_words(e.subject)])
    return HistoryLine(words.day(e.on_day, today), words.joined([what, *extra]), task, author)


def _told(data: Mapping[str, Any], today: date) -> list[str]:
    """What a person said with the decision: reason, outcome, place, day, words."""
    reason = acknowledgement_reasons().get(str(data.get("reason", "")))
    said = [
        reason.title if reason and "until" in data else "",
        OUTCOMES.get(data.get("outcome", ""), ""), CHANNELS.get(data.get("channel", ""), ""),
        VALUES.get(data.get("for", ""), ""),
        REFUSALS.get(data.get("of", ""), ""), DOCUMENTED.get(data.get("documented", ""), ""), data.get("region", ""),
        data.get("what", ""),
    ]  # fmt: skip
    for name, before in (("at", ""), ("on", ""), ("next_on", "повторить "), ("until", "до ")):
        day, _, time = str(data.get(name, "")).partition("T")
        if day:
            said.append(f"{before}{words.day(date.fromisoformat(day), today)}" + (f" в {time}" if time else ""))
    words_of = data.get("note") or data.get("text")
    return [str(t) for t in said if t] + ([f"«{words_of}»"] if words_of else [])
