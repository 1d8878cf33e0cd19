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
def test_a_zero_character_costs_its_line(database, region, form, cell):
    if form == "dbf" and (cell[0] == "~" or cell[-1] == "~"):
        pytest.skip("zeros at the ends of a field of a DBF are blanks: so programs fill it")
    done = send(database, ZERO[form]([changed(GOOD), changed(THREE, _2=cell), changed(TWO)]))
    assert (done.state, done.error) == ("loaded", "")
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [("zero", False)]
    assert (done.counts["good"], done.counts["rejected"]) == (2, 1)
    assert residents(database) == WANTED
    with database.batch() as conn:
        told = conn.execute("select message, raw from list_reject").fetchone()
    assert "нулевой знак" in told.message
    assert any("Рябо" in text for text in told.raw)


def test_a_line_of_zeros_is_an_empty_line(database, region):
    data = csv_bytes(HEAD, [GOOD, TWO])
    done = send(database, data + b"\0" * 700)
    assert (done.state, done.counts["good"], done.counts["rejected"]) == ("loaded", 2, 0)
    assert residents(database) == WANTED
