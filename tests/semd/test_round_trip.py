"""What the region's writer says, the reader understands: facts → document → facts, for every kind it writes.

Where a form has no place for something (a laboratory protocol names no diagnosis, an operation protocol no morphology),
the loss is listed here with its reason; anything else lost is a fault of one of the two."""

from collections import defaultdict
from datetime import date

import pytest

from oncor_cases.region.generate import homes
from oncor_cases.region.patients import patients
from oncor_cases.region.people import residents
from oncor_cases.region.writing import written
from oncor_cases.sources.seeds import default_calendar
from oncor_cases.sources.semd import outline, read

TODAY = date(2026, 6, 1)
NOT_A_DIAGNOSIS = {"132", "119"}  # the code of a ticket and of a consultation of edition 4 is a reason
NO_PLACE_FOR_SUSPICION = {"119", "111"}  # consultation protocols name the reason only
NO_PLACE_FOR_ORDERS = {"119", "227"}  # orders are papers of their own
ESSENTIAL = {  # attributes a rule decides by
    "referral": ("to", "study", "care"), "consultation": ("specialty",), "study_ordered": ("study",),
    "study_performed": ("study",), "pathology_report": ("result",), "operation": ("aim",), "consilium": ("plan",),
    "admission": ("purpose",), "radiotherapy": ("phase",), "clinical_group": ("group",), "visit": ("register",),
    "death": ("kind",), "register_exit": ("register",),
}  # fmt: skip
OWN_DAY = {"diagnosis", "register_entry", "suspicion"}  # forms tell another day of these, or only the document's


def _papers():
    people = list(residents(7, 900, TODAY, homes()))
    for number, patient in enumerate(patients(7, 75, TODAY, people, default_calendar())):
        for paper, text in written(patient, 7):
            if not paper.spoiled:  # some are cut off or contradict on purpose
                yield number, paper, text


@pytest.fixture(scope="module")
def pairs():
    return [(paper, read(text), text) for _, paper, text in _papers()]


def _plain(value):
    return tuple(value) if isinstance(value, list | tuple) else value


def test_every_written_document_is_read_without_a_fault(pairs):
    assert len(pairs) > 500
    for paper, found, text in pairs:
        assert found.status == "read", (paper.paper, found.problems)
        faults = [p for p in found.problems if p.code in ("internal", "bad_attribute", "unknown_fact")]
        assert not faults, (paper.paper, faults)
        assert not paper.paper.isdigit() or found.kind.remd == paper.paper
        assert len(outline(text)) > 1


def test_every_said_fact_is_understood_with_its_day_and_what_rules_decide_by(pairs):
    lost = defaultdict(int)
    for paper, found, _ in pairs:
        for said in paper.says:
            if said.kind == "diagnosis" and paper.paper in NOT_A_DIAGNOSIS:
                continue
            if said.kind == "suspicion" and paper.paper in NO_PLACE_FOR_SUSPICION:
                continue
            if said.kind == "study_ordered" and paper.paper in NO_PLACE_FOR_ORDERS:
                continue
            want = {
                name: _plain(said.attributes[name]) for name in ESSENTIAL.get(said.kind, ()) if said.attributes.get(name)
            }
            day = said.on.isoformat() if said.on and said.kind not in OWN_DAY else None
            if not any(
                fact.kind == said.kind
                and (day is None or fact.on == day)
                and all(_plain(fact.attributes.get(name)) == value for name, value in want.items())
                for fact in found.facts
            ):
                lost[paper.paper, said.kind, *want.values()] += 1
    assert not lost, dict(lost)


def test_the_code_of_a_said_diagnosis_is_the_code_read(pairs):
    for paper, found, _ in pairs:
        said = {s.attributes["icd10"] for s in paper.says if s.kind == "diagnosis" and paper.paper not in NOT_A_DIAGNOSIS}
        read_codes = {f.attributes["icd10"] for f in found.facts if f.kind == "diagnosis"}
        assert said <= read_codes, paper.paper


def test_answers_share_a_link_with_the_paper_that_asked():
    found = [(number, paper, read(text)) for number, paper, text in _papers()]
    ids = {(number, paper.id): reading.document.id for number, paper, reading in found}
    answers = [
        (ids[number, paper.answers], reading)
        for number, paper, reading in found
        if (number, paper.answers) in ids and paper.paper in ("110", "174", "224", "186", "214", "176", "119")
    ]
    assert len(answers) > 50
    for asked, reading in answers:
        assert all(asked in fact.links for fact in reading.facts), reading.kind
