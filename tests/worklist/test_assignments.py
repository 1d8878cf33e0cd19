"""Work given over a list becomes tasks by the sweep alone, on a real PostgreSQL."""

from datetime import date

import pytest

from oncor_cases.actions import explain
from oncor_cases.store import assignments, differences, facts, rekey
from oncor_cases.store.assignments import Ask, Renewal, Source
from tests.worklist.conftest import CLINIC, ONCOLOGY

GIVEN, DUE = date(2026, 3, 10), date(2026, 3, 20)
LIST = Source("contingent", "11111111-1111-1111-1111-111111111111", "ТФОМС, март")
RC = Source("comparison", "register-documents", "Регистр и документы")


def give(town, persons, source=LIST, on=GIVEN, **fields):
    with town.db.batch() as conn:
        asks = [Ask(p, "LIST-01", fields.get("due", DUE), "Пригласить", fields.get("owner", "")) for p in persons]
        return assignments.give(conn, 1, source, asks, given_on=on, author="vera")


def close(town, **fields):
    (row,) = town.rows("select id from assignment where closed_at is null")
    with town.db.batch() as conn:
        return assignments.close(conn, 1, row.id, by="anna", **fields)


def test_given_work_is_a_task_of_the_clinic_of_attachment_and_twice_is_once(town):
    person, other = town.person(), town.person(attached="")
    assert len(give(town, [person, other])) == 2
    assert give(town, [person, other]) == []
    town.sweep(GIVEN)
    assert town.tasks(person) == [("LIST-01", DUE, "navigator", "open")]
    assert town.tasks(person, "owner_org, pathway, norm, because ->> 'asked'") == [
        (CLINIC, "lists", "product", "Пригласить")
    ]
    assert town.tasks(other, "owner_org") == [("регион",)]
    before = town.snapshot()
    with town.db.batch() as conn:
        conn.execute("update person_change set generation = generation + 1")
    town.sweep(GIVEN)
    assert town.snapshot() == before
    scope = town.rows("select org, reason from person_scope where person_id = %s", person)
    assert [tuple(r) for r in scope] == [(CLINIC, "task")]


def test_it_rises_after_its_due_date_by_waking_alone(town):
    person = town.person()
    give(town, [person])
    town.sweep(GIVEN)
    for day in range(11, 32):
        town.sweep(date(2026, 3, day))
    assert town.tasks(person, "level") == [("head",)]
    assert town.events(person) == ["opened", "escalated"]


def test_work_for_a_later_day_opens_on_that_day(town):
    person = town.person()
    give(town, [person], on=date(2026, 3, 16))
    assert town.sweep(GIVEN)["opened"] == 0
    assert town.sweep(date(2026, 3, 13))["persons"] == 0
    assert town.sweep(date(2026, 3, 16))["opened"] == 1


def test_whatever_ends_it_is_the_reason_of_the_task(town):
    person = town.person()
    give(town, [person])
    town.sweep(GIVEN)
    assert close(town, on=date(2026, 3, 11), reason="assignment_done", note="записана") == person
    town.sweep(date(2026, 3, 11))
    assert town.rows("select state, closed_reason from task")[0] == ("closed", "assignment_done")
    assert len(give(town, [person], on=date(2026, 3, 12), due=date(2026, 4, 1))) == 1, "the next month's list asks again"
    town.sweep(date(2026, 3, 12))
    assert [tuple(r) for r in town.rows("select rule, state from task order by id")] == [
        ("LIST-01", "closed"),
        ("LIST-01", "open"),
    ]


def test_a_death_ends_it_with_its_fact_and_a_withdrawn_death_brings_it_back(town):
    person = town.person()
    give(town, [person])
    town.sweep(GIVEN)
    death = town.fact(person, date(2026, 3, 11), "death")
    town.sweep(date(2026, 3, 12))
    assert tuple(town.rows("select closed_reason, closing_fact from task")[0]) == ("death", death)
    with town.db.batch() as conn:
        facts.take_back(conn, 1, death)
    town.sweep(date(2026, 3, 13))
    assert town.events(person) == ["opened", "closed", "reopened"]


def test_withdrawing_a_giving_takes_back_what_is_still_open(town):
    persons = [town.person() for _ in range(3)]
    give(town, persons)
    town.sweep(GIVEN)
    with town.db.batch() as conn:
        first = town.rows("select id from assignment order by id")[0].id
        assignments.close(conn, 1, first, on=GIVEN, by="anna", reason="assignment_done")
        assert assignments.withdraw(conn, 1, LIST, GIVEN, "Пригласить", on=date(2026, 3, 11), by="vera") == 2
        (told,) = assignments.givings(conn, 1, LIST)
    assert (told.persons, told.open, told.done, told.withdrawn) == (3, 0, 1, 2)
    town.sweep(date(2026, 3, 11))
    reasons = [row[0] for row in town.rows("select closed_reason from task order by person_id")]
    assert reasons == ["assignment_done", "assignment_withdrawn", "assignment_withdrawn"]


