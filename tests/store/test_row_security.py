"""Scope is enforced by PostgreSQL: another clinic's user sees nothing of a patient, and the web role cannot get round it."""

from datetime import UTC, date, datetime

import psycopg
import pytest
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import acknowledgements, facts, regions
from oncor_cases.store.session import Scope
from tests.intake import fakes
from tests.intake.fakes import CLINIC, OTHER, paper

THIRD = "1.2.643.5.1.13.13.12.2.66.3"
PATIENT = (
    "person", "subject", "subject_link", "person_scope", "person_change", "fact", "document", "raw_document", "task",
    "task_event", "episode", "pathway_view", "finding", "notice", "clock_event",
    "acknowledgement", "case_route",
    "trace", "late_stage_draft", "difference", "difference_event",
)  # fmt: skip


def scope(role="navigator", *orgs, region=1):
    return Scope(region, "nina", role, orgs)


@pytest.fixture
def two_patients(database, region):
    """One of CLINIC with every kind of row, one of OTHER."""
    referral = ["referral", "2026-03-03", {"org": THIRD}]
    papers = (paper("A", 1, [referral], snils="11223344595"), paper("B", snils="16123456701", org=OTHER))
    at = datetime(2026, 3, 3, tzinfo=UTC)
    ingest(database, [Delivery("x", p, at) for p in papers], region=1, reader=fakes.read)
    day = date(2026, 3, 3)
    with database.batch() as conn:
        (person,) = conn.execute("select person_id from subject where snils = '11223344595'").fetchone()
        (task,) = conn.execute(
            """insert into task (region_id, person_id, pathway, rule, due, level, owner_org, opened_on)
               values (1, %s, 'diagnosis', 'DX-01', %s, 'navigator', %s, %s) returning id""",
            (person, day, CLINIC, day),
        ).fetchone()
        conn.execute(
            """insert into task_event (region_id, task_id, on_day, author, kind, person_id, state, level, due, owner_org)
               values (1, %s, %s, 'sweep', 'opened', %s, 'open', 'navigator', %s, %s)""",
            (task, day, person, day, CLINIC),
        )
        conn.execute("insert into episode (region_id, person_id, key) values (1, %s, 'C50')", (person,))
        conn.execute("insert into finding (region_id, code, key, person_id) values (1, 'x', 'x', %s)", (person,))
        conn.execute("insert into notice (region_id, task_id, level, owner_org) values (1, %s, 'head', %s)", (task, CLINIC))
        conn.execute(
            """insert into pathway_view (region_id, person_id, pathway, state, computed_on)
               values (1, %s, 'diagnosis', 'referred', %s)""",
            (person, day),
        )
        conn.execute(
            """insert into clock_event (region_id, person_id, pathway, rule, on_day, author, kind)
               values (1, %s, 'diagnosis', 'DX-01', %s, 'nina', 'took')""",
            (person, day),
        )
        acknowledgements.write(conn, 1, task, reason="other", note="x", on=day, until=date(2026, 3, 9), author="nina")
        conn.execute(
            """insert into case_route (region_id, person_id, pathway, state, opened_on, org)
               values (1, %s, 'diagnosis', 'referred', %s, %s)""",
            (person, day, CLINIC),
        )
        conn.execute(
            """insert into trace (region_id, person_id, source, state, first_on, last_on)
               values (1, %s, 'claims', 'nothing', %s, %s)""",
            (person, day, day),
        )
        conn.execute(
            """insert into late_stage_draft (region_id, person_id, episode, created_by, changed_by)
               values (1, %s, '1', 'nina', 'nina')""",
            (person,),
        )
        (difference,) = conn.execute(
            """insert into difference (region_id, comparison, person_id, org, values_hash, found_on, changed_on)
               values (1, 'stage_differs', %s, 'elsewhere', 'x', %s, %s) returning id""",
            (person, day, day),
        ).fetchone()
        conn.execute(
            """insert into difference_event (region_id, difference_id, on_day, author, kind)
               values (1, %s, %s, 'nina', 'found')""",
            (difference, day),
        )
        facts.state(conn, 1, person, "contact", day, {"outcome": "reached"}, author="nina")
    return person


def seen(database, who):
    with database.web(who) as conn:
        return {t: conn.execute(f"select count(*) n from {t}").fetchone().n for t in PATIENT}


def test_the_clinic_of_the_patient_sees_everything_of_that_patient_only(database, two_patients):
    counts = seen(database, scope("navigator", CLINIC))
    assert {t: n for t, n in counts.items() if t not in ("subject", "fact", "subject_link")} == dict.fromkeys(
        set(PATIENT) - {"subject", "fact", "subject_link"}, 1
    )
    assert (counts["fact"], counts["subject"]) == (2, 2)  # what the document says and what a person said


