"""Two identity records without a common identifier: may they be one person? What can be said without weights, and what a
weight is taken for. Pure; weights come from sources/matching.py, tests/unit/test_likeness.py."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from oncor_cases.kernel.names import Name, alike, name_of

# Chosen on the generated region and on the public sets (bench/matching.py), in powers of two: 7 is 128 to 1.
LINK = 7.0  # from here on a pair is joined by itself; measured by bench/matching.py
AHEAD = 7.0  # and only if nobody else comes closer than this
REVIEW = 3.0  # from here on a person is asked


@dataclass(frozen=True, slots=True)
class Look:
    """A person or resident as compared: every name written of them, the current one first; numbers of eleven and sixteen
    digits, or empty."""

    id: str
    names: tuple[Name, ...]
    born: date | None = None
    sex: str = ""
    snils: str = ""
    enp: str = ""
    phones: tuple[str, ...] = ()
    address: str = ""

    @classmethod
    def of(
        cls, id: str, names: Sequence[tuple[str, str, str]], born: date | None, sex: str, snils: str = "", enp: str = "",
        phones: Sequence[str] = (), address: str = "",
    ) -> "Look":  # fmt: skip
        """From what sources wrote: names as compared, a phone as its last ten digits."""
        compared = dict.fromkeys(name_of(*n) for n in names)
        digits = ("".join(c for c in p if c.isdigit())[-10:] for p in phones)
        known = tuple(sorted({d for d in digits if len(d) == 10}))
        return cls(id, tuple(compared) or (Name("", "", ""),), born, sex, snils, enp, known, place(address))


def place(address: str) -> str:
    """An address as compared: its words in order of the alphabet, without what every address has."""
    common = {
        "г",
        "ул",
        "д",
        "кв",
        "дом",
        "улица",
        "город",
        "обл",
        "область",
        "р-н",
        "район",
        "п",
        "с",
        "россия",
        "к",
        "корп",
    }
    words = "".join(c if c.isalnum() else " " for c in address.lower().replace("ё", "е")).split()
    return " ".join(sorted(w for w in words if w not in common))


def contradict(a: Look, b: Look) -> bool:
    """Sexes that differ, or two SNILS: no rule may join these by itself."""
    return bool((a.sex and b.sex and a.sex != b.sex) or (a.snils and b.snils and a.snils != b.snils))


def equal(a: Look, b: Look) -> bool:
    """The same name with its patronymic (whichever of their names), birth date and sex, and nothing against it."""
    if a.born is None or a.born != b.born or not a.sex or a.sex != b.sex or contradict(a, b):
        return False
    return any(x.patronymic and alike(x, y) == "equal" for x in a.names for y in b.names)


class Weighed(NamedTuple):
    """A candidate with its weight: how many times likelier one person than two, as a power of two; and by field."""

    look: Look
    weight: float
    fields: tuple[tuple[str, str, float], ...] = ()


class Verdict(NamedTuple):
    """What to do about one record: `linked` to one candidate by a method, and whom a person is asked about."""

    method: str = ""
    linked: Weighed | None = None
    review: tuple[Weighed, ...] = ()


def verdict(look: Look, equals: Sequence[Look], weighed: Sequence[Weighed]) -> Verdict:
    """The decision about one record. `equals`: everybody in the region who is `equal` to it; `weighed`: candidates with
    weights. One equal is linked; several are a question. Without one, the heaviest is linked if it is heavy, nothing
    contradicts and nobody comes close."""
    known: Mapping[str, Weighed] = {w.look.id: w for w in weighed}
    if len(equals) == 1:
        return Verdict("equal", known.get(equals[0].id, Weighed(equals[0], 0.0)))
    if equals:
        return Verdict("", None, tuple(known.get(e.id, Weighed(e, 0.0)) for e in equals))
    order = sorted(weighed, key=lambda w: (-w.weight, w.look.id))
    if not order or order[0].weight < REVIEW:
        return Verdict()
    best, second = order[0], order[1].weight if len(order) > 1 else float("-inf")
    if best.weight >= LINK and best.weight - second >= AHEAD and not contradict(look, best.look):
        return Verdict("scored", best)
    return Verdict("", None, tuple(w for w in order[:3] if w.weight >= max(REVIEW, best.weight - AHEAD)))
