"""Residents and documents are one person whatever came first; known traps; a hypothesis over orders of loads."""

from datetime import UTC, date, datetime, timedelta
from itertools import permutations

import pytest

from oncor_cases.actions import identity
from oncor_cases.actions import lists as door
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import facts, regions
from oncor_cases.store import residents as resident_rows
from oncor_cases.store.session import Database
from tests.intake import fakes
from tests.intake.fakes import paper
from tests.lists.tables import csv_bytes
from tests.people.insured_list import CLINIC, ENPS, NUMBERS, OTHER, load, row, write

DOCUMENT = datetime(2026, 3, 3, 9, tzinfo=UTC)
FIRST, SECOND, THIRD = date(2026, 3, 1), date(2026, 4, 1), date(2026, 5, 1)
LISTED = {FIRST: datetime(2026, 3, 2, 9, tzinfo=UTC), SECOND: datetime(2026, 4, 2, 9, tzinfo=UTC),
          THIRD: datetime(2026, 5, 2, 9, tzinfo=UTC)}  # fmt: skip


def take(db, *papers, at=DOCUMENT):
    ingest(db, [Delivery("x.xml", p, at) for p in papers], region=1, reader=fakes.read)


def listed(db, folder, *lines, as_of=FIRST, minute=0):
    """`minute`: of two lists of one day the one received later is the correction."""
    path = write(folder / f"{abs(hash((lines, as_of)))}.csv", *lines)
    return load(db, path, as_of, received_at=LISTED[as_of] + timedelta(minutes=minute))


def rows(db, sql, *values):
    with db.batch() as conn:
        return [tuple(r) for r in conn.execute(sql, values).fetchall()]


def people(db):
    """Series of documents and policies of the list, by person."""
    return sorted(
        rows(
            db,
            """select array(select d.set_id from subject s join document d on d.subject_id = s.id
                            where s.person_id = p.id order by 1) papers,
                      array(select r.enp from resident r where r.person_id = p.id order by 1) policies
               from person p where merged_into is null""",
        )
    )


def test_a_document_makes_a_person_of_a_resident_with_the_residents_number(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1], family="Котова"))
    ((number,),) = rows(database, "select person_id from resident where enp = %s", ENPS[0])
    take(database, paper("A", snils=NUMBERS[0], address="ул. Лесная"))
    assert people(database) == [(["A"], [ENPS[0]])]
    assert rows(database, "select id, snils, enp, attached_org, provisional, address from person") == [
        (number, NUMBERS[0], ENPS[0], CLINIC, False, "ул. Лесная")
    ]
    assert (CLINIC, "attached") in rows(database, "select org, reason from person_scope")


def test_a_list_after_the_documents_takes_the_persons_number(database, region, tmp_path):
    take(database, paper("A", enp=ENPS[0]))
    ((number,),) = rows(database, "select id from person")
    assert listed(database, tmp_path, row(ENPS[0], NUMBERS[0], org=OTHER)).known == 1
    assert rows(database, "select person_id from resident") == [(number,)]
    assert rows(database, "select attached_org from person") == [(OTHER,)]


def test_a_resident_joins_the_two_persons_known_by_one_number_each(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]), paper("B", enp=ENPS[0]))
    assert len(people(database)) == 2
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]))
    assert people(database) == [(["A", "B"], [ENPS[0]])]


def test_the_attachment_is_known_since_the_list(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]), at=datetime(2026, 2, 1, tzinfo=UTC))
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], org=OTHER))
    ((person,),) = rows(database, "select id from person")
    with database.batch() as conn:
        then = dict(facts.timelines(conn, 1, [person], date(2026, 3, 1)))[person].facts
        later = dict(facts.timelines(conn, 1, [person], date(2026, 3, 2)))[person].facts
    assert [f.kind for f in then] == ["suspicion"]
    assert {(f.kind, f.evidence) for f in later} == {("suspicion", "document"), ("attached", "list")}


def test_who_left_the_list_is_attached_no_more(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]))
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1]))
    listed(database, tmp_path, row(ENPS[1]), as_of=SECOND)
    assert rows(database, "select attached_org from person") == [("",)]
    assert rows(database, "select gone_on from resident where enp = %s", ENPS[0]) == [(SECOND,)]


