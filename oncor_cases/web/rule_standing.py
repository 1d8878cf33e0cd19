"""How a rule stands on a day, and a proposed change as a line: what both pages of the rule book say alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.store.rulebook import Proposal, Record
from oncor_cases.web import rule_words, words
from oncor_cases.web.duties import duty as known_words
from oncor_cases.web.pages import Tag

Names = dict[str, str]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A proposal in a list."""

    href: str
    title: str
    about: str
    author: str
    at: str
    state: Tag


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


def confirmed(e: Edition, records: Sequence[Record], names: Names, today: date) -> str:
    """Who vouches for an edition and since when."""
    record = next((r for r in records if r.number == e.revision), None)
    if record is not None:
        who = names.get(record.approver, record.approver)
        return f"правка № {record.number}: {who}, {words.day(record.known, today)}"
    return "при поставке" + (f": {e.source}" if e.source else "")


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
