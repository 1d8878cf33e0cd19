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


def kept(wish: Wish, view: View, facts: Mapping[str, Fact], rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    """The explanation of a wish as a task keeps it: of its clock, or of its finding when no clock stands behind it.

    Left out is what `told` says from the rest: the sentence in words was two fifths of a stored task."""
    for clock in view.clocks:
        if (clock.rule, clock.subject) == (wish.key.rule, wish.key.subject):
            return _of_clock(clock, facts, rules, calendar) | _search(clock, view)
    duty = rules.duties.get(wish.key.rule)
    return {
        "rule": wish.key.rule,
        "duty": duty.title if duty else wish.key.rule,
        "edition": wish.edition,
        **_act(edition_of(rules, wish.key.rule, wish.edition)),
        "norm": wish.norm,
        "start": _start(wish.because, None, facts),
        "due": wish.due.isoformat(),
        "stops": duty.stops if duty else "",
    }


def told(kept: Mapping[str, Any]) -> dict[str, Any]:
    """The whole explanation out of what a task keeps, with the sentence in words; work given by a list has its own."""
    if "text" in kept:
        return dict(kept)
    full = {"clause": "", "skipped": [], **kept}
    due, force, basis = _ru(full["due"]), _force(full["norm"], full["basis"]), _basis(full["act"], full["clause"])
    if "limit" not in full:
        return full | {"text": " ".join(filter(None, (f"{full['duty']}: срок до {due}.", basis, force)))}
    full = {"extended": False, "assumed": False, "provisional": False, **full}
    started = f" ({full['starts']})" if full.get("starts") else ""
    term = term_words(Term(full["limit"], full["unit"]))
    words = [
        f"{full['duty']}: не позднее {due}, {term} с {_ru(full['start']['on'])}{started}.",
        basis,
        "Начало срока предположительное." if full["assumed"] else "",
        "Редакция применена вне дат её действия: подтвердите." if full["extended"] else "",
        "Календарь этого года ещё не утверждён: срок предварительный." if full["provisional"] else "",
        force,
        f"Срок остановит: {full['stops']}." if full["stops"] else "",
    ]
    return full | {"text": " ".join(filter(None, words))}


def of_clock(clock: Clock, facts: Mapping[str, Fact], rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    """The whole explanation of a clock, running or ended."""
    return told(_of_clock(clock, facts, rules, calendar))


def _search(clock: Clock, view: View) -> dict[str, Any]:
    """Of a search: the duty that was missed, the step of the protocol, and why the step or the document is missing."""
    if clock.rule not in SEARCHED:
        return {}
    told = {name: view.notes[name] for name in ("search", "weighed") if name in view.notes}
    return {"missed": clock.reason, **told}


def _of_clock(clock: Clock, facts: Mapping[str, Fact], rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    duty = rules.duties.get(clock.rule)
    said: dict[str, Any] = {
        "rule": clock.rule,
        "duty": duty.title if duty else clock.rule,
        "edition": clock.edition,
        **_act(edition_of(rules, clock.rule, clock.edition)),
        "norm": clock.norm,
        "start": _start(clock.started_by, clock.start, facts),
        "limit": clock.term.limit,
        "unit": clock.term.unit,
        "due": clock.due.isoformat(),
        "stops": duty.stops if duty else "",
    }
    if duty and duty.starts:
        said["starts"] = duty.starts
    if clock.extended:
        said["extended"] = True
    if clock.assumed:
        said["assumed"] = True
    if clock.provisional:
        said["provisional"] = True
    skipped = calendar.skipped(clock.start, clock.due, clock.term)
    if skipped:
        said["skipped"] = [{"day": s.day.isoformat(), "reason": s.reason} for s in skipped]
    return said


def _act(edition: Edition | None) -> dict[str, str]:
    """Act, clause and what the limit rests on; a clause that is not named is left out."""
    if edition is None:
        return {"act": "", "basis": ""}
    if not edition.clause:
        return {"act": edition.act, "basis": edition.basis}
    return {"act": edition.act, "clause": edition.clause, "basis": edition.basis}


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


def _force(norm: str, basis: str) -> str:
    """What a missed term means: only a verified term of an act is a norm, of which nothing needs to be said."""
    no_law = _NO_LAW.get(basis, "")
    if norm == "recalled" and no_law:
        return f"{no_law} Не сверено: это напоминание."
    return no_law or _NORMS.get(norm, "")


def _basis(act: str, clause: str) -> str:
    if not act:
        return ""
    return f"Основание: {act}{', ' + clause if clause and clause != 'not seen' else ''}."


def _start(id: str, on: date | None, facts: Mapping[str, Fact]) -> dict[str, Any]:
    fact = facts.get(id)
    day = on or (fact.on if fact else None)
    return {
        "fact": id,
        "kind": fact.kind if fact else "",
        "on": day.isoformat() if day else None,
        "source": fact.source if fact else "",
    }


def _ru(day: str) -> str:
    year, month, number = day.split("-")
    return f"{number}.{month}.{year}"
