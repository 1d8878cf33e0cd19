"""How up to four sets overlap: every cell of the picture with its size."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

from pyroaring import BitMap

MOST = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """Persons in exactly these of the sets. `among[i]`: in the i-th set or not."""

    among: tuple[bool, ...]
    count: int


def cells(sets: Sequence[BitMap]) -> list[Cell]:
    """All 2^n-1 cells of one to four sets, those of fewer sets first. Their counts sum to the size of the union."""
    if not 1 <= len(sets) <= MOST:
        raise ValueError("one to four sets")
    found = [Cell(among, len(inside)) for among, inside in _cells(sets)]
    return sorted(found, key=lambda c: (sum(c.among), [not x for x in c.among]))


def _cells(sets: Sequence[BitMap]) -> Iterator[tuple[tuple[bool, ...], BitMap]]:
    for among in product((False, True), repeat=len(sets)):
        if any(among):
            inside = BitMap.intersection(*[s for s, yes in zip(sets, among, strict=True) if yes])
            outside = [s for s, yes in zip(sets, among, strict=True) if not yes]
            yield among, inside - BitMap.union(*outside) if outside else inside
