"""The whole population in contingents: residents nothing has concerned yet are found, listed, exported, given work; a death
or a departure takes them out."""

from datetime import UTC, date, datetime

import pytest
from pyroaring import BitMap

from oncor_cases.actions import assigning, exporting, lists
from oncor_cases.actions import contingents as contingent_lists
from oncor_cases.actions.sweep import sweep
from oncor_cases.contingents.query import Query
from oncor_cases.store import contingent_query, matching, members, population
from oncor_cases.store.matching import Wanted
from oncor_cases.store.session import Scope
from tests.intake.fakes import paper
from tests.lists.tables import DEATHS_HEAD, csv_bytes
from tests.people.insured_list import CLINIC, ENPS, NUMBERS, OTHER, load, row, write
from tests.people.test_joins import take

TODAY, DUE, MARCH, APRIL = date(2026, 4, 10), date(2026, 4, 24), date(2026, 3, 1), date(2026, 4, 1)
AT = datetime(2026, 4, 5, 9, tzinfo=UTC)
VERA = Scope(1, "vera", "coordinator")
ANNA = Scope(1, "anna", "head", (CLINIC,))

LINES = [
    row(ENPS[0], NUMBERS[0], family="РЯБОВА", born="1960-04-12"),
    row(ENPS[1], NUMBERS[1], family="ЁЛКИНА", born="1986-04-10"),
    row(ENPS[2], NUMBERS[2], family="БЕЛОВ", given="ПЁТР", patronymic="ИЛЬИЧ", sex="1", born="1986-04-11"),
    row(ENPS[3], NUMBERS[3], family="КОТОВА", born="1950-01-01"),
    row(ENPS[4], NUMBERS[4], family="КОТОВА", org=OTHER, born="1950-01-01"),
    row(ENPS[5], "", family="КРОТОВА", org=OTHER),
]

LISTED = [(0, "Рябова", "12.04.1960"), (3, "Котова", "01.01.1950")]  # both under observation, the first in the register


@pytest.fixture
def everybody(database, region, tmp_path):
    """Six insured: four of the clinic, two of another; one of them a patient in the register, one a patient without it.
    Returns policy → number."""
    population._kept.clear()
    population._clinics.clear()
    load(database, write(tmp_path / "a.csv", *LINES), MARCH)
    with database.batch() as conn:
        for oid, name in ((CLINIC, "Поликлиника № 1"), (OTHER, "Поликлиника № 2")):
            conn.execute("insert into organisation (region_id, oid, name) values (1, %s, %s)", (oid, name))
        for login, role, orgs in (("vera", "coordinator", []), ("anna", "head", [CLINIC])):
            conn.execute(
                "insert into user_account (region_id, login, password_hash, role, orgs) values (1, %s, '-', %s, %s)",
                (login, role, orgs),
            )
    take(
        database,
        paper("A", snils=NUMBERS[0], family="Рябова"),
        paper("B", snils=NUMBERS[3], family="Котова", born="1950-01-01"),
        at=AT,
    )
    head = ["СНИЛС", "Фамилия", "Дата рождения", "DATE_IN", "DS_DISP"]
    rows = [[NUMBERS[n], name, born, "01.02.2020", "C50.9"] for n, name, born in LISTED]
    lists.take_bytes(
        database, csv_bytes(head, rows), "dn_in_2026-03-01.csv", region=1, author="t", kind="observed", received_at=AT
    )
    head = ["СНИЛС", "Фамилия", "Дата рождения", "Топография МКБ-10", "Дата диагноза", "Взят на учет"]
    rows = [[NUMBERS[n], name, born, "C50.4", "01.02.2020", "03.02.2020"] for n, name, born in LISTED[:1]]
    done = lists.take_bytes(
        database, csv_bytes(head, rows), "register_2026-03-01.csv", region=1, author="t", kind="register_tumours",
        received_at=AT,
    )  # fmt: skip
    assert done.state == "loaded"
    with database.batch() as conn:
        return {r.enp: r.person_id for r in conn.execute("select enp, person_id from resident")}


