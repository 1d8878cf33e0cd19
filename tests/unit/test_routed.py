"""Where a case went, and whether a referral brought its minimum along."""

from datetime import date, timedelta

import pytest

from oncor_cases.facts.fact import fact
from oncor_cases.facts.timeline import Patient, Timeline
from oncor_cases.sources.seeds import default_calendar, default_rulebook, route_levels, routing
from oncor_cases.tasks.bypass import level_of, way
from oncor_cases.tasks.routed import STEPS, routed
from oncor_cases.workflows.catalogue import follow

LEVELS = {"gp": 1, "pok": 2, "od": 3, "gb": 4}
DAY = date(2026, 3, 2)


@pytest.mark.parametrize(
    ("steps", "path", "bypassed"),
    [
        (("gp", "pok", "od", "gb"), (1, 2, 3, 4), False),
        (("gp", "pok", "od", "od"), (1, 2, 3), False),
        (("gp", "od", "od", "od"), (1, 3), True),
        (("gp", "", "od", ""), (1, 3), True),
        (("gp", "pok", "", ""), (1, 2), False),
        (("pok", "od", "", ""), (2, 3), False),
        (("gb", "gb", "", ""), (4,), False),
        (("", "", "", ""), (), False),
    ],
)
def test_the_way_by_levels(steps, path, bypassed):
    assert way(*steps, LEVELS)[:2] == (path, bypassed)


def test_an_organisation_of_no_known_role_is_said_and_not_guessed():
    assert way("gp", "nobody", "od", "", LEVELS).unknown
    assert level_of(("polyclinic", "oncology_office"), route_levels()) == 2
    assert level_of(("laboratory",), route_levels()) == 0


def case(*said):
    facts = [
        fact(f"f{n}", kind, DAY + timedelta(days=day), DAY, about, author=org)
        for n, (day, kind, org, about) in enumerate(said)
    ]
    timeline = Timeline(Patient("p", "female", date(1961, 4, 12)), tuple(facts))
    views, person = follow(
        timeline, DAY + timedelta(days=60), default_rulebook(), default_calendar(), known_on=date(2026, 12, 1)
    )
    by_id = {f.id: f for f in facts}
    return {v.pathway: routed(v, by_id, person.attached, routing()) for v in views}


def breast(*more):
    return case(
        (0, "suspicion", "gp", {"icd10": "C50.9"}),
        (1, "referral", "gp", {"to": "oncologist", "icd10": "C50.9", "org": "pok"}),
        (6, "consultation", "pok", {"specialty": "oncologist", "icd10": "C50.9"}), *more,
    )["diagnosis"]  # fmt: skip


def test_dates_places_and_clocks_of_a_case():
    found = breast()
    assert dict(zip(STEPS, found.days, strict=True))["consultation"] == DAY + timedelta(days=6)
    assert found.orgs == ("gp", "pok", "", "")
    assert found.org == "gp"
    assert "DX-01|late|verified" in found.clocks
    assert len(found.clocks) == len(found.starts) == len(found.dues)


@pytest.mark.parametrize(
    ("study", "day", "enough"), [("mammography", 1, 1), ("mammography", -80, 1), ("mammography", -120, 0), ("ct", 0, 0)]
)
def test_the_minimum_of_a_referral(study, day, enough):
    assert breast().workup == 0
    assert breast((day, "study_performed", "gp", {"study": study, "icd10": "C50.9"})).workup == enough


def test_a_visit_near_a_consilium_needs_the_dispensary():
    about = {"register": "oncology", "icd10": "C50.9"}
    seen = case(
        (0, "diagnosis", "od", {"icd10": "C50.9", "stage": "II"}), (1, "register_entry", "od", about),
        (20, "visit", "od", about), (45, "visit", "od", about),
        (47, "consilium", "od", {"plan": ["observation"], "icd10": "C50.9"}),
    )["follow_up"]  # fmt: skip
    assert (seen.visits, seen.plain) == (("od", "od"), ("od",))


def test_every_definition_is_our_own_and_marked_so():
    from oncor_cases.sources.seeds import yaml_file

    assert {row["norm"] for row in yaml_file("dictionaries", "workup.yml")} == {"product"}
