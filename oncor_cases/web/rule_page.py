"""From a rule, its editions and the region's records to the page of one rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.store.rulebook import Proposal, Record
from oncor_cases.web import rule_words, words
from oncor_cases.web.duties import duty as known_words
from oncor_cases.web.pages import Option, Tag
from oncor_cases.web.rule_standing import Names, Waiting, confirmed, in_force, norm_of, terms, waiting_line

_NOT_WATCHED = "Это примечание: задач оно не открывает"
_UNTIL_ON, _NEVER = ", пока регион его не включит.", ". Срок — не число дней, или событий для него система не видит."


@dataclass(frozen=True, slots=True)
class EditionLine:
    """One edition of a rule in time."""

    span: str
    now: bool
    term: str
    whom: str
    status: Tag
    act: str
    source: str
    confirmed: str
    confirm_href: str
    change_href: str


@dataclass(frozen=True, slots=True)
class Said:
    """A named line of text."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """A change of the rule that was approved."""

    number: str
    at: str
    what: tuple[str, ...]
    reason: str
    people: str
    ended: str
    retire_href: str
    href: str


@dataclass(frozen=True, slots=True)
class RulePage:
    """One rule with its editions, the task it opens and its history."""

    title: str
    code: str
    status: Tag
    pathway: str
    about: tuple[Said, ...]
    task: tuple[Said, ...]
    editions: tuple[EditionLine, ...]
    history: tuple[HistoryLine, ...]
    proposals: tuple[Waiting, ...]
    actions: tuple[Option, ...]
    note: str


def rule_page(
    book: Rulebook, duty: Duty, records: Sequence[Record], proposals: Sequence[Proposal], names: Names, today: date,
    *, may_propose: bool,
) -> RulePage:  # fmt: skip
    """One rule."""
    rule, now = duty.rule, in_force(book, duty.rule, today)
    norm = norm_of(book, duty, today)
    said = known_words(rule, duty.title)
    on = rule in book.duties
    base = f"/rules/{rule}/propose?kind="
    actions = []
    if may_propose and (on or duty.watch):
        actions.append(Option(base + "edition", "Новая редакция"))
        actions.append(Option(base + "escalation", "Передача выше и поиск"))
        if duty.watch:
            actions.append(Option(base + "note", "Выключить" if on else "Включить"))
    return RulePage(
        title=duty.title,
        code=rule,
        status=rule_words.status(norm, now[0].basis if now else ""),
        pathway=rule_words.PATHWAYS.get(duty.pathway, duty.pathway),
        about=tuple(
            Said(name, text)
            for name, text in (
                ("Начало отсчёта", duty.starts),
                ("Срок остановит", duty.stops),
                ("Срок сейчас", terms(now)),
                rule_words.rests_on(now),
                ("Срок по тексту", duty.says),
            )
            if text
        ),
        task=()
        if not on
        else (
            Said("Навигатор увидит", said.todo),
            Said("Чей шаг", rule_words.OWNERS[duty.owner]),
            Said("Кому", "напоминание, выше не передаётся, нарушением не считается" if norm == "recalled"
                 else rule_words.steps(duty.escalation)),
            Said("Пациент потерян", rule_words.lost(duty)),
            Said("Закроет задачу", said.stops),
        ),
        editions=tuple(
            _edition(e, now, records, names, today, may_propose) for e in sorted(
                book.editions.get(rule, ()), key=lambda e: (e.valid_from, e.layer, e.variant), reverse=True)
        ),
        history=tuple(history_line(r, names, today, may_propose) for r in reversed(records) if r.rule == rule),
        proposals=tuple(waiting_line(p, names, today) for p in proposals),
        actions=tuple(actions),
        note="" if on else _NOT_WATCHED + (_UNTIL_ON if duty.watch else _NEVER),
    )  # fmt: skip


def history_line(r: Record, names: Names, today: date, may_propose: bool) -> HistoryLine:
    """An approved change; one that was ended names the change that ended it."""
    what = tuple(_in_words(r)) or (f"возвращено прежнее правило: правка № {r.retires} больше не действует",)
    held = r.retired_by is None and bool(r.content)
    return HistoryLine(
        number=f"№ {r.number}",
        at=words.day(r.known, today),
        what=what,
        reason=r.reason,
        people=f"предложил(а) {names.get(r.author, r.author)}, одобрил(а) {names.get(r.approver, r.approver)}",
        ended=f"отменена правкой № {r.retired_by}" if r.retired_by else "",
        retire_href=f"/rules/{r.rule}/propose?kind=retire&record={r.number}" if held and may_propose else "",
        href=f"/rules/proposals/{r.proposal}",
    )


def _in_words(r: Record) -> list[str]:
    told = []
    for record in r.content:
        if "switch" in record:
            switch = SWITCHES.get(str(record["switch"]))
            told.append(f"{switch.title}: {switch.options.get(record['value'], '')}" if switch else str(record["switch"]))
        for name, value in record.items():
            if name in rule_words.FIELDS:
                told.append(f"{rule_words.FIELDS[name]}: {rule_words.value(name, value)}")
        for row in record.get("editions", ()):
            said = [f"{rule_words.FIELDS[n]} {rule_words.value(n, row[n])}" for n in rule_words.FIELDS if n in row]
            told.append("редакция: " + words.joined(said))
    return told


def _edition(
    e: Edition, now: Sequence[Edition], records: Sequence[Record], names: Names, today: date, may_propose: bool
) -> EditionLine:
    at = f"&edition={e.id}"
    return EditionLine(
        span=rule_words.span(e),
        now=e in now,
        term=words.term(e.term.limit, e.term.unit),
        whom=rule_words.whom(e),
        status=rule_words.status(e.norm, e.basis),
        act=words.joined([e.act, e.clause]),
        source=e.note,
        confirmed="" if e.norm == "recalled" and not e.revision else confirmed(e, records, names, today),
        confirm_href=f"/rules/{e.rule}/propose?kind=confirm{at}" if may_propose and e.norm == "recalled" else "",
        change_href=f"/rules/{e.rule}/propose?kind=change{at}" if may_propose else "",
    )
