"""A head's word holds the level to its day and not a day longer; what is not about this overdue holds nothing."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.workflows.acknowledged import Acknowledgement, held

DUE = date(2026, 3, 5)
RISES = [(date(2026, 3, 6), "navigator"), (date(2026, 3, 12), "head"), (date(2026, 3, 23), "coordinator")]
ORDER = {level: n for n, (_, level) in enumerate(RISES)}
DAYS = st.integers(-5, 60).map(lambda n: DUE + timedelta(days=n))


def levels(*words, first=6, last=31):
    return {day: held(RISES, DUE, date(2026, 3, day), words) for day in range(first, last + 1)}


def test_the_level_is_held_through_its_day_and_then_is_what_it_would_have_been():
    found = levels(Acknowledgement(date(2026, 3, 13), date(2026, 3, 27)))
    assert found[11] == "navigator"
    assert {found[day] for day in range(12, 28)} == {"head"}
    assert found[28] == "coordinator"


def test_said_before_the_head_it_holds_the_navigator():
    found = levels(Acknowledgement(date(2026, 3, 6), date(2026, 3, 16)))
    assert {found[day] for day in range(6, 17)} == {"navigator"}
    assert found[17] == "head"


def test_a_word_said_under_another_holds_what_that_one_held():
    found = levels(
        Acknowledgement(date(2026, 3, 13), date(2026, 3, 24)), Acknowledgement(date(2026, 3, 24), date(2026, 3, 30))
    )
    assert found[30] == "head"
    assert found[31] == "coordinator"


def test_a_word_said_while_nothing_was_overdue_holds_nothing():
    assert levels(Acknowledgement(date(2026, 3, 5), date(2026, 3, 31))) == levels()


@given(st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=5), DAYS.filter(lambda d: d > DUE))
def test_words_only_hold_and_their_order_of_arrival_is_nothing(said, today):
    words = [Acknowledgement(on, on + timedelta(days=n), i) for i, (on, n) in enumerate(said)]
    level = held(RISES, DUE, today, words)
    assert level == held(RISES, DUE, today, list(reversed(words)))
    assert ORDER[level] <= ORDER[held(RISES, DUE, today, [])]
    if not any(w.on <= today <= w.until for w in words):
        assert level == held(RISES, DUE, today, [])


@given(st.lists(st.tuples(DAYS, st.integers(0, 40)), max_size=5), DAYS.filter(lambda d: d > DUE))
def test_while_no_new_word_comes_the_level_never_falls(said, today):
    words = [Acknowledgement(on, on + timedelta(days=n), i) for i, (on, n) in enumerate(said) if on <= today]
    walked = [ORDER[held(RISES, DUE, today + timedelta(days=n), words)] for n in range(60)]
    assert walked == sorted(walked)
