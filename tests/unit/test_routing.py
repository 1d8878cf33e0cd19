"""Who owes a step: the order of DESIGN section 5, the region's rows before it, departments, mergers and defaults."""

import itertools
import pickle
from datetime import date

from oncor_cases.regulations.routing import (
    Claims,
    Default,
    Owner,
    Place,
    Records,
    Route,
    Routing,
    Succession,
    Whereabouts,
)

TODAY = date(2026, 3, 10)
CLINIC, OFFICE, CENTRE, LAB = "1.2.3.1", "1.2.3.2", "1.2.3.9", "1.2.3.12"
PLACES = (
    Place(CLINIC, district="Северный", roles=("polyclinic",)),
    Place(OFFICE, district="Северный", roles=("oncology_office",)),
    Place(CENTRE, district="Центр", roles=("dispensary",)),
    Place("1.2.3.77", parent=CLINIC),
)


NOBODY, NOWHERE = Claims(), Whereabouts()


def owner(routing: Routing, usual: str = "named", claims: Claims = NOBODY, who: Whereabouts = NOWHERE, day=TODAY):
    return routing.owner("DX-01", "diagnosis", usual, claims, who, day)


def test_without_rows_the_usual_order_holds_for_every_mixture():
    """The same words as `_owner` without routing (workflows/clocks.py)."""
    plain = Routing(Records(PLACES))
    for given, start, attached, sender in itertools.product(("", "a"), ("", "b"), ("", "c"), ("", "d")):
        claims, who = Claims(given, start, sender), Whereabouts(attached=attached)
        assert owner(plain, "named", claims, who).org == (given or start or attached or sender)
        assert owner(plain, "author", claims, who).org == (given or sender or attached or start)
        assert owner(plain, "attached", claims, who).org == (attached or given or sender or start)


def test_a_department_is_answered_for_by_its_clinic_by_parent_and_by_number():
    routing = Routing(Records(PLACES))
    assert routing.answers_for("1.2.3.77", TODAY) == CLINIC
    assert routing.answers_for(f"{CLINIC}.0.4455", TODAY) == CLINIC
    assert routing.answers_for("1.2.643.999", TODAY) == "1.2.643.999"  # nobody knows it: it stays itself


def test_a_merged_organisation_is_answered_for_by_its_successor_from_that_day():
    merged = Routing(
        Records(PLACES, (Succession(CLINIC, OFFICE, date(2026, 4, 1)), Succession(OFFICE, CENTRE, date(2027, 1, 1))))
    )
    assert merged.answers_for(CLINIC, date(2026, 3, 31)) == CLINIC
    assert merged.answers_for(CLINIC, date(2026, 4, 1)) == OFFICE
    assert merged.answers_for("1.2.3.77", date(2027, 1, 1)) == CENTRE
    assert merged.turns(CLINIC, date(2026, 3, 31)) == [date(2026, 4, 1)]
    assert merged.turns(CLINIC, date(2026, 4, 1)) == [date(2027, 1, 1)]
    assert merged.turns(CLINIC, date(2027, 1, 1)) == []


def test_a_ring_of_mistaken_parents_ends():
    ring = Routing(Records((Place("1.1", parent="1.2"), Place("1.2", parent="1.1"))))
    assert ring.answers_for("1.1", TODAY) in {"1.1", "1.2"}


def test_a_row_of_the_region_goes_first_and_the_usual_order_catches_the_rest():
    rows = (Route("DX-01", ("named", "office")), Route("diagnosis", ("dispensary",)), Route("", ("residence",)))
    routing = Routing(Records(PLACES, routes=rows))
    who = Whereabouts(attached=CLINIC, residence="1.2.3.8")
    assert owner(routing, "attached", Claims(start=LAB), who) == Owner(LAB, "named")
    assert owner(routing, "attached", Claims(), who) == Owner(OFFICE, "office")
    assert routing.owner("DX-02", "diagnosis", "named", Claims(), who, TODAY) == Owner(CENTRE, "dispensary")
    assert routing.owner("FU-04", "follow_up", "attached", Claims(), who, TODAY) == Owner("1.2.3.8", "residence")
    nobody = Routing(Records(PLACES, routes=(Route("", ("observing",)),)))
    assert owner(nobody, "attached", Claims(sender=LAB), Whereabouts(attached=CLINIC)) == Owner(CLINIC, "attached")


