"""Where a person belongs, besides the `attached` facts: clinics of residence and observation, and categories of residence.

Each is a dated record with its source; which of them owes a step is a rule of routing (regulations/routing.py)."""

from datetime import date
from operator import itemgetter
from typing import NamedTuple

# `none` ends an earlier category.
CATEGORIES = ("care_home", "prison", "military", "no_policy", "homeless", "none")
KINDS = ("insurance", "residence", "observing")


class Attachment(NamedTuple):
    """`kind` of KINDS; in force from `since` (None: always) to the day before `until`; `known`: when we learnt it;
    `district`: of the residence, where a territory says so."""

    kind: str
    org: str
    since: date | None = None
    until: date | None = None
    known: date = date.min
    district: str = ""


class Category(NamedTuple):
    """A category of residence from a day on; a later record replaces it."""

    category: str
    since: date | None = None
    known: date = date.min


NOWHERE = Attachment("", "")


def current(rows: tuple[Attachment, ...], kind: str, today: date, known: date) -> Attachment:
    """The latest attachment of a kind in force on a day, as known on a day; one without an organisation if there is none."""
    fit = [
        (a.since or date.min, a.known, a.org, a)
        for a in rows
        if a.kind == kind and a.known <= known and (a.since or date.min) <= today and (a.until is None or today < a.until)
    ]
    return max(fit, key=itemgetter(0, 1, 2))[3] if fit else NOWHERE


def category(rows: tuple[Category, ...], today: date, known: date) -> str:
    """The category in force on a day, as known on a day; empty if there is none."""
    fit = [(c.since or date.min, c.known, c.category) for c in rows if c.known <= known and (c.since or date.min) <= today]
    found = max(fit)[2] if fit else "none"
    return "" if found == "none" else found


def changes(attachments: tuple[Attachment, ...], categories: tuple[Category, ...], today: date) -> list[date]:
    """Later days on which an attachment or a category begins or ends."""
    days = [day for a in attachments for day in (a.since, a.until)] + [c.since for c in categories]
    return [day for day in days if day is not None and day > today]