def found(db, numbers, query):
    with db.batch() as conn:
        ids = contingent_query.found(conn, 1, query, TODAY)
    policies = {number: ENPS.index(enp) for enp, number in numbers.items()}
    return sorted(policies[id] for id in ids)


QUESTIONS = [
    (Query(), [0, 1, 2, 3, 4, 5]),
    (Query(insured=True), [0, 1, 2, 3, 4, 5]),
    (Query(insured=False), []),
    (Query(attached=(OTHER,)), [4, 5]),
    (Query(sex="male"), [2]),
    (Query(age_from=40, age_to=40), [1]),
    (Query(age_from=41), [0, 3, 4, 5]),
    (Query(insured=True, unregistered="oncology", alive=True, attached=(CLINIC,)), [1, 2, 3]),
    (Query(observed=True), [0, 3]),
    (Query(observed=True, unregistered="oncology", alive=True, attached=(CLINIC,)), [3]),
]


@pytest.mark.parametrize(("query", "who"), QUESTIONS)
def test_questions_are_asked_of_everybody(database, everybody, query, who):
    assert found(database, everybody, query) == who


def test_common_sets_hold_everybody_and_a_clinic_reads_its_own(database, everybody):
    with database.batch() as conn:
        sizes = {n: len(population.common(conn, 1, n, TODAY)) for n in ("insured", "alive", f"clinic:{OTHER}", "sex:male")}
        assert sizes == {"insured": 6, "alive": 6, f"clinic:{OTHER}": 2, "sex:male": 1}
        assert {org: len(them) for org, them in population.by_clinic(conn, 1).items()} == {CLINIC: 4, OTHER: 2}
        assert population.readable(conn, ANNA) == BitMap(everybody[ENPS[n]] for n in range(4))
        conn.execute("update person set died_on = %s where id = %s", (MARCH, everybody[ENPS[0]]))
        assert population.attached(conn, 1) == {CLINIC: 3, OTHER: 2}


def test_sets_kept_for_counts_grow_old_and_are_read_anew_for_what_is_written(database, everybody):
    """Counts while editing may be minutes old, and say so nowhere; a list that is saved is of this moment."""
    with database.batch() as conn:
        before = population.common(conn, 1, "alive", TODAY)
        assert population.readable(conn, ANNA) == population.by_clinic(conn, 1)[CLINIC]
        conn.execute("update resident set gone_on = %s where enp = %s", (APRIL, ENPS[2]))
        assert population.common(conn, 1, "alive", TODAY) == before
        now = population.common(conn, 1, "alive", TODAY, fresh=True)
        assert before - now == BitMap([everybody[ENPS[2]]])
        assert everybody[ENPS[2]] not in population.by_clinic(conn, 1)[CLINIC], "what was read anew is what counts use"
        assert everybody[ENPS[2]] not in population.readable(conn, ANNA, fresh=True)
        assert not population.is_due(conn, 1), "six people are counted when they are asked for"
        population.read_ahead(conn, 1, TODAY)
        assert len(population.common(conn, 1, "insured", TODAY)) == 5


MISSED = {"op": "minus", "of": [{"op": "all", "of": ["insured", "alive", f"clinic:{CLINIC}"]}, "register:oncology"]}


def test_in_the_fund_not_in_the_register_becomes_tasks_of_persons_who_were_none(database, everybody):
    with database.batch() as conn:
        assert conn.execute("select count(*) n from person").fetchone().n == 2
    seen = assigning.preview(database, ANNA, MISSED, TODAY)
    assert (seen.persons, seen.fresh, seen.unknown) == (3, 3, 0)
    asked = {"name": "Не на учёте", "owner": "", "due": DUE, "text": "Пригласить", "today": TODAY}
    given = assigning.give(database, ANNA, MISSED, **asked)
    assert given.persons == sorted(everybody[ENPS[n]] for n in (1, 2, 3))
    assert assigning.give(database, ANNA, MISSED, **asked).persons == []
    sweep(database, TODAY, region=1)
    with database.batch() as conn:
        tasks = conn.execute(
            """select p.family, p.snils, p.attached_org, t.owner_org from task t join person p on p.id = t.person_id
               where t.closed_at is null and t.rule like 'LIST%' order by p.family"""
        ).fetchall()
        others = conn.execute("select count(*) n from resident where subject_id is null").fetchone().n
    mine = (CLINIC, CLINIC)
    assert {tuple(t) for t in tasks} == {
        ("БЕЛОВ", NUMBERS[2], *mine), ("Котова", NUMBERS[3], *mine), ("ЁЛКИНА", NUMBERS[1], *mine),
    }  # fmt: skip
    assert others == 2, "nobody else became a person"


