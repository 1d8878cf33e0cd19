"""A plain table of persons: heads in any order and words, encodings, spreadsheets, rows that say too little."""

import io
from datetime import date

import pytest
import xlsxwriter

from oncor_cases.kernel.errors import UserError
from oncor_cases.sources import person_list
from tests.lists.tables import csv_bytes, dbf_bytes, xlsx_bytes, xml_bytes
from tests.lists.test_sheets import book as workbook

TODAY = date(2026, 3, 1)


def book(rows):
    to = io.BytesIO()
    made = xlsxwriter.Workbook(to, {"in_memory": True})
    sheet, day = made.add_worksheet(), made.add_format({"num_format": "dd.mm.yyyy"})
    for n, row in enumerate(rows):
        for at, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(n, at, value, day)
            else:
                sheet.write(n, at, value)
    made.close()
    return to.getvalue()


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1251"])
@pytest.mark.parametrize("comma", [";", ",", "\t"])
def test_a_csv_in_any_encoding_and_with_any_separator(encoding, comma):
    text = comma.join(("СНИЛС", "Фамилия", "Имя", "Участок")) + "\r\n" + comma.join(("112-233-445 95", "Ёлкина", "Яна", "7"))
    (row,) = person_list.read(text.encode(encoding), TODAY)
    assert (row.snils, row.name, row.attributes, row.line, row.problem) == (
        "11223344595",
        "Ёлкина Яна",
        {"Участок": "7"},
        2,
        "",
    )


def test_a_spreadsheet_with_a_title_dates_and_numbers_that_lost_their_zeros():
    rows = [["Список на март"], [], ["ФИО пациента", "Дата рождения", "СНИЛС", "Телефон"],
            ["Иванова Мария", date(1961, 4, 12), 8765430200, "1"], ["Петров Андрей", "02.11.1954", "", ""]]  # fmt: skip
    found = person_list.read(book(rows), TODAY)
    assert [(r.line, r.name, r.born, r.snils) for r in found] == [
        (4, "Иванова Мария", date(1961, 4, 12), "08765430200"), (5, "Петров Андрей", date(1954, 11, 2), ""),
    ]  # fmt: skip
    assert found[0].attributes == {"Телефон": "1"}


def test_a_row_that_names_nobody_says_why():
    text = "СНИЛС;ЕНП;ФИО;ДР\n11111111111;;;\n;123;;\n;;Иванова Мария;31.02.2024\n;;Иванова;\n\n112-233-445 95;;;\n"
    found = person_list.read(text.encode(), TODAY)
    assert [(r.line, r.problem) for r in found] == [
        (2, person_list.BAD_SNILS), (3, person_list.BAD_ENP), (4, person_list.NO_DATE), (5, person_list.NO_ONE), (7, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "пуст"), (b"\0\0\0\0" * 9, "пуст"), (b"\x89PNG\r\n\x1a\n\x00\x00\x00\x0dIHDR", "не таблица"),
     ("Цвет;Размер\nсиний;5".encode(), "заголовки"),
     (b"PK\x03\x04 broken", "обрезаны"), (b"\xd0\xcf\x11\xe0 broken", "повреждена")],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_words(data, word):
    with pytest.raises(UserError) as said:
        person_list.read(data, TODAY)
    assert word in said.value.message


def test_a_list_longer_than_a_list_is_a_source(monkeypatch):
    monkeypatch.setattr(person_list, "LARGEST", 2)
    with pytest.raises(UserError, match="как источник"):
        person_list.read("СНИЛС\n1\n2\n3\n".encode(), TODAY)


HEAD, TAGS = ["СНИЛС", "ФИО", "Дата рождения"], ["SNILS", "FIO", "DR"]
ANNA = ["112-233-445 95", "Рябова Анна Львовна", "12.04.1960"]
FORMS = {
    "cp866": csv_bytes(HEAD, [ANNA] * 3, "cp866"), "utf-16": csv_bytes(HEAD, [ANNA], "utf-16"),
    "koi8-r": csv_bytes(HEAD, [ANNA] * 3, "koi8-r"), "dbf": dbf_bytes(TAGS, [ANNA]),
    "xml": xml_bytes("L", "R", TAGS, [ANNA] * 2),
    "a day as a number": xlsx_bytes(HEAD, [[*ANNA[:2], 22018]]),
}  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_every_form_a_list_may_come_in(form):
    row = person_list.read(FORMS[form], TODAY)[0]
    assert (row.snils, row.name, row.born) == ("11223344595", "Рябова Анна Львовна", date(1960, 4, 12))


@pytest.mark.parametrize("born", [1960, "1960", "31.02.1960", "12.04.2060", "12.04.60"])
def test_a_birth_that_is_no_day_names_nobody(born):
    (row,) = person_list.read(xlsx_bytes(HEAD, [["", ANNA[1], born]]), TODAY)
    assert (row.born, row.problem) == (None, person_list.NO_DATE)


def test_a_policy_that_lost_its_digits():
    (row,) = person_list.read(xlsx_bytes(["ФИО", "Полис"], [["Белов Пётр", 7.7e15]]), TODAY)
    assert row.problem == person_list.BAD_ENP


def test_an_open_quote_and_a_lost_delimiter_cost_their_lines():
    lines = ("СНИЛС;ФИО;ДР", ";Рябова Анна;12.04.1960", ';"Белов Пётр;01.02.1955', ";Сидоров;Иван;03.03.1950")
    text = "\n".join((*lines, ";Котов Яков;04.04.1940"))
    found = person_list.read(text.encode(), TODAY)
    assert [(r.line, r.name) for r in found if not r.problem] == [(2, "Рябова Анна"), (5, "Котов Яков")]
    assert ["Кавычки" in found[1].problem, "Столбцов" in found[2].problem] == [True, True]


def test_every_sheet_with_the_same_heads_is_read_and_the_others_are_named():
    data = workbook(
        А=[HEAD, ANNA, ["", "Белов", ""]], Б=[["Участок 2"], HEAD, ["", "Котов Яков", "04.04.1940"], ["", "Белов", ""]],
        Архив=[["ФИО", "Год"], ["Старый", 1990]], hidden=[HEAD, ANNA],
    )  # fmt: skip
    found = person_list.read(data, TODAY)
    assert sorted(r.name for r in found if not r.problem) == ["Котов Яков", "Рябова Анна Львовна"]
    assert len({r.line for r in found}) == len(found)
    problems = " ".join(r.problem for r in found)
    for words in ("Лист «А», строка 3", "Лист «Б», строка 4", "Лист «Архив» не прочитан", "Лист «hidden» не прочитан"):
        assert words in problems
