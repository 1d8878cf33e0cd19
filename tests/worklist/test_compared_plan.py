"""The yearly plan of observation by month: what keeps a month, who is left out, and how contingents find months."""

from datetime import date

import pytest

from oncor_cases.actions import comparing
from oncor_cases.contingents.query import FactWanted, Query
from oncor_cases.store import contingent_query
from tests.worklist.compared import FIRST, LATER, begun, complete, died, kinds, loaded, said
from tests.worklist.conftest import CLINIC


@pytest.fixture
def compared(town):
    return begun(town)


def planned(town, person, *months):
    """Rows of the yearly plan; months as lists have them: dates without a day."""
    for month in months:
        fact = said(town, "left", person, date(2026, 1, 1), "visit_planned", icd10="C50.9", register="oncology", org=CLINIC)
        with town.db.batch() as conn:
            conn.execute("update fact set on_date = null, on_text = %s, certainty = 'planned' where id = %s", (month, fact))
            conn.execute(
                """update document d set kind = 'list_observation_plan' from fact f
                   where f.id = %s and d.id = f.document_id""",
                (fact,),
            )


def test_a_condition_of_a_contingent_finds_a_month_by_its_days(compared):
    person = compared.person()
    planned(compared, person, "2025-09")

    def found_by(**days):
        query = Query(has=(FactWanted("visit_planned", **days),))
        with compared.db.batch() as conn:
            return person in contingent_query.found(conn, 1, query, LATER)

    first, last = date(2025, 9, 1), date(2025, 9, 30)
    assert found_by()
    assert found_by(since=first, until=last)
    assert found_by(since=last)
    assert found_by(until=first)
    assert not found_by(since=date(2025, 10, 1))
    assert not found_by(until=date(2025, 8, 31))
    with compared.db.batch() as conn:
        conn.execute("update fact set on_text = '2025' where kind = 'visit_planned'")
    assert found_by(since=first, until=last)
    assert not found_by(since=date(2026, 1, 1))


def test_a_planned_month_is_kept_by_a_visit_in_it_or_later(compared):
    loaded(compared, LATER, "observation_plan")
    people = {
        name: complete(compared)
        for name in ("never", "earlier", "within", "later", "removed", "left", "dead", "ahead", "called")
    }
    for name, person in people.items():
        planned(compared, person, "2026-04" if name == "ahead" else "2025-12", *(["2026-02"] if name == "never" else []))
    compared.fact(people["earlier"], date(2025, 11, 30), "visit")
    compared.fact(people["within"], date(2025, 12, 1), "visit", evidence="claim")
    compared.fact(people["later"], date(2026, 3, 1), "chemo_cycle", icd10="C50.9")
    compared.fact(people["called"], date(2026, 1, 9), "contact", outcome="reached", channel="phone")
    said(compared, "document", people["removed"], date(2026, 1, 9), "register_exit", register="oncology", icd10="C50.9")
    left = said(compared, "observed", people["left"], FIRST, "register_exit", register="oncology", icd10="C50.9")
    with compared.db.batch() as conn:  # in some day of January
        conn.execute("update fact set on_date = null, on_text = '2026-01' where id = %s", (left,))
    died(compared, people["dead"], date(2026, 3, 1))
    comparing.run(compared.db, 1, date(2026, 3, 15))
    rows = compared.rows(
        "select person_id, org, left_values, right_values from difference where comparison = 'plan_not_kept' order by 1"
    )
    names = {person: name for name, person in people.items()}
    assert [(names[r.person_id], r.org, r.left_values["months"], r.right_values) for r in rows] == [
        ("never", CLINIC, ["2025-12", "2026-02"], {}), ("earlier", CLINIC, ["2025-12"], {"seen": "2025-11-30"}),
        ("called", CLINIC, ["2025-12"], {}),
    ]  # fmt: skip
    comparing.run(compared.db, 1, date(2026, 3, 14))
    (never,) = compared.rows("select left_values from difference where person_id = %s", people["never"])
    assert never.left_values["months"] == ["2025-12"]  # the document of a February visit may still be on the way
    compared.fact(people["never"], date(2026, 3, 16), "visit")
    comparing.run(compared.db, 1, date(2026, 3, 17))
    assert kinds(compared, people["never"]) == set()
    assert kinds(compared, people["called"]) == {"plan_not_kept"}


def test_a_missed_plan_becomes_a_call_of_the_clinic_unless_follow_up_calls_already(compared):
    loaded(compared, LATER, "observation_plan")
    comparing.run(compared.db, 1, FIRST)  # what the first two weeks find is given by a person
    asked, called = complete(compared), complete(compared)
    for person in (asked, called):
        planned(compared, person, "2026-01")
    with compared.db.batch() as conn:
        conn.execute(
            """insert into task (region_id, person_id, pathway, icd10, rule, level, owner_org, due, opened_on)
               values (1, %s, 'follow_up', 'C50.9', 'FU-02', 'navigator', %s, '2026-03-01', '2026-02-20')""",
            (called, CLINIC),
        )
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, asked) == kinds(compared, called) == {"plan_not_kept"}
    given = compared.rows("select person_id, rule, owner_org, text from assignment")
    assert [(r.person_id, r.rule, r.owner_org) for r in given] == [(asked, "REC-14", CLINIC)]
    assert "План наблюдения: C50.9, 01.2026" in given[0].text
