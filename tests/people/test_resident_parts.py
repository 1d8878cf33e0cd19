"""A region is a part of `resident`: made beside by its first list, taken in whole, left by nobody."""

from datetime import date

import psycopg
import pytest

from oncor_cases.actions import lists
from oncor_cases.store import migrate, resident_list, resident_parts, residents
from oncor_cases.store.session import Database
from tests.people.insured_list import CLINIC, ENPS, NUMBERS, load, row, write

MARCH = date(2026, 3, 1)
BEFORE = "0024_pre_list_slots"


def parts(db):
    """Tables of parts: (name, is it in force, rows)."""
    with db.owner() as conn:
        found = conn.execute(
            """select c.relname as name, i.inhrelid is not null as taken_in,
                      c.relrowsecurity and c.relforcerowsecurity as shut
               from pg_class c left join pg_inherits i on i.inhrelid = c.oid
               where c.relnamespace = 'insured'::regnamespace and c.relkind = 'r' order by 1"""
        ).fetchall()
    assert all(one.shut for one in found if one.taken_in)
    return [(one.name, one.taken_in) for one in found]


def families(db):
    with db.batch() as conn:
        return [r.family for r in conn.execute("select family from resident order by 1")]


def test_the_part_of_a_first_list_takes_the_place_of_what_there_was(database, region, tmp_path):
    done = load(database, write(tmp_path / "a.csv", row(ENPS[0]), row(ENPS[1], family="Белова")), MARCH)
    assert parts(database) == [("other", True), (f"region_1_{done.load}", True)]
    assert families(database) == ["Белова", "Рябова"]
    with database.owner() as conn:
        of_parent, of_part = (
            {r.made.partition(" USING ")[2] for r in conn.execute(
                "select pg_get_indexdef(indexrelid) as made from pg_index where indrelid = %s::regclass", (table,)
            )}
            for table in ("resident", f"insured.region_1_{done.load}")
        )  # fmt: skip
    assert of_parent == of_part
    assert len(of_part) == 4


def test_a_load_that_failed_leaves_no_part(database, region, tmp_path, monkeypatch):
    def broken(*_):
        raise RuntimeError

    path = write(tmp_path / "a.csv", row(ENPS[0]))
    with monkeypatch.context() as patched:
        patched.setattr(resident_parts, "taken_in", broken)
        assert load(database, path, MARCH).state == "failed"
    assert parts(database) == [("other", True)]
    assert families(database) == []


def test_a_first_list_of_bad_lines_alone_leaves_nothing(database, region, tmp_path):
    done = load(database, write(tmp_path / "a.csv", row("1"), row("2")), MARCH)
    assert (done.state, done.error) == ("failed", "Ни одна строка не прочитана: причины — в отклонённых строках")
    assert (done.rejected, done.added, done.reasons) == (2, 0, {"policy_check": 2})
    assert parts(database) == [("other", True)]
    with database.owner() as conn:
        working = "select count(*) n from pg_class where relnamespace = 'staging'::regnamespace"
        assert conn.execute(working).fetchone().n == 0
    good = load(database, write(tmp_path / "b.csv", row(ENPS[0])), MARCH)
    assert parts(database) == [("other", True), (f"region_1_{good.load}", True)]
    assert families(database) == ["Рябова"]


def test_a_part_of_a_load_that_died_goes_with_the_next_load(database, region, tmp_path):
    resident_parts.begun(database, 1, 999)
    assert parts(database) == [("other", True), ("region_1_999", False)]
    done = load(database, write(tmp_path / "a.csv", row(ENPS[0])), MARCH)
    assert parts(database) == [("other", True), (f"region_1_{done.load}", True)]


def test_a_part_of_a_load_that_died_goes_with_the_schedule_of_lists(database, region, tmp_path):
    done = load(database, write(tmp_path / "a.csv", row(ENPS[0])), MARCH)
    resident_parts.begun(database, 1, 999)
    resident_parts.begun(database, 2, 998)  # another region is no business of this one
    with database.batch() as loading:
        resident_list.alone(loading, 1)
        assert lists.finish(database, region=1) == []
    assert len(parts(database)) == 4  # its load may still run
    assert lists.finish(database, region=1) == []
    assert parts(database) == [("other", True), (f"region_1_{done.load}", True), ("region_2_998", False)]
    assert families(database) == ["Рябова"]


def test_a_part_alone_is_open_to_nobody(database, region, tmp_path):
    done = load(database, write(tmp_path / "a.csv", row(ENPS[0])), MARCH)
    for role in (database.batch(), database.web(None)):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), role as conn:
            conn.execute(f"select from insured.region_1_{done.load}")


def test_residents_known_when_they_come_have_their_person_and_record_in_the_part(database, region, tmp_path):
    with database.batch() as conn:
        person = conn.execute("insert into person (region_id) values (1) returning id").fetchone().id
        conn.execute(
            """insert into subject (region_id, person_id, snils, family, given, birth_date, sex, fingerprint, first_seen_at)
               values (1, %s, %s, 'Рябова', 'Анна', '1960-04-12', 'female', 'x', now())""",
            (person, NUMBERS[0]),
        )
    done = load(database, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0]), row(ENPS[1])), MARCH)
    assert (done.added, done.known) == (2, 1)
    with database.batch() as conn:
        rows = conn.execute(
            "select person_id, subject_id is not null as made, load_id, org from resident order by enp"
        ).fetchall()
        assert [(r.made, r.load_id, r.org) for r in rows] == [(True, done.load, CLINIC), (False, done.load, CLINIC)]
        assert rows[0].person_id == person
        assert residents.of_persons(conn, 1, [rows[1].person_id]) == [rows[1].person_id]


def test_residents_from_before_parts_are_in_theirs(fresh_url):
    url = fresh_url("template0")
    migrate.upgrade(url, BEFORE)
    db = Database(url)
    with db.batch() as conn:
        for number, enp in ((1, ENPS[0]), (1, ENPS[1]), (2, ENPS[0])):
            conn.execute("insert into region (id, name) values (%s, '') on conflict do nothing", (number,))
            conn.execute(
                """insert into resident (region_id, person_id, load_id, row_hash, born, sex, enp, family, given, address)
                   values (%s, nextval('person_id_seq'), 1, 0, '1960-04-12', 'female', %s, 'Рябова', 'Анна', 'дом')""",
                (number, enp),
            )
    migrate.upgrade(url)
    assert parts(db) == [("other", True), ("region_1_0", True), ("region_2_0", True)]
    with db.batch() as conn:
        rows = conn.execute("select region_id, enp, address from resident order by 1, 2").fetchall()
    assert [(r.region_id, r.enp, r.address) for r in rows] == [
        (1, ENPS[0], "дом"), (1, ENPS[1], "дом"), (2, ENPS[0], "дом")
    ]  # fmt: skip
    db.close()
