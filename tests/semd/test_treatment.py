"""Treatment, the stay in hospital, tickets, registers and death."""

import pytest

from oncor_cases.sources.semd import read
from tests.semd.documents import (
    CERTIFICATE,
    ICD,
    REFERRAL,
    SCHEME,
    SERVICE,
    SURE,
    D,
    cd,
    diagnosis,
    document,
    node,
    org,
    section,
    when,
)
from tests.semd.saying import kinds, one, told


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


def test_treatment_only_listed_among_services_still_makes_a_stay_for_treatment():
    drugs = "Назначение лекарственных препаратов при онкологическом заболевании"
    data = discharge(section("SERVICES", node("A25.30.033", system=SERVICE, tag="act", label=drugs)))
    assert one(data, "admission")[1]["purpose"] == "treatment"


def test_drugs_of_one_stay_are_one_cycle():
    given = [f"<substanceAdministration>{when(day)}</substanceAdministration>" for day in ("20260303", "20260302")]
    assert one(discharge(section("POLT", *given)), "chemo_cycle") == ("2026-03-02", {"icd10": "C18.7"})


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


def test_an_emergency_by_the_form_of_care_and_a_federal_centre_by_its_name():
    form = '<serviceForm code="2" codeSystem="1.2.643.5.1.13.13.11.1551"/>'
    surgery = document(
        "108", section("SUR", node("A16.18.017", system=SERVICE, tag="procedure")), event=("20260304", "20260304")
    )
    urgent = surgery.replace(b"</serviceEvent>", form.encode() + b"</serviceEvent>")
    assert one(surgery, "operation")[1]["aim"] == "radical"
    assert one(urgent, "operation")[1]["aim"] == "emergency"
    centre = org(D + "12.2.77.9").replace(
        "</representedOrganization>", "<name>ФГБУ «НМИЦ онкологии»</name></representedOrganization>"
    )
    sent = document(
        "3", section("SCOPORG", node("1", centre, system=REFERRAL, tag="act")), section("DGN", diagnosis("C50.4"))
    )
    assert [one(sent, "referral")[1][k] for k in ("to", "place")] == ["federal_centre", "federal"]
