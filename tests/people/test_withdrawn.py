"""A list of insured taken back: things are as if it had never come, whoever it was about."""

from datetime import timedelta

import pytest

from oncor_cases.actions import lists
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import facts, regions
from oncor_cases.store.session import Database
from tests.intake.fakes import paper
from tests.people.insured_list import CLINIC, ENPS, NUMBERS, OTHER, row, write
from tests.people.test_joins import FIRST, LISTED, SECOND, listed, rows, take

LATER = LISTED[SECOND] + timedelta(days=3)

PATIENT, NEIGHBOUR = row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1], family="Котова")
MOVED = row(ENPS[0], NUMBERS[0], org=OTHER, since="2026-03-20")
RENAMED = row(ENPS[2], NUMBERS[1], family="Белова")  # another policy and surname of the neighbour
FRESH, AWAY = row(ENPS[3], NUMBERS[3]), row(ENPS[4], NUMBERS[4], family="Громова")
LISTS = {"first": (FIRST, 0, [PATIENT, NEIGHBOUR, AWAY]), "corrected": (FIRST, 5, [PATIENT, NEIGHBOUR]),
         "second": (SECOND, 0, [MOVED, RENAMED, FRESH])}  # fmt: skip


def send(db, folder, name):
    as_of, minute, lines = LISTS[name]
    done = listed(db, folder, *lines, as_of=as_of, minute=minute)
    assert done.state in ("loaded", "replaced"), done.error
    return done.load


def state(db):
    """Residents, what they were called before, attachments in force, states of lists; without numbers of rows."""
    return (
        rows(db, "select enp, snils, family, org, attached_since, gone_on is null from resident order by enp"),
        rows(db, "select enp, snils, family from resident_former where subject_id is null order by 1, 2, 3"),
        rows(db, "select snils, family, enp, attached_org from person where merged_into is null order by 1"),
        rows(db, """select f.on_date, f.attributes ->> 'org' from fact f where f.kind = 'attached' and f.in_force
                    order by 1, 2"""),
        sorted(s for (s,) in rows(db, "select state from list_load where state <> 'withdrawn'")),
    )  # fmt: skip


def store(fresh_url):
    db = Database(fresh_url("oncor_template"))
    with db.batch() as conn:
        regions.ensure(conn, 1, name="Край", demo=True)
    take(db, paper("A", snils=NUMBERS[0]))
    return db


@pytest.mark.parametrize("others", [("first",), ("first", "corrected")], ids=len)
@pytest.mark.parametrize("late", [False, True], ids=["in order", "the withdrawn one first"])
def test_the_list_in_force_withdrawn_is_as_if_it_had_never_come(fresh_url, tmp_path, others, late):
    plain, db = store(fresh_url), store(fresh_url)
    for name in others:
        send(plain, tmp_path, name)
    numbers = {}
    for name in ("second", *others) if late else (*others, "second"):
        numbers[name] = send(db, tmp_path, name)
    lists.withdraw(db, numbers["second"], "другой регион", region=1, by="t", at=LATER)
    assert state(db) == state(plain)
    assert rows(db, "select count(*) from pg_class where relnamespace = 'staging'::regnamespace") == [(0,)]
    for one in (plain, db):
        one.close()


def test_the_only_list_withdrawn_leaves_the_records_of_persons_alone(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]))
    lists.withdraw(database, send(database, tmp_path, "second"), "другой регион", region=1, by="t", at=LATER)
    assert rows(database, "select enp, gone_on from resident") == [(ENPS[0], SECOND)]
    assert rows(database, "select attached_org from person") == [("",)]


@pytest.mark.parametrize("name", ["first", "corrected"])
def test_an_earlier_list_withdrawn_leaves_what_the_later_one_says(fresh_url, tmp_path, name):
    others = [n for n in LISTS if n != name]
    plain, db = store(fresh_url), store(fresh_url)
    for one in others:
        send(plain, tmp_path, one)
    numbers = {one: send(db, tmp_path, one) for one in LISTS}
    lists.withdraw(db, numbers[name], "не тот файл", region=1, by="t", at=LATER)
    assert state(db)[0] == state(plain)[0]
    assert state(db)[2:] == state(plain)[2:]
    for one in (plain, db):
        one.close()


def test_what_was_known_before_the_withdrawal_stays_readable(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]))
    send(database, tmp_path, "first")
    second = send(database, tmp_path, "second")
    ((person,),) = rows(database, "select id from person")
    lists.withdraw(database, second, "другой регион", region=1, by="t", at=LATER)
    known = {}
    with database.batch() as conn:
        for day in (LISTED[FIRST], LISTED[SECOND], LATER):
            timeline = dict(facts.timelines(conn, 1, [person], day.date()))[person]
            known[day] = [f.attributes["org"] for f in timeline.known_on(day.date()) if f.kind == "attached"]
    assert list(known.values()) == [[CLINIC], [OTHER], [CLINIC]]
    with pytest.raises(Conflict):
        lists.withdraw(database, second, "ещё раз", region=1, by="t")


def test_numbers_of_people_survive_a_withdrawal(database, region, tmp_path):
    send(database, tmp_path, "first")
    before = rows(database, "select person_id from resident where snils = %s", NUMBERS[1])
    second = send(database, tmp_path, "second")
    lists.withdraw(database, second, "другой регион", region=1, by="t")
    assert rows(database, "select person_id from resident where enp = %s", ENPS[1]) == before
    again = listed(database, tmp_path, MOVED, RENAMED, FRESH, as_of=SECOND)
    assert (again.added, again.gone) == (1, 1)


def test_a_withdrawn_list_comes_again(database, region, tmp_path):
    first = send(database, tmp_path, "first")
    lists.withdraw(database, first, "не тот файл", region=1, by="t")
    assert rows(database, "select count(*) from resident") == [(0,)]
    assert send(database, tmp_path, "first") != first
    assert rows(database, "select count(*) from resident where gone_on is null") == [(3,)]
    path = write(tmp_path / "same.csv", PATIENT, NEIGHBOUR, AWAY)
    assert lists.take(database, path, region=1, author="t", kind="tfoms_insured", as_of=FIRST).duplicate
