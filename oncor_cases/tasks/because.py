"""Why a task exists, in full: duty, edition, act and clause, the fact that started the clock, each day that was not
counted, the due date and what would stop the clock (DESIGN invariant 7). Plain values, ready for JSON."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from oncor_cases.facts.fact import Fact
from oncor_cases.kernel.calendar import Calendar, Term
from oncor_cases.regulations.rulebook import Edition, Rulebook
from oncor_cases.tasks.wish import Wish
from oncor_cases.workflows.trace import SEARCHED
from oncor_cases.workflows.view import Clock, View

_UNITS = {
    "working_days": ("рабочий день", "рабочих дня", "рабочих дней"),
    "calendar_days": ("календарный день", "календарных дня", "календарных дней"),
    "months": ("месяц", "месяца", "месяцев"),
}
_NORMS = {
    "verified": "",
    "recalled": "Норма не сверена с текстом акта: это напоминание, а не нарушение.",
    "product": "Внутреннее правило системы, нарушением закона не считается.",
}
_NO_LAW = {
    "clinical": "Порог из клинической практики, а не норма закона: отклонение, но не нарушение.",
    "format": "Признак из формата обмена данными, а не норма закона: отклонение, но не нарушение.",
}


def because(wish: Wish, view: View, facts: Mapping[str, Fact], rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    """The explanation of a wish: of its clock, or of its finding when no clock stands behind it."""
    for clock in view.clocks:
        if (clock.rule, clock.subject) == (wish.key.rule, wish.key.subject):
            return of_clock(clock, facts, rules, calendar) | _search(clock, view)
    duty = rules.duties.get(wish.key.rule)
    edition = edition_of(rules, wish.key.rule, wish.edition)
    told = {
        "rule": wish.key.rule,
        "duty": duty.title if duty else wish.key.rule,
        "edition": wish.edition,
        "act": edition.act if edition else "",
        "clause": edition.clause if edition else "",
        "norm": wish.norm,
        "basis": edition.basis if edition else "",
        "start": _start(wish.because, None, facts),
        "due": wish.due.isoformat(),
        "skipped": [],
        "stops": duty.stops if duty else "",
    }
    words = [f"{told['duty']}: срок до {_ru(wish.due)}.", _basis(edition), _force(wish.norm, edition)]
    return told | {"text": " ".join(filter(None, words))}


def _search(clock: Clock, view: View) -> dict[str, Any]:
    """Of a search: the duty that was missed, the step of the protocol, and why the step or the document is missing."""
    if clock.rule not in SEARCHED:
        return {}
    told = {name: view.notes[name] for name in ("search", "weighed") if name in view.notes}
    return {"missed": clock.reason, **told}


def of_clock(clock: Clock, facts: Mapping[str, Fact], rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    """The explanation of a clock, running or ended."""
    duty = rules.duties.get(clock.rule)
    edition = edition_of(rules, clock.rule, clock.edition)
    title = duty.title if duty else clock.rule
    skipped = calendar.skipped(clock.start, clock.due, clock.term)
    started = f" ({duty.starts})" if duty and duty.starts else ""
    words = [
        f"{title}: не позднее {_ru(clock.due)}, {term_words(clock.term)} с {_ru(clock.start)}{started}.",
        _basis(edition),
        "Начало срока предположительное." if clock.assumed else "",
        "Редакция применена вне дат её действия: подтвердите." if clock.extended else "",
        "Календарь этого года ещё не утверждён: срок предварительный." if clock.provisional else "",
        _force(clock.norm, edition),
        f"Срок остановит: {duty.stops}." if duty and duty.stops else "",
    ]
    return {
        "rule": clock.rule,
        "duty": title,
        "edition": clock.edition,
        "act": edition.act if edition else "",
        "clause": edition.clause if edition else "",
        "norm": clock.norm,
        "basis": edition.basis if edition else "",
        "extended": clock.extended,
        "assumed": clock.assumed,
        "provisional": clock.provisional,
        "start": _start(clock.started_by, clock.start, facts),
        "limit": clock.term.limit,
        "unit": clock.term.unit,
        "due": clock.due.isoformat(),
        "skipped": [{"day": s.day.isoformat(), "reason": s.reason} for s in skipped],
        "stops": duty.stops if duty else "",
        "text": " ".join(filter(None, words)),
    }


def edition_of(rules: Rulebook, rule: str, id: str) -> Edition | None:
    """The edition a clock was counted by, None if the book no longer has it."""
    return rules.edition_named(rule, id)


def term_words(term: Term) -> str:
    """`3 рабочих дня`."""
    one, few, many = _UNITS[term.unit]
    n = term.limit
    if n % 10 == 1 and n % 100 != 11:
        return f"{n} {one}"
    return f"{n} {few if 2 <= n % 10 <= 4 and not 12 <= n % 100 <= 14 else many}"


def _force(norm: str, edition: Edition | None) -> str:
    """What a missed term means: only a verified term of an act is a norm, of which nothing needs to be said."""
    no_law = _NO_LAW.get(edition.basis, "") if edition else ""
    if norm == "recalled" and no_law:
        return f"{no_law} Не сверено: это напоминание."
    return no_law or _NORMS.get(norm, "")


def _basis(edition: Edition | None) -> str:
    if edition is None or not edition.act:
        return ""
    clause = edition.clause if edition.clause and edition.clause != "not seen" else ""
    return f"Основание: {edition.act}{', ' + clause if clause else ''}."


def _start(id: str, on: date | None, facts: Mapping[str, Fact]) -> dict[str, Any]:
    fact = facts.get(id)
    day = on or (fact.on if fact else None)
    return {
        "fact": id,
        "kind": fact.kind if fact else "",
        "on": day.isoformat() if day else None,
        "source": fact.source if fact else "",
    }


def _ru(day: date) -> str:
    return f"{day.day:02}.{day.month:02}.{day.year:04}"
