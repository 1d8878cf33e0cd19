"""What a view tells beside its clocks, in words: the way so far, the search, why document or step, the visit, the delays."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from oncor_cases.sources.seeds import service_names
from oncor_cases.store.traces import TraceRow
from oncor_cases.web import words
from oncor_cases.web.fact_words import CHANNELS, OUTCOMES, TITLES
from oncor_cases.workflows.route import ROUTE
from oncor_cases.workflows.trace import FOUND, SOURCES
from oncor_cases.workflows.view import View

ROUTE_WORDS = {
    "first_visit": "первое обращение", "referral": "направлен", "consultation": "у онколога", "examined": "обследован",
    "diagnosis": "диагноз", "plan": "план", "treatment": "лечение",
}  # fmt: skip
STEPS = {
    "call": "позвонить", "letter": "отправить письмо",
    "home_visit": "выход на дом: участковая медсестра или фельдшер", "head": "способы исчерпаны: решает заведующий",
}  # fmt: skip
DOCTORS = {
    "dentist": "стоматолог", "surgeon": "хирург", "ENT": "оториноларинголог", "infectionist": "инфекционист",
    "therapist / GP / district": "терапевт, врач общей практики", "dermatologist": "дерматовенеролог",
    "ophthalmologist": "офтальмолог", "gynaecologist": "гинеколог", "oncologist": "онколог", "urologist": "уролог",
    "endocrinologist": "эндокринолог", "neurologist": "невролог", "traumatologist": "травматолог-ортопед",
    "surgeon or dentist": "хирург или стоматолог",
}  # fmt: skip
SOURCE_WORDS = {
    "deaths": "Свидетельства о смерти", "civil_registry": "Списки умерших и выехавших", "attachment": "Прикрепление",
    "registers": "Канцер-регистр и другие регистры", "claims": "Счета ОМС", "lists": "Прочие списки",
    "documents": "Медицинские документы", "contacts": "Записи сотрудников",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Note:
    """A line beside the clocks: a name, what is said, plain lines under it."""

    name: str
    text: str
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TraceLine:
    """One source looked at; `past`: what it had said before."""

    source: str
    said: str
    asked: str
    tone: str
    past: tuple[str, ...]


def notes(v: View, today: date) -> tuple[Note, ...]:
    """Everything the view tells beside its clocks."""
    found = []
    way = [f"{ROUTE_WORDS[n]} {words.day(v.milestones[n], today)}" for n in ROUTE if n in v.milestones]
    if v.pathway == "diagnosis" and len(way) > 1:
        found.append(Note("Путь", " → ".join(way)))
    if weighed := v.notes.get("weighed"):
        found.append(_weighed(weighed, today))
    if search := v.notes.get("search"):
        tried = tuple(_attempt(a, today) for a in search["tried"])
        found.append(Note("Поиск", next_step(search, today), tried))
    if condition := v.notes.get("condition"):
        found.append(_condition(condition))
    if volume := v.notes.get("volume"):
        found.append(_volume(volume, today))
    for delay in v.notes.get("delays", ()):
        found.append(_delay(delay))
    return tuple(found)


def next_step(search: Mapping[str, Any], today: date) -> str:
    """`дальше: отправить письмо, 26 февраля`."""
    on = date.fromisoformat(search["on"])
    when = "сегодня" if on <= today else words.day(on, today)
    return f"дальше: {STEPS.get(search['step'], search['step'])}, {when}"


def _attempt(a: Mapping[str, str], today: date) -> str:
    day = words.day(date.fromisoformat(a["on"]), today)
    return words.joined([day, CHANNELS.get(a["channel"], a["channel"]), OUTCOMES.get(a["outcome"], a["outcome"])], ", ")


def _weighed(told: Mapping[str, Any], today: date) -> Note:
    gap = "вероятнее не пришёл документ" if told["gap"] == "document" else "вероятнее не пришёл пациент"
    return Note("Чего нет", gap, tuple(_reason(r, today) for r in told["reasons"]))


def _reason(r: Mapping[str, Any], today: date) -> str:
    day = words.day(date.fromisoformat(r["on"]), today) if r.get("on") else ""
    days = words.count(int(r["days"]), "день", "дня", "дней") if "days" in r else ""
    kind = words.lower_first(TITLES.get(r.get("kind", ""), r.get("kind", "")))
    said = {
        "appointment_passed": f"был записан, день {day} прошёл, неявка не отмечена",
        "no_show": f"отмечена неявка {day}",
        "claim": f"есть счёт ОМС: {kind}, {day}",
        "trail": f"после срока есть запись клиники: {kind}, {day}",
        "not_reached": f"не дозвонились {day}",
        "slow_sender": f"эта клиника обычно присылает такие документы за {days}: он ещё может прийти",
        "prompt_sender": f"эта клиника обычно присылает такие документы за {days}: он бы уже пришёл",
    }.get(r["code"], r["code"])
    return f"{'за документ' if r['weight'] > 0 else 'за неявку'}: {said}"


def _condition(told: Mapping[str, Any]) -> Note:
    every = words.count(told["months"], "месяц", "месяца", "месяцев")
    lines = ("интервал по памяти: напоминание, а не обязанность",) if told.get("recalled") else ()
    return Note("Наблюдает", f"{DOCTORS.get(told['doctor'], told['doctor'])}, раз в {every}", lines)


def _volume(told: Mapping[str, Any], today: date) -> Note:
    done, missing = services(told["done"]), services(told["missing"])
    day = words.day(date.fromisoformat(told["visit"]), today)
    lines = [f"сделано: {', '.join(done)}" if done else "исследований в документах нет"]
    lines += [f"нет в документах: {', '.join(missing)}"] if missing else []
    lines.append("для сведения: перечень из платёжной матрицы, это не обязанность"
                 + ("; редакция прошлого года" if told.get("extended") else ""))  # fmt: skip
    total = len(done) + len(missing)
    return Note("Объём явки", f"{day}: {len(done)} из {total} по графику", tuple(lines))


def services(codes: Iterable[str]) -> list[str]:
    """Names of services by their codes."""
    known = service_names()
    return [known.get(code, code) for code in codes]


def _delay(told: Mapping[str, Any]) -> Note:
    name = words.joined(["Задержки курсов", told.get("regimen", "")], " ")
    if not told["days"]:
        return Note(name, f"курсы идут в срок: {told['cycles']}" + (f" из {told['of']}" if told.get("of") else ""))
    late = words.count(told["days"], "день", "дня", "дней")
    planned = words.count(told["planned_days"], "дня", "дней", "дней")
    return Note(name, f"{late} из {planned} плана, {told['percent']} %; поздних курсов {told['late_cycles']}")


def trace(rows: Sequence[TraceRow], today: date) -> tuple[TraceLine, ...]:
    """Sources in their order, each with what it says now and what it said before. Nothing if nobody was looked for."""
    lines = []
    for source in SOURCES:
        mine = [r for r in rows if r.source == source]
        if not mine:
            continue
        now, *past = mine
        asked = f"смотрели {words.day(now.last_on, today)}"
        tone = "fine" if now.state == FOUND else ""
        old = tuple(f"{words.day(r.first_on, today)} – {words.day(r.last_on, today)}: {_look(r, today)}" for r in past)
        lines.append(TraceLine(SOURCE_WORDS[source], _look(now, today), asked, tone, old))
    return tuple(lines)


def _look(r: TraceRow, today: date) -> str:
    thing = words.joined(
        [words.lower_first(TITLES.get(r.kind, r.kind)), words.day(r.found_on, today) if r.found_on else ""], ", "
    )
    if r.state == FOUND:
        return f"найдено: {thing}"
    if r.state == "not_loaded":
        return "в регионе не загружаются"
    return f"нового нет, последнее: {thing}" if r.found_on else "ничего нет"
