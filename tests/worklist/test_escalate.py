"""Escalation: levels that wake are reconciled, and each rise is told once, whoever delivers."""

import threading
from datetime import date

from oncor_cases.actions.sweep import escalate
from oncor_cases.store import notices

OVERDUE = date(2026, 3, 6)
HEAD = date(2026, 3, 12)  # three working days after the first overdue day, over a long weekend


def test_escalation_reconciles_the_levels_that_wake_and_delivers_once(town):
    town.suspected()
    town.sweep(OVERDUE)
    assert escalate(town.db, date(2026, 3, 11))["delivered"] == 0
    counts = escalate(town.db, HEAD)
    assert (counts["escalated"], counts["delivered"], counts["failed"]) == (1, 1, 0)
    assert town.tasks()[0][2] == "head"
    again = escalate(town.db, HEAD)
    assert (again["persons"], again["escalated"], again["delivered"]) == (0, 0, 0)
    assert len(town.rows("select 1 from notice")) == 1


def test_a_level_reached_again_is_not_told_again(town):
    person = town.suspected()
    town.sweep(HEAD)
    with town.db.batch() as conn:
        notices.deliver(conn, 1)
    fact = town.fact(person, date(2026, 3, 11), "consultation", icd10="C50.9")
    town.sweep(HEAD)
    from oncor_cases.store import facts

    with town.db.batch() as conn:
        facts.take_back(conn, 1, fact)
    assert town.sweep(HEAD)["reopened"] == 1
    assert escalate(town.db, HEAD)["delivered"] == 0


def test_nobody_is_told_of_a_task_that_is_done(town):
    person = town.suspected()
    town.sweep(HEAD)
    town.fact(person, date(2026, 3, 11), "consultation", icd10="C50.9")
    assert escalate(town.db, HEAD)["delivered"] == 0
    assert town.rows("select 1 from notice") == []


def test_two_deliveries_at_once_tell_everybody_once(town):
    for _ in range(40):
        town.suspected()
    town.sweep(HEAD)
    told, barrier = [], threading.Barrier(2)

    def deliver():
        barrier.wait()
        with town.db.batch() as conn:
            told.append(notices.deliver(conn, 1, limit=25))

    threads = [threading.Thread(target=deliver) for _ in range(2)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    with town.db.batch() as conn:
        told.append(notices.deliver(conn, 1))
    assert sum(told) == 40
    assert town.rows("select count(*) from notice where delivered_at is null")[0][0] == 0


def test_a_recalled_rule_only_reminds(town):
    person = town.person()
    town.fact(person, date(2026, 3, 2), "diagnosis", icd10="C50.9", stage="II")
    town.sweep(date(2026, 6, 1))
    rows = town.rows("select level, norm from task where closed_at is null")
    assert {row.level for row in rows if row.norm == "recalled"} <= {"reminder"}
    assert {row.level for row in rows if row.norm == "verified"} == {"coordinator"}
