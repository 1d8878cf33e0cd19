"""The sweep: everyone who changed or woke is evaluated, and the worklist is made true.

Cost follows change: who neither changed nor woke is not looked at. A batch is one transaction; a record that cannot be
evaluated is set aside, counted and shown, and the others go on (tests/worklist/test_sweep.py)."""

import gc
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from datetime import date
from multiprocessing import get_context
from time import perf_counter
from typing import Any, NamedTuple

from oncor_cases.actions import new_day
from oncor_cases.actions.evaluation import Follow
from oncor_cases.actions.region_rules import Recipe, region_rules
from oncor_cases.actions.rule_marks import mark_changed
from oncor_cases.actions.sweep_batch import sweep_persons
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import notices, sweeps
from oncor_cases.store import rewind as past
from oncor_cases.store.reconciled import Counts
from oncor_cases.store.session import Database

BATCH = 500
# A batch makes hundreds of thousands of small values and no cycles: looking for cycles as often as usual costs a third of
# the whole sweep.
RARELY = (200_000, 20, 100)
# Persons after which the first sweep of a region tells the planner what it wrote: to a server that has never seen more
# than a few rows of a table, every question about five hundred persons is one about all of them.
LITTLE = 5_000
ALONE_BELOW = 4000  # fewer persons are done before a second process has even started


class Orders(NamedTuple):
    """What a worker process needs to know; all of it plain values, none of them a patient's."""

    url: str
    today: date
    region: int
    recipe: Recipe
    demo: bool


def sweep(
    db: Database,
    today: date,
    *,
    region: int = 1,
    persons: Sequence[int] | None = None,
    rewind: bool = False,
    workers: int = 1,
    follow: Follow | None = None,
) -> dict[str, Any]:
    """Makes the worklist true as of `today`; `{persons, opened, changed, closed, reopened, escalated, failed, seconds}`.

    `persons`: only these, if they are due. Raises Conflict for a day before the last sweep, except in a demo store with
    `rewind`; NotFound for an unknown region. `failed` above zero is for the caller to end with an error."""
    began = perf_counter()
    with db.batch() as conn:
        mine = region_rules(conn, region, told=today)
        rules = mine.rules if follow is None else mine.rules.with_pathways(follow)
        last = sweeps.last_day(conn, region)
        behind = last is not None and today < last
        if behind and not (rewind and mine.demo):
            raise Conflict(
                f"Разбор уже сделан за {last:%d.%m.%Y}; назад возвращается только демонстрационная база (--rewind)"
            )
        if persons is not None and len(persons) <= BATCH and not behind:  # a decision, a document: one transaction
            due = sweeps.due(conn, region, today, persons)
            counts, _ = sweep_persons(conn, today, region, rules, due, demo=mine.demo, wait=True)
            return counts.as_dict() | {"seconds": round(perf_counter() - began, 3)}
    if behind:
        with db.owner() as conn:
            past.to(conn, region, today)
    if persons is None:
        mark_changed(db, region, today)
    with db.batch() as conn:
        run = sweeps.start(conn, region, today) if persons is None else None
        if run is not None:
            new_day.prepare(conn, region, today, rules)
        due = sweeps.due(conn, region, today, persons)
    total = Counts()
    orders = Orders(db.url, today, region, mine.recipe, mine.demo)
    skipped: list[int] = []
    told = False
    if workers > 1 and len(due) >= ALONE_BELOW and follow is None:
        # spawn: the caller may be a thread of the web or of a flow, and a forked copy of it could hang on its locks
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(orders,)) as pool:
            for counts, left in pool.map(_batch, _chunks(due)):
                total.add(counts)
                skipped += left
                if last is None and not told and total.persons >= LITTLE:
                    told = _told(db)
    else:
        with _rare_collections():
            for chunk in _chunks(due):
                with db.batch() as conn:
                    sweeps.unhurried(conn)
                    counts, left = sweep_persons(conn, today, region, rules, chunk, demo=mine.demo)
                total.add(counts)
                skipped += left
    if skipped:  # perhaps because a change of the rules was approved meanwhile
        with db.batch() as conn:
            fresh = region_rules(conn, region, told=today).rules
        rules = fresh if follow is None else fresh.with_pathways(follow)
    for chunk in _chunks(skipped):  # whom another sweep held: wait for it, and do what it left
        with db.batch() as conn:
            counts, _ = sweep_persons(conn, today, region, rules, chunk, demo=mine.demo, wait=True)
        total.add(counts)
    result = total.as_dict() | {"seconds": round(perf_counter() - began, 3)}
    if run is not None:
        with db.batch() as conn:
            sweeps.finish(conn, region, run, result, f"failed: {total.failed}" if total.failed else "")
    return result


def escalate(db: Database, today: date, *, region: int = 1) -> dict[str, Any]:
    """Reconciles the levels that wake today and delivers the notices that wait; adds `delivered` to the sweep's counts."""
    with db.batch() as conn:
        last = sweeps.last_day(conn, region)
    # a region already swept for a later day has nothing to wake on an earlier one
    day = today if last is None else max(today, last)
    result = sweep(db, day, region=region)
    with db.batch() as conn:
        return result | {"delivered": notices.deliver(conn, region, today=day)}


def _told(db: Database) -> bool:
    with db.owner() as conn:
        sweeps.told(conn)
    return True


@contextmanager
def _rare_collections() -> Iterator[None]:
    """For a long run in this very process; the usual thresholds are back afterwards."""
    usual = gc.get_threshold()
    gc.set_threshold(*RARELY)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _chunks(persons: Sequence[int]) -> Iterator[Sequence[int]]:
    return (persons[i : i + BATCH] for i in range(0, len(persons), BATCH))


_orders: Orders | None = None
_database: Database | None = None  # one connection a process: a new one plans and loads everything anew


def _begin(orders: Orders) -> None:
    global _database, _orders
    _orders, _database = orders, Database(orders.url)
    orders.recipe.cook()
    gc.freeze()
    gc.set_threshold(*RARELY)


def _batch(chunk: Sequence[int]) -> tuple[Counts, list[int]]:
    assert _orders is not None
    assert _database is not None
    _, today, region, recipe, demo = _orders
    with _database.batch() as conn:
        sweeps.unhurried(conn)
        return sweep_persons(conn, today, region, recipe.cook(), chunk, demo=demo)
