"""Which column of a foreign table is which of ours: by declared names, over one header row or two with merged groups."""

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from oncor_cases.sources.lists.cells import Cell
from oncor_cases.sources.lists.schema import PERSON_NAMES, Kind, plain

LOOKED = 25  # first rows among which a header is looked for
LEAST = 2  # recognised columns that make a row a header


@dataclass(frozen=True, slots=True)
class Header:
    """`names`: headers as written, one per column; `rows`: how many of the first rows it takes, with what stands above."""

    names: tuple[str, ...]
    rows: int

    @property
    def fingerprint(self) -> str:
        """The same for the same columns in the same order."""
        return hashlib.sha256("|".join(plain(name) for name in self.names).encode()).hexdigest()[:32]


@dataclass(frozen=True, slots=True)
class Match:
    """A kind laid over a header: column of ours → its place; what is missing of the required."""

    kind: Kind
    places: Mapping[str, int]
    missing: tuple[str, ...]

    @property
    def own(self) -> int:
        """How many columns that tell this kind from others were found."""
        return sum(name not in PERSON_NAMES for name in self.places)

    @property
    def complete(self) -> bool:
        return not self.missing


def find_header(rows: Sequence[Sequence[Cell]], kinds: Sequence[Kind]) -> Header | None:
    """The header among the first rows: where most columns of some kind are recognised. None if nowhere."""
    best: tuple[int, Header] | None = None
    for at in range(len(rows[:LOOKED])):
        for header in header_at(rows, at):
            score = max((len(match(kind, header).places) for kind in kinds), default=0)
            if score >= LEAST and (best is None or score > best[0]):
                best = (score, header)
    return best[1] if best else None


def header_at(rows: Sequence[Sequence[Cell]], at: int) -> list[Header]:
    """What a header in this row would be: the row alone, and with the one below it."""
    found = [Header(tuple(_name(cell) for cell in rows[at]), at + 1)]
    if at + 1 < len(rows):
        found.append(Header(_two(rows[at], rows[at + 1]), at + 2))
    return found


def match(kind: Kind, header: Header) -> Match:
    """Each of our columns to the first foreign one of a known name."""
    known = [plain(name) for name in header.names]
    places: dict[str, int] = {}
    for column in kind.columns:
        for name in (column.title, *column.names, column.name):
            wanted = plain(name)
            if wanted in known and known.index(wanted) not in places.values():
                places[column.name] = known.index(wanted)
                break
    return Match(kind, places, missing(kind, places))


def laid(kind: Kind, header: Header, columns: Mapping[str, str]) -> Match:
    """A saved mapping (ours → foreign header) over a header; a column renamed since is missing."""
    known = [plain(name) for name in header.names]
    places = {ours: known.index(plain(theirs)) for ours, theirs in columns.items() if theirs and plain(theirs) in known}
    absent = [c.title for c in kind.columns if columns.get(c.name) and c.name not in places and c.required]
    return Match(kind, places, tuple(dict.fromkeys((*absent, *missing(kind, places)))))


def missing(kind: Kind, places: Mapping[str, int]) -> tuple[str, ...]:
    """Titles of what a list of this kind cannot do without: its required columns and something that names the person."""
    told = [column.title for column in kind.columns if (column.required or column.present) and column.name not in places]
    named = {"fio", "family"} & places.keys() and "born" in places
    if not ({"snils", "enp", "local_id"} & places.keys() or named):
        told.append("СНИЛС, полис или ФИО с датой рождения")
    if kind.population and "fio" not in places and not {"family", "given"} <= places.keys():
        told.append("ФИО или фамилия и имя")
    return tuple(told)


def guesses(header: Header, kinds: Sequence[Kind], name: str = "") -> list[Match]:
    """Kinds this may be, the likeliest first: complete ones, then by recognised columns of their own, then by the name
    of the file."""
    found = [match(kind, header) for kind in kinds]
    found = [m for m in found if m.places]

    def order(m: Match) -> tuple[bool, bool, int, int]:
        by_name = bool(m.kind.files and re.search(m.kind.files, name.lower()))
        return (not m.complete, not by_name, -m.own, -len(m.places))

    return sorted(found, key=order)


def _name(cell: Cell) -> str:
    return " ".join(str(cell).split())[:200] if cell is not None else ""


def _two(above: Sequence[Cell], below: Sequence[Cell]) -> tuple[str, ...]:
    """A header of two rows: a merged cell names the group of those under it; a cell without a group stands alone."""
    width, group, names = max(len(above), len(below)), "", []
    for at in range(width):
        over = _name(above[at]) if at < len(above) else ""
        under = _name(below[at]) if at < len(below) else ""
        group = over or (group if under else "")
        names.append(under or group)
    return tuple(names)
