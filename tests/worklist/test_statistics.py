"""Statistics over swept cases: percentiles, shares, routes, foreign views; people behind a number are those counted."""

import json
from datetime import date, timedelta

import pytest

from oncor_cases.actions.statistics import Question, ask, people
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY

FIRST, TODAY = date(2026, 3, 2), date(2026, 6, 1)
ALL = Scope(1, "vera", "coordinator", ())
HEAD = Scope(1, "petr", "head", (CLINIC,))
STRANGER = Scope(1, "zoya", "head", (ONCOLOGY,))
WAITS = (2, 4, 9, 30)  # days from the referral to the consultation


@pytest.fixture
def region(town):
    """Four breast cases of one clinic that waited so long, one of another that was excluded."""
    with town.db.batch() as conn:
        for oid, roles in ((CLINIC, ["polyclinic"]), (ONCOLOGY, ["dispensary"])):
            conn.execute("insert into organisation (region_id, oid, name, roles) values (1, %s, %s, %s)", (oid, oid, roles))
    for n, wait in enumerate(WAITS):
        person = town.person()
        for day, kind, said in (
            (0, "suspicion", {}), (0, "referral", {"to": "oncologist"}), (wait, "consultation", {"specialty": "oncologist"}),
            (wait + 5, "diagnosis", {"stage": "II"}), (wait + 8, "consilium", {"plan": ["surgery"]}),
            *([(wait + 20, "operation", {"aim": "radical"})] if n else []),
        ):  # fmt: skip
            town.fact(person, FIRST + timedelta(days=day), kind, icd10="C50.9", **said)
    other = town.person(attached=ONCOLOGY)
    town.fact(other, FIRST, "suspicion", icd10="C34.1")
    town.fact(other, FIRST + timedelta(days=3), "diagnosis", icd10="C34.1", status="excluded")
    town.sweep(TODAY)
    return town


def question(**rest):
    return Question(FIRST, TODAY, TODAY, **rest)


def test_medians_percentiles_and_n_by_clinic_site_and_month(region):
    told = ask(region.db, ALL, question())
    json.dumps(told)
    whole = told["times"][0]
    assert (whole["key"], whole["cases"]) == ("", 5)
    assert whole["spans"]["referral_consultation"] == {"n": 4, "median": 6.5, "p90": 23.7}
    assert whole["spans"]["diagnosis_treatment"] == {"n": 3, "median": 15.0, "p90": 15.0}
    assert [(r["key"], r["cases"]) for r in told["times"][1:]] == [(CLINIC, 4), (ONCOLOGY, 1)]
    assert [r["key"] for r in ask(region.db, ALL, question(by="site"))["times"][1:]] == ["C50", "C34"]
    assert [r["key"] for r in ask(region.db, ALL, question(by="month"))["times"][1:]] == ["2026-03-01"]
    assert ask(region.db, ALL, question(site="C34"))["times"][0]["cases"] == 1


def test_the_share_in_time_counts_each_clock_once(region):
    (row,) = [r for r in ask(region.db, ALL, question(clinic=CLINIC))["duties"] if r["rule"] == "DX-01"]
    assert (row["norm"], row["met"], row["late"], row["judged"], row["share"]) == ("verified", 1, 3, 4, 25.0)


def test_a_clock_that_begins_anew_has_no_share(region):
    """Visits kept in time leave no clock behind: a share of those left would say that nobody comes."""
    person = region.person(attached=CLINIC)
    region.fact(person, FIRST - timedelta(days=200), "diagnosis", icd10="C50.9")
    region.fact(person, FIRST - timedelta(days=199), "register_entry", register="oncology", icd10="C50.9")
    for day in (-120, -95, -60):
        region.fact(person, FIRST + timedelta(days=day), "visit", register="oncology", icd10="C50.9")
    region.sweep(TODAY)
    asked = Question(FIRST - timedelta(days=300), TODAY, TODAY, clinic=CLINIC)
    rows = [r for r in ask(region.db, ALL, asked)["duties"] if r["rule"] == "FU-02"]
    assert [(r["renews"], r["overdue"], r["judged"], r["share"]) for r in rows] == [(True, 1, 0, None)]


def test_routes_shares_and_foreign_views(region):
    told = ask(region.db, ALL, question())
    assert told["shares"]["suspected"] == 5
    assert told["shares"]["excluded"] == 1
    assert (told["shares"]["workup_lacking"], told["shares"]["workup_known"]) == (4, 4)
    foreign = {r["id"]: (r["within"], r["of"]) for r in told["foreign"]}
    assert foreign["nhs_62"] == (3, 4)  # one is not treated 62 days after the referral
    assert foreign["nhs_31"] == (3, 4)
    assert foreign["dk_14_treatment"] == (3, 4)
    assert {r["norm"] for r in told["foreign"]} == {"foreign"}
    assert told["routes"]["cases"] == 5


def test_a_head_counts_and_sees_the_own_clinic_only(region):
    assert ask(region.db, HEAD, question())["times"][0]["cases"] == 4
    assert ask(region.db, STRANGER, question())["times"][0]["cases"] == 1
    assert ask(region.db, STRANGER, question(clinic=CLINIC))["times"][0]["cases"] == 0
    assert people(region.db, STRANGER, question(), "workup") == []


@pytest.mark.parametrize(
    ("what", "n"),
    [
        ("cases", 5), ("excluded", 1), ("workup", 4), ("interval:referral_consultation", 4), ("duty:DX-01:late", 3),
        ("duty:DX-01:met", 1), ("foreign_late:nhs_62", 1), ("way:bypassed", 0), ("way:1", 5), ("visits", 0), ("delays", 0),
    ],
)  # fmt: skip
def test_the_people_behind_a_number_are_as_many_as_the_number(region, what, n):
    found = people(region.db, ALL, question(), what)
    assert len(found) == n
    if what == "interval:referral_consultation":
        assert [p.days for p in found] == sorted(WAITS, reverse=True)


def test_what_is_not_counted_cannot_be_asked(region):
    for what in ("нет", "interval:x", "duty:DX-01", "way", "foreign:x"):
        with pytest.raises(NotFound):
            people(region.db, ALL, question(), what)
    with pytest.raises(UserError):
        Question(TODAY, FIRST, TODAY)
    with pytest.raises(UserError):
        question(by="doctor")


def test_computed_for_today_is_what_the_table_says_and_for_an_earlier_day_what_was_known(region):
    now = ask(region.db, ALL, question())
    assert ask(region.db, ALL, question(known_on=TODAY)) == now | {"known_on": TODAY.isoformat()}
    then = FIRST + timedelta(days=5)
    early = ask(region.db, ALL, Question(FIRST, TODAY, then, known_on=then))
    assert early["times"][0]["spans"]["referral_consultation"]["n"] == 2
    assert len(people(region.db, ALL, Question(FIRST, TODAY, then, known_on=then), "interval:referral_consultation")) == 2
