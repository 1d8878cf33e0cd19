"""The pathway every peer answers for, in our terms: facts with corrections, a machine, a rule book, clocks, a view.

The task is told by the data (`spec.json`: deadlines, holidays, the day; `cases.jsonl`: events in order of arrival):
which deadlines are open or overdue on the day, given what was recorded by then. Nothing here is faster than a pathway of
the product may be: the timeline decides what is known, events are merged, clocks are judged one by one."""

import json
from collections.abc import Iterable, Iterator
from datetime import date, timedelta
from itertools import islice
from pathlib import Path
from random import Random
from typing import Any, NamedTuple

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.timeline import Patient, Timeline
from oncor_cases.kernel.calendar import Calendar, Term
from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.workflows.clocks import Desk, Person
from oncor_cases.workflows.episodes import Episode
from oncor_cases.workflows.events import Event, merge
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.view import RUNNING, View

EPOCH = date(1970, 1, 1).toordinal()
UNITS = {"w": "working_days", "c": "calendar_days"}
WHENEVER = date.min  # an end counts whenever it is dated: the answer depends on the set of events alone

KINDS: dict[str, tuple[str, dict[str, Any]]] = {
    "suspicion": ("suspicion", {}),
    "consult": ("consultation", {"specialty": "oncologist"}),
    "biopsy": ("biopsy_taken", {}),
    "histology": ("pathology_report", {}),
    "notice": ("notice_090u", {}),
    "benign": ("diagnosis", {"status": "excluded"}),
    "treatment_start": ("admission", {"purpose": "treatment"}),
    "treatment_end": ("discharge", {}),
    "followup_visit": ("visit", {}),
    "death": ("death", {}),
    # the rest moves nothing
    "lab": ("study_performed", {"study": "lab"}),
    "ct": ("study_performed", {"study": "ct"}),
    "mri": ("study_performed", {"study": "mri"}),
    "phone": ("contact", {"channel": "phone"}),
    "sms": ("contact", {"channel": "message"}),
    "visit": ("consultation", {"specialty": "other"}),
    "referral": ("referral", {"to": "study"}),
    "chemo_course": ("chemo_cycle", {}),
}
ALIVE = ("", "suspected", "consulted", "biopsied", "reported", "in_treatment", "observed")
MACHINE = Machine(
    "peers",
    {
        "suspected": "Подозрение",
        "consulted": "Осмотрен онкологом",
        "biopsied": "Биопсия взята",
        "reported": "Есть заключение",
        "in_treatment": "Лечится",
        "observed": "Наблюдается",
        "dead": "Умер",
    },
    (
        Transition(ALIVE[:1], "suspicion", "suspected", "подозрение"),
        Transition(ALIVE[:2], "consultation", "consulted", "осмотр онколога"),
        Transition(ALIVE[:3], "biopsy_taken", "biopsied", "биопсия"),
        Transition(ALIVE[:4], "pathology_report", "reported", "заключение"),
        Transition(ALIVE[:5], "admission", "in_treatment", "начало лечения"),
        Transition(ALIVE[:6], "discharge", "observed", "конец лечения"),
        Transition(ALIVE, "death", "dead", "смерть"),
    ),
)


class Row(NamedTuple):
    """A line of the answer: `due` in days since 1970-01-01, `status` open or overdue."""

    case: str
    deadline: str
    due: int
    status: str


class Task(NamedTuple):
    """What the cases are judged by."""

    today: date
    calendar: Calendar
    rules: Rulebook


def task(folder: Path) -> Task:
    """The day, the calendar and the rule book out of `spec.json`."""
    spec = json.loads((folder / "spec.json").read_text())
    off = {_day(d): "нерабочий день" for d in spec["holidays"]}
    duties, editions = [], []
    for d in spec["deadlines"]:
        duties.append(Duty(d["id"], "peers", d["id"], " или ".join(d["anchor"]), " или ".join(d["closed_by"])))
        term = Term(d["n"], UNITS[d["unit"]])  # type: ignore[arg-type]
        editions.append(Edition(d["id"], date.min, date.max, term, "product", "spec.json"))
    return Task(_day(spec["as_of"]), Calendar(off, {}, date(max(off).year, 12, 31)), Rulebook(duties, editions))


