"""What no insured list should hold, in any form of it: it costs its line, never the list and never anybody else."""

import io
import zipfile
from datetime import date
from random import Random

import pytest

from tests.lists.tables import csv_bytes, dbf_bytes, xlsx_bytes, xml_bytes
from tests.people.insured_list import ENPS
from tests.people.test_insured_forms import GOOD, HEAD, TAGS, TWO, WANTED, rejects, residents, send

WIDE_HEAD, WIDE_TAGS = [*HEAD, "Страховая", "Телефон", "Адрес"], [*TAGS, "SMO", "PHONE", "ADR"]
MORE = ["81001", "89120000000", "ул. Мира, 5"]
THREE = [GOOD[0], ENPS[2], *GOOD[2:]]


def text(letters, seed=3):
    """So many letters without order that the server cannot fold them."""
    chance = Random(seed)
    return "".join(chr(chance.randrange(0x410, 0x530)) for _ in range(letters))


def bytes_of(form, rows):
    """A list in one of the ways it is read: by the columns of its bytes, or row by row."""
    match form:
        case "columns":
            return csv_bytes(WIDE_HEAD, rows)
        case "rows":
            return csv_bytes(WIDE_HEAD, rows).replace(b"\r\n", b"\r\n\r\n", 2)
        case "rows of cells":
            return "Список застрахованных;\n".encode() + csv_bytes(WIDE_HEAD, rows)
        case "workbook":
            return xlsx_bytes(WIDE_HEAD, rows)
    return xml_bytes("LIST", "PERS", WIDE_TAGS, rows, "utf-8")


FORMS = ("columns", "rows", "rows of cells", "workbook", "xml")


def changed(row, **cells):
    """The row with other values: `_2=…` is its third cell."""
    return [cells.get(f"_{at}", value) for at, value in enumerate([*row, *MORE])]


# --- too long -----------------------------------------------------------------------------------------------------------

