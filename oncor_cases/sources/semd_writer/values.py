"""What a document is written from: plain values, so that the writer is a pure function."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Doctor:
    """A member of staff. `post` is a code of the national list of posts (50 is an oncologist)."""

    number: str
    snils: str
    family: str
    given: str
    patronymic: str
    post: str = "109"


@dataclass(frozen=True, slots=True)
class Organisation:
    """A clinic; `oid` ends in `.12.2.REGION.NUMBER`, everything a clinic numbers grows from it."""

    oid: str
    name: str
    short_name: str
    address: str
    postal: str
    phone: str
    ogrn: str
    region: str = "99"  # code of the federal subject
    region_name: str = ""


@dataclass(frozen=True, slots=True)
class Person:
    """A patient as a document's header names one. Empty `snils` or `enp` is written as "no information"."""

    local_id: str
    snils: str
    enp: str
    family: str
    given: str
    patronymic: str
    sex: str  # male, female
    born: date
    address: str
    postal: str
    phone: str
    passport: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Link:
    """Another document: the order this one answers, or a paper it leans on. `md` is its kind in the list of papers."""

    root: str
    extension: str
    md: str
    day: date | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Who says it, when, and which version. `moment` is local time; `zone` as `+0300`.

    `dated=False` writes the document without a date, as some systems do."""

    id: str
    set_id: str
    version: int
    moment: datetime
    author: Doctor
    chief: Doctor
    case: str
    card: str
    zone: str = "+0300"
    dated: bool = True
    colleagues: tuple[Doctor, ...] = ()


@dataclass(frozen=True, slots=True)
class Said:
    """One fact the document has to say, in the words of the vocabulary (`oncor_cases.facts.vocabulary`)."""

    kind: str
    on: date | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    org: Organisation | None = None  # the clinic the fact points to: where to go, who treats

    def __getitem__(self, name: str) -> Any:
        return self.attributes.get(name) or ""
