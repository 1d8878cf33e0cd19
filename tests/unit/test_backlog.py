"""What waits in the backlog of a new region, and what a release makes of it (tasks/backlog.py)."""

from dataclasses import replace
from datetime import date

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.timeline import Patient, Timeline
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.tasks.backlog import part
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow

BOOK, CALENDAR = default_rulebook(), default_calendar()
LOADED, LIVE, TODAY = date(2026, 3, 2), date(2026, 3, 4), date(2026, 3, 10)


def fact(id: str, on: date, kind: str, known: date = LOADED, **said) -> Fact:
    return Fact(id, kind, on, known, {"icd10": "C50.9", **said}, author="1.2.3.1")


OLD = fact("s", date(2026, 1, 12), "suspicion")


def parted(*facts: Fact, today: date = TODAY, live: date | None = LIVE, released=None):
    views, person = follow(Timeline(Patient("1", attached="1.2.3.1"), facts), today, BOOK, CALENDAR)
    asked = [w for v in views for w in wishes(v, person, today, BOOK, CALENDAR)]
    known = {f.id: f.known for f in facts}
    return part(asked, views, known, live, released or {}, today, BOOK, CALENDAR)


def rules(found) -> list[str]:
    return sorted(w.key.rule for w in found)


def test_without_the_mode_nothing_is_held():
    found = parted(OLD, live=None)
    assert "DX-01" in rules(found.visible)
    assert found.held == []


def test_what_was_overdue_on_the_day_by_facts_of_before_is_held():
    found = parted(OLD)
    assert rules(found.visible) == []
    assert rules(found.held) == ["DX-01"]  # and no search of its own: it comes with the duty


def test_what_was_in_time_on_that_day_becomes_a_task_as_ever():
    in_time = replace(OLD, on=date(2026, 3, 2))  # due 5 March, the region went live on the 4th
    assert "DX-01" in rules(parted(in_time).visible)


def test_what_was_learnt_from_that_day_on_is_a_task_at_once():
    assert "DX-01" in rules(parted(replace(OLD, known=LIVE)).visible)


def test_the_order_of_loading_does_not_matter():
    facts = [
        OLD,
        fact("r", date(2026, 1, 13), "referral", to="oncologist"),
        fact("o", date(2026, 1, 20), "study_ordered", study="ct"),
    ]
    one = parted(*facts)
    for known in ((0, 1, 2), (2, 1, 0), (1, 0, 2)):
        days = [date(2026, 2, 1 + n) for n in known]
        other = parted(*(replace(f, known=day) for f, day in zip(facts, days, strict=True)))
        assert (rules(other.held), rules(other.visible)) == (rules(one.held), rules(one.visible))


def test_a_new_fact_that_starts_the_clock_anew_takes_it_out():
    visit = fact("v", date(2024, 1, 10), "visit", register="oncology")
    diagnosis = fact("d", date(2022, 1, 10), "diagnosis", status="final")
    entry = fact("e", date(2022, 1, 12), "register_entry", register="oncology")
    held = parted(diagnosis, entry, visit)
    assert rules(held.held) == ["FU-04"] or "FU-04" in rules(held.held)
    later = fact("v2", date(2025, 2, 10), "visit", date(2026, 3, 5), register="oncology")  # its own next visit is late too
    again = parted(diagnosis, entry, visit, later)
    assert "FU-04" in rules(again.visible)
    assert "FU-04" not in rules(again.held)


def test_a_released_one_is_a_task_from_that_day_with_its_true_date_and_a_level_that_starts_anew():
    (held,) = parted(OLD).held
    assert held.level == "coordinator"  # two months late: without this all of them would stand before the coordinator
    released = {held.key: TODAY}
    assert rules(parted(OLD, today=date(2026, 3, 9), released=released).visible) == []
    found = parted(OLD, released=released)
    wish = next(w for w in found.visible if w.key == held.key)
    assert (wish.level, wish.due) == ("navigator", held.due)
    assert found.held == []
    assert min(found.wakes) == CALENDAR.add_working_days(TODAY, 3)
    later = parted(OLD, today=CALENDAR.add_working_days(TODAY, 3), released=released)
    assert next(w for w in later.visible if w.key == held.key).level == "head"


def test_a_search_comes_with_the_duty_it_is_about():
    (held,) = parted(OLD).held
    assert rules(parted(OLD, released={held.key: TODAY}).visible) == ["DX-01", "LOST-2"]
