"""What is owed to the register and the review, never a call to the patient: DX-11 notice 090/u, DX-23 group Ia,
DX-32 late-stage protocol, DX-33 its review. Part of the diagnosis pathway, kept apart for size."""

from itertools import pairwise

from oncor_cases.facts.registers import of_another_region
from oncor_cases.kernel.codes import MALIGNANT
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course, by_day
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import Finding

_RESTAGES = ("operation", "consilium", "study_performed", "progression", "relapse", "pathology_report")


def watch(course: Course, desk: Desk) -> None:
    """Files the clocks of papers; after a death they are findings for the registrar, outside the pathway."""
    _notice(course, desk)
    _late_stage(course, desk)
    _group(course, desk)
    _contradictions(course, desk)
    death = desk.person.death
    if death is not None and course["register_entry"] and not course["register_exit"]:
        desk.findings.append(Finding("register_exit_after_death", death.facts))


def _contradictions(course: Course, desk: Desk) -> None:
    """Two stages of one tumour with nothing between them that could have changed it: both are put to a person."""
    staged = [e for e in course["diagnosis"] if e.sure and e.attributes["status"] == "final" and e.attributes.get("stage")]
    for before, after in pairwise(staged):
        if _group_of(before) == _group_of(after):
            continue
        between = [e for kind in _RESTAGES for e in course[kind] if before.on <= e.on <= after.on]
        if not between:
            desk.findings.append(Finding("stages_differ", (*before.facts, *after.facts)))


def _group_of(diagnosis: Event) -> str:
    """The stage group: IVA and IV are one."""
    return str(diagnosis.attributes["stage"]).upper().rstrip("ABCАВС0123456789 ")


def _first_in_life(course: Course) -> Event | None:
    """Its notice and its review are this region's work; what only another region's register tells was reported there."""
    first = course.diagnosis
    if first is None or course.earlier or first.icd10 not in MALIGNANT or of_another_region(first.author):
        return None
    return first


def _notice(course: Course, desk: Desk) -> None:
    """DX-11: a tumour found for the first time in life is reported to the dispensary."""
    first = _first_in_life(course)
    if first is None or first.icd10 not in desk.rules.edition("DX-11", first.on, first.icd10).edition.icd:
        return
    desk.run(
        "DX-11",
        first,
        since=course.opened_on,
        stops=course["notice_090u"],
        steps=("notice_090u", "DX-11"),
        silent=_old(desk, first),
    )
    if desk.person.death is not None and not course["notice_090u"]:
        desk.findings.append(Finding("notice_after_death", desk.person.death.facts, "DX-11"))


def _late_stage(course: Course, desk: Desk) -> None:
    """DX-32: stage IV, stage III of a visually accessible site, or a tumour first found after death."""
    protocols = course["late_stage_protocol"]
    published = [e for e in protocols if e.attributes["phase"] == "published"]
    first = _first_in_life(course)
    start = _late(course, desk, first) if first is not None else None
    if first is not None and start is not None:
        desk.run(
            "DX-32",
            start,
            since=course.opened_on,
            stops=published,
            steps=("late_stage_protocol", "DX-32"),
            silent=_old(desk, first),
        )
        if desk.person.death is not None and not published:
            desk.findings.append(Finding("late_stage_after_death", desk.person.death.facts, "DX-32"))
    if published:
        reviewed = [e for e in protocols if e.attributes["phase"] == "reviewed"]
        desk.run("DX-33", published[0], stops=reviewed, steps=("review", "DX-33"))


def _late(course: Course, desk: Desk, first: Event) -> Event | None:
    """The diagnosis that shows a late case: the first one with a stage from the final diagnosis on."""
    if desk.person.death is not None and first.on >= desk.person.death.on:
        return first
    staged = next((e for e in course["diagnosis"] if e.on >= first.on and e.attributes.get("stage")), first)
    stage = str(staged.attributes.get("stage") or "").upper()
    visual = desk.rules.edition("DX-32", first.on, course.icd10, 40, "III").edition
    late = stage.startswith("IV") or (stage.startswith("III") and visual.variant == "III" and course.icd10 in visual.icd)
    return staged if late else None


def _group(course: Course, desk: Desk) -> None:
    """DX-23: group Ia, counted from the first record of it, until the group or the diagnosis is settled."""
    groups = course["clinical_group"]
    suspected: Event | None = None
    for e in groups:
        if e.attributes["group"] != "Ia":
            suspected = None
        elif suspected is None:
            suspected = e
    if suspected is None:
        suspected = next((e for e in groups if e.attributes["group"] == "Ia"), None)
    if suspected is None:
        return
    other = [e for e in groups if e.attributes["group"] != "Ia"]
    decided = [e for e in course["diagnosis"] if e.attributes["status"] != "preliminary"]
    desk.run(
        "DX-23",
        suspected,
        stops=sorted(other + decided, key=by_day),
        passed=[e for e in (course.first("consilium"), course.treatment) if e],
        steps=("DX-23",),
        refusable="investigation",
    )


def _old(desk: Desk, first: Event) -> bool:
    """Diagnosed before the region was observed: history, no duty."""
    return desk.observed_from is not None and first.on < desk.observed_from
