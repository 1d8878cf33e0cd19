"""A person's facts as one value, and which of them are in force on a day of knowledge."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.places import Attachment, Category


@dataclass(frozen=True, slots=True)
class Patient:
    """What the rules may know of a person: never a name. `attached`: the clinic of attachment, by default owner."""

    id: str = ""
    sex: str = ""  # male, female or empty
    born: date | None = None
    attached: str = ""
    attachments: tuple[Attachment, ...] = ()  # others than the `attached` facts: of residence, of observation
    categories: tuple[Category, ...] = ()  # care home, prison, military service …

    def age_on(self, day: date) -> int | None:
        """Full years on a day; None if the birth date is not known."""
        if not self.born:
            return None
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a document or of a corrected fact; needed where the newer version holds no fact at all."""

    series: str
    version: int
    known: date
    withdrawn: date | None = None


class Usual(NamedTuple):
    """How late a sender's documents of one kind become known: number of documents, median and 90th percentile, days."""

    n: int
    median: int
    p90: int


Delays = Mapping[tuple[str, str], Usual]  # by (sender, kind of fact)


@dataclass(frozen=True, slots=True)
class Timeline:
    """Facts of one person as their sources gave them, in any order.

    `delays`: how late the region's senders usually are; None where nobody has measured it (stories without a table)."""

    patient: Patient
    facts: tuple[Fact, ...]
    versions: tuple[Version, ...] = ()
    delays: Delays | None = None

    def known_on(self, day: date) -> list[Fact]:
        """The facts in force as known on `day`: learnt by then, the highest version, not withdrawn by then."""
        plain = [f for f in self.facts if f.known <= day]
        if not self.versions and not any(f.version or f.withdrawn for f in plain):
            return plain  # nothing was corrected or withdrawn: by far the most persons
        highest: dict[str, int] = {}
        voided: set[tuple[str, int]] = set()
        versions: Iterable[Fact | Version] = (*self.facts, *self.versions)
        for item in versions:
            if not item.series or item.known > day:
                continue
            if item.withdrawn is not None and item.withdrawn <= day:
                voided.add((item.series, item.version))
            elif item.version > highest.get(item.series, -1):
                highest[item.series] = item.version
        return [
            f
            for f in self.facts
            if f.known <= day
            and not (f.withdrawn is not None and f.withdrawn <= day)
            and (not f.series or (f.version == highest.get(f.series, f.version) and (f.series, f.version) not in voided))
        ]

    def days_of_knowledge(self) -> list[date]:
        """Every day on which the answer of `known_on` may change, ascending."""
        days = {f.known for f in self.facts} | {v.known for v in self.versions}
        days |= {f.withdrawn for f in self.facts if f.withdrawn} | {v.withdrawn for v in self.versions if v.withdrawn}
        return sorted(days)
