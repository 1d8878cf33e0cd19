"""`oncor lists load` tells a list that waits from one that failed: in words, in its exit code, and where to answer."""

import json

import pytest
from typer.testing import CliRunner

from oncor_cases.cli import app
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes
from tests.lists.test_kinds import PERS, bill
from tests.lists.test_lost_columns import RENAMED as RENAMED_HEAD
from tests.people.insured_list import CLINIC, ENPS, NUMBERS
from tests.web.test_lists import INSURED

DEATHS = csv_bytes(DEATHS_HEAD, [DEAD])
RENAMED = csv_bytes(RENAMED_HEAD, [DEAD])
UNKNOWN = csv_bytes(["Кто", "Родился"], [["Белов Пётр", "01.02.1955"]])
REGISTER_HEAD = ["Фамилия", "Имя", "Отчество", "Дата рождения", "Номер", "Дата регистрации"]
CLAIMS, PERSONS = "CM990001T99_2602.xml", "LCM990001T99_2602.xml"


@pytest.fixture
def oncor(database, region, tmp_path, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("ONCOR_HOME", str(tmp_path))

    def load(name, data, *options):
        (tmp_path / name).write_bytes(data)
        return CliRunner().invoke(app, ["lists", "load", str(tmp_path / name), *options])

    return load


@pytest.mark.parametrize(
    ("name", "data", "options", "waits", "words", "where"),
    [
        ("x_2025-10.csv", UNKNOWN, (), "columns", "ждёт разметки столбцов", "/mapping"),
        ("deaths.csv", DEATHS, (), "day", "ждёт дня", "--as-of"),
        (PERSONS, PERS, (), "pair", "ждёт своего файла счетов", "загрузите файл счетов"),
        (
            "register_persons_2025-10.csv", csv_bytes(REGISTER_HEAD, []),
            ("--kind", "register_persons", "--sender", "Канцер-регистр другого региона"), "region", "ждёт отправителя",
            "Канцер-регистр другого региона: название",
        ),
    ],
    ids=lambda one: one if isinstance(one, str) and one.isalpha() else "",
)  # fmt: skip
def test_a_list_that_waits_says_for_what_and_where_to_answer(oncor, name, data, options, waits, words, where):
    said = oncor(name, data, *options)
    assert said.exit_code == 3, said.output
    assert f"{name}: сохранён, {words}" in said.output
    assert "не загружен" not in said.output
    assert where in said.output
    if waits != "pair":
        assert "страница /lists/1" in said.output
    told = json.loads(oncor(name, data, *options, "--json").output)
    assert (told["state"], told["waits"]) == ("waiting", waits)


def test_a_list_without_a_column_of_the_one_before_waits_for_a_word(oncor):
    assert oncor("deaths_2025-10.csv", DEATHS).exit_code == 0
    said = oncor("deaths_2025-11.csv", RENAMED)
    assert said.exit_code == 3
    assert "ждёт подтверждения, что столбцов и правда нет" in said.output
    assert oncor("deaths_2025-11.csv", RENAMED, "--confirmed").exit_code == 0


def test_a_shrunken_list_waits_for_a_word(oncor):
    people = [[NUMBERS[n], ENPS[n], "Лосев", "Пётр", "Ильич", "01.02.1955", "М", CLINIC] for n in range(60)]
    load = [
        (f"insured_2026-0{n}-01.csv", csv_bytes(INSURED, rows), "--sender", "ТФОМС")
        for n, rows in ((2, people), (3, people[:5]))
    ]
    assert oncor(*load[0]).exit_code == 0
    said = oncor(*load[1])
    assert said.exit_code == 3
    assert "ждёт подтверждения, что он полный" in said.output
    assert "выбыли бы 55 из 60" in said.output
    assert json.loads(oncor(*load[1], "--json").output)["waits"] == "confirmation"
    assert oncor(*load[1], "--confirmed").exit_code == 0


def test_a_list_that_failed_is_told_from_one_that_waits(oncor, tmp_path):
    said = oncor(CLAIMS, bill())
    assert said.exit_code == 1
    assert "не загружен" in said.output
    (tmp_path / "empty_2025-10.json").write_bytes(b"[" * 100)
    both = oncor("deaths.csv", DEATHS, str(tmp_path / "empty_2025-10.json"))
    assert both.exit_code == 1
    assert "ждёт дня" in both.output


def test_the_codes_are_in_the_help(oncor):
    told = " ".join(CliRunner().invoke(app, ["lists", "load", "--help"]).output.split())
    assert "Код возврата 1" in told
    assert "3 —" in told


@pytest.mark.parametrize(
    ("data", "code", "words"),
    [(DEATHS, 0, "загружен"), (UNKNOWN, 3, "/mapping"), (csv_bytes(DEATHS_HEAD, [["давно"] * len(DEAD)]), 1, "не загружен")],
)
def test_finish_ends_with_the_same_codes(oncor, database, tmp_path, data, code, words):
    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "deaths_2025-10-01.csv").write_bytes(data)
    done = CliRunner().invoke(app, ["lists", "finish", "--drop", str(drop)])
    assert (done.exit_code, words in done.output) == (code, True), done.output
    assert CliRunner().invoke(app, ["lists", "finish"]).exit_code == 0  # nothing is left to be read
