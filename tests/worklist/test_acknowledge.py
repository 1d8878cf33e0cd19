"""Heads' words on a real PostgreSQL: the level is held to the chosen day, absences move who may speak, leavers nothing."""

from datetime import date, timedelta

import pytest

from oncor_cases.actions import absences, accounts, acknowledge, decide, explain
from oncor_cases.actions.decide import About
from oncor_cases.actions.sweep import escalate
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import notices
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY

HEAD_DAY, COORDINATOR_DAY = date(2026, 3, 12), date(2026, 3, 23)
HEAD = Scope(1, "petr", "head", (CLINIC,))
ANNA = Scope(1, "anna", "navigator", (CLINIC,))
BORIS = Scope(1, "boris", "navigator", (CLINIC,))
UNTIL = date(2026, 3, 27)
WORD = {"reason": "equipment", "note": "аппарат в ремонте", "until": UNTIL}


@pytest.fixture
def staff(town):
    """Accounts of the clinic, of another clinic and of the region."""
    with town.db.batch() as conn:
        for login, role, orgs in (
            ("petr", "head", [CLINIC]), ("anna", "navigator", [CLINIC]), ("boris", "navigator", [CLINIC]),
            ("zoya", "navigator", [ONCOLOGY]), ("vera", "coordinator", []),
        ):  # fmt: skip
            conn.execute(
                "insert into user_account (region_id, login, name, password_hash, role, orgs)"
                " values (1, %s, %s, '', %s, %s)",
                (login, login.title(), role, orgs),
            )
    return town


@pytest.fixture
def case(staff):
    """A task that has reached the head today."""
    person = staff.suspected()
    staff.sweep(HEAD_DAY)
    return staff, person, About(staff.public(person), task=staff.rows("select public_id from task")[0][0])


def level(town):
    return town.rows("select level from task where closed_at is null and rule = 'DX-01'")[0][0]


def test_the_level_is_held_until_the_day_and_rises_after_it(case):
    town, person, about = case
    assert level(town) == "head"
    acknowledge.acknowledge(town.db, about, **WORD, by=HEAD, today=HEAD_DAY)
    day = HEAD_DAY
    while day <= UNTIL:
        town.sweep(day)
        assert level(town) == "head", day
        day += timedelta(days=1)
    town.sweep(day)
    assert level(town) == "coordinator"
    rose = town.rows("select e.on_day, e.level from task_event e join task t on t.id = e.task_id"
                     " where e.kind = 'escalated' and t.rule = 'DX-01' and t.person_id = %s", person)  # fmt: skip
    assert [tuple(r) for r in rose] == [(UNTIL + timedelta(days=1), "coordinator")]


def test_the_person_wakes_the_day_after_and_not_before_when_nothing_else_happens(case):
    town, person, about = case
    acknowledge.acknowledge(town.db, about, **WORD, by=HEAD, today=HEAD_DAY)
    town.sweep(COORDINATOR_DAY)  # natural rise: evaluated, held
    assert level(town) == "head"
    wakes = town.rows("select min(wakes_on) from pathway_view where person_id = %s", person)[0][0]
    assert wakes <= UNTIL + timedelta(days=1)


def test_the_history_says_who_why_and_until_when(case):
    town, person, about = case
    acknowledge.acknowledge(town.db, about, **WORD, by=HEAD, today=HEAD_DAY)
    row = town.rows("select author, data from task_event where kind = 'acknowledged'")[0]
    assert (row.author, row.data) == ("petr", {"reason": "equipment", "note": "аппарат в ремонте", "until": "2026-03-27"})
    audit = town.rows("select action, author, person_id from audit order by id desc limit 1")[0]
    assert tuple(audit) == ("decision.acknowledged", "petr", person)


