"""A line that cannot be taken is still a line of the list: whoever it names has not left the region."""

from datetime import date

import pytest

from tests.people.insured_list import ENPS, NUMBERS, OTHER, load, row, write

MARCH, APRIL, MAY = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)


def gone(db):
    with db.batch() as conn:
        return [r.enp for r in conn.execute("select enp from resident where gone_on is not null order by 1")]


def spaced(enp):
    return f"{enp[:4]} {enp[4:8]} {enp[8:12]} {enp[12:]}"


BAD = {
    "a bad day": row(ENPS[1], born="31.02.1960"),
    "a policy with blanks and a bad day": row(spaced(ENPS[1]), born="31.02.1960"),
    "a policy with hyphens and no name": row(spaced(ENPS[1]).replace(" ", "-"), family=""),
    "too few cells": f"{ENPS[1]};{NUMBERS[1]};Рябова",
    "too many cells": row(ENPS[1]) + ";x;y",
    "an open quote": row(ENPS[1], family='"Рябова'),
    "blanks in the policy of a line that is none": f"{spaced(ENPS[1])};x",
    "a policy behind a long text": f"{'x' * 2000};{ENPS[1]}",
}


@pytest.mark.parametrize("title", [False, True], ids=["a plain list", "a title above"])
@pytest.mark.parametrize("bad", BAD)
def test_whoever_a_bad_line_names_stays(database, region, tmp_path, bad, title):
    load(database, write(tmp_path / "a.csv", *(row(e) for e in ENPS[:4])), MARCH)
    path = write(tmp_path / "b.csv", row(ENPS[0]), BAD[bad], row(ENPS[2]))
    if title:
        path.write_bytes("Список;\n".encode() + path.read_bytes())
    done = load(database, path, APRIL)
    assert (done.rejected, done.gone) == (1, 1)
    assert gone(database) == [ENPS[3]]


def test_a_line_in_another_encoding_keeps_its_person(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", *(row(e) for e in ENPS)), MARCH)
    path = write(tmp_path / "b.csv", row(ENPS[0]), row(ENPS[2]), *(row(e) for e in ENPS[4:]))
    path.write_bytes(path.read_bytes() + row(ENPS[1]).encode("cp1251") + b"\n")
    done = load(database, path, APRIL)
    assert (done.reasons, done.gone, gone(database)) == ({"encoding": 1}, 1, [ENPS[3]])


@pytest.mark.parametrize("bad", BAD)
def test_a_bad_line_of_an_earlier_list_says_the_same(database, region, tmp_path, bad):
    """Loaded after the lists around it, which have the person before and not after."""
    load(database, write(tmp_path / "a.csv", *(row(e) for e in ENPS[:3])), MARCH)
    load(database, write(tmp_path / "c.csv", row(ENPS[0]), row(ENPS[2])), MAY)
    assert gone(database) == [ENPS[1]]
    load(database, write(tmp_path / "b.csv", row(ENPS[0]), BAD[bad]), APRIL)
    with database.batch() as conn:
        found = conn.execute("select enp, gone_on from resident where gone_on is not null").fetchall()
    assert [tuple(r) for r in found] == [(ENPS[1], MAY)]


def test_a_policy_a_bad_line_has_gives_way_to_no_other(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0]), row(ENPS[9])), MARCH)
    lines = (row(ENPS[1], NUMBERS[0]), row(spaced(ENPS[0]), NUMBERS[0], born="31.02.1960"), row(ENPS[9]))
    done = load(database, write(tmp_path / "b.csv", *lines), APRIL)
    assert (done.added, done.corrected, done.gone) == (1, 0, 0), "two policies in one list are two residents"


def test_an_unchanged_line_with_blanks_in_its_policy_beats_a_double_of_it(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", row(spaced(ENPS[0])), row(ENPS[1])), MARCH)
    done = load(database, write(tmp_path / "b.csv", row(spaced(ENPS[0])), row(ENPS[0], org=OTHER), row(ENPS[1])), APRIL)
    assert (done.reasons, done.corrected, done.gone) == ({"double": 1}, 0, 0)
