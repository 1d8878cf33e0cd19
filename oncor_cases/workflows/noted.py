"""Noted duties a region has turned on: their clocks are declared in the rule book by the names below. Part of the
diagnosis pathway (seeds/regulations/notes.yml; the other notes have no clock that could be run)."""

from collections.abc import Callable

from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course, by_day
from oncor_cases.workflows.episodes import asks_oncologist
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import CLOSED

_SPECIALISED = ("hospital", "federal_centre")


def _preliminary(course: Course) -> list[Event]:
    return [e for e in course["diagnosis"] if e.attributes["status"] == "preliminary"]


def _specialised(course: Course) -> list[Event]:
    return [
        e
        for e in course["referral"]
        if e.attributes["to"] in _SPECIALISED or e.attributes.get("care") in ("specialised", "high_tech")
    ]


def _studies(course: Course) -> list[Event]:
    asked = [e for e in course["referral"] if e.attributes["to"] in ("biopsy", "study")]
    return sorted([*asked, *course["biopsy_taken"], *course["study_ordered"]], key=by_day)


EVENTS: dict[str, Callable[[Course], list[Event]]] = {
    "referral": lambda c: [e for e in c["referral"] if asks_oncologist(e)],
    "consultation": lambda c: [e for e in c["consultation"] if c.answers(e)],
    "preliminary_diagnosis": _preliminary,
    "studies_ordered": _studies,
    "verification": lambda c: [c.verification] if c.verification else [],
    "specialised_referral": _specialised,
    "treatment": lambda c: c.treatments,
}


def watch(course: Course, desk: Desk) -> None:
    """Files a clock for each noted duty that is on; its milestones and refusals are those of the way to treatment."""
    for duty in desk.rules.noted:
        if duty.pathway != "diagnosis" or duty.watch is None:
            continue
        begins, ends = duty.watch
        start = next(iter(EVENTS[begins](course)), None)
        if start is None:
            continue
        of_treatment = begins == "verification"
        desk.run(
            duty.rule,
            start,
            stops=EVENTS[ends](course),
            passed=[course.treatment] if course.treatment and ends != "treatment" else [],
            closed=_closed_with_treatment(course, desk) if of_treatment else [],
            steps=(duty.rule,),
            refusable="treatment" if of_treatment else "investigation",
        )


def _closed_with_treatment(course: Course, desk: Desk) -> list[tuple[Event, str]]:
    """What closed DX-03 for a reason of its own (another way of care) closes these too."""
    ended = {c.ended_by: c.reason for c in desk.clocks if c.rule == "DX-03" and c.status == CLOSED}
    return [(e, ended[e.facts[0]]) for e in course.events if e.facts[0] in ended]
