"""The last computed views of a person: a cache for pages, never a source of truth. At most about 2 KB a case."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from oncor_cases.kernel.calendar import Term
from oncor_cases.store import bulk
from oncor_cases.store.session import Connection
from oncor_cases.workflows.view import RUNNING, Clock, Finding, View

_WORDS = ("rule", "subject", "edition", "norm", "started_by", "status", "owner", "ended_by", "reason")
_FLAGS = ("assumed", "extended", "provisional", "silent")
_COLUMNS = {"person_id": "int", "pathway": "text", "episode": "text", "icd10": "text", "state": "text", "view": "jsonb",
            "next_due": "date", "wakes_on": "date", "computed_on": "date"}  # fmt: skip


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
            "clocks": [_packed_clock(c) for c in view.clocks],
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


def write(conn: Connection, region: int, today: date, views: Sequence[tuple[int, View]], persons: Sequence[int]) -> None:
    """Replaces the views of the persons; a person without any keeps none."""
    conn.execute("delete from pathway_view where region_id = %s and person_id = any(%s)", (region, list(persons)))
    rows = []
    for person, v in views:
        running = [c.due for c in v.clocks if c.status == RUNNING and not c.silent]
        rows.append(
            (person, v.pathway, v.episode, v.icd10, v.state, packed(v), min(running, default=None), v.wakes_on, today)
        )
    bulk.insert(conn, "pathway_view", region, _COLUMNS, rows)


def read(conn: Connection, region: int, person: int) -> list[View]:
    """The stored views of one person."""
    rows = conn.execute(
        """select pathway, episode, icd10, state, wakes_on, view from pathway_view
           where region_id = %s and person_id = %s order by pathway, episode""",
        (region, person),
    )
    return [unpacked(*row) for row in rows]


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
    for flag in _FLAGS:
        if getattr(c, flag):
            told[flag] = True
    if c.raised_on is not None:
        told["raised_on"] = c.raised_on.isoformat()
    return told


def _clock(told: dict[str, Any]) -> Clock:
    words = {name: told.get(name, "") for name in _WORDS} | {name: bool(told.get(name)) for name in _FLAGS}
    ended = date.fromisoformat(told["ended"]) if "ended" in told else None
    start, due = date.fromisoformat(told["start"]), date.fromisoformat(told["due"])
    raised = date.fromisoformat(told["raised_on"]) if "raised_on" in told else None
    return Clock(**words, start=start, due=due, ended=ended, term=Term(*told["term"]), raised_on=raised)


def _lean(told: dict[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, date) else v for k, v in told.items() if v}
