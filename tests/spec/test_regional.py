"""What a region may choose: duties turned on from notes, switches of the acts' open questions."""

import json
from typing import Any

import pytest

from oncor_cases.actions.story import check
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.sources.seeds import amended_rulebook, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.workflows.noted import EVENTS

HEAD = "story: s\npatient: {sex: female, born: 1961-04-12}\nfacts:\n"
LIMIT = {"limit": 5, "unit": "working_days", "norm": "product", "act": "Решение региона"}
NOTED = {
    "DX-05": (
        "  - {on: 2026-03-02, diagnosis: {icd10: C50.9}}\n",
        "  - {on: 2026-03-11, referral: {icd10: C50.9, to: hospital}}\n",
        {"editions": [LIMIT]},
    ),
    "DX-06": (
        "  - {on: 2026-03-02, referral: {icd10: C50.9, to: oncologist}}\n",
        "  - {on: 2026-03-11, consultation: {icd10: C50.9, specialty: oncologist}}\n",
        {},
    ),
    "DX-07": (
        "  - {on: 2026-03-02, suspicion: {icd10: C50.9}}\n"
        "  - {on: 2026-03-02, diagnosis: {icd10: C50.9, status: preliminary}}\n",
        "  - {on: 2026-03-11, biopsy_taken: {icd10: C50.9}}\n",
        {},
    ),
    "DX-09": (
        "  - {on: 2026-02-02, diagnosis: {icd10: C50.9}}\n",
        "  - {on: 2026-03-11, operation: {icd10: C50.9, aim: radical}}\n",
        {},
    ),
}


def wrong(text: str, change: list[dict[str, Any]]) -> list[Any]:
    book = amended_rulebook("", (), (1, json.dumps(change)))
    return [d for s in read_stories(text) for d in check(s, book)["differences"]]


@pytest.mark.parametrize("rule", NOTED)
def test_a_note_turned_on_opens_a_task_and_its_step_closes_it(rule: str) -> None:
    start, stop, more = NOTED[rule]
    on = [{"rule": rule, "active": True, **more}]
    late = f"expect:\n  - {{today: 2026-03-12, pathway: diagnosis, has: [{rule}]}}\n"
    done = f"expect:\n  - {{today: 2026-03-12, pathway: diagnosis, hasnt: [{rule}]}}\n"
    assert wrong(HEAD + start + late, on) == []
    assert wrong(HEAD + start + stop + done, on) == []
    assert wrong(HEAD + start + done, [{"rule": "DX-01", "lost_after": 10}]) == []


def test_every_note_that_may_be_turned_on_is_told_here_and_can_be_run() -> None:
    watched = {rule: duty.watch for rule, duty in default_rulebook().notes.items() if duty.watch}
    assert watched.keys() == NOTED.keys()
    assert {name for watch in watched.values() for name in watch} <= EVENTS.keys()


SWITCHED = {
    "treatment_from_preliminary": (
        "always",
        "  - {on: 2026-03-02, suspicion: {icd10: C50.9}}\n"
        "  - {on: 2026-03-02, diagnosis: {icd10: C50.9, status: preliminary}}\n"
        "  - {on: 2026-03-03, consultation: {icd10: C50.9, specialty: oncologist}}\n",
        "{today: 2026-03-13, pathway: diagnosis, has: [{rule: DX-03, due: 2026-03-12}]}",
    ),
    "follow_up_anchor": (
        "treatment",
        "  - {on: 2025-12-01, diagnosis: {icd10: C50.9}}\n"
        "  - {on: 2025-12-02, register_entry: {icd10: C50.9, register: oncology}}\n"
        "  - {on: 2025-12-10, operation: {icd10: C50.9, aim: radical}}\n",
        "{today: 2026-03-09, pathway: follow_up, hasnt: [FU-02]}",
    ),
    "consultation_is_visit": (
        "yes",
        "  - {on: 2025-12-01, diagnosis: {icd10: C50.9}}\n"
        "  - {on: 2025-12-02, register_entry: {icd10: C50.9, register: oncology}}\n"
        "  - {on: 2026-02-10, doc: d, consultation: {icd10: C50.9, specialty: oncologist}}\n",
        "{today: 2026-03-20, pathway: follow_up, hasnt: [FU-02]}",
    ),
    "treatment_is_visit": (
        "no",
        "  - {on: 2025-12-01, diagnosis: {icd10: C50.9}}\n"
        "  - {on: 2025-12-02, register_entry: {icd10: C50.9, register: oncology}}\n"
        "  - {on: 2026-02-10, chemo_cycle: {icd10: C50.9}}\n",
        "{today: 2026-03-20, pathway: follow_up, has: [{rule: FU-02, due: 2026-03-02}]}",
    ),
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_a_switch_changes_what_it_says_and_its_default_does_not(switch: str) -> None:
    value, facts, expected = SWITCHED[switch]
    text = f"{HEAD}{facts}expect:\n  - {expected}\n"
    assert wrong(text, [{"switch": switch, "value": value}]) == []
    assert wrong(text, [{"switch": switch, "value": SWITCHES[switch].default}]) != []
