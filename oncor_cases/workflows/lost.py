"""A duty is far past due and nobody has seen the person: is the step missing, or only its document?

Without a table of usual delays (stories) the search begins at once: LOST-1, LOST-2. With it both are weighed, and where
the document is the likelier gap the first task goes to the registrar of the clinic that owes the step (DOC-01); the
search begins when that stays undone until its first escalation. The overdue task stays beside either (DESIGN section 5)."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, NamedTuple

from oncor_cases.facts.timeline import Delays
from oncor_cases.kernel.dates import as_date
from oncor_cases.workflows.events import PRESENCE, Event
from oncor_cases.workflows.search import search
from oncor_cases.workflows.view import RUNNING, Clock

if TYPE_CHECKING:
    from oncor_cases.workflows.clocks import Desk

DOCUMENT = "DOC-01"
TRUSTED = 10  # documents of a sender and kind below which its usual delay says nothing
# The facts whose documents stop a duty, to ask how long such documents usually take.
_TREATED = ("admission", "operation", "chemo_cycle", "radiotherapy", "hormone_therapy")
STOPPED_BY: dict[str, tuple[str, ...]] = {
    "DX-01": ("consultation",), "DX-02": ("study_performed",), "DX-03": _TREATED, "DX-23": ("diagnosis",),
    "DX-30": ("consultation",), "DX-31": ("diagnosis",), "TR-02": ("consilium",), "TR-03": _TREATED,
    "TR-04": ("radiotherapy",), "TR-05": ("hormone_therapy",), "CH-02": ("chemo_cycle",), "CH-05": ("chemo_cycle",),
    "FU-01": ("register_entry",), "FU-02": ("visit",), "FU-03": ("visit",), "FU-04": ("visit",),
    "FU-06": ("consultation", "visit"), "PT-01": ("register_entry",), "PT-02": ("visit",), "PT-03": ("consultation",),
    "SC-20": ("screening_test",), "SC-13": ("screening_assessment",), "SC-14": ("referral", "consultation"),
}  # fmt: skip
_ASKING = PRESENCE | {"suspicion", "referral"}  # presence ends the search anyway; a question is no sign of an answer
# What a clinic writes about a person it deals with, though it does not show the person present; after the day was due.
_TRAIL = frozenset({"referral", "study_ordered", "diagnosis", "consilium", "chemo_prescribed", "biopsy_received",
                    "clinical_group", "register_entry"})  # fmt: skip


class Reason(NamedTuple):
    """One weight: above zero for a missing document, below for a missing step. `on` or `days` as the code says."""

    code: str
    weight: int
    on: date | None = None
    days: int | None = None
    kind: str = ""


def weigh(
    late: Clock, threshold: date, events: Sequence[Event], appointments: Sequence[Event], no_shows: Sequence[Event],
    contacts: Sequence[Event], delays: Delays, today: date, back: Mapping[date, date],
) -> list[Reason]:  # fmt: skip
    """Why the document, why the step. `back`: an agreed day → the first day on which it counts as passed."""
    reasons: list[Reason] = []
    passed = [day for day in _agreed(appointments) if late.start < day and back.get(day, day) <= today]
    missed = [e.on for e in no_shows if e.on > late.start]
    if passed and not any(day >= max(passed) for day in missed):
        reasons.append(Reason("appointment_passed", 2, on=max(passed)))
    if missed:
        reasons.append(Reason("no_show", -3, on=max(missed)))
    billed = [e for e in events if e.on > late.start and e.evidence == "claim" and e.kind not in _ASKING]
    if billed:
        reasons.append(Reason("claim", 2, on=billed[-1].on, kind=billed[-1].kind))
    trail = [e for e in events if late.due < e.on <= today and e.kind in _TRAIL and e.evidence in ("document", "register")]
    if trail:
        reasons.append(Reason("trail", 1, on=trail[-1].on, kind=trail[-1].kind))
    silent = [e for e in contacts if e.on > late.start and e.attributes["outcome"] != "reached"]
    if silent:
        reasons.append(Reason("not_reached", -min(len(silent), 2), on=silent[-1].on))
    usual = [delays[late.owner, kind] for kind in STOPPED_BY.get(late.rule, ()) if (late.owner, kind) in delays]
    usual = [u for u in usual if u.n >= TRUSTED]
    if usual:
        slowest = max(u.p90 for u in usual)
        waited = (threshold - late.start).days
        slow = slowest >= waited
        reasons.append(Reason("slow_sender" if slow else "prompt_sender", 2 if slow else -1, days=slowest))
    return reasons


def file(desk: "Desk", late: Clock, threshold: date, rule: str, events: Sequence[Event]) -> str:
    """Files DOC-01, LOST-1 or LOST-2 (`rule`) for the clock `late`, missed by more than `lost_after` on `threshold`; its
    reasons and the next step of the search go to the notes of the view. Returns the LOST rule once the search is on."""
    due = threshold
    person, calendar = desk.person, desk.calendar
    if desk.delays is not None:
        agreed = _agreed(person.appointments)
        back = {day: calendar.after(day) for day in agreed if day <= desk.today}
        back |= {day: date.max for day in agreed if day > desk.today}
        reasons = weigh(late, threshold, events, person.appointments, person.no_shows, person.contacts, desk.delays,
                        desk.today, back)  # fmt: skip
        document = sum(r.weight for r in reasons) > 0
        desk.notes["weighed"] = _told(reasons, document)
        if document:
            _file(desk, DOCUMENT, late, threshold, owner=late.owner)
            steps = desk.rules.duties[DOCUMENT].escalation
            patience = next((s.after for s in steps if s.after), 0)
            due = calendar.add_working_days(threshold, patience)
            if desk.today <= due:
                desk.wakes.append(_after(due))
                return ""
    begun = _after(due)
    now = search(desk.rules.tables.search, person.contacts, late.start, begun, calendar)
    desk.notes["search"] = now.told()
    _file(desk, rule, late, due, owner=person.attached or late.owner, raised_on=now.on if now.step == "head" else None)
    return rule


def _agreed(appointments: Sequence[Event]) -> list[date]:
    """The days of appointments; one that says no day of its own may be dated by it."""
    days = [as_date(e.attributes.get("at")) or (e.on if e.on > e.known else None) for e in appointments]
    return [day for day in days if day is not None]


def _after(day: date) -> date:
    return date.fromordinal(day.toordinal() + 1) if day < date.max else day


def _file(desk: "Desk", rule: str, late: Clock, due: date, owner: str, raised_on: date | None = None) -> None:
    edition, extended, id = desk.rules.edition(rule, late.due, desk.icd10)
    desk.clocks.append(
        Clock(
            rule=rule, subject="", edition=id, norm=edition.norm, start=late.due, started_by=late.started_by,
            term=edition.term, due=due, status=RUNNING, owner=owner, extended=extended,
            provisional=desk.calendar.is_provisional(due), reason=late.rule, raised_on=raised_on,
        )
    )  # fmt: skip


def _told(reasons: Sequence[Reason], document: bool) -> dict[str, Any]:
    """`{gap: document | step, reasons: [{code, weight, on?, days?, kind?}]}` as plain JSON values."""
    told = []
    for r in reasons:
        row: dict[str, Any] = {"code": r.code, "weight": r.weight}
        row |= {"on": r.on.isoformat()} if r.on else {}
        row |= {"days": r.days} if r.days is not None else {}
        row |= {"kind": r.kind} if r.kind else {}
        told.append(row)
    return {"gap": "document" if document else "step", "reasons": told}
