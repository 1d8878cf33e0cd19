"""Results: histology, cytology, instrumental and laboratory protocols."""

import pytest

from oncor_cases.sources.semd import read
from tests.semd.documents import ICD, MORPH, SERVICE, STUDY, D, cd, document, node, section, st, when
from tests.semd.saying import kinds, one


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


def test_instrumental_category_is_kept_and_laboratory_answers_once():
    mammography = document(
        "6",
        section("DOCINFO", node("7003001", system=STUDY, tag="act", time=when("20260310"), label="Маммография")),
        section("vimisInformation", node("1", cd("5", D + "99.2.348", "BI-RADS 5"), system="vimis5"), system="vimis1"),
    )
    assert one(mammography, "study_performed") == ("2026-03-10", {"study": "mammography", "result": "suspicious"})
    tests = [node(c, '<value value="1"/>', system=D + "11.1080", time=when("20260310")) for c in ("1", "2")]
    assert one(document("7", section("RESLAB", *tests)), "study_performed") == ("2026-03-10", {"study": "lab"})


@pytest.mark.parametrize(
    ("words", "result"),
    [
        ("Образование, подозрительное на злокачественное", "suspicious"),
        ("Очаг в S6. КТ-картина подозрительна в отношении опухоли", "suspicious"),
        ("Подозрение на ЗНО не подтверждено", None),
        ("Данных за mts поражение не получено", None),
        ("Опухоль печени?", None),
        ("Изменения, требующие дообследования", "abnormal"),
        ("Рекомендована консультация онколога", "abnormal"),
        ("Консультация онколога не показана", None),
        ("Дообследования не требует", None),
    ],
)
def test_only_an_undenied_suspicion_is_read_from_the_words_of_a_conclusion(words, result):
    study = node("7002009", system=STUDY, tag="act", time=when("20260310"), label="Компьютерная томография живота")
    data = document("6", section("DOCINFO", study), section("RESINFO", node("1806", st(words))), template=D + "15.17.5")
    assert one(data, "study_performed")[1].get("result") == result


def conclusion(words, icd=""):
    coded = node("4027", tag="act", below=(node("809", cd(icd, ICD)),)) if icd else ""
    result = node("4020", st(words), time=when("20260318"), below=(coded,) if coded else ())
    return document("12", section("GISTRESULT", result), template=D + "15.21.3")


@pytest.mark.parametrize(
    ("words", "icd", "result"),
    [
        ("Данных за злокачественный рост в материале нет.", "", "benign"),
        ("Данных за злокачественный рост в материале нет.", "D40.0", "benign"),
        ("Данных за злокачественный рост в материале нет.", "C61", "inconclusive"),
        ("Рост злокачественной опухоли. В крае резекции злокачественного роста нет.", "C61", "malignant"),
        ("В краях резекции злокачественного роста нет.", "", "inconclusive"),
        ("Материал недостаточен для заключения.", "C73", "inconclusive"),
        ("Картина папиллярного рака.", "C73", "malignant"),
    ],
)
def test_words_of_denial_never_make_a_malignant_report(words, icd, result):
    assert one(conclusion(words, icd), "pathology_report")[1]["result"] == result


def test_the_number_of_a_vial_joins_nothing():
    data = document(
        "12",
        section("GISTSPECIMENS", node("4005", st("1")), node("4006", st("2026/118"))),
        section("GISTRESULT", node("12302", cd("8500/3", MORPH))),
        template=D + "15.21.3",
    )
    (report,) = read(data).facts
    assert "2026/118" in report.links
    assert "1" not in report.links
