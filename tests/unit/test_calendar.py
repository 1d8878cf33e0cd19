"""The production calendar against the vectors of the regulations reference, and the arithmetic of legal terms."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.calendar import Calendar, CalendarRecord, Term, russian
from oncor_cases.sources.seeds import default_calendar

CALENDAR = default_calendar()
DAYS = st.dates(date(2023, 1, 1), date(2027, 12, 31))

# start, the third and the seventh working day after it (the start day is not counted)
VECTORS = """
2024-04-26 2024-05-03 2024-05-13
2024-10-31 2024-11-05 2024-11-11
2024-12-27 2025-01-10 2025-01-16
2025-04-30 2025-05-07 2025-05-15
2025-10-31 2025-11-06 2025-11-12
2025-12-30 2026-01-14 2026-01-20
2026-02-20 2026-02-26 2026-03-04
2026-03-06 2026-03-12 2026-03-18
2026-04-30 2026-05-06 2026-05-13
2026-06-11 2026-06-17 2026-06-23
2026-11-03 2026-11-09 2026-11-13
2026-12-30 2027-01-13 2027-01-19
"""
ROWS = [tuple(map(date.fromisoformat, line.split())) for line in VECTORS.split("\n") if line]


@pytest.mark.parametrize(("start", "third", "seventh"), ROWS)
def test_working_days_are_counted_as_the_decrees_say(start: date, third: date, seventh: date) -> None:
    assert CALENDAR.add_working_days(start, 3) == third
    assert CALENDAR.due(start, Term(7, "working_days")) == seventh
    assert CALENDAR.working_days_between(start, seventh) == 7


@pytest.mark.parametrize(("year", "days"), [(2024, 248), (2025, 247), (2026, 247)])
def test_a_year_has_its_working_days(year: int, days: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


@pytest.mark.parametrize("day", ["2024-04-27", "2024-11-02", "2024-12-28", "2025-11-01"])
def test_working_saturdays(day: str) -> None:
    saturday = date.fromisoformat(day)
    assert saturday.weekday() == 5
    assert CALENDAR.is_working(saturday)


@pytest.mark.parametrize("day", ["2024-12-30", "2024-12-31", "2025-05-02", "2025-12-31", "2026-01-09", "2026-03-09"])
def test_transferred_days_off(day: str) -> None:
    assert not CALENDAR.is_working(date.fromisoformat(day))
    assert CALENDAR.reason(date.fromisoformat(day))


def test_a_term_in_months_ends_on_the_same_number_or_the_last_day() -> None:
    assert CALENDAR.due(date(2026, 1, 31), Term(1, "months")) == date(2026, 2, 28)
    assert CALENDAR.due(date(2024, 1, 31), Term(1, "months")) == date(2024, 2, 29)
    assert CALENDAR.due(date(2026, 1, 15), Term(3, "months")) == date(2026, 4, 15)


def test_only_a_legal_term_moves_off_a_day_that_is_not_worked() -> None:
    # the last day is Saturday 9 May; Monday 11 May is off too
    assert CALENDAR.due(date(2026, 5, 2), Term(7, "calendar_days", roll=True)) == date(2026, 5, 12)
    assert CALENDAR.due(date(2026, 5, 2), Term(7, "calendar_days")) == date(2026, 5, 9)
    assert CALENDAR.due(date(2026, 4, 9), Term(1, "months", roll=True)) == date(2026, 5, 12)


def test_every_skipped_day_has_its_reason() -> None:
    start, due = date(2026, 4, 30), date(2026, 5, 13)
    skipped = CALENDAR.skipped(start, due, Term(7, "working_days"))
    assert [s.day.day for s in skipped] == [1, 2, 3, 9, 10, 11]
    assert all(s.reason for s in skipped)
    moved = CALENDAR.skipped(date(2026, 5, 2), date(2026, 5, 12), Term(7, "calendar_days", roll=True))
    assert [s.day.day for s in moved] == [9, 10, 11]


def test_a_region_adds_its_own_days_and_a_decree_takes_them_back() -> None:
    own = CalendarRecord(date(2026, 4, 21), False, "Радоница", known=date(2026, 1, 10))
    back = CalendarRecord(date(2026, 4, 21), True, "отменено", known=date(2026, 4, 1))
    until = date(2026, 12, 31)
    assert not russian(until, [own]).is_working(own.day)
    assert russian(until, [back, own]).is_working(own.day)
    assert not russian(until, [own, back], known_on=date(2026, 3, 1)).is_working(own.day)
    assert russian(until, [own], known_on=date(2026, 1, 9)).is_working(own.day)


def test_beyond_the_decrees_a_due_date_is_provisional() -> None:
    assert not CALENDAR.is_provisional(date(2026, 12, 31))
    assert CALENDAR.is_provisional(date(2027, 1, 1))


@given(DAYS, st.integers(1, 40))
def test_counting_forth_and_back_agree(start: date, n: int) -> None:
    due = CALENDAR.add_working_days(start, n)
    assert CALENDAR.is_working(due)
    assert CALENDAR.working_days_between(start, due) == n
    assert sum(CALENDAR.is_working(start + timedelta(days=i)) for i in range(1, (due - start).days + 1)) == n


@given(DAYS)
def test_the_next_working_day_is_not_passed_over(day: date) -> None:
    following = CALENDAR.next_working(day)
    assert following >= day
    assert CALENDAR.is_working(following)
    assert not any(CALENDAR.is_working(day + timedelta(days=i)) for i in range((following - day).days))
    assert CALENDAR.after(day) == CALENDAR.next_working(day + timedelta(days=1))


def test_a_plain_week_without_a_country() -> None:
    plain = Calendar({}, {}, date(2026, 12, 31))
    assert plain.add_working_days(date(2026, 5, 1), 1) == date(2026, 5, 4)
    assert plain.add_working_days(date(2026, 5, 1), 0) == date(2026, 5, 1)
    assert plain.working_days_between(date(2026, 5, 4), date(2026, 5, 1)) == 0


@pytest.mark.parametrize(
    "day", [date.min, date(1900, 1, 1), date(1940, 1, 1), date(2090, 12, 29), date(2999, 1, 1), date.max]
)
def test_a_date_mistyped_by_a_century_stops_nothing(day: date) -> None:
    for term in (Term(3, "working_days"), Term(10, "calendar_days", True), Term(3, "months", True), Term(12, "months")):
        assert day <= CALENDAR.due(day, term) <= date.max
    assert CALENDAR.after(day) >= day
    assert CALENDAR.next_working(day) >= day
    assert CALENDAR.working_days_between(day, date(2026, 3, 2)) >= 0


def test_outside_the_index_the_plain_week_is_counted() -> None:
    assert CALENDAR.add_working_days(date(2999, 1, 1), 3) == date(2999, 1, 4)  # a Tuesday
    assert CALENDAR.add_working_days(date(2999, 1, 1), 4) == date(2999, 1, 7)
    assert CALENDAR.add_working_days(date(2999, 1, 5), 5) == date(2999, 1, 11)  # from a Saturday
