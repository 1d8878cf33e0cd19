"""One batch of a sweep, inside the caller's transaction: claim, load, evaluate, write, settle."""

import logging
import traceback
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

from oncor_cases.actions.evaluation import EVERYTHING_KNOWN, Judged, Looked, Rules, judge
from oncor_cases.actions.gathering import gather
from oncor_cases.sources.seeds import routing
from oncor_cases.store import backlog, case_routes, episodes, reconciled, rulebook, sweeps, traces, views, worklist
from oncor_cases.store.episodes import EpisodeRow
from oncor_cases.store.reconciled import SWEEP, Counts, Decided
from oncor_cases.store.session import Connection
from oncor_cases.store.sweeps import Claimed
from oncor_cases.tasks.reconcile import NOTHING, Memory, OpenTask
from oncor_cases.tasks.routed import Routed, routed

log = logging.getLogger(__name__)


def sweep_persons(
    conn: Connection,
    today: date,
    region: int,
    rules: Rules,
    persons: Sequence[int],
    *,
    demo: bool = False,
    wait: bool = False,
    author: str = SWEEP,
) -> tuple[Counts, list[int]]:
    """Sweeps those of the persons who are due and whom no other sweep holds; returns the counts and the held ones.

    In a demo the clock is told, so only what was known on the day counts."""
    claimed, held = sweeps.claim(conn, region, today, persons, wait=wait)
    counts = Counts()
    if not claimed:
        return counts, held
    if rulebook.last_number(conn, region) != rules.version:
        return counts, list(persons)  # a change approved since may have marked them: judged by the new book only
    try:
        with conn.transaction():
            counts.add(_together(conn, today, region, rules, claimed, demo, author))
    except Exception as error:
        if len(claimed) == 1:
            _set_aside(conn, region, {claimed[0].person: error})
            return Counts(persons=1, failed=1), held
        for one in claimed:  # somebody in this batch cannot be written: find out who, and let the others through
            try:
                with conn.transaction():
                    counts.add(_together(conn, today, region, rules, [one], demo, author))
            except Exception as cause:
                _set_aside(conn, region, {one.person: cause})
                counts.add(Counts(persons=1, failed=1))
    return counts, held


def _together(
    conn: Connection, today: date, region: int, rules: Rules, claimed: Sequence[Claimed], demo: bool, author: str
) -> Counts:
    persons = [c.person for c in claimed]
    known_on = today if demo else EVERYTHING_KNOWN
    found = gather(conn, region, persons, rules, today if demo else None, ahead=True)
    memory = worklist.memory(conn, region, persons, today)
    looked: dict[int, Looked] = {}
    failed: dict[int, Exception] = {}
    for person in persons:
        try:
            looked[person] = found.look(person, today, rules, known_on)
        except Exception as error:
            failed[person] = error
    fresh = _give_ids(conn, looked)
    judged: dict[int, Judged] = {}
    for person, seen in looked.items():
        try:
            judged[person] = judge(seen, memory.get(person, NOTHING), rules, follows_knowledge=demo)
        except Exception as error:
            failed[person] = error
    episodes.write(conn, region, [row for p in judged for row in _episode_rows(p, looked[p])], fresh, found.stored)
    decided = [Decided(p, j.actions, _rows(memory.get(p, NOTHING)), j.because) for p, j in judged.items() if j.actions]
    counts = reconciled.write(conn, region, today, decided, author)
    traces.write(conn, region, today, _looks(judged))
    if rules.live_from is not None:
        backlog.write(conn, region, today, {p: j.held for p, j in judged.items()}, list(judged))
    views.write(conn, region, today, [(p, v) for p, j in judged.items() for v in j.views], list(judged))
    case_routes.write(conn, region, [(p, r) for p, j in judged.items() for r in _routed(looked[p], j)], list(judged))
    seen_generation = {c.person: c.generation for c in claimed}
    sweeps.settle(conn, region, [(p, seen_generation[p], j.wakes_on) for p, j in judged.items()])
    _set_aside(conn, region, failed)
    counts.persons, counts.failed = len(claimed), len(failed)
    return counts


def _routed(seen: Looked, judged: Judged) -> Iterator[Routed]:
    """The cases of a person as statistics count them."""
    if judged.views:
        facts = {f.id: f for f in seen.timeline.facts}
        for view in judged.views:
            yield routed(view, facts, seen.person.attached, routing())


def _looks(judged: Mapping[int, Judged]) -> list[traces.Row]:
    return [
        (person, k.source, k.state, k.on, k.kind, int(k.fact) if k.fact else None)
        for person, j in judged.items()
        for k in j.looks
    ]


def _give_ids(conn: Connection, looked: dict[int, Looked]) -> set[int]:
    """Permanent ids for the episodes nobody has seen before."""
    new = [(seen, key) for seen in looked.values() for key in seen.new_keys]
    ids = episodes.new_ids(conn, len(new))
    for (seen, key), id in zip(new, ids, strict=True):
        seen.found[key] = id
    return set(ids)


def _episode_rows(person: int, looked: Looked) -> list[EpisodeRow]:
    rows: dict[str, EpisodeRow] = {}
    for v in looked.views:
        rows.setdefault(
            v.episode, EpisodeRow(looked.found[v.episode], person, v.episode, v.icd10, v.opened_on, tuple(v.anchors))
        )
    return list(rows.values())


def _rows(memory: Memory) -> dict[int, OpenTask]:
    return {t.id: t for t in (*memory.open, *(c.task for c in memory.closed))}


def _set_aside(conn: Connection, region: int, failed: Mapping[int, Exception]) -> None:
    """Keeps the persons due and says where the code stopped. The text of an error may hold a patient's value: left out."""
    places: Counter[str] = Counter()
    for person, error in sorted(failed.items()):
        frame = traceback.extract_tb(error.__traceback__)[-1]
        place = f"{type(error).__name__} in {frame.filename.rpartition('/')[2]}:{frame.lineno}"
        sweeps.fail(conn, region, person, place)
        places[place] += 1
    for place, n in places.items():
        log.error("could not be swept: %d persons, %s", n, place)
