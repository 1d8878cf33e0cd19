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


BAD = [  # of a policy
    lambda enp: row(enp, born="31.02.1960"),
    lambda enp: row(spaced(enp), born="31.02.1960"),
    lambda enp: row(spaced(enp).replace(" ", "-"), family=""),
    lambda enp: f"{enp};{NUMBERS[1]};Рябова",  # too few cells
    lambda enp: row(enp) + ";x;y",
    lambda enp: row(enp, family='"Рябова'),
    lambda enp: f"{spaced(enp)};x",
    lambda enp: f"{'x' * 2000};{enp}",
]
NAMED, LAST = ENPS[1 : 1 + len(BAD)], ENPS[1 + len(BAD)]
LINES = [bad(enp) for bad, enp in zip(BAD, NAMED, strict=True)]


@pytest.mark.parametrize("title", [False, True], ids=["a plain list", "a title above"])
def test_whoever_a_bad_line_names_stays(database, region, tmp_path, title):
    load(database, write(tmp_path / "a.csv", *(row(e) for e in (ENPS[0], *NAMED, LAST))), MARCH)
    path = write(tmp_path / "b.csv", row(ENPS[0]), *(line for bad in LINES for line in (bad, row(ENPS[0]))))
    if title:
        path.write_bytes("Список;\n".encode() + path.read_bytes())
    done = load(database, path, APRIL)
    assert (done.rejected, done.gone) == (len(BAD), 1)
    assert gone(database) == [LAST]


def test_a_line_in_another_encoding_keeps_its_person(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", *(row(e) for e in ENPS)), MARCH)
    path = write(tmp_path / "b.csv", row(ENPS[0]), row(ENPS[2]), *(row(e) for e in ENPS[4:]))
    path.write_bytes(path.read_bytes() + row(ENPS[1]).encode("cp1251") + b"\n")
    done = load(database, path, APRIL)
    assert (done.reasons, done.gone, gone(database)) == ({"encoding": 1}, 1, [ENPS[3]])


def test_a_bad_line_of_an_earlier_list_says_the_same(database, region, tmp_path):
    """Loaded after the lists around it, which have the people before and not after."""
    load(database, write(tmp_path / "a.csv", *(row(e) for e in (ENPS[0], *NAMED))), MARCH)
    load(database, write(tmp_path / "c.csv", row(ENPS[0])), MAY)
    assert gone(database) == sorted(NAMED)
    load(database, write(tmp_path / "b.csv", row(ENPS[0]), *LINES), APRIL)
    with database.batch() as conn:
        found = conn.execute("select enp, gone_on from resident where gone_on is not null order by 1").fetchall()
    assert [tuple(r) for r in found] == [(enp, MAY) for enp in sorted(NAMED)]


def test_a_policy_a_bad_line_has_gives_way_to_no_other(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0]), row(ENPS[9])), MARCH)
    lines = (row(ENPS[1], NUMBERS[0]), row(spaced(ENPS[0]), NUMBERS[0], born="31.02.1960"), row(ENPS[9]))
    done = load(database, write(tmp_path / "b.csv", *lines), APRIL)
    assert (done.added, done.corrected, done.gone) == (1, 0, 0), "two policies in one list are two residents"


def test_an_unchanged_line_with_blanks_in_its_policy_beats_a_double_of_it(database, region, tmp_path):
    load(database, write(tmp_path / "a.csv", row(spaced(ENPS[0])), row(ENPS[1])), MARCH)
    done = load(database, write(tmp_path / "b.csv", row(spaced(ENPS[0])), row(ENPS[0], org=OTHER), row(ENPS[1])), APRIL)
    assert (done.reasons, done.corrected, done.gone) == ({"double": 1}, 0, 0)
