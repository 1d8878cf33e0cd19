"""A plain table of persons: heads in any order and words, encodings, spreadsheets, rows that say too little."""

import io
from datetime import date

import pytest
import xlsxwriter

from oncor_cases.kernel.errors import UserError
from oncor_cases.sources import person_list


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
    (row,) = person_list.read(text.encode(encoding))
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
    found = person_list.read(book(rows))
    assert [(r.line, r.name, r.born, r.snils) for r in found] == [
        (4, "Иванова Мария", date(1961, 4, 12), "08765430200"), (5, "Петров Андрей", date(1954, 11, 2), ""),
    ]  # fmt: skip
    assert found[0].attributes == {"Телефон": "1"}


def test_a_row_that_names_nobody_says_why():
    text = "СНИЛС;ЕНП;ФИО;ДР\n11111111111;;;\n;123;;\n;;Иванова Мария;31.02.2024\n;;Иванова;\n\n112-233-445 95;;;\n"
    found = person_list.read(text.encode())
    assert [(r.line, r.problem) for r in found] == [
        (2, person_list.BAD_SNILS), (3, person_list.BAD_ENP), (4, person_list.NO_DATE), (5, person_list.NO_ONE), (7, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("data", "word"),
    [(b"", "пуст"), (b"\0\0\0\0" * 9, "не читается"), ("Цвет;Размер\nсиний;5".encode(), "заголовки"),
     (b"PK\x03\x04 broken", "повреждена"), (b"\xd0\xcf\x11\xe0 broken", "повреждена")],
)  # fmt: skip
def test_what_is_no_list_is_refused_in_words(data, word):
    with pytest.raises(UserError) as said:
        person_list.read(data)
    assert word in said.value.message


def test_a_list_longer_than_a_list_is_a_source(monkeypatch):
    monkeypatch.setattr(person_list, "LARGEST", 2)
    with pytest.raises(UserError, match="как источник"):
        person_list.read("СНИЛС\n1\n2\n3\n".encode())
