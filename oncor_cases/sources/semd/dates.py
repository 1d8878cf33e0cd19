"""HL7 points in time as calendar dates: the day as written, no zone conversion, with its precision."""

import re
from functools import lru_cache
from typing import NamedTuple

_POINT = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d{2,6}(?:\.\d+)?)?([+-]\d{2}(?:\d{2})?)?")
_RUSSIAN = re.compile(r"\b(\d{1,2})\.(\d{1,2})\.(\d{4})\b")
_DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
EARLIEST, LATEST = 1900, 2100  # outside of it the year is a slip of the keyboard


class Moment(NamedTuple):
    """`on`: `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or None; `problem`: empty, `date_unreadable` or `date_impossible`."""

    on: str | None
    problem: str = ""

    @property
    def full(self) -> bool:
        """True for a whole calendar date."""
        return self.on is not None and len(self.on) == 10


NOTHING = Moment(None)


@lru_cache(maxsize=16384)
def moment(text: str | None) -> Moment:
    """What `20210125`, `202101251600+0300`, `202101` or `2021` say; never raises.

    A day that does not exist keeps its month, a month that does not exist keeps its year."""
    if not text or not (text := text.strip()):
        return NOTHING
    match = _POINT.fullmatch(text)
    if match is None:
        return Moment(None, "date_unreadable")
    year, month, day = match.group(1, 2, 3)
    if not EARLIEST <= int(year) < LATEST:
        return Moment(None, "date_impossible")
    if not month:
        return Moment(year)
    if not 1 <= int(month) <= 12:
        return Moment(year, "date_impossible")
    if not day:
        return Moment(f"{year}-{month}")
    last = 28 if month == "02" and not _leap(int(year)) else _DAYS[int(month) - 1]
    if not 1 <= int(day) <= last:
        return Moment(f"{year}-{month}", "date_impossible")
    return Moment(f"{year}-{month}-{day}")


def _leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)


def in_words(text: str) -> Moment:
    """The only date in a Russian free text (`явка 12.03.2026`); nothing if there is none or more than one."""
    found = _RUSSIAN.findall(text or "")
    if len(found) != 1:
        return NOTHING
    day, month, year = found[0]
    read = moment(f"{year}{month:0>2}{day:0>2}")
    return read if read.full else NOTHING
