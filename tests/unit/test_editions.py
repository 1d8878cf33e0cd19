"""The edition in force is found by spans of days; asked day by day, without them, the answer is the same."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.calendar import Term
from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook

days = st.dates(date(2020, 1, 1), date(2020, 2, 10))
starts = st.just(date.min) | days
ends = st.just(date.max) | days
DUTY = Duty("X-01", "any", "", "", "")


@st.composite
def editions(draw: st.DrawFn) -> list[Edition]:
    found = []
    for number in range(draw(st.integers(1, 4))):
        low, high = draw(starts), draw(ends)
        if low <= high:
            norm, region = draw(st.sampled_from(["verified", "product"])), draw(st.sampled_from(["", "66"]))
            found.append(Edition("X-01", low, high, Term(number + 1, "working_days"), norm, "act", region=region))
    return found or [Edition("X-01", date.min, date.max, Term(1, "working_days"), "product", "act")]


@given(editions())
def test_spans_of_days_change_no_answer(rows: list[Edition]) -> None:
    book = Rulebook([DUTY], rows, region="66")
    for n in range(60):
        day = date(2019, 12, 25) + timedelta(days=n)
        assert book.edition("X-01", day) == book._edition("X-01", day, "", 40, "")
