"""Checking and running stories: the pure core on a timeline written by a person. Touches no database."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.codes import site_group
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import Story
from oncor_cases.tasks.wish import Wish
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.view import Clock, View


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
    chosen = [v for v in views if _matches(v, expected)] or [v for v in views if _same_site(v, expected)]
    tasks = [w for v in chosen for w in wishes(v, person, today, rules, calendar)]
    said: list[dict[str, Any]] = []

    def differs(field: str, want: Any, got: Any) -> None:
        pathway = expected.get("pathway", "")
        said.append({"today": today.isoformat(), "pathway": pathway, "field": field, "expected": want, "actual": got})

    if "state" in expected:
        states = [v.state for v in chosen]
        if expected["state"] not in states:
            differs("state", expected["state"], ", ".join(states))
    shown = [_shown(w) for w in tasks]
    if "tasks" in expected and _left(expected["tasks"], tasks) != []:
        differs("tasks", [_plain(i) for i in expected["tasks"]], shown)
    if _left(expected.get("has", []), tasks) is None:
        differs("has", [_plain(i) for i in expected["has"]], shown)
    for item in expected.get("hasnt", []):
        if any(_fits(item, w) for w in tasks):
            differs("hasnt", _plain(item), shown)
    found = sorted({f.code for v in chosen for f in v.findings})
    if missing := [code for code in expected.get("findings", ()) if code not in found]:
        differs("findings", missing, found)
    return said


def _matches(view: View, expected: Mapping[str, Any]) -> bool:
    if expected.get("pathway") not in (None, view.pathway):
        return False
    code = expected.get("icd10")
    if code is not None and not (view.icd10 == code or view.icd10.startswith(f"{code}.")):
        return False
    return expected.get("programme") is None or str(expected["programme"]) in view.episode


def _same_site(view: View, expected: Mapping[str, Any]) -> bool:
    """The code of a case may have changed since (C50.9 to C50.4): where no code fits, the site picks the case."""
    site = site_group(expected.get("icd10"))
    return site is not None and site == site_group(view.icd10) and _matches(view, {**expected, "icd10": None})


def _fits(item: Mapping[str, Any], wish: Wish) -> bool:
    return item["rule"] == wish.key.rule and item.get("due") in (None, wish.due) and item.get("level") in (None, wish.level)


def _left(wanted: list[Mapping[str, Any]], tasks: list[Wish]) -> list[Wish] | None:
    """The tasks nobody expected, each expected item taking one of its own; None if an item finds none."""
    left = list(tasks)
    for item in sorted(wanted, key=len, reverse=True):  # the most exact first
        hit = next((w for w in left if _fits(item, w)), None)
        if hit is None:
            return None
        left.remove(hit)
    return left


def _plain(item: Mapping[str, Any]) -> Any:
    return item["rule"] if len(item) == 1 else {k: str(v) for k, v in item.items()}


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
        "clocks": [_clock(c) for c in view.clocks],
        "tasks": [_shown(w) for w in wishes(view, person, today, rules, calendar)],
        "findings": [{"code": f.code, "rule": f.rule, "facts": list(f.facts)} for f in view.findings],
        "milestones": {name: day.isoformat() for name, day in view.milestones.items()},
        "notes": dict(view.notes),
        "wakes_on": view.wakes_on.isoformat() if view.wakes_on else None,
    }


def _clock(c: Clock) -> dict[str, Any]:
    told = {"rule": c.rule, "subject": c.subject, "start": c.start.isoformat(), "due": c.due.isoformat()}
    told |= {"status": c.status, "ended": c.ended.isoformat() if c.ended else None, "reason": c.reason}
    return told | {"edition": c.edition, "norm": c.norm, "owner": c.owner}
