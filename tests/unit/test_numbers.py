"""Whole numbers from outside: what is read, what is refused in words."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.errors import UserError
from oncor_cases.kernel.numbers import LARGEST, whole, whole_or

SPOILT = ("", " ", "²", "١٢", "1e3", "1_0", "1.0", "1,0", "+3", "--1", "-", "0x1", "1 000", "три", "9" * 5_000, "1\n2", "½")


@pytest.mark.parametrize("text", SPOILT)
def test_what_is_no_number_is_refused_in_words(text):
    with pytest.raises(UserError, match=r"^Нужно целое число от -100 до 100$"):
        whole(text, -100, 100)
    with pytest.raises(UserError, match=r"^Сколько: нужно целое число$"):
        whole(text, 0, LARGEST, "Сколько")


@given(st.text(max_size=30))
def test_whatever_comes_is_a_number_within_the_bounds_or_a_user_error(text):
    with suppress(UserError):
        assert -50 <= whole(text, -50, 50) <= 50


@given(st.integers(-(2**70), 2**70), st.integers(-(2**63), LARGEST), st.integers(-(2**63), LARGEST))
def test_a_number_is_read_exactly_within_its_bounds(number, one, other):
    low, high = sorted((one, other))
    if low <= number <= high:
        assert whole(f" {number} ", low, high) == number
    else:
        with pytest.raises(UserError):
            whole(str(number), low, high)


def test_a_spoilt_value_may_mean_as_much_as_none():
    assert [whole_or(text, 1, 12, 2) for text in ("3", "12", "13", "0", "²", "", "9" * 5_000)] == [3, 12, 2, 2, 2, 2, 2]