def test_withdrawn_the_level_is_at_once_what_it_would_have_been(case):
    town, _, about = case
    acknowledge.acknowledge(town.db, about, **WORD, by=HEAD, today=HEAD_DAY)
    town.sweep(COORDINATOR_DAY)
    assert level(town) == "head"
    acknowledge.withdraw(town.db, about, by=HEAD, today=COORDINATOR_DAY)
    assert level(town) == "coordinator"
    with pytest.raises(UserError):
        acknowledge.withdraw(town.db, about, by=HEAD, today=COORDINATOR_DAY)


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "нет такой"}, {"note": " "}, {"until": HEAD_DAY}, {"until": date(2026, 9, 1)},
    ],
)  # fmt: skip
def test_what_cannot_be_said(case, wrong):
    town, _, about = case
    with pytest.raises(UserError):
        acknowledge.acknowledge(town.db, about, **(WORD | wrong), by=HEAD, today=HEAD_DAY)
    assert town.rows("select 1 from acknowledgement") == []


def test_a_navigator_answers_for_nothing_and_another_clinic_sees_nothing(case):
    town, _, about = case
    with pytest.raises(UserError):
        acknowledge.acknowledge(town.db, about, **WORD, by=ANNA, today=HEAD_DAY)
    with pytest.raises(NotFound):
        acknowledge.acknowledge(town.db, about, **WORD, by=Scope(1, "x", "head", (ONCOLOGY,)), today=HEAD_DAY)


def test_several_at_once_and_what_is_out_of_scope_is_said(staff):
    for _ in range(3):
        staff.suspected()
    other = staff.suspected(attached=ONCOLOGY)
    staff.sweep(HEAD_DAY)
    tasks = [row[0] for row in staff.rows("select public_id from task where rule = 'DX-01' order by id")]
    with staff.db.batch() as conn:
        conn.execute("update task set owner_org = %s where person_id = %s", (ONCOLOGY, other))
    outcome = acknowledge.acknowledge_several(staff.db, tasks, **WORD, by=HEAD, today=HEAD_DAY)
    assert outcome.done == 3
    assert len(outcome.refused) == 1


def test_whoever_stands_in_for_the_head_may_speak_and_is_told(case):
    town, _, about = case
    absences.register(town.db, "petr", "anna", HEAD_DAY, date(2026, 3, 20), by=HEAD, today=HEAD_DAY)
    assert escalate(town.db, HEAD_DAY)["delivered"] == 1
    assert [tuple(r) for r in town.rows("select login, stands_for from notice_recipient")] == [("anna", "petr")]
    acknowledge.acknowledge(town.db, about, **WORD, by=ANNA, today=HEAD_DAY)
    assert town.rows("select author from acknowledgement")[0][0] == "anna"
    with pytest.raises(UserError):
        acknowledge.acknowledge(town.db, about, **WORD, by=ANNA, today=date(2026, 3, 21))


def test_a_substitute_takes_what_the_absent_colleague_has_in_hand(case):
    town, person, about = case
    decide.took(town.db, about, by=ANNA, today=HEAD_DAY)
    with pytest.raises(Conflict):
        decide.took(town.db, about, by=BORIS, today=HEAD_DAY)
    number = absences.register(town.db, "anna", "boris", HEAD_DAY, date(2026, 3, 20), by=ANNA, today=HEAD_DAY)
    decide.took(town.db, about, by=BORIS, today=HEAD_DAY)
    assert town.tasks(person, "state, assignee") == [("taken", "boris")]
    absences.remove(town.db, number, by=ANNA, today=HEAD_DAY)
    assert town.rows("select withdrawn_by from absence")[0][0] == "anna"


@pytest.mark.parametrize(
    ("login", "substitute", "by", "error"),
    [
        ("anna", "zoya", ANNA, UserError),  # another clinic would see more than it may
        ("anna", "anna", ANNA, UserError),
        ("anna", "nobody", ANNA, UserError),
        ("boris", "anna", ANNA, NotFound),  # of somebody else
        ("vera", "petr", Scope(1, "vera", "coordinator", ()), UserError),
    ],
)
def test_who_may_not_stand_in_or_say_so(staff, login, substitute, by, error):
    with pytest.raises(error):
        absences.register(staff.db, login, substitute, HEAD_DAY, HEAD_DAY, by=by, today=HEAD_DAY)
    assert staff.rows("select 1 from absence") == []


