"""The overlap of up to four sets as a picture: circles for two or three, bars over a matrix of dots for four.

The same numbers stand beside it as a table; the picture has no number the table has not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from oncor_cases.contingents.overlap import Cell
from oncor_cases.web import words

LETTERS = "АБВГ"
# Circles and the place of every cell's number, by (in the first, in the second, …).
_TWO = ((140, 110, 90), (240, 110, 90))
_TWO_AT = {(True, False): (100, 114), (False, True): (280, 114), (True, True): (190, 114)}
_THREE = ((145, 105, 85), (235, 105, 85), (190, 180, 85))
_THREE_AT = {
    (True, False, False): (105, 88), (False, True, False): (275, 88), (False, False, True): (190, 235),
    (True, True, False): (190, 72), (True, False, True): (134, 164), (False, True, True): (246, 164),
    (True, True, True): (190, 132),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Circle:
    """One set; its letter stands at (tx, ty)."""

    x: int
    y: int
    r: int
    letter: str
    tx: int
    ty: int


@dataclass(frozen=True, slots=True)
class Bar:
    """One cell of four sets: a bar, its number, and a dot for each set (filled where the cell is in it)."""

    x: int
    y: int
    height: int
    number: str
    dots: tuple[bool, ...]
    chosen: bool


@dataclass(frozen=True, slots=True)
class Number:
    """The size of a cell at its place; bold where the cell belongs to the result."""

    x: int
    y: int
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the table: which sets, how many, and whether they are in the result."""

    where: str
    count: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Picture:
    """`kind`: circles or bars; `legend`: letter and title of every set with its size."""

    kind: str
    width: int
    height: int
    words: str
    circles: tuple[Circle, ...]
    numbers: tuple[Number, ...]
    bars: tuple[Bar, ...]
    legend: tuple[tuple[str, str, str], ...]
    lines: tuple[Line, ...]


def draw(
    cells: Sequence[Cell], titles: Sequence[str], sizes: Sequence[int], chosen: Callable[[tuple[bool, ...]], bool]
) -> Picture:
    """The picture of two to four sets; `chosen` says whether a cell belongs to the result."""
    n = len(titles)
    legend = tuple((LETTERS[i], titles[i], words.number(sizes[i])) for i in range(n))
    lines = tuple(Line(_where(c.among), words.number(c.count), chosen(c.among)) for c in cells)
    circles: tuple[Circle, ...] = ()
    numbers: tuple[Number, ...] = ()
    bars: tuple[Bar, ...] = ()
    if n < 4:
        places = _TWO_AT if n == 2 else _THREE_AT
        letters = ((72, 34), (308, 34), (288, 262))
        circles = tuple(Circle(x, y, r, LETTERS[i], *letters[i]) for i, (x, y, r) in enumerate(_TWO if n == 2 else _THREE))
        numbers = tuple(Number(*places[c.among], words.number(c.count), chosen(c.among)) for c in cells)
    else:
        most = max((c.count for c in cells), default=0) or 1
        ordered = sorted(cells, key=lambda c: -c.count)
        bars = tuple(_bar(48 + i * 46, c, most, chosen(c.among)) for i, c in enumerate(ordered))
    said = "; ".join(f"{line.where}: {line.count}" for line in lines)
    width, height = (380, 220 if n == 2 else 280) if n < 4 else (48 + 46 * len(cells), 260)
    return Picture("circles" if n < 4 else "bars", width, height, said, circles, numbers, bars, legend, lines)


def _bar(x: int, cell: Cell, most: int, chosen: bool) -> Bar:
    height = max(1, round(cell.count / most * 100)) if cell.count else 0
    return Bar(x, 130 - height, height, words.number(cell.count), cell.among, chosen)


def _where(among: tuple[bool, ...]) -> str:
    inside = [LETTERS[i] for i, yes in enumerate(among) if yes]
    return f"только {inside[0]}" if len(inside) == 1 else " и ".join(inside) + ("" if all(among) else ", больше нигде")
