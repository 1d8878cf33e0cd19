"""Diagnoses, notices, consultations and the consilium."""

import pytest

from oncor_cases.sources.semd import read
from tests.semd.documents import (
    GROUP,
    ICD,
    LAB,
    METHOD,
    MORPH,
    SERVICE,
    STAGE,
    TNM,
    TOPO,
    D,
    cd,
    diagnosis,
    document,
    node,
    org,
    section,
    st,
    when,
)
from tests.semd.saying import kinds, one, told

TUMOUR = (
    node("12120", cd("2", D + "99.2.770"), time=when("20260220")),
    node("12303", cd("C50.4", TOPO), below=(node("6034", cd("1", D + "99.2.778", "Слева")),)),
    node("12302", cd("8500/3", MORPH)),
    node("12407", cd("G2", D + "99.2.1046")),
    node("6047", cd("1204", TNM, "T2 - Опухоль до 5 см")),
    node("6048", cd("1208", TNM, "N1 - Метастазы")),
    node("6049", cd("1216", TNM, "M0 - Нет")),
    node("6050", cd("7627", STAGE, "IIB")),
)

ALL = {
    "icd10": "C50.4",
    "status": "final",
    "first_on": "2026-02-20",
    "stage": "IIB",
    "t": "T2",
    "n": "N1",
    "m": "M0",
    "morphology": "8500/3",
    "topography": "C50.4",
    "grade": "G2",
    "side": "left",
}


def notice(*below):
    return document(
        "184",
        section("DOCINFO", node("12306", cd("1", D + "99.2.128")), node("11007", time=when("20260201"))),
        section("DGN", node("838", cd("C50.4", ICD), below=below or TUMOUR)),
        template=D + "14.184.9.1",
    )


def test_notice_090u_reports_a_first_diagnosis_with_everything():
    day, found = one(notice(), "diagnosis")
    assert found == ALL | {"primacy": "first", "basis": "morphological"}
    assert day == "2026-02-20"
    assert one(notice(), "notice_090u") == ("2026-03-12", {"icd10": "C50.4"})
    assert (read(notice()).kind.name, read(notice()).kind.remd, read(notice()).kind.generation) == (
        "notice_090u",
        "184",
        "B",
    )


def test_accompanying_diseases_and_disability_of_the_notice_are_not_tumours():
    data = notice(*TUMOUR, node("9012", cd("I11.9", ICD)), node("9011", cd("C20", ICD)))
    assert one(data, "diagnosis")[1]["icd10"] == "C50.4"


def test_late_stage_protocol_with_review_and_without_earlier_visits_diagnoses():
    data = document(
        "250",
        section("DOCINFO", node("12408", time=when("20260301")), node("12306", cd("2", D + "99.2.128"))),
        section("DGN", node("838", cd("C34.1", ICD), below=(node("6050", cd("1", STAGE, "IVА")),))),
        section("STAGETREATMENT", node("800", cd("J18.9", ICD), time=when("20251101"))),
        section("ORGINFO", node("12457", org(LAB), time=when("20260320"))),
        template=D + "15.95.1",
    )
    assert [(on, a["phase"]) for name, on, a in told(data) if name == "late_stage_protocol"] == [
        ("2026-03-12", "published"),
        ("2026-03-20", "reviewed"),
    ]
    day, found = one(data, "diagnosis")
    assert (found["icd10"], found["stage"], found["basis"], day) == ("C34.1", "IVA", "cytological", "2026-03-12")


def federal_consilium(*plan, decision="", **head):
    return document(
        "371",
        section("CONSILIUM", node("9058", cd("2", D + "99.2.780")), node("6030", st(decision))),
        section("DGN", diagnosis("C50.4", node("9062", below=TUMOUR[4:7]), time=when("20260225"))),
        section("DISPENSOBS", node("12399", cd("2", GROUP, "II"))),
        section("REGIME", inner=(section("RECTREAT", *plan),)),
        template=D + "14.371.9.1",
        event=("20260311", "20260311"),
        **head,
    )


def step(number, method, label):
    return node(
        "807", st("Лечение"), below=(node("12419", cd(method, METHOD, label)), node("9057", f'<value value="{number}"/>'))
    )


def test_federal_consilium_orders_the_plan_by_stage_number():
    data = federal_consilium(step(2, "1", "Хирургический"), step(1, "41", "Химиотерапия"), step(3, "2", "Лучевой"))
    day, found = one(data, "consilium")
    assert (day, found["plan"]) == ("2026-03-11", ("chemotherapy", "surgery", "radiotherapy"))
    assert one(data, "clinical_group")[1] == {"group": "II", "icd10": "C50.4"}
    assert [one(data, "diagnosis")[1][k] for k in ("t", "n", "m")] == ["T2", "N1", "M0"]


