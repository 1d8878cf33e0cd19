"""From the rule book and the region's records to the page «Правила» and the page of one rule."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote

from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.store.rulebook import Proposal, Record
from oncor_cases.web import rule_words, words
from oncor_cases.web.duties import duty as known_words
from oncor_cases.web.pages import Option, Tag


@dataclass(frozen=True, slots=True)
class Line:
    """A duty in the list: the edition in force today."""

    href: str
    code: str
    title: str
    todo: str
    term: str
    act: str
    status: Tag
    confirmed: str
    levels: str
    lost: str


@dataclass(frozen=True, slots=True)
class Group:
    """The duties of one pathway."""

    title: str
    lines: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class SwitchLine:
    """A regional switch as it stands."""

    title: str
    value: str
    pathway: str
    href: str
    own: bool


@dataclass(frozen=True, slots=True)
class ActLine:
    """An act with the editions that rest on it."""

    title: str
    href: str
    rules: str
    span: str
    tags: tuple[Tag, ...]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal in a list."""

    href: str
    title: str
    about: str
    author: str
    at: str
    state: Tag


@dataclass(frozen=True, slots=True)
class Filter:
    """A select over the list."""

    name: str
    title: str
    options: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class RulesPage:
    """The rule book of the region today."""

    title: str
    summary: str
    groups: tuple[Group, ...]
    switches: tuple[SwitchLine, ...]
    acts: tuple[ActLine, ...]
    waiting: tuple[Waiting, ...]
    filters: tuple[Filter, ...]
    q: str
    filtered: bool
    unfit: tuple[str, ...]
    version: str


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


Names = dict[str, str]
_NOT_WATCHED = "Это примечание: задач оно не открывает"
_UNTIL_ON, _NEVER = ", пока регион его не включит.", ". Срок — не число дней, или событий для него система не видит."


def in_force(book: Rulebook, rule: str, today: date) -> list[Edition]:
    """The editions in force today for an adult, one of each variant; none for a note without a term."""
    variants = {e.variant: None for e in book.editions.get(rule, ())}
    return list(dict.fromkeys(book.edition(rule, today, variant=v).edition for v in variants))


def terms(found: Sequence[Edition]) -> str:
    """`3 рабочих дня`; several variants: `1 рабочий день или 5 рабочих дней`."""
    return words.joined(list(dict.fromkeys(words.term(e.term.limit, e.term.unit) for e in found)), " или ")


def norm_of(book: Rulebook, duty: Duty, today: date) -> str:
    """verified, recalled, product, or note for what is not watched."""
    found = in_force(book, duty.rule, today)
    return "note" if duty.rule in book.notes or not found else found[0].norm


def rules_page(
    book: Rulebook, records: Sequence[Record], waiting: Sequence[Proposal], names: Names, today: date, version: str,
    *, pathway: str = "", norm: str = "", q: str = "",
) -> RulesPage:  # fmt: skip
    """The list, filtered."""
    everything = [*book.duties.values(), *book.notes.values()]
    asked = q.strip().lower()
    shown = [
        d
        for d in everything
        if pathway in ("", d.pathway) and norm in ("", norm_of(book, d, today)) and _speaks_of(book, d, asked)
    ]
    groups = []
    for id, title in rule_words.PATHWAYS.items():
        lines = [_line(book, d, records, names, today) for d in sorted(shown, key=lambda d: (d.rule in book.notes, d.rule))
                 if d.pathway == id]  # fmt: skip
        if lines:
            groups.append(Group(title, tuple(lines)))
    counts = {n: sum(norm_of(book, d, today) == n for d in everything) for n in rule_words.STATUSES}
    summary = words.joined([f"{rule_words.STATUSES[n].split(':')[0]} {counts[n]}" for n in counts if counts[n]], " · ")
    return RulesPage(
        title="Правила",
        summary=summary,
        groups=tuple(groups),
        switches=() if pathway or norm or q else tuple(_switches(book)),
        acts=() if pathway or norm or q else tuple(_acts(book)),
        waiting=tuple(waiting_line(p, names, today) for p in waiting),
        filters=(
            Filter("pathway", "Путь", _options(rule_words.PATHWAYS, pathway, "все пути")),
            Filter("norm", "Статус", _options(rule_words.STATUSES, norm, "любой")),
        ),
        q=q,
        filtered=bool(pathway or norm or q),
        unfit=tuple(f"Правка № {number} больше не ложится на поставку и не действует: {why}" for number, why in book.unfit),
        version=version,
    )


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


