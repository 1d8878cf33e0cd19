"""Why a duty is overdue, as a head says it: a coded reason with the longest time it may hold the level."""

from typing import NamedTuple


class Reason(NamedTuple):
    """`title` and `words` (where the cause lies) are for people; `longest`: calendar days, our own limit."""

    id: str
    title: str
    words: str
    longest: int
