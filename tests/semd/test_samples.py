"""Every public sample is read, named unknown or refused with a reason; the golden facts of the reference hold."""

import re
from functools import cache
from pathlib import Path

import pytest

from oncor_cases.sources.semd import outline, read

SAMPLES = Path(__file__).parents[3] / "shared" / "semd" / "samples"
FILES = sorted(SAMPLES.rglob("*.xml")) if SAMPLES.is_dir() else []

pytestmark = pytest.mark.skipif(not FILES, reason="public samples are not beside the repository (../shared/semd/samples)")


@cache
def reading(name):
    return read(next(f for f in FILES if f.name == name).read_bytes())


def facts(name, kind):
    return [f for f in reading(name).facts if f.kind == kind]


@pytest.mark.parametrize("file", FILES, ids=[f.name for f in FILES])
def test_every_sample_is_read_or_refused_with_a_reason(file):
    found = read(file.read_bytes())
    assert not any(p.code in ("internal", "bad_attribute", "unknown_fact") for p in found.problems)
    if found.status == "unreadable":
        assert file.name == "388.xml"
        assert re.search("[а-яё]", found.problems[0].message)
    else:
        assert found.status in ("read", "unknown_kind")
        assert found.document.title
        assert outline(file.read_bytes())[0][0] == "Сведения о документе"


def test_at_least_half_of_the_samples_are_of_kinds_we_read():
    assert sum(read(f.read_bytes()).status == "read" for f in FILES) >= 20


def test_the_consilium_names_rectum_stage_and_scheme():
    found = facts("SMS6-vmcl=4.xml", "diagnosis")
    assert [(f.attributes["icd10"], f.attributes["stage"]) for f in found if f.attributes["icd10"] == "C20"] == [
        ("C20", "IVA")
    ]
    (prescribed,) = facts("SMS6-vmcl=4.xml", "chemo_prescribed")
    assert (prescribed.attributes["regimen"], prescribed.on) == ("XELOX", "2021-03-18")
    (held,) = facts("SMS6-vmcl=4.xml", "consilium")
    assert held.attributes["plan"] == ("chemotherapy", "radiotherapy", "surgery")


def test_the_consilium_orders_what_its_plan_of_examination_names():
    assert [f.attributes["study"] for f in facts("SMS6-vmcl=4.xml", "study_ordered")] == ["ct", "histology"]


def test_in_the_consilium_the_suspected_stomach_and_the_radiologists_brain_are_no_diagnoses():
    codes = {f.attributes["icd10"] for f in facts("SMS6-vmcl=4.xml", "diagnosis")}
    assert not codes & {"C16.1", "C71.0", "G06.2"}
    assert [f.attributes["icd10"] for f in facts("SMS6-vmcl=4.xml", "suspicion")] == ["C16.1"]


def test_the_register_card_tells_visits_due_and_kept():
    assert [f.on for f in facts("SMS7-vmcl=1.xml", "visit_planned")] == ["2018-05-01", "2018-08-01"]
    assert [f.on for f in facts("SMS7-vmcl=1.xml", "visit")] == ["2018-05-05", "2018-08-05"]
    (found,) = facts("SMS7-vmcl=1.xml", "diagnosis")
    assert found.attributes["icd10"] == "C18.1"
    assert [found.attributes[k] for k in ("t", "n", "m", "grade")] == ["T4", "N0", "M1", "G1"]
    assert [f.attributes["regimen"] for f in facts("SMS7-vmcl=1.xml", "chemo_cycle")] == ["DC"]


def test_the_death_certificate_tells_the_day_and_the_cause_of_its_narrative():
    (found,) = facts("id=15-vmcl=99.xml", "death")
    assert (found.on, found.attributes["kind"], found.attributes["icd10"]) == ("2015-08-06", "final", "S02.7")


def test_a_document_without_a_date_stays_without_one():
    found = reading("id=216.xml")
    assert found.status == "read"
    assert found.document.date == ""
    assert "document_date_missing" in [p.code for p in found.problems]


def test_the_reason_of_a_scan_is_no_diagnosis():
    assert not facts("SMSV2-(id=2)-vmcl=1.xml", "diagnosis")
    (study,) = facts("SMSV2-(id=2)-vmcl=1.xml", "study_performed")
    assert (study.attributes["study"], study.attributes["icd10"], study.on) == ("ct", "K85.8", "2021-10-20")
    assert any(link.endswith("^659481548") for link in study.links)


def test_past_diseases_and_relatives_are_nobodys_diagnosis():
    found = facts("SMS5-vmcl=3.xml", "diagnosis")
    assert found
    assert "C20" not in {f.attributes["icd10"] for f in found}


def test_no_problem_quotes_the_patient():
    for file in FILES:
        found = read(file.read_bytes())
        who = found.patient
        secrets = [s for s in (who.family, who.snils, who.enp, who.local_id) if len(s) > 3]
        assert not any(s in p.message for p in found.problems for s in secrets)
