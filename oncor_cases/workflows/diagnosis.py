"""The pathway from a suspicion to the first treatment, and the plan watched after it.

Terms: seeds/regulations/diagnosis.yml. Contract: DESIGN section 5. Spec chapter: tests/spec/diagnosis.
Clocks by file: investigation (DX-01, 02, 08, 13-16, 30, 31), first_treatment (DX-03, DX-10), papers (DX-11, 23, 32, 33),
treatment_plan (TR-01 .. 05); refusals (RF-01, 02) are filed here."""

from collections.abc import Iterator
from datetime import date

from oncor_cases.workflows import first_treatment, investigation, noted, papers, treatment_plan
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import EXAMINATIONS, Course, course_of
from oncor_cases.workflows.episodes import Episode, asks_oncologist, confirms
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.route import route
from oncor_cases.workflows.view import Finding, View

BEFORE = ("", "suspected", "referred", "investigating")
MACHINE = Machine(
    "diagnosis",
    {
        "suspected": "Подозрение",
        "referred": "Направлен к онкологу",
        "investigating": "Обследуется",
        "verified": "Диагноз подтверждён",
        "planned": "Есть план лечения",
        "treated": "Лечение начато",
        "excluded": "Диагноз исключён",
    },
    (
        Transition(("",), "suspicion", "suspected", "подозрение или рецидив"),
        Transition(("", "suspected"), "referral", "referred", "направление к онкологу"),
        Transition(("", "suspected", "referred"), "examination", "investigating", "консультация, исследование, биопсия"),
        Transition(BEFORE, "verification", "verified", "злокачественное заключение или заключительный диагноз"),
        Transition((*BEFORE, "verified"), "plan", "planned", "консилиум с планом"),
        Transition((*BEFORE, "verified", "planned"), "treatment", "treated", "лечение начато"),
        Transition((*BEFORE[1:], "verified", "planned", "treated"), "exclusion", "excluded", "диагноз исключён"),
        Transition(("excluded",), "verification", "verified", "диагноз подтверждён вновь"),
        Transition(("excluded",), "treatment", "treated", "лечение начато"),
    ),
)


def follow(episode: Episode, desk: Desk) -> View | None:
    """The view of one episode; None where the episode holds nothing that this pathway watches.

    `desk` carries the day, the rule book, the calendar and the person; its clocks and findings are filled here."""
    course = course_of(episode, desk.person)
    if _watched_elsewhere(course):
        return None
    state, milestones = MACHINE.fold(triggers(course))
    if not state:
        return None
    desk.icd10 = course.icd10
    desk.excluded = course.exclusion if state == "excluded" else None
    desk.elsewhere = course["done_elsewhere"]
    desk.refusals = course["refusal"]
    desk.contraindications = course["contraindication"]
    desk.treated_on = [e.on for e in course.treatments]
    desk.examined_on = [e.on for e in course.events if e.kind in EXAMINATIONS] if desk.refusals else []
    person = desk.person
    desk.general = bool(
        person.death or person.departure or desk.excluded or desk.elsewhere or desk.refusals or desk.contraindications
    )
    investigation.watch(course, desk)
    first = first_treatment.watch(course, desk)
    papers.watch(course, desk)
    treatment_plan.watch(course, desk, first)
    noted.watch(course, desk)
    desk.ask_again("investigation", [e for e in course.events if e.kind in EXAMINATIONS])
    desk.ask_again("treatment", course.treatments)
    if course["done_elsewhere"]:
        desk.findings.append(Finding("document_requested", tuple(e.facts[0] for e in course["done_elsewhere"])))
    milestones |= route(course, desk)
    return desk.view("diagnosis", episode, state, milestones, course.attended, over=state == "excluded")


def _watched_elsewhere(course: Course) -> bool:
    """A tumour known before, with nothing new asked and no treatment planned or begun: other pathways watch it."""
    if course.known is None or course.verification is not None:
        return False
    return not course.seekers and not course["consilium"] and course.treatment is None


def triggers(course: Course) -> Iterator[tuple[str, date]]:
    """Events in canonical order as triggers of the machine. A known tumour repeated in a paper triggers nothing."""
    seekers = course.seekers
    for e in course.events:
        kind, attributes = e.kind, e.attributes
        if kind in ("suspicion", "relapse"):
            yield "suspicion", e.on
        elif kind == "clinical_group":
            if attributes["group"] == "Ia":
                yield "suspicion", e.on
        elif kind == "referral":
            if not asks_oncologist(e):
                yield "examination", e.on
            elif e in seekers:
                yield "referral", e.on
        elif kind == "consultation":
            if course.answers(e) and e.documented:
                yield "examination", e.on
        elif kind in ("study_ordered", "study_performed", "biopsy_taken", "biopsy_received"):
            yield "examination", e.on
        elif kind == "pathology_report":
            yield ("verification" if confirms(e) else "examination"), e.on
        elif kind == "diagnosis":
            if e is course.exclusion:
                yield "exclusion", e.on
            elif e is course.diagnosis:
                yield "verification", e.on
            elif attributes["status"] == "preliminary":
                yield "examination", e.on
            elif e in course.exclusions:
                yield "exclusion", e.on
        elif kind == "consilium":
            yield ("plan" if attributes.get("plan") or course.verified_by(e.on) else "examination"), e.on
        elif e is course.treatment:
            yield "treatment", e.on
        elif kind == "operation":
            yield "examination", e.on
