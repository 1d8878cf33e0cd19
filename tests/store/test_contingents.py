"""Contingents on a real PostgreSQL: made, made anew, cut by scope, compared, matched."""

from datetime import date
from uuid import UUID, uuid4

import pytest
from pyroaring import BitMap

from oncor_cases.actions import contingents as lists
from oncor_cases.contingents.expression import parsed
from oncor_cases.contingents.query import FactWanted, Query
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store import contingent_query, contingents, matching, members, population, subscriptions
from oncor_cases.store.matching import Wanted
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY, Town

TODAY = date(2026, 3, 10)
VERA = Scope(1, "vera", "coordinator")
ANNA = Scope(1, "anna", "head", (CLINIC,))
ZOYA = Scope(1, "zoya", "head", (ONCOLOGY,))


@pytest.fixture
def town(database):
    """Six persons: three of the clinic, two of the dispensary, one attached nowhere."""
    town = Town(database, demo=False)
    town.ids = [
        town.person(snils="11223344595", family="Иванова", given="Анна", search_key="иванова анна", sort_key="иванова анна"),
        town.person(birth_date=date(1986, 3, 10), enp="7700000000000017"),
        town.person(sex="male", birth_date=date(1986, 3, 11), died_on=date(2026, 3, 1)),
        town.person(ONCOLOGY, family="Иванова", given="Анна", search_key="иванова анна", birth_date=date(1950, 1, 1)),
        town.person(ONCOLOGY, sex="male"),
        town.person(""),
    ]
    with database.batch() as conn:
        conn.execute(
            "insert into person_scope (region_id, person_id, org, reason)"
            " select 1, id, attached_org, 'attached' from person where attached_org <> ''"
        )
        for oid, name in ((CLINIC, "Поликлиника № 1"), (ONCOLOGY, "Онкодиспансер")):
            conn.execute("insert into organisation (region_id, oid, name) values (1, %s, %s)", (oid, name))
        for login, role, orgs in (("vera", "coordinator", []), ("anna", "head", [CLINIC]), ("zoya", "head", [ONCOLOGY])):
            conn.execute(
                "insert into user_account (region_id, login, password_hash, role, orgs) values (1, %s, '-', %s, %s)",
                (login, role, orgs),
            )
    population._kept.clear()
    return town


def found(town, query, today=TODAY):
    with town.db.batch() as conn:
        return [town.ids.index(p) for p in contingent_query.found(conn, 1, query, today)]


def made(town, expression, scope=VERA, **rest):
    return lists.save(
        town.db, scope, name="Список", kind="expression", definition={"expression": expression}, today=TODAY, **rest
    )


def held(town, address, scope=VERA):
    """The members the reader is shown."""
    with town.db.web(scope) as conn:
        name = lists.name_of(address)
        sets = lists.sets(conn, scope, [name], TODAY, fresh=True)
        return [town.ids.index(p) for p in sets.shown(sets.by_name[name])]


@pytest.mark.parametrize(
    ("query", "who"),
    [
        (Query(), [0, 1, 2, 3, 4, 5]), (Query(alive=True), [0, 1, 3, 4, 5]), (Query(alive=False), [2]),
        (Query(sex="male"), [2, 4]), (Query(age_from=40, age_to=63), [0, 1, 4, 5]), (Query(age_to=39), [2]),
        (Query(age_from=64), [3]), (Query(attached=("",)), [5]),
        (Query(attached=(CLINIC,), alive=True), [0, 1]),
    ],
)  # fmt: skip
def test_conditions_about_a_person(town, query, who):
    with town.db.batch() as conn:
        conn.execute("update person set birth_date = '1962-03-11' where id = any(%s)", (town.ids[0:1] + town.ids[4:],))
    assert found(town, query) == who


