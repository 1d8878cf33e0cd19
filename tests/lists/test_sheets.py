"""Sheets of a workbook: those of one header are one list, the others are named; nothing is left out without a word."""

import io
from datetime import date

import pytest
import xlsxwriter

from oncor_cases.actions import lists as door
from oncor_cases.facts.listed import place
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD
from tests.lists.test_deaths import OCTOBER
from tests.people.insured_list import ENPS, NUMBERS

THIRD = ["", "", "Сидоров", "Иван", "Петрович", "03.03.1950", "М", "06.10.2025", "I21"]
BAD = ["", "", "Иванова", "", "", "31.02.1960", "Ж", "03.10.2025", "C50.9"]


def book(**sheets):
    """Sheets by name: lists of lines; a name that begins with `hidden` is hidden."""
    out = io.BytesIO()
    made = xlsxwriter.Workbook(out)
    for name, rows in sheets.items():
        sheet = made.add_worksheet(name)
        for line, row in enumerate(rows):
            for column, cell in enumerate(row):
                if cell != "":
                    sheet.write(line, column, cell)
        if name.startswith("hidden"):
            sheet.hide()
    made.close()
    return out.getvalue()


def take(db, data, name="deaths_2025-10.xlsx", **told):
    return door.load(
        db, door.receive(db, io.BytesIO(data), name, region=1, author="test", received_at=OCTOBER, **told), region=1
    )


def families(db):
    with db.batch() as conn:
        return sorted(row.family for row in conn.execute("select family from person"))


def reading(db, done):
    with db.batch() as conn:
        return lists.get(conn, 1, done.id).reading


def rejects(db, done):
    with db.batch() as conn:
        rows = lists.rejects(conn, 1, done.id)
    sheets = reading(db, done)["sheets"]
    return [(place(r.line, sheets), r.code, r.accepted, r.message) for r in rows]


def test_a_sheet_a_clinic_is_one_list(database, region):
    done = take(database, book(Первая=[DEATHS_HEAD, DEAD, BAD], Вторая=[DEATHS_HEAD, DEAD2, BAD, THIRD]))
    assert (done.state, done.counts["rows"], done.counts["good"], done.counts["rejected"]) == ("loaded", 5, 3, 2)
    assert families(database) == ["Белов", "Рябова", "Сидоров"]
    assert [name for name, _ in reading(database, done)["sheets"]] == ["Вторая", "Первая"]  # the longest first
    told = [(where, code) for where, code, *_ in rejects(database, done)]
    assert [w for w in told if w[1] == "nobody"] == [("Вторая: 3", "nobody"), ("Первая: 3", "nobody")]


def test_headers_may_stand_on_other_lines(database, region):
    data = book(
        Первая=[["Список умерших"], [], [*DEATHS_HEAD, ""], DEAD, DEAD2],
        Вторая=[[], [name.upper() for name in DEATHS_HEAD], BAD, THIRD],
    )
    done = take(database, data)
    assert families(database) == ["Белов", "Рябова", "Сидоров"]
    assert [(w, c) for w, c, *_ in rejects(database, done) if c == "nobody"] == [("Вторая: 3", "nobody")]


def test_the_same_person_on_two_sheets(database, region):
    other = [*DEAD[:-1], "C61"]
    done = take(database, book(А=[DEATHS_HEAD, DEAD, DEAD2, THIRD], Б=[DEATHS_HEAD, other, DEAD2]))
    assert (done.counts["good"], done.counts["repeated"], done.counts["rejected"]) == (3, 1, 1)
    assert rejects(database, done)[0][0] == "Б: 2"
    assert "(А: 2)" in rejects(database, done)[0][3]


def test_what_is_not_read_is_named(database, region):
    legend = [["Пояснение"], *[[f"{n} — код"] for n in range(40)]]
    data = book(
        Пояснения=legend, Список=[DEATHS_HEAD, DEAD], Архив=[DEATHS_HEAD[:-1], THIRD[:-1]], hidden=[DEATHS_HEAD, DEAD2]
    )
    done = take(database, data)
    assert families(database) == ["Рябова"]  # the list is found, though the legend is longer
    assert sorted(reading(database, done)["left"]) == ["hidden", "Архив", "Пояснения"]


def test_a_hidden_sheet_is_read_where_there_is_no_other(database, region):
    assert take(database, book(hidden=[DEATHS_HEAD, DEAD], Обложка=[])).counts["good"] == 1


def test_a_saved_mapping_reads_every_sheet(database, region):
    head = ["Кто", "Родился", "Ушёл"]
    rows = [["Рябова Анна Львовна", "12.04.1960", "03.10.2025"], ["Белов Пётр Ильич", "01.02.1955", "05.10.2025"]]
    done = take(database, book(А=[head, rows[0]], Б=[head, rows[1]], В=[["Итого"], [2]]), "морг_2025-10.xlsx")
    assert done.state == "waiting"
    columns = {"fio": "Кто", "born": "Родился", "died_on": "Ушёл"}
    door.remap(database, done.id, region=1, kind="deaths", columns=columns, name="Морг", sender="Морг", as_of=None, by="t")
    done = door.load(database, done.id, region=1)
    assert (done.counts["good"], reading(database, done)["left"]) == (2, ["В"])


def test_the_insured_on_two_sheets(database, region):
    head = ["СНИЛС", "ЕНП", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Код МО прикрепления"]
    people = [[NUMBERS[n], ENPS[n], "Лосев", "Пётр", "Ильич", "01.02.1955", "М", ""] for n in range(6)]
    bad = [NUMBERS[7], "1", "Лосев", "Пётр", "Ильич", "01.02.1955", "М", ""]
    done = take(
        database, book(А=[head, *people[:4]], Б=[head, *people[4:], bad]), "insured_2025-10.xlsx",
        kind="tfoms_insured", sender="ТФОМС", as_of=date(2025, 10, 1),
    )  # fmt: skip
    assert (done.counts["good"], done.counts["rejected"]) == (6, 1)
    assert rejects(database, done)[0][:2] == ("Б: 4", "policy_check")
    with database.batch() as conn:
        assert conn.execute("select count(*) n from resident").fetchone().n == 6


@pytest.mark.parametrize(("line", "said"), [(1, "А: 1"), (4, "А: 4"), (5, "Б: 1"), (9, "В: 2")])
def test_where_a_line_stands(line, said):
    assert place(line, [["А", 0], ["Б", 4], ["В", 7]]) == said
    assert place(line, [["А", 0]]) == place(line) == str(line)
