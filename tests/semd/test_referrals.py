"""Referrals: whom they ask, what they order, and when their reason is a suspicion."""

import pytest

from oncor_cases.sources.semd import read
from tests.semd.documents import (
    ICD,
    LAB,
    MD,
    REFERRAL,
    REMD,
    SERVICE,
    SMS,
    STUDY,
    SURE,
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
from tests.semd.saying import kinds, one, told


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


def test_a_first_visit_asked_of_the_oncologist_without_certainty_is_a_suspicion():
    def sent(service_code, post="109"):
        scope = section("SCOPORG", node("833", cd(service_code, SERVICE)))
        return document("57", scope, section("DGN", diagnosis("C50.9", sure="")), template=D + "14.57.9.2", post=post)

    assert one(sent("B01.027.001"), "suspicion")[1] == {"icd10": "C50.9"}
    assert "suspicion" not in kinds(sent("B01.027.002"))
    assert "suspicion" not in kinds(sent("B01.038.001", post="50"))


def test_the_consultation_form_sent_for_a_study_asks_no_oncologist():
    scope = section("SCOPORG", node("833", cd("A06.30.005", SERVICE, "Компьютерная томография")))
    data = document("57", scope, section("DGN", diagnosis("C50.4")), template=D + "14.57.9.2")
    assert [a["to"] for name, _, a in told(data) if name == "referral"] == ["study"]
