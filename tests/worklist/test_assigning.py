"""From a set of persons to the inbox: previewed, given once, ended by a decision, taken back."""

from datetime import date

import pytest

from oncor_cases.actions import assigned, assigning, decide
from oncor_cases.actions import contingents as lists
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import assignments
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY

TODAY, DUE = date(2026, 3, 10), date(2026, 3, 24)
VERA = Scope(1, "vera", "coordinator")
ANNA = Scope(1, "anna", "head", (CLINIC,))
NURSE = Scope(1, "nina", "navigator", (CLINIC,))
EVERYBODY = {"op": "any", "of": ["everybody"]}


@pytest.fixture
def people(town):
    """Two living and one dead of the clinic, one of the dispensary."""
    town.ids = [town.person(), town.person(), town.person(died_on=date(2026, 3, 1)), town.person(ONCOLOGY)]
    with town.db.batch() as conn:
        conn.execute("insert into person_scope (region_id, person_id, org, reason)"
                     " select 1, id, attached_org, 'attached' from person")  # fmt: skip
        for oid, name in ((CLINIC, "Поликлиника № 1"), (ONCOLOGY, "Онкодиспансер")):
            conn.execute("insert into organisation (region_id, oid, name) values (1, %s, %s)", (oid, name))
    return town


def give(town, scope=VERA, expression=EVERYBODY, **fields):
    asked = {"name": "Все", "owner": "", "due": DUE, "text": "Пригласить на приём", "today": TODAY} | fields
    return assigning.give(town.db, scope, expression, **asked)


def test_what_is_previewed_is_what_is_given_and_giving_again_is_nothing(people):
    seen = assigning.preview(people.db, VERA, EVERYBODY, TODAY)
    assert (seen.persons, seen.fresh, seen.have, seen.dead, seen.unknown) == (4, 3, 0, 1, 0)
    assert [(c.name, c.fresh, c.dead) for c in seen.clinics] == [("Поликлиника № 1", 2, 1), ("Онкодиспансер", 1, 0)]
    assert seen.due == DUE, "ten working days are proposed"
    given = give(people)
    assert given.persons == [people.ids[0], people.ids[1], people.ids[3]]
    again = assigning.preview(people.db, VERA, EVERYBODY, TODAY)
    assert (again.fresh, again.have) == (0, 3)
    assert give(people) == assigning.Given(given.address, [])
    people.sweep(TODAY)
    assert [t[0] for t in people.tasks(columns="owner_org")] == [CLINIC, CLINIC, ONCOLOGY]


def test_a_clinic_gives_work_about_its_own_persons_to_itself(people):
    assert assigning.preview(people.db, ANNA, EVERYBODY, TODAY).persons == 3
    with pytest.raises(NotFound):
        give(people, ANNA, owner=ONCOLOGY)
    assert give(people, ANNA, owner=CLINIC).persons == people.ids[:2]
    people.sweep(TODAY)
    assert {t[0] for t in people.tasks(columns="owner_org")} == {CLINIC}


def test_the_dispensary_may_be_told_to_do_it_for_everybody(people):
    give(people, owner=ONCOLOGY)
    people.sweep(TODAY)
    assert {t[0] for t in people.tasks(columns="owner_org")} == {ONCOLOGY}
    with pytest.raises(NotFound):
        give(people, owner="1.2.3")


@pytest.mark.parametrize(
    "fields", [{"text": "  "}, {"due": date(2026, 3, 9)}, {"scope": NURSE}, {"expression": {"op": "any"}}]
)
def test_what_cannot_be_given_is_refused(people, fields):
    with pytest.raises(UserError):
        give(people, **fields)
    assert people.rows("select 1 from assignment") == []


def test_more_than_anybody_can_work_through_is_refused(people, monkeypatch):
    monkeypatch.setattr(assigning, "MOST", 3)
    with pytest.raises(UserError, match="сузьте"):
        give(people)


@pytest.fixture
def task(people):
    give(people)
    people.sweep(TODAY)
    person = people.ids[0]
    row = people.rows("select public_id from task where person_id = %s", person)[0]
    return people, person, About(people.public(person), task=row.public_id)