def test_absences_do_not_overlap_and_a_head_may_write_those_of_the_clinic(staff):
    absences.register(staff.db, "anna", "boris", HEAD_DAY, date(2026, 3, 20), by=HEAD, today=HEAD_DAY)
    with pytest.raises(Conflict):
        absences.register(staff.db, "anna", "boris", date(2026, 3, 20), date(2026, 3, 25), by=ANNA, today=HEAD_DAY)


def test_a_leavers_tasks_return_to_the_clinic_in_the_same_transaction(case):
    town, person, about = case
    decide.took(town.db, about, by=ANNA, today=HEAD_DAY)
    assert accounts.close(town.db, "anna", today=HEAD_DAY) == 1
    assert town.tasks(person, "state, assignee") == [("open", "")]
    assert town.events(person)[-1] == "returned"
    assert town.sweep(HEAD_DAY)["changed"] == 0


def test_or_with_the_next_sweep(case):
    town, person, about = case
    decide.took(town.db, about, by=ANNA, today=HEAD_DAY)
    accounts.close(town.db, "anna")
    assert town.tasks(person, "state, assignee") == [("taken", "anna")]
    town.sweep(HEAD_DAY)
    assert town.tasks(person, "state, assignee") == [("open", "")]


def test_notices_go_to_heads_then_coordinators_and_to_whoever_has_the_task(case):
    town, _, about = case
    decide.took(town.db, about, by=ANNA, today=HEAD_DAY)
    escalate(town.db, HEAD_DAY)
    assert [r[0] for r in town.rows("select login from notice_recipient order by id")] == ["anna", "petr"]
    escalate(town.db, COORDINATOR_DAY)
    told = town.rows(
        "select r.login from notice_recipient r join notice n on n.id = r.notice_id where n.level = 'coordinator' order by 1"
    )
    assert {r[0] for r in told} == {"anna", "petr", "vera"}


def test_a_clinic_without_a_head_tells_the_coordinators(case):
    town, _, _ = case
    accounts.close(town.db, "petr")
    escalate(town.db, HEAD_DAY)
    assert [r[0] for r in town.rows("select login from notice_recipient")] == ["vera"]


def test_a_notice_is_read_by_its_reader_alone(case):
    town, _, _ = case
    escalate(town.db, HEAD_DAY)
    with town.db.web(HEAD) as conn:
        (told,) = notices.mine(conn, HEAD, HEAD_DAY)
        assert told.unread
        assert conn.execute("select count(*) from notice_recipient").fetchone()[0] == 1
    with town.db.web(ANNA) as conn:
        assert conn.execute("select count(*) from notice_recipient").fetchone()[0] == 0
    with town.db.batch() as conn:
        assert notices.read(conn, ANNA) == 0
        assert notices.read(conn, HEAD, [told.id]) == 1


def test_known_on_hides_a_later_word_and_a_later_withdrawal(demo_town):
    town = demo_town
    person = town.suspected()
    with town.db.batch() as conn:
        sql = "insert into user_account (region_id, login, password_hash, role, orgs) values (1, 'petr', '', 'head', %s)"
        conn.execute(sql, ([CLINIC],))
    town.sweep(HEAD_DAY)
    about = About(town.public(person), task=town.rows("select public_id from task")[0][0])
    acknowledge.acknowledge(town.db, about, **WORD, by=HEAD, today=HEAD_DAY)
    town.sweep(date(2026, 3, 24))
    acknowledge.withdraw(town.db, about, by=HEAD, today=date(2026, 3, 25))

    def then(day, known):
        return [r["level"] for r in explain.tasks(town.db, day, known_on=known).rows if r["rule"] == "DX-01"]

    assert then(date(2026, 3, 24), date(2026, 3, 11)) == ["coordinator"]
    assert then(date(2026, 3, 24), date(2026, 3, 24)) == ["head"]
    assert then(date(2026, 3, 25), date(2026, 3, 25)) == ["coordinator"]
    for day in (HEAD_DAY, date(2026, 3, 24), date(2026, 3, 25)):
        shown = [(r["rule"], r["level"]) for r in explain.shown(town.db, day).rows]
        assert shown == [(r["rule"], r["level"]) for r in explain.tasks(town.db, day, known_on=day).rows]
