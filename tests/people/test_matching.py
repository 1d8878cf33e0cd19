"""Persons without a common number: joined by equal names, by weight, or asked about; answers hold and can be undone."""

from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import matching
from oncor_cases.kernel.errors import Conflict, UserError
from tests.intake.fakes import paper
from tests.people.insured_list import ENPS, NUMBERS, row
from tests.people.test_joins import SECOND, listed, people, rows, take

NOW = datetime(2026, 5, 1, tzinfo=UTC)


def run(db):
    return matching.run(db, 1, at=NOW)


def states(db):
    return [tuple(r) for r in rows(db, "select method, state from likeness order by id")]


def crowd(start=20, count=30):
    """People of other names and dates, so that a region is not only its patient."""
    names = ("Абрамова", "Белова", "Власова", "Громова", "Дорохова", "Ершова")
    return [
        row(ENPS[start + n], NUMBERS[start + n], family=names[n % 6], given="Вера", patronymic="Олеговна",
            born=f"19{40 + n}-05-0{1 + n % 9}")
        for n in range(count)
    ]  # fmt: skip


EQUAL = [
    {},
    {"family": "РЯБОВА", "given": "АННА", "patronymic": "ЛЬВОВНА"},
    {"family": "Pябoва"},
    {"given": "Львовна", "patronymic": "Анна"},
    {"family": "Ryabova", "given": "Anna", "patronymic": "Lvovna"},
]


@pytest.mark.parametrize("written", EQUAL)
def test_an_equal_name_date_and_sex_of_one_resident_join(database, region, tmp_path, written):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), *crowd())
    take(database, paper("A", **written))
    done = run(database)
    assert (done.equal, done.review) == (1, 0)
    assert people(database) == [(["A"], [ENPS[0]])]
    assert rows(database, "select snils, provisional from person where merged_into is null") == [(NUMBERS[0], False)]
    again = run(database)
    assert (again.equal, again.scored, again.review, again.ended, again.changed) == (0, 0, 0, 0, set())


def test_two_residents_of_one_name_are_a_question(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1]), *crowd())
    take(database, paper("A"))
    assert run(database).review == 2
    assert {state for _, state in states(database)} == {"review"}
    assert (["A"], []) in people(database)


def test_a_second_namesake_of_a_later_list_ends_the_join(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), *crowd())
    take(database, paper("A"))
    assert run(database).equal == 1
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1]), *crowd(), as_of=SECOND)
    assert run(database).ended == 1
    assert (["A"], []) in people(database)


def test_two_snils_are_never_joined_by_themselves(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), *crowd())
    take(database, paper("A", snils=NUMBERS[5]))
    run(database)
    assert {state for _, state in states(database)} <= {"review"}
    assert (["A"], []) in people(database)


def test_father_and_son_of_one_name_stay_two(database, region, tmp_path):
    man = {"family": "Рябов", "given": "Иван", "patronymic": "Иванович"}
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], **man, sex="1", born="1950-03-02"), *crowd())
    take(database, paper("A", **man, sex="male", born="1978-11-20"))
    run(database)
    assert (["A"], []) in people(database)


def test_twins_at_one_address_stay_two(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], given="Анна"), *crowd())
    take(database, paper("A", given="Алла", address="ул. Лесная, 1", local_id="7"))
    run(database)
    assert (["A"], []) in people(database)
    assert "linked" not in {state for _, state in states(database)}


def test_a_former_surname_of_an_earlier_list_joins(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], family="Котова"), *crowd())
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], family="Рябова"), *crowd(), as_of=SECOND)
    take(database, paper("A", family="Котова"))
    assert run(database).equal == 1
    assert people(database) == [(["A"], [ENPS[0]])]


def test_a_slip_in_the_date_beside_the_same_snils_is_joined_by_weight(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), *crowd())
    take(
        database, paper("A", snils=NUMBERS[0], born="1960-04-13"), paper("B", snils=NUMBERS[0], born="1960-04-13", note="2")
    )
    assert rows(database, "select state from finding where code = 'identity_conflict'") == [("open",)]
    assert run(database).scored == 1
    assert people(database) == [(["A", "B"], [ENPS[0]])]
    assert rows(database, "select state from finding where code = 'identity_conflict'") == [("settled",)]


