"""What another region's register may say here: nothing of registration, everything of deaths. The stories of registration
(follow_up/01_registration.yml) tell the pathway; this is what lies beside it."""

from datetime import date

import pytest

from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.regulations.routing import Routing
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.workflows.catalogue import follow, rounds
from oncor_cases.workflows.view import View

RULES, CALENDAR = default_rulebook(), default_calendar()
TODAY = date(2026, 6, 30)
THEIRS = f"evidence: register, author: '{OTHER_REGISTER}: Соседний край'"
OURS = "evidence: register, author: Канцер-регистр"
DIAGNOSIS = "- {on: 2026-03-02, diagnosis: {icd10: C61}}\n"


def views(facts: str, today: date = TODAY) -> dict[str, View]:
    (story,) = read_stories(f"story: s\npatient: {{sex: male, born: 1955-01-10}}\nfacts:\n{facts}")
    return {v.pathway: v for v in follow(story.timeline, today, RULES, CALENDAR, routing=Routing())[0]}


def person(facts: str):
    (story,) = read_stories(f"story: s\npatient: {{sex: male, born: 1955-01-10}}\nfacts:\n{facts}")
    return follow(story.timeline, TODAY, RULES, CALENDAR, routing=Routing())[1]


@pytest.mark.parametrize(("whose", "asked"), [(OURS, True), (THEIRS, False)])
def test_who_died_is_taken_off_the_register_he_is_on(whose, asked):
    entry = (
        DIAGNOSIS + f"- {{on: 2026-03-04, {whose}, register_entry: {{register: oncology}}}}\n- {{on: 2026-05-20, death: }}"
    )
    assert ("register_exit_after_death" in {f.code for f in views(entry)["diagnosis"].findings}) is asked


def test_an_exit_there_does_not_settle_the_exit_owed_here():
    entry = DIAGNOSIS + f"- {{on: 2026-03-04, {OURS}, register_entry: {{register: oncology}}}}\n"
    gone = entry + f"- {{on: 2026-05-20, {THEIRS}, register_exit: {{register: oncology, reason: died_of_disease}}}}"
    told = views(gone)["diagnosis"]
    assert "register_exit_after_death" in {f.code for f in told.findings}
    assert person(gone).death.on == date(2026, 5, 20)


def test_one_death_told_by_both_registers_is_one():
    told = DIAGNOSIS + (
        f"- {{on: 2026-05-20, {OURS}, register_exit: {{register: oncology, reason: died_of_disease}}}}\n"
        f"- {{on: 2026-05-20, {THEIRS}, register_exit: {{register: oncology, reason: died_of_other}}}}"
    )
    assert person(told).findings == []


@pytest.mark.parametrize(("whose", "left"), [(OURS, True), (THEIRS, False)])
def test_who_left_that_region_has_not_left_this_one(whose, left):
    told = DIAGNOSIS + f"- {{on: 2026-05-20, {whose}, register_exit: {{register: oncology, reason: left_region}}}}"
    assert (person(told).departure is not None) is left


@pytest.mark.parametrize("kind", ["register_entry", "visit"])
@pytest.mark.parametrize(("whose", "observing"), [(OURS, "1.2.3"), (THEIRS, "")])
def test_a_clinic_of_another_region_does_not_observe_here(kind, whose, observing):
    told = person(DIAGNOSIS + f"- {{on: 2026-03-04, {whose}, {kind}: {{register: oncology, org: 1.2.3}}}}")
    assert told.owners.who.observing == observing


def test_of_one_day_the_own_register_leads():
    told = (
        f"- {{on: 2026-03-02, {THEIRS}, diagnosis: {{icd10: C61, stage: IV, t: '4', n: '1', m: '1'}}}}\n"
        f"- {{on: 2026-03-02, {OURS}, diagnosis: {{icd10: C61, stage: II}}}}"
    )
    (story,) = read_stories(f"story: s\npatient: {{sex: male, born: 1955-01-10}}\nfacts:\n{told}")
    (episode,), _ = rounds(story.timeline, TODAY, TODAY)
    assert [(e.attributes["stage"], e.author) for e in episode.events] == [("II", "Канцер-регистр")]


def test_a_precancer_registered_there_is_not_observed_here():
    condition = "- {on: 2026-03-02, diagnosis: {icd10: K13.2}}\n"
    entry = "register_entry: {register: precancer, icd10: K13.2}"
    soon = date(2026, 3, 5)
    assert views(condition + f"- {{on: 2026-03-04, {THEIRS}, {entry}}}", soon)["pre_tumour"].state == "identified"
    assert views(condition + f"- {{on: 2026-03-04, {OURS}, {entry}}}", soon)["pre_tumour"].state == "observed"