def test_an_old_policy_still_finds_its_person(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[9]))
    listed(database, tmp_path, row(ENPS[1], NUMBERS[0]), row(ENPS[9]), as_of=SECOND)
    take(database, paper("A", enp=ENPS[0]), paper("B", enp=ENPS[1]))
    assert people(database) == [(["A", "B"], [ENPS[1]])]


def test_two_rows_of_the_list_joined_by_a_document_are_one_person_and_come_apart_again(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0]), row(ENPS[1], NUMBERS[1]))
    take(database, paper("A", enp=ENPS[0], snils=NUMBERS[1]))
    assert people(database) == [(["A"], ENPS[:2])]
    ((person, subject),) = rows(database, "select person_id, subject_id from resident where enp = %s", ENPS[0])
    with database.batch() as conn:
        identity.unlink(conn, 1, person, [subject], reason="другой человек", by="nina")
    assert len({p for (p,) in rows(database, "select person_id from resident")}) == 2


def test_residents_become_persons_before_a_task_concerns_them(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1]), row(ENPS[2]))
    numbers = [p for (p,) in rows(database, "select person_id from resident order by enp")]
    with database.batch() as conn:
        assert resident_rows.of_persons(conn, 1, numbers[:2]) == sorted(numbers[:2])
        assert resident_rows.of_persons(conn, 1, numbers[:2]) == []
    assert rows(database, "select id, family, attached_org from person order by id") == [
        (n, "Рябова", CLINIC) for n in sorted(numbers[:2])
    ]


# --- known traps ----------------------------------------------------------------------------------------------------


def test_the_mothers_policy_on_the_newborns_document_joins_nobody(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], born="1995-04-12"))
    take(database, paper("A", enp=ENPS[0], given="Мальчик", patronymic="", sex="male", born="2026-02-20"))
    assert people(database) == [([], [ENPS[0]]), (["A"], [])]
    assert [code for (code,) in rows(database, "select code from finding where state = 'open'")] == ["identity_conflict"]


def test_one_snils_on_two_residents_is_two_persons_and_a_question(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[0], born="1983-07-01", family="Котова"))
    take(database, paper("A", enp=ENPS[0]), paper("B", enp=ENPS[1], born="1983-07-01", family="Котова"))
    take(database, paper("C", snils=NUMBERS[0]))
    assert people(database) == [(["A", "C"], [ENPS[0]]), (["B"], [ENPS[1]])]
    assert rows(database, "select code, state from finding") == [("identity_conflict", "open")]


def test_one_person_with_two_snils_is_joined_by_the_policy(database, region, tmp_path):
    take(database, paper("A", snils=NUMBERS[0]), paper("B", snils=NUMBERS[1], enp=ENPS[0]))
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]))
    assert people(database) == [(["A", "B"], [ENPS[0]])]


def test_twins_with_numbers_of_their_own_stay_two(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], given="Анна"), row(ENPS[1], NUMBERS[1], given="Алла"))
    home = {"address": "ул. Лесная, 1"}
    take(database, paper("A", snils=NUMBERS[0], **home), paper("B", snils=NUMBERS[1], given="Алла", **home))
    assert people(database) == [(["A"], [ENPS[0]]), (["B"], [ENPS[1]])]


# --- the order of loads -----------------------------------------------------------------------------------------------


def _state(db):
    found = rows(
        db,
        """select array(select d.set_id from subject s join document d on d.subject_id = s.id
                        where s.person_id = p.id order by 1) papers,
                  array(select r.enp || '|' || r.org || '|' || coalesce(r.gone_on::text, '') || '|' || r.snils || r.family
                        from resident r where r.person_id = p.id order by 1) policies,
                  p.family, p.birth_date, p.sex, p.attached_org, p.provisional
           from person p where merged_into is null and exists (
               select from subject s join document d on d.subject_id = s.id where s.person_id = p.id)""",
    )
    listed = rows(
        db,
        """select enp, snils, born, org, gone_on, family,
                  array(select f.enp || f.snils || f.family from resident_former f
                        where f.person_id = r.person_id order by 1)
           from resident r order by enp""",
    )
    findings = rows(db, "select code, key, state from finding order by 1, 2")
    return sorted(map(repr, found)), listed, findings


def _store(fresh_url, tmp_path, steps):
    db = Database(fresh_url("oncor_template"))
    with db.batch() as conn:
        regions.ensure(conn, 1, name="Край", demo=True)
    for step in steps:
        step(db, tmp_path)
    return _state(db)


