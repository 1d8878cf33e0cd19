"""A head's word on an overdue duty: while it holds, the level of the task does not rise.

Pure: the level of a day follows from the days on which levels rise by themselves and the words in force that day
(DESIGN invariant 6). After the last held day the level is what it would have been without the word."""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from typing import NamedTuple


class Acknowledgement(NamedTuple):
    """`on`: the first day it is in force, the day it was said; `until`: the last day the level is held.

    `number` orders words of one day. Words withdrawn or not yet known are left out by whoever gathers them."""

    on: date
    until: date
    number: int = 0


def held(rises: Sequence[tuple[date, str]], due: date, today: date, words: Sequence[Acknowledgement]) -> str:
    """The level today. `rises`: from which day on which level, ascending.

    A word holds the level that stood on its day, earlier words included; one said while the duty was not yet overdue
    (by today's due date) was about something else and holds nothing."""
    days = [day for day, _ in rises]

    def natural(day: date) -> int:
        return max(0, bisect_right(days, day) - 1)

    holds: list[tuple[date, int]] = []
    for word in sorted(words, key=lambda w: (w.on, w.number)):
        if due < word.on <= today:
            stood = min([natural(word.on), *(level for until, level in holds if until >= word.on)])
            holds.append((word.until, stood))
    return rises[min([natural(today), *(level for until, level in holds if until >= today)])][1]
