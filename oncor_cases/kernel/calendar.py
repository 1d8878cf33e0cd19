"""The production calendar and the arithmetic of legal terms.

A due date is the last day still in time. The start day is not counted (Civil Code art. 191); a term in months ends
on the same day number or the last day of a shorter month (192); a legal term in calendar days or months whose last
day is not a working day ends on the next working day (193). Clinical intervals and product defaults do not move.
Defended by tests/unit/test_calendar.py (vectors of the regulations reference) and tests/spec/calendar.
"""

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import holidays

Unit = Literal["working_days", "calendar_days", "months"]

FIRST_YEAR, LAST_YEAR = 1940, 2090  # outside of it no date of a living person's care can lie
FEDERAL_FROM, FEDERAL_TO = 2000, 2060  # years for which the federal library is asked
ONE_DAY = timedelta(days=1)


class Term(NamedTuple):
    """A limit: `limit` units; `roll` is true where article 193 moves the last day to a working day."""

    limit: int
    unit: Unit
    roll: bool = False


class Skipped(NamedTuple):
    """A day between start and due that was not counted, with the reason in Russian."""

    day: date
    reason: str


@dataclass(frozen=True, slots=True)
class CalendarRecord:
    """A dated correction: a region's own day off, or a decree that came after the library's release.

    `known` is the day the record was entered; a question "as known on" an earlier day does not see it."""

    day: date
    working: bool
    reason: str
    known: date = date.min


class Calendar:
    """Working days answered from a precomputed index; immutable after construction."""

    __slots__ = ("_days", "_from", "_index", "_names", "_to", "_zero", "decreed_until", "skipped")

    def __init__(self, off: Mapping[date, str], on: Mapping[date, str], decreed_until: date) -> None:
        """`off` and `on`: exceptions to the plain week with their reasons; days after `decreed_until` are provisional."""
        self._from, self._to = date(FIRST_YEAR, 1, 1), date(LAST_YEAR, 12, 31)
        self._zero = self._from.toordinal()  # ordinals subtract without making a timedelta
        self._names: dict[date, str] = {**on, **off}
        self.decreed_until = decreed_until
        self.skipped = lru_cache(maxsize=20_000)(self._skipped)  # a region starts many clocks on one day
        self._days: list[date] = []
        self._index: list[int] = []  # number of working days up to and including each day
        day = self._from
        while day <= self._to:
            if day in on or (day.weekday() < 5 and day not in off):
                self._days.append(day)
            self._index.append(len(self._days))
            day += ONE_DAY

    def _count(self, day: date) -> int:
        return self._index[min(max(day, self._from), self._to).toordinal() - self._zero]

    def is_working(self, day: date) -> bool:
        """True if `day` is worked in this region; outside the index the plain week is all we know."""
        at = day.toordinal() - self._zero
        if not 0 < at < len(self._index):
            return day.weekday() < 5
        return self._index[at] > self._index[at - 1]

    def add_working_days(self, start: date, n: int) -> date:
        """The n-th working day strictly after `start` (art. 191: the start day is not counted)."""
        if n <= 0:
            return start
        at = start.toordinal() - self._zero
        if 0 <= at < len(self._index):
            nth = self._index[at] + n - 1
            if nth < len(self._days):
                return self._days[nth]
        return _plain_week(start, n)

    def working_days_between(self, start: date, end: date) -> int:
        """How many working days lie after `start` up to and including `end`; 0 if `end` is not after it."""
        return max(0, self._count(end) - self._count(start)) if end > start else 0

    def next_working(self, day: date) -> date:
        """`day` itself if worked, else the first working day after it (art. 193)."""
        return day if self.is_working(day) else self.after(day)

    def after(self, day: date) -> date:
        """The first working day strictly after `day`."""
        return self.add_working_days(day, 1)

    def due(self, start: date, term: Term) -> date:
        """The last day still in time for a term that started on `start`."""
        if term.unit == "working_days":
            return self.add_working_days(start, term.limit)
        try:
            last = start + timedelta(days=term.limit) if term.unit == "calendar_days" else months_later(start, term.limit)
        except (OverflowError, ValueError):
            return date.max
        return self.next_working(last) if term.roll else last

    def is_provisional(self, due: date) -> bool:
        """True if the date lies beyond the decreed years: a decree may still move it."""
        return due > self.decreed_until

    def _skipped(self, start: date, due: date, term: Term) -> tuple[Skipped, ...]:
        """The days between start and due that were not counted, each with its reason; for "why this date"."""
        first = start + ONE_DAY
        if term.unit != "working_days":
            last = start + timedelta(days=term.limit) if term.unit == "calendar_days" else months_later(start, term.limit)
            first = last  # calendar terms skip only at the end (art. 193)
        days = (first + timedelta(days=i) for i in range((due - first).days + 1))
        return tuple([Skipped(day, self.reason(day)) for day in days if not self.is_working(day)])

    def reason(self, day: date) -> str:
        """Why the day is what it is: a holiday's name, a transfer, or the day of the week."""
        return self._names.get(day) or ("суббота" if day.weekday() == 5 else "воскресенье" if day.weekday() == 6 else "")


def months_later(start: date, n: int) -> date:
    """The same day number `n` months later, or the last day of a shorter month (art. 192)."""
    years, month = divmod(start.month - 1 + n, 12)
    year = start.year + years
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def _plain_week(start: date, n: int) -> date:
    """The n-th weekday after a day outside the index: a date mistyped by a century must not stop a run."""
    weeks, rest = divmod(n, 5)
    try:
        day = start - timedelta(days=max(0, start.weekday() - 4)) + timedelta(weeks=weeks)  # a weekend counts as its Friday
        while rest or day.weekday() >= 5:
            day += ONE_DAY
            rest -= 1 if day.weekday() < 5 and rest else 0
    except OverflowError:
        return date.max
    return day


def russian(decreed_until: date, records: Iterable[CalendarRecord] = (), known_on: date | None = None) -> Calendar:
    """The federal calendar of the `holidays` package with a region's dated records on top.

    Federal days are right for the decreed years only when asked by `is_working_day`: a plain "weekday and not a
    holiday" test misses the working Saturdays."""
    federal = holidays.country_holidays("RU", years=range(FEDERAL_FROM, FEDERAL_TO + 1), language="ru")
    off: dict[date, str] = {}
    on: dict[date, str] = {}
    day = date(FEDERAL_FROM, 1, 1)
    while day.year <= FEDERAL_TO:
        working = federal.is_working_day(day)
        if working and day.weekday() >= 5:
            on[day] = "рабочая суббота (перенос)" if day.weekday() == 5 else "рабочее воскресенье (перенос)"
        elif not working and (day.weekday() < 5 or federal.get(day)):
            off[day] = federal.get(day) or "выходной день"
        day += ONE_DAY
    for record in sorted(records, key=lambda r: (r.known, r.day)):
        if known_on is not None and record.known > known_on:
            continue
        off.pop(record.day, None)
        on.pop(record.day, None)
        (on if record.working else off)[record.day] = record.reason
    return Calendar(off, on, decreed_until)