def test_a_plan_in_words_is_read_from_words_and_says_so():
    data = federal_consilium(decision="Рекомендовано оперативное лечение, затем лучевая терапия")
    assert one(data, "consilium")[1]["plan"] == ("surgery", "radiotherapy")
    assert "plan_in_words" in [p.code for p in read(data).problems]


def test_dynamics_of_the_process_is_not_the_stage_at_diagnosis():
    later = node("9067", cd("1", D + "99.2.985"), below=(node("6047", cd("9", TNM, "T4 - После")),))
    data = document("371", section("DGN", diagnosis("C50.4", later)), section("CONSILIUM", node("6030", st("Наблюдение"))))
    assert "t" not in one(data, "diagnosis")[1]


def consultation(post="50", code="85", specialist_facts=(), sections=(), **head):
    return document(code, section("DOCINFO", *specialist_facts), *sections, post=post, template=D + "14.85.9.4", **head)


@pytest.mark.parametrize(
    ("post", "specialty"),
    [
        ("50", "oncologist"),
        ("20", "haematologist"),
        ("26", "paediatric_oncologist"),
        ("92", "radiotherapist"),
        ("109", "other"),
    ],
)
def test_specialty_goes_by_the_post_of_the_author(post, specialty):
    assert one(consultation(post, "5", event=("20260310", "20260310")), "consultation") == (
        "2026-03-10",
        {"specialty": specialty},
    )


def test_dispensary_consultation_tells_entry_visit_and_next_visit_in_words():
    following = node("7005", st("Явка к онкологу 12.06.2026"))
    start = node("7002", time=when("20260201"), below=(following,))
    data = consultation(specialist_facts=(start, node("809", cd("C50.4", ICD))))
    assert one(data, "register_entry")[0] == "2026-02-01"
    assert one(data, "visit")[0] == "2026-03-12"
    assert one(data, "visit_planned")[0] == "2026-06-12"
    assert "diagnosis" not in kinds(data)


def test_dispensary_observation_stopped():
    stop = node("7004", cd("5", D + "11.1045", "Выезд (перемена места жительства)"), time=when("20260305"))
    data = consultation(specialist_facts=(node("7002", time=when("20200201"), below=(stop,)), node("809", cd("C50.4", ICD))))
    assert one(data, "register_exit") == ("2026-03-05", {"register": "oncology", "reason": "left_region", "icd10": "C50.4"})


def test_a_next_visit_without_a_date_is_a_problem_not_a_guess():
    found = read(
        consultation(specialist_facts=(node("7002", time=when("20260201"), below=(node("7005", st("через 3 месяца")),)),))
    )
    assert "next_visit_in_words" in [p.code for p in found.problems]
    assert not [f for f in found.facts if f.kind == "visit_planned"]


def test_found_pathology_of_a_consultation_is_no_diagnosis_but_a_doubtful_code_is_a_suspicion():
    found = section("RESCONS", node("808", cd("D48.6", ICD)))
    data = consultation("122", "5", sections=(found,))
    assert "diagnosis" not in kinds(data)
    assert one(data, "suspicion") == ("2026-03-12", {"icd10": "D48.6"})
    assert "suspicion" not in kinds(consultation("50", "5", sections=(found,)))


def test_examination_establishes_in_dgn():
    data = document(
        "341",
        section("DGN", diagnosis("C50.4", node("8045", st("-"), below=TUMOUR[4:]), time=when("20260301"))),
        template=D + "14.341.9.1",
        post="50",
    )
    day, found = one(data, "diagnosis")
    assert (day, found["stage"], found["t"]) == ("2026-03-01", "IIB", "T2")


def test_observed_for_a_suspected_tumour_is_a_suspicion_and_a_symptom_is_nothing():
    data = document("341", section("DGN", diagnosis("Z03.1"), diagnosis("R91")), template=D + "14.341.9.1")
    assert one(data, "suspicion")[1] == {"icd10": "Z03.1"}
    assert "diagnosis" not in kinds(data)


def test_a_corrected_consultation_keeps_the_day_of_the_visit():
    visit = node("B01.027.001", system=SERVICE, tag="act", time=when("20260221"))
    data = document("5", section("SERVICES", visit), event=("20260224", "20260224"), date="20260224", version="2")
    assert one(data, "consultation") == ("2026-02-21", {"specialty": "oncologist"})


def test_a_tumour_another_doctor_calls_preliminary_is_a_written_suspicion():
    def seen(post, sure, *below):
        return document("341", section("DGN", diagnosis("C50.9", *below, sure=sure)), template=D + "14.341.9.1", post=post)

    assert one(seen("109", "1"), "suspicion") == ("2026-03-12", {"icd10": "C50.9"})
    assert one(seen("109", "1"), "diagnosis")[1]["status"] == "preliminary"
    assert "suspicion" not in kinds(seen("50", "1"))
    assert "suspicion" not in kinds(seen("109", "3"))
    assert "suspicion" not in kinds(seen("109", "1", node("12014", cd("2", D + "11.1049"))))
