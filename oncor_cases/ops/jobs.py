"""What the schedules run, without the scheduler: each job opens the database and calls one action as of now.

Jobs take no arguments and return counts: nothing about a patient can enter a schedule's parameters or its result.
Each computes from now, so a missed run is made good by the next one."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from datetime import date
from typing import Any

from filelock import FileLock

from oncor_cases import config
from oncor_cases.config import Settings
from oncor_cases.kernel.errors import Conflict, OncorError
from oncor_cases.ops.database import opened
from oncor_cases.store import decisions, regions, sweeps
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
    """Senders are measured, everyone who changed or woke is evaluated as of the region's today, the sources are asked
    again about the patients somebody looks for."""
    return _run(sweep_region)


def escalate() -> Counts:
    """Levels that wake today are reconciled and the notices of the outbox are delivered."""
    return _run(escalate_region)


def intake() -> Counts:
    """Every document in the drop folder is taken in; persons it touched are swept at once."""
    return _run(take_in)


def lists() -> Counts:
    """Every list stored and not read, or begun by a process that died, is loaded; persons it touched are swept. The
    sources are compared after these lists, and after those a command or the interface has read."""
    return _run(load_lists)


def whatif() -> Counts:
    """What-ifs of proposed rules that wait or were cut short are computed."""
    return _run(compute_whatifs)


def refresh_contingents() -> Counts:
    """Lists of people with a definition are made anew as of the region's today."""
    return _run(refresh_lists)


def match() -> Counts:
    """Persons without a common number are compared; whoever was joined is swept."""
    return _run(match_region)


def reconcile() -> Counts:
    """The sources are compared; whoever got or lost work by it is swept."""
    return _run(compare_sources)


def _run(job: Callable[[Database, Settings], Counts]) -> Counts:
    settings = config.read()
    with opened(settings) as db:
        return job(db, settings)


def sweep_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.morning import morning as action

    return _integers(action(db, today(db, settings), region=settings.region))


def escalate_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.sweep import escalate as action

    return _integers(action(db, today(db, settings), region=settings.region))


def compute_whatifs(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.whatif import compute_waiting

    return compute_waiting(db, region=settings.region, workers=2)


def refresh_lists(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions.contingents import refresh as action

    return _integers(action(db, today(db, settings), region=settings.region))


def take_in(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import ingest, list_drop

    settings.drop.mkdir(parents=True, exist_ok=True)
    day = today(db, settings)
    with db.batch() as conn:
        at = decisions.moment(conn, settings.region, day)  # a demonstration lives on its own day
    with FileLock(settings.home / "intake.lock"):  # the watcher and the schedule never empty the folder at once
        taken = list_drop.take_lists(db, settings.drop, settings.region, received_at=at)
        counts = _integers(ingest.intake(db, settings.drop, settings.region, received_at=at)) | {"lists": taken}
    if taken:
        counts["failed"] = counts.get("failed", 0) + load_lists(db, settings)["failed"]
    return _added(counts, sweep_changed(db, settings))


def sweep_changed(db: Database, settings: Settings, most: int | None = None) -> Counts:
    """Whoever changed since the last sweep is swept at once, whichever door the change came through: a folder, the API,
    a command beside the service. With more of them than `most` nothing is done: that is for the schedules."""
    with db.batch() as conn:
        persons = sweeps.changed(conn, settings.region, None if most is None else most + 1)
    if not persons or (most is not None and len(persons) > most):
        return {}
    return _swept(db, settings, persons)


def _swept(db: Database, settings: Settings, persons: Iterable[int]) -> Counts:
    from oncor_cases.actions.sweep import sweep as action

    done = action(db, today(db, settings), region=settings.region, persons=sorted(persons))
    return {"swept": done["persons"], "failed": done["failed"]}


def load_lists(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import lists as action

    done = [one for one in action.finish(db, region=settings.region) if not one.duplicate]
    counts = {"lists": len(done), "loaded": sum(one.state == "loaded" for one in done)}
    counts |= {
        "waiting": sum(one.state == "waiting" for one in done),
        "rows": sum(one.counts.get("rows", 0) for one in done),
        "failed": sum(bool(one.fault) for one in done),  # errors of ours: the flow is to be seen as failed
    }
    return _added(counts, after_lists(db, settings) if counts["loaded"] or _not_compared(db, settings.region) else {})


def _not_compared(db: Database, region: int) -> bool:
    """Lists read beside the schedule, by a command or through the interface, wait for a comparison."""
    from oncor_cases.store import differences

    with db.batch() as conn:
        return differences.overdue(conn, region)


def after_lists(db: Database, settings: Settings) -> Counts:
    """What follows a load, whichever door it came through: the sources are compared (ADR 0017), whoever changed is swept."""
    counts: Counts = {}
    if compared_before(db, settings.region):  # the first comparison of a new region is the night's
        with suppress(Conflict):  # it is running: what was loaded meanwhile is the next one's
            counts = compare_sources(db, settings)
    return _added(counts, sweep_changed(db, settings))


def _added(one: Counts, other: Counts) -> Counts:
    """Counts of two steps as one; what failed in either has failed."""
    return one | other | {"failed": one.get("failed", 0) + other.get("failed", 0)}


def compared_before(db: Database, region: int) -> bool:
    from oncor_cases.store import differences

    with db.batch() as conn:
        return bool(differences.made_since(conn, region))


def compare_sources(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import comparing

    done = comparing.run(db, settings.region, today(db, settings))
    counts = done.total()
    if done.touched:
        counts["failed"] = _swept(db, settings, done.touched)["failed"]
    return counts


def match_region(db: Database, settings: Settings) -> Counts:
    from oncor_cases.actions import matching

    done = matching.run(db, settings.region)
    counts = done.counts()
    if done.changed:
        counts["failed"] = _swept(db, settings, done.changed)["failed"]
    return counts


def today(db: Database, settings: Settings) -> date:
    """The region's day; ONCOR_TODAY is obeyed only where the store says it is a demo."""
    with db.batch() as conn:
        row = regions.find(conn, settings.region)
    return settings.day(demo=bool(row and row.demo))


def _integers(counts: Mapping[str, Any]) -> Counts:
    return {name: int(value) for name, value in counts.items() if isinstance(value, int | float)}
