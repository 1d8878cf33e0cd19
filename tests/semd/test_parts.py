"""Dates, labels, services, header, outline and the command: the parts the readers stand on."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from oncor_cases.sources.semd import labels, outline, read, services
from oncor_cases.sources.semd.dates import in_words, moment
from tests.semd.documents import ENP, MO, SNILS, D, cd, coded, diagnosis, document, node, section, when


@pytest.mark.parametrize(
    ("text", "on", "problem"),
    [
        ("20210125", "2021-01-25", ""),
        ("202101252359+0300", "2021-01-25", ""),
        ("202008101100+04", "2020-08-10", ""),
        ("20201225160010", "2020-12-25", ""),
        ("202101", "2021-01", ""),
        ("2021", "2021", ""),
        ("20210230", "2021-02", "date_impossible"),
        ("20211301", "2021", "date_impossible"),
        ("22020812", None, "date_impossible"),
        ("00010101", None, "date_impossible"),
        ("20210v1251600+0300", None, "date_unreadable"),
        ("${year}03021600+0300", None, "date_unreadable"),
        ("", None, ""),
        (None, None, ""),
        ("20240229", "2024-02-29", ""),
        ("19000229", "1900-02", "date_impossible"),
    ],
)
def test_a_moment_is_the_day_as_written_with_its_precision(text, on, problem):
    assert moment(text) == (on, problem)


@given(st.text(max_size=20))
def test_a_moment_never_raises(text):
    found = moment(text)
    assert found.on is None or re.fullmatch(r"\d{4}(-\d\d){0,2}", found.on)


def test_a_date_in_words_must_be_the_only_one():
    assert in_words("явка 1.6.2026 в 9:00").on == "2026-06-01"
    assert in_words("12.06.2026 или 13.06.2026").on is None
    assert in_words("31.02.2026").on is None


@pytest.mark.parametrize(
    ("text", "stage"),
    [("IVA", "IVA"), ("IVА", "IVA"), ("Стадия IIB", "IIB"), ("0is", "0IS"), ("3", "III"), ("4a", "IVA"), ("III C", "IIIC"),
     ("Не применимо", ""), ("", ""), ("IA1", "IA1")],
)  # fmt: skip
def test_stages(text, stage):
    assert labels.stage(text) == stage


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [("t", "T4 - Опухоль", "T4"), ("t", "Т1b", "T1b"), ("t", "pTis", "Tis"), ("n", "N1 - есть", "N1"), ("m", "М0", "M0"),
     ("t", "N1", ""), ("m", "Mx", "Mx"), ("n", "cN2a", "N2a"), ("t", "Опухоль", "")],
)  # fmt: skip
def test_categories(kind, text, value):
    assert labels.category(kind, text) == value


@pytest.mark.parametrize(
    ("text", "group"), [("IIа", "IIa"), ("Iб", "Ib"), ("2", "II"), ("III - практически здоров", "III"), ("V", "")]
)
def test_clinical_groups(text, group):
    assert labels.clinical_group(text) == group


@pytest.mark.parametrize(
    ("code", "name", "study"),
    [
        ("A05.23.009", "Магнитно-резонансная томография", "mri"),
        ("A04.20.001", "УЗИ", "ultrasound"),
        ("А04.20.001", "", "ultrasound"),
        ("A06.20.004", "", "mammography"),
        ("A03.18.001.001", "Видеоколоноскопия", "colonoscopy"),
        ("A03.16.001", "", "endoscopy"),
        ("A05.10.006", "Регистрация электрокардиограммы", "A05.10.006"),
        ("A07.30.043", "Позитронная эмиссионная томография", "pet"),
        ("A08.30.013", "с применением иммуногистохимических методов", "ihc"),
        ("B03.016.002", "Общий анализ крови", "lab"),
        ("A11.08.001", "Биопсия под контролем ультразвукового исследования", "A11.08.001"),
        ("", "", "other"),
    ],
)
def test_short_names_of_studies(code, name, study):
    assert services.study(code, name) == study


@pytest.mark.parametrize(
    ("code", "system", "template", "name", "remd", "generation"),
    [
        ("371", "11.1522", "13.14.371.9.1", "consilium", "190", "B"),
        ("349", "11.1522", "13.16.1.2.1", "consilium", "", "vimis"),
        ("SMSV7", "99.2.592", "0", "vimis_observation", "", "vimis"),
        ("206", "11.1520", "13.15.31.4", "referral", "206", "C"),
        ("31", "99.2.1079", "13.15.31.5", "referral", "255", "C"),
        ("3", "11.1115", "2.7.5.1.3.3", "referral", "43", "A"),
        ("1", "99.2.195", "2.7.5.1.1.3", "discharge", "41", "A"),
        ("7", "2.1.1.646", "2.7.5.1.7.9.4", "laboratory", "75", "B"),
        ("74", "11.1522", "13.14.74.9.2", "unknown", "", "B"),
        ("266", "11.1520", "13.15.200.1", "unknown", "266", "C"),
    ],
)
def test_a_kind_is_told_by_code_and_its_edition_by_template(code, system, template, name, remd, generation):
    oid = "1.2.643.5.1.13." + (system if system.startswith("2.1") else "13." + system)
    found = read(document(code, system=oid, template="1.2.643.5.1.13." + template))
    assert (found.kind.name, found.kind.remd, found.kind.generation) == (name, remd, generation)


def test_a_template_of_another_kind_is_told():
    found = read(document("5", template=D + "14.371.9.1"))
    assert found.kind.name == "consultation"
    assert "template_of_another_kind" in [p.code for p in found.problems]
    assert "template_of_another_kind" not in [p.code for p in read(document("5", template=D + "14.85.9.4")).problems]


def test_the_header_of_any_generation():
    found = read(document("57"))
    who = found.patient
    assert (who.snils, who.enp, who.sex, who.birth_date) == (SNILS, ENP, "female", "1961-04-12")
    assert (who.local_id, who.organisation, found.organisation) == ("p-7", MO, MO)
    assert (who.family, who.given, who.patronymic, who.phones) == ("Тестова", "Анна", "Ивановна", ("+73430000000",))
    assert (found.document.set_id, found.document.version, found.document.date) == (
        MO + ".100.1.1.50^set-1",
        1,
        "2026-03-12",
    )


def test_before_2021_policy_and_patronymic_stood_elsewhere():
    old = (
        f'<id root="{MO}.100.1.1.10" extension="p-7"/><patient><name><family>Тестова</family><given>Анна</given>'
        f"<given>Ивановна</given></name>{coded('administrativeGenderCode', '1', '1.2.643.5.1.13.2.1.1.156')}</patient>"
    )
    number = f'<id root="1.2.643.5.1.13.2.7.100.2" extension="{ENP}"/>'
    policy = f'<participant typeCode="HLD"><associatedEntity>{number}</associatedEntity></participant>'
    found = read(document("3", template="1.2.643.5.1.13.2.7.5.1.3.3", patient=old, participants=policy))
    assert (found.patient.enp, found.patient.patronymic, found.patient.sex) == (ENP, "Ивановна", "male")
    assert found.kind.generation == "A"


def test_placeholders_are_no_identifiers():
    found = read(
        document("57", extension="${iD}", set_extension="${setId}").replace(b'extension="p-7"', b'extension="${guid}"')
    )
    assert (found.document.id, found.document.set_id, found.patient.local_id) == ("", "", "")
    assert "set_id_missing" in [p.code for p in found.problems]
    assert not [link for fact in found.facts for link in fact.links]


def test_wrong_check_digits_are_problems_and_not_numbers():
    bad = document("57").replace(SNILS.encode(), b"11223344596").replace(ENP.encode(), b"7300000000000003")
    found = read(bad)
    assert (found.patient.snils, found.patient.enp) == ("", "")
    assert {"snils_check", "enp_check"} <= {p.code for p in found.problems}


def test_an_undated_document_hangs_its_facts_on_the_event_then_on_the_case():
    sections = [section("SCOPORG", node("1", system=D + "11.1009", tag="act")), section("DGN", diagnosis("C50.4"))]
    by_event = read(document("3", *sections, date="", event=("20260301", "20260302"), case=("20260301", "20260309")))
    by_case = read(document("3", *sections, date="", case=("20260301", "20260309")))
    nothing = read(document("3", *sections, date=""))
    assert [f.on for f in by_event.facts if f.kind == "referral"] == ["2026-03-02"]
    assert [f.on for f in by_case.facts if f.kind == "referral"] == ["2026-03-09"]
    assert [f.on for f in nothing.facts if f.kind == "referral"] == [None]
    assert by_event.document.date == by_case.document.date == ""


def test_an_impossible_date_of_a_fact_is_told_and_stays_partial():
    found = read(document("371", section("DGN", diagnosis("C50.4", time=when("20260231"))), section("CONSILIUM")))
    (told,) = [f for f in found.facts if f.kind == "diagnosis"]
    assert told.on == "2026-02"
    assert ("date_impossible", told.path) in [(p.code, p.path) for p in found.problems]


def test_paths_lead_to_the_place():
    found = read(document("371", section("CONSILIUM", inner=(section("DGN", diagnosis("C50.4"), diagnosis("C18.7")),))))
    paths = [f.path for f in found.facts if f.kind == "diagnosis"]
    assert paths == [f"section[CONSILIUM]/section[DGN]/observation[1][{n}]" for n in (1, 2)]


def test_the_outline_is_plain_rows_without_markup():
    table = "<table><tbody><tr><th>Жалобы</th><td>на <b>боль</b></td></tr></tbody></table>"
    text = f"Осмотр.<br/>{table}<list><item>Первое</item></list><paragraph>&lt;script&gt;</paragraph>"
    shown = outline(
        document("5", section("ANAM", title="Анамнез", text=text, inner=(section("DGN", title="Диагноз", text="Рак"),)))
    )
    assert [title for title, _ in shown] == ["Сведения о документе", "Анамнез", "Диагноз"]
    assert shown[1][1] == [("Осмотр.",), ("Жалобы", "на боль"), ("Первое",), ("<script>",)]
    assert ("СНИЛС", "112-233-445 95") in shown[0][1]
    assert ("Организация", "Больница") in shown[0][1]


def test_a_section_without_narrative_shows_its_statements():
    assert dict(outline(document("3", section("DGN"))))["DGN"] == []
    named = section("DGN", node("838", cd("C50.4", D + "11.1005", "Рак"), label="Диагноз", time=when("20260301")))
    assert dict(outline(document("3", named)))["DGN"] == [("Диагноз", "C50.4 Рак", "01.03.2026")]


def test_a_department_is_told_as_its_organisation_and_an_old_policy_has_no_insurance_number():
    department = document("57").replace(f'root="{MO}"/>'.encode(), f'root="{MO}.0.155037"/>'.encode())
    assert read(department).organisation == MO
    kind = coded("identity:InsurancePolicyType", "1", D + "11.1035")
    old = document("57").replace(b"<identity:Number>" + ENP.encode(), kind.encode() + b"<identity:Number>123456")
    found = read(old)
    assert found.patient.enp == ""
    assert "enp_check" not in [p.code for p in found.problems]


def test_the_command_prints_one_object_a_line_and_a_missing_file_too(tmp_path):
    from oncor_cases.cli import app

    good = tmp_path / "с пробелом.xml"
    good.write_bytes(
        document("371", section("DGN", diagnosis("C50.4", node("12303", cd("C50.4", D + "11.1487")))), section("CONSILIUM"))
    )
    result = CliRunner().invoke(app, ["semd", "read", str(good), str(tmp_path / "нет.xml"), str(tmp_path), "--json"])
    assert result.exit_code == 0
    read_line, missing, folder = map(json.loads, result.stdout.splitlines())
    keys = ["file", "sha256", "status", "kind", "document", "patient", "organisation", "facts", "problems"]
    assert list(read_line) == list(missing) == keys
    assert list(read_line["kind"]) == ["name", "remd", "generation"]
    assert list(read_line["document"]) == ["set_id", "version", "date"]
    assert list(read_line["patient"]) == ["snils", "enp", "birth_date", "sex"]
    fact = read_line["facts"][0]
    assert {"fact", "on", "icd10", "status", "certainty", "evidence", "path"} <= set(fact)
    assert [list(p) for p in missing["problems"]] == [["code", "message", "path"]]
    assert (missing["status"], folder["status"]) == ("unreadable", "unreadable")
    table = CliRunner().invoke(app, ["semd", "read", str(good)])
    assert "diagnosis" in table.stdout