def test_answers_hold_and_can_be_undone(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1]), *crowd())
    take(database, paper("A"))
    run(database)
    first, second = (id for (id,) in rows(database, "select id from likeness order by id"))
    with database.batch() as conn:
        with pytest.raises(UserError):
            matching.same(conn, 1, first, by="nina", reason=" ")
        matching.different(conn, 1, first, by="nina", at=NOW)
        changed = matching.same(conn, 1, second, by="nina", reason="паспорт", at=NOW)
        assert len(changed) >= 2
        with pytest.raises(Conflict):
            matching.same(conn, 1, second, by="nina", reason="ещё раз")
    ((joined,),) = rows(database, "select count(*) from resident r join subject s using (person_id) "
                        "join document d on d.subject_id = s.id")  # fmt: skip
    assert joined == 1
    run(database)
    assert [state for _, state in states(database)] == ["different", "same"]
    with database.batch() as conn:
        matching.different(conn, 1, second, by="nina", reason="ошибка", at=NOW)
    assert (["A"], []) in people(database)
    assert run(database).review == 0
    assert {a for (a,) in rows(database, "select distinct action from audit")} >= {"persons_linked", "likeness_different"}


def test_a_refused_pair_is_asked_again_when_a_value_changes(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], patronymic=""), *crowd())
    take(database, paper("A"))
    assert run(database).review == 1
    ((pair,),) = rows(database, "select id from likeness")
    with database.batch() as conn:
        matching.different(conn, 1, pair, by="nina")
    assert run(database).review == 0
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0], patronymic="Львовна"), *crowd(), as_of=SECOND)
    assert run(database).equal == 1


def test_the_clinic_is_asked_by_a_finding(database, region, tmp_path):
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], NUMBERS[1]), *crowd())
    take(database, paper("A"))
    run(database)
    pair = rows(database, "select id from likeness order by id")[0][0]
    with database.batch() as conn:
        matching.ask_clinic(conn, 1, pair, by="nina")
    assert rows(database, "select code, state from finding") == [("who_is_this", "open")]
    with database.batch() as conn:
        matching.different(conn, 1, pair, by="olga")
    assert rows(database, "select state, settled_by from finding") == [("settled", "olga")]


def test_a_newborn_with_the_mothers_policy_goes_to_its_own_row(database, region, tmp_path):
    child = {"family": "Рябов", "given": "Олег", "patronymic": "Ильич", "born": "2026-02-20"}
    listed(database, tmp_path, row(ENPS[0], NUMBERS[0]), row(ENPS[1], "", **child, sex="1"), *crowd())
    take(database, paper("A", enp=ENPS[0], **child, sex="male"))
    assert run(database).equal == 1
    assert (["A"], [ENPS[1]]) in people(database)
    assert date(2026, 2, 20) in {b for (b,) in rows(database, "select birth_date from person where merged_into is null")}


def test_each_of_many_persons_gets_a_weight_of_its_own(database, region, tmp_path):
    """Candidates are found in another order than persons are asked about."""
    many = [
        row(ENPS[n], NUMBERS[n], family=f, given=g, patronymic=p, born=f"19{60 + n}-03-1{n}")
        for n, (f, g, p) in enumerate(
            [("Зуева", "Инна", "Марковна"), ("Абрамова", "Роза", "Юрьевна"), ("Лещенко", "Нина", "Глебовна")]
        )
    ]
    take(
        database,
        paper("B", family="Лещенка", given="Нина", patronymic="Глебовна", born="1962-03-12"),
        paper("A", snils=NUMBERS[1], family="Абрамова", given="Роза", patronymic="Юрьевна", born="1961-03-12"),
        paper("C", enp=ENPS[0], family="Зуева", given="Инна", patronymic="Марковна", born="1960-03-01"),
    )
    listed(database, tmp_path, *many, *crowd())
    run(database)
    for papers, policies in people(database):
        assert papers in ([], ["A"], ["B"], ["C"])
        if papers and policies:
            assert policies == [ENPS["CAB".index(papers[0])]]
