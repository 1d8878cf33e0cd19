"""A year alone is a year: never a day of 1905, and never more than was written (DESIGN section 4, dates)."""

import io
from datetime import date

import pytest

from oncor_cases.actions import lists as door
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Surroundings
from oncor_cases.sources.lists.content import by_content
from oncor_cases.sources.lists.record import KINDS
from tests.lists.tables import csv_bytes, dbf_bytes, xlsx_bytes
from tests.lists.test_deaths import OCTOBER
from tests.people.insured_list import ENPS, NUMBERS, load, row, write

AROUND = Surroundings(date(2025, 11, 1))


def take(db, data, name, **told):
    return door.load(
        db, door.receive(db, io.BytesIO(data), name, region=1, author="test", received_at=OCTOBER, **told), region=1
    )


def rejects(db, done):
    with db.batch() as conn:
        rows = conn.execute(
            "select line, field, code, accepted from list_reject where load_id = %s order by seq", (done.id,)
        ).fetchall()
    return [tuple(r) for r in rows]


def facts(db):
    with db.batch() as conn:
        rows = conn.execute(
            "select kind, on_date, on_text, attributes ->> 'first_on' from fact where in_force order by id"
        ).fetchall()
    return [tuple(r) for r in rows]


YEARS = ["1998", 1998, 1998.0, "1998.0", 2025, 1905, "1998 г.", "05.1998", "5/1998", "1998-05", "1998.05", "00.05.1998",
         "00.00.1998", "1998-05-00", "май 1998"]  # fmt: skip


@pytest.mark.parametrize("cell", YEARS)
def test_part_of_a_date_is_no_day(cell):
    for convert in (cells.day, cells.past_day):
        with pytest.raises(Bad) as raised:
            convert(cell, AROUND)
        assert raised.value.code == "date_partial"


@pytest.mark.parametrize(
    ("cell", "said"),
    [("1998", "1998"), (1998, "1998"), (1998.0, "1998"), ("1998 г.", "1998"), ("05.1998", "1998-05"), ("5/1998", "1998-05"),
     ("1998-05", "1998-05"), ("1998.05", "1998-05"), ("00.05.1998", "1998-05"), ("00.00.1998", "1998"),
     ("1998-05-00", "1998-05"),
     ("1998-00-00", "1998"), ("май 1998", "1998-05"), ("Мая 1998 г.", "1998-05"), ("12.04.1998", "1998-04-12"),
     (35897, "1998-04-12"), (date(1998, 4, 12), "1998-04-12"), (None, None), ("", None)],
)  # fmt: skip
def test_part_of_a_date_is_kept_where_it_says_something(cell, said):
    assert cells.past_period(cell, AROUND) == said


@pytest.mark.parametrize(
    ("cell", "code"),
    [("2026", "date_ahead"), ("12.2025", "date_ahead"), ("13.1998", "date_impossible"), ("1998-13", "date_impossible"),
    
     (300, "date_form"), ("1820", "date_range"), (1880, "date_range"),
     (2100, "date_range"), ("31.02.2024", "date_impossible"), ("рак", "date_form")],
)  # fmt: skip
def test_a_period_that_cannot_be_is_refused(cell, code):
    with pytest.raises(Bad) as raised:
        cells.past_period(cell, AROUND)
    assert raised.value.code == code


def test_day_numbers_of_a_spreadsheet_are_still_days():
    assert cells.day(22018, AROUND) == "1960-04-12"
    assert cells.day("45933", AROUND) == "2025-10-03"
    assert cells.day(45933.5, AROUND) == "2025-10-03"


HEAD = ["СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Диагноз", "Дата установления диагноза",
        "Дата взятия на учёт"]  # fmt: skip
ANNA = ["112-233-445 95", "Рябова", "Анна", "Львовна", "1960", "Ж", "C50.9", "1998", "05.1998"]
PETER = ["161-234-567 40", "Белов", "Пётр", "Ильич", "01.02.1955", "М", "C61", "05.1998", "1955"]


