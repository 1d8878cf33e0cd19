"""After the first step the plan is watched until its last step is done, refused or replaced: TR-01 .. TR-05.

All product duties (seeds/regulations/diagnosis.yml). Part of the diagnosis pathway, kept apart for size."""

from datetime import timedelta

from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import TREATMENT_STEPS, Course, by_day
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.investigation import of_specimen
from oncor_cases.workflows.view import CLOSED, LATE, MET, Clock

_STARTS = {
    "surgery": "operation",
    "chemotherapy": "chemo_cycle",
    "radiotherapy": "radiotherapy",
    "hormone": "hormone_therapy",
}
_REFUSAL = "treatment"
LONGEST_SUPPLY = 3660  # days; more is a mistyped number


def watch(course: Course, desk: Desk, first: Clock | None) -> None:
    """Files the clocks of the steps after the first one. `first`: DX-03, which watches the first step while it runs."""
    for operation in course["operation"]:
        owed = operation.attributes["aim"] != "diagnostic" or operation is course.operated_first
        if owed and operation.documented:
            _after_operation(course, desk, operation)
    _next_step(course, desk, first)
    _radiotherapy(course, desk)
    _supply(course, desk)


def _starts(course: Course, step: str) -> list[Event]:
    events = course[_STARTS[step]]
    if step == "radiotherapy":
        return [e for e in events if e.attributes["phase"] == "start"]
    if step == "surgery":
        return [e for e in events if e.attributes["aim"] != "diagnostic"]
    return events


def _treatments(course: Course) -> list[Event]:
    return sorted((e for step in TREATMENT_STEPS for e in _starts(course, step)), key=lambda e: e.on)


def _after_operation(course: Course, desk: Desk, operation: Event) -> None:
    """TR-01 the histology of what was removed; TR-02 the consilium that reads it, where something is left to decide."""
    reports = [e for e in course["pathology_report"] if e.on >= operation.on and not _of_biopsy(course, e, operation)]
    later = [e for e in course["consilium"] + _treatments(course) if e.on > operation.on]
    desk.run(
        "TR-01",
        operation,
        subject=operation.subject,
        stops=reports,
        passed=later,
        steps=("histology", "pathology", "pathology_report", "TR-01"),
    )
    if not reports:
        return
    planned = [e for e in course["consilium"] if e.on <= operation.on and e.attributes.get("plan")]
    steps = tuple(planned[-1].attributes["plan"]) if planned else ()
    decide = bool(planned) and "decide" in str(planned[-1].attributes.get("intent"))
    if planned and not decide and not any(step in TREATMENT_STEPS for step in steps[1:]):
        return  # surgery was the whole plan
    if reports[0].attributes["result"] != "malignant" and course.verification is None:
        return  # nothing malignant was found: there is no tumour to hold a consilium about
    desk.run(
        "TR-02",
        reports[0],
        subject=operation.subject,
        stops=course["consilium"],
        passed=[e for e in _treatments(course) if e.on > reports[0].on],
        steps=("consilium", "TR-02"),
        refusable=_REFUSAL,
    )


def _of_biopsy(course: Course, report: Event, operation: Event) -> bool:
    """Is it the answer to a biopsy, and not to this operation? By its specimen, or as the first report after a biopsy
    nobody has reported on before it."""
    if report.attributes["kind"] == "operation":
        return False
    for material in course["biopsy_taken"]:
        if material.on > report.on or not of_specimen(report, material):
            continue
        named = report.attributes.get("specimen") or ""
        if named and named == material.attributes.get("specimen"):
            return True
        answered = [e for e in course["pathology_report"] if of_specimen(e, material)]
        if answered[0] is report and (material.on >= operation.on or not named):
            return True
    return False


def _next_step(course: Course, desk: Desk, first: Clock | None) -> None:
    """TR-03: the first planned step not yet started, from the plan or the end of the step before it."""
    plans = [e for e in course["consilium"] if e.attributes.get("plan")]
    if not plans:
        return
    plan = plans[-1]
    previous: Event | None = None
    for number, step in enumerate(plan.attributes["plan"]):
        if step not in TREATMENT_STEPS:
            return
        since = (previous or plan).on
        begun = next((e for e in _starts(course, step) if e.on >= since), None)
        if begun is not None:
            previous = _finished(course, step, begun)
            if previous is None:
                return  # the step is going on
            continue
        barred = next((e for e in course["contraindication"] if e.attributes.get("of") == step and e.on >= plan.on), None)
        if barred is not None:
            previous = max(previous or plan, barred, key=by_day)
            continue  # the next step of the plan is owed instead
        if number == 0:
            start = _first_step(course, plan, first)
            if start is None:
                return
            previous = start
        desk.run(
            "TR-03",
            previous or plan,
            subject=f"{number}:{step}",
            steps=(step, "treatment", "TR-03"),
            refusable=_REFUSAL,
            closed=[(e, "stopped") for e in course["palliative_care"]],
        )
        return


def _first_step(course: Course, plan: Event, first: Clock | None) -> Event | None:
    """From when the first step of a plan is owed here; None while DX-03 watches it or has closed it for its reason."""
    if first is None or (course.treatment is not None and course.treatment.on < plan.on):
        return plan
    if first.status == CLOSED:
        return plan if first.reason in ("operation_first", "plan_without_treatment") else None
    admitted = course.treatment is not None and course.treatment.kind == "admission"
    if first.status in (MET, LATE) and admitted:  # admitted for it, discharged without it
        return next((e for e in course["discharge"] if first.ended is not None and e.on > first.ended), None)
    return None


def _finished(course: Course, step: str, begun: Event) -> Event | None:
    if step in ("surgery", "hormone"):
        return begun
    kind = "chemo_stopped" if step == "chemotherapy" else "radiotherapy"
    ends = [e for e in course[kind] if e.on >= begun.on and (kind == "chemo_stopped" or e.attributes["phase"] == "end")]
    return ends[0] if ends else None


def _radiotherapy(course: Course, desk: Desk) -> None:
    """TR-04: a break in radiotherapy that nobody ends."""
    for e in course["radiotherapy"]:
        if e.attributes["phase"] == "interrupted":
            stops = [x for x in course["radiotherapy"] if x.on > e.on and x.attributes["phase"] in ("start", "end")]
            stops = sorted(stops + [c for c in course["consilium"] if c.on >= e.on], key=lambda x: x.on)
            desk.run("TR-04", e, subject=e.subject, stops=stops, steps=("radiotherapy", "TR-04"), refusable=_REFUSAL)


def _supply(course: Course, desk: Desk) -> None:
    """TR-05: the medicine has run out and was not prescribed again; starts on the last day of the supply."""
    given = course["hormone_therapy"]
    if not given:
        return
    last = given[-1]
    try:
        days = int(last.attributes.get("valid_days") or 0)
    except (TypeError, ValueError):
        return
    if not 0 < days < LONGEST_SUPPLY:
        return
    ends_on = last.on + timedelta(days=days)
    if ends_on > desk.today:
        desk.wakes.append(ends_on)
        return
    stops = [c for c in course["consilium"] if c.on > last.on]
    desk.run("TR-05", last, on=ends_on, since=last.on, stops=stops, steps=("hormone", "TR-05"), refusable=_REFUSAL)
