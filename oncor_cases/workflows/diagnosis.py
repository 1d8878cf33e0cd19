"""The pathway from a suspicion to the first treatment, and the plan watched after it.

Terms: seeds/regulations/diagnosis.yml. Contract: DESIGN section 5. Spec chapter: tests/spec/diagnosis."""

from collections.abc import Iterator, Sequence
from datetime import date

from oncor_cases.kernel.codes import CANCER, MALIGNANT
from oncor_cases.workflows import treatment_plan
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import TREATMENT_STEPS, Course
from oncor_cases.workflows.episodes import Episode
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.machine import Machine, Transition
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
        Transition((*BEFORE, "verified", "planned", "treated"), "exclusion", "excluded", "диагноз исключён"),
        Transition(("excluded",), "verification", "verified", "диагноз подтверждён вновь"),
        Transition(("excluded",), "treatment", "treated", "лечение начато"),
    ),
)
STUDIED_BY_LABORATORY = ("histology", "ihc")  # ordered, they are owed as material; the conclusion has its own clock
WORK_RULES = {"simple": "DX-13", "stains": "DX-14", "ihc_5": "DX-15", "ihc_more": "DX-16"}
DECISIVE = ("malignant", "suspicious", "abnormal")


def follow(episode: Episode, desk: Desk) -> View | None:
    """The view of one episode; None where the episode holds nothing that this pathway watches.

    `desk` carries the day, the rule book, the calendar and the person; its clocks and findings are filled here."""
    course = Course(episode, desk.person)
    if (
        course.known_before
        and not any(course[k] for k in ("suspicion", "referral", "relapse"))
        and not course.first_malignant
    ):
        return None  # a tumour known before: the other pathways watch it
    triggers = list(_triggers(course))
    state, milestones = MACHINE.fold(triggers)
    if not state:
        return None
    desk.icd10 = course.icd10
    desk.excluded = course.exclusion if state == "excluded" else None
    desk.elsewhere = course["done_elsewhere"]
    desk.refusals = course["refusal"]
    desk.contraindications = course["contraindication"]
    _consultation(course, desk)
    _studies(course, desk)
    _pathology(course, desk)
    _results(course, desk)
    _treatment(course, desk)
    _papers(course, desk)
    treatment_plan.watch(course, desk)
    _refusals(course, desk)
    under, lost = state, ""
    if desk.person.death is None and desk.person.departure is None and state != "excluded":
        lost = desk.lose(episode.opened_on)
    if (
        desk.person.death is not None
        and course.diagnosis is not None
        and not course.known_before
        and not course["notice_090u"]
    ):
        desk.findings.append(Finding("notice_after_death", desk.person.death.facts, "DX-11"))
    if course["done_elsewhere"]:
        desk.findings.append(Finding("document_requested", tuple(e.facts[0] for e in course["done_elsewhere"])))
    return View(
        pathway="diagnosis",
        episode=episode.key,
        icd10=course.icd10,
        side=episode.side,
        state="lost" if lost else state,
        opened_on=episode.opened_on,
        clocks=tuple(desk.clocks),
        findings=tuple(desk.findings),
        milestones=milestones,
        lost=lost,
        under=under,
        wakes_on=desk.wakes_on(),
        anchors=tuple(sorted({f for e in episode.events for f in e.facts})),
    )


def _triggers(course: Course) -> Iterator[tuple[str, date]]:
    """Events in canonical order as triggers of the machine. A known tumour repeated in a paper triggers nothing."""
    for e in course.events:
        kind, attributes = e.kind, e.attributes
        if kind in ("suspicion", "relapse"):
            yield "suspicion", e.on
        elif kind == "referral":
            yield ("referral" if attributes["to"] in ("oncologist", "haematologist") else "examination"), e.on
        elif kind == "consultation":
            if course.answers(e):
                yield "examination", e.on
        elif kind in ("study_ordered", "study_performed", "biopsy_taken", "biopsy_received"):
            yield "examination", e.on
        elif kind == "pathology_report":
            yield ("verification" if attributes["result"] == "malignant" else "examination"), e.on
        elif kind == "diagnosis":
            if e is course.exclusion:
                yield "exclusion", e.on
            elif e is course.diagnosis:
                yield "verification", e.on
            elif attributes["status"] == "preliminary":
                yield "examination", e.on
        elif kind == "consilium":
            yield ("plan" if attributes.get("plan") or course.verified_by(e.on) else "examination"), e.on
        elif e is course.treatment:
            yield "treatment", e.on
        elif kind == "operation":
            yield "examination", e.on


def _consultation(course: Course, desk: Desk) -> None:
    """DX-01. Starts at the suspicion record (C1), else at the referral as an assumed start."""
    suspicions = course["suspicion"] + course["relapse"]
    referrals = [e for e in course["referral"] if e.attributes["to"] in ("oncologist", "haematologist")]
    start = min(suspicions, key=lambda e: e.on, default=None) or (referrals[0] if referrals else None)
    if start is None:
        return
    operated = [e for e in course["operation"] if e.attributes["aim"] in ("emergency", "diagnostic")]
    desk.run(
        "DX-01",
        start,
        since=course.opened_on,
        stops=[e for e in course["consultation"] if course.answers(e)],
        passed=[e for e in (course.verification, course.first("consilium"), course.treatment) if e],
        closed=[(e, "operation_first") for e in operated],
        steps=("oncologist", "haematologist", "consultation", "DX-01"),
        refusable="investigation",
        org=referrals[0].org if referrals else "",
        assumed=start.kind == "referral",
        silent=course.known_before,
    )


