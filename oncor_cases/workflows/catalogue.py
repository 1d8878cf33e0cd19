"""The list of pathways and the one way to ask them all. Pathways never call each other."""

from datetime import date

from oncor_cases.facts.timeline import Timeline
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.workflows import chemotherapy, diagnosis, follow_up, pre_tumour, screening
from oncor_cases.workflows.clocks import Desk, Person
from oncor_cases.workflows.episodes import Episode, split
from oncor_cases.workflows.events import merge
from oncor_cases.workflows.view import View

# Pathways over the rounds of a tumour; the others find their own cases.
OF_ROUNDS = (diagnosis, chemotherapy)
PATHWAYS = {m.MACHINE.pathway: m for m in (screening, pre_tumour, diagnosis, chemotherapy, follow_up)}


def rounds(timeline: Timeline, today: date, known_on: date) -> tuple[list[Episode], Person]:
    """The rounds of care of a person as the pathways see them, and what concerns the person as a whole."""
    events, _, _ = merge(timeline.known_on(known_on), today, timeline.patient.born)
    return split(events)[0], Person.of(timeline.patient, events, today)


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
    views: list[View | None] = []

    def desk() -> Desk:
        fresh = Desk(today, rules, calendar, person, observed_from=observed_from, delays=timeline.delays)
        if future is not None:
            fresh.wakes.append(future)
        return fresh

    kinds = {e.kind for e in events}  # most persons have but some: what cannot speak is not asked
    of_rounds = [p for p in OF_ROUNDS if p is diagnosis or not chemotherapy.OPENS.isdisjoint(kinds)]
    for number, episode in enumerate(episodes):
        for pathway in of_rounds:
            place = desk()
            if number == 0 and pathway is diagnosis:  # what belongs to no episode is told once, with the first
                place.findings = sorted({*findings, *questions, *person.findings})  # in no order of arrival
            views.append(pathway.follow(episode, place))
    if not follow_up.OPENS.isdisjoint(kinds):
        views += [follow_up.follow(tumour, desk()) for tumour in follow_up.tumours(episodes)]
    if any(rules.condition(code) for code in {e.icd10 for e in events} if code):
        views += [pre_tumour.follow(case, events, desk()) for case in pre_tumour.cases(events, rules)]
    if not screening.KINDS.isdisjoint(kinds):
        views += [screening.follow(case, events, desk()) for case in screening.cases(events)]
    return [view for view in views if view is not None], person
