"""Marks nobody sees in a list of any kind: they cost no value and no row, and say nothing."""

import io
import json
from datetime import date

import pytest

from oncor_cases.sources.lists import claims, oncor
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.rows import Good, Reject
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes, dbf_bytes, xlsx_bytes, xml_bytes
from tests.lists.test_forms import TAGS, rows_of
from tests.lists.test_kinds import PERS, archive, bill, record

AROUND = Surroundings(date(2026, 3, 1), {"990001": "1.2.643.5.1.13.13.12.2.99.1"}, {"105": "IIA"})
MARKS = ["\u200b", "\u200d", "\ufeff", "\u00ad", "\u202e", "\u2066", "\u2060", "\u180e", "\x02"]
BLANKS = ["\u00a0", "\u202f", "\u2007"]
MAKE = {
    "csv": lambda rows: csv_bytes(DEATHS_HEAD, rows),
    "tabs": lambda rows: csv_bytes(DEATHS_HEAD, rows, delimiter="\t"),
    "xlsx": lambda rows: xlsx_bytes(DEATHS_HEAD, rows),
    "xml": lambda rows: xml_bytes("LIST", "REC", TAGS, rows, "utf-8"),
    "dbf": lambda rows: dbf_bytes(TAGS, rows, "cp1251", width=40),
}


def with_mark(cell, mark):
    if mark in BLANKS:
        return mark + cell.replace(" ", mark) + mark
    return f"{mark}{cell[:2]}{mark}{cell[2:]}{mark}"


def good(items):
    return [dict(item.values) for item in items if isinstance(item, Good)]


@pytest.mark.parametrize("form", MAKE)
@pytest.mark.parametrize("mark", [*MARKS, *BLANKS])
def test_a_row_with_marks_is_the_row_without(form, mark):
    if (form == "xml" and mark < " ") or (form == "dbf" and mark not in ("\u00ad", "\u00a0", "\x02")):
        pytest.skip("this form does not hold the mark")
    said = rows_of(MAKE[form]([[with_mark(cell, mark) for cell in DEAD], DEAD2]))
    assert [item.line for item in said if isinstance(item, Reject)] == []
    assert good(said) == good(rows_of(MAKE[form]([DEAD, DEAD2])))


@pytest.mark.parametrize("form", MAKE)
@pytest.mark.parametrize("nothing", ["\u200b", "\u00a0", "\u00a0\u2060 "])
def test_a_row_of_marks_is_an_empty_row_and_a_cell_of_marks_an_empty_cell(form, nothing):
    if form == "dbf" and nothing != "\u00a0":
        pytest.skip("this form does not hold the mark")
    row = [DEAD[0], nothing, *DEAD[2:4], nothing, *DEAD[5:]]
    said = rows_of(MAKE[form]([[nothing] * 9, row]))
    assert [(item.line, item.code) for item in said if isinstance(item, Reject)] == []
    (found,) = good(said)
    assert (found["snils"], found.get("enp"), found.get("patronymic")) == ("11223344595", None, None)


def test_cells_of_marks_beyond_the_header_are_none():
    said = rows_of(csv_bytes(DEATHS_HEAD, [[*DEAD, "\u200b", "\u00a0"], [*DEAD2, " "]]))
    assert [type(item) for item in said] == [Good, Good]


def test_a_year_with_marks_is_a_year():
    head = ["Фамилия", "Имя", "Дата рождения", "Топография МКБ-10", "Дата диагноза"]
    said = rows_of(
        csv_bytes(head, [["Рябова", "Анна", "12.04.1960", "C50.4", "\u200b20\u200b20\u00a0"]]), name="register.csv"
    )
    assert good(said)[0]["diagnosed_on"] == "2020"


@pytest.mark.parametrize("mark", [m for m in [*MARKS, *BLANKS] if m > " "])
def test_claims_with_marks_are_the_claims_without(mark):
    def marked(data):
        """Every text of the XML with the mark in it."""
        _, _, body = data.decode("cp1251").partition("?>")
        text, inside = [], False
        for part in body.replace("<", "\n<").replace(">", ">\n").split("\n"):
            inside = part.startswith("<")
            text.append(part if inside or not part else with_mark(part, mark))
        return ('<?xml version="1.0" encoding="utf-8"?>' + "".join(text)).encode()

    assert marked(PERS) != PERS
    plain = list(claims.read(io.BytesIO(archive(bill())), AROUND))
    found = list(claims.read(io.BytesIO(archive(marked(bill()), marked(PERS))), AROUND))
    assert good(found) == good(plain) != []
    assert claims.head(io.BytesIO(archive(marked(bill())))) == claims.head(io.BytesIO(archive(bill())))


@pytest.mark.parametrize("mark", [*MARKS, *BLANKS, "\0"])
@pytest.mark.parametrize("escaped", [False, True])
def test_records_with_marks_are_the_records_without(mark, escaped):
    def marked(value):
        if isinstance(value, dict):
            return {name: marked(one) for name, one in value.items()}
        if isinstance(value, list):
            return [marked(one) for one in value]
        return with_mark(value, mark) if isinstance(value, str) else value

    plain = [
        record("RcDz", diagnosis={"icd10": "C50.4", "status": "9", "stage": "IIA", "tnm": {"t": "2", "n": "1", "m": "0"}}),
        record("RcReferral", routing_list={
            "request_date": "2026-02-01", "diagnostics": [{"date": "2026-02-02", "type": "ct"}]}),
        record("RcAppointment", consulting_date="2026-03-05", html="<b>x</b>"),
    ]  # fmt: skip
    data = json.dumps([marked(one) for one in plain], ensure_ascii=escaped or mark < " ").encode()
    found = list(oncor.read(io.BytesIO(data), AROUND))
    wanted = list(oncor.read(io.BytesIO(json.dumps(plain).encode()), AROUND))
    assert [item for item in found if isinstance(item, Reject)] == [item for item in wanted if isinstance(item, Reject)]
    assert good(found) == good(wanted) != []
