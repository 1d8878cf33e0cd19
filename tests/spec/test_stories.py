"""The spec chapter of the diagnosis pathway: every story of tests/spec/diagnosis is a test, and together they touch
every duty of the rule book and every transition of the machine."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from oncor_cases.actions.story import check
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import Story, stories_of
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.course import Course
from oncor_cases.workflows.diagnosis import MACHINE, triggers
from oncor_cases.workflows.episodes import split
from oncor_cases.workflows.events import merge

CHAPTER = Path(__file__).parent / "diagnosis"
STORIES = list(stories_of([CHAPTER]))


@pytest.mark.parametrize("story", [s for _, s in STORIES], ids=lambda s: s.title)
def test_story(story: Story) -> None:
    assert check(story)["differences"] == []


def test_titles_are_unique() -> None:
    titles = [s.title for _, s in STORIES]
    assert sorted(set(titles)) == sorted(titles)


def test_every_duty_is_expected_as_a_task() -> None:
    book = default_rulebook()
    named = {item["rule"] for _, s in STORIES for e in s.expect for key in ("tasks", "has") for item in e.get(key, ())}
    assert sorted(book.duties.keys() - named) == []


def test_every_level_is_expected() -> None:
    levels = {item.get("level") for _, s in STORIES for e in s.expect for item in e.get("tasks", ())}
    assert {"reminder", "navigator", "head", "coordinator"} <= levels


def test_every_transition_is_walked() -> None:
    walked = {
        (source, trigger)
        for _, s in STORIES
        for e in s.expect
        for source, trigger in _walked(s, e["today"], e.get("known_on"))
    }
    drawn = {(source, t.trigger) for t in MACHINE.transitions for source in t.sources}
    assert sorted(drawn - walked) == []


def _walked(story: Story, today: date, known_on: date | None) -> Iterator[tuple[str, str]]:
    patient = story.timeline.patient
    events, _, _ = merge(story.timeline.known_on(known_on or today), today, patient.born)
    person = Person.of(patient, events, today)
    for episode in split(events)[0]:
        for source, trigger, _, _ in MACHINE.walk(triggers(Course(episode, person))):
            yield source, trigger


def test_every_clock_status_and_reason_is_met() -> None:
    seen = set()
    for _, s in STORIES:
        for e in s.expect:
            views, _ = follow(s.timeline, e["today"], default_rulebook(), default_calendar(), known_on=e.get("known_on"))
            seen |= {(c.status, c.reason if c.status in ("closed", "paused") else "") for v in views for c in v.clocks}
    reasons = (
        "death", "moved_away", "excluded", "done_elsewhere", "refusal_written", "contraindication", "operation_first",
        "plan_without_treatment", "palliative_care", "high_tech", "treated_elsewhere",
    )  # fmt: skip
    wanted = {("closed", r) for r in reasons} | {("paused", "refusal_verbal")}
    wanted |= {(status, "") for status in ("running", "met", "late", "passed")}
    assert sorted(wanted - seen) == []


def test_a_task_has_always_a_rule_and_an_owner_where_anyone_is_known() -> None:
    book, calendar = default_rulebook(), default_calendar()
    for _, s in STORIES:
        for e in s.expect:
            views, person = follow(s.timeline, e["today"], book, calendar, known_on=e.get("known_on"))
            for v in views:
                assert all(w.edition.startswith(w.key.rule) for w in wishes(v, person, e["today"], book, calendar))
