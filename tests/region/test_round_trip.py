"""What was rendered is what the reader gives back: one row per kind, facts in and facts out."""

from datetime import date, datetime

import pytest

from oncor_cases.region.clinics import by_oid, with_role
from oncor_cases.sources.semd import read
from oncor_cases.sources.semd_writer import Head, Link, Person, Said, render
from oncor_cases.sources.semd_writer.kinds import KINDS
from oncor_cases.sources.semd_writer.render import BODIES

DAY, ISO = date(2026, 3, 2), "2026-03-02"
CLINIC = with_role("polyclinic")[1]
OFFICE = by_oid(CLINIC.office).organisation
DISPENSARY = with_role("dispensary")[0].organisation
PERSON = Person("7-000123", "112-233-445 95", "9900000086684968", "Тарасова", "Анна", "Петровна", "female",
                date(1961, 4, 12), "г. Речной, ул. Мира, д. 2, кв. 3", "990001", "+70000000001",
                ("99 00", "123456"))  # fmt: skip
TUMOUR = {"icd10": "C50.4", "status": "final", "stage": "IIA", "t": "2", "n": "0", "m": "0", "morphology": "8500/3",
          "topography": "C50.4", "side": "left", "grade": "G2"}  # fmt: skip
FIRST = TUMOUR | {"primacy": "first", "first_on": "2026-02-20"}
ORDER = Link(f"{CLINIC.oid}.100.1.1.51", "order-1", "57", DAY)


def head(post="50", **rest):
    doctor = CLINIC.staff[post][0]
    colleagues = (CLINIC.staff["122"][0], CLINIC.staff["92"][0])
    values = {"id": "doc-1", "set_id": "set-1", "version": 3, "moment": datetime(2026, 3, 2, 10, 15), "author": doctor,  # noqa: DTZ001
              "chief": CLINIC.staff["334"][0], "case": "26-0001", "card": "000123/45", "colleagues": colleagues}  # fmt: skip
    return Head(**(values | rest))


def said(name, /, on=DAY, org=None, **attributes):
    return Said(name, on, attributes, org)


REFERRED = said("referral", to="oncologist", org=OFFICE)
SUSPECTED = said("suspicion", icd10="D48.6")
STUDY = (
    said("referral", to="study", study="mammography", org=OFFICE),
    said("study_ordered", study="mammography"),
    SUSPECTED,
)
DONE = (said("study_performed", study="mammography", icd10="D48.6", result="suspicious"),)
BIOPSY = (said("referral", to="biopsy", org=OFFICE), said("biopsy_taken", specimen="26-17/1"), SUSPECTED)
FOUND = {"result": "malignant", "kind": "biopsy", "icd10": "C50.4", "morphology": "8500/3", "specimen": "26-17/1"}
REPORT = (
    said("biopsy_received", on=date(2026, 2, 26), specimen="26-17/1"),
    Said("pathology_report", DAY, FOUND),
)
PLANNED = date(2026, 6, 1)
STAY = (said("diagnosis", **TUMOUR), said("admission", on=date(2026, 2, 20), purpose="treatment"),
        said("operation", on=date(2026, 2, 22), aim="radical"), said("chemo_cycle", on=date(2026, 2, 24), regimen="AC"),
        said("radiotherapy", on=date(2026, 2, 25), phase="start"), said("radiotherapy", on=date(2026, 2, 28), phase="end"),
        said("discharge", outcome="улучшение"))  # fmt: skip

# kind, what is said, facts expected back: (kind, day, some attributes)
EXPECTED_TUMOUR = {"icd10": "C50.4", "status": "final", "stage": "IIA", "t": "T2", "n": "N0", "m": "M0",
                   "morphology": "8500/3", "topography": "C50.4", "side": "left", "grade": "G2"}  # fmt: skip
NEW = {"primacy": "first", "first_on": "2026-02-20"}
BACK_REFERRAL = ("referral", ISO, {"to": "oncologist", "org": OFFICE.oid, "icd10": "D48.6"})
BACK_SUSPICION = ("suspicion", ISO, {"icd10": "D48.6"})
BACK_STUDY = [("referral", ISO, {"to": "study", "study": "mammography", "org": OFFICE.oid}),
              ("study_ordered", ISO, {"study": "mammography", "org": OFFICE.oid}), BACK_SUSPICION]  # fmt: skip
BACK_DONE = [("study_performed", ISO, {"study": "mammography", "icd10": "D48.6"})]
BACK_STAY = [("diagnosis", ISO, EXPECTED_TUMOUR), ("admission", "2026-02-20", {"purpose": "treatment"}),
             ("operation", "2026-02-22", {"aim": "radical"}), ("chemo_cycle", "2026-02-24", {"regimen": "AC"}),
             ("radiotherapy", "2026-02-25", {"phase": "start"}), ("radiotherapy", "2026-02-28", {"phase": "end"}),
             ("discharge", ISO, {"outcome": "улучшение"})]  # fmt: skip
