"""Of whom died or left: nothing is agreed with them any more, and a mistake is taken back."""

from datetime import date, timedelta

import pytest

from oncor_cases.actions import decide
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import facts
from tests.worklist.conftest import CLINIC
from tests.worklist.test_decide import ANNA, TODAY

YESTERDAY, LATER = TODAY - timedelta(days=1), TODAY + timedelta(days=2)
WHO = {"by": ANNA, "today": TODAY}


@pytest.fixture
def patient(town):
    """Somebody with an open task of the own clinic, and the person alone as what a decision is about."""
    person = town.suspected()
    town.sweep(TODAY)
    return town, person, About(town.public(person))


def test_nothing_is_agreed_with_the_dead(patient):
    town, person, about = patient
    task = About(about.person, task=town.rows("select public_id from task")[0][0])
    town.fact(person, YESTERDAY, "death", evidence="list")  # the task is open until the sweep
    for refused in (
        lambda: decide.called(town.db, about, outcome="reached", channel="phone", **WHO),
        lambda: decide.appointment(town.db, about, for_="oncologist", at=LATER, **WHO),
        lambda: decide.told_result(town.db, task, on=TODAY, **WHO),
        lambda: decide.refused(town.db, task, of="treatment", documented="verbal", on=TODAY, **WHO),
        lambda: decide.done_elsewhere(town.db, task, on=TODAY, **WHO),
        lambda: decide.moved_away(town.db, about, on=TODAY, **WHO),
        lambda: decide.died_reported(town.db, about, on=date(2026, 3, 1), note="сообщила дочь", **WHO),
    ):
        with pytest.raises(UserError, match=r"умер 09\.03\.2026"):
            refused()
    assert town.rows("select count(*) from fact where author = 'anna'")[0][0] == 0


def test_what_was_before_the_death_may_still_be_recorded(patient):
    town, person, about = patient
    task = About(about.person, task=town.rows("select public_id from task")[0][0])
    town.fact(person, TODAY, "death", evidence="list")
    decide.told_result(town.db, task, on=YESTERDAY, **WHO)
    decide.called(town.db, about, outcome="reached", channel="phone", **WHO)  # in the morning of that day
    assert town.rows("select kind from fact where author = 'anna' order by id") == [("result_told",), ("contact",)]


def test_who_left_is_not_called_but_may_be_treated_there_or_die(patient):
    town, _, about = patient
    decide.moved_away(town.db, about, on=YESTERDAY, region="Тверская область", **WHO)
    for refused in (
        lambda: decide.called(town.db, about, outcome="no_answer", channel="phone", **WHO),
        lambda: decide.appointment(town.db, about, for_="visit", at=LATER, **WHO),
        lambda: decide.moved_away(town.db, about, on=TODAY, **WHO),
    ):
        with pytest.raises(UserError, match=r"выехал 09\.03\.2026"):
            refused()
    decide.died_reported(town.db, about, on=TODAY, note="сообщила дочь", **WHO)
    assert town.rows("select died_on from person") == [(TODAY,)]


@pytest.mark.parametrize("way", ["death", "moved_away"])
def test_what_people_said_by_mistake_is_taken_back_and_the_work_returns(patient, way):
    town, person, about = patient
    before = town.tasks(person)
    if way == "death":
        decide.died_reported(town.db, about, on=YESTERDAY, note="сообщила соседка", **WHO)
    else:
        decide.moved_away(town.db, about, on=YESTERDAY, **WHO)
    assert town.tasks(person) == []
    with pytest.raises(UserError, match="откуда"):
        decide.here_after_all(town.db, about, note=" ", **WHO)
    assert decide.here_after_all(town.db, about, note="ответил сам", **WHO)
    assert town.tasks(person) == before
    assert town.rows("select died_on from person") == [(None,)]
    assert town.rows("select kind, in_force from fact where author = 'anna'") == [(way, False)]
    assert town.rows("select detail ->> 'reason' from audit where action = 'taken_back'") == [("ответил сам",)]
    decide.called(town.db, about, outcome="reached", channel="phone", **WHO)


@pytest.mark.parametrize(("kind", "said"), [("death", {}), ("register_exit", {"reason": "died_of_disease"})])
def test_a_death_papers_tell_of_stands_and_the_registrar_is_asked(patient, kind, said):
    town, person, about = patient
    decide.died_reported(town.db, about, on=YESTERDAY, note="сообщила соседка", **WHO)
    town.fact(person, YESTERDAY, kind, evidence="register", **said)
    assert not decide.here_after_all(town.db, about, note="ответил сам", **WHO)
    found = "select code, detail ->> 'note', state from finding"
    assert town.rows(found) == [("death_disputed", "ответил сам", "open")]
    town.sweep(TODAY)
    assert town.rows(found)[0].state == "open"
    with town.db.batch() as conn:  # the sender corrects what it sent
        facts.take_back(conn, 1, conn.execute("select id from fact where kind = %s and in_force", (kind,)).fetchone().id)
    town.sweep(TODAY)
    assert town.rows(found) == [("death_disputed", "ответил сам", "settled")]
    assert len(town.tasks(person)) == 1


def test_a_departure_a_list_tells_of_ends_by_papers(patient):
    town, person, about = patient
    town.fact(person, YESTERDAY, "moved_away", evidence="list")
    with pytest.raises(UserError, match="явка или прикрепление"):
        decide.here_after_all(town.db, about, note="ответил сам", **WHO)
    town.fact(person, TODAY, "attached", evidence="list", org=CLINIC)
    decide.called(town.db, about, outcome="reached", channel="phone", **WHO)
    with pytest.raises(UserError, match="уже нет"):
        decide.here_after_all(town.db, about, note="ответил сам", **WHO)
