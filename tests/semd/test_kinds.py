"""What each kind of document gives in facts, on small invented documents of the shapes the guides prescribe."""

import pytest

from oncor_cases.sources.semd import read
from tests.semd.documents import (
    CERTIFICATE,
    GROUP,
    ICD,
    LAB,
    MD,
    METHOD,
    MORPH,
    REFERRAL,
    REMD,
    SCHEME,
    SERVICE,
    SMS,
    STAGE,
    STUDY,
    SURE,
    TNM,
    TOPO,
    D,
    cd,
    diagnosis,
    document,
    ident,
    node,
    org,
    section,
    st,
    when,
)


def told(data):
    """Facts as (kind, day, attributes)."""
    found = read(data)
    assert found.status == "read", found.problems
    assert not [p for p in found.problems if p.code in ("internal", "bad_attribute", "unknown_fact")], found.problems
    return [(f.kind, f.on, dict(f.attributes)) for f in found.facts]


def one(data, kind):
    """The only fact of a kind: (day, attributes)."""
    found = [(on, attributes) for name, on, attributes in told(data) if name == kind]
    assert len(found) == 1, told(data)
    return found[0]


def kinds(data):
    return [name for name, _, _ in told(data)]


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


def referral(purpose, *services, icd="D48.6", sure="1", extra=(), more=(), **head):
    return document(
        "3",
        section("SCOPORG", node(purpose, org(LAB), system=REFERRAL, tag="act", below=services)),
        section("DGN", diagnosis(icd, *extra, sure=sure)),
        *more,
        template="1.2.643.5.1.13.2.7.5.1.3.9.3",
        **head,
    )


def service(code, name=""):
    return node("833", cd(code, SERVICE, name))


def test_referral_to_the_oncologist_is_a_referral_and_a_suspicion():
    data = referral("6", service("B01.027.001", "Прием врача-онколога первичный"))
    day, found = one(data, "referral")
    assert (day, found["to"], found["org"], found["icd10"], found["place"]) == (
        "2026-03-12",
        "oncologist",
        LAB,
        "D48.6",
        "own",
    )
    assert one(data, "suspicion") == ("2026-03-12", {"icd10": "D48.6"})
    suspicion = next(f for f in read(data).facts if f.kind == "suspicion")
    assert (suspicion.certainty, suspicion.evidence) == ("suspected", "document")
    assert "diagnosis" not in kinds(data)


@pytest.mark.parametrize(
    ("code", "to"),
    [("B01.027.001", "oncologist"), ("B01.005.001", "haematologist"), ("B01.009.001", "oncologist"), ("B01.015.001", None)],
)
def test_whom_a_consultation_referral_asks(code, to):
    found = [a["to"] for name, _, a in told(referral("6", service(code))) if name == "referral"]
    assert found == ([to] if to else [])


def test_a_referral_without_a_named_specialist_goes_by_its_reason_and_says_so():
    found = read(referral("6", icd="C91.0"))
    assert [f.attributes["to"] for f in found.facts if f.kind == "referral"] == ["haematologist"]
    assert "specialist_assumed" in [p.code for p in found.problems]
    assert not [f for f in read(referral("6", icd="J45.0")).facts if f.kind == "referral"]


def test_an_established_tumour_on_a_referral_is_no_suspicion():
    data = referral("6", service("B01.027.002"), icd="C50.4", sure="3", extra=(node("12014", cd("2", D + "11.1049")),))
    assert "suspicion" not in kinds(data)
    assert one(data, "diagnosis")[1] == {"icd10": "C50.4", "status": "final", "primacy": "known_before"}


def test_a_written_suspicion_has_its_own_day_and_code():
    data = referral(
        "6", service("B01.027.001"), icd="K25.9", sure="3", extra=(node("6036", cd("C16.1", ICD), time=when("20260310")),)
    )
    assert one(data, "suspicion") == ("2026-03-10", {"icd10": "C16.1"})


def test_referral_to_studies_orders_each_of_them():
    data = referral(
        "4",
        service("A06.30.005", "Компьютерная томография органов брюшной полости"),
        service("A05.23.009", "Магнитно-резонансная"),
    )
    assert [a["study"] for name, _, a in told(data) if name == "study_ordered"] == ["ct", "mri"]
    _, found = one(data, "referral")
    assert (found["to"], found["study"]) == ("study", "ct")
    links = next(f for f in read(data).facts if f.kind == "study_ordered").links
    assert any(link.endswith("100.1.1.51^doc-1") for link in links)