@pytest.mark.parametrize(
    "data",
    [csv_bytes(HEAD, [ANNA, PETER]),
     xlsx_bytes(HEAD, [[*ANNA[:4], 1960, *ANNA[5:7], 1998, *ANNA[8:]], PETER]),
     dbf_bytes(["SNILS", "FAM", "IM", "OT", "DR", "W", "DS", "DS_DATE", "REG_DATE"], [ANNA, PETER])],
    ids=["csv", "xlsx", "dbf"],
)  # fmt: skip
def test_a_register_that_knows_only_the_year(database, region, data):
    done = take(database, data, "reg_tumours.csv", kind="register_tumours", as_of=date(2025, 10, 1), sender="Регистр")
    assert (done.state, done.counts["good"]) == ("loaded", 2)
    # the birth of whom a number names is not needed, and a year of it is not taken for a day; 1955 is the year of birth
    assert [r[2:] for r in rejects(database, done)] == [("date_partial", True)]
    assert facts(database) == [
        ("diagnosis", None, "1998", "1998"),
        ("register_entry", None, "1998-05", None),
        ("diagnosis", None, "1998-05", "1998-05"),
        ("register_entry", None, "1955", None),
    ]


def test_a_death_needs_its_day(database, region):
    head = ["СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Дата смерти"]
    rows = [["112-233-445 95", "Рябова", "Анна", "Львовна", 22018, "Ж", 2025], ["", "Белов", "Пётр", "", "1955", "М", 45933]]
    done = take(database, xlsx_bytes(head, rows), "deaths_2025-10.xlsx", sender="ЗАГС")
    assert done.state == "failed"
    assert rejects(database, done) == [
        (2, "Дата смерти", "date_partial", False),
        (3, "Дата рождения", "date_partial", False),
        (3, "", "nobody", False),
    ]


def test_an_event_of_the_year_of_birth_is_not_before_it(database, region):
    done = take(
        database, csv_bytes(HEAD, [[*PETER[:7], "1955", ""], [*ANNA[:4], "12.04.1960", "Ж", "C50", "1959", ""]]),
        "reg_tumours.csv", kind="register_tumours", as_of=date(2025, 10, 1), sender="Регистр",
    )  # fmt: skip
    assert rejects(database, done) == [(3, "Дата рождения", "before_birth", False)]


def test_a_year_of_birth_is_no_resident(database, region, tmp_path):
    load(
        database,
        write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0], born="1961"), row(ENPS[1], NUMBERS[1])),
        date(2025, 9, 1),
    )
    with database.batch() as conn:
        assert conn.execute("select count(*) n from resident").fetchone().n == 1
        assert conn.execute("select code, message from list_reject").fetchall()[0].code == "birth_date"


def test_a_column_of_years_is_not_offered_as_a_date():
    rows = [["Рябова Анна", year, "12.04.1960"] for year in ("1998", "2003", "2011")]
    assert by_content(KINDS["deaths"], rows, {"fio": 0}, date(2025, 11, 1)) == {"born": 2}


@pytest.mark.parametrize(
    ("kind", "head", "name"),
    [("observed", "DATE_OUT", "dn_in_2025-10-01.csv"), ("observation_ended", "DATE_OUT", "dn_out_2025-10-01.csv"),
     ("register_tumours", "Снят с учета", "register_tumours_2025-10-01.csv")],
)  # fmt: skip
def test_removed_in_a_month_is_removed(database, region, kind, head, name):
    """Without the month the line would say of a removed person that they are still there."""
    table = {"СНИЛС": "112-233-445 95", "Фамилия": "Рябова", "Дата рождения": "12.04.1960", "DATE_IN": "05.2019",
             "DS_DISP": "C50.9", head: "05.2024"}  # fmt: skip
    if kind == "register_tumours":
        table |= {"Топография МКБ-10": "C50.4", "Дата диагноза": "2019", "Дата взятия на учёт": "05.2019"}
        del table["DATE_IN"], table["DS_DISP"]
    done = take(database, csv_bytes(list(table), [list(table.values())]), name, kind=kind, sender="Сам")
    assert (done.state, done.counts["good"], rejects(database, done)) == ("loaded", 1, [])
    assert ("register_exit", None, "2024-05", None) in facts(database)
