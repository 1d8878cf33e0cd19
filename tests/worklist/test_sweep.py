"""The sweep on a real PostgreSQL: what it writes, what it leaves alone, and who may get in its way."""

import threading
from datetime import date

import pytest

from oncor_cases.kernel.errors import Conflict, NotFound
from oncor_cases.store import board, facts, inbox
from oncor_cases.store.session import Scope

FRIDAY_IN_TIME = date(2026, 3, 5)  # DX-01 of a suspicion on Monday 2026-03-02: three working days
OVERDUE = date(2026, 3, 6)


def test_a_task_opens_on_the_first_day_after_the_due_date(town):
    person = town.suspected()
    assert town.sweep(FRIDAY_IN_TIME)["opened"] == 0
    assert town.tasks() == []
    counts = town.sweep(OVERDUE)
    assert (counts["persons"], counts["opened"], counts["failed"]) == (1, 1, 0)
    assert town.tasks(person) == [("DX-01", date(2026, 3, 5), "navigator", "open")]
    assert town.events(person) == ["opened"]


def test_sweeping_twice_equals_sweeping_once(town):
    town.suspected()
    town.sweep(OVERDUE)
    once, views = town.snapshot(), town.rows("select view from pathway_view")
    again = town.sweep(OVERDUE)
    assert again["persons"] == 0
    with town.db.batch() as conn:
        facts.changed(conn, 1, [row[0] for row in town.rows("select id from person")])
    third = town.sweep(OVERDUE)
    assert third["persons"] == 1
    assert (third["opened"], third["changed"], third["closed"], third["reopened"]) == (0, 0, 0, 0)
    assert town.snapshot() == once
    assert town.rows("select view from pathway_view") == views


