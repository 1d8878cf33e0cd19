"""What the system itself has looked at before a person searches for a lost patient: where, what was found, on which day.

Asked of the facts of every source; a source this region has never received anything from is said to be not loaded,
never "nothing found" (DESIGN section 5 "Lost"). Stored by store/traces.py, asked again every day."""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from oncor_cases.facts.fact import Fact
from oncor_cases.workflows.events import reports_death
from oncor_cases.workflows.view import RUNNING, View

FOUND, NOTHING, NOT_LOADED = "found", "nothing", "not_loaded"
SEARCHED = ("LOST-1", "LOST-2", "DOC-01")  # rules whose tasks show the trace
Loaded = Mapping[str, date | None]  # the last day each source brought anything; absent: never


class Look(NamedTuple):
    """One source looked at. `found`: something since the missed clock started; `on`, `kind`, `fact`: the last thing there
    is, also an older one where nothing came since."""

    source: str
    state: str
    on: date | None = None
    kind: str = ""
    fact: str = ""


def _death(f: Fact) -> bool:
    return reports_death(f.kind, f.attributes)


# By whom it is said and what: every fact belongs to exactly one source. In the order in which a person would ask.
_SOURCES: dict[str, Callable[[Fact], bool]] = {
    "deaths": lambda f: f.evidence in ("document", "register") and _death(f),
    "civil_registry": lambda f: f.evidence == "list" and (_death(f) or f.kind == "moved_away"),
    "attachment": lambda f: f.kind == "attached",
    "registers": lambda f: f.evidence == "register",
    "claims": lambda f: f.evidence == "claim",
    "lists": lambda f: f.evidence == "list",
    "documents": lambda f: f.evidence == "document",
    "contacts": lambda f: f.evidence == "person",
}
SOURCES = tuple(_SOURCES)
OWN = frozenset({"contacts"})  # written here: always there to be looked at


def source_of(f: Fact) -> str:
    """The source a fact belongs to."""
    return next(name for name, belongs in _SOURCES.items() if belongs(f))


def missed_since(views: Iterable[View]) -> date | None:
    """The earliest start of a clock behind a search or a request for a document; None if nobody is looked for."""
    starts = []
    for view in views:
        for clock in view.clocks:
            if clock.rule in SEARCHED and clock.status == RUNNING:
                starts += [c.start for c in view.clocks if c.rule == clock.reason and c.status == RUNNING] or [clock.start]
    return min(starts, default=None)


def trace(facts: Iterable[Fact], since: date, today: date, loaded: Loaded) -> list[Look]:
    """One look a source, in a fixed order. `facts`: all of the person in force as known today."""
    last: dict[str, Fact] = {}
    for f in facts:
        if f.on is None or f.on > today:
            continue
        name = source_of(f)
        seen = last.get(name)
        if seen is None or (f.on, f.id) > (seen.on or date.min, seen.id):
            last[name] = f
    looks = []
    for name in SOURCES:
        found = last.get(name)
        if found is not None:
            fresh = found.on is not None and found.on > since
            looks.append(Look(name, FOUND if fresh else NOTHING, found.on, found.kind, found.id))
        else:
            known = name in OWN or name in loaded or (name == "deaths" and "documents" in loaded)
            looks.append(Look(name, NOTHING if known else NOT_LOADED))
    return looks
