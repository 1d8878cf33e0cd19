"""Assignments become wishes: from the day given, raised after the due date, ended by whatever ends them."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.timeline import Patient
from oncor_cases.facts.vocabulary import check
from oncor_cases.kernel.calendar import russian
from oncor_cases.regulations.routing import Default, Records, Routing, Succession
from oncor_cases.sources.seeds import default_rulebook
from oncor_cases.tasks.assigned import NOT_GIVEN_YET, Assignment, Before, assigned, days_of_knowledge
from oncor_cases.tasks.reconcile import Resolution
from oncor_cases.tasks.wish import Key
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.events import merge
from oncor_cases.workflows.owners import Owners

CALENDAR = russian(date(2026, 12, 31))
BOOK = default_rulebook()
EVER = date.max
GIVEN, DUE = date(2026, 3, 2), date(2026, 3, 13)  # Monday, Friday
WORK = Assignment(7, "LIST-01", GIVEN, DUE, GIVEN, text="Пригласить к онкологу", author="vera", source="ТФОМС, март")
SOMEBODY = Person(Patient("1", "female", date(1961, 4, 12), "clinic"), attached="clinic")


def who(kind, on, **said):
    """The person of whom one fact is known."""
    patient = SOMEBODY.patient
    fact = Fact("9", kind, on, on, check(kind, said))
    return Person.of(patient, merge([fact], date(2026, 12, 31), patient.born)[0], date(2026, 12, 31))


def asked(today, work=WORK, person=SOMEBODY, known_on=EVER):
    return assigned([work], person, today, known_on, BOOK, CALENDAR)


def test_it_is_wished_from_the_day_it_is_given_and_not_before():
    early = asked(GIVEN - timedelta(days=1))
    assert early.wishes == []
    assert early.ended == {WORK.key: Resolution(NOT_GIVEN_YET)}
    assert early.wakes == [GIVEN]
    (wish,) = asked(GIVEN).wishes
    assert wish.key == Key("lists", "", "LIST-01", "7")
    assert (wish.due, wish.level, wish.owner, wish.norm) == (DUE, "navigator", "clinic", "product")


@pytest.mark.parametrize(
    ("today", "level"),
    [(DUE, "navigator"), (date(2026, 3, 16), "navigator"), (date(2026, 3, 18), "head"), (date(2026, 3, 27), "coordinator")],
)
def test_after_its_due_date_it_rises_by_the_steps_of_its_duty(today, level):
    assert asked(today).wishes[0].level == level


@given(
    st.integers(-5, 40),
    st.integers(0, 20),
    st.one_of(st.none(), st.integers(0, 30)),
    st.integers(0, 10),
    st.lists(st.integers(0, 45), max_size=3),
)
def test_nothing_differs_before_the_day_it_says_to_look_again(day, length, closed, known, changed):
    work = replace(
        WORK, due=GIVEN + timedelta(days=length), known=GIVEN + timedelta(days=known),
        closed_on=None if closed is None else GIVEN + timedelta(days=closed),
        reason="" if closed is None else "assignment_done",
        changes=tuple(
            Before(n, GIVEN + timedelta(days=on), ["", "other"][n % 2], f"Раз {n // 2}")
            for n, on in enumerate(sorted(changed))
        ),
    )  # fmt: skip
    today = GIVEN + timedelta(days=day)
    now = asked(today, work)
    until = min((d for d in now.wakes if d > today), default=today + timedelta(days=60))
    while (today := today + timedelta(days=1)) < until:
        later = asked(today, work)
        assert (later.wishes, later.ended) == (now.wishes, now.ended)


def test_an_organisation_named_owns_it_else_the_clinic_of_the_day():
    assert asked(GIVEN, replace(WORK, owner="dispensary")).wishes[0].owner == "dispensary"
    moved = Person(SOMEBODY.patient, attached="other")
    assert asked(GIVEN, person=moved).wishes[0].owner == "other"


def test_a_merged_organisation_is_answered_for_and_nobody_is_without_an_owner():
    after = date(2026, 3, 10)
    records = Records(successions=(Succession("clinic", "heir", after),), defaults=(Default("dispensary"),))

    def routed(today, attached, work=WORK):
        owners = Owners.of(Routing(records), replace(SOMEBODY.patient, attached=attached), attached, (), today, EVER)
        found = asked(today, work, Person(SOMEBODY.patient, attached=attached, owners=owners))
        return found.wishes[0].owner, after in found.wakes

    assert routed(GIVEN, "clinic") == ("clinic", True)
    assert routed(after, "clinic") == ("heir", False)
    assert routed(GIVEN, "") == ("dispensary", False)
    assert routed(GIVEN, "", replace(WORK, owner="clinic")) == ("clinic", True)
    assert routed(after, "", replace(WORK, owner="clinic")) == ("heir", False)


def test_what_is_learnt_later_is_not_known_yet_and_what_ends_later_has_not_ended():
    late = replace(WORK, known=date(2026, 3, 5), closed_on=date(2026, 3, 10), reason="assignment_done")
    assert asked(date(2026, 3, 6), late, known_on=date(2026, 3, 4)).ended == {}
    assert len(asked(date(2026, 3, 6), late).wishes) == 1
    assert len(asked(date(2026, 3, 12), late, known_on=date(2026, 3, 9)).wishes) == 1
    assert asked(date(2026, 3, 12), late).ended == {WORK.key: Resolution("assignment_done")}
    assert days_of_knowledge([late, WORK]) == [GIVEN, date(2026, 3, 5), date(2026, 3, 10)]


def test_whose_it_was_and_what_it_asked_for_is_answered_by_the_day_and_what_was_known():
    second, third = date(2026, 3, 5), date(2026, 3, 9)
    work = replace(
        WORK, owner="third", text="Стадия III",
        changes=(Before(1, second, "first", "Стадия I"), Before(2, third, "second", "Стадия I")),
    )  # fmt: skip

    def told(today, known_on=EVER):
        found = asked(today, work, known_on=known_on)
        return found.wishes[0].owner, found.because[WORK.key]["asked"], found.wishes[0].because

    assert told(GIVEN) == ("first", "Стадия I", "")
    assert told(second) == ("second", "Стадия I", ""), "another owner is no other text"
    assert told(third) == ("third", "Стадия III", "resaid:2")
    assert told(third, known_on=second) == ("second", "Стадия I", "")
    assert "Уточнено 09.03.2026, раньше было: «Стадия I»." in asked(third, work).because[WORK.key]["text"]
    assert "Уточнено" not in asked(second, work).because[WORK.key]["text"]
    assert asked(GIVEN, work).wakes[:2] == [second, third]
    assert days_of_knowledge([work]) == [GIVEN, second, third]


def test_death_and_departure_end_calls_with_their_fact():
    assert asked(date(2026, 3, 5), person=who("death", date(2026, 3, 4))).ended == {WORK.key: Resolution("death", "9")}
    assert asked(date(2026, 3, 5), person=who("moved_away", date(2026, 3, 4))).ended == {
        WORK.key: Resolution("moved_away", "9")
    }


def test_an_appointment_holds_it():
    found = asked(date(2026, 3, 16), person=who("appointment", GIVEN, at="2026-03-20"))
    assert found.wishes[0].waiting_until == date(2026, 3, 20)
    assert date(2026, 3, 23) in found.wakes


def test_it_explains_itself():
    told = asked(GIVEN).because[WORK.key]
    assert told["asked"] == "Пригласить к онкологу"
    assert "ТФОМС, март" in told["text"]
    assert "13.03.2026" in told["text"]
    assert told["start"]["on"] == "2026-03-02"


def test_a_rule_the_book_no_longer_has_is_treated_as_work_over_a_list():
    (wish,) = asked(GIVEN, replace(WORK, rule="LIST-99")).wishes
    assert wish.key.rule == "LIST-99"
    assert wish.level == "navigator"
