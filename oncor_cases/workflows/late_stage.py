"""What the protocol of late detection (form 027-2/u) can be composed from: the dates of the case with the organisations
behind them, and the tumour. A doctor adds the words; nothing here is a conclusion."""

from collections.abc import Sequence
from typing import Any

from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.course import Course, course_of
from oncor_cases.workflows.episodes import Episode, asks_oncologist, confirms
from oncor_cases.workflows.events import PRESENCE, Event

_TUMOUR = ("icd10", "side", "stage", "t", "n", "m", "morphology", "basis")


def compose(episode: Episode, person: Person) -> dict[str, Any]:
    """`{steps: [{name, on, org, kind, fact}], tumour: {icd10, side?, stage?, …}}` as plain JSON values.

    Steps: first_visit, suspicion, referral, consultation, biopsy, report, diagnosis, plan, treatment, death; those that
    did not happen are left out. `org` is who did it, else who wrote it."""
    course = course_of(episode, person)
    found: list[tuple[str, Event | None]] = [
        ("first_visit", next((e for e in course.events if e.kind == "suspicion" or e.kind in PRESENCE), None)),
        ("suspicion", course.first("suspicion")),
        ("referral", next((e for e in course["referral"] if asks_oncologist(e)), None)),
        ("consultation", next((e for e in course["consultation"] if course.answers(e)), None)),
        ("biopsy", course.first("biopsy_taken") or course.first("biopsy_received")),
        ("report", next((e for e in course["pathology_report"] if confirms(e)), None)),
        ("diagnosis", course.diagnosis),
        ("plan", course.first("consilium")),
        ("treatment", course.treatment),
        ("death", person.death),
    ]
    steps = [_step(name, e) for name, e in found if e is not None]
    return {"steps": steps, "tumour": _tumour(course)}


def _step(name: str, e: Event) -> dict[str, str]:
    named = e.org if e.kind not in ("referral", "study_ordered") else ""  # a referral names where to, not who sent
    org = named or (e.author if e.documented else "")
    return {"name": name, "on": e.on.isoformat(), "org": org, "kind": e.kind, "fact": e.facts[0]}


def _tumour(course: Course) -> dict[str, str]:
    """The tumour as the latest diagnoses say it, value by value."""
    told: dict[str, str] = {"icd10": course.icd10}
    said: Sequence[Event] = [e for e in course["diagnosis"] if e.attributes["status"] != "excluded"]
    for e in said:
        told |= {name: str(e.attributes[name]) for name in _TUMOUR if e.attributes.get(name)}
    return told
