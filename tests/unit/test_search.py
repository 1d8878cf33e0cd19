"""The protocol of the search: two calls in 30 days, a letter, a visit at home, the head; left by facts, never by days."""

from datetime import date

import pytest

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.sources.seeds import default_calendar, tables
from oncor_cases.workflows.events import merge
from oncor_cases.workflows.search import search

MISSED, BEGUN = date(2026, 2, 2), date(2026, 2, 20)


def tried(*attempts: tuple[str, str, str]) -> list[Fact]:
    """(day, channel, outcome[/next try])."""
    facts = []
    for n, (day, channel, outcome) in enumerate(attempts):
        how, _, again = outcome.partition("/")
        on = date.fromisoformat(day)
        facts.append(fact(f"f{n}", "contact", on, on, {"outcome": how, "channel": channel, "next_on": again or None}))
    return facts


SEARCHES = [
    ("nobody tried", [], ("call", "2026-02-20")),
    ("one call", [("2026-02-20", "phone", "no_answer")], ("call", "2026-02-26")),  # 23 February is off
    ("one call and an agreed day", [("2026-02-20", "phone", "no_answer/2026-03-05")], ("call", "2026-03-05")),
    (
        "two calls in 30 days",
        [("2026-02-20", "phone", "no_answer"), ("2026-02-25", "message", "no_answer")],
        ("letter", "2026-02-26"),
    ),
    (
        "two calls 40 days apart are not two",
        [("2026-02-20", "phone", "no_answer"), ("2026-04-01", "phone", "no_answer")],
        ("call", "2026-04-06"),
    ),
    ("a wrong number", [("2026-02-20", "phone", "wrong_number")], ("letter", "2026-02-24")),
    (
        "a letter is given two weeks",
        [("2026-02-20", "phone", "wrong_number"), ("2026-02-24", "letter", "no_answer")],
        ("home_visit", "2026-03-11"),
    ),
    (
        "a returned letter is not waited for",
        [("2026-02-20", "phone", "wrong_number"), ("2026-02-24", "letter", "letter_returned")],
        ("home_visit", "2026-02-25"),
    ),
    (
        "nobody at home",
        [
            ("2026-02-20", "phone", "wrong_number"),
            ("2026-02-24", "letter", "letter_returned"),
            ("2026-02-25", "home_visit", "no_answer"),
        ],
        ("head", "2026-02-26"),
    ),
    ("a call before the clock does not count", [("2026-02-01", "phone", "wrong_number")], ("call", "2026-02-20")),
    ("a visit out of turn waits for its turn", [("2026-02-20", "home_visit", "no_answer")], ("call", "2026-02-20")),
]


@pytest.mark.parametrize(("attempts", "next_step"), [row[1:] for row in SEARCHES], ids=[row[0] for row in SEARCHES])
def test_what_is_next(attempts: list[tuple[str, str, str]], next_step: tuple[str, str]) -> None:
    contacts, _, _ = merge(tried(*attempts), date(2026, 12, 31), None)
    found = search(tables().search, contacts, MISSED, BEGUN, default_calendar())
    assert (found.step, found.on.isoformat()) == next_step
