"""A region goes live with its old patients: nothing is a task until a clinic lets it in, portion by portion."""

from datetime import date

import pytest

from oncor_cases.actions import backlog, explain
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import backlog as rows
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY

LOADED, LIVE, TODAY = date(2026, 2, 27), date(2026, 3, 2), date(2026, 3, 3)
COORDINATOR = Scope(1, "olga", "coordinator")


def old(town, on: date = date(2026, 1, 12), known: date = LOADED, **person) -> int:
    one = town.person(**person)
    town.fact(one, on, "suspicion", known=known, icd10="C50.9")
    return one


@pytest.fixture
def live(town):
    """Three old patients of one clinic, one of another, and the day from which the region works."""
    for day in (12, 14, 13):
        old(town, date(2026, 1, day))
    old(town, attached=ONCOLOGY)
    with town.db.owner() as conn:
        backlog.go_live(conn, 1, LIVE, by="test")
    return town


def waiting(town, columns: str = "person_id") -> list:
    sql = f"select {columns} from backlog where released_on is null and left_on is null order by danger, due, id"
    return [row[0] for row in town.rows(sql)]


def release(town, n: int, org: str = CLINIC, today: date = TODAY, **said) -> list[int]:
    with town.db.batch() as conn:
        return backlog.release(conn, 1, org, n, today=today, by="head", **said)


def test_old_patients_wait_and_new_ones_are_tasks_at_once(live):
    fresh = live.suspected(date(2026, 2, 24))
    with live.db.owner() as conn:
        conn.execute("update fact set known_at = '2026-03-02 12:00+03' where subject_id in"
                     " (select id from subject where person_id = %s)", (fresh,))  # fmt: skip
    counts = live.sweep(TODAY)
    assert (counts["opened"], counts["failed"]) == (1, 0)
    assert [r[0] for r in live.tasks(columns="person_id")] == [fresh]
    assert len(waiting(live)) == 4
    assert explain.tasks(live.db, TODAY).rows[0]["rule"] == "DX-01"
    assert len(explain.tasks(live.db, TODAY, known_on=TODAY).rows) == 1  # computed as it is shown


def test_sweeping_again_changes_nothing(live):
    live.sweep(TODAY)
    once = live.rows("select person_id, rule, due, entered_on from backlog order by 1, 2")
    with live.db.batch() as conn:
        conn.execute("update person_change set generation = generation + 1")
    live.sweep(TODAY)
    assert live.rows("select person_id, rule, due, entered_on from backlog order by 1, 2") == once


def test_a_release_makes_tasks_of_the_most_dangerous_and_oldest(live):
    live.sweep(TODAY)
    first = waiting(live, f"case when owner_org = '{CLINIC}' then person_id end")
    first = [p for p in first if p is not None][:2]
    assert sorted(release(live, 2)) == sorted(first)
    assert live.tasks() == []  # a release opens nothing by itself: reconciliation does
    live.sweep(TODAY)
    assert sorted({r[0] for r in live.tasks(columns="person_id")}) == sorted(first)
    assert {r[0] for r in live.tasks(columns="level") if r} == {"navigator"}
    assert next(r[0] for r in live.tasks(columns="due")) < LIVE  # the true date stays
    assert len(waiting(live)) == 2
    once = live.snapshot()
    live.sweep(TODAY)
    assert live.snapshot() == once


def test_released_tasks_rise_from_the_day_of_release(live):
    live.sweep(TODAY)
    release(live, 1)
    live.sweep(TODAY)
    levels = []
    for day in range(4, 27):
        live.sweep(date(2026, 3, day))
        levels.append(next(r[0] for r in live.tasks(columns="level, rule") if r[1] == "DX-01"))
    assert levels[0] == "navigator"
    assert "head" in levels
    assert levels[-1] == "coordinator"


def test_portions_come_on_working_days_once_a_day(live):
    live.sweep(TODAY)
    with live.db.batch() as conn:
        backlog.set_pace(conn, 1, CLINIC, 1, by="head")
    friday, saturday, tuesday = date(2026, 3, 6), date(2026, 3, 7), date(2026, 3, 10)
    live.sweep(friday)
    live.sweep(friday)
    assert len({r[0] for r in live.tasks(columns="person_id")}) == 1
    live.sweep(saturday)
    assert len({r[0] for r in live.tasks(columns="person_id")}) == 1
    live.sweep(tuesday)
    assert len({r[0] for r in live.tasks(columns="person_id")}) == 2
    with live.db.batch() as conn:
        backlog.set_pace(conn, 1, CLINIC, 0, by="head")
    live.sweep(date(2026, 3, 11))
    assert len({r[0] for r in live.tasks(columns="person_id")}) == 2
    with pytest.raises(UserError), live.db.batch() as conn:
        backlog.set_pace(conn, 1, CLINIC, 100_000, by="head")


def test_a_new_document_takes_a_duty_out_of_the_backlog(live):
    live.sweep(TODAY)
    person = waiting(live)[0]
    live.fact(person, date(2026, 3, 3), "consultation", icd10="C50.9")
    live.sweep(date(2026, 3, 4))
    assert person not in waiting(live)
    assert live.rows("select left_on from backlog where person_id = %s", person)[0][0] == date(2026, 3, 4)


def test_without_the_mode_all_of_it_is_tasks(live):
    live.sweep(TODAY)
    with live.db.owner() as conn:
        backlog.go_live(conn, 1, None, by="test")
    assert waiting(live) == []
    live.sweep(TODAY)
    assert len({r[0] for r in live.tasks(columns="person_id")}) == 4


def test_a_head_sees_the_backlog_of_the_clinic_and_a_coordinator_all_of_it(live):
    live.sweep(TODAY)
    head, navigator = Scope(1, "p", "head", (CLINIC,)), Scope(1, "n", "navigator", ("1.2.9",))
    with live.db.web(head) as conn:
        assert [(d.rule, d.waiting) for d in rows.by_duty(conn, head)] == [("DX-01", 3)]
        assert conn.execute("select count(*) from backlog").fetchone()[0] == 3
    with live.db.web(COORDINATOR) as conn:
        assert [(c.org, c.waiting) for c in rows.by_clinic(conn, COORDINATOR)] == [(CLINIC, 3), (ONCOLOGY, 1)]
        assert [d.waiting for d in rows.by_duty(conn, COORDINATOR, ONCOLOGY)] == [1]
    with live.db.web(navigator) as conn:
        assert conn.execute("select count(*) from backlog").fetchone()[0] == 0


def test_two_releases_at_once_release_nothing_twice(live):
    import threading

    live.sweep(TODAY)
    found: list[int] = []
    threads = [threading.Thread(target=lambda: found.extend(release(live, 2))) for _ in range(3)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    assert len(found) == len(set(found)) <= 3


def test_two_persons_who_are_one_keep_one_row(live):
    live.sweep(TODAY)
    one, other = waiting(live)[:2]
    from datetime import UTC, datetime

    from oncor_cases.store import rekey

    with live.db.batch() as conn:
        rekey.joined(conn, 1, other, one, datetime(2026, 3, 4, tzinfo=UTC))
    assert live.rows("select count(*) from backlog where person_id = %s", other)[0][0] == 0
    assert live.rows("select count(*) from backlog where person_id = %s", one)[0][0] >= 1