def test_the_answer_of_a_study_shares_a_link_with_its_order():
    order = referral("4", service("A06.30.005", "Компьютерная томография"))
    answer = document(
        "6",
        section(
            "DOCINFO",
            node("7002009", system=STUDY, tag="act", time=when("20260315"), label="Компьютерная томография живота"),
            node("838", cd("D48.6", ICD)),
        ),
        answers=("doc-1",),
        template=D + "15.17.5",
        extension="doc-2",
    )
    ordered = {link for f in read(order).facts if f.kind == "study_ordered" for link in f.links}
    performed = next(f for f in read(answer).facts if f.kind == "study_performed")
    assert ordered & set(performed.links)
    assert (performed.on, performed.attributes["study"], performed.attributes["icd10"]) == ("2026-03-15", "ct", "D48.6")
    assert "diagnosis" not in kinds(answer)


def test_hospital_high_tech_and_palliative_referrals():
    assert one(referral("1", icd="C50.4", sure="3"), "referral")[1]["to"] == "hospital"
    vmp = document("241", section("DGN", diagnosis("C50.4")), template=D + "14.241.9.1")
    assert (one(vmp, "referral")[1]["to"], one(vmp, "referral")[1]["care"]) == ("hospital", "high_tech")
    comment = referral("6", node("10000", st("В кабинет паллиативной помощи")), icd="C50.4")
    assert one(comment, "referral")[1]["to"] == "palliative"


def test_a_target_of_another_region_is_told_by_its_identifier():
    data = document(
        "3",
        section("SCOPORG", node("1", org(D + "12.2.77.5"), system=REFERRAL, tag="act")),
        section("DGN", diagnosis("C50.4")),
    )
    assert one(data, "referral")[1]["place"] == "other_region"


def test_laboratory_referral_is_one_order_however_many_tests():
    tests = [node("7028", cd(code, D + "11.1080", "Тест")) for code in ("1017128", "1003706")]
    data = document(
        "202",
        section("SCOPORG", *tests),
        section("DGN", diagnosis("C50.4")),
        system=REMD,
        translation="85",
        template=D + "15.85.1",
    )
    assert one(data, "study_ordered")[1]["study"] == "lab"
    assert read(data).kind.generation == "C"


def test_biopsy_referral_tells_the_taking_and_the_numbers():
    taken = '<procedure><code nullFlavor="NI"/><effectiveTime value="20260311"/></procedure>'
    data = document(
        "222",
        section("GISTSPECIMENS", taken, node("4006", st("Г-101"))),
        section("DGN", diagnosis("D48.6", sure="")),
        system=REMD,
        translation="101",
        template=D + "15.101.1",
    )
    assert one(data, "referral")[1]["to"] == "biopsy"
    assert one(data, "biopsy_taken") == ("2026-03-11", {"specimen": "Г-101", "icd10": "D48.6"})
    assert "suspicion" in kinds(data)


def histology(*result, advice="", services=(), received="20260312"):
    return document(
        "12",
        section("GISTCASE", node("4001", time=when(received)), node("4017", cd("D48.6", ICD))),
        section("GISTSPECIMENS", node("4006", st("Г-101"))),
        section("GISTRESULT", node("4020", st("Заключение " + advice), time=when("20260318"), below=result)),
        section("SERVICES", *services),
        template=D + "15.21.3",
    )


@pytest.mark.parametrize(
    ("code", "result"),
    [
        ("8500/3", "malignant"),
        ("8500/2", "malignant"),
        ("8010/6", "malignant"),
        ("8140/0", "benign"),
        ("8442/1", "inconclusive"),
    ],
)
def test_histology_goes_by_the_behaviour_of_the_morphology(code, result):
    day, found = one(histology(node("12302", cd(code, MORPH))), "pathology_report")
    assert (day, found["result"], found["morphology"], found["specimen"]) == ("2026-03-18", result, code, "Г-101")


def test_histology_receipt_and_reason():
    data = histology(node("12302", cd("8500/3", MORPH)))
    assert one(data, "biopsy_received") == ("2026-03-12", {"specimen": "Г-101", "icd10": "D48.6"})
    assert "diagnosis" not in kinds(data)


