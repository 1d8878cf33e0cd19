"""How a number changed from run to run, as coordinates of a small line for an inline SVG.

The scale begins at nought, so a small change looks small; days lie as far apart as they are; where nothing was counted the
line is broken. The same numbers stand beside it as a table or in the words of the picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.web import words

SMALL, LARGE = (112, 26), (640, 120)
EDGE = 3  # so that a dot at the border is whole


@dataclass(frozen=True, slots=True)
class Dot:
    """A run; `title` says its day and number."""

    x: float
    y: float
    title: str


@dataclass(frozen=True, slots=True)
class Trend:
    """`lines`: points of each unbroken piece; `most`: the number at the upper edge."""

    width: int
    height: int
    words: str
    lines: tuple[str, ...]
    dots: tuple[Dot, ...]
    last: Dot
    most: str
    first_day: str
    last_day: str


def draw(counted: Sequence[tuple[date, int | None]], size: tuple[int, int], today: date) -> Trend | None:
    """`counted`: days ascending with what was open; None where it was not counted. Fewer than two numbers are no picture."""
    there = [(day, n) for day, n in counted if n is not None]
    if len(there) < 2:
        return None
    width, height = size
    (begin, first), (end, last) = there[0], there[-1]
    most = max(n for _, n in there)
    days = max(1, (end - begin).days)

    def at(day: date, n: int) -> Dot:
        x = EDGE + (day - begin).days / days * (width - 2 * EDGE)
        y = height - EDGE - n / max(1, most) * (height - 2 * EDGE)
        return Dot(round(x, 1), round(y, 1), f"{words.day(day, today)}: {words.number(n)}")

    pieces: list[list[Dot]] = [[]]
    for day, n in counted:
        if n is None:
            pieces.append([])
        else:
            pieces[-1].append(at(day, n))
    return Trend(
        width=width,
        height=height,
        words=f"Открыто {words.day(begin, today)}: {words.number(first)}, {words.day(end, today)}: {words.number(last)},"
        f" больше всего {words.number(most)}",
        lines=tuple(" ".join(f"{d.x},{d.y}" for d in piece) for piece in pieces if len(piece) > 1),
        dots=tuple(d for piece in pieces for d in piece),
        last=at(end, last),
        most=words.number(most),
        first_day=words.day(begin, today),
        last_day=words.day(end, today),
    )
