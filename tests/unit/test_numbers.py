"""Whole numbers from outside: what is one, what only looks like one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.numbers import HIGHEST, whole


@pytest.mark.parametrize(("text", "number"), [("7", 7), (" 07 ", 7), ("0", 0), (str(HIGHEST), HIGHEST)])
def test_numbers(text: str, number: int) -> None:
    assert whole(text, 0, HIGHEST) == number


@pytest.mark.parametrize(
    "text", ["", " ", "²", "١٢", "Ⅷ", "-1", "+1", "1e3", "1.0", "1_0", "1 0", str(HIGHEST + 1), "9" * 5000, "0" * 5000]
)
def test_what_only_looks_like_one(text: str) -> None:
    assert whole(text, 0, HIGHEST) is None


@given(text=st.text(max_size=12), lowest=st.integers(0, 50), highest=st.integers(0, 99))
def test_it_never_fails_and_keeps_the_bounds(text: str, lowest: int, highest: int) -> None:
    found = whole(text, lowest, highest)
    assert found is None or lowest <= found <= highest
