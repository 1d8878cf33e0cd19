"""What a pathway says beside its tasks: findings for people, owners, silence before the region was observed."""

from datetime import date

import pytest

from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.tasks.wish import Wish
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.view import View

RULES, CALENDAR = default_rulebook(), default_calendar()


def told(
    facts: str, today: str, patient: str = "{sex: male, born: 1955-01-10}", **more: date
) -> tuple[list[View], list[Wish]]:
    (story,) = read_stories(f"story: s\npatient: {patient}\nfacts:\n{facts}")
    day = date.fromisoformat(today)
    views, person = follow(story.timeline, day, RULES, CALENDAR, **more)
    return views, [w for v in views for w in wishes(v, person, day, RULES, CALENDAR)]


SUSPICION = "- {on: 2026-03-02, suspicion: C34.1}\n"
DIAGNOSIS = "- {on: 2026-03-02, diagnosis: C34.1}\n"

CYCLES = (
    "- {on: 2026-01-16, chemo_prescribed: {regimen: XELOX, cycles: 8, icd10: C18.7}}\n- {on: 2026-01-19, chemo_cycle: }\n"
    "- {on: 2026-01-15, consilium: {plan: chemotherapy, icd10: C18.7}}\n"
)

FINDINGS = [
    ("a partial date", SUSPICION + "- {on: 2026-03, consultation: }", {"undated"}),
    ("a plan by month", SUSPICION + "- {on: 2026-05, visit_planned: {register: oncology}}", set()),
    ("a plan without a day", SUSPICION + "- {on: , visit_planned: {register: oncology}}", {"undated"}),
    ("an attachment of the list of the insured", SUSPICION + "- {on: , evidence: list, attached: {org: 1.2.3}}", set()),
    ("an attachment of a document", SUSPICION + "- {on: , attached: {org: 1.2.3}}", {"undated"}),
    ("a date ahead", SUSPICION + "- {on: 2026-05-02, known: 2026-03-03, consultation: }", {"in_future"}),
    ("a date before birth", SUSPICION + "- {on: 1926-03-02, known: 2026-03-03, consultation: }", {"before_birth"}),
    ("passed over", SUSPICION + "- {on: 2026-03-10, diagnosis: C34.1}", {"step_not_documented"}),
    ("treated without a consilium", DIAGNOSIS + "- {on: 2026-03-10, operation: }", {"no_consilium"}),
    ("a consilium the same day", DIAGNOSIS + "- {on: 2026-03-09, consilium: }\n- {on: 2026-03-09, operation: }", set()),
    ("an emergency needs none", DIAGNOSIS + "- {on: 2026-03-10, operation: emergency}", set()),
    ("done elsewhere", SUSPICION + "- {on: 2026-03-03, done_elsewhere: consultation}", {"document_requested"}),
    ("a federal centre", DIAGNOSIS + "- {on: 2026-03-03, referral: federal_centre}", {"extract_requested"}),
    ("death without papers", DIAGNOSIS + "- {on: 2026-03-20, death: }", {"notice_after_death"}),
    (
        "a late case found after death",
        "- {on: 2026-03-02, death: }\n- {on: 2026-03-04, diagnosis: C34.1}",
        {"notice_after_death", "late_stage_after_death"},
    ),
    (
        "on the register, dead, not taken off",
        DIAGNOSIS + "- {on: 2026-03-03, notice_090u: }\n- {on: 2026-03-04, register_entry: }\n- {on: 2026-03-20, death: }",
        {"register_exit_after_death"},
    ),
    ("care after death", SUSPICION + "- {on: 2026-03-03, death: }\n- {on: 2026-03-05, visit: }", {"care_after_death"}),
    (
        "which tumour",
        SUSPICION + "- {on: 2026-03-02, suspicion: C18.2}\n- {on: 2026-03-03, study_performed: ct}",
        {"which_tumour"},
    ),
    ("same tumour", SUSPICION + "- {on: 2026-03-03, diagnosis: C18.2}", {"same_tumour"}),
    (
        "two stages of one day",
        "- {on: 2026-03-02, diagnosis: {icd10: C34.1, stage: II}}\n"
        "- {on: 2026-03-02, evidence: claim, diagnosis: {icd10: C34.1, stage: III}}",
        {"conflict_stage"},
    ),
    (
        "one TNM written in two ways is no contradiction",
        "- {on: 2026-03-02, diagnosis: {icd10: C34.1, t: T2, n: N0}}\n"
        "- {on: 2026-03-02, evidence: register, diagnosis: {icd10: C34.1, t: '2', n: '0'}}",
        set(),
    ),
    ("a late cycle", CYCLES + "- {on: 2026-03-02, chemo_cycle: }", {"cycle_late"}),
    ("another regimen", CYCLES + "- {on: 2026-02-09, chemo_cycle: FOLFIRI}", {"regimen_changed"}),
    ("no length of a cycle", "- {on: 2026-01-19, chemo_cycle: {regimen: another, icd10: C34.1}}",
     {"cycle_length_unknown", "no_consilium"}),
    ("toxicity asks for a consilium", CYCLES + "- {on: 2026-02-09, chemo_stopped: toxicity}", {"consilium_needed"}),
    ("fewer cycles than planned", CYCLES + "- {on: 2026-02-09, chemo_stopped: completed}", {"cycles_differ_from_plan"}),
    (
        "a move of groups nobody knows",
        DIAGNOSIS + "- {on: 2026-03-09, clinical_group: Ia}\n- {on: 2026-03-20, clinical_group: III}",
        {"clinical_group_move"},
    ),
    (
        "group III with a step of the plan still owed",
        "- {on: 2026-03-02, diagnosis: {icd10: C34.1}}\n- {on: 2026-03-03, clinical_group: II}\n"
        "- {on: 2026-03-04, consilium: {plan: [surgery, chemotherapy]}}\n- {on: 2026-03-09, operation: }\n"
        "- {on: 2026-03-20, clinical_group: III}",
        {"clinical_group_move"},
    ),
    (
        "group III after the last step",
        "- {on: 2026-03-02, diagnosis: {icd10: C34.1}}\n- {on: 2026-03-03, clinical_group: II}\n"
        "- {on: 2026-03-04, consilium: {plan: [surgery]}}\n- {on: 2026-03-09, operation: }\n"
        "- {on: 2026-03-20, clinical_group: III}",
        set(),
    ),
    (
        "group IV to II without a consilium",
        DIAGNOSIS + "- {on: 2026-03-09, clinical_group: IV}\n- {on: 2026-03-20, clinical_group: II}",
        {"clinical_group_move"},
    ),
    (
        "group IV to II by a consilium",
        DIAGNOSIS + "- {on: 2026-03-09, clinical_group: IV}\n- {on: 2026-03-12, consilium: }\n"
        "- {on: 2026-03-20, clinical_group: II}",
        set(),
    ),
    ("an unknown programme", "- {on: 2026-02-09, screening_invited: another}", {"programme_unknown"}),
    ("nothing to say", SUSPICION, set()),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "codes"), [row[1:] for row in FINDINGS], ids=[row[0] for row in FINDINGS])