DEATH = (said("death", icd10="C50.4", kind="final"),)
AMBULATORY = (said("diagnosis", icd10="C50.4", status="final"), said("consultation", specialty="oncologist"))
BACK_AMBULATORY = [
    ("diagnosis", ISO, {"icd10": "C50.4", "status": "final"}),
    ("consultation", ISO, {"specialty": "oncologist"}),
]

CASES = {
    "85": ((REFERRED, SUSPECTED), [BACK_REFERRAL, BACK_SUSPICION]),
    "185": ((REFERRED, SUSPECTED), [BACK_REFERRAL, BACK_SUSPICION]),
    "43": (STUDY, BACK_STUDY), "177": (STUDY, BACK_STUDY), "206": (STUDY, BACK_STUDY),
    "222": (BIOPSY, [("referral", ISO, {"to": "biopsy", "org": OFFICE.oid}), BACK_SUSPICION,
                     ("biopsy_taken", ISO, {"specimen": "26-17/1"})]),
    "110": (DONE, BACK_DONE), "174": (DONE, BACK_DONE), "224": (DONE, BACK_DONE),
    "186": ((said("study_performed", study="lab"),), [("study_performed", ISO, {"study": "lab"})]),
    "214": (REPORT, [("biopsy_received", "2026-02-26", {"specimen": "26-17/1"}),
                     ("pathology_report", ISO, FOUND)]),
    "176": ((said("pathology_report", result="malignant", kind="cytology", morphology="8260/3"),),
            [("pathology_report", ISO, {"result": "malignant", "kind": "cytology", "morphology": "8260/3"})]),
    "119": ((said("consultation", specialty="oncologist"), SUSPECTED),
            [("consultation", ISO, {"specialty": "oncologist", "icd10": "D48.6"})]),
    "227": ((said("consultation", specialty="oncologist"), said("diagnosis", **FIRST)),
            [("consultation", ISO, {"specialty": "oncologist", "icd10": "C50.4"}),
             ("diagnosis", ISO, EXPECTED_TUMOUR | NEW)]),
    "111": ((said("visit", icd10="C50.4"), said("register_entry"), said("visit_planned", on=date(2026, 6, 1))),
            [("visit", ISO, {"register": "oncology"}), ("register_entry", ISO, {"register": "oncology"}),
             ("visit_planned", "2026-06-01", {"register": "oncology"})]),
    "190": ((said("consilium", plan=["surgery", "chemotherapy"]), said("diagnosis", **FIRST),
             said("clinical_group", group="II")),
            [("consilium", ISO, {"plan": ("surgery", "chemotherapy"), "icd10": "C50.4"}),
             ("clinical_group", ISO, {"group": "II"}), ("diagnosis", None, EXPECTED_TUMOUR | NEW)]),
    "184": ((said("diagnosis", **FIRST), said("notice_090u")),
            [("notice_090u", ISO, {"icd10": "C50.4"}), ("diagnosis", None, EXPECTED_TUMOUR | NEW)]),
    "211": ((said("diagnosis", **TUMOUR), said("late_stage_protocol", phase="published"),
             said("late_stage_protocol", on=date(2026, 3, 1), phase="reviewed")),
            [("late_stage_protocol", ISO, {"phase": "published"}),
             ("late_stage_protocol", "2026-03-01", {"phase": "reviewed"}),
             ("diagnosis", None, EXPECTED_TUMOUR)]),
    "189": ((said("operation", aim="radical"), said("diagnosis", **TUMOUR)),
            [("operation", ISO, {"aim": "radical", "icd10": "C50.4"}),
             ("diagnosis", ISO, {"icd10": "C50.4", "status": "final", "stage": "IIA"})]),
    "147": (STAY, BACK_STAY), "235": (STAY, BACK_STAY),
    "92": (AMBULATORY, BACK_AMBULATORY), "233": (AMBULATORY, BACK_AMBULATORY),
    "132": ((said("vmp_ticket"), said("diagnosis", **TUMOUR)), [("vmp_ticket", ISO, {"icd10": "C50.4"})]),
    "73": ((said("register_entry"),), [("register_entry", ISO, {"register": "oncology"})]),
    "172": ((said("register_entry"),), [("register_entry", ISO, {"register": "oncology"})]),
    "58": (DEATH, [("death", ISO, {"kind": "final", "icd10": "C50.4"})]),
    "125": (DEATH, [("death", ISO, {"kind": "final", "icd10": "C50.4"})]),
    "SMSV5": ((said("consultation", specialty="oncologist"), SUSPECTED),
              [("consultation", ISO, {"specialty": "oncologist"}), BACK_SUSPICION]),
    "SMSV7": ((said("register_entry"), said("visit"), said("visit_planned", on=PLANNED), said("hormone_therapy"),
               said("clinical_group", group="IIa"), said("diagnosis", **TUMOUR), said("radiotherapy", phase="start")),
              [("register_entry", ISO, {}), ("visit", ISO, {}), ("visit_planned", "2026-06-01", {}),
               ("hormone_therapy", ISO, {}),
               ("clinical_group", ISO, {"group": "IIa"}), ("radiotherapy", ISO, {"phase": "start"}),
               ("diagnosis", None, {"icd10": "C50.4", "stage": "IIA", "morphology": "8500/3"})]),
}  # fmt: skip