def _studies(course: Course, desk: Desk) -> None:
    """DX-02: one clock per ordered study; the laboratory's own term is DX-08 (conflict C2)."""
    settled = [e for e in (course.diagnosis, course.first("consilium"), course.treatment) if e]
    for order in course["study_ordered"]:
        study = str(order.attributes["study"])
        if study in STUDIED_BY_LABORATORY:
            stops = sorted(
                course["biopsy_taken"] + course["biopsy_received"] + course["pathology_report"], key=lambda e: e.on
            )
        else:
            stops = [e for e in course["study_performed"] if course.performs(e, order)]
        passed = [
            e for e in settled + course["consilium"] if e.on >= order.on and (e.on > order.on or e.kind != "consilium")
        ]
        desk.run(
            "DX-02",
            order,
            subject=f"{study}@{order.subject}",
            stops=stops,
            passed=passed,
            steps=("study", study, "DX-02"),
            refusable="investigation",
        )


def _pathology(course: Course, desk: Desk) -> None:
    """DX-08 from the receipt of the material, else from its taking (assumed); DX-13..16 only when the work is known."""
    received = course["biopsy_received"]
    for material in _materials(course["biopsy_taken"], received):
        reports = [
            e for e in course["pathology_report"] if _of_specimen(e, material) and not e.attributes.get("awaiting_ihc")
        ]
        passed = [e for e in (course.diagnosis, course.first("consilium"), course.treatment) if e and e.on > material.on]
        specimen = str(material.attributes.get("specimen") or material.subject)
        arrived = material.kind == "biopsy_received"
        desk.run(
            "DX-08",
            material,
            subject=specimen,
            stops=reports,
            passed=passed,
            steps=("biopsy", "histology", "pathology", "DX-08"),
            refusable="",
            assumed=not arrived,
        )
        work = WORK_RULES.get(str(material.attributes.get("work") or ""))
        if arrived and work:
            desk.run(work, material, subject=specimen, stops=reports, passed=passed, steps=("pathology", work))


def _materials(taken: Sequence[Event], received: Sequence[Event]) -> list[Event]:
    """The material by its receipt where that is recorded, else by its taking: one clock a specimen."""
    left = list(taken)
    for arrival in received:
        named = arrival.attributes.get("specimen")
        match = [t for t in left if t.on <= arrival.on and (not named or t.attributes.get("specimen") in (None, "", named))]
        for t in match if named else match[:1]:
            left.remove(t)
    return sorted([*received, *left], key=lambda e: (e.on, e.kind, e.subject))


def _of_specimen(report: Event, material: Event) -> bool:
    said, meant = report.attributes.get("specimen"), material.attributes.get("specimen")
    return report.on >= material.on and (not said or not meant or said == meant)


def _results(course: Course, desk: Desk) -> None:
    """DX-30: a result nobody told the patient. DX-31: all results are in and nobody has decided."""
    results = course["pathology_report"] + [e for e in course["study_performed"] if e.attributes.get("result") in DECISIVE]
    told = [*course["result_told"], *desk.person.appointments, *(e for e in course["consultation"])]
    told = sorted(told, key=lambda e: e.on)
    later = [e for e in (course.first("consilium"), course.treatment) if e]
    silent = course.known_before and course.verification is None
    for result in sorted(results, key=lambda e: e.on):
        informed = next((e for e in told if e.on >= result.on), None) or next((e for e in later if e.on >= result.on), None)
        malignant = result.attributes["result"] == "malignant"
        if informed is not None and not malignant and result is not results[-1]:
            continue  # an answered plain result needs no line of its own; the statistics look at malignant ones
        desk.run(
            "DX-30",
            result,
            stops=told,
            passed=later,
            variant="malignant" if malignant else "other",
            steps=("result", "oncologist", "consultation", "DX-30"),
            refusable="investigation",
            org=course.orderer(result),
            silent=silent,
        )
        if informed is None:
            break  # one duty per episode: the earliest result nobody told
    _decision(course, desk)


def _decision(course: Course, desk: Desk) -> None:
    ordered = [*course["study_ordered"], *course["biopsy_taken"], *course["biopsy_received"]]
    if not ordered or any(c.status == "running" for c in desk.clocks if c.rule in ("DX-02", "DX-08")):
        return
    arrived = [e for e in course["study_performed"] + course["pathology_report"] if e.on >= ordered[0].on]
    awaiting = [e for e in course["pathology_report"] if e.attributes.get("awaiting_ihc")]
    if awaiting and not any(e.on >= awaiting[-1].on and e.attributes["kind"] in ("ihc", "molecular") for e in arrived):
        return
    if not arrived:
        return
    last = max(arrived, key=lambda e: (e.on, e.kind, e.subject))
    decided = [e for e in course["diagnosis"] if e.attributes["status"] != "preliminary"]
    if any(e.on >= ordered[0].on and e.on <= last.on for e in decided):
        return
    desk.run(
        "DX-31",
        last,
        stops=sorted(decided + course["study_ordered"], key=lambda e: e.on),
        passed=[e for e in (*course["consilium"], course.treatment) if e],
        since=last.on,
        steps=("decision", "DX-31"),
        refusable="investigation",
        org=course.consultant(),
        silent=course.known_before,
    )


