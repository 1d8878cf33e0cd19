"""Which version of a document is in force: a pure function of the versions there are, whatever came first."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

IN_FORCE, SUPERSEDED, CONFLICT = "in_force", "superseded", "conflict"


class Copy(NamedTuple):
    """A version of one series (sender, setId) that was not withdrawn. `mark` breaks ties of equal moments."""

    id: int
    version: int
    known: datetime
    mark: bytes


def standing(copies: Iterable[Copy]) -> dict[int, str]:
    """The standing of each version of one series.

    Of two with the same number the one known first counts, the other contradicts it; of those that count the highest
    number is in force."""
    found: dict[int, str] = {}
    first: dict[int, int] = {}
    for copy in sorted(copies, key=lambda c: (c.version, c.known, c.mark)):
        found[copy.id] = CONFLICT if copy.version in first else SUPERSEDED
        first.setdefault(copy.version, copy.id)
    if first:
        found[first[max(first)]] = IN_FORCE
    return found
