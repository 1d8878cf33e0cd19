"""From the suspicion to the decision: DX-01 consultation, DX-02 studies, DX-08 and DX-13..16 pathology, DX-30 the result
told, DX-31 the decision. Part of the diagnosis pathway, kept apart for size."""

from collections.abc import Sequence

from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course, by_day
from oncor_cases.workflows.episodes import asks_oncologist
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import RUNNING

STUDIED_BY_LABORATORY = ("histology", "ihc")  # ordered, they are owed as material; the conclusion has its own clock
WORK_RULES = {"simple": "DX-13", "stains": "DX-14", "ihc_5": "DX-15", "ihc_more": "DX-16"}
DECISIVE = ("malignant", "suspicious", "abnormal", "positive")
_MATERIAL = ("biopsy", "biopsy_taken", "histology", "pathology", "pathology_report", "DX-08")


def watch(course: Course, desk: Desk) -> None:
    """Files the clocks from the suspicion to the decision."""
    _consultation(course, desk)
    _studies(course, desk)
    _pathology(course, desk)
    _results(course, desk)
    _decision(course, desk)


def _consultation(course: Course, desk: Desk) -> None:
    """DX-01. Starts at the suspicion record (C1), else at the referral as an assumed start."""
    referrals = [e for e in course["referral"] if asks_oncologist(e)]
    seekers = course.seekers
    start = next((e for e in seekers if e.kind != "referral"), None) or (seekers[0] if seekers else None)
    if start is None or (course.verification is not None and course.verification.on < start.on):
        return  # a referral or suspicion of a tumour this round has already confirmed asks for nothing new
    # what was done for a tumour known before the suspicion is no answer to it
    since = start.on if course.known is not None and course.known.on < start.on else course.opened_on
    desk.run(
        "DX-01",
        start,
        since=since,
        stops=[e for e in course["consultation"] if course.answers(e)],
        passed=[e for e in (course.verification, course.first("consilium"), course.treatment) if e],
        closed=[(course.operated_first, "operation_first")] if course.operated_first else [],
        steps=("oncologist", "haematologist", "consultation", "DX-01"),
        refusable="investigation",
        org=referrals[0].org if referrals else "",
        assumed=start.kind == "referral",
    )


def _studies(course: Course, desk: Desk) -> None:
    """DX-02: one clock per study ordered on the way to treatment; the laboratory's own term is DX-08 (conflict C2)."""
    for order in course["study_ordered"]:
        if course.treatment is not None and order.on > course.treatment.on:
            continue  # control of a treatment or observation, not a study on suspicion
        study = str(order.attributes["study"])
        if study in STUDIED_BY_LABORATORY:
            stops = sorted(
                course["biopsy_taken"] + course["biopsy_received"] + course["pathology_report"], key=lambda e: e.on
            )
        else:
            stops = [e for e in course["study_performed"] if course.performs(e, order)]
        desk.run(
            "DX-02",
            order,
            subject=f"{study}@{order.subject}",
            stops=stops,
            passed=[e for e in course.milestones if e.on > order.on],  # of one day: ordered together with the decision
            steps=("study", "study_performed", "investigation", study, "DX-02"),
            refusable="investigation",
        )


def _pathology(course: Course, desk: Desk) -> None:
    """DX-08 from the receipt of the material, else from its taking (assumed); DX-13..16 only when the work is known."""
    for material in _materials(course["biopsy_taken"], course["biopsy_received"]):
        reports = [
            e for e in course["pathology_report"] if of_specimen(e, material) and not e.attributes.get("awaiting_ihc")
        ]
        passed = [e for e in course.milestones if e.on > material.on]
        specimen = str(material.attributes.get("specimen") or material.subject)
        arrived = material.kind == "biopsy_received"
        desk.run("DX-08", material, subject=specimen, stops=reports, passed=passed, steps=_MATERIAL, assumed=not arrived)
        work = WORK_RULES.get(str(material.attributes.get("work") or ""))
        if arrived and work:
            desk.run(work, material, subject=specimen, stops=reports, passed=passed, steps=(*_MATERIAL, work))


