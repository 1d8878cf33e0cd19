"""Decisions on a real PostgreSQL: each is a fact or an event with its author, in one transaction, and the rules follow."""

from datetime import date
from uuid import uuid4

import pytest

from oncor_cases.actions import decide, explain
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import BadAttribute, Conflict, NotFound, UserError
from oncor_cases.store import decisions
from oncor_cases.store.session import Scope
from oncor_cases.tasks.wish import Key
from tests.worklist.conftest import CLINIC, ONCOLOGY

TODAY = date(2026, 3, 10)  # Tuesday
ANNA = Scope(1, "anna", "navigator", (CLINIC,))
BORIS = Scope(1, "boris", "navigator", (CLINIC,))
STRANGER = Scope(1, "zoya", "navigator", (ONCOLOGY,))
COORDINATOR = Scope(1, "vera", "coordinator", ())


@pytest.fixture
def case(town):
    """A person with one open DX-01 task, seen by the attached clinic."""
    person = town.suspected()
    town.sweep(TODAY)
    return town, person, About(town.public(person), task=town.rows("select public_id from task")[0][0])


@pytest.fixture
def clock(town):
    """A person whose DX-01 is still running."""
    person = town.suspected(TODAY)
    town.sweep(TODAY)
    with town.db.batch() as conn:
        conn.execute(
            "insert into person_scope (region_id, person_id, org, reason) values (1, %s, %s, 'attached')", (person, CLINIC)
        )
    episode = town.rows("select episode from pathway_view")[0][0]
    return town, person, About(town.public(person), clock=Key("diagnosis", episode, "DX-01", ""))


def test_taking_a_task_twice_is_nothing_and_a_colleagues_task_is_a_conflict(case):
    town, person, about = case
    decide.took(town.db, about, by=ANNA, today=TODAY)
    decide.took(town.db, about, by=ANNA, today=TODAY)
    assert town.tasks(person, "state, assignee") == [("taken", "anna")]
    assert town.events(person) == ["opened", "took"]
    with pytest.raises(Conflict):
        decide.took(town.db, about, by=BORIS, today=TODAY)


def test_a_call_is_a_fact_with_its_author_and_the_task_waits_for_the_next_try(case):
    town, person, about = case
    decide.called(town.db, about, outcome="no_answer", channel="phone", next_on=date(2026, 3, 13), by=ANNA, today=TODAY)
    fact = town.rows("select kind, author, evidence, document_id, on_date, attributes from fact order by id desc limit 1")[0]
    assert tuple(fact)[:5] == ("contact", "anna", "person", None, TODAY)
    assert fact.attributes["next_on"] == "2026-03-13"
    assert town.tasks(person, "state, waiting_until") == [("waiting", date(2026, 3, 13))]
    town.sweep(date(2026, 3, 14))
    assert town.tasks(person, "state") == [("waiting",)]
    town.sweep(date(2026, 3, 16))
    assert town.tasks(person, "state") == [("open",)]
    assert town.events(person)[-1] == "agreed_visit_not_seen"


def test_an_appointment_holds_the_task_and_moves_no_clock_and_the_document_moves_the_case_on(case):
    town, person, about = case
    due = town.tasks(person, "due")
    decide.appointment(town.db, about, for_="oncologist", at=date(2026, 3, 18), org=ONCOLOGY, by=ANNA, today=TODAY)
    assert town.tasks(person, "state, waiting_until") == [("waiting", date(2026, 3, 18))]
    assert town.tasks(person, "due") == due
    town.fact(person, date(2026, 3, 18), "consultation", icd10="C50.9")
    town.sweep(date(2026, 3, 19))
    assert town.rows("select state, closed_reason from task where rule = 'DX-01'")[0] == ("closed", "late")


@pytest.mark.parametrize(
    ("documented", "reason", "next_rule"), [("written", "refusal_written", "RF-02"), ("verbal", "refusal_verbal", "RF-01")]
)
def test_a_refusal_ends_or_pauses_the_duty(case, documented, reason, next_rule):
    town, person, about = case
    decide.refused(town.db, about, of="investigation", documented=documented, on=TODAY, by=ANNA, today=TODAY)
    assert town.rows("select state, closed_reason from task where rule = 'DX-01'")[0] == ("closed", reason)
    told = explain.explain(town.db, town.public(person), TODAY)
    assert next_rule in {c["rule"] for c in told["pathways"][0]["clocks"]}


def test_a_reported_death_silences_calls_at_once(case):
    town, _, about = case
    decide.died_reported(town.db, about, on=TODAY, note="сообщила дочь", by=ANNA, today=TODAY)
    assert town.rows("select closed_reason from task where rule = 'DX-01'")[0][0] == "death"
    assert town.rows("select attributes ->> 'kind' from fact where kind = 'death'")[0][0] == "preliminary"


