"""`oncor contingents` on a store of its own, and the job the morning flow runs."""

import json
from datetime import date

import pytest
from typer.testing import CliRunner

from oncor_cases.cli import app
from oncor_cases.config import read
from oncor_cases.ops import jobs
from tests.worklist.conftest import CLINIC


@pytest.fixture
def oncor(town, monkeypatch, tmp_path):
    """Runs a command over the town's store."""
    monkeypatch.setenv("DATABASE_URL", town.db.url)
    monkeypatch.setenv("ONCOR_HOME", str(tmp_path))
    with town.db.batch() as conn:
        conn.execute("insert into organisation (region_id, oid, name) values (1, %s, 'Поликлиника № 1')", (CLINIC,))
    town.ids = [town.person(), town.person(sex="male"), town.person(died_on=date(2026, 3, 1), snils="11223344595")]

    def run(*words, code=0):
        result = CliRunner().invoke(app, ["contingents", *words])
        assert result.exit_code == code, result.output
        return result.stdout

    return run


def test_saved_listed_shown_exported_compared(oncor, town, tmp_path):
    made = json.loads(oncor("save", "Живые", "--expression", '"alive"', "--today", "2026-03-10", "--json"))
    assert made["persons"] == 2
    women = oncor("save", "Женщины", "--query", '{"sex": "female"}', "--today", "2026-03-10", "--json")
    assert json.loads(women)["persons"] == 2
    oncor("save", "Регистр", "--register", "oncology", "--today", "2026-03-10")
    listed = [json.loads(line) for line in oncor("list", "--json").splitlines()]
    assert [(row["name"], row["kind"], row["size"]) for row in listed] == [
        ("Регистр", "register", 0), ("Женщины", "query", 2), ("Живые", "expression", 2),
    ]  # fmt: skip
    assert "Живые" in oncor("list")
    with town.db.batch() as conn:
        conn.execute("update person set died_on = '2026-03-10' where id = %s", (town.ids[1],))
    told = json.loads(oncor("refresh", "--today", "2026-03-11", "--json"))
    assert told == {"lists": 3, "changed": 1, "told": 0, "failed": 0}
    shown = json.loads(oncor("show", made["address"], "--json"))
    assert shown["clinics"] == [{"org": CLINIC, "name": "Поликлиника № 1", "count": 1}]
    after, before = (s["id"] for s in shown["snapshots"])
    changed = json.loads(oncor("diff", made["address"], str(before), str(after), "--json"))
    assert changed == {"entered": {"count": 0, "clinics": {}}, "left": {"count": 1, "clinics": {CLINIC: 1}}}
    assert "Тестова" not in oncor("show", made["address"])
    to = tmp_path / "out.csv"
    assert json.loads(oncor("export", made["address"], str(to), "--columns", "family", "--json")) == {"rows": 1}
    assert to.read_text("utf-8-sig").split() == ["Фамилия", "Тестова"]


def test_a_file_is_loaded_with_its_rejects(oncor, tmp_path):
    file = tmp_path / "list.csv"
    file.write_text("СНИЛС\n112-233-445 95\n087-654-302 00\n", "utf-8")
    told = json.loads(oncor("save", "Файл", "--file", str(file), "--json"))
    assert (told["rows"], told["persons"], told["rejected"]) == (2, 1, 1)


@pytest.mark.parametrize(
    "words",
    [("save", "x"), ("save", "x", "--expression", "{"), ("save", "x", "--expression", '"alive"', "--query", "{}"),
     ("save", "x", "--register", "club"), ("show", "нет"), ("save", "x", "--expression", '"alive"', "--today", "вчера"),
     ("export", "00000000-0000-0000-0000-000000000000", "x.exe")],
)  # fmt: skip
def test_a_wrong_word_is_one_russian_line(oncor, words):
    oncor(*words, code=2)


def test_an_unknown_list_is_not_found(oncor, tmp_path):
    nowhere = "00000000-0000-0000-0000-000000000000"
    oncor("show", nowhere, code=1)
    oncor("export", nowhere, str(tmp_path / "x.csv"), code=1)
    oncor("diff", nowhere, "1", "2", code=1)


def test_the_morning_job_makes_lists_anew(oncor, town):
    oncor("save", "Живые", "--expression", '"alive"')
    town.person()
    assert jobs.refresh_lists(town.db, read()) == {"lists": 1, "changed": 1, "told": 0, "failed": 0}