def test_residents_are_shown_found_by_name_and_exported(database, everybody, monkeypatch, tmp_path):
    address = contingent_lists.save(
        database, VERA, name="Все", kind="expression", definition={"expression": "insured"}, today=TODAY
    )
    everyone = BitMap(everybody.values())
    with database.web(VERA) as conn:
        shown = members.page(conn, VERA, everyone, None, 0)
        assert [(m.family, m.address is None, m.attached_name) for m in shown] == [
            ("БЕЛОВ", True, "Поликлиника № 1"), ("ЁЛКИНА", True, "Поликлиника № 1"), ("КОТОВА", True, "Поликлиника № 2"),
            ("Котова", False, "Поликлиника № 1"), ("КРОТОВА", True, "Поликлиника № 2"), ("Рябова", False, "Поликлиника № 1"),
        ]  # fmt: skip
    for longest in (members.BY_NAME, 2):  # a short list, and one too long to be sorted
        monkeypatch.setattr(members, "BY_NAME", longest)
        with database.web(VERA) as conn:
            names = [m.family for m in members.find(conn, VERA, everyone, None, "ёлкина", "")]
            numbers = [m.family for m in members.find(conn, VERA, everyone, None, "", NUMBERS[2])]
        assert (names, numbers) == (["ЁЛКИНА"], ["БЕЛОВ"])
    monkeypatch.undo()
    with database.web(ANNA) as conn:
        assert len(members.page(conn, ANNA, everyone, None, 0)) == 4, "row security cuts residents of other clinics"
    path = tmp_path / "all.csv"
    assert exporting.export(database, VERA, address, columns=["family", "snils"], kind="csv", to=path) == 6
    assert "ЁЛКИНА" in path.read_text(encoding="utf-8-sig")


def test_a_file_finds_residents_who_are_no_persons(database, everybody):
    rows = [Wanted(2, snils=NUMBERS[1]), Wanted(3, enp=ENPS[5]), Wanted(4, name="БЕЛОВ ПЁТР ИЛЬИЧ", born=date(1986, 4, 11))]
    with database.batch() as conn:
        persons, why = matching.matched(conn, 1, rows, None)
    assert (persons, why) == ({2: everybody[ENPS[1]], 3: everybody[ENPS[5]], 4: everybody[ENPS[2]]}, {})


@pytest.mark.parametrize("number", [("snils", NUMBERS[2], ""), ("enp", "", ENPS[2])])
def test_a_death_makes_a_person_of_a_resident_and_takes_them_out(database, everybody, number):
    dead = [number[1], number[2], "Белов", "Пётр", "Ильич", "11.04.1986", "М", "03.04.2026", "I21"]
    done = lists.take_bytes(
        database, csv_bytes(DEATHS_HEAD, [dead]), "deaths_2026-04.csv", region=1, author="t", received_at=AT
    )
    assert (done.state, done.counts["facts"]) == ("loaded", 1)
    with database.batch() as conn:
        (person,) = conn.execute("select id, died_on, attached_org from person where family = 'БЕЛОВ' or family = 'Белов'")
    assert tuple(person) == (everybody[ENPS[2]], date(2026, 4, 3), CLINIC)
    assert 2 not in found(database, everybody, Query(alive=True))
    assert found(database, everybody, Query(alive=False)) == [2]


def test_who_left_the_list_is_in_no_list_of_people_and_gets_no_work(database, everybody, tmp_path):
    frozen = BitMap(everybody.values())
    load(database, write(tmp_path / "b.csv", *LINES[:5]), APRIL)
    assert 5 not in found(database, everybody, Query())
    with database.batch() as conn:
        having = population.with_rows(conn, 1, frozen)
        assert everybody[ENPS[5]] not in having
        assert len(having) == 5