def test_a_document_closes_the_task_with_its_fact(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    fact = town.fact(person, date(2026, 3, 6), "consultation", icd10="C50.9")
    counts = town.sweep(date(2026, 3, 10))
    assert counts["closed"] == 1
    row = town.rows("select state, closed_on, closed_by, closed_reason, closing_fact from task where rule = 'DX-01'")[0]
    assert tuple(row) == ("closed", date(2026, 3, 10), "sweep", "late", fact)


def test_a_withdrawn_document_reopens_the_same_task(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    fact = town.fact(person, date(2026, 3, 6), "consultation", icd10="C50.9")
    town.sweep(date(2026, 3, 10))
    with town.db.batch() as conn:
        facts.take_back(conn, 1, fact)
    counts = town.sweep(date(2026, 3, 11))
    assert counts["reopened"] == 1
    assert len(town.rows("select 1 from task where rule = 'DX-01'")) == 1
    assert town.events(person)[:3] == ["opened", "closed", "reopened"]


def test_a_corrected_date_changes_the_due_date_of_the_same_task(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    before = town.rows("select id, episode from task")
    with town.db.batch() as conn:
        facts.take_back(conn, 1, int(town.rows("select id from fact")[0][0]))
    town.fact(person, date(2026, 3, 3), "suspicion", icd10="C50.9")
    counts = town.sweep(date(2026, 3, 10))
    assert counts["changed"] == 1
    assert town.rows("select id, episode from task") == before
    assert town.tasks(person)[0][1] == date(2026, 3, 6)


def test_the_level_rises_by_the_calendar_and_is_told_once(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    for day in range(7, 32):
        town.sweep(date(2026, 3, day))
    kinds = town.events(person)
    assert kinds.count("escalated") >= 2
    levels = [
        row[0]
        for row in town.rows(
            "select n.level from notice n join task t on t.id = n.task_id where t.rule = 'DX-01' order by n.id"
        )
    ]
    assert levels == ["head", "coordinator"]


def test_only_who_changed_or_woke_is_looked_at(town):
    quiet = town.suspected()
    loud = town.suspected()
    town.sweep(date(2026, 3, 3))
    wakes = town.rows("select wakes_on from person_change where person_id = %s", quiet)[0][0]
    assert wakes == OVERDUE
    town.fact(loud, date(2026, 3, 3), "consultation", icd10="C50.9")
    assert town.sweep(date(2026, 3, 4))["persons"] == 1
    assert town.sweep(date(2026, 3, 5))["persons"] == 0
    assert town.sweep(OVERDUE)["persons"] >= 1


def test_a_change_that_comes_during_the_sweep_stays_due(town, monkeypatch):
    person = town.suspected()
    from oncor_cases.store import views

    write = views.write

    def and_meanwhile(*given):
        town.fact(person, date(2026, 3, 5), "consultation", icd10="C50.9")
        return write(*given)

    monkeypatch.setattr(views, "write", and_meanwhile)
    town.sweep(OVERDUE)
    monkeypatch.undo()
    assert len(town.tasks(person)) == 1
    assert town.sweep(OVERDUE)["closed"] == 1


def test_one_bad_record_never_stops_the_run(town, broken_follow, caplog):
    good = [town.suspected() for _ in range(3)]
    bad = town.suspected(birth_date=date(1900, 1, 1))
    counts = town.sweep(OVERDUE, follow=broken_follow)
    assert (counts["persons"], counts["opened"], counts["failed"]) == (4, 3, 1)
    assert {row[0] for row in town.rows("select person_id from task")} == set(good)
    (finding,) = town.rows("select code, person_id, detail ->> 'failure' as why from finding")
    assert (finding.code, finding.person_id) == ("sweep_failed", bad)
    assert "ZeroDivisionError" in finding.why
    assert "1900" not in finding.why + caplog.text
    assert town.sweep(OVERDUE)["opened"] == 1  # it stayed due; the cause is gone now
    assert town.rows("select state from finding")[0][0] == "settled"


def test_a_record_the_database_refuses_is_found_among_its_batch(town):
    town.suspected()
    bad = town.suspected()
    from dataclasses import replace

    from oncor_cases.workflows.catalogue import follow

    def no_such_norm(timeline, *rest, **known):
        views, person = follow(timeline, *rest, **known)
        if timeline.patient.id != str(bad):
            return views, person
        return [replace(v, clocks=tuple(replace(c, norm="?") for c in v.clocks)) for v in views], person

    counts = town.sweep(OVERDUE, follow=no_such_norm)
    assert (counts["opened"], counts["failed"]) == (1, 1)


def test_no_task_is_without_an_owner(town):
    person = town.person(attached="")
    with town.db.batch() as conn:  # told by a user, who is no organisation
        facts.state(conn, 1, person, "suspicion", date(2026, 3, 2), {"icd10": "C50.9"}, author="anna")
    assert town.sweep(OVERDUE)["failed"] == 0
    assert town.tasks(person, "owner_org") == [("регион",)]
    coordinator, navigator = Scope(1, "olga", "coordinator"), Scope(1, "anna", "navigator", ("1.2.3",))
    with town.db.web(coordinator) as conn:
        assert [row.owner_name for row in inbox.page(conn, coordinator, inbox.Filters(), OVERDUE, None)] == ["регион"]
        assert inbox.counts(conn, coordinator, OVERDUE).clinic == 1
        assert [(row.name, row.tasks) for row in board.by_clinic(conn, coordinator, OVERDUE)] == [("регион", 1)]
        asked = inbox.Filters(clinic="регион")
        assert len(inbox.page(conn, coordinator, asked, OVERDUE, None)) == 1
    with town.db.web(navigator) as conn:
        assert inbox.page(conn, navigator, inbox.Filters(), OVERDUE, None) == []


def test_two_sweeps_at_once_double_nothing(town):
    for _ in range(60):
        town.suspected()
    found, barrier = [], threading.Barrier(3)

    def one():
        barrier.wait()
        found.append(town.sweep(OVERDUE))

    threads = [threading.Thread(target=one) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == 3
    assert sum(c["opened"] for c in found) == 60
    assert sum(c["failed"] for c in found) == 0
    assert len(town.tasks()) == 60
    assert len(town.rows("select 1 from task_event where kind = 'opened'")) == 60


def test_two_processes_write_what_one_would(town, monkeypatch):
    from oncor_cases.actions import sweep as module

    monkeypatch.setattr(module, "ALONE_BELOW", 1)
    monkeypatch.setattr(module, "BATCH", 7)
    for _ in range(30):
        town.suspected()
    counts = town.sweep(OVERDUE, workers=2)
    assert (counts["persons"], counts["opened"], counts["failed"]) == (30, 30, 0)


def test_a_day_before_the_last_sweep_is_refused(town, demo_town):
    town.sweep(OVERDUE)
    with pytest.raises(Conflict):
        town.sweep(date(2026, 3, 5))
    with pytest.raises(Conflict):
        town.sweep(date(2026, 3, 5), rewind=True)


def test_a_demo_can_be_wound_back(demo_town):
    town = demo_town
    person = town.suspected()
    town.sweep(OVERDUE)
    then = town.snapshot()
    town.fact(person, date(2026, 3, 9), "consultation", known=date(2026, 3, 10), icd10="C50.9")
    town.sweep(date(2026, 3, 10))
    assert not [t for t in town.tasks() if t[0] == "DX-01"]
    with pytest.raises(Conflict):
        town.sweep(OVERDUE)
    town.sweep(OVERDUE, rewind=True)
    assert town.snapshot() == then
    town.sweep(date(2026, 3, 10))
    assert not [t for t in town.tasks() if t[0] == "DX-01"]


def test_an_unknown_region_is_said_so(database):
    from oncor_cases.actions.sweep import sweep

    with pytest.raises(NotFound):
        sweep(database, OVERDUE, region=9)
