"""A region tells about itself from the command line; old patients open no task for what was due before."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncor_cases.actions.sweep import sweep
from oncor_cases.cli import app
from oncor_cases.ops import database as ops_database
from oncor_cases.store import regions
from tests.worklist.conftest import Town


@pytest.fixture
def run(database, monkeypatch):
    """Runs a command over the test's own database."""
    from contextlib import contextmanager

    @contextmanager
    def opened(settings):
        ops_database.ensure_region(database, settings)
        yield database

    monkeypatch.setattr(ops_database, "opened", opened)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_old_patients_open_no_task_for_duties_before_the_day(run, database):
    town = Town(database, demo=False)
    with database.owner() as conn:
        regions.change(conn, 1, observed_from=None)
    town.suspected(date(2024, 2, 5))
    sweep(database, date(2026, 3, 10))
    assert town.tasks()
    assert run("go-live", "--observed-from", "2026-01-01", "--name", "Край").exit_code == 0
    sweep(database, date(2026, 3, 10))
    assert [row for row in town.tasks() if row[0].startswith("DX")] == []


def test_a_day_that_is_no_day_is_refused(run):
    result = run("go-live", "--observed-from", "вчера")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_organisations_are_loaded_twice_as_once(run, database, region, tmp_path: Path):
    file = tmp_path / "orgs.csv"
    file.write_text(
        "oid,name,short_name,district,roles\n1.2.3.1,Поликлиника,П,Центр,polyclinic; laboratory\n", encoding="utf-8"
    )
    for _ in range(2):
        assert run("organisations", str(file)).exit_code == 0
    with database.batch() as conn:
        rows = conn.execute("select oid, name, roles from organisation").fetchall()
    assert [tuple(row) for row in rows] == [("1.2.3.1", "Поликлиника", ["polyclinic", "laboratory"])]


def sheet(path: Path, rows: list[list[str]]) -> Path:
    import xlsxwriter

    with xlsxwriter.Workbook(str(path)) as book:
        page = book.add_worksheet()
        for at, row in enumerate(rows):
            page.write_row(at, 0, row)
    return path


def test_a_spreadsheet_gives_its_good_rows_and_lists_the_others(run, database, region, tmp_path: Path):
    rows = [
        ["ОИД", "Наименование", "Краткое наименование", "Район", "Роли", "Головная организация"],
        ["1.2.3.1", "Первая", "П", "Центр", "поликлиника; ПОК", ""],
        ["1.2.3.1.7", "Отделение", "", "Центр", "", "1.2.3.1"],
        ["первая", "Без номера", "", "", "", ""],
        ["1.2.3.2", "Вторая", "", "", "прачечная", ""],
        ["1.2.3.3", "", "", "", "", ""],
    ]
    said = run("organisations", "load", str(sheet(tmp_path / "orgs.xlsx", rows)))
    assert said.exit_code == 1
    assert "Организаций загружено: 2; новых 2" in said.output
    for line in ("строка 4: «первая» — не OID", "строка 5: неизвестная роль: прачечная", "строка 6: пусто: name"):
        assert line in said.output
    with database.batch() as conn:
        found = conn.execute("select oid, roles, parent_oid from organisation order by oid").fetchall()
    assert [tuple(r) for r in found] == [("1.2.3.1", ["polyclinic", "oncology_office"], ""), ("1.2.3.1.7", [], "1.2.3.1")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "cp1251"])
def test_a_table_of_another_office_is_read(run, database, region, tmp_path: Path, encoding: str):
    file = tmp_path / "o.csv"
    file.write_bytes("OID;Наименование;Район\n1.2.3.1;Больница «Ёлка»;Лесной\n".encode(encoding))
    assert run("organisations", str(file)).exit_code == 0
    with database.batch() as conn:
        assert conn.execute("select name from organisation").fetchone()[0] == "Больница «Ёлка»"


def test_what_is_no_table_is_said_in_one_line(run, region, tmp_path: Path):
    broken, empty, other = tmp_path / "b.xlsx", tmp_path / "e.csv", tmp_path / "o.csv"
    broken.write_bytes(b"PK\x03\x04 not a workbook")
    empty.write_bytes(b"")
    other.write_text("имя,телефон\nа,б\n", encoding="utf-8")
    for file in (broken, empty, other, tmp_path / "none.csv"):
        said = run("organisations", "load", str(file))
        assert said.exit_code == 2
        assert "Traceback" not in said.output


def test_territories_and_categories_are_loaded_twice_as_once(run, database, tmp_path: Path):
    town = Town(database, demo=False)
    person = town.person(snils="11223344595", address="г. Речной, ул. Ленина, д. 1", attached="")
    streets, people = tmp_path / "s.csv", tmp_path / "p.csv"
    streets.write_text("Населенный пункт;Улица;Организация\nРечной;Ленина;1.2.3.1\nРечной;;нет\n", encoding="utf-8")
    people.write_text(
        "СНИЛС;Категория;С даты\n112-233-445 95;дом-интернат;2026-01-05\n112-233-445 95;замок;\n000;колония;\n",
        encoding="utf-8",
    )
    for _ in range(2):
        assert "Участков загружено: 1" in run("organisations", "territories", str(streets)).output
        said = run("organisations", "categories", str(people)).output
    assert "Записано: 0" in said
    assert "строка 3: неизвестная категория" in said
    assert "строка 4: человека с таким номером нет" in said
    assert "11223344595" not in said
    assert [tuple(r) for r in town.rows("select person_id, category, since from person_category")] == [
        (person, "care_home", date(2026, 1, 5))
    ]
    assert len(town.rows("select 1 from attachment")) == 1


def test_a_region_goes_live_with_its_backlog_and_lets_it_in_from_the_command_line(run, database):
    town = Town(database, demo=False)
    town.suspected(date(2026, 2, 5))
    assert run("go-live", "--observed-from", "2026-01-01", "--live-from", "2025-01-01").exit_code == 2
    said = run("go-live", "--observed-from", "2026-01-01", "--live-from", "2026-03-02")
    assert "ждёт в очереди ввода" in said.output
    sweep(database, date(2026, 3, 10))
    assert town.tasks() == []
    assert "DX-01" in run("backlog", "show").output
    clinic = town.rows("select owner_org from backlog")[0][0]
    assert "Выпущено: 1" in run("backlog", "release", "--org", clinic, "-n", "5").output
    assert run("backlog", "pace", "--org", clinic, "-n", "3").exit_code == 0
    assert run("backlog", "pace", "--org", clinic, "-n", "100000").exit_code == 2
