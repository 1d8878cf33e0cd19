"""The rule book under row security: everybody reads what they are judged by, who answers for the region reads the rest."""

from datetime import date

import psycopg
import pytest

from oncor_cases.store import regions, rule_runs, rulebook
from oncor_cases.store.rule_runs import Difference
from oncor_cases.store.session import Scope

TABLES = ("rule_proposal", "rule_record", "rule_run", "rule_run_change")
DAY = date(2026, 3, 10)


@pytest.fixture
def changed(database, region):
    """A region with an approved change and its what-if, which names a person."""
    with database.batch() as conn:
        person = conn.execute("insert into person (region_id) values (1) returning id").fetchone()[0]
        id = rulebook.propose(
            conn, 1, kind="edition", rule="DX-01", content=[{"rule": "DX-01", "lost_after": 3}], retires=None, stories="",
            checked=[], reason="r", author="olga", at=None,
        )  # fmt: skip
        run = rule_runs.ask(conn, 1, DAY, [], None, "olga", id)
        found = Difference("moves", person, "diagnosis", "C50/-/1", "DX-01", "", "C50", DAY, DAY, "head", "head", "1.2.3", 1)
        rule_runs.add(conn, 1, run, [found], 1, 0)
        rulebook.decide(conn, 1, id, "approved", "ira", "", None)
        rulebook.approve(conn, 1, rulebook.proposal(conn, 1, id), "ira", "", None)
    return database


def seen(database, who):
    with database.web(who) as conn:
        return {t: conn.execute(f"select count(*) n from {t}").fetchone().n for t in TABLES}


@pytest.mark.parametrize("role", ["methodologist", "coordinator"])
def test_who_answers_for_the_region_sees_all_of_it(changed, role):
    assert seen(changed, Scope(1, "x", role)) == dict.fromkeys(TABLES, 1)


@pytest.mark.parametrize("role", ["navigator", "head", "registrar", "admin"])
def test_others_see_the_rules_in_force_and_nothing_of_the_patients(changed, role):
    counts = seen(changed, Scope(1, "x", role, ("1.2.3",)))
    assert counts == dict.fromkeys(TABLES, 0) | {"rule_record": 1}


def test_another_region_and_nobody_see_nothing(changed):
    with changed.batch() as conn:
        regions.ensure(conn, 2)
    for who in (Scope(2, "x", "methodologist"), None):
        assert seen(changed, who) == dict.fromkeys(TABLES, 0)


def test_pages_write_nothing_here(changed):
    who = Scope(1, "x", "methodologist")
    for table in TABLES:
        for statement in (f"delete from {table}", f"update {table} set rule = 'x'" if table != "rule_run" else
                          "update rule_run set author = 'x'", f"insert into {table} select * from {table}"):  # fmt: skip
            with pytest.raises(psycopg.errors.InsufficientPrivilege), changed.web(who) as conn:
                conn.execute(statement)