@pytest.mark.parametrize(("icd", "result"), [("C50.4", "malignant"), ("N60.1", "benign"), ("D48.6", "inconclusive")])
def test_histology_without_morphology_goes_by_the_code_of_its_conclusion(icd, result):
    coded = node("4027", tag="act", below=(node("809", cd(icd, ICD)),))
    assert one(histology(coded), "pathology_report")[1]["result"] == result


def test_a_conclusion_in_words_only_is_inconclusive_and_asks_to_be_read():
    found = read(histology())
    assert [f.attributes["result"] for f in found.facts if f.kind == "pathology_report"] == ["inconclusive"]
    assert "pathology_in_words" in [p.code for p in found.problems]


def test_immunohistochemistry_asked_for_and_done():
    asked = histology(node("12302", cd("8500/3", MORPH)), advice="Рекомендовано иммуногистохимическое исследование")
    assert one(asked, "pathology_report")[1]["awaiting_ihc"] is True
    done = node("A08.30.013", system=SERVICE, tag="act", label="Исследование с применением иммуногистохимических методов")
    found = one(
        histology(node("12302", cd("8500/3", MORPH)), advice="рекомендовано ИГХ", services=(done,)), "pathology_report"
    )[1]
    assert found["kind"] == "ihc"
    assert "awaiting_ihc" not in found


def test_cytology_is_its_own_kind():
    data = document(
        "121",
        section("DOCINFO", node("809", cd("D48.6", ICD))),
        section("RESLAB", node("901", st("Клетки рака"), below=(node("808", cd("8010/3", MORPH)),))),
        template=D + "15.20.1",
    )
    assert one(data, "pathology_report")[1]["kind"] == "cytology"
    assert one(data, "pathology_report")[1]["result"] == "malignant"


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


def test_vimis_referral_and_certainty_above_the_rank():
    shape = node("1", system=SURE, tag="act", below=(node("1", cd("D48.6", ICD), system=D + "11.1077"),))
    data = document(
        "SMSV1",
        section("SCOPORG", node("6", system=REFERRAL, tag="act")),
        section("SERVICES", node("B01.027.001", system=SERVICE, tag="act")),
        section("DGN", shape),
        system=SMS,
        template="0",
    )
    assert one(data, "referral")[1]["to"] == "oncologist"
    assert one(data, "suspicion")[1]["icd10"] == "D48.6"
    assert (read(data).kind.generation, read(data).kind.remd) == ("vimis", "")


def discharge(*sections, code="1", template=D + "15.25.6", icd="C18.7", outcome=""):
    result = node("6", system=D + "11.1046", label=outcome) if outcome else ""
    return document(
        code,
        section("HOSP", *filter(None, [result])),
        section("DGN", diagnosis(icd)),
        *sections,
        template=template,
        case=("202603011000+0500", "202603101200+0500"),
    )


def procedure(code, name, *inside, time="20260303"):
    return node(code, system=SERVICE, tag="procedure", label=name, time=when(time), below=inside)


def test_discharge_with_an_operation_was_an_admission_for_treatment():
    radical = node("2", system=D + "99.2.574", label="Радикальная операция")
    data = discharge(section("SUR", procedure("A16.18.017", "Гемиколэктомия", radical)))
    assert one(data, "admission") == ("2026-03-01", {"purpose": "treatment", "icd10": "C18.7"})
    assert one(data, "operation") == ("2026-03-03", {"aim": "radical", "icd10": "C18.7"})
    assert one(data, "discharge")[0] == "2026-03-10"


def test_discharge_after_a_biopsy_was_diagnostics():
    data = discharge(section("SUR", procedure("A11.18.001", "Биопсия ободочной кишки эндоскопическая")))
    assert one(data, "admission")[1]["purpose"] == "diagnostics"
    assert one(data, "biopsy_taken")[0] == "2026-03-03"
    assert "operation" not in kinds(data)


def test_discharge_without_treatment_and_without_tumour_is_for_something_else():
    assert one(discharge(icd="I21.0"), "admission")[1]["purpose"] == "other"
    assert one(discharge(section("POLT", text="Не проводилась")), "admission")[1]["purpose"] == "diagnostics"
    assert one(discharge(section("POLT", text="Проведён 1 курс по схеме XELOX")), "admission")[1]["purpose"] == "treatment"


