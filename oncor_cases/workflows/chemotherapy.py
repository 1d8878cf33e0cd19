"""The pathway of a drug line: prescribed, cycle after cycle, until it is completed or stopped.

Terms: seeds/regulations/chemotherapy.yml. Cycles are counted, never insurance cases (C8). Contract: DESIGN section 5."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from typing import Any

from oncor_cases.kernel.dates import as_date
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import course_of
from oncor_cases.workflows.episodes import TREATMENT, Episode
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.machine import Machine, Transition
from oncor_cases.workflows.view import Finding, View

ENDED = ("completed", "stopped")
MACHINE = Machine(
    "chemotherapy",
    {
        "prescribed": "Назначена",
        "on_cycle": "Идут курсы",
        "delayed": "Курс перенесён",
        "completed": "Завершена",
        "stopped": "Прекращена",
    },
    (
        Transition(("", *ENDED, "on_cycle", "delayed"), "prescription", "prescribed", "назначена линия терапии"),
        Transition(("", "prescribed", "delayed", *ENDED), "cycle", "on_cycle", "проведён курс"),
        Transition(("prescribed", "on_cycle"), "delay", "delayed", "курс перенесён с причиной"),
        Transition(("prescribed", "on_cycle", "delayed"), "completion", "completed", "проведены все курсы"),
        Transition(
            ("prescribed", "on_cycle", "delayed"), "stop", "stopped", "прекращена: токсичность, прогрессирование, отказ"
        ),
    ),
)
OPENS = frozenset({"chemo_prescribed", "chemo_cycle"})
LONGEST = 400  # days of a cycle, cycles of a line: more is a slip of the pen
SAME_CYCLE = 3  # days before the end of a cycle: an insurance case earlier than that belongs to the cycle going on


@dataclass(slots=True)
class Line:
    """One line of treatment being put together from its events."""

    begun: Event  # the prescription, or the first cycle where none is known
    regimen: str = ""
    planned: int | None = None
    cycle_days: int | None = None
    cycles: list[Event] = field(default_factory=list)
    delays: list[Event] = field(default_factory=list)
    stopped: Event | None = None
    replaced: Event | None = None

    @property
    def subject(self) -> str:
        """What is owed: the line by its prescription, else by its first regimen; never by what changes on the way."""
        given = str(self.begun.attributes.get("regimen") or "line")
        return self.begun.subject if self.begun.kind == "chemo_prescribed" else given

    @property
    def full(self) -> bool:
        """All planned cycles were given."""
        return self.planned is not None and len(self.cycles) >= self.planned

    @property
    def open(self) -> bool:
        """Further cycles are expected."""
        return self.stopped is None and self.replaced is None and not self.full

    def expected(self) -> date | None:
        """CH-01: day 1 of the next cycle. A recorded delay moves it; None without a cycle length or a first cycle."""
        if not self.cycles or self.cycle_days is None:
            return None
        last = self.cycles[-1]
        moved = [as_date(d.attributes.get("until")) for d in self.delays if d.on >= last.on]
        return max([last.on + timedelta(days=self.cycle_days), *(m for m in moved if m)])


def follow(episode: Episode, desk: Desk) -> View | None:
    """The view of the drug lines of one episode; None where there are none."""
    if not any(e.kind in OPENS for e in episode.events):
        return None
    course = course_of(episode, desk.person)
    desk.icd10 = episode.icd10
    desk.elsewhere = course["done_elsewhere"]
    desk.refusals = course["refusal"]
    desk.contraindications = course["contraindication"]
    desk.excluded = course.exclusion
    desk.treated_on = [e.on for e in episode.events if e.kind in TREATMENT or e.kind == "operation"]
    lines: list[Line] = []
    state, milestones = MACHINE.fold(_triggers(episode, desk, lines))
    if not state:
        return None
    breaks = [
        e for e in episode.events if e.kind == "operation" or (e.kind == "radiotherapy" and e.attributes["phase"] == "start")
    ]
    decided = [e for e in episode.events if _ends_lines(e)]
    for line in lines:
        _watch(line, breaks, decided, desk)
        if line.cycle_days is None:
            desk.findings.append(Finding("cycle_length_unknown", line.begun.facts, "CH-01"))
        if line.full and line.stopped is not None and line.stopped.attributes["reason"] != "completed":
            desk.findings.append(Finding("stopped_after_all_cycles", (*line.begun.facts, *line.stopped.facts), "CH-06"))
    if told := [delay for line in lines if (delay := _relative_delay(line)) is not None]:
        desk.notes["delays"] = told
    begun_on = lines[0].begun.on
    return desk.view(
        "chemotherapy", episode, state, milestones, lambda: any(line.cycles for line in lines), opened_on=begun_on
    )


def _triggers(episode: Episode, desk: Desk, lines: list[Line]) -> Iterator[tuple[str, date]]:
    """Puts the lines together and tells the machine, event by event."""
    for e in episode.events:
        line = lines[-1] if lines else None
        if e.kind == "chemo_prescribed":
            if line is not None and line.open:
                line.replaced = e
            lines.append(_line(e, desk))
            yield "prescription", e.on
        elif e.kind == "chemo_cycle":
            if line is None or not (line.open or _within(line, e)):
                line = _line(e, desk)
                lines.append(line)
            if _within(line, e):
                continue  # another insurance case of the cycle going on
            line.cycles.append(e)
            _change_regimen(line, e, desk)
            yield "cycle", e.on
            if line.full:
                yield "completion", e.on
        elif line is not None and line.cycles and e.kind == "clinical_group" and _ends_lines(e):
            yield "completion", e.on
        elif line is not None and e.kind == "chemo_delayed":
            line.delays.append(e)
            yield "delay", e.on
        elif line is not None and e.kind == "chemo_stopped":
            line.stopped = line.stopped or e
            reason = e.attributes["reason"]
            if reason == "completed" and line.planned is not None and len(line.cycles) != line.planned:
                desk.findings.append(Finding("cycles_differ_from_plan", (*line.begun.facts, *e.facts), "CH-06"))
            if reason in ("toxicity", "progression") and not any(
                c.kind == "consilium" and c.on >= e.on for c in episode.events
            ):
                desk.findings.append(Finding("consilium_needed", e.facts))
            yield ("completion" if reason == "completed" else "stop"), e.on


def _line(begun: Event, desk: Desk) -> Line:
    line = Line(begun, str(begun.attributes.get("regimen") or ""))
    line.planned = _number(begun.attributes.get("cycles"))
    line.cycle_days = _number(begun.attributes.get("cycle_days")) or desk.rules.cycle_days(line.regimen)
    return line


def _change_regimen(line: Line, cycle: Event, desk: Desk) -> None:
    regimen = str(cycle.attributes.get("regimen") or "")
    if not regimen or regimen == line.regimen:
        return
    length = desk.rules.cycle_days(regimen)
    if line.regimen:
        desk.findings.append(Finding("regimen_changed", (*line.begun.facts, *cycle.facts)))
        line.cycle_days = length or line.cycle_days
    else:  # the plan named no regimen: a length it gave still holds
        line.cycle_days = line.cycle_days or length
    line.regimen = regimen


def _within(line: Line, e: Event) -> bool:
    """Does this record lie inside the cycle going on? Documents name day 1; a claim may name any day of it."""
    if not line.cycles or line.cycle_days is None:
        return False
    gap = (e.on - line.cycles[-1].on).days
    return gap < line.cycle_days - SAME_CYCLE if e.evidence == "claim" else gap * 2 < line.cycle_days


def _number(value: object) -> int | None:
    """A count or a length in days as a document wrote it; what cannot be one is unknown."""
    try:
        number = int(str(value))
    except ValueError:
        return None
    return number if 0 < number <= LONGEST else None


def _ends_lines(e: Event) -> bool:
    """A consilium that plans no further drug treatment, or the end of radical treatment (clinical group III)."""
    if e.kind == "consilium":
        return bool(e.attributes.get("plan")) and "chemotherapy" not in e.attributes["plan"]
    return e.kind == "clinical_group" and e.attributes["group"] == "III"


def _relative_delay(line: Line) -> dict[str, Any] | None:
    """How far the line fell behind its own plan: days of delay of all cycles against the planned time between the first
    and the last of them; doses are not known here. None where nothing can be compared."""
    if line.cycle_days is None or len(line.cycles) < 2:
        return None
    gaps = [(b.on - a.on).days for a, b in pairwise(line.cycles)]
    late = sum(max(0, gap - line.cycle_days) for gap in gaps)
    planned = line.cycle_days * len(gaps)
    return {
        "line": line.subject, "regimen": line.regimen, "cycles": len(line.cycles), "of": line.planned,
        "late_cycles": sum(gap > line.cycle_days for gap in gaps), "days": late, "planned_days": planned,
        "percent": round(100 * late / planned),
    }  # fmt: skip


def _watch(line: Line, breaks: list[Event], decided: list[Event], desk: Desk) -> None:
    """CH-02 for the next cycle, CH-05 for a line left open; late cycles of the past are findings."""
    tolerance = timedelta(days=desk.rules.edition("CH-02", line.begun.on, desk.icd10).edition.term.limit)
    for done, following in zip(line.cycles, line.cycles[1:], strict=False):
        length = line.cycle_days
        if length is not None and following.on > done.on + timedelta(days=length) + tolerance:  # for statistics of delay
            desk.findings.append(Finding("cycle_late", (*done.facts, *following.facts), "CH-02"))
    numbered = [(n, e) for e in line.cycles if (n := _number(e.attributes.get("number"))) is not None]
    for (before, done), (after, following) in pairwise(numbered):
        if after > before + 1 or after <= before:  # the fifth without a fourth, the third after the fourth
            desk.findings.append(Finding("cycle_numbers", (*done.facts, *following.facts), "CH-06"))
    expected = line.expected()
    if not line.open or expected is None or line.cycle_days is None:
        return
    last = line.cycles[-1]
    gap = [(e, "planned_gap") for e in breaks if e.on > last.on]
    gap += [(e, "plan_changed") for e in decided if e.on > last.on]
    desk.run(
        "CH-02",
        last,
        on=expected,
        since=last.on,
        subject=line.subject,
        closed=gap,
        steps=("cycle", "chemotherapy", "CH-02"),
        refusable="treatment",
    )
    left = max(last.on + timedelta(days=2 * line.cycle_days), expected)
    desk.run(
        "CH-05", last, on=left, since=last.on, subject=line.subject, closed=gap, steps=("CH-05",), refusable="treatment"
    )