def test_the_register_the_funds_list_of_observation_and_a_document_are_three_sources(town):
    """In the list of observation but not in the register: the question REC-06 asks of everybody, asked of a list."""
    a, b, c, d = town.ids[:4]
    for person, evidence in ((a, "register"), (a, "list"), (b, "list"), (c, "document"), (d, "list")):
        town.fact(person, date(2026, 1, 5), "register_entry", evidence=evidence, register="oncology", icd10="C50.9")
    town.fact(d, date(2026, 1, 5), "register_entry", evidence="list", register="oncology", icd10="C61")
    assert found(town, Query(registered="oncology")) == [0]
    assert found(town, Query(observed=True)) == [0, 1, 3]
    assert found(town, Query(observed=True, unregistered="oncology")) == [1, 3]
    assert found(town, Query(observed=False, registered="oncology")) == []
    town.fact(b, date(2026, 2, 5), "register_exit", evidence="list", register="oncology", reason="other", icd10="C50.1")
    town.fact(d, date(2026, 2, 5), "register_exit", evidence="list", register="oncology", reason="other", icd10="C50.9")
    assert found(town, Query(observed=True)) == [0, 3], "one of two tumours is still observed"
    assert found(town, Query(observed=True), date(2026, 2, 1)) == [0, 1, 3]
    town.fact(d, date(2026, 2, 6), "register_exit", evidence="list", register="oncology", reason="other")
    assert found(town, Query(observed=True)) == [0], "an exit without a code ends all"
    town.fact(c, date(2026, 1, 7), "diagnosis", evidence="register", status="final", icd10="C50.9")
    assert found(town, Query(registered="oncology")) == [0, 2], "a tumour of the register without a day of entry"


def test_conditions_about_facts_cases_and_tasks(town):
    a, b, c = town.ids[0], town.ids[3], town.ids[4]
    town.fact(a, date(2026, 3, 2), "suspicion", icd10="C50.9")
    town.fact(b, date(2026, 1, 2), "diagnosis", icd10="C61", status="final")
    town.fact(b, date(2026, 1, 5), "register_entry", evidence="register", register="oncology")
    town.fact(c, date(2025, 1, 5), "register_entry", evidence="register", register="oncology")
    town.fact(c, date(2026, 2, 5), "register_exit", evidence="register", register="oncology", reason="left_region")
    town.sweep(TODAY)
    assert found(town, Query(has=(FactWanted("suspicion"),))) == [0]
    assert found(town, Query(has=(FactWanted("suspicion", icd10="C50-C51"),))) == [0]
    assert found(town, Query(has=(FactWanted("suspicion", icd10="C51"),))) == []
    assert found(town, Query(has=(FactWanted("register_entry", since=date(2026, 1, 1)),))) == [3]
    assert found(town, Query(has=(FactWanted("diagnosis", (("status", "final"),), until=date(2026, 1, 1)),))) == []
    assert found(town, Query(lacks=(FactWanted("suspicion"),), attached=(CLINIC,))) == [1, 2]
    assert found(town, Query(registered="oncology")) == [3]
    assert found(town, Query(registered="oncology"), date(2026, 2, 4)) == [3, 4]
    assert found(town, Query(unregistered="oncology", attached=(ONCOLOGY,))) == [4]
    assert found(town, Query(pathway="diagnosis", icd10="C50")) == [0]
    assert found(town, Query(pathway="diagnosis", states=("suspected",))) == [0]
    assert found(town, Query(states=("treated",))) == []
    assert found(town, Query(overdue="DX-01")) == [0]
    assert found(town, Query(overdue="*", sex="male")) == []


