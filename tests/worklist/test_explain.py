"""Answers for any day: computed from the facts, written nowhere, in agreement with what was shown."""

import json
from datetime import date, timedelta
from uuid import UUID

import pytest

from oncor_cases.actions import explain as asked
from oncor_cases.kernel.errors import NotFound
from oncor_cases.tasks.because import told

CONTRACT = [
    "id",
    "person",
    "pathway",
    "episode",
    "icd10",
    "rule",
    "due",
    "days_overdue",
    "level",
    "state",
    "owner_org",
    "because",
]
OVERDUE = date(2026, 3, 6)


def _plain(rows):
    return [{k: v for k, v in r.items() if k not in ("because", "danger", "id")} for r in rows]


def test_a_row_holds_what_the_contract_says_and_the_stored_id(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    (row,) = asked.tasks(town.db, OVERDUE).rows
    assert [name for name in row if name in CONTRACT] == CONTRACT
    assert row["person"] == str(town.public(person))
    assert row["id"] == str(town.rows("select public_id from task")[0][0])
    assert (row["due"], row["days_overdue"], row["level"], row["state"]) == ("2026-03-05", 1, "navigator", "open")
    json.dumps(row)


def test_the_explanation_names_the_rule_the_act_the_fact_and_each_skipped_day(town):
    person = town.person()
    fact = town.fact(person, date(2026, 3, 5), "suspicion", icd10="C50.9")
    town.sweep(date(2026, 3, 20))
    why = asked.tasks(town.db, date(2026, 3, 20)).rows[0]["because"]
    assert why["rule"] == "DX-01"
    assert why["edition"].startswith("DX-01@")
    assert why["act"]
    assert why["norm"] in ("verified", "recalled", "product")
    assert why["start"] == {"fact": str(fact), "kind": "suspicion", "on": "2026-03-05", "source": ""}
    assert why["due"] == "2026-03-11"
    assert [s["day"] for s in why["skipped"]] == ["2026-03-07", "2026-03-08", "2026-03-09"]
    assert all(s["reason"] for s in why["skipped"])
    assert why["stops"]
    stored = town.rows("select because from task where rule = 'DX-01'")[0][0]
    assert told({k: v for k, v in stored.items() if k != "fact"}) == why  # the row itself explains, without the rule book
    assert why["text"].startswith(f"{why['duty']}: не позднее 11.03.2026, 3 рабочих дня с 05.03.2026")


def test_another_day_is_computed_and_written_nowhere(town):
    town.suspected()
    town.sweep(OVERDUE)
    before = town.snapshot(), town.rows("select count(*) from task_event")
    assert asked.tasks(town.db, date(2026, 3, 5)).rows == []
    later = asked.tasks(town.db, date(2026, 3, 31)).rows
    assert [r["level"] for r in later if r["rule"] == "DX-01"] == ["coordinator"]
    assert (town.snapshot(), town.rows("select count(*) from task_event")) == before


def test_before_its_day_a_clock_is_upcoming(town):
    town.suspected()
    (row,) = asked.upcoming(town.db, date(2026, 3, 3), 7).rows
    assert (row["rule"], row["due"], row["days_overdue"], row["state"]) == ("DX-01", "2026-03-05", -2, "upcoming")
    assert row["because"]["skipped"] == []
    assert asked.upcoming(town.db, date(2026, 3, 3), 1).rows == []
    assert asked.upcoming(town.db, OVERDUE, 7).rows == []


def test_known_on_hides_what_came_later(town):
    person = town.suspected()
    town.fact(person, date(2026, 3, 4), "consultation", known=date(2026, 3, 12), icd10="C50.9")
    assert [r["rule"] for r in asked.tasks(town.db, date(2026, 3, 10)).rows] == []
    known = asked.tasks(town.db, date(2026, 3, 10), known_on=date(2026, 3, 10)).rows
    assert [r["rule"] for r in known] == ["DX-01"]


def test_shown_then_and_computed_then_agree(demo_town):
    town = demo_town
    for n in range(6):
        person = town.suspected(date(2026, 3, 2) + timedelta(days=n))
        if n % 2:
            town.fact(person, date(2026, 3, 9), "consultation", known=date(2026, 3, 13 + n), icd10="C50.9")
    days = [date(2026, 3, 2) + timedelta(days=n) for n in range(40)]
    for day in days:
        town.sweep(day)
    seen = 0
    for day in days:
        then = asked.shown(town.db, day).rows
        computed = asked.tasks(town.db, day, known_on=day).rows
        assert _plain(computed) == _plain(then), day
        seen += len(then)
    assert seen > 50


def test_one_person_is_explained_with_every_clock(town):
    person = town.suspected()
    town.sweep(OVERDUE)
    told = asked.explain(town.db, town.public(person), OVERDUE)
    (case,) = told["pathways"]
    assert case["state"] == "suspected"
    (clock,) = [c for c in case["clocks"] if c["rule"] == "DX-01"]
    assert clock["status"] == "running"
    assert clock["text"].startswith("Консультация")
    assert [t["rule"] for t in told["tasks"]] == ["DX-01"]
    json.dumps(told)


def test_an_unknown_person_is_not_found(town):
    with pytest.raises(NotFound):
        asked.explain(town.db, UUID(int=7), OVERDUE)


def test_stored_tasks_and_computed_ones_are_the_same_rows(town):
    for n in range(8):
        person = town.suspected(date(2026, 3, 2) + timedelta(days=n))
        if n % 3 == 0:
            town.fact(person, date(2026, 3, 9), "consultation", icd10="C50.9")
    town.sweep(date(2026, 3, 12))
    town.fact(person, date(2026, 3, 11), "referral", to="oncologist", icd10="C50.9")  # changed since the sweep
    for day in (date(2026, 3, 12), date(2026, 3, 13), date(2026, 4, 20)):
        quick = asked.tasks(town.db, day).rows
        whole = asked.tasks(town.db, day, known_on=date(2030, 1, 1)).rows  # everything is known by then: computed for all
        assert quick == whole
        assert len(quick) > 1
        ahead = asked.upcoming(town.db, day, 30).rows
        assert ahead == asked.upcoming(town.db, day, 30, known_on=date(2030, 1, 1)).rows
