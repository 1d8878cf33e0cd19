"""One list from the door to the person: bytes, rows, facts; again changes nothing; a correction replaces."""

import io
import json
from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import list_bytes, lists
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes

OCTOBER, NOVEMBER = datetime(2025, 10, 20, 9, tzinfo=UTC), datetime(2025, 11, 20, 9, tzinfo=UTC)


def take(db, data, name="deaths_2025-10.csv", at=OCTOBER, **told):
    return door.load(db, door.receive(db, io.BytesIO(data), name, region=1, author="test", received_at=at, **told), region=1)


def in_force(db):
    with db.batch() as conn:
        rows = conn.execute(
            """select s.family, f.kind, f.on_date, f.attributes ->> 'icd10' code
               from fact f join subject s on s.id = f.subject_id
               where f.in_force order by 1, 2, 3"""
        ).fetchall()
    return [tuple(row) for row in rows]


ANNA = ("Рябова", "death", date(2025, 10, 3), "C50.9")
PETER = ("Белов", "death", date(2025, 10, 5), "I21")


def test_a_list_becomes_facts_and_persons(database, region):
    done = take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2], "cp1251"))
    assert (done.kind, done.state, done.counts["good"], done.counts["facts"]) == ("deaths", "loaded", 2, 2)
    assert in_force(database) == [PETER, ANNA]
    with database.batch() as conn:
        person = conn.execute("select family, died_on, snils, provisional from person where family = 'Рябова'").fetchone()
        document = conn.execute("select kind, status, title, sender_org, doc_date from document limit 1").fetchone()
        fact = conn.execute("select evidence, known_at from fact limit 1").fetchone()
        stored = list_bytes.opened(conn, 1, conn.execute("select sha256 from list_load").fetchone().sha256).read()
    assert tuple(person) == ("Рябова", date(2025, 10, 3), "11223344595", False)
    assert (document.kind, document.status, document.doc_date) == ("list_deaths", "read", date(2025, 10, 1))
    assert tuple(fact) == ("list", OCTOBER)
    assert stored == csv_bytes(DEATHS_HEAD, [DEAD, DEAD2], "cp1251")


def test_the_same_file_again_changes_nothing(database, region):
    first = take(database, csv_bytes(DEATHS_HEAD, [DEAD]))
    with database.batch() as conn:
        before = conn.execute("select sum(generation) s from person_change").fetchone().s
    again = take(database, csv_bytes(DEATHS_HEAD, [DEAD]), name="другое имя 2025-10.csv")
    assert again.duplicate
    assert again.id == first.id
    with database.batch() as conn:
        assert conn.execute("select sum(generation) s from person_change").fetchone().s == before
        assert conn.execute("select count(*) n from list_load").fetchone().n == 1


def test_bad_rows_are_told_and_good_ones_go_on(database, region):
    rows = [
        DEAD,
        [
            "112-233-445 96",
            "",
            "Иванова",
            "Ольга",
            "",
            "31.02.1960",
            "Ж",
            "03.10.2025",
            "C50.9",
        ],  # nobody: no number, no birth
        ["", "9,91235E+15", "Котова", "Вера", "", "01.01.1950", "Ж", "04.10.2025", "рак"],  # taken by name
        ["161-234-567 40", "", "Белов", "Пётр", "", "01.02.1955", "М", "31.02.2025", "I21"],
        ["161-234-567 40", "", "Белов", "Пётр", "", "01.02.1955", "М", "05.10.2202", "I21"],
        ["161-234-567 40", "", "Белов", "Пётр", "", "01.02.1955", "М", "", "I21"],
    ]
    done = take(database, csv_bytes(DEATHS_HEAD, rows))
    assert (done.state, done.counts["rows"], done.counts["good"], done.counts["rejected"]) == ("loaded", 6, 2, 4)
    with database.batch() as conn:
        told = [(r.line, r.field, r.code, r.accepted) for r in lists.rejects(conn, 1, done.id)]
    assert told == [
        (3, "СНИЛС", "snils", False), (3, "Дата рождения", "date_impossible", False), (3, "", "nobody", False),
        (4, "ЕНП (полис)", "scientific", True), (4, "Первоначальная причина", "icd10", True),
        (5, "Дата смерти", "date_impossible", False), (6, "Дата смерти", "date_range", False),
        (7, "Дата смерти", "empty", False),
    ]  # fmt: skip
    assert [row[0] for row in in_force(database)] == ["Котова", "Рябова"]


def test_a_corrected_list_replaces_its_rows(database, region):
    take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]))
    fixed = [*DEAD[:7], "04.10.2025", "C50.4"]
    done = take(database, csv_bytes(DEATHS_HEAD, [fixed]), at=NOVEMBER)
    assert (done.counts["documents"], done.counts["withdrawn"]) == (1, 2)
    assert in_force(database) == [("Рябова", "death", date(2025, 10, 4), "C50.4")]
    with database.batch() as conn:
        assert conn.execute("select died_on from person where family = 'Белов'").fetchone().died_on is None
        assert [row.state for row in lists.page(conn, 1)] == ["loaded", "replaced"]