def test_discharge_counts_cycles_by_their_first_day():
    schemes = [
        node("110", system=SCHEME, label="XELOX (CAPOX): (…)", time=when(low, high))
        for low, high in (("20260302", "20260304"), ("20260308", "20260309"))
    ]
    data = discharge(section("POLT", *schemes))
    assert [(on, a["regimen"]) for name, on, a in told(data) if name == "chemo_cycle"] == [
        ("2026-03-02", "XELOX"),
        ("2026-03-08", "XELOX"),
    ]


def test_radiotherapy_has_a_start_and_an_end():
    data = discharge(section("RADIOTHERAPY", node("1", system=D + "99.2.783", time=when("20260302", "20260309"))))
    assert [(on, a["phase"]) for name, on, a in told(data) if name == "radiotherapy"] == [
        ("2026-03-02", "start"),
        ("2026-03-09", "end"),
    ]


def test_death_in_hospital_is_no_discharge():
    data = discharge(outcome="Летальный исход")
    assert one(data, "death") == ("2026-03-10", {"kind": "preliminary", "icd10": "C18.7"})
    assert "discharge" not in kinds(data)
    posthumous = discharge(
        section("DEATH", node("521", '<value value="202603091130+0500"/>')), code="385", template=D + "15.93.1"
    )
    assert one(posthumous, "death")[0] == "2026-03-09"


def test_transfer_and_stage_epicrises():
    assert one(discharge(code="384", template=D + "15.87.1"), "discharge")[1]["outcome"] == "transfer"
    stage = discharge(code="351", template=D + "15.30.2")
    assert "discharge" not in kinds(stage)
    assert "admission" in kinds(stage)


def test_operation_protocol_takes_the_diagnosis_after_it():
    data = document(
        "108",
        section("BEFORESUR", inner=(section("DGN", diagnosis("D37.4", sure="1", time=when("20260301"))),)),
        section(
            "SUR",
            node(
                "A16.18.017",
                system=SERVICE,
                tag="procedure",
                time=when("20260304"),
                below=(node("1", system=D + "11.1503", label="Экстренное"),),
            ),
        ),
        section("AFTERSUR", inner=(section("DGN", diagnosis("C18.7", time=when("20260304"))),)),
        template=D + "14.108.9.1",
    )
    assert one(data, "operation") == ("2026-03-04", {"aim": "emergency", "icd10": "C18.7"})
    assert [(a["icd10"], a["status"]) for name, _, a in told(data) if name == "diagnosis"] == [
        ("D37.4", "preliminary"),
        ("C18.7", "final"),
    ]


def test_ticket_certificate_and_autopsy():
    ticket = document("80", section("DOCINFO", node("7017", time=when("20260310"))), section("DGN", diagnosis("C50.4")))
    assert one(ticket, "vmp_ticket") == ("2026-03-10", {"status": "documents_sent", "icd10": "C50.4"})
    onco = node("9017", cd("3", D + "11.1090", "Онкологический диспансер"))
    standing = document("90", section("DOCINFO", onco, node("837", cd("9", D + "99.2.725"))))
    assert one(standing, "register_entry") == ("2026-03-12", {"register": "oncology"})
    skin = node("9017", cd("1", D + "11.1090", "Кожно-венерологический диспансер"))
    assert told(document("90", section("DOCINFO", skin, node("837", cd("9", D + "99.2.725"))))) == []
    assert told(document("90", section("DOCINFO", onco, node("837", cd("10", D + "99.2.725"))))) == []
    autopsy = document(
        "254",
        section("DEADPATINFO", node("521", '<value value="20260309"/>')),
        section("DGN", diagnosis("I21.0", sure="3")),
        section("PATHANATDGN", node("838", below=(diagnosis("C34.1", sure="42"),))),
        template=D + "14.254.9.1",
    )
    assert one(autopsy, "death") == ("2026-03-09", {"kind": "final", "icd10": "C34.1"})


@pytest.mark.parametrize(("certificate", "kind"), [("1", "final"), ("2", "preliminary"), ("3", "final")])
def test_death_certificates(certificate, kind):
    data = document(
        "13",
        section("DOCINFO", node("511", cd(certificate, CERTIFICATE))),
        section("DEADPATINFO", node("521", '<value value="202603091130+0500"/>')),
        section("ABOUTDEAD", node("4030", cd("I26.9", ICD)), node("4040", cd("C34.1", ICD))),
        template="1.2.643.5.1.13.2.7.5.1.13.9.5",
    )
    assert one(data, "death") == ("2026-03-09", {"kind": kind, "icd10": "C34.1"})


