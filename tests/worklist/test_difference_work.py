"""Open work about a difference follows it: whoever mends it has it, it tells the values of today, and what it was on a past
day is kept."""

import re
from datetime import timedelta

import psycopg
import pytest

from oncor_cases.actions import comparing, explain
from oncor_cases.store import migrate
from tests.worklist.compared import LATER, LONG_AGO, begun, diagnosed, died, gone, observed, registered, said
from tests.worklist.conftest import CLINIC, ONCOLOGY


@pytest.fixture
def compared(town):
    return begun(town)


def events(town):
    return [r.kind for r in town.rows("select kind from difference_event order by id")]


def asked(town, columns):
    return [tuple(r) for r in town.rows(f"select {columns} from task where rule like 'REC%%' order by person_id, rule")]


def staged(town):
    """(person, register's diagnosis) of a stage that differs."""
    person = town.person()
    observed(town, person, LONG_AGO)
    diagnosed(town, person, LONG_AGO, stage="IIA")
    return person, registered(town, person, LONG_AGO, stage="IV")


def test_the_open_work_follows_whoever_has_to_mend_it(compared):
    """A clinic that observed passes a patient on: the task is theirs who observe now, and is the same task."""
    town = compared
    person = town.person()
    observed_at_first = observed(town, person, LONG_AGO, org=CLINIC)
    died(town, person, LONG_AGO + timedelta(days=30))
    comparing.run(town.db, 1, LATER)
    town.sweep(LATER)
    assert asked(town, "rule, owner_org, state") == [("REC-01", CLINIC, "open")]
    (before,) = town.rows("select id from task where rule = 'REC-01'")
    gone(town, observed_at_first)
    observed(town, person, LONG_AGO, org=ONCOLOGY)
    done = comparing.run(town.db, 1, LATER + timedelta(days=1))
    assert done.touched == {person}
    town.sweep(LATER + timedelta(days=1))
    assert asked(town, "id, rule, owner_org, state") == [(before.id, "REC-01", ONCOLOGY, "open")]
    (told,) = town.rows("select data from difference_event where kind = 'handed'")
    assert told.data == {"from": CLINIC, "to": ONCOLOGY}
    again = comparing.run(town.db, 1, LATER + timedelta(days=2))
    assert (again.touched, events(town).count("handed")) == (set(), 1)


def test_the_open_work_tells_the_values_of_today_and_what_they_were(compared):
    town = compared
    person, tumour = staged(town)
    comparing.run(town.db, 1, LATER)
    next_day = LATER + timedelta(days=1)
    town.sweep(LATER)
    gone(town, tumour)
    said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IIIB")
    assert comparing.run(town.db, 1, next_day).touched == {person}
    town.sweep(next_day)
    ((work, told, state),) = asked(town, "because ->> 'asked' as work, because ->> 'text' as told, state")
    assert "Канцер-регистр: C50.9, IIIB; документы: C50.9, IIA" in work
    assert "IV" not in work
    assert f"{next_day:%d.%m.%Y}" in told
    assert "Канцер-регистр: C50.9, IV; документы: C50.9, IIA" in told
    assert (state, town.events(person)[-1]) == ("open", "changed")
    history = town.events(person)
    assert comparing.run(town.db, 1, next_day).touched == set()
    town.sweep(next_day)
    assert town.events(person) == history


def test_what_the_work_asked_for_on_a_day_is_answered_for_that_day(demo_town):
    town = begun(demo_town)
    next_day = LATER + timedelta(days=1)
    person, tumour = staged(town)
    comparing.run(town.db, 1, LATER)
    gone(town, tumour)
    said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IIIB")
    comparing.run(town.db, 1, next_day)
    told = [
        [r["because"]["asked"] for r in explain.tasks_of(town.db, [person], day, known_on=day).rows if r["rule"] == "REC-10"]
        for day in (LATER, next_day)
    ]
    assert [("C50.9, IV;" in text, "C50.9, IIIB;" in text) for (text,) in told] == [(True, False), (False, True)]


def test_whose_the_work_was_on_a_day_is_shown_and_computed_alike(demo_town):
    town = begun(demo_town)
    person, other = town.person(), town.person()
    entries = [observed(town, who, LONG_AGO, org=CLINIC) for who in (person, other)]
    for who in (person, other):
        died(town, who, LONG_AGO + timedelta(days=30))
    days = [LATER + timedelta(days=n) for n in range(4)]
    for day, org in zip(days, (CLINIC, ONCOLOGY, ONCOLOGY, CLINIC), strict=True):
        gone(town, entries[0])
        entries[0] = observed(town, person, LONG_AGO, org=org)
        comparing.run(town.db, 1, day)
        town.sweep(day)
    owners = []
    for day in days:
        shown = {(r["rule"], r["person"], r["owner_org"]) for r in explain.shown(town.db, day).rows}
        computed = explain.tasks_of(town.db, [person, other], day, known_on=day).rows
        assert {(r["rule"], r["person"], r["owner_org"]) for r in computed} == shown
        owners.append({who: org for rule, who, org in shown if rule == "REC-01"})
    assert [told[str(town.public(person))] for told in owners] == [CLINIC, ONCOLOGY, ONCOLOGY, CLINIC]
    assert {told[str(town.public(other))] for told in owners} == {CLINIC}
    early = explain.tasks_of(town.db, [person], days[3], known_on=days[1]).rows
    assert [r["owner_org"] for r in early if r["rule"] == "REC-01"] == [ONCOLOGY], "as known then, also of a later day"


def test_hand_overs_made_before_the_work_kept_them_are_taken_over(fresh_url):
    """An installation that is updated: whose it was stood in the history of the difference alone."""
    last = next(migrate.VERSIONS.glob("*_pre_work_changes.py"))
    before = re.search(r'down_revision = "(.+)"', last.read_text(encoding="utf-8")).group(1)
    url = fresh_url("template0")
    migrate.upgrade(url, before)
    with psycopg.connect(url) as conn:
        conn.execute("insert into region (id, name) values (1, 'x')")
        (who,) = conn.execute("insert into person (region_id) values (1) returning id").fetchone()
        (it,) = conn.execute(
            """insert into difference (region_id, comparison, person_id, org, values_hash, found_on, changed_on)
               values (1, 'dead_on_list', %s, 'now', '', '2026-03-02', '2026-03-02') returning id""", (who,)
        ).fetchone()  # fmt: skip
        for given, closed in (("2026-01-02", "2026-02-01"), ("2026-03-02", None)):
            conn.execute(
                """insert into assignment (region_id, person_id, rule, source_kind, source_key, due, owner_org, text, author,
                       given_on, closed_on, closed_at, closed_reason)
                   values (1, %s, 'REC-01', 'comparison', 'dead_on_list', '2026-04-02', 'now', 'Снять', 't',
                       %s, %s, %s, %s)""",
                (who, given, closed, closed, "difference_gone" if closed else ""),
            )
        conn.execute(
            """insert into difference_event (region_id, difference_id, at, on_day, author, kind, data)
               values (1, %s, '2026-03-05', '2026-03-05', 't', 'handed', '{"from": "then", "to": "now"}')""", (it,)
        )  # fmt: skip
    migrate.upgrade(url)
    with psycopg.connect(url) as conn:
        told = conn.execute(
            """select a.given_on::text, c.on_day::text, c.owner_org, c.text
               from assignment_change c join assignment a on a.id = c.assignment_id"""
        ).fetchall()
    assert told == [("2026-03-02", "2026-03-05", "then", "Снять")]