def test_an_organisation_named_by_the_referral_sees_the_patient_but_not_what_is_another_ones(database, two_patients):
    counts = seen(database, scope("navigator", THIRD))
    assert counts["person"] == counts["task"] == counts["document"] == 1
    assert counts["notice"] == 0


@pytest.mark.parametrize(
    "who",
    [
        scope("navigator", "1.2.3"),
        scope("head"),
        scope("coordinator", CLINIC, region=2),
        scope("admin"),
        scope("registrar", "1.2.3"),
        None,
    ],
)
def test_everybody_else_sees_nothing(database, two_patients, who):
    with database.batch() as conn:
        regions.ensure(conn, 2)
    assert seen(database, who) == dict.fromkeys(PATIENT, 0)


@pytest.mark.parametrize("role", ["coordinator", "methodologist"])
def test_who_answers_for_the_region_sees_all_of_it(database, two_patients, role):
    counts = seen(database, scope(role))
    assert (counts["person"], counts["document"], counts["raw_document"]) == (2, 2, 2)


def test_quarantine_is_seen_by_its_keepers(database, region):
    at = datetime(2026, 3, 3, tzinfo=UTC)
    ingest(database, [Delivery("x", b"garbage", at)], region=1, reader=fakes.read)
    for role, count in (("admin", 1), ("registrar", 1), ("coordinator", 1), ("navigator", 0), ("head", 0)):
        with database.web(scope(role, CLINIC)) as conn:
            assert conn.execute("select count(*) n from document").fetchone().n == count, role
            assert conn.execute("select count(*) n from raw_document").fetchone().n == count, role


def test_a_context_does_not_outlive_its_transaction(database, two_patients):
    assert seen(database, scope("coordinator"))["person"] == 2
    assert seen(database, None)["person"] == 0


def test_the_web_role_writes_nothing_about_patients(database, two_patients):
    for table in PATIENT:
        for statement in (
            f"delete from {table}",
            f"insert into {table} select * from {table}",
            f"update {table} set region_id = 1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege), database.web(scope("coordinator")) as conn:
                conn.execute(statement)


def test_the_web_role_can_neither_switch_row_security_off_nor_own_anything(database, two_patients):
    with database.web(scope("navigator", "1.2.3")) as conn:
        found = conn.execute(
            "select rolsuper, rolbypassrls, rolcanlogin, rolcreaterole from pg_roles where rolname = current_user"
        ).fetchone()
        assert tuple(found) == (False, False, False, False)
        conn.execute("set local row_security = off")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            conn.execute("select count(*) from person")


def test_an_audit_line_is_written_by_a_page_but_read_by_the_coordinator_only(database, region):
    with database.web(scope("navigator", CLINIC)) as conn:
        conn.execute("insert into audit (region_id, author, action) values (1, 'nina', 'case_opened')")
        assert conn.execute("select count(*) n from audit").fetchone().n == 0
    with database.web(scope("coordinator")) as conn:
        assert conn.execute("select count(*) n from audit").fetchone().n == 1
    with pytest.raises(psycopg.errors.InsufficientPrivilege), database.web(scope("navigator", CLINIC)) as conn:
        conn.execute("insert into audit (region_id, author, action) values (2, 'nina', 'case_opened')")


def test_the_owner_who_is_no_superuser_is_bound_too(fresh_url, server):
    """A managed cluster: roles exist already, the migrating role may create none and is no superuser."""
    from oncor_cases.store import migrate

    url = fresh_url("template0")
    with psycopg.connect(server, autocommit=True) as conn:
        conn.execute("create role managed login")
        conn.execute("grant oncor_batch, oncor_web to managed")
        name = sql.Identifier(conninfo_to_dict(url)["dbname"])
        conn.execute(sql.SQL("alter database {} owner to managed").format(name))
    theirs = url.replace("//oncor@", "//managed@")
    try:
        assert migrate.upgrade(theirs) is True
        with psycopg.connect(theirs) as conn:
            conn.execute("set local role oncor_batch")
            conn.execute("insert into region (id, name) values (1, 'x')")
            conn.execute("insert into person (region_id) values (1)")
        with psycopg.connect(theirs) as conn:
            conn.execute("set local role oncor_web")
            assert conn.execute("select count(*) from person").fetchone() == (0,)
    finally:
        with psycopg.connect(url, autocommit=True) as conn:
            conn.execute("reassign owned by managed to current_user")
            conn.execute("drop owned by managed")
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute("drop role managed")