LONG = {
    "family": {"_2": text(1001)},
    "the whole name": {"_2": text(400), "_3": text(400), "_4": text(201)},
    "patronymic in four bytes a letter": {"_4": "\U0001d504" * 500},
    "insurer": {"_9": text(2001)},
    "phone": {"_10": "8" * 4001},
    "address": {"_11": text(2001)},
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("what", LONG)
def test_a_value_too_long_costs_its_line(database, region, form, what):
    done = send(database, bytes_of(form, [changed(GOOD), changed(THREE, **LONG[what]), changed(TWO)]))
    assert done.state == "loaded", done.error
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [("too_long", False)]
    assert residents(database) == WANTED
    with database.batch() as conn:
        (message,) = conn.execute("select message from list_reject").fetchone()
    assert "слиплись" in message


@pytest.mark.parametrize("form", FORMS)
def test_the_longest_values_are_taken_and_can_be_corrected(database, region, form):
    most = {"_2": text(400), "_3": text(400), "_4": text(199), "_9": text(2000), "_10": "8" * 4000, "_11": text(2000)}
    assert send(database, bytes_of(form, [changed(GOOD, **most), changed(TWO)])).counts["good"] == 2
    later = changed(GOOD, **most | {"_2": text(400, seed=4)})
    done = send(database, bytes_of(form, [later, changed(TWO)]), as_of=date(2026, 4, 1))
    assert (done.state, done.counts["corrected"], done.counts["gone"]) == ("loaded", 1, 0)


# --- a zero character ---------------------------------------------------------------------------------------------------


def zero_workbook(rows):
    """A workbook names the character: no XML holds it."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(xlsx_bytes(WIDE_HEAD, rows))) as book, zipfile.ZipFile(out, "w") as made:
        for name in book.namelist():
            made.writestr(name, book.read(name).replace(b"~", b"_x0000_"))
    return out.getvalue()


ZERO = {
    "columns": lambda rows: bytes_of("columns", rows).replace(b"~", b"\0"),
    "columns of cp1251": lambda rows: csv_bytes(WIDE_HEAD, rows, "cp1251").replace(b"~", b"\0"),
    "rows": lambda rows: bytes_of("rows", rows).replace(b"~", b"\0"),
    "rows of cells": lambda rows: bytes_of("rows of cells", rows).replace(b"~", b"\0"),
    "utf-16": lambda rows: csv_bytes(WIDE_HEAD, [[str(c).replace("~", "\0") for c in row] for row in rows], "utf-16"),
    "workbook": zero_workbook,
    "dbf": lambda rows: dbf_bytes(WIDE_TAGS, rows, width=34).replace(b"~", b"\0"),
}


@pytest.mark.parametrize("cell", ["Рябо~ва", '"Рябо~ва"', "~Рябова", "Рябова~~"])
@pytest.mark.parametrize("form", ZERO)
def test_a_zero_character_stands_for_nothing(database, region, form, cell):
    """As programs fill the rest of a field with them."""
    if form == "dbf" and (cell[0] == "~" or cell[-1] == "~"):
        pytest.skip("zeros at the ends of a field of a DBF are blanks: so programs fill it")
    done = send(database, ZERO[form]([changed(GOOD), changed(THREE, _2=cell), changed(TWO)]))
    assert (done.state, done.error, rejects(database, done.id)) == ("loaded", "", [])
    assert [(enp, family) for enp, _, family, *_ in residents(database)] == [
        (ENPS[0], "Ёлкина"), (ENPS[1], "Белов"), (ENPS[2], cell.replace("~", "")),
    ]  # fmt: skip


def test_a_line_of_zeros_is_an_empty_line(database, region):
    data = csv_bytes(HEAD, [GOOD, TWO])
    done = send(database, data + b"\0" * 700)
    assert (done.state, done.counts["good"], done.counts["rejected"]) == ("loaded", 2, 0)
    assert residents(database) == WANTED


# --- a line without measure ---------------------------------------------------------------------------------------------

NOTED_HEAD, NOTED_TAGS = [*WIDE_HEAD, "Пометка"], [*WIDE_TAGS, "NOTE"]
CSV_FORMS = ("columns", "rows", "rows of cells")


def noted(form, rows, encoding="utf-8"):
    """Like `bytes_of`, with a column nobody reads."""
    lines = csv_bytes(NOTED_HEAD, rows, encoding)
    match form:
        case "rows":
            return lines.replace(b"\r\n", b"\r\n\r\n", 2)
        case "rows of cells":
            return "Список застрахованных;\n".encode(encoding) + lines
        case "xml":
            return xml_bytes("LIST", "PERS", NOTED_TAGS, rows, "utf-8")
    return lines


@pytest.mark.parametrize("form", [*CSV_FORMS, "xml"])
@pytest.mark.parametrize("size", [140_000, 900_000])
@pytest.mark.parametrize("cell", ["ул. Мира ", "ул. «Мира», ", 'ул. "Мира"; '])
def test_a_cell_without_measure_costs_its_line(database, region, form, size, cell):
    long = [*changed(THREE, _11=cell * (size // len(cell))), ""]
    done = send(database, noted(form, [[*changed(GOOD), ""], long, [*changed(TWO), "x"]]))
    assert (done.state, done.error) == ("loaded", "")
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [("too_long", False)]
    assert residents(database) == WANTED


@pytest.mark.parametrize("form", CSV_FORMS)
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251"])
@pytest.mark.parametrize("size", [1_500_000, 3_000_000])
def test_a_line_longer_than_any_costs_itself(database, region, form, size, encoding):
    """Longer than what is held of a file at once."""
    long = [*changed(THREE), "я;" * (size // 2)]
    done = send(database, noted(form, [[*changed(GOOD), ""], long, [*changed(TWO), "x"]], encoding))
    assert (done.state, done.error) == ("loaded", "")
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [("too_long", False)]
    assert residents(database) == WANTED


@pytest.mark.parametrize("form", [*CSV_FORMS, "xml"])
@pytest.mark.parametrize("note", ["заметка ", 'за"мет"ка; '])
def test_a_long_cell_nobody_reads_costs_nothing(database, region, form, note):
    rows = [[*changed(one), note * (150_000 // len(note))] for one in (GOOD, TWO)]
    done = send(database, noted(form, rows))
    assert (done.state, done.error, rejects(database, done.id)) == ("loaded", "", [])
    assert residents(database) == WANTED


@pytest.mark.parametrize("form", CSV_FORMS)
@pytest.mark.parametrize("size", [300, 60_000, 140_000])
def test_an_open_quote_above_long_lines_costs_its_line(database, region, form, size):
    people = [[*changed(one), "x" * size] for one in (GOOD, TWO)]
    open_one = [*changed(THREE, _2="~Рябова"), "x"]
    many = [[*changed(THREE, _1=enp), "x" * size] for enp in ENPS[3:9]]
    data = noted(form, [people[0], open_one, people[1], *many]).replace(b"~", b'"')
    done = send(database, data)
    assert (done.state, done.error) == ("loaded", "")
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [("quotes", False)]
    assert residents(database)[:2] == WANTED
    assert len(residents(database)) == 8


@pytest.mark.parametrize("form", CSV_FORMS)
@pytest.mark.parametrize("wrong", ["мало;столбцов", '"'])
def test_a_cell_of_several_lines_is_one_cell_beside_a_bad_line(database, region, form, wrong):
    tall = [*changed(TWO, _11="ул. Мира\nдом 5\nкв. 7"), ""]
    data = noted(form, [[*changed(GOOD), ""], tall]) + wrong.encode() + b"\r\n"
    done = send(database, data)
    assert (done.counts["good"], done.counts["rejected"]) == (2, 1)
    assert residents(database) == WANTED
    with database.batch() as conn:
        (address,) = conn.execute("select address from resident where enp = %s", (ENPS[1],)).fetchone()
    assert address.split() == ["ул.", "Мира", "дом", "5", "кв.", "7"]


@pytest.mark.parametrize("bad", [False, True])
def test_a_delimiter_at_the_end_of_every_line_is_no_column(database, region, bad):
    lines = csv_bytes(HEAD, [GOOD, TWO]).replace(b"\r\n", b";\r\n")
    data = lines[lines.index(b"\n") + 1 :]
    done = send(database, csv_bytes(HEAD, []) + data + b"x\r\n" * bad)
    assert (done.state, done.counts["good"], done.counts["rejected"]) == ("loaded", 2, bad)
    assert residents(database) == WANTED
