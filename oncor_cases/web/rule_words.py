"""The rule book in words of a methodologist: status, term, whom it is for, what a change changes."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from oncor_cases.kernel.dates import as_date
from oncor_cases.regulations.compare import Differs
from oncor_cases.regulations.rulebook import Duty, Edition, Step
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.web import words
from oncor_cases.web.pages import Tag

PATHWAYS = {
    "diagnosis": "Диагностика и начало лечения", "chemotherapy": "Лекарственная терапия",
    "follow_up": "Диспансерное наблюдение", "pre_tumour": "Предопухолевые заболевания", "screening": "Скрининг",
    "any": "Общие для всех путей", "lists": "Поручения",
}  # fmt: skip
STATUSES = {"verified": "сверено", "recalled": "по памяти: напоминание", "product": "правило системы", "note": "примечание"}
TONES = {"verified": "fine", "recalled": "soon", "product": "wait", "note": ""}
BASES = {"act": "нормативный акт", "clinical": "клиническая практика, исследования", "format": "формат обмена данными"}
BASIS_TITLES = {"act": "Акт", "clinical": "Клинический порог", "format": "Формат обмена", "product": "На чём основано"}
OWNERS = {
    "named": "организация, названная в направлении или назначении",
    "author": "организация, составившая документ",
    "attached": "поликлиника прикрепления",
}
STATES = {
    "draft": "считается", "computed": "ждёт решения", "approved": "одобрено", "declined": "отклонено",
    "withdrawn": "отозвано",
}  # fmt: skip
STATE_TONES = {"draft": "wait", "computed": "soon", "approved": "fine", "declined": "late", "withdrawn": ""}
CHANGES = {"appears": "появится", "vanishes": "исчезнет", "moves": "сдвинется срок", "level": "сменится только уровень"}
TASKS = {"appears": "появятся", "vanishes": "исчезнут", "moves": "сдвинутся", "level": "сменят уровень"}
FIELDS = {
    "term": "срок", "from": "действует с", "to": "действует по", "limit": "срок", "unit": "единица", "norm": "статус",
    "act": "акт", "basis": "на чём основано",
    "clause": "пункт", "region": "регион", "variant": "вариант", "icd": "диагнозы", "ages": "возраст",
    "source": "где сверено", "note": "примечание", "title": "название", "starts": "начало",
    "stops": "окончание", "owner": "чей шаг",
    "lost_after": "потерян через, раб. дней", "danger": "очередь (0 — первым)", "escalation": "передача выше",
    "calls": "звонят пациенту", "word_stops": "достаточно слов пациента", "active": "включено", "says": "срок по тексту",
}  # fmt: skip
VARIANTS = {"malignant": "злокачественный результат", "other": "другой результат", "III": "III стадия"}
UNITS = {"working_days": "рабочие дни", "calendar_days": "календарные дни", "months": "месяцы"}


def status(norm: str, basis: str = "act") -> Tag:
    """`сверено`, `по памяти: напоминание`, `правило системы`, `примечание`; what rests on no act says so."""
    no_law = words.NO_LAW_TAGS.get(basis, "")
    if norm == "verified" and no_law:
        return Tag(no_law, "wait")
    return Tag(words.joined([STATUSES[norm], no_law]), TONES[norm])


def force(norm: str, basis: str) -> Tag:
    """What a missed term of a list is: `норма` (a breach), `клинический порог`, `не сверено`, `правило системы` …"""
    if norm == "verified":
        return Tag(words.NO_LAW_TAGS.get(basis, words.NORM_TAGS[norm]), "" if basis in words.NO_LAW_TAGS else "late")
    return Tag(words.NORM_TAGS.get(norm, norm))


def statuses(rows: Sequence[Edition]) -> tuple[Tag, ...]:
    """The different statuses of editions, the verified ones first."""
    return tuple(dict.fromkeys(status(e.norm, e.basis) for e in sorted(rows, key=lambda e: e.norm, reverse=True)))


def rests_on(now: Sequence[Edition]) -> tuple[str, str]:
    """(`Акт`, its name and clause) of the editions in force; another title where it is no act."""
    if not now:
        return "", ""
    return BASIS_TITLES[now[0].basis], words.joined([now[0].act, now[0].clause])


def meaning(norm: str, basis: str) -> str:
    """The same in full, for one clock."""
    no_law = words.NO_LAW.get(basis, "")
    if norm == "recalled" and no_law:
        return f"{no_law}; не сверено: только напоминание"
    return no_law or words.NORMS.get(norm, norm)


def span(e: Edition) -> str:
    """`с 1 января 2026 по 31 декабря 2026`; `всегда` without dates."""
    return days(e.valid_from, e.valid_to)


def days(first: date, last: date) -> str:
    """The same of two days; the first and the last day of the calendar are no limits."""
    since = f"с {words.day(first)}" if first > date.min else ""
    until = f"по {words.day(last)}" if last < date.max else ""
    return words.joined([since, until], " ") or "всегда"


def whom(e: Edition) -> str:
    """Ages, codes and variant an edition speaks of; empty if of everybody."""
    low, high = e.ages
    ages = "" if e.ages == (0, 200) else f"от {low} лет" if high >= 200 else f"от {low} до {high} лет"
    kind = VARIANTS.get(e.variant, e.variant)
    if e.variant.isdigit():
        kind = f"интервал {words.count(int(e.variant), *words.UNITS['months'])}"
    return words.joined([kind, ages, e.icd.text], "; ")


def steps(escalation: Sequence[Step]) -> str:
    """`навигатору сразу, заведующему через 3 раб. дня …`."""
    if not escalation:
        return "навигатору, выше не передаётся"
    return words.joined([f"{words.LEVELS[s.level]} {_after(s.after)}" for s in escalation])


def _after(days: int) -> str:
    return f"через {days} раб. {words.plural(days, 'день', 'дня', 'дней')}" if days else "сразу"


def lost(duty: Duty) -> str:
    """When silence means lost."""
    if duty.lost_after is None:
        return "не ищут: шаг без участия пациента"
    return f"через {words.count(duty.lost_after, 'рабочий день', 'рабочих дня', 'рабочих дней')} молчания после срока"


def changed(d: Differs) -> tuple[str, str, str]:
    """(what, before, after) of one differing field."""
    if not d.rule:
        switch = SWITCHES.get(d.field)
        if switch is None:
            return d.field, str(d.before), str(d.after)
        return switch.title, *(switch.options.get(str(v or switch.default), str(v)) for v in (d.before, d.after))
    place = ""
    if d.edition is not None:
        day, variant = d.edition
        since = f"с {words.day(as_date(day))}" if day else "«всегда»"
        place = f"редакция {since}{f' ({VARIANTS.get(variant, variant)})' if variant else ''}: "
        if d.new is not None:
            place = ("новая " if d.new else "уходит ") + place
    return f"{d.rule}, {place}{FIELDS.get(d.field, d.field)}", value(d.field, d.before), value(d.field, d.after)


def value(field: str, said: Any) -> str:
    """A value of a record in words; a dash for none."""
    if said is None or said == "":
        return "—"
    if field == "term":
        return words.term(*said)
    if field in ("from", "to"):
        return words.day(as_date(said))
    if field == "unit":
        return UNITS.get(said, str(said))
    if field == "norm":
        return STATUSES.get(said, str(said))
    if field == "basis":
        return BASES.get(said, str(said))
    if field == "owner":
        return OWNERS.get(said, str(said))
    if field == "ages":
        return f"{said[0]}–{said[1]} лет"
    if isinstance(said, bool):
        return "да" if said else "нет"
    if isinstance(said, Mapping):
        return steps([Step(level, after) for level, after in said.items()])
    return str(said)
