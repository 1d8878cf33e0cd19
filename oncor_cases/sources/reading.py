"""What any source hands over: one reading per record of bytes. The store never sees XML or tables, only this."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """Something a person should know. `code` is stable, `message` is Russian without patient values, `path` a place."""

    code: str
    message: str
    path: str = ""


@dataclass(frozen=True, slots=True)
class DocumentKind:
    """`name`: our identifier (`consilium`); `remd`: number in the federal list of kinds or empty; `generation`: A-D."""

    name: str
    remd: str = ""
    generation: str = ""  # A, B, C or vimis


@dataclass(frozen=True, slots=True)
class DocumentHead:
    """`set_id` is `root^extension`; `date` is `YYYY-MM-DD` or empty; `id` the identifier of this version."""

    set_id: str = ""
    version: int = 1
    date: str = ""
    id: str = ""
    title: str = ""


@dataclass(frozen=True, slots=True)
class Identity:
    """A person as this source wrote them. `local_id` is valid within `organisation` only.

    `snils` and `enp` hold digits only when their check digits hold; what failed is in the reading's problems."""

    snils: str = ""
    enp: str = ""
    local_id: str = ""
    organisation: str = ""
    family: str = ""
    given: str = ""
    patronymic: str = ""
    birth_date: str = ""  # YYYY-MM-DD
    sex: str = ""  # male, female
    address: str = ""
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ReadFact:
    """A fact before it has a person: `on` is `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or None, as written.

    `links`: identifiers shared with other documents: the referral answered (`inFulfillmentOf`), the order, a specimen."""

    kind: str
    on: str | None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    certainty: str = "established"
    evidence: str = "document"
    path: str = ""
    links: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Reading:
    """`status`: read, unknown_kind (header kept) or unreadable (bytes kept, reason in `problems`).

    `sha256` stays empty where the caller has it: hashing once more is a tenth of the parsing."""

    sha256: str
    status: str
    kind: DocumentKind = DocumentKind("unknown")
    document: DocumentHead = DocumentHead()
    patient: Identity = Identity()
    organisation: str = ""  # OID of the sender
    facts: tuple[ReadFact, ...] = ()
    problems: tuple[Problem, ...] = ()
