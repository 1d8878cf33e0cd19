"""A view as the plain words its row keeps, and back: pure, so that it is compiled with the core (docs/adr/0019).

Running clocks are stored word by word: lists are made from them. Of an ended one the words a query may ask for (rule,
status, start, due, ended) stand by name and the rest in one text, or the past of a case would be three quarters of it."""

from datetime import date
from typing import Any

from oncor_cases.kernel.calendar import Term, Unit
from oncor_cases.workflows.view import RUNNING, Clock, Finding, View

_WORDS = ("rule", "subject", "edition", "norm", "started_by", "status", "owner", "ended_by", "reason")
_BETWEEN = "\x1f"  # the parts of that text; the subject comes last, it may hold anything
_UNITS: dict[Unit, str] = {"working_days": "w", "calendar_days": "c", "months": "m"}
_UNITS_BACK = {short: unit for unit, short in _UNITS.items()}
_FLAGS = ("assumed", "extended", "provisional", "silent")


def packed(view: View) -> dict[str, Any]:
    """A view as compact JSON: empty values are left out, a term is `[3, "working_days", true]`."""
    return _lean(
        {
            "side": view.side,
            "opened_on": view.opened_on,
            "lost": view.lost,
            "under": view.under,
            "milestones": {name: day.isoformat() for name, day in view.milestones.items()},
            "notes": dict(view.notes),
            "clocks": [
                _packed_clock(c) if c.status == RUNNING or c.raised_on is not None else _packed_past(c) for c in view.clocks
            ],
            "findings": [_lean({"code": f.code, "facts": list(f.facts), "rule": f.rule}) for f in view.findings],
        }
    )


def unpacked(pathway: str, episode: str, icd10: str, state: str, wakes_on: date | None, told: dict[str, Any]) -> View:
    """The view again, from the columns and the JSON of its row."""
    return View(
        pathway=pathway, episode=episode, icd10=icd10, side=told.get("side", ""), state=state,
        opened_on=date.fromisoformat(told["opened_on"]),
        clocks=tuple(_clock(c) for c in told.get("clocks", ())),
        findings=tuple(Finding(f["code"], tuple(f.get("facts", ())), f.get("rule", "")) for f in told.get("findings", ())),
        milestones={name: date.fromisoformat(day) for name, day in told.get("milestones", {}).items()},
        lost=told.get("lost", ""), under=told.get("under", ""), wakes_on=wakes_on, notes=told.get("notes", {}),
    )  # fmt: skip


def _packed_clock(c: Clock) -> dict[str, Any]:
    told: dict[str, Any] = {
        "rule": c.rule,
        "edition": c.edition,
        "norm": c.norm,
        "start": c.start.isoformat(),
        "started_by": c.started_by,
        "term": c.term,
        "due": c.due.isoformat(),
        "status": c.status,
    }
    if c.subject:
        told["subject"] = c.subject
    if c.owner:
        told["owner"] = c.owner
    if c.ended is not None:
        told["ended"] = c.ended.isoformat()
    if c.ended_by:
        told["ended_by"] = c.ended_by
    if c.reason:
        told["reason"] = c.reason
    if c.assumed:
        told["assumed"] = True
    if c.extended:
        told["extended"] = True
    if c.provisional:
        told["provisional"] = True
    if c.silent:
        told["silent"] = True
    if c.raised_on is not None:
        told["raised_on"] = c.raised_on.isoformat()
    return told


def _packed_past(c: Clock) -> dict[str, Any]:
    told = {"rule": c.rule, "status": c.status, "start": c.start.isoformat(), "due": c.due.isoformat()}
    if c.ended is not None:
        told["ended"] = c.ended.isoformat()
    named = c.edition.startswith(f"{c.rule}@")  # `DX-01@2026-01-01` names its rule once more
    flags = f"{'1' if c.assumed else ''}{'2' if c.extended else ''}{'3' if c.provisional else ''}{'4' if c.silent else ''}"
    limit, unit, roll = c.term
    rest = (
        c.edition[len(c.rule) :] if named else c.edition,
        c.norm,
        c.started_by,
        f"{limit}{_UNITS[unit]}{'r' if roll else ''}",
        c.owner,
        c.ended_by,
        c.reason,
        flags,
        c.subject,
    )
    told["rest"] = _BETWEEN.join(rest)
    return told


def _past(told: dict[str, Any]) -> Clock:
    edition, norm, started_by, term, owner, ended_by, reason, flags, subject = told["rest"].split(_BETWEEN, 8)
    roll = term.endswith("r")
    term = term.removesuffix("r")
    return Clock(
        told["rule"], subject, told["rule"] + edition if edition.startswith("@") else edition, norm,
        date.fromisoformat(told["start"]), started_by, Term(int(term[:-1]), _UNITS_BACK[term[-1]], roll),
        date.fromisoformat(told["due"]), told["status"], owner,
        date.fromisoformat(told["ended"]) if "ended" in told else None, ended_by, reason,
        "1" in flags, "2" in flags, "3" in flags, "4" in flags,
    )  # fmt: skip


def _clock(told: dict[str, Any]) -> Clock:
    if "rest" in told:
        return _past(told)
    words = {name: told.get(name, "") for name in _WORDS} | {name: bool(told.get(name)) for name in _FLAGS}
    ended = date.fromisoformat(told["ended"]) if "ended" in told else None
    start, due = date.fromisoformat(told["start"]), date.fromisoformat(told["due"])
    raised = date.fromisoformat(told["raised_on"]) if "raised_on" in told else None
    return Clock(**words, start=start, due=due, ended=ended, term=Term(*told["term"]), raised_on=raised)


def _lean(told: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in told.items() if v}
