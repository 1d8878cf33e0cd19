"""Bills and documents of courses, one to one: as many pairs as can be, then the nearest."""

from datetime import date, timedelta
from itertools import combinations, permutations

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.checks.courses import unpaired

FIRST = date(2026, 3, 2)
DAYS = st.lists(st.integers(0, 40), max_size=5, unique=True).map(sorted)


def days(*numbers):
    return [FIRST + timedelta(days=n) for n in numbers]


def left(bills, papers):
    return [(on - FIRST).days for on in unpaired(days(*bills), days(*papers), 10)]


def test_one_document_is_of_one_weekly_course():
    assert left((0, 7, 14), (7,)) == [0, 14]
    assert left((0, 7, 14), (7, 14)) == [0]  # the document of the last course came: the first one is still missing
    assert left((0, 7, 14), (7, 14, 21)) == []  # all came a week late
    assert left((0, 21, 42), (3, 24, 45)) == []
    assert left((0,), (11,)) == [0]
    assert left((), (1,)) == []


@given(DAYS, DAYS)
def test_it_is_the_best_of_all_pairings(bills, papers):
    def costs():
        for size in range(min(len(bills), len(papers)) + 1):
            for some in combinations(bills, size):
                for with_ in permutations(papers, size):
                    apart = [abs(b - p) for b, p in zip(some, with_, strict=True)]
                    if all(n <= 10 for n in apart):
                        yield len(bills) - size, sum(apart), sorted(set(bills) - set(some))

    every = list(costs())
    best = min(every)[:2]
    assert left(bills, papers) in [one[2] for one in every if one[:2] == best]