def test_moving_away_ends_the_clocks_of_care(case):
    town, _, about = case
    decide.moved_away(town.db, about, on=TODAY, region="Тверская область", by=ANNA, today=TODAY)
    assert town.rows("select closed_reason from task where rule = 'DX-01'")[0][0] == "moved_away"


def test_done_elsewhere_ends_the_clock_and_asks_for_the_document(case):
    town, person, about = case
    decide.done_elsewhere(town.db, about, on=date(2026, 3, 9), org=ONCOLOGY, by=ANNA, today=TODAY)
    assert town.rows("select closed_reason from task where rule = 'DX-01'")[0][0] == "done_elsewhere"
    told = explain.explain(town.db, town.public(person), TODAY)
    assert "document_requested" in {f["code"] for f in told["pathways"][0]["findings"]}


def test_a_snoozed_task_comes_back_and_keeps_its_history(case):
    town, person, about = case
    decide.snooze(town.db, about, until=date(2026, 3, 12), by=ANNA, today=TODAY)
    assert town.tasks(person, "state, waiting_until") == [("waiting", date(2026, 3, 12))]
    assert town.events(person) == ["opened", "snoozed"]
    town.sweep(date(2026, 3, 12))
    assert town.tasks(person, "state") == [("waiting",)]
    town.sweep(date(2026, 3, 13))
    assert town.tasks(person, "state, waiting_until, level") == [("open", None, "head")]
    with pytest.raises(UserError):
        decide.snooze(town.db, about, until=TODAY, by=ANNA, today=TODAY)


def test_handing_over_to_another_organisation_lets_it_see_the_patient(case):
    town, person, about = case
    with town.db.batch() as conn:
        conn.execute("insert into organisation (region_id, oid, name) values (1, %s, 'Онкодиспансер')", (ONCOLOGY,))
    with pytest.raises(NotFound):
        decide.comment(town.db, about, text="моя", by=STRANGER, today=TODAY)
    decide.hand_over(town.db, about, to_org=ONCOLOGY, by=ANNA, today=TODAY)
    assert town.tasks(person, "owner_org, handed_to, state") == [(ONCOLOGY, ONCOLOGY, "open")]
    decide.comment(town.db, about, text="моя", by=STRANGER, today=TODAY)
    town.sweep(date(2026, 3, 20))
    assert town.tasks(person, "owner_org") == [(ONCOLOGY,)]
    with pytest.raises(UserError):
        decide.hand_over(town.db, about, to_org="1.2.3", by=ANNA, today=TODAY)


def test_a_missing_document_goes_to_the_registrar_of_the_clinic(case):
    town, person, about = case
    with town.db.batch() as conn:
        conn.execute(
            "insert into user_account (region_id, login, name, password_hash, role, orgs)"
            " values (1, 'reg', 'Регистратор', '-', 'registrar', %s)",
            ([CLINIC],),
        )
    decide.document_missing(town.db, about, note="нет протокола", by=ANNA, today=TODAY)
    assert town.tasks(person, "assignee, state") == [("reg", "open")]
    assert town.rows("select code, state from finding")[0] == ("document_missing", "open")


def test_a_colleague_of_another_clinic_gets_not_found_for_every_verb(case):
    town, _, about = case
    day = {"on": TODAY, "by": STRANGER, "today": TODAY}
    verbs = [
        lambda: decide.took(town.db, about, by=STRANGER, today=TODAY),
        lambda: decide.called(town.db, about, outcome="reached", channel="phone", by=STRANGER, today=TODAY),
        lambda: decide.appointment(town.db, about, for_="study", at=TODAY, by=STRANGER, today=TODAY),
        lambda: decide.told_result(town.db, about, **day),
        lambda: decide.refused(town.db, about, of="treatment", documented="verbal", **day),
        lambda: decide.moved_away(town.db, about, **day),
        lambda: decide.died_reported(town.db, about, **day),
        lambda: decide.done_elsewhere(town.db, about, **day),
        lambda: decide.document_missing(town.db, about, note="?", by=STRANGER, today=TODAY),
        lambda: decide.snooze(town.db, about, until=date(2026, 4, 1), by=STRANGER, today=TODAY),
        lambda: decide.comment(town.db, about, text="?", by=STRANGER, today=TODAY),
        lambda: decide.hand_over(town.db, about, to_org=CLINIC, by=STRANGER, today=TODAY),
    ]
    before = town.snapshot(), town.rows("select count(*) from fact"), town.rows("select count(*) from audit")
    for verb in verbs:
        with pytest.raises(NotFound):
            verb()
    assert (town.snapshot(), town.rows("select count(*) from fact"), town.rows("select count(*) from audit")) == before
    decide.comment(town.db, about, text="видно всему региону", by=COORDINATOR, today=TODAY)


