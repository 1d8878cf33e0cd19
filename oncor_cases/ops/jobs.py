"""What the schedules run, without the scheduler: each job opens the database and calls one action as of now.

Jobs take no arguments and return counts: nothing about a patient can enter a schedule's parameters or its result.
Each computes from now, so a missed run is made good by the next one."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from filelock import FileLock

from oncor_cases import config
from oncor_cases.config import Settings
from oncor_cases.kernel.errors import OncorError
from oncor_cases.ops.database import opened
from oncor_cases.store import regions
from oncor_cases.store.session import Database

Counts = dict[str, int]


class Incomplete(OncorError):
    """A run came to its end, but some records failed: they are isolated, counted and shown in the web."""

    code = "incomplete"


def complete(counts: Counts) -> Counts:
    """The counts again; raises Incomplete if any record failed, naming how many and never which."""
    failed = counts.get("failed", 0)
    if failed:
        raise Incomplete(f"Не обработано записей: {failed}; причины видны на странице разборов")
    return counts


def sweep() -> Counts:
    """Everyone who changed or woke is evaluated as of the region's today."""
    return _run(sweep_region)


def escalate() -> Counts:
    """Levels that wake today are reconciled and the notices of the outbox are delivered."""
    return _run(escalate_region)


def intake() -> Counts:
    """Every document in the drop folder is taken in; persons it touched are swept at once."""
    return _run(take_in)


def match() -> Counts:
    """Persons without a common number are compared; whoever was joined is swept."""
    return _run(match_region)


def _run(job: Callable[[Database, Settings], Counts]) -> Counts:
    settings = config.read()
    with opened(settings) as db:
        return job(db, settings)


def sweep_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.sweep import sweep as action

    return _integers(action(db, today(db, settings), region=settings.region))


def escalate_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.sweep import escalate as action

    return _integers(action(db, today(db, settings), region=settings.region))


def take_in(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import ingest

    settings.drop.mkdir(parents=True, exist_ok=True)
    with FileLock(settings.home / "intake.lock"):  # the watcher and the schedule never empty the folder at once
        counts = _integers(ingest.intake(db, settings.drop, settings.region))
    if counts.get("new") or counts.get("superseded"):
        swept = sweep_region(db, settings)
        counts |= {"swept": swept.get("persons", 0), "failed": swept.get("failed", 0)}
    return counts


def match_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import matching
    from oncor_cases.actions.sweep import sweep as action

    done = matching.run(db, settings.region)
    counts = done.counts()
    if done.changed:
        swept = _integers(action(db, today(db, settings), region=settings.region, persons=sorted(done.changed)))
        counts["failed"] = swept.get("failed", 0)
    return counts


def today(db: Database, settings: Settings) -> date:
    """The region's day; ONCOR_TODAY is obeyed only where the store says it is a demo."""
    with db.batch() as conn:
        row = regions.find(conn, settings.region)
    return settings.day(demo=bool(row and row.demo))


def _integers(counts: Mapping[str, Any]) -> Counts:
    return {name: int(value) for name, value in counts.items() if isinstance(value, int | float)}