def _papers(db, _):
    take(db, paper("A", snils=NUMBERS[0]), paper("B", enp=ENPS[0]), paper("C", enp=ENPS[2], family="Котова"))


def _late_papers(db, _):
    take(db, paper("D", enp=ENPS[4], snils=NUMBERS[2], family="Котова"), paper("E", enp=ENPS[3], born="2020-01-01"))


def _first_list(db, folder):
    listed(
        db, folder, row(ENPS[0], NUMBERS[0]), row(ENPS[2], NUMBERS[2], family="Котова", org=OTHER),
        row(ENPS[3], NUMBERS[3]), row(ENPS[5], NUMBERS[5]), row(ENPS[7], ""),
    )  # fmt: skip


def _corrected_list(db, folder):
    """Another clinic, a surname, a SNILS that was missing."""
    listed(
        db, folder, row(ENPS[0], NUMBERS[0], org=OTHER, since="2026-02-02"),
        row(ENPS[2], NUMBERS[2], family="Котова", org=OTHER), row(ENPS[3], NUMBERS[3], family="Рябцева"),
        row(ENPS[5], NUMBERS[5]), row(ENPS[7], NUMBERS[7]), minute=1,
    )  # fmt: skip


def _next_list(db, folder):
    """A month later: a new policy, one is gone, one is new."""
    listed(
        db, folder, row(ENPS[0], NUMBERS[0], org=OTHER, since="2026-02-02"),
        row(ENPS[4], NUMBERS[2], family="Котова", org=OTHER), row(ENPS[3], NUMBERS[3], family="Рябцева"),
        row(ENPS[7], NUMBERS[7]), row(ENPS[8], NUMBERS[8]), as_of=SECOND,
    )  # fmt: skip


def _last_list(db, folder):
    """A month later: one is back, two are gone."""
    listed(
        db, folder, row(ENPS[0], NUMBERS[0], org=OTHER, since="2026-02-02"),
        row(ENPS[4], NUMBERS[2], family="Котова", org=OTHER), row(ENPS[3], NUMBERS[3], family="Рябцева"),
        row(ENPS[5], NUMBERS[5], org=OTHER), as_of=THIRD,
    )  # fmt: skip


ORDERS = list(permutations([_papers, _late_papers, _first_list, _corrected_list, _next_list, _last_list]))


@pytest.fixture(scope="module")
def expected():
    return {}


@pytest.mark.parametrize("order", ORDERS[1::31], ids=lambda o: "-".join(f.__name__[1:4] for f in o))
def test_any_order_of_loads_gives_the_same_persons_and_attachments(fresh_url, tmp_path, expected, order):
    if not expected:
        expected["state"] = _store(fresh_url, tmp_path, ORDERS[0])
    found = _store(fresh_url, tmp_path, order)
    for part, wanted in zip(found, expected["state"], strict=True):
        assert part == wanted


@pytest.mark.parametrize("first", ["list", "death"])
def test_a_newborn_dead_under_its_mothers_policy_is_a_question_and_nobodys_death(database, region, tmp_path, first):
    """The birth date of the row cannot be read, so the name alone says that it is not the mother."""
    head = ["Полис ОМС", "Фамилия", "Имя", "Дата рождения", "Пол", "Дата смерти", "Причина смерти"]

    def death():
        done = door.take_bytes(
            database, csv_bytes(head, [[ENPS[0], "Рябова", "Девочка", "31.02.2025", "Ж", "03.10.2025", "P07"]]),
            "deaths_2025-10.csv", region=1, author="t", sender="ЗАГС", received_at=DOCUMENT,
        )  # fmt: skip
        assert done.state == "loaded"

    steps = [death, lambda: listed(database, tmp_path, row(ENPS[0], NUMBERS[0], born="1995-04-12", given="Ольга"))]
    for step in steps if first == "death" else reversed(steps):
        step()
    take(database, paper("M", snils=NUMBERS[0], given="Ольга", born="1995-04-12"))
    persons = rows(database, "select id, given, died_on from person where merged_into is null order by given")
    assert [one[1:] for one in persons] == [("Девочка", date(2025, 10, 3)), ("Ольга", None)]
    assert rows(database, "select person_id from resident") == [(persons[1][0],)]
    assert rows(database, "select code, state from finding") == [("identity_conflict", "open")]
