"""What a change of the rules would do to the real worklist, before it takes effect.

Both sides are computed from the facts on one exported snapshot, shared by the worker processes, and their difference is
written to the run's tables; stored tasks are never looked at. Only who has a case of a touched pathway is computed:
a view depends on nothing of the rule book but the duties of its own pathway (and the general ones, which touch all), and
whoever is neither changed nor due has today the stored cases. tests/worklist/test_whatif.py compares with real sweeps."""

import gc
import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from multiprocessing import get_context
from typing import Any, NamedTuple

from oncor_cases.actions.evaluation import Rules, wished
from oncor_cases.actions.gathering import Gathered, gather
from oncor_cases.actions.region_rules import Recipe, region_rules
from oncor_cases.regulations.amend import touched
from oncor_cases.sources.seeds import amended_rulebook, base_records
from oncor_cases.store import asking, rule_runs, rulebook, snapshot, sweeps
from oncor_cases.store.rule_runs import Difference, Run
from oncor_cases.store.session import Connection, Database
from oncor_cases.tasks.assigned import PATHWAY as LISTS
from oncor_cases.tasks.wish import LEVELS, Key, Wish

log = logging.getLogger(__name__)
BATCH = 500
ALONE_BELOW = 4000  # fewer persons are done before a second process has even started
EVERY = frozenset({"any"})
RARELY = (200_000, 20, 100)  # a long run makes many small values and no cycles


class Orders(NamedTuple):
    """What a worker process needs to know: plain values, none of them a patient's."""

    url: str
    snapshot: str
    region: int
    today: date
    known_on: date | None
    before: Recipe
    after: Recipe
    pathways: frozenset[str]


def ask(
    db: Database, content: Sequence[dict[str, Any]], today: date, *, region: int = 1, author: str, retires: int | None = None
) -> int:
    """A run of a change that is no proposal; its id. Raises BadRuleRecord where the change does not fit the book."""
    with db.batch() as conn:
        mine = region_rules(conn, region, told=today)
        amended_rulebook(mine.recipe.code, mine.recipe.changes, (mine.recipe.version + 1, rulebook.as_json(content)))
        rule_runs.forget_old(conn, region)
        return rule_runs.ask(conn, region, today, content, retires, author, None)


def compute(db: Database, run: int, *, region: int = 1, workers: int = 1) -> Run:
    """Computes a run that waits or was cut short; somebody else's is left alone. Raises what went wrong, noted in the run.

    `failed` of the result: persons that could not be computed; they are counted and left out."""
    with rule_runs.alone(db, region, run) as mine:
        with db.batch() as conn:
            found = rule_runs.get(conn, region, run)
            if not mine or found.finished_at is not None:
                return found
            rule_runs.start(conn, region, run)
        try:
            _both_sides(db, region, found, workers)
        except Exception as error:
            with db.batch() as conn:
                rule_runs.finish(conn, region, run, type(error).__name__)
            raise
        with db.batch() as conn:
            rule_runs.finish(conn, region, run)
            if found.proposal is not None:
                rulebook.computed(conn, region, found.proposal)
            return rule_runs.get(conn, region, run)


def compute_waiting(db: Database, *, region: int = 1, workers: int = 1) -> dict[str, int]:
    """Every run that waits or was cut short; `{runs, persons, failed}`. One that cannot be computed stops no other."""
    with db.batch() as conn:
        waiting = rule_runs.unfinished(conn, region)
    counts = {"runs": 0, "persons": 0, "failed": 0}
    for run in waiting:
        try:
            done = compute(db, run, region=region, workers=workers)
        except Exception as error:
            log.error("what-if failed: %s", type(error).__name__)
            counts["failed"] += 1
            continue
        counts["runs"] += 1
        counts["persons"] += done.persons
        counts["failed"] += done.failed
    return counts


def lines(db: Database, run: int, *, region: int = 1) -> Iterator[dict[str, Any]]:
    """The differences as the contract has them, with the levels beside: `change` may also be `level`."""
    with db.batch() as conn:
        for row in rule_runs.lines(conn, region, run):
            yield {
                "change": row.change, "person": str(row.person), "rule": row.rule,
                "from": row.due_from.isoformat() if row.due_from else None,
                "to": row.due_to.isoformat() if row.due_to else None,
                "org": row.org, "level_from": row.level_from or None, "level_to": row.level_to or None,
            }  # fmt: skip