def test_every_kind_the_writer_knows_is_tested():
    assert set(CASES) == set(BODIES)


@pytest.mark.parametrize("kind", CASES)
def test_facts_come_back(kind):
    says, expected = CASES[kind]
    found = read(render(kind, head("109" if kind in ("85", "185") else "50"), PERSON, CLINIC.organisation, says, [ORDER]))
    assert found.status == "read"
    assert {p.code for p in found.problems} <= {"result_in_words"}  # a note: the conclusion of a study is free text
    for name, on, attributes in expected:
        same = [f for f in found.facts if f.kind == name and attributes.items() <= f.attributes.items()]
        assert same, (name, attributes, [(f.kind, f.on, dict(f.attributes)) for f in found.facts])
        assert on is None or on in {f.on for f in same}
    allowed = {name for name, _, _ in expected} | {"diagnosis", "consultation", "referral"}
    assert {f.kind for f in found.facts} <= allowed


@pytest.mark.parametrize("kind", CASES)
def test_the_header_comes_back(kind):
    found = read(render(kind, head(), PERSON, CLINIC.organisation, CASES[kind][0], [ORDER]))
    who, known = found.patient, KINDS[kind]
    assert (who.snils, who.birth_date, who.sex) == ("11223344595", "1961-04-12", "female")
    assert (who.family, who.given, who.patronymic) == ("Тарасова", "Анна", "Петровна")
    assert who.enp == ("" if kind == "125" else PERSON.enp)  # there the policy stands in the body
    assert who.local_id == PERSON.local_id
    assert found.organisation == CLINIC.oid
    assert found.document.version == 3
    assert found.document.set_id == f"{CLINIC.oid}.100.1.1.50^set-1"
    assert found.document.date == ISO
    assert found.kind.remd in (known.remd, "")
    if known.fulfils:
        assert any("order-1" in link for fact in found.facts for link in fact.links)


def test_an_undated_document_has_no_date_of_its_own():
    found = read(render("206", head(dated=False), PERSON, CLINIC.organisation, STUDY))
    assert found.status == "read"
    assert b'<effectiveTime nullFlavor="NA"/>' in render("206", head(dated=False), PERSON, CLINIC.organisation, STUDY)


def test_an_emergency_operation_stays_one():
    stay = (said("diagnosis", **TUMOUR), said("admission", on=date(2026, 2, 20)),
            said("operation", on=date(2026, 2, 20), aim="emergency"), said("discharge"))  # fmt: skip
    found = read(render("235", head(), PERSON, CLINIC.organisation, stay))
    assert [f.attributes["aim"] for f in found.facts if f.kind == "operation"] == ["emergency"]


def test_the_excluded_suspicion_names_the_harmless_disease():
    says = (said("consultation", specialty="oncologist"), said("diagnosis", icd10="D24", status="excluded"))
    found = read(render("227", head(), PERSON, CLINIC.organisation, says))
    assert [f.attributes["icd10"] for f in found.facts if f.kind == "diagnosis"] == ["D24"]


@pytest.mark.parametrize("result", ["malignant", "benign", "inconclusive"])
def test_the_pathologist_is_understood(result):
    code = {"malignant": "C50.4", "benign": "D24", "inconclusive": "D48.6"}[result]
    says = (said("pathology_report", result=result, icd10=code),)
    found = read(render("214", head(), PERSON, CLINIC.organisation, says))
    assert [f.attributes["result"] for f in found.facts if f.kind == "pathology_report"] == [result]


@pytest.mark.parametrize("size", [30_000, 60_000, 120_000])
def test_padding_grows_the_narrative_and_nothing_else(size):
    plain = render("190", head(), PERSON, CLINIC.organisation, CASES["190"][0])
    large = render("190", head(), PERSON, CLINIC.organisation, CASES["190"][0], size=size)
    assert abs(len(large) - max(size, len(plain))) < 6_000
    bare = [(f.kind, f.on, f.attributes) for f in read(plain).facts]
    assert bare == [(f.kind, f.on, f.attributes) for f in read(large).facts]