def test_an_expression_is_saved_made_anew_and_tells_its_subscribers_of_their_own(town):
    women = made(town, {"op": "all", "of": ["sex:female", "alive"]}, shared=True)
    assert held(town, women) == [0, 1, 3, 5]
    assert held(town, women, ANNA) == [0, 1], "a clinic is shown its own persons of a shared list"
    for scope in (VERA, ANNA, ZOYA):
        lists.subscribe(town.db, scope, women, True)
    over = made(town, {"op": "minus", "of": [lists.name_of(women), f"clinic:{CLINIC}"]})
    assert held(town, over) == [3, 5]
    assert lists.refresh(town.db, TODAY) == {"lists": 2, "changed": 0, "told": 0, "failed": 0}
    with town.db.batch() as conn:
        conn.execute("update person set died_on = '2026-03-10' where id = %s", (town.ids[3],))
        conn.execute("update person set sex = 'female' where id = %s", (town.ids[4],))
    day = date(2026, 3, 11)
    assert lists.refresh(town.db, day) == {"lists": 2, "changed": 2, "told": 2, "failed": 0}
    assert held(town, over) == [4, 5]
    told = {}
    for scope in (VERA, ANNA, ZOYA):
        with town.db.web(scope) as conn:
            told[scope.user] = [(c.entered, c.gone, c.as_of) for c in subscriptions.unseen(conn, scope)]
    assert told == {"vera": [(1, 1, day)], "anna": [], "zoya": [(1, 1, day)]}
    with town.db.web(VERA) as conn:
        row = lists.visible(conn, VERA, women)
        history = contingents.snapshots(conn, 1, row.id)
        assert [(s.as_of, s.size) for s in history] == [(day, 4), (TODAY, 4)]
        assert history[0].provenance == {"entered": 1, "gone": 1, "since": history[1].id}


def test_a_private_list_is_of_its_organisation_and_the_region(town):
    mine = made(town, "alive", ANNA)
    assert held(town, mine, ANNA) == [0, 1]
    assert held(town, mine, VERA) == [0, 1, 3, 4, 5]
    for use in (lambda: held(town, mine, ZOYA), lambda: made(town, lists.name_of(mine), ZOYA)):
        with pytest.raises(NotFound):
            use()
    with town.db.web(ZOYA) as conn, pytest.raises(NotFound):
        lists.visible(conn, ZOYA, mine)
    regional = made(town, "alive", shared=True)
    for change in (lambda: lists.rename(town.db, ANNA, regional, name="Моё", shared=False),
                   lambda: lists.remove(town.db, ANNA, regional)):  # fmt: skip
        with pytest.raises(NotFound):
            change()


def test_a_closed_list_is_gone_from_the_page_and_still_works_inside_an_expression(town):
    base = made(town, "sex:male")
    over = made(town, {"op": "all", "of": [lists.name_of(base), "alive"]})
    lists.remove(town.db, VERA, base)
    with town.db.web(VERA) as conn:
        assert [row.public_id for row in contingents.listed(conn, VERA)] == [over]
    assert lists.refresh(town.db, TODAY)["failed"] == 0
    assert held(town, over) == [4]


def test_a_frozen_copy_never_changes(town):
    living = made(town, "alive")
    copy = lists.freeze(town.db, VERA, living, name="На сегодня", today=TODAY)
    with town.db.batch() as conn:
        conn.execute("update person set died_on = '2026-03-10'")
    lists.refresh(town.db, date(2026, 3, 11))
    assert held(town, living) == []
    assert held(town, copy) == [0, 1, 3, 4, 5]


def test_one_list_that_cannot_be_made_does_not_stop_the_others(town, caplog):
    made(town, "alive")
    with town.db.batch() as conn:
        contingents.create(conn, 1, name="Сломан", kind="query", owner_user="vera", owner_org="", provenance="",
                           made_on=TODAY, definition={"query": {"colour": "red"}})  # fmt: skip
    made(town, {"op": "any", "of": ["sex:male"]})
    assert lists.refresh(town.db, TODAY) == {"lists": 3, "changed": 0, "told": 0, "failed": 1}
    assert "UserError" in caplog.text


