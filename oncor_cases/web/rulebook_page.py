"""From the rule book and the region's records to the page «Правила»."""

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
from oncor_cases.web.rule_standing import Names, Waiting, confirmed, in_force, norm_of, terms, waiting_line


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
