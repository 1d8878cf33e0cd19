"""DX-03 the first treatment and the finding DX-10 (treated without a consilium). Part of the diagnosis pathway."""

from oncor_cases.facts.registers import of_another_region
from oncor_cases.kernel.codes import CANCER
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import TREATMENT_STEPS, Course, by_day
from oncor_cases.workflows.episodes import confirms
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import Clock, Finding

_STEPS = ("treatment", "admission", "hospital", "operation", "chemo_cycle", "hormone_therapy", *TREATMENT_STEPS, "DX-03")
_NOT_GIVEN = ("refused", "rejected", "cancelled", "canceled", "annulled", "denied")  # a ticket that leads nowhere


def watch(course: Course, desk: Desk) -> Clock | None:
    """Files DX-03 and says how it stands; None where nothing confirmed the tumour.

    The earlier of a malignant report and a final diagnosis starts the clock (C3)."""
    _consilium_first(course, desk)
    starts = [e for e in (course.first_malignant, course.diagnosis, course.preliminary_without_histology) if e]
    if desk.rules.switches["treatment_from_preliminary"] == "always":
        starts += [e for e in course["diagnosis"] if e.attributes["status"] == "preliminary" and e.icd10 in CANCER][:1]
    if not desk.person.attached and any(of_another_region(e.author) for e in starts):
        # Known from another region's register alone: treated there, until somebody here says so, too.
        ours = [e for e in starts if not of_another_region(e.author)]
        starts = ours or [e for e in course["diagnosis"] if confirms(e) and not of_another_region(e.author)][:1]
    if not starts:
        return None
    start = min(starts, key=lambda e: (e.on, e.kind != "diagnosis"))
    before = desk.observed_from is not None and start.kind == "diagnosis" and start.on < desk.observed_from
    return desk.run(
        "DX-03",
        start,
        since=course.opened_on,
        stops=course.treatments[:1],
        closed=_reasons(course, desk),
        steps=_STEPS,
        refusable="treatment",
        silent=before,
    )


def _reasons(course: Course, desk: Desk) -> list[tuple[Event, str]]:
    """Why treatment is not owed here: another way of care was chosen, or the patient is treated in another place."""
    closed = [(e, "palliative_care") for e in course["palliative_care"]]
    if course.operated_first is not None:
        closed.append((course.operated_first, "operation_first"))
    for e in course["consilium"]:
        plan = e.attributes.get("plan") or ()
        if plan and not any(step in TREATMENT_STEPS for step in plan):
            closed.append((e, "plan_without_treatment"))
    for e in course["vmp_ticket"]:
        if str(e.attributes.get("status") or "").lower() not in _NOT_GIVEN:
            closed.append((e, "high_tech"))
    for e in course["referral"]:
        to, care, place = (e.attributes.get(name) for name in ("to", "care", "place"))
        if care == "high_tech":
            closed.append((e, "high_tech"))
        elif to == "federal_centre" or (place in ("federal", "other_region") and to == "hospital"):
            closed.append((e, "treated_elsewhere"))
            desk.findings.append(Finding("extract_requested", e.facts, "DX-03"))
        elif to == "palliative":
            closed.append((e, "palliative_care"))
    return [*closed, *_all_contraindicated(course)]


def _all_contraindicated(course: Course) -> list[tuple[Event, str]]:
    """The contraindication after which no treatment of the plan is left."""
    plans = [e.attributes["plan"] for e in course["consilium"] if e.attributes.get("plan")]
    left = {step for step in plans[-1] if step in TREATMENT_STEPS} if plans else set()
    for e in course["contraindication"]:
        of = str(e.attributes.get("of"))
        if of in left:
            left.discard(of)
            if not left:
                return [(e, "contraindication")]
    return []


def _consilium_first(course: Course, desk: Desk) -> None:
    """DX-10 has no term: a finding once an elective treatment began without a consilium before it."""
    elective = [e for e in course.treatments if e.kind != "admission" and e.attributes.get("aim") != "emergency"]
    if not elective:
        return
    first = min(elective, key=by_day)
    if desk.observed_from is not None and first.on < desk.observed_from:
        return  # as with duties: what came before the region went live is not asked for
    if not any(e.on <= first.on for e in course["consilium"]):
        desk.findings.append(Finding("no_consilium", first.facts, "DX-10"))
