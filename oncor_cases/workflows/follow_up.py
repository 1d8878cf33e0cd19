"""The pathway of observation after a diagnosis: registration, then one next visit after another, for life.

Terms: seeds/regulations/follow_up.yml. Contract: DESIGN section 5 "Follow-up". Nobody leaves by the calendar alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from dateutil.relativedelta import relativedelta

from oncor_cases.facts.registers import of_another_region
from oncor_cases.kernel.codes import MALIGNANT
from oncor_cases.kernel.dates import as_date
from oncor_cases.workflows import visit_volume
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course, by_day, course_of
from oncor_cases.workflows.episodes import LINE_STAYS_OPEN, TREATMENT, Episode
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.view import Finding, View

MACHINE = Machine(
    "follow_up",
    {
        "unregistered": "Не взят под наблюдение",
        "observed": "Под наблюдением",
        "relapsed": "Рецидив",
        "removed": "Снят с наблюдения",
    },
    (
        Transition(("",), "diagnosis", "unregistered", "установлен диагноз"),
        Transition(("", "unregistered", "removed"), "registration", "observed", "взят под наблюдение"),
        Transition(("unregistered", "observed"), "relapse", "relapsed", "рецидив или прогрессирование"),
        Transition(("relapsed",), "visit", "observed", "осмотр после лечения рецидива"),
        Transition(("unregistered", "observed", "relapsed"), "removal", "removed", "снят с наблюдения с причиной"),
    ),
)
OPENS = frozenset(
    {"diagnosis", "register_entry", "register_exit", "relapse", "progression", "visit"}
)  # what its machine hears
_TREATED_VISITS = ("chemo_cycle", "admission", "discharge")  # while the plan runs they count as visits (regional switch)
CARE = ("radical", "palliative")  # operations that treat
STEPS = ("surgery", "chemotherapy", "radiotherapy", "hormone")
STEPS_OF = dict(zip(("operation", "chemo_cycle", "radiotherapy", "hormone_therapy"), STEPS, strict=True))
_STAY = timedelta(days=30)  # a stay in hospital around a step of treatment
_YEAR_RULES = ("FU-02", "FU-03", "FU-04")
_HOSPITAL_STEPS = ("operation", "chemo_cycle", "radiotherapy")  # what a stay was for, whatever the admission says


def tumours(episodes: list[Episode]) -> list[Episode]:
    """Rounds of one tumour are one observation (round 0): a relapse opens a round of diagnosis, not a new registration."""
    found: dict[tuple[str, str], Episode] = {}
    for episode in episodes:
        whole = found.get((episode.site, episode.side))
        if whole is None:
            found[(episode.site, episode.side)] = replace(episode, events=list(episode.events), round=0)
        else:
            whole.events = sorted([*whole.events, *(e for e in episode.events if e not in whole.events)], key=by_day)
            whole.course = None
            whole.icd10 = whole.icd10 if whole.rank <= episode.rank else episode.icd10
            whole.excluded_on = episode.excluded_on
    shared = {e.facts[0]: e for x in episodes for e in x.events if e.kind == "visit" and not e.icd10}
    for whole in found.values():  # a visit that names no tumour serves every one, also those treated long ago
        missed = [e for e in shared.values() if e.on >= whole.opened_on and e not in whole.events]
        if missed:
            whole.events = sorted([*whole.events, *missed], key=by_day)
            whole.course = None
    return list(found.values())


def follow(episode: Episode, desk: Desk) -> View | None:
    """The view of observation of one tumour; None before its diagnosis or registration."""
    course = course_of(episode, desk.person)
    state, milestones = MACHINE.fold(_triggers(course))
    if not state:
        return None
    desk.icd10 = course.icd10
    desk.excluded = course.exclusion
    desk.elsewhere = course["done_elsewhere"]
    desk.refusals = course["refusal"]
    visits = _visits(course, desk.rules.switches)
    desk.examined_on = [e.on for e in visits]
    anchor = course.diagnosis or course.known or _registrations(course)[0]
    since = as_date(anchor.attributes.get("first_on")) if anchor is course.known else None
    first = course.diagnosis
    if first is not None and first.icd10 in MALIGNANT and (desk.person.attached or not of_another_region(first.author)):
        desk.run(
            "FU-01",
            first,
            stops=_registrations(course),
            since=course.opened_on,
            steps=("register_entry", "FU-01"),
            refusable="observation",
            silent=desk.observed_from is not None and first.on < desk.observed_from,  # history, no duty
        )
    if state in ("observed", "relapsed") and _registrations(course):
        _next_visit(course, visits, anchor, since or anchor.on, desk)
        visit_volume.watch(course, visits, desk)
    if state != "removed":
        _after_discharge(course, desk)
    if state != "removed":
        desk.ask_again("observation", visits)
    _groups(course, desk)
    over = state == "removed"
    return desk.view("follow_up", episode, state, milestones, course.attended, opened_on=anchor.on, over=over)


def _registrations(course: Course) -> list[Event]:
    return [e for e in course["register_entry"] if e.attributes["register"] == "oncology"]


def _triggers(course: Course) -> Iterator[tuple[str, date]]:
    for e in course.events:
        if e is course.diagnosis or e is course.known:
            yield "diagnosis", e.on
        elif e.kind == "register_entry" and e.attributes["register"] == "oncology":
            yield "registration", e.on
        elif e.kind == "register_exit" and e.attributes["register"] == "oncology":
            yield "removal", e.on
        elif e.kind in ("relapse", "progression"):
            yield "relapse", e.on
        elif e.kind == "visit" and e.attributes["register"] == "oncology":
            yield "visit", e.on


def basal(course: Course) -> bool:
    """Basal cell carcinoma of the skin: C44 with morphology 8090-8098."""
    codes = [str(e.attributes.get("morphology") or "").lstrip("M-")[:4] for e in course.events]
    return course.icd10.startswith("C44") and any("8090" <= code <= "8098" for code in codes if len(code) == 4)


def _visits(course: Course, switches: Mapping[str, str]) -> list[Event]:
    """What counts as a visit, in order: visits on the oncology register; cycles and stays while the plan runs and, where
    a region says so, consultations of the oncologist after registration (regional switches)."""
    visits = [e for e in course["visit"] if e.attributes["register"] == "oncology"]
    if switches["treatment_is_visit"] == "yes":
        visits += [e for kind in _TREATED_VISITS for e in course[kind] if _plan_runs(course, e)]
    if switches["consultation_is_visit"] == "yes":
        entered = min((e.on for e in _registrations(course)), default=date.max)
        visits += [e for e in course["consultation"] if e.on > entered and e.documented and course.answers(e)]
    return sorted(visits, key=by_day)


def _plan_runs(course: Course, e: Event) -> bool:
    """Is treatment of this tumour going on that day? From the plan (or the first treatment) to the discharge after its
    last step; a plan with a step still owed goes on."""
    if e.kind == "chemo_cycle":
        return True
    treated = [t for t in course.events if t.kind in TREATMENT or (t.kind == "operation" and t.attributes["aim"] in CARE)]
    plans = [c for c in course["consilium"] if c.attributes.get("plan") and c.on <= e.on]
    begun = (plans or treated or [e])[-1 if plans else 0].on
    if plans:
        steps = {s for s in plans[-1].attributes["plan"] if s in STEPS}
        given = {STEPS_OF[t.kind] for t in treated if begun <= t.on <= e.on}
        if steps - given:
            return True
    last = max((t.on for t in treated if t.on <= e.on), default=None)
    if any(t.on > e.on and t.on - e.on <= _STAY for t in treated):
        return True  # admitted for the step that follows
    return last is not None and e.kind == "discharge" and begun <= e.on and e.on - last <= _STAY


def _next_visit(course: Course, visits: list[Event], anchor: Event, since: date, desk: Desk) -> None:
    """One next-visit duty: base = the last visit, or the anchor; the interval is that of the year the base lies in."""
    entered = max((e.on for e in _registrations(course)), default=since)
    removed = [e for e in course["register_exit"] if e.attributes["register"] == "oncology" and e.on >= entered]
    if basal(course):
        relapsed = course["relapse"] + course["progression"]
        left = [(e, "removed") for e in removed]
        desk.run("FU-05", anchor, on=since, stops=sorted(relapsed, key=by_day), closed=left, recurring=True)
        desk.wakes.append(since + relativedelta(years=5, days=1))
        if not relapsed and desk.today > since + relativedelta(years=5):
            return  # visits are no longer due; the oncologist is asked to remove the patient
    seen = [v for v in visits if v.on >= since]
    if not seen and desk.rules.switches["follow_up_anchor"] == "treatment":
        seen = _treatment_ended(course, since)
    base = max([anchor, *seen], key=lambda e: e.on)
    months = relativedelta(base.on, since)
    rule = _YEAR_RULES[min(months.years, 2)]
    desk.run(
        rule,
        base,
        closed=[(e, "removed") for e in removed if e.on >= base.on],
        steps=("visit", "oncologist", rule),
        refusable="observation",
        recurring=True,
    )


def _treatment_ended(course: Course, since: date) -> list[Event]:
    """The last step of treatment after the diagnosis: the anchor of the first visit where a region chose it (C4)."""
    kinds = (*TREATMENT, "operation", *_TREATED_VISITS)
    treated = [e for e in course.events if e.on >= since and e.kind in kinds]
    return sorted(treated, key=by_day)[-1:]


def _after_discharge(course: Course, desk: Desk) -> None:
    """FU-13: after a stay for treatment elsewhere the oncologist of the place of residence sees the person.

    Asked only where the hospital and the clinic of attachment (else the one that observes) are known and differ. While
    steps of the plan or cycles of a line are still owed TR-03 and CH-02 watch the way on; the next step or stay takes
    the duty off."""
    watching = [e for e in (*_registrations(course), *course["visit"]) if e.documented and (e.org or e.author)]
    watching = [e for e in watching if not of_another_region(e.author)]
    home = desk.person.attached or (watching[-1].org or watching[-1].author if watching else "")
    left = [e for e in course["discharge"] if e.documented and _treated_in(course, e)]
    if not left or not home:
        return
    last = left[-1]
    hospital = last.org or last.author
    if not hospital or hospital == home or not _treatment_over(course, last, last) or _line_goes_on(course, last):
        return
    seen = [e for e in course["consultation"] if course.answers(e)]
    seen += [e for e in course["visit"] if e.attributes["register"] == "oncology"]
    going_on = [e for kind in ("admission", *_HOSPITAL_STEPS) for e in course[kind] if e.on > last.on]
    desk.run(
        "FU-13",
        last,
        stops=sorted((e for e in seen if e.on > last.on and (e.org or e.author) != hospital), key=by_day),
        closed=[(e, "treatment_goes_on") for e in going_on],
        steps=("oncologist", "visit", "consultation", "FU-13"),
        refusable="observation",
        org=home,
    )


def _line_goes_on(course: Course, discharge: Event) -> bool:
    """Are further cycles of a drug line expected on the day of a discharge?"""
    given = [e for e in course["chemo_cycle"] if e.on <= discharge.on]
    if not given or any(given[-1].on <= e.on <= discharge.on for e in course["chemo_stopped"]):
        return False
    prescribed = [e for e in course["chemo_prescribed"] if e.on <= discharge.on]
    planned = str(prescribed[-1].attributes.get("cycles") or "") if prescribed else ""
    since = prescribed[-1].on if prescribed else given[0].on
    done = sum(e.on >= since for e in given)
    return not (planned.isdigit() and done >= int(planned)) and discharge.on - given[-1].on <= LINE_STAYS_OPEN


def _treated_in(course: Course, discharge: Event) -> bool:
    """Was the stay that ended with the discharge for treatment?"""
    since = discharge.on - _STAY
    if any(since <= e.on <= discharge.on and e.attributes["purpose"] == "treatment" for e in course["admission"]):
        return True
    return any(since <= e.on <= discharge.on for kind in _HOSPITAL_STEPS for e in course[kind])


def _groups(course: Course, desk: Desk) -> None:
    """A move of the clinical group that the dispensary method does not know is put to a person
    (seeds/dictionaries/clinical_groups.yml)."""
    groups = course["clinical_group"]
    for before, after in pairwise(groups):
        old, new = before.attributes["group"], after.attributes["group"]
        if old == new:
            continue
        known = next((m for m in desk.rules.tables.moves if m.before == old and new in m.after), None)
        if known is None or (known.needs and not _NEEDS[known.needs](course, before, after)):
            desk.findings.append(Finding("clinical_group_move", (*before.facts, *after.facts)))


def _by_consilium(course: Course, before: Event, after: Event) -> bool:
    return any(before.on <= c.on <= after.on for c in course["consilium"])


def _treatment_over(course: Course, before: Event, after: Event) -> bool:
    """No step of the last plan is still owed on the day of the move."""
    plans = [c for c in course["consilium"] if c.attributes.get("plan") and c.on <= after.on]
    if not plans:
        return True
    planned = {step for step in plans[-1].attributes["plan"] if step in STEPS}
    given = {STEPS_OF[e.kind] for kind in STEPS_OF for e in course[kind] if e.on <= after.on}
    refused = any(e.attributes["of"] == "treatment" and e.on <= after.on for e in course["refusal"])
    barred = {str(e.attributes.get("of")) for e in course["contraindication"] if e.on <= after.on}
    return refused or not planned - given - barred


_NEEDS: dict[str, Callable[[Course, Event, Event], bool]] = {
    "consilium": _by_consilium,
    "treatment_over": _treatment_over,
}