def test_a_withdrawn_correction_brings_back_what_it_replaced(database, region):
    take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]))
    done = take(database, csv_bytes(DEATHS_HEAD, [DEAD]), at=NOVEMBER)
    with pytest.raises(UserError):
        door.withdraw(database, done.id, " ", region=1, by="test")
    door.withdraw(database, done.id, "ошибка выгрузки", region=1, by="test")
    assert in_force(database) == [PETER, ANNA]
    with pytest.raises(Conflict):
        door.withdraw(database, done.id, "ещё раз", region=1, by="test")
    first = take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]))
    assert first.duplicate
    door.withdraw(database, first.id, "ошибка", region=1, by="test")
    assert in_force(database) == []
    assert take(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]), at=NOVEMBER).state == "loaded"
    assert in_force(database) == [PETER, ANNA]


def test_what_nobody_recognises_waits_for_a_mapping(database, region):
    data = csv_bytes(["Кто", "Родился", "Ушёл", "Код"], [["Рябова Анна Львовна", "12.04.1960", "03.10.2025", "C50.9"]])
    done = take(database, data, name="x.csv")
    assert done.state == "waiting"
    columns = {"fio": "Кто", "born": "Родился", "died_on": "Ушёл", "icd10": "Код"}
    with pytest.raises(UserError):
        door.remap(
            database, done.id, region=1, kind="deaths", columns={"fio": "Кто"}, name="", sender="", as_of=None, by="t"
        )
    door.remap(
        database,
        done.id,
        region=1,
        kind="deaths",
        columns=columns,
        name="Морг",
        sender="морг",
        as_of=date(2025, 10, 1),
        by="t",
    )
    assert door.load(database, done.id, region=1).state == "loaded"
    assert in_force(database) == [ANNA]
    later = csv_bytes(["Кто", "Родился", "Ушёл", "Код"], [["Белов Пётр Ильич", "01.02.1955", "05.10.2025", "I21"]])
    again = take(database, later, name="y_2025-11.csv", at=NOVEMBER)  # next month it loads by itself
    assert (again.state, again.kind) == ("loaded", "deaths")
    assert in_force(database) == [PETER, ANNA]


def test_the_command_line(database, region, tmp_path, monkeypatch):
    from typer.testing import CliRunner

    from oncor_cases.cli import app

    path = tmp_path / "deaths_2025-10.csv"
    path.write_bytes(csv_bytes(DEATHS_HEAD, [DEAD, ["", "", "", "", "", "", "", "", "C50"]]))
    monkeypatch.setenv("DATABASE_URL", database.url)
    monkeypatch.setenv("ONCOR_HOME", str(tmp_path))
    result = CliRunner().invoke(app, ["lists", "load", str(path), "--json"])
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    assert (told["state"], told["counts"]["good"], told["counts"]["rejected"]) == ("loaded", 1, 1)
    shown = json.loads(CliRunner().invoke(app, ["lists", "show", str(told["id"]), "--json"]).output)
    assert shown["rejects"][0]["line"] == 3


def test_two_people_may_have_one_number_of_a_record_of_one_day(database, region):
    head = [
        "Фамилия",
        "Имя",
        "Отчество",
        "Дата рождения",
        "Пол",
        "Фамилия до перемены",
        "Дата перемены",
        "Номер актовой записи",
    ]
    rows = [
        ["Котова", "Анна", "Львовна", "12.04.1960", "Ж", "Рябова", "01.10.2025", "5"],
        ["Белова", "Ольга", "Петровна", "12.04.1961", "Ж", "Сидорова", "01.10.2025", "5"],
    ]
    told = {"name": "name_change_2025-10.csv", "kind": "name_changes", "sender": "ЗАГС"}
    done = take(database, csv_bytes(head, rows), **told)
    assert (done.counts["good"], done.counts["rejected"]) == (2, 0)

    def people():
        with database.batch() as conn:
            found = conn.execute(
                """select p.family, array_agg(s.family order by s.family) as names
                   from person p join subject s on s.person_id = p.id group by p.id, p.family order by 1"""
            ).fetchall()
        return [(row.family, *row.names) for row in found]

    assert people() == [("Белова", "Белова", "Сидорова"), ("Котова", "Котова", "Рябова")]
    rows[1][0] = "Белых"  # a correction of the same list: the wrong name is nobody's any more
    assert take(database, csv_bytes(head, rows), at=OCTOBER.replace(day=25), **told).state == "loaded"
    assert people()[-1] == ("Котова", "Котова", "Рябова")
    with database.batch() as conn:
        names = conn.execute(
            "select s.family from document d join subject s on s.id = d.subject_id where d.in_force order by 1"
        ).fetchall()
    assert [row.family for row in names] == ["Белых", "Котова", "Рябова", "Сидорова"]