def _both_sides(db: Database, region: int, run: Run, workers: int) -> None:
    with snapshot.exported(db) as (conn, name):
        mine = region_rules(conn, region, told=run.day)
        last = sweeps.last_day(conn, region)
        known_on = max(run.day, last or run.day) if mine.demo else None
        before = mine.recipe
        kept = tuple(c for c in before.changes if c[0] != run.retires)
        change = ((before.version + 1, rulebook.as_json(run.content)),) if run.content else ()
        after = before.with_changes(kept + change)
        meant = [*run.content, *(rulebook.content_of(conn, region, run.retires) if run.retires else ())]
        pathways = touched(base_records(), meant).pathways
        persons = _who(conn, region, run.day, sorted(pathways), last)
        with db.batch() as writer:
            rule_runs.expect(writer, region, run.id, len(persons), before.version)
        orders = Orders(db.url, name, region, run.day, known_on, before, after, pathways)
        for found, done, failed in _results(orders, conn, persons, workers):
            with db.batch() as writer:
                rule_runs.add(writer, region, run.id, found, done, failed)


def _who(conn: Connection, region: int, today: date, pathways: Sequence[str], last: date | None) -> list[int]:
    """The persons whose tasks the change may touch."""
    if last is None or today < last:
        return asking.persons(conn, region)  # what is stored says nothing about that day
    due = sweeps.due(conn, region, today)
    later = asking.computed_after(conn, region, today)
    return sorted({*rule_runs.candidates(conn, region, pathways), *due, *later})


Result = tuple[list[Difference], int, int]


def _results(orders: Orders, conn: Connection, persons: Sequence[int], workers: int) -> Iterator[Result]:
    chunks = [persons[i : i + BATCH] for i in range(0, len(persons), BATCH)]
    if workers > 1 and len(persons) >= ALONE_BELOW:
        # spawn: the caller may be a thread of the web, and a forked copy of it could hang on its locks
        with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin, initargs=(orders,)) as pool:
            yield from pool.map(_chunk, chunks)
        return
    before, after = orders.before.cook(), orders.after.cook()
    for chunk in chunks:
        yield _compared(conn, orders, before, after, chunk)


_orders: Orders | None = None
_db: Database | None = None


def _begin(orders: Orders) -> None:
    global _orders, _db
    _orders, _db = orders, Database(orders.url)
    orders.before.cook(), orders.after.cook()
    gc.freeze()
    gc.set_threshold(*RARELY)


def _chunk(persons: Sequence[int]) -> Result:
    assert _orders is not None
    assert _db is not None
    with snapshot.joined(_db, _orders.snapshot) as conn:
        return _compared(conn, _orders, _orders.before.cook(), _orders.after.cook(), persons)


def _compared(conn: Connection, orders: Orders, before: Rules, after: Rules, persons: Sequence[int]) -> Result:
    found: list[Difference] = []
    failed = 0
    people = gather(conn, orders.region, persons, before, orders.known_on, ahead=True)
    for person in sorted(people.timelines):
        try:
            found += difference(people, person, orders.today, orders.known_on, before, after, orders.pathways)
        except Exception:
            failed += 1  # shown as a finding by the sweep; here it is counted and left out
    return found, len(persons), failed


def difference(
    people: Gathered,
    person: int,
    today: date,
    known_on: date | None,
    before: Rules,
    after: Rules,
    pathways: frozenset[str] = EVERY,
) -> list[Difference]:
    """The tasks of a person that would appear, vanish, move or change their level. Pure."""
    mine = _wished(people, person, today, known_on, before, pathways)
    if mine is None:
        return []
    theirs = _wished(people, person, today, known_on, after, EVERY) or {}
    told: list[Difference] = []
    for key in sorted(mine.keys() | theirs.keys()):
        old, new = mine.get(key), theirs.get(key)
        change = _change(old, new)
        wish = new or old
        if change and wish is not None:
            told.append(
                Difference(
                    change, person, *key, wish.icd10, old and old.due, new and new.due, old.level if old else "",
                    new.level if new else "", wish.owner, wish.danger,
                )
            )  # fmt: skip
    return told


def _wished(
    people: Gathered, person: int, today: date, known_on: date | None, rules: Rules, pathways: frozenset[str]
) -> dict[Key, Wish] | None:
    """One wish per key, the stricter as in reconcile; None if the person has no case of the pathways.

    An episode without a permanent id yet goes by its computed key, the same on both sides."""
    looked = people.look(person, today, rules, known_on)
    has = {v.pathway for v in looked.views} | ({LISTS} if looked.beside.given else set())
    if not has or ("any" not in pathways and has.isdisjoint(pathways)):
        return None
    found: dict[Key, Wish] = {}
    for wish in wished(looked, rules)[1]:
        other = found.get(wish.key)
        if other is None or _strict(wish) < _strict(other):
            found[wish.key] = wish
    return found


def _strict(wish: Wish) -> tuple[date, int]:
    return (wish.due, -LEVELS.index(wish.level))


def _change(old: Wish | None, new: Wish | None) -> str:
    if old is None:
        return "appears"
    if new is None:
        return "vanishes"
    if old.due != new.due:
        return "moves"
    return "level" if old.level != new.level else ""