def test_a_list_of_an_earlier_day_takes_its_place_and_leaves_the_newest(town):
    with town.db.batch() as conn:
        id, address = contingents.create(conn, 1, name="Файл", kind="file", owner_user="vera", owner_org="", provenance="",
                                         made_on=TODAY, definition={})  # fmt: skip
        contingents.add_snapshot(conn, 1, id, BitMap(town.ids[:3]), TODAY)
        assert contingents.add_snapshot(conn, 1, id, BitMap(town.ids[:3]), TODAY) is None
        contingents.add_snapshot(conn, 1, id, BitMap(town.ids[:1]), date(2026, 2, 10))
        days = [(s.as_of, s.size) for s in contingents.snapshots(conn, 1, id)]
        assert contingents.get(conn, 1, address).size == 3
        assert days == [(TODAY, 3), (date(2026, 2, 10), 1)]
        contingents.add_snapshot(conn, 1, id, BitMap(town.ids[2:5]), date(2026, 3, 1))
        told = [(s.as_of.day, s.provenance.get("entered"), s.provenance.get("gone"))
                for s in contingents.snapshots(conn, 1, id)]  # fmt: skip
        assert told == [(10, 2, 2), (1, 3, 1), (10, None, None)]
        assert contingents.stored_counts(conn, 1, [id]) == {id: (3, 2, 2)}
    assert held(town, address) == [0, 1, 2]


def test_a_person_joined_into_another_is_that_one_in_every_list(town):
    """A list of March names somebody who turned out in April to be another one on it, or one who is not."""
    both, one = BitMap(town.ids[:2]), BitMap(town.ids[1:2])
    assert population.followed(both, {town.ids[1]: town.ids[0]}) == BitMap(town.ids[:1])
    assert population.followed(one, {town.ids[1]: town.ids[0]}) == BitMap(town.ids[:1])
    assert population.followed(one, {}) is one
    born = made(town, {"op": "any", "of": ["everybody"]}, shared=True)
    frozen = lists.freeze(town.db, VERA, born, name="Март", today=TODAY)
    with town.db.batch() as conn:
        conn.execute("update person set merged_into = %s where id = %s", (town.ids[0], town.ids[1]))
    assert held(town, frozen) == [0, 2, 3, 4, 5]
    lists.rename(town.db, VERA, frozen, name="Март", shared=True)
    assert held(town, frozen, ANNA) == [0, 2]
    over = made(town, {"op": "all", "of": [lists.name_of(frozen), "alive", f"clinic:{CLINIC}"]})
    assert held(town, over) == [0]


def test_the_same_definition_is_the_same_list_where_that_is_wanted(town):
    one = made(town, {"op": "any", "of": ["alive"]}, again=True)
    assert made(town, {"op": "any", "of": ["alive"]}, again=True) == one
    assert made(town, {"op": "any", "of": ["alive"]}, ANNA, again=True) != one


@pytest.mark.parametrize(
    ("name", "expression", "error"),
    [("", "alive", UserError), ("x", "c:нет", NotFound), ("x", f"c:{UUID(int=7)}", NotFound), ("x", "sex:any", UserError),
     ("x", "clinic:'; drop", UserError), ("x", {"op": "any", "of": []}, UserError)],
)  # fmt: skip
def test_what_cannot_be_saved_is_refused(town, name, expression, error):
    with pytest.raises(error):
        lists.save(town.db, VERA, name=name, kind="expression", definition={"expression": expression}, today=TODAY)


def test_pages_of_members_are_cut_by_row_security_too(town):
    everybody = BitMap(town.ids)
    with town.db.web(VERA) as conn:
        rows = members.page(conn, VERA, everybody, None, 0)
        assert [r.family for r in rows][-1] == "Иванова"
        assert len(rows) == 6
        assert len(members.page(conn, VERA, everybody, None, 4)) == 2
    with town.db.web(ANNA) as conn:
        assert {r.id for r in members.page(conn, ANNA, everybody, None, 0)} == set(town.ids[:3])
        assert [r.id for r in members.find(conn, ANNA, everybody, None, "Иванова а", "")] == [town.ids[0]]
        assert [r.id for r in members.find(conn, ANNA, everybody, None, "", "11223344595")] == [town.ids[0]]
        assert members.find(conn, ANNA, BitMap(town.ids[1:]), None, "Иванова", "") == []


