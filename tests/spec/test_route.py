"""The dates of the way keep their names: statistics of routing read them from stored views."""

from datetime import date

import pytest

from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.route import ROUTE

WAY = """
- {on: 2026-03-02, suspicion: C34.1}
- {on: 2026-03-03, referral: oncologist}
- {on: 2026-03-05, consultation: }
- {on: 2026-03-05, study_ordered: ct}
- {on: 2026-03-06, biopsy_taken: }
- {on: 2026-03-10, study_performed: ct}
- {on: 2026-03-16, pathology_report: malignant}
- {on: 2026-03-17, study_performed: mri}
- {on: 2026-03-18, diagnosis: C34.1}
- {on: 2026-03-19, consilium: {plan: [surgery, chemotherapy]}}
- {on: 2026-03-25, operation: }
"""
REACHED = [
    ("2026-03-02", {"first_visit": "2026-03-02"}),
    ("2026-03-03", {"first_visit": "2026-03-02", "referral": "2026-03-03"}),
    # the CT is in, but the histology is awaited: not examined yet
    ("2026-03-10", {"first_visit": "2026-03-02", "referral": "2026-03-03", "consultation": "2026-03-05"}),
    (
        "2026-03-25",
        {
            "first_visit": "2026-03-02",
            "referral": "2026-03-03",
            "consultation": "2026-03-05",
            "examined": "2026-03-16",
            "diagnosis": "2026-03-16",
            "plan": "2026-03-19",
            "treatment": "2026-03-25",
        },
    ),
]


def way(facts: str, today: str) -> dict[str, str]:
    (story,) = read_stories(f"story: s\npatient: {{sex: male, born: 1955-01-10}}\nfacts:\n{facts}")
    views, _ = follow(story.timeline, date.fromisoformat(today), default_rulebook(), default_calendar())
    (view,) = [v for v in views if v.pathway == "diagnosis"]
    return {name: view.milestones[name].isoformat() for name in ROUTE if name in view.milestones}


@pytest.mark.parametrize(("today", "reached"), REACHED)
def test_the_way_is_told_as_far_as_it_went(today: str, reached: dict[str, str]) -> None:
    assert way(WAY, today) == reached


def test_examined_before_the_decision_once_nothing_is_awaited() -> None:
    clear = (
        "- {on: 2026-03-02, suspicion: R91}\n- {on: 2026-03-03, study_ordered: ct}\n- {on: 2026-03-06, study_performed: ct}"
    )
    assert way(clear, "2026-03-06")["examined"] == "2026-03-06"
    late = (
        clear + "\n- {on: 2026-03-10, diagnosis: {icd10: R91, status: excluded}}\n- {on: 2026-03-12, study_performed: mri}"
    )
    assert way(late, "2026-03-12")["examined"] == "2026-03-06"


def test_a_word_is_no_consultation_and_another_doctor_none_either() -> None:
    facts = "- {on: 2026-03-02, suspicion: C34.1}\n- {on: 2026-03-03, evidence: person, consultation: }\n"
    assert "consultation" not in way(facts + "- {on: 2026-03-04, consultation: other}", "2026-03-05")
