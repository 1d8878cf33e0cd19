"""What a day begins with: sources and senders are measured, everyone due is swept, and of every patient somebody looks
for the sources are asked again. Each part is done once a day whatever calls it, so a second run costs next to nothing."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from oncor_cases.actions.evaluation import EVERYTHING_KNOWN, looked_at
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.actions.sweep import sweep
from oncor_cases.store import facts, traces
from oncor_cases.store.session import Connection, Database
from oncor_cases.workflows.trace import SEARCHED

BATCH = 500


def morning(db: Database, today: date, *, region: int = 1, workers: int = 1) -> dict[str, Any]:
    """Measures, sweeps, asks again; the counts of the sweep."""
    measure(db, today, region=region)
    counts = sweep(db, today, region=region, workers=workers)
    ask_again(db, today, region=region)
    return counts


def measure(db: Database, today: date, *, region: int = 1) -> list[str] | None:
    """How late senders are and which sources bring anything. Whoever is judged by figures that changed is due for the
    sweep (DESIGN invariant 11). Returns the senders that changed, None if today was measured already."""
    with db.batch() as conn:
        first = traces.measured(conn, region) is None
        changed = traces.measure(conn, region, today)
        if changed or (first and changed is not None):
            facts.changed(conn, region, traces.concerned(conn, region, None if first else changed))
    return changed


def ask_again(db: Database, today: date, *, region: int = 1) -> int:
    """Asks every source again about the patients somebody looks for; returns how many. What is found anew keeps the old
    answer as history."""
    with db.batch() as conn:
        persons = traces.searched(conn, region, SEARCHED, today)
    for start in range(0, len(persons), BATCH):
        with db.batch() as conn:
            _ask(conn, region, today, persons[start : start + BATCH])
    return len(persons)


def _ask(conn: Connection, region: int, today: date, persons: Sequence[int]) -> None:
    mine = region_rules(conn, region)
    known_on = today if mine.demo else EVERYTHING_KNOWN
    rows: list[traces.Row] = []
    for person, timeline in facts.timelines(conn, region, persons, EVERYTHING_KNOWN if mine.demo else None):
        rows += [
            (person, k.source, k.state, k.on, k.kind, int(k.fact) if k.fact else None)
            for k in looked_at(timeline, today, mine.rules, known_on)
        ]
    traces.write(conn, region, today, rows)