def test_a_decision_made_on_an_old_page_is_a_conflict(case):
    town, _, about = case
    seen = decide.version_of(town.db, about.task, about.person, by=ANNA)
    decide.snooze(town.db, about, until=date(2026, 3, 12), by=BORIS, today=TODAY)
    old = About(about.person, task=about.task, version=seen)
    with pytest.raises(Conflict):
        decide.called(town.db, old, outcome="reached", channel="phone", by=ANNA, today=TODAY)
    assert town.rows("select 1 from fact where kind = 'contact'") == []


def test_a_form_sent_twice_is_one_decision(case):
    town, _, about = case
    once = About(about.person, task=about.task, once="f00d")
    for _ in range(2):
        decide.called(town.db, once, outcome="reached", channel="phone", by=ANNA, today=TODAY)
    assert len(town.rows("select 1 from fact where kind = 'contact'")) == 1


def test_nothing_is_left_of_a_decision_that_fails(case, monkeypatch):
    town, person, about = case

    def fails(*_):
        raise RuntimeError("the audit is not written")

    monkeypatch.setattr(decisions, "record", fails)
    before = town.snapshot(), town.events(person)
    with pytest.raises(RuntimeError):
        decide.called(town.db, about, outcome="reached", channel="phone", next_on=date(2026, 3, 30), by=ANNA, today=TODAY)
    assert (town.snapshot(), town.events(person)) == before
    assert town.rows("select 1 from fact where kind = 'contact'") == []


def test_every_decision_leaves_a_line_in_the_audit(case):
    town, person, about = case
    decide.comment(town.db, about, text="позвонить вечером", by=ANNA, today=TODAY)
    row = town.rows("select author, action, person_id, object, detail::text from audit")[0]
    assert (row.author, row.action, row.person_id, row.object) == ("anna", "decision.comment", person, str(about.task))
    assert "вечером" not in row.detail


def test_words_outside_the_vocabulary_are_refused(case):
    town, _, about = case
    with pytest.raises(BadAttribute):
        decide.called(town.db, about, outcome="shouted", channel="phone", by=ANNA, today=TODAY)
    with pytest.raises(NotFound):
        decide.took(town.db, About(about.person, task=uuid4()), by=ANNA, today=TODAY)
    with pytest.raises(UserError):
        decide.took(town.db, About(about.person), by=ANNA, today=TODAY)


def test_an_upcoming_clock_can_be_decided_like_a_task(clock):
    town, person, about = clock
    decide.took(town.db, about, by=ANNA, today=TODAY)
    decide.snooze(town.db, about, until=date(2026, 3, 18), by=ANNA, today=TODAY)
    decide.comment(town.db, about, text="вернётся из поездки", by=ANNA, today=TODAY)
    decide.called(town.db, about, outcome="reached", channel="phone", by=ANNA, today=TODAY)
    assert town.tasks() == []
    town.sweep(date(2026, 3, 16))
    assert town.tasks(person, "rule, state, waiting_until, assignee") == [("DX-01", "waiting", date(2026, 3, 18), "anna")]
    assert town.rows("select count(*) from clock_event where task_id is null")[0][0] == 0
    town.sweep(date(2026, 3, 19))
    assert town.tasks(person, "state, assignee") == [("open", "anna")]


def test_an_upcoming_clock_done_elsewhere_never_becomes_a_task(clock):
    town, person, about = clock
    decide.done_elsewhere(town.db, about, on=TODAY, org=ONCOLOGY, by=ANNA, today=TODAY)
    town.sweep(date(2026, 3, 20))
    assert [t for t in town.tasks(person) if t[0] == "DX-01"] == []


def test_shown_then_agrees_with_computed_then_after_decisions(demo_town):
    town = demo_town
    person = town.suspected()
    town.sweep(TODAY)
    about = About(town.public(person), task=town.rows("select public_id from task")[0][0])
    decide.snooze(town.db, about, until=date(2026, 3, 12), by=ANNA, today=TODAY)
    for day in range(11, 26):
        town.sweep(date(2026, 3, day))
    for day in range(10, 26):
        then, computed = (
            [(r["rule"], r["due"], r["level"], r["state"], r["owner_org"]) for r in rows]
            for rows in (
                explain.shown(town.db, date(2026, 3, day)).rows,
                explain.tasks(town.db, date(2026, 3, day), known_on=date(2026, 3, day)).rows,
            )
        )
        assert then == computed, day