def waiting_line(p: Proposal, names: Names, today: date) -> Waiting:
    """A proposal as a line of a list."""
    return Waiting(
        href=f"/rules/proposals/{p.id}",
        title=f"№ {p.id} · {subject(p.rule)}",
        about=p.reason,
        author=names.get(p.author, p.author),
        at=words.day(p.created_at.date(), today),
        state=Tag(rule_words.STATES[p.state], rule_words.STATE_TONES[p.state]),
    )


def subject(rule: str) -> str:
    """`DX-01 Консультация онколога`, or the title of a switch."""
    return SWITCHES[rule].title if rule in SWITCHES else f"{rule} {known_words(rule).title}".replace(f"{rule} {rule}", rule)


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


def _speaks_of(book: Rulebook, duty: Duty, asked: str) -> bool:
    if not asked:
        return True
    text = [duty.rule, duty.title, duty.starts, duty.stops, duty.says, known_words(duty.rule).todo]
    text += [f"{e.act} {e.clause} {e.note}" for e in book.editions.get(duty.rule, ())]
    return asked in " ".join(text).lower()


def _line(book: Rulebook, duty: Duty, records: Sequence[Record], names: Names, today: date) -> Line:
    now, norm = in_force(book, duty.rule, today), norm_of(book, duty, today)
    note = duty.rule in book.notes
    return Line(
        href=f"/rules/{duty.rule}",
        code=duty.rule,
        title=duty.title,
        todo="" if note else known_words(duty.rule, duty.title).todo,
        term=duty.says if note or not now else terms(now),
        act="" if note or not now else words.joined([now[0].act, now[0].clause]),
        status=rule_words.status(norm, now[0].basis if now else ""),
        confirmed="" if not now or norm != "verified" else confirmed(now[0], records, names, today),
        levels="" if note else "напоминание навигатору" if norm == "recalled" else rule_words.steps(duty.escalation),
        lost="" if note or duty.lost_after is None else rule_words.lost(duty),
    )


def confirmed(e: Edition, records: Sequence[Record], names: Names, today: date) -> str:
    """Who vouches for an edition and since when."""
    record = next((r for r in records if r.number == e.revision), None)
    if record is not None:
        who = names.get(record.approver, record.approver)
        return f"правка № {record.number}: {who}, {words.day(record.known, today)}"
    return "при поставке" + (f": {e.source}" if e.source else "")


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


def _switches(book: Rulebook) -> list[SwitchLine]:
    return [
        SwitchLine(
            s.title, s.options[book.switches[s.id]], rule_words.PATHWAYS[s.pathway], f"/rules/{s.id}/propose?kind=switch",
            book.switches[s.id] != s.default,
        )
        for s in SWITCHES.values()
    ]  # fmt: skip


def _acts(book: Rulebook) -> list[ActLine]:
    """Acts by name: how much rests on each, and how much of it is still to be checked against its text."""
    found: dict[str, list[Edition]] = {}
    for rule, rows in book.editions.items():
        for e in rows:
            if rule in book.duties and e.norm != "product":
                found.setdefault(e.act, []).append(e)
    return [
        ActLine(
            act,
            f"/rules?q={quote(act)}",
            words.joined(sorted({e.rule for e in rows})),
            rule_words.days(min(e.valid_from for e in rows), max(e.valid_to for e in rows)),
            rule_words.statuses(rows),
        )
        for act, rows in sorted(found.items())
    ]


def _options(named: dict[str, str], chosen: str, every: str) -> tuple[Option, ...]:
    return (Option("", every, not chosen), *(Option(k, v, k == chosen) for k, v in named.items()))