def _treatment(course: Course, desk: Desk) -> None:
    """DX-03 and the finding DX-10. The earlier of a malignant report and a final diagnosis starts the clock (C3)."""
    starts = [e for e in (course.first_malignant, course.diagnosis, course.preliminary_without_histology) if e]
    start = min(starts, key=lambda e: (e.on, e.kind != "diagnosis"), default=None)
    if start is None or (course.known_before and course.first_malignant is None):
        return
    if start.kind == "diagnosis" and start.icd10 not in CANCER:
        return
    closed: list[tuple[Event, str]] = []
    for e in course["consilium"]:
        plan = e.attributes.get("plan") or ()
        if plan and not any(step in TREATMENT_STEPS for step in plan):
            closed.append((e, "plan_without_treatment"))
    for e in course["palliative_care"]:
        closed.append((e, "palliative_care"))
    for e in course["vmp_ticket"]:
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
    before = [e for e in course["operation"] if e.attributes["aim"] == "emergency" and e.on <= start.on]
    stops = sorted([*([course.treatment] if course.treatment else []), *before], key=lambda e: e.on)
    desk.run(
        "DX-03",
        start,
        since=course.opened_on,
        stops=stops,
        closed=closed,
        steps=("treatment", "admission", "hospital", *TREATMENT_STEPS, "operation", "DX-03"),
        refusable="treatment",
    )
    planned, treated = course.first("consilium"), course.treatment
    elective = treated is not None and treated.kind != "admission" and treated.attributes.get("aim") != "emergency"
    if treated is not None and elective and (planned is None or planned.on > treated.on):
        desk.findings.append(Finding("no_consilium", treated.facts, "DX-10"))


def _papers(course: Course, desk: Desk) -> None:
    """DX-11, DX-23, DX-32, DX-33: what is owed to the register and the review, never a call to the patient."""
    first = course.diagnosis
    before = desk.observed_from is not None and first is not None and first.on < desk.observed_from
    if first is not None and not course.known_before and first.icd10 in MALIGNANT:
        desk.run(
            "DX-11",
            first,
            since=course.opened_on,
            stops=course["notice_090u"],
            steps=("notice_090u", "DX-11"),
            silent=before,
        )
        posthumous = desk.person.death is not None and first.on >= desk.person.death.on
        staged = next((e for e in course["diagnosis"] if e.attributes.get("stage")), first)
        stage = str(staged.attributes.get("stage") or "").upper()
        visual = desk.rules.edition("DX-32", first.on, course.icd10, 40, "III").edition
        if stage.startswith("IV") or posthumous or (stage.startswith("III") and course.icd10 in visual.icd):
            published = [e for e in course["late_stage_protocol"] if e.attributes["phase"] == "published"]
            start = first if posthumous else staged
            desk.run(
                "DX-32",
                start,
                since=course.opened_on,
                stops=published,
                steps=("late_stage_protocol", "DX-32"),
                silent=before,
            )
    published = [e for e in course["late_stage_protocol"] if e.attributes["phase"] == "published"]
    if published:
        reviewed = [e for e in course["late_stage_protocol"] if e.attributes["phase"] == "reviewed"]
        desk.run("DX-33", published[0], stops=reviewed, steps=("review", "DX-33"))
    groups = course["clinical_group"]
    suspected = [e for e in groups if e.attributes["group"] == "Ia"]
    if suspected:
        other = [e for e in groups if e.attributes["group"] != "Ia"]
        decided = [e for e in course["diagnosis"] if e.attributes["status"] != "preliminary"]
        desk.run(
            "DX-23",
            suspected[-1],
            stops=sorted(other + decided, key=lambda e: e.on),
            passed=[e for e in (course.first("consilium"), course.treatment) if e],
            steps=("DX-23",),
            refusable="investigation",
        )


def _refusals(course: Course, desk: Desk) -> None:
    """RF-01 after a verbal refusal, RF-02 after a written one, until the patient comes back or refuses again."""
    cared = [
        e for e in course.events if e.kind in ("study_performed", "biopsy_taken", "consultation") or e is course.treatment
    ]
    for e in course["refusal"]:
        of = e.attributes["of"]
        if of not in ("investigation", "treatment"):
            continue
        again = [r for r in course["refusal"] if r.on > e.on and r.attributes["of"] == of]
        back = [x for x in cared if x.on > e.on and (of == "investigation" or x is course.treatment)]
        written = e.attributes["documented"] == "written"
        stops = sorted(again + back, key=lambda x: x.on)
        desk.run("RF-02" if written else "RF-01", e, subject=of, stops=stops, since=e.on)
