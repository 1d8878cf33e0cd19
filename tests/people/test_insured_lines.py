"""Marks nobody sees cost nothing of an insured list, in every form of it, first or later."""

from datetime import date

import pytest

from tests.lists.tables import csv_bytes, xlsx_bytes, xml_bytes
from tests.people.insured_list import CLINIC, ENPS, NUMBERS
from tests.people.test_insured_forms import GOOD, HEAD, TAGS, TWO, WANTED, rejects, residents, send

ODD = [NUMBERS[9], ENPS[9], "Титова", "Ия", "Львовна", "12.04.1960", "Ж", CLINIC, "01.02.2020"]
SEEN = (ENPS[9], NUMBERS[9], "Титова", date(1960, 4, 12), "female", CLINIC, date(2020, 2, 1))
WRITERS = {
    "csv": lambda rows: csv_bytes(HEAD, rows),
    "csv read row by row": lambda rows: csv_bytes(HEAD, rows[:1]) + b"\n" + csv_bytes(HEAD, rows[1:]).split(b"\n", 1)[1],
    "xlsx": lambda rows: xlsx_bytes(HEAD, rows),
    "xml": lambda rows: xml_bytes("LIST", "PERS", TAGS, rows, "utf-8"),
}


def odd(**changed):
    return [changed.get(tag.lower(), cell) for tag, cell in zip(TAGS, ODD, strict=True)]


def before(db, second):
    if second:
        send(db, csv_bytes(HEAD, [TWO]), as_of=date(2026, 2, 1), name="insured_2026-02-01.csv")


@pytest.fixture(params=[False, True], ids=["first", "later"])
def second(request, database, region):
    before(database, request.param)


MARKED = [
    odd(snils=f"\u200b{NUMBERS[9]}\ufeff"),
    odd(enp=f"{ENPS[9][:4]}\u00a0{ENPS[9][4:]}\u2060"),
    odd(enp=f"{ENPS[9][:4]}\u2009{ENPS[9][4:]}"),
    odd(fam="\u202aТи\u00adтова\u202c", ot="\u00a0Львовна\u200b"),
    odd(dr="\u200e12.04.1960", w="Ж\u200b", mo_pr=f"\ufeff{CLINIC}", date_prik="01.02.2020\u00a0"),
]


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize("form", WRITERS)
@pytest.mark.parametrize("row", MARKED)
def test_marks_nobody_sees_cost_nothing(database, form, row):
    done = send(database, WRITERS[form]([GOOD, row, TWO]), f"insured_2026-03-01.{form.split()[0]}")
    assert (done.state, rejects(database, done.id)) == ("loaded", [])
    assert residents(database) == sorted([*WANTED, SEEN])


@pytest.mark.usefixtures("second")
@pytest.mark.parametrize("mark", ["\u00ad", "\u200b\u00a0", "\0"])
def test_a_line_of_marks_alone_is_an_empty_one(database, mark):
    data = csv_bytes(HEAD, [GOOD]) + f"{mark}\r\n".encode() + csv_bytes(HEAD, [TWO]).split(b"\n", 1)[1]
    done = send(database, data)
    assert (done.state, done.counts["rows"], rejects(database, done.id)) == ("loaded", 2, [])
    assert residents(database) == WANTED


@pytest.mark.usefixtures("second")
def test_a_zero_character_in_a_refused_line_leaves_the_list_whole(database):
    done = send(database, csv_bytes(HEAD, [GOOD, TWO]) + b"\0;broken\0\r\n")
    assert (done.state, rejects(database, done.id)) == ("loaded", [(4, "columns", False)])