def test_done_and_not_needed_end_it_with_the_words_of_the_person(task):
    town, person, about = task
    assigned.done(town.db, about, note="придёт 12-го", by=NURSE, today=TODAY)
    assert tuple(town.rows("select state, closed_reason from task where person_id = %s", person)[0]) == (
        "closed", "assignment_done",
    )  # fmt: skip
    assert town.events(person) == ["opened", "assignment_done", "closed"]
    row = town.rows("select closed_by, closed_reason, closed_note from assignment where person_id = %s", person)[0]
    assert tuple(row) == ("nina", "assignment_done", "придёт 12-го")
    with pytest.raises(Conflict):
        assigned.not_needed(town.db, about, reason="поздно", by=NURSE, today=TODAY)


def test_not_needed_needs_a_reason_and_keeps_it(task):
    town, person, about = task
    with pytest.raises(UserError):
        assigned.not_needed(town.db, about, reason=" ", by=NURSE, today=TODAY)
    assigned.not_needed(town.db, about, reason="наблюдается в другом регионе", by=NURSE, today=TODAY)
    assert town.rows("select closed_reason from task where person_id = %s", person)[0][0] == "assignment_not_needed"


def test_only_work_of_a_list_ends_so(people):
    person = people.suspected()
    people.sweep(TODAY)
    with people.db.batch() as conn:
        conn.execute(
            "insert into person_scope (region_id, person_id, org, reason) values (1, %s, %s, 'attached')", (person, CLINIC)
        )
    about = About(people.public(person), task=people.rows("select public_id from task")[0][0])
    with pytest.raises(UserError):
        assigned.done(people.db, about, by=NURSE, today=TODAY)


def test_a_form_sent_twice_is_one_decision_and_a_stranger_finds_nothing(task):
    town, person, about = task
    once = About(about.person, task=about.task, once="f00d")
    for _ in range(2):
        assigned.done(town.db, once, by=NURSE, today=TODAY)
    assert town.events(person).count("assignment_done") == 1
    with pytest.raises(NotFound):
        assigned.done(town.db, about, by=Scope(1, "z", "navigator", (ONCOLOGY,)), today=TODAY)


def test_like_any_task_it_can_be_taken_snoozed_and_handed_over(task):
    town, person, about = task
    decide.took(town.db, about, by=NURSE, today=TODAY)
    decide.snooze(town.db, about, until=date(2026, 3, 16), by=NURSE, today=TODAY)
    assert town.tasks(person, "state, assignee") == [("waiting", "nina")]
    decide.hand_over(town.db, about, to_org=ONCOLOGY, by=NURSE, today=TODAY)
    town.sweep(date(2026, 3, 11))
    assert town.tasks(person, "owner_org") == [(ONCOLOGY,)]


def test_the_author_or_the_region_takes_back_what_is_open(people):
    given = give(people, ANNA, expression="everybody")
    with pytest.raises(NotFound):
        assigning.withdraw(people.db, Scope(1, "petr", "head", (CLINIC,)), given.address, given_on=TODAY,
                           text="Пригласить на приём", today=TODAY)  # fmt: skip
    with pytest.raises(NotFound):
        assigning.withdraw(people.db, ANNA, given.address, given_on=TODAY, text="Другое", today=TODAY)
    asked = {"given_on": TODAY, "text": "Пригласить на приём", "today": TODAY}
    assert assigning.withdraw(people.db, ANNA, given.address, **asked) == 2
    people.sweep(TODAY)
    assert people.tasks() == []


def test_next_months_list_gives_only_newcomers(people):
    address = lists.save(people.db, VERA, name="Живы", kind="expression", definition={"expression": "alive"}, today=TODAY)
    name = lists.name_of(address)
    assert len(give(people, expression=name).persons) == 3
    newcomer = people.person()
    lists.refresh(people.db, date(2026, 4, 10))
    assert give(people, expression=name, today=date(2026, 4, 10), due=date(2026, 4, 30)).persons == [newcomer]
    with people.db.batch() as conn:
        assert len(assignments.of(conn, 1, [newcomer])[newcomer]) == 1
