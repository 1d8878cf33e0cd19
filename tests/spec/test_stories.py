"""The spec chapters of all pathways: every story of tests/spec is a test, and together they touch every duty of the rule
book and every transition of every machine."""

from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest

from oncor_cases.actions.story import check
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import Story, stories_of
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import PATHWAYS, follow
from oncor_cases.workflows.machine import Machine

CHAPTERS = [Path(__file__).parent / name for name in PATHWAYS]
STORIES = list(stories_of(CHAPTERS))
ENOUGH = 15  # stories of a chapter


@pytest.mark.parametrize("story", [s for _, s in STORIES], ids=lambda s: s.title)
def test_story(story: Story) -> None:
    assert check(story)["differences"] == []


def test_there_are_stories_enough_in_all() -> None:
    assert len(STORIES) >= 120


def test_titles_are_unique() -> None:
    titles = [s.title for _, s in STORIES]
    assert sorted(set(titles)) == sorted(titles)


def test_every_duty_is_expected_as_a_task() -> None:
    # work from lists comes from an assignment, not from facts a story can tell: tests/unit/test_assigned.py
    owed = {rule for rule, duty in default_rulebook().duties.items() if duty.pathway in (*PATHWAYS, "any")}
    named = {item["rule"] for _, s in STORIES for e in s.expect for key in ("tasks", "has") for item in e.get(key, ())}
    assert sorted(owed - named) == []


def test_every_level_is_expected() -> None:
    levels = {item.get("level") for _, s in STORIES for e in s.expect for item in e.get("tasks", ())}
    assert {"reminder", "navigator", "head", "coordinator"} <= levels


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda c: c.name)
def test_a_chapter_has_stories_enough_and_speaks_of_its_pathway(chapter: Path) -> None:
    told = [s for _, s in stories_of([chapter])]
    assert len(told) >= ENOUGH
    assert [s.title for s in told if chapter.name not in {e.get("pathway") for e in s.expect}] == []


def test_every_transition_is_walked(monkeypatch: pytest.MonkeyPatch) -> None:
    walked: set[tuple[str, str, str]] = set()
    fold = Machine.fold

    def watched(self: Machine, triggers: Iterable[tuple[str, date]]) -> tuple[str, dict[str, date]]:
        told = list(triggers)
        walked.update((self.pathway, source, trigger) for source, trigger, _, _ in self.walk(told))
        return fold(self, told)

    monkeypatch.setattr(Machine, "fold", watched)
    for _, s in STORIES:
        for e in s.expect:
            follow(s.timeline, e["today"], default_rulebook(), default_calendar(), known_on=e.get("known_on"))
    machines = [m.MACHINE for m in PATHWAYS.values()]
    drawn = {(m.pathway, x, t.trigger) for m in machines for t in m.transitions for x in t.sources if x != t.target}
    assert sorted(drawn - walked) == []


def test_every_clock_status_and_reason_is_met() -> None:
    seen = set()
    for _, s in STORIES:
        for e in s.expect:
            views, _ = follow(s.timeline, e["today"], default_rulebook(), default_calendar(), known_on=e.get("known_on"))
            seen |= {(c.status, c.reason if c.status in ("closed", "paused") else "") for v in views for c in v.clocks}
    reasons = (
        "death", "moved_away", "excluded", "done_elsewhere", "refusal_written", "contraindication", "operation_first",
        "plan_without_treatment", "palliative_care", "high_tech", "treated_elsewhere", "planned_gap", "removed",
        "cancer_found", "resolved", "refused", "done_earlier",
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