def cases(folder: Path, limit: int | None = None, *, shuffled: bool = False) -> Iterator[Timeline]:
    """The timelines of `cases.jsonl`; `shuffled`: their events in another order of arrival."""
    chance = Random(1)
    with (folder / "cases.jsonl").open() as lines:
        for line in islice(lines, limit):
            case = json.loads(line)
            if shuffled:
                chance.shuffle(case["events"])
            yield Timeline(Patient(case["id"]), tuple([_fact(e) for e in case["events"]]))


def _fact(e: dict[str, Any]) -> Fact:
    """An event as recorded; a corrected date is the next version of the fact it corrects."""
    kind, said = KINDS[e["t"]]
    corrects = e["x"]
    series = e["i"] if corrects is None else corrects
    return fact(str(e["i"]), kind, _day(e["d"]), _day(e["r"]), said, series=str(series), version=int(corrects is not None))


def follow(timeline: Timeline, of: Task) -> View | None:
    """The view of one case; None where nothing is known yet."""
    today = of.today
    events, findings, wakes = merge(timeline.known_on(today), today, None)
    if not events:
        return None
    person = Person.of(timeline.patient, events, today)
    happened: dict[str, list[Event]] = {}
    for e in events:
        if e.kind != "consultation" or e.attributes["specialty"] == "oncologist":
            happened.setdefault(e.kind, []).append(e)
    state, milestones = MACHINE.fold([(kind, same[0].on) for kind, same in _in_order(happened)])
    desk = Desk(today, of.rules, of.calendar, person, findings=findings, general=person.death is not None)
    if wakes is not None:
        desk.wakes.append(wakes)
    _watch(happened, desk)
    case = Episode("", "", 1, events[0].on, events=events)
    return desk.view("peers", case, state, milestones, case.attended)


def _in_order(happened: dict[str, list[Event]]) -> list[tuple[str, list[Event]]]:
    """Kinds by their first day."""
    return sorted(happened.items(), key=lambda item: item[1][0])


def _watch(happened: dict[str, list[Event]], desk: Desk) -> None:
    """Files the six clocks."""
    none: list[Event] = []
    suspicion = happened.get("suspicion", none)
    consultation = happened.get("consultation", none)
    biopsy = happened.get("biopsy_taken", none)
    report = happened.get("pathology_report", none)
    treated = happened.get("admission", none)
    discharge = happened.get("discharge", none)
    benign = [(e, "excluded") for e in happened.get("diagnosis", none)]
    if suspicion:
        passed = [*biopsy, *report, *treated]
        desk.run("D1_consult", suspicion[0], since=WHENEVER, stops=consultation, passed=passed)
    if consultation:
        desk.run("D2_biopsy", consultation[0], since=WHENEVER, stops=biopsy, passed=[*report, *treated])
    if biopsy:
        desk.run("D3_histology", biopsy[0], since=WHENEVER, stops=report, passed=treated)
    if report:
        desk.run("D4_notice", report[0], since=WHENEVER, stops=happened.get("notice_090u", none), closed=benign)
        desk.run("D5_treatment", report[0], since=WHENEVER, stops=treated, closed=benign)
    if discharge:
        last = max([discharge[-1], *happened.get("visit", none)[-1:]])
        desk.run("D6_followup", last)


def rows(timeline: Timeline, of: Task) -> list[Row]:
    """The open and overdue deadlines of one case."""
    view = follow(timeline, of)
    if view is None:
        return []
    case, today = timeline.patient.id, of.today
    return [
        Row(case, c.rule, c.due.toordinal() - EPOCH, "overdue" if today > c.due else "open")
        for c in view.clocks
        if c.status == RUNNING
    ]


def answers(timelines: Iterable[Timeline], of: Task) -> list[Row]:
    """The rows of all cases."""
    return [row for timeline in timelines for row in rows(timeline, of)]


def _day(number: int) -> date:
    return date(1970, 1, 1) + timedelta(days=number)