def _materials(taken: Sequence[Event], received: Sequence[Event]) -> list[Event]:
    """The material by its receipt where that is recorded, else by its taking: one clock a specimen."""
    taken, received = _once(taken), _once(received)
    left = list(taken)
    for arrival in received:
        named = arrival.attributes.get("specimen")
        match = [t for t in left if t.on <= arrival.on and (not named or t.attributes.get("specimen") in (None, "", named))]
        for t in match if named else match[:1]:
            left.remove(t)
    return sorted([*received, *left], key=lambda e: (e.on, e.kind, e.subject))


def _once(materials: Sequence[Event]) -> list[Event]:
    """A specimen named twice (its copy, its second parcel) is the first one."""
    named: set[str] = set()
    first = []
    for e in materials:
        specimen = str(e.attributes.get("specimen") or "")
        if not specimen or specimen not in named:
            first.append(e)
        named.add(specimen)
    return first


def of_specimen(report: Event, material: Event) -> bool:
    """May the report speak of this material: not earlier, and of no other specimen?"""
    said, meant = report.attributes.get("specimen"), material.attributes.get("specimen")
    return report.on >= material.on and (not said or not meant or said == meant)


def _results(course: Course, desk: Desk) -> None:
    """DX-30: a result nobody told the patient. One duty is open at a time, due when the most urgent such result is: a
    malignant report gives 1 working day and may be due before an abnormal study that came earlier."""
    results = [e for e in course["pathology_report"] if not e.attributes.get("awaiting_ihc") or _malignant(e)]
    results += [e for e in course["study_performed"] if str(e.attributes.get("result")) in DECISIVE]
    if not results:
        return
    results.sort(key=by_day)
    told = [*course["result_told"], *course["consultation"]]
    later = [*course["consilium"], *course.treatments]
    answers = [*told, *desk.person.appointments, *later]
    untold = [r for r in results if not any(e.on >= r.on for e in answers)]
    last = min(untold, key=lambda r: desk.due("DX-30", r.on, _weight(r)), default=results[-1])
    for result in results:
        if result is not last and (result in untold or result.on > last.on or not _malignant(result)):
            continue  # an answered plain result needs no line of its own; the statistics look at malignant ones
        desk.run(
            "DX-30",
            result,
            subject="" if result is last else result.subject,
            stops=sorted([*told, *_invitations(desk, result)], key=by_day),
            passed=later,
            variant=_weight(result),
            steps=("result", "result_told", "oncologist", "consultation", "appointment", "DX-30"),
            refusable="investigation",
            org=course.orderer(result),
        )


def _malignant(result: Event) -> bool:
    return result.attributes.get("result") == "malignant"


def _weight(result: Event) -> str:
    """The variant of DX-30 a result falls under."""
    return "malignant" if _malignant(result) else "other"


def _invitations(desk: Desk, result: Event) -> list[Event]:
    """Appointments as invitations: one dated by the day of the visit was made when it became known."""
    return [
        e._replace(on=max(e.known, result.on)) if e.on > e.known and e.on >= result.on else e
        for e in desk.person.appointments
    ]


def _decision(course: Course, desk: Desk) -> None:
    """DX-31: everything ordered and taken is in, and nobody has named or excluded the diagnosis."""
    if any(c.status == RUNNING for c in desk.clocks if c.rule in ("DX-02", "DX-08")):
        return
    reports = course["pathology_report"]
    asked = [*course["study_ordered"], *course["biopsy_taken"], *course["biopsy_received"], *reports]
    if not asked:
        return
    since = min(e.on for e in asked)
    arrived = [e for e in course["study_performed"] + reports if e.on >= since]
    awaiting = [e for e in reports if e.attributes.get("awaiting_ihc")]
    if awaiting and not any(e.on >= awaiting[-1].on and e.attributes.get("kind") in ("ihc", "molecular") for e in arrived):
        return
    if not arrived:
        return
    last = max(arrived, key=lambda e: (e.on, e.kind, e.subject))
    decided = [e for e in course["diagnosis"] if e.attributes["status"] != "preliminary"]
    if any(since <= e.on <= last.on for e in decided) or (course.treatment is not None and course.treatment.on < last.on):
        return
    desk.run(
        "DX-31",
        last,
        stops=sorted(decided + course["study_ordered"], key=by_day),
        passed=[e for e in (*course["consilium"], course.treatment) if e],
        steps=("decision", "diagnosis", "DX-31"),
        refusable="investigation",
        org=course.consultant(),
    )
