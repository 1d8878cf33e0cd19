"""What was done at a visit of observation against what the schedule of the site names: told to the observing oncologist.

Rows: seeds/dictionaries/visit_volume.yml. Their source is a payment matrix, so this advises and is never owed."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from oncor_cases.regulations.rulebook import Rulebook, Volume
from oncor_cases.workflows.clocks import Desk
from oncor_cases.workflows.course import Course
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import Finding

BEFORE = timedelta(days=45)  # studies made ahead of the visit belong to it
AFTER = timedelta(days=30)  # and results that arrive after it
# Own short codes of studies by the beginnings of national service codes; the longest fits first.
_SHORT = (("A06.09.007", "xray"), ("A06.20.004", "mammography"), ("A04", "ultrasound"), ("A09", "lab"), ("A12", "lab"),
          ("B03.016", "lab"))  # fmt: skip
VISIT = "B04"  # the visit itself


def volume_of(rules: Rulebook, icd10: str, day: date) -> tuple[list[str], list[Volume]]:
    """Service codes of a visit of this site on a day and the rows they come from; both empty where none speaks of it.

    A row used outside its dates still advises: nothing newer is known."""
    fit = [v for v in rules.tables.volumes if icd10 in v.icd]
    now = [v for v in fit if v.valid_from <= day <= v.valid_to]
    rows = now or fit
    alone = [v for v in rows if v.kind == "only"]
    rows = alone or (rows if any(v.kind == "site" for v in rows) else [])  # a site the matrix does not name: say nothing
    codes = [c for v in rows for c in v.services if not c.startswith(VISIT)]
    return list(dict.fromkeys(codes)), rows


def watch(course: Course, visits: Sequence[Event], desk: Desk) -> None:
    """Notes what belongs to the last visit: `{visit, rows, done, missing, extended}`; a finding from 30 days after it."""
    attended = [v for v in visits if v.kind == "visit"]
    if not attended:
        return
    last = attended[-1]
    codes, rows = volume_of(desk.rules, course.icd10, last.on)
    if not codes:
        return
    earlier = [v.on for v in attended if v.on < last.on]
    since = max([last.on - BEFORE, *earlier])
    made = [e for e in course["study_performed"] if since <= e.on <= last.on + AFTER]
    done = [code for code in codes if any(_is(code, str(e.attributes["study"])) for e in made)]
    missing = [code for code in codes if code not in done]
    note: dict[str, Any] = {"visit": last.on.isoformat(), "rows": [v.id for v in rows], "done": done, "missing": missing}
    if any(not v.valid_from <= last.on <= v.valid_to for v in rows):
        note["extended"] = True
    desk.notes["volume"] = note
    told_on = last.on + AFTER + timedelta(days=1)
    if not missing:
        return
    if desk.today < told_on:
        desk.wakes.append(told_on)
    else:
        desk.findings.append(Finding("visit_volume", last.facts))


def _is(code: str, study: str) -> bool:
    """Does a performed study give what the service code names? By the code itself or by the project's short code."""
    if study == code or code.startswith(f"{study}."):
        return True
    return study == next((short for start, short in _SHORT if code.startswith(start)), "")
