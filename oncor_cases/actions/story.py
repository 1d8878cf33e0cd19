"""Checking and running stories: the pure core on a timeline written by a person. Touches no database."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import Story
from oncor_cases.tasks.wish import Wish
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.view import View


def check(story: Story, rules: Rulebook | None = None, calendar: Calendar | None = None) -> dict[str, Any]:
    """`{story, ok, differences: [{today, pathway, field, expected, actual}]}` for one story."""
    rules, calendar = rules or default_rulebook(), calendar or default_calendar()
    differences: list[dict[str, Any]] = []
    for expected in story.expect:
        differences.extend(_differences(story, expected, rules, calendar))
    return {"story": story.title, "ok": not differences, "differences": differences}


def _differences(story: Story, expected: Mapping[str, Any], rules: Rulebook, calendar: Calendar) -> list[dict[str, Any]]:
    today = expected["today"]
    views, person = follow(story.timeline, today, rules, calendar, known_on=expected.get("known_on"))
    chosen = [v for v in views if _matches(v, expected)]
    tasks = [w for v in chosen for w in wishes(v, person, today, rules, calendar)]
    said: list[dict[str, Any]] = []

    def differs(field: str, want: Any, got: Any) -> None:
        said.append({
            "today": today.isoformat(), "pathway": expected.get("pathway", ""), "field": field, "expected": want, "actual": got,
        })  # fmt: skip

    if "state" in expected:
        states = [v.state for v in chosen]
        if expected["state"] not in states:
            differs("state", expected["state"], ", ".join(states))
    shown = [_shown(w) for w in tasks]
    if "tasks" in expected and not _same(expected["tasks"] or [], tasks):
        differs("tasks", [_plain(i) for i in expected["tasks"] or []], shown)
    for item in expected.get("has") or []:
        if not any(_fits(item, w) for w in tasks):
            differs("has", _plain(item), shown)
    for item in expected.get("hasnt") or []:
        if any(_fits(item, w) for w in tasks):
            differs("hasnt", _plain(item), shown)
    return said


def _matches(view: View, expected: Mapping[str, Any]) -> bool:
    if expected.get("pathway") not in (None, view.pathway):
        return False
    code = expected.get("icd10")
    if code is not None and not (view.icd10 == code or view.icd10.startswith(f"{code}.")):
        return False
    return expected.get("programme") is None or str(expected["programme"]) in view.episode


def _fits(item: Any, wish: Wish) -> bool:
    wanted = item if isinstance(item, Mapping) else {"rule": item}
    due = wanted.get("due")
    return (
        wanted["rule"] == wish.key.rule
        and (due is None or str(due) == wish.due.isoformat())
        and wanted.get("level") in (None, wish.level)
    )


def _same(wanted: list[Any], tasks: list[Wish]) -> bool:
    """Exactly these tasks: each expected item takes one task of its own."""
    left = list(tasks)
    exact_first = sorted(wanted, key=lambda i: -len(i) if isinstance(i, Mapping) else 0)
    for item in exact_first:
        hit = next((w for w in left if _fits(item, w)), None)
        if hit is None:
            return False
        left.remove(hit)
    return not left


def _plain(item: Any) -> Any:
    return {k: str(v) for k, v in item.items()} if isinstance(item, Mapping) else item


def _shown(wish: Wish) -> dict[str, str]:
    return {"rule": wish.key.rule, "due": wish.due.isoformat(), "level": wish.level}


def run(story: Story, today: date, rules: Rulebook | None = None, calendar: Calendar | None = None) -> list[dict[str, Any]]:
    """What the pathways say of a story on a day, as plain values: state, clocks, tasks, the day it next changes."""
    rules, calendar = rules or default_rulebook(), calendar or default_calendar()
    views, person = follow(story.timeline, today, rules, calendar)
    return [_told(v, person, today, rules, calendar) for v in views]


def _told(view: View, person: Person, today: date, rules: Rulebook, calendar: Calendar) -> dict[str, Any]:
    return {
        "pathway": view.pathway,
        "episode": view.episode,
        "icd10": view.icd10,
        "state": view.state,
        "clocks": [
            {
                "rule": c.rule, "subject": c.subject, "start": c.start.isoformat(), "due": c.due.isoformat(), "status": c.status,
                "ended": c.ended.isoformat() if c.ended else None, "reason": c.reason, "edition": c.edition, "norm": c.norm,
                "owner": c.owner,
            }
            for c in view.clocks
        ],
        "tasks": [_shown(w) for w in wishes(view, person, today, rules, calendar)],
        "findings": [{"code": f.code, "rule": f.rule, "facts": list(f.facts)} for f in view.findings],
        "wakes_on": view.wakes_on.isoformat() if view.wakes_on else None,
    }  # fmt: skip