def test_findings(facts: str, codes: set[str]) -> None:
    views, _ = told(facts, "2026-03-31")
    assert {f.code for v in views for f in v.findings} == codes


def test_the_owner_is_the_clinic_that_was_asked_then_the_attached_one_then_the_sender() -> None:
    asked = (
        "- {on: 2026-03-02, author: sender, suspicion: C34.1}\n- {on: 2026-03-02, referral: {to: oncologist, org: asked}}"
    )
    home = "{sex: male, born: 1955-01-10, attached: home}"
    assert [w.owner for w in told(asked, "2026-03-06", home)[1]] == ["asked"]
    alone = "- {on: 2026-03-02, author: sender, suspicion: C34.1}"
    assert [w.owner for w in told(alone, "2026-03-06", home)[1]] == ["home"]
    assert [w.owner for w in told(alone, "2026-03-06")[1]] == ["sender"]
    moved = alone + "\n- {on: 2026-03-05, attached: other}"
    assert [w.owner for w in told(moved, "2026-03-06", home)[1]] == ["other"]


def test_what_was_due_before_the_region_was_observed_is_history() -> None:
    old = (
        "- {on: 2019-03-04, suspicion: C34.1}\n- {on: 2019-04-01, diagnosis: {icd10: C34.1, stage: IV}}\n"
        "- {on: 2019-04-15, operation: }\n- {on: 2019-05-06, refusal: {of: treatment}}\n"
        "- {on: 2019-03-05, study_ordered: ct}\n- {on: 2019-03-05, biopsy_taken: }"
    )
    views, asked = told(old, "2026-03-31", observed_from=date(2025, 1, 1))
    assert (asked, [v.state for v in views if v.pathway == "diagnosis"]) == ([], ["treated"])
    assert told(old, "2026-03-31")[1] != []


def test_a_diagnosis_before_the_region_was_observed_opens_no_clock_that_ends_after() -> None:
    views, asked = told(DIAGNOSIS, "2026-03-31", observed_from=date(2026, 3, 4))
    assert asked == []
    assert all(c.silent for v in views for c in v.clocks)


