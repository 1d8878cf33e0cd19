"""The list of pathways and the one way to ask them all. Pathways never call each other."""

from datetime import date

from oncor_cases.facts.timeline import Timeline
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.workflows import diagnosis
from oncor_cases.workflows.clocks import Desk, Person
from oncor_cases.workflows.episodes import split
from oncor_cases.workflows.events import merge
from oncor_cases.workflows.view import View

PATHWAYS = {"diagnosis": diagnosis}


def follow(
    timeline: Timeline,
    today: date,
    rules: Rulebook,
    calendar: Calendar,
    *,
    known_on: date | None = None,
    observed_from: date | None = None,
) -> tuple[list[View], Person]:
    """Every pathway of every episode of a person on `today`, from what was known on `known_on` (default: today),
    and what concerns the person as a whole. Pure: the same facts in any order give the same answer."""
    facts = timeline.known_on(known_on or today)
    events, findings, future = merge(facts, today, timeline.patient.born)
    person = Person.of(timeline.patient, events, today)
    episodes, _, questions = split(events)
    views: list[View] = []
    for episode in episodes:
        for pathway in PATHWAYS.values():
            desk = Desk(today, rules, calendar, person, observed_from=observed_from)
            if future is not None:
                desk.wakes.append(future)
            if not views:  # what belongs to no episode is told once, with the first
                desk.findings = sorted({*findings, *questions, *person.findings})  # in no order of arrival
            view = pathway.follow(episode, desk)
            if view is not None:
                views.append(view)
    return views, person