def test_a_death_certificate_without_a_day_keeps_none():
    data = document("13", section("DEADPATINFO"), section("ABOUTDEAD", node("4040", cd("C34.1", ICD))))
    assert one(data, "death")[0] is None
    assert "death_date_missing" in [p.code for p in read(data).problems]


def test_ambulatory_case_visits_studies_and_its_final_diagnosis():
    visit = (
        "<encounter><code nullFlavor='NI'/>"
        + when("20260305")
        + '<performer><assignedEntity><code code="50" codeSystem="'
        + D
        + '11.1002"/></assignedEntity></performer></encounter>'
    )
    shape = node(
        "3", system=SURE, tag="act", below=(node("1", cd("C44.3", ICD), system=D + "11.1077", time=when("20260305")),)
    )
    data = document(
        "2",
        section("AMBS", shape),
        section("AMBSV", visit),
        section(
            "SERVICES",
            node("A04.06.001", system=SERVICE, tag="act", time=when("20260306"), label="Ультразвуковое исследование"),
        ),
        template=D + "15.26.5",
    )
    assert one(data, "consultation") == ("2026-03-05", {"specialty": "oncologist", "icd10": "C44.3"})
    assert one(data, "diagnosis")[1]["status"] == "final"
    assert one(data, "study_performed") == ("2026-03-06", {"study": "ultrasound"})


def test_instrumental_category_is_kept_and_laboratory_answers_once():
    mammography = document(
        "6",
        section("DOCINFO", node("7003001", system=STUDY, tag="act", time=when("20260310"), label="Маммография")),
        section("vimisInformation", node("1", cd("5", D + "99.2.348", "BI-RADS 5"), system="vimis5"), system="vimis1"),
    )
    assert one(mammography, "study_performed") == ("2026-03-10", {"study": "mammography", "result": "suspicious"})
    tests = [node(c, '<value value="1"/>', system=D + "11.1080", time=when("20260310")) for c in ("1", "2")]
    assert one(document("7", section("RESLAB", *tests)), "study_performed") == ("2026-03-10", {"study": "lab"})


def test_linked_documents_that_are_orders_give_links_and_others_do_not():
    def reference(e):
        return f"<reference><externalDocument>{ident(e)}</externalDocument></reference>"

    data = document(
        "5",
        section(
            "LINKDOCS",
            node("57", reference("order-9"), system=MD, tag="act"),
            node("6", reference("scan-3"), system=MD, tag="act"),
        ),
    )
    links = " ".join(read(data).facts[0].links)
    assert "order-9" in links
    assert "scan-3" not in links


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("Образование, подозрительное на злокачественное", "suspicious"),
        ("Очаг в S6. КТ-картина подозрительна в отношении опухоли", "suspicious"),
        ("Подозрение на ЗНО не подтверждено", None),
        ("Данных за mts поражение не получено", None),
        ("Опухоль печени?", None),
    ],
)
def test_only_an_undenied_suspicion_is_read_from_the_words_of_a_conclusion(words, result):
    study = node("7002009", system=STUDY, tag="act", time=when("20260310"), label="Компьютерная томография живота")
    data = document("6", section("DOCINFO", study), section("RESINFO", node("1806", st(words))), template=D + "15.17.5")
    assert one(data, "study_performed")[1].get("result") == result


def test_observed_for_a_suspected_tumour_is_a_suspicion_and_a_symptom_is_nothing():
    data = document("341", section("DGN", diagnosis("Z03.1"), diagnosis("R91")), template=D + "14.341.9.1")
    assert one(data, "suspicion")[1] == {"icd10": "Z03.1"}
    assert "diagnosis" not in kinds(data)


def test_a_first_visit_asked_of_the_oncologist_without_certainty_is_a_suspicion():
    def sent(service_code, post="109"):
        scope = section("SCOPORG", node("833", cd(service_code, SERVICE)))
        return document("57", scope, section("DGN", diagnosis("C50.9", sure="")), template=D + "14.57.9.2", post=post)

    assert one(sent("B01.027.001"), "suspicion")[1] == {"icd10": "C50.9"}
    assert "suspicion" not in kinds(sent("B01.027.002"))
    assert "suspicion" not in kinds(sent("B01.038.001", post="50"))