def test_an_agreed_day_holds_the_task_and_moves_no_clock() -> None:
    agreed = SUSPICION + "- {on: 2026-03-03, evidence: person, appointment: {for: oncologist, at: 2026-03-13}}"
    (task,) = told(agreed, "2026-03-12")[1]
    assert (task.due, task.waiting_until) == (date(2026, 3, 5), date(2026, 3, 13))
    (task,) = told(agreed, "2026-03-15")[1]  # through the weekend behind it
    assert task.waiting_until == date(2026, 3, 13)
    (task,) = told(agreed, "2026-03-16")[1]
    assert (task.due, task.waiting_until, task.level) == (date(2026, 3, 5), None, "head")


VISIT = (
    "- {on: 2026-01-12, diagnosis: C34.1}\n- {on: 2026-01-12, register_entry: }\n- {on: 2026-02-20, visit: }\n"
    "- {on: 2026-02-16, study_performed: A04.16.001}\n- {on: 2026-02-17, study_performed: lab}\n"
)


def test_what_a_visit_lacked_is_told_thirty_days_later_and_advises_only() -> None:
    (view,) = [v for v in told(VISIT, "2026-03-22")[0] if v.pathway == "follow_up"]
    assert view.notes["volume"]["missing"] == ["A04.06.002"]  # the core is blood and urine: "lab"
    assert "A04.16.001" in view.notes["volume"]["done"]
    assert "visit_volume" not in {f.code for f in view.findings}
    assert view.wakes_on == date(2026, 3, 23)
    views, asked = told(VISIT, "2026-03-23")
    assert "visit_volume" in {f.code for v in views for f in v.findings}
    assert not [w for w in asked if w.key.pathway == "follow_up"]  # it opens no task
    full = VISIT + "- {on: 2026-03-20, study_performed: ultrasound}"
    assert "visit_volume" not in {f.code for v in told(full, "2026-03-23")[0] for f in v.findings}


def test_a_site_the_schedule_does_not_name_is_not_judged() -> None:
    views, _ = told(VISIT.replace("C34.1", "C22.0"), "2026-03-31")
    assert [v.notes for v in views if v.pathway == "follow_up"] == [{}]


def test_the_delay_of_a_line_is_told_relative_to_its_plan() -> None:
    late = CYCLES + "- {on: 2026-02-12, chemo_cycle: }\n- {on: 2026-03-09, chemo_cycle: }"
    (view,) = [v for v in told(late, "2026-03-10")[0] if v.pathway == "chemotherapy"]
    (delay,) = view.notes["delays"]
    # 19.01 -> 12.02 is 24 days, 12.02 -> 09.03 is 25; planned 21 each: 7 days of 42
    assert {k: delay[k] for k in ("cycles", "of", "late_cycles", "days", "planned_days", "percent")} == {
        "cycles": 3, "of": 8, "late_cycles": 2, "days": 7, "planned_days": 42, "percent": 17,
    }  # fmt: skip


def test_after_a_discharge_the_clinic_of_residence_owes_the_visit_and_not_the_hospital() -> None:
    way = (
        "- {on: 2026-02-02, diagnosis: C50.4}\n- {on: 2026-02-03, author: clinic, register_entry: }\n"
        "- {on: 2026-02-17, author: hospital, operation: }\n- {on: 2026-02-26, author: hospital, discharge: }"
    )
    assert [w.owner for w in told(way, "2026-03-16")[1] if w.key.rule == "FU-13"] == ["clinic"]


@pytest.mark.parametrize(
    "facts",
    [
        "- {on: 1950-01-01, chemo_cycle: {side: right}}\n"
        "- {on: 1950-01-01, register_entry: {register: oncology, icd10: C50.9}}\n",
        "- {on: 1950-01-01, suspicion: C50.9}\n- {on: 1950-01-01, operation: {aim: radical, side: right}}\n",
    ],
)
def test_a_case_that_learns_its_site_late_is_the_next_round(facts: str) -> None:
    """Found by the deep properties: two cases of one name, C50/right/1."""
    facts += (
        "- {on: 2026-01-12, suspicion: {icd10: R91, side: right}}\n"
        "- {on: 2026-01-12, consultation: {specialty: oncologist, icd10: C50.9, side: left}}\n"
    )
    views, wished = told(facts, "2026-01-12", "{sex: female, born: 1930-01-01}")
    assert [v.episode for v in views if v.pathway == "diagnosis"] == ["C50/right/1", "C50/right/2"]
    assert len({w.key for w in wished}) == len(wished)
