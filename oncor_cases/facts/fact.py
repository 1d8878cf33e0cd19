"""A fact: one thing one source said, with the day it happened and the day this system learnt it. It never changes."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from oncor_cases.facts.vocabulary import check


@dataclass(frozen=True, slots=True)
class Fact:
    """`id` is unique among the facts of one person and says nothing of the order of arrival.

    `on`: the full calendar date as written, or None; `partial` keeps `2026-03` or `2026`, which start and stop nothing.
    `series`, `version`: versions of one document (or a corrected story fact) share a series; the highest version known
    and not withdrawn is in force. `withdrawn`: the day the sender voided it.
    `doc` groups facts of one document; `links` hold identifiers shared along a referral chain (order ids, specimens)."""

    id: str
    kind: str
    on: date | None
    known: date
    attributes: Mapping[str, Any] = field(default_factory=dict)
    partial: str = ""
    certainty: str = "established"
    evidence: str = "document"
    doc: str = ""
    series: str = ""
    version: int = 0
    withdrawn: date | None = None
    links: tuple[str, ...] = ()
    source: str = ""  # pointer for people: document id and path inside it
    author: str = ""  # sending organisation (OID), or the user for a person's word

    @property
    def icd10(self) -> str:
        """The ICD-10 code, or an empty string."""
        return self.attributes.get("icd10") or ""

    @property
    def side(self) -> str:
        """`left`, `right`, `both` or an empty string."""
        return self.attributes.get("side") or ""

    @property
    def org(self) -> str:
        """The organisation the fact names: who was asked, or who did it; empty if it names none."""
        return self.attributes.get("org") or ""


def fact(id: str, kind: str, on: date | None, known: date, attributes: Mapping[str, Any], **rest: Any) -> Fact:
    """A fact whose attributes passed the vocabulary. Raises UnknownFact or BadAttribute."""
    return Fact(id, kind, on, known, check(kind, attributes), **rest)
