"""One clock in words: what is owed, by when, and why this date (DESIGN invariant 7)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from oncor_cases.actions.evaluation import Rules
from oncor_cases.store.case import FactRow
from oncor_cases.tasks.because import edition_of
from oncor_cases.web import rule_words, words
from oncor_cases.web.duties import duty, subject_words
from oncor_cases.web.fact_words import describe
from oncor_cases.web.inbox_page import days_past
from oncor_cases.web.reasons import reason
from oncor_cases.workflows.view import CLOSED, LATE, MET, PASSED, PAUSED, RUNNING, Clock

# What a rule record says of a clause nobody has seen, as a reader should be told it.
CLAUSES = {"пункт не виден": "номер пункта не проверен", "по памяти": "пункт по памяти, не сверен"}


@dataclass(frozen=True, slots=True)
class Why:
    """One line of the explanation; `href` leads to the document behind it."""

    name: str
    text: str
    href: str = ""


@dataclass(frozen=True, slots=True)
class ClockLine:
    """A clock as a row with its panel "почему этот срок"."""

    anchor: str
    title: str
    subject: str
    due: str
    relation: str
    tone: str
    open: bool
    why: tuple[Why, ...]
    skipped_title: str
    skipped: tuple[str, ...]


def line(clock: Clock, facts: Mapping[str, FactRow], rules: Rules, today: date, n: int) -> ClockLine:
    """The clock of a view as the page shows it."""
    past = days_past(clock.due, today, rules.calendar)
    skipped = tuple(
        f"{words.day(s.day, today)}: {s.reason}" for s in rules.calendar.skipped(clock.start, clock.due, clock.term)
    )
    return ClockLine(
        anchor=f"clock-{n}",
        title=duty(clock.rule, _duty_title(clock, rules)).title,
        subject=subject_words(clock.subject),
        due=words.day(clock.due, today),
        relation=_relation(clock, past),
        tone=_tone(clock, past),
        open=False,
        why=tuple(_why(clock, facts, rules, today)),
        skipped_title="Не считались дни:" if clock.term.unit == "working_days" else "Последний день перенесён:",
        skipped=skipped,
    )


def _duty_title(clock: Clock, rules: Rules) -> str:
    known = rules.book.duties.get(clock.rule)
    return known.title if known else ""


def _relation(clock: Clock, past: int) -> str:
    if clock.status == RUNNING:
        return words.past_or_left(past)
    if clock.status in (CLOSED, PAUSED) and clock.reason:
        state = words.CLOCK_STATES[clock.status]
        return f"{state}: {reason(clock.reason)}"
    return words.CLOCK_STATES.get(clock.status, clock.status)


def _tone(clock: Clock, past: int) -> str:
    if clock.silent:
        return ""
    if clock.status == RUNNING:
        return ("" if clock.norm == "recalled" else "late") if past > 0 else "soon" if past >= -1 else ""
    return {MET: "fine", LATE: "soon", PASSED: "soon", PAUSED: "wait", CLOSED: ""}.get(clock.status, "")


def _why(clock: Clock, facts: Mapping[str, FactRow], rules: Rules, today: date) -> list[Why]:
    known, edition = rules.book.duties.get(clock.rule), edition_of(rules.book, clock.rule, clock.edition)
    rows = [Why("Обязанность", f"{known.title if known else clock.rule} ({clock.rule})")]
    started = facts.get(clock.started_by)
    rows.append(_fact_line("Начало", clock.start, started, today))
    if clock.assumed:
        rows.append(Why("Внимание", "начало предполагаемое: события, которое называет акт, в документах нет"))
    rows.append(Why("Сколько дано", f"{words.term(clock.term.limit, clock.term.unit)}, день начала не считается"))
    rows.append(Why("Последний день", f"{words.day(clock.due, today)}, {words.weekday(clock.due)}"))
    if clock.provisional:
        rows.append(Why("Внимание", "календарь этого года ещё не утверждён, срок может сдвинуться"))
    if edition:
        rows.append(Why("Основание", words.joined([edition.act, CLAUSES.get(edition.clause, edition.clause)])))
        rows.append(
            Why(
                "Редакция",
                _period(edition.valid_from, edition.valid_to)
                + (": вне дат действия, подтвердите" if clock.extended else ""),
            )
        )
    rows.append(Why("Сила", rule_words.meaning(clock.norm, edition.basis if edition else "")))
    if clock.ended:
        rows.append(_fact_line("Остановлен", clock.ended, facts.get(clock.ended_by), today))
    elif known:
        rows.append(Why("Что остановит", known.stops))
    if clock.silent:
        rows.append(Why("Без задачи", "срок из прошлого, до начала наблюдения: задача не ставится"))
    return rows


def _period(start: date, end: date) -> str:
    """`с 1 января 2026 по 31 декабря 2026`, or that it always holds."""
    parts = [
        f"с {words.day(start)}" if start != date.min else "",
        f"по {words.day(end)}" if end != date.max else "",
    ]
    return words.joined(parts, " ") or "действует всегда"


def _fact_line(name: str, on: date, fact: FactRow | None, today: date) -> Why:
    when = words.day(on, today)
    if fact is None:
        return Why(name, when)
    title, detail = describe(fact.kind, fact.attributes)
    text = f"{when}: {words.joined([title, detail], ', ')}" + (f" ({fact.sender})" if fact.sender else "")
    return Why(name, text, f"/document/{fact.document}" if fact.document else "")