@pytest.mark.parametrize("by_name", [0, 20_000])
def test_long_lists_say_the_same_as_short_ones(town, monkeypatch, by_name):
    monkeypatch.setattr(members, "BY_NAME", by_name)
    monkeypatch.setattr(members, "AT_ONCE", 4)
    population._clinics.clear()
    everybody = BitMap(town.ids)
    with town.db.web(VERA) as conn:
        parts = [members.page(conn, VERA, everybody, None, *part) for part in members.portions(everybody)]
        assert sorted(r.id for part in parts for r in part) == sorted(town.ids)
        assert {r.id for r in members.find(conn, VERA, everybody, None, "иванова", "")} == {town.ids[0], town.ids[3]}
        lists.become_batch(conn)
        assert [(c.name, c.count) for c in members.clinics(conn, 1, everybody)] == [
            ("Поликлиника № 1", 3), ("Онкодиспансер", 2), ("", 1),
        ]  # fmt: skip


def test_rows_of_a_file_are_matched_by_the_strongest_identifier(town):
    with town.db.batch() as conn:
        conn.execute("update person set snils = '08765430200' where id = %s", (town.ids[3],))
        rows = [
            Wanted(2, snils="11223344595"), Wanted(3, enp="7700000000000017"),
            Wanted(4, name="Иванова  Анна", born=date(1950, 1, 1)),
            Wanted(5, snils="99999999999"), Wanted(6, name="Иванова Анна", born=date(1950, 1, 1), snils="99999999999"),
            Wanted(7, name="", born=date(1961, 4, 12)), Wanted(8, snils="11223344595", enp="7700000000000017"),
        ]  # fmt: skip
        persons, why = matching.matched(conn, 1, rows, None)
        assert persons == {2: town.ids[0], 3: town.ids[1], 4: town.ids[3], 8: town.ids[0]}
        assert set(why) == {5, 6, 7}
        conn.execute("update person set birth_date = '1950-01-01' where id = %s", (town.ids[0],))
        _, twice = matching.matched(conn, 1, [Wanted(2, name="Иванова Анна", born=date(1950, 1, 1))], None)
        assert twice == {2: matching.SEVERAL}
        mine = BitMap(town.ids[:1])
        persons, why = matching.matched(conn, 1, rows[:2], mine)
        assert (persons, why) == ({2: town.ids[0]}, {3: matching.NOBODY})


def test_a_clinic_number_finds_the_person_of_its_record(town):
    with town.db.batch() as conn:
        conn.execute(
            "insert into subject (region_id, person_id, organisation, local_id, fingerprint, first_seen_at)"
            " values (1, %s, %s, '17', '\\x01', now())",
            (town.ids[1], CLINIC),
        )
        assert matching.matched(conn, 1, [Wanted(2, organisation=CLINIC, local_id="17")], None)[0] == {2: town.ids[1]}
        assert matching.matched(conn, 1, [Wanted(2, organisation=ONCOLOGY, local_id="17")], None)[0] == {}


def test_names_of_common_sets():
    good = ("alive", "everybody", "sex:male", "register:oncology", "clinic:", f"clinic:{CLINIC}")
    assert all(map(population.is_common, good))
    assert not any(map(population.is_common, ("", "alive:", "sex:", "register:x", "clinic:x", "dead", "c:1")))
    assert parsed("alive") is not None
    assert isinstance(lists.name_of(uuid4()), str)
    assert UUID(lists.name_of(UUID(int=5)).removeprefix("c:")) == UUID(int=5)
