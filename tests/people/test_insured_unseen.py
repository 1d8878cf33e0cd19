"""Marks nobody sees in an insured list cost nothing and make no value differ, in whatever form it comes."""

from datetime import date

import pytest

from tests.lists.tables import csv_bytes, dbf_bytes
from tests.people.insured_list import ENPS, NUMBERS
from tests.people.test_insured_faults import WIDE_HEAD, bytes_of, changed
from tests.people.test_insured_forms import GOOD, HEAD, TAGS, TWO, WANTED, rejects, residents, send

MARKS = ["\u200b", "\u200c", "\u200d", "\ufeff", "\u00ad", "\u200e", "\u202e", "\u2066", "\u2060", "\x02", "\x1a"]
BLANKS = ["\u00a0", "\u202f", "\u2007", "\u3000"]
FORMS = ("columns", "rows", "rows of cells", "workbook", "xml")
MORE = ["ООО «СМО № 5»", "+7 912 000-00-00", "ул. Мира — 5"]


def marked(row, mark):
    """Every cell with the mark before, in and behind it."""
    return [f"{mark}{str(cell)[:2]}{mark}{str(cell)[2:]}{mark}" for cell in row]


def spaced(row, blank):
    return [blank + str(cell).replace(" ", blank) + blank for cell in row]


def everything(db):
    with db.batch() as conn:
        return [tuple(row) for row in conn.execute("select enp, family, insurer, phone, address from resident order by 1")]


@pytest.mark.parametrize("second", [False, True], ids=["first", "later"])
@pytest.mark.parametrize("form", FORMS)
def test_a_mark_costs_nothing_and_changes_nothing(database, region, form, second):
    marks = [mark for mark in (*MARKS, *BLANKS) if mark > " " or form != "xml"]  # no XML holds the others
    plain = [[NUMBERS[n], ENPS[n], *GOOD[2:], *MORE] for n in range(len(marks))]
    rows = [(spaced if mark in BLANKS else marked)(row, mark) for row, mark in zip(plain, marks, strict=True)]
    if second:
        send(database, csv_bytes(HEAD, [TWO]), "insured_2026-02-01.csv")
    done = send(database, bytes_of(form, rows))
    assert (done.state, done.error, rejects(database, done.id)) == ("loaded", "", [])
    assert [one[:3] for one in residents(database)] == [(row[1], row[0], "Ёлкина") for row in plain]
    assert [one[3:] for one in residents(database)] == [WANTED[0][3:]] * len(plain)
    assert everything(database) == [(row[1], "Ёлкина", *MORE) for row in plain]
    again = send(database, csv_bytes(WIDE_HEAD, plain), as_of=date(2026, 4, 1))
    assert (again.counts["corrected"], again.counts["added"], again.counts["gone"]) == (0, 0, 0)


@pytest.mark.parametrize(
    ("encoding", "mark"), [("cp1251", "\u00a0"), ("cp1251", "\u00ad"), ("cp866", "\u00a0"), ("koi8_r", "\u00a0")]
)
@pytest.mark.parametrize("form", ["csv", "dbf"])
def test_marks_of_older_encodings(database, region, encoding, mark, form):
    if (form, encoding) == ("dbf", "koi8_r"):
        pytest.skip("no DBF says so")
    rows = [spaced(GOOD, mark) if mark == "\u00a0" else marked(GOOD, mark), TWO] * 20
    rows = [[r[0], ENPS[n] if n > 1 else r[1], *r[2:]] for n, r in enumerate(rows)]
    data = csv_bytes(HEAD, rows, encoding) if form == "csv" else dbf_bytes(TAGS, rows, encoding, width=40)
    done = send(database, data)
    assert (done.state, done.counts["rejected"], done.counts["warned"]) == ("loaded", 0, 0)
    assert residents(database)[:2] == WANTED


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("nothing", ["\u200b", "\u00a0\u2060\u00a0"])
def test_a_cell_that_only_holds_marks_is_empty(database, region, form, nothing):
    lost = changed(GOOD, _1=nothing)
    bare = changed(TWO, _0=nothing, _4=nothing, _8=nothing, _11=nothing)
    done = send(database, bytes_of(form, [changed(GOOD), lost, bare, [nothing] * 12, [*GOOD, *MORE]]))
    assert [(code, accepted) for _, code, accepted in rejects(database, done.id)] == [
        ("no_policy", False),
        ("double", False),
    ]
    with database.batch() as conn:
        found = conn.execute(
            "select snils, patronymic, attached_since, address from resident where enp = %s", (ENPS[1],)
        ).fetchone()
    assert tuple(found) == ("", "", None, "")


@pytest.mark.parametrize("nothing", ["\u200b", "\u00a0", "\u00a0\ufeff ", "\x1a"])
@pytest.mark.parametrize("at", ["inside", "end"])
def test_a_line_that_only_holds_marks_is_empty(database, region, nothing, at):
    good, two = csv_bytes(HEAD, [GOOD]), csv_bytes(HEAD, [TWO]).partition(b"\r\n")[2]
    line = nothing.encode() + b"\r\n"
    done = send(
        database, good + line + two if at == "inside" else good + two + line.rstrip() + b"\r\n" * (nothing != "\x1a")
    )
    assert (done.state, done.counts["good"], rejects(database, done.id)) == ("loaded", 2, [])
    assert residents(database) == WANTED


@pytest.mark.parametrize("nothing", ["", "\u200b", "\u00a0"])
@pytest.mark.parametrize("form", ["columns", "workbook", "xml"])
def test_a_list_of_marks_alone_is_an_empty_list(database, region, form, nothing):
    send(database, csv_bytes(HEAD, [GOOD, TWO]), "insured_2026-02-01.csv")
    done = send(database, bytes_of(form, [[nothing] * 12] * 3))
    assert done.state == "failed"
    assert done.error in ("В списке нет ни одной строки", "В XML нет повторяющихся записей")
    assert residents(database) == WANTED


def test_marks_in_the_header_do_not_hide_it(database, region):
    for number, mark in enumerate(["\u200b", "\u00a0", "\ufeff", "\u00ad"]):
        head = [f"{mark}{name[:2]}{mark if mark != chr(0xA0) else ''}{name[2:]}{mark}" for name in HEAD]
        done = send(database, csv_bytes(head, [GOOD, TWO]), as_of=date(2026, 3, 1 + number))
        assert (done.state, done.error) == ("loaded", "")
    assert residents(database) == WANTED


def test_a_mark_before_a_quote_does_not_open_it(database, region):
    plain = csv_bytes(WIDE_HEAD, [changed(GOOD, _11='ул. Мира; "дом" 5'), changed(TWO)])
    data = plain.replace(b';"\xd1\x83\xd0\xbb', b';\xe2\x80\x8b"\xd1\x83\xd0\xbb')
    assert data != plain
    for form in (data, data.replace(b"\r\n", b"\r\n\r\n", 1)):
        assert rejects(database, send(database, form).id) == []
    with database.batch() as conn:
        (address,) = conn.execute("select address from resident where enp = %s", (ENPS[0],)).fetchone()
    assert address == 'ул. Мира; "дом" 5'