def test_a_row_holds_between_its_days_and_the_later_one_wins():
    rows = (Route("", ("attached",), until=date(2026, 4, 1)), Route("", ("org:1.2.3.9",), since=date(2026, 4, 1)))
    routing = Routing(Records(PLACES, routes=rows))
    who = Whereabouts(attached=CLINIC)
    assert owner(routing, who=who, day=date(2026, 3, 31)).org == CLINIC
    assert owner(routing, who=who, day=date(2026, 4, 1)) == Owner(CENTRE, "org")
    assert set(routing.route_turns("DX-01", "diagnosis", TODAY)) == {date(2026, 4, 1)}


def test_the_office_of_a_clinic_is_its_own_the_one_it_names_or_that_of_its_district():
    named = Place("1.2.3.5", district="Северный", office=CENTRE)
    routing = Routing(Records((*PLACES, named)))
    assert routing.office(CLINIC) == OFFICE
    assert routing.office(OFFICE) == OFFICE
    assert routing.office("1.2.3.5") == CENTRE
    assert routing.office(CENTRE) == ""


def test_default_owners_take_what_nobody_owes_the_most_exact_first():
    rows = (Default(CENTRE), Default(OFFICE, district="Северный"), Default("1.2.3.4", category="care_home"))
    routing = Routing(Records(PLACES, defaults=rows))
    assert owner(routing) == Owner(CENTRE, "default")
    assert owner(routing, who=Whereabouts(district="Северный")) == Owner(OFFICE, "district")
    assert owner(routing, who=Whereabouts(category="care_home", district="Северный")) == Owner("1.2.3.4", "category")
    assert owner(Routing(Records(PLACES))) == Owner("", "")  # nothing configured: the caller says «регион»


def test_a_category_stands_in_for_a_missing_attachment_and_where_it_must_for_any():
    rows = (Default("1.2.3.4", category="care_home"), Default("1.2.3.6", category="prison", instead=True))
    routing = Routing(Records(PLACES, defaults=rows))
    assert owner(routing, claims=Claims(sender=LAB), who=Whereabouts(category="care_home")).org == "1.2.3.4"
    assert owner(routing, who=Whereabouts(attached=CLINIC, category="care_home")).org == CLINIC
    assert owner(routing, who=Whereabouts(attached=CLINIC, category="prison")).org == "1.2.3.6"


def test_the_order_of_rows_does_not_matter_and_records_go_to_another_process():
    rows = (Default(CENTRE), Default(OFFICE, district="Северный"), Default("1.2.3.4", category="care_home"))
    who = Whereabouts(category="care_home", district="Северный")
    for shuffled in itertools.permutations(rows):
        records = Records(PLACES, defaults=shuffled)
        assert pickle.loads(pickle.dumps(records)) == records
        assert owner(Routing(records), who=who).org == "1.2.3.4"


def test_a_later_merger_route_or_attachment_wakes_the_person_on_that_day():
    """Invariant 11: a view says when it would differ without a new fact."""
    from oncor_cases.facts.fact import Fact
    from oncor_cases.facts.places import Attachment, Category
    from oncor_cases.facts.timeline import Patient, Timeline
    from oncor_cases.sources.seeds import default_calendar, default_rulebook
    from oncor_cases.workflows.catalogue import follow

    suspicion = Fact("s", "suspicion", date(2026, 3, 9), date(2026, 3, 9), {"icd10": "C50.9"}, author=CLINIC)
    turn = date(2026, 3, 11)  # the clock of DX-01 ends on the 12th
    book, calendar = default_rulebook(), default_calendar()

    def seen(records: Records, patient: Patient, today: date) -> tuple[date | None, str]:
        views, _ = follow(Timeline(patient, (suspicion,)), today, book, calendar, routing=Routing(records))
        view = next(v for v in views if v.pathway == "diagnosis")
        return view.wakes_on, next(c.owner for c in view.clocks if c.rule == "DX-01")

    home = Patient("1", attached=CLINIC)
    moving = Patient("1", attachments=(Attachment("insurance", CLINIC), Attachment("insurance", OFFICE, turn)))
    taken = Patient("1", attached=CLINIC, categories=(Category("prison", turn),))
    for records, patient, then in (
        (Records(PLACES, (Succession(CLINIC, OFFICE, turn),)), home, OFFICE),
        (Records(PLACES, routes=(Route("DX-01", ("dispensary",), since=turn),)), home, CENTRE),
        (Records(PLACES), moving, OFFICE),
        (Records(PLACES, defaults=(Default(CENTRE, "prison", instead=True),)), taken, CENTRE),
    ):
        assert seen(records, patient, TODAY) == (turn, CLINIC)
        assert seen(records, patient, turn)[1] == then
