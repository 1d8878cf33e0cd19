"""The words of the comparisons: both sides in a line, and what the task asks for."""

import pytest

from oncor_cases.checks.comparisons import COMPARISONS, asked, said
from oncor_cases.sources.seeds import default_rulebook


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({}, "нет"),
        ({"org": "1.2.3"}, ""),
        ({"code": "C50.9", "stage": "IV", "tnm": "T4 N1 M1"}, "C50.9, IV, T4 N1 M1"),
        ({"codes": ["C18.7", "C50.9"]}, "C18.7, C50.9"),
        ({"on": "2026-03-12", "cause": "I21.9"}, "12.03.2026, причина I21.9"),
        ({"code": "C73", "on": "2026-03-12", "notice": "2026-03-14"}, "C73, 12.03.2026, извещение 14.03.2026"),
        ({"observed": "2025-01-02", "registered": "2025-01-03"}, "под наблюдением с 02.01.2025, в регистре с 03.01.2025"),
    ],
)
def test_a_side_is_one_line(values, words):
    assert said(values) == words


def test_a_task_tells_both_sides_and_names_the_clinics():
    names = {"1": "ГП № 1", "2": "ГП № 2"}
    text = asked(COMPARISONS["attachment_differs"], {"org": "1"}, {"org": "2", "on": "2026-03-12"}, names)
    assert text.endswith("Прикрепление: ГП № 1; наблюдение: 12.03.2026, ГП № 2.")
    assert asked(COMPARISONS["two_registers"], {"org": "1"}, {"org": "2"}) == COMPARISONS["two_registers"].todo + "."


def test_every_comparison_has_a_rule_of_its_own_in_the_book():
    book = default_rulebook("", None)
    rules = [c.rule for c in COMPARISONS.values()]
    assert len(set(rules)) == len(rules)
    for comparison in COMPARISONS.values():
        duty = book.duties[comparison.rule]
        calls = comparison.name == "plan_not_kept"  # the others are paperwork: nobody calls the patient about them
        assert (duty.pathway, duty.title, duty.calls) == ("lists", comparison.title, calls)
        assert duty.escalation