def test_findings_of_a_comparison_follow_what_it_finds(town):
    a, b = town.person(), town.person()
    give(town, [a, b], RC, owner=ONCOLOGY)
    town.sweep(GIVEN)
    (work,) = town.rows("select id from assignment where person_id = %s", a)
    with town.db.batch() as conn:
        again = [Renewal(work.id, CLINIC, "Пригласить", {})]
        assert assignments.renew(conn, 1, again, on=date(2026, 3, 11), by="reconciliation") == [a]
        assert assignments.renew(conn, 1, again, on=date(2026, 3, 11), by="reconciliation") == []
        (other,) = conn.execute("select id from assignment where person_id = %s", (b,)).fetchone()
        told = {"on": date(2026, 3, 11), "by": "reconciliation", "reason": differences.GONE}
        assert assignments.close(conn, 1, other, **told) == b
        assert assignments.close(conn, 1, other, **told) is None
    town.sweep(date(2026, 3, 11))
    assert town.tasks(a, "due, owner_org") == [(DUE, CLINIC)], "its days stay, its owner follows"
    assert town.rows("select closed_reason from task where person_id = %s", b)[0][0] == "difference_gone"


def test_tasks_explain_and_another_day_know_it_too(town):
    person = town.person()
    give(town, [person])
    town.sweep(GIVEN)
    (row,) = explain.tasks(town.db, GIVEN).rows
    assert (row["rule"], row["due"], row["because"]["asked"]) == ("LIST-01", DUE.isoformat(), "Пригласить")
    told = explain.explain(town.db, town.public(person), date(2026, 3, 25))
    assert [(t["rule"], t["level"]) for t in told["tasks"]] == [("LIST-01", "head")]
    assert explain.explain(town.db, town.public(person), date(2026, 3, 9))["tasks"] == []
    (later,) = explain.tasks(town.db, date(2026, 3, 25)).rows
    assert later["level"] == "head"
    (shown,) = explain.shown(town.db, GIVEN).rows
    assert shown["because"]["text"] == row["because"]["text"]


def test_what_was_known_then(town):
    """`known_on` before the giving knows nothing of it; before its end it is still open (DESIGN invariant 8)."""
    person = town.person()
    with town.db.batch() as conn:
        asks = [Ask(person, "LIST-01", DUE, "Пригласить")]
        at = town.rows("select timestamptz '2026-03-10 12:00+03' as at")[0].at
        assignments.give(conn, 1, LIST, asks, given_on=GIVEN, author="vera", at=at)
    town.sweep(GIVEN)
    close(town, on=date(2026, 3, 12), reason="assignment_done")
    town.sweep(date(2026, 3, 13))
    day = date(2026, 3, 13)
    assert explain.tasks(town.db, day, known_on=date(2026, 3, 9)).rows == []
    assert len(explain.tasks(town.db, day, known_on=date(2026, 3, 11)).rows) == 1
    assert explain.tasks(town.db, day, known_on=day).rows == []


def test_a_demo_wound_back_has_the_work_of_that_day(demo_town):
    town = demo_town
    person = town.person()
    with town.db.batch() as conn:
        at = conn.execute("select timestamptz '2026-03-10 12:00+03' as at").fetchone().at
        assignments.give(conn, 1, LIST, [Ask(person, "LIST-01", DUE, "Пригласить")], given_on=GIVEN, author="v", at=at)
    town.sweep(date(2026, 3, 9))
    assert town.tasks(person) == []
    town.sweep(GIVEN)
    close(town, on=date(2026, 3, 12), reason="assignment_done")
    town.sweep(date(2026, 3, 13))
    assert town.tasks(person) == []
    town.sweep(date(2026, 3, 11), rewind=True)
    assert town.tasks(person, "rule, state") == [("LIST-01", "open")]
    town.sweep(date(2026, 3, 12))
    assert town.tasks(person) == []


def test_two_persons_turned_out_one_keep_one_piece_of_work(town):
    a, b = town.person(), town.person()
    give(town, [a, b])
    give(town, [b], RC)
    town.sweep(GIVEN)
    with town.db.batch() as conn:
        at = conn.execute("select timestamptz '2026-03-11 12:00+03' as at").fetchone().at
        rekey.joined(conn, 1, b, a, at)
        facts.changed(conn, 1, [a, b])
    left = town.rows("select person_id, source_kind, closed_reason from assignment order by id")
    assert [tuple(r) for r in left] == [(a, "contingent", ""), (a, "contingent", "joined"), (a, "comparison", "")]
    town.sweep(date(2026, 3, 11))
    assert len(town.tasks(a)) == 2
    assert town.tasks(b) == []


@pytest.mark.parametrize("n", [0, 3])
def test_a_batch_reads_assignments_by_one_query(town, n, monkeypatch):
    persons = [town.suspected() for _ in range(4)]
    give(town, persons[:n])
    seen = []
    plain = assignments.of
    monkeypatch.setattr(assignments, "of", lambda *a: seen.append(1) or plain(*a))
    town.sweep(GIVEN)
    assert len(seen) == 1
