"""A load joins its series, or leaves it: documents for what is new or changed, withdrawal of what no list says any more.

Everything happens in the caller's transaction, under the lock of documents. Which documents are missing is decided per
key by a pure function over the series (facts/listed.py), so the order of loads does not matter."""

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from isal import isal_zlib

from oncor_cases.actions.ingest import write_read
from oncor_cases.actions.list_stages import Progress, Silent
from oncor_cases.actions.read_rows import Incoming, read_all
from oncor_cases.facts.listed import Plan, plan
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.lists import kind_of
from oncor_cases.sources.lists import read as read_record
from oncor_cases.sources.lists.record import document, set_id
from oncor_cases.store import documents, listed, lists, persons, raw
from oncor_cases.store.listed import Written
from oncor_cases.store.lists import Load
from oncor_cases.store.session import Connection

EPOCH = date(2000, 1, 1)
REVISIONS = 16  # corrections of one list of one day
PARTS = 4_500  # lists of one series and day
A_DAY = REVISIONS * PARTS  # 29,800 days to the end of int4: until 2081
KEYS = 1_000  # looked at together
TOGETHER = 500  # documents written by one statement


def slot(version: int) -> int:
    """Versions of one slot speak of the same list of the same day: a correction replaces."""
    return version // REVISIONS


class _Series(NamedTuple):
    """`effective`: the loads that count, by slot, ascending; `all`: with those that were visible once."""

    name: str
    snapshot: bool
    all: list[Load]
    effective: dict[int, Load]


def added(conn: Connection, region: int, load: Load, progress: Progress) -> dict[str, int]:
    """Makes a staged load part of its series; returns documents, gone, withdrawn, facts. Raises UserError.

    Its own row is changed last: `progress` is told over another connection (actions/list_stages.py)."""
    assert load.as_of is not None
    before = _series(conn, region, load)
    version = _version(conn, region, load, before.all)
    load = load._replace(version=version, state="loaded", finished_at=load.received_at)
    after = _of([*before.all, load], before.name, before.snapshot)
    own = after.effective[slot(version)]
    if own.id != load.id:  # a correction received later is here already
        lists.change(conn, region, load.id, version=version)
        return dict.fromkeys(("documents", "gone", "withdrawn", "facts"), 0)
    replaced = before.effective.get(slot(version))
    if replaced is not None:
        keys = listed.differing(conn, region, load.id, [replaced.id])
    elif after.snapshot:
        keys = listed.differing(conn, region, load.id, _neighbours(after, slot(version)))
    else:
        keys = listed.differing(conn, region, load.id, [])
    counts = _settle(
        conn, region, after, load, keys, reason="Заменён исправленным списком", by=load.author, at=load.received_at,
        progress=progress,
    )  # fmt: skip
    lists.change(conn, region, load.id, version=version)
    return counts


def removed(conn: Connection, region: int, load: Load, *, reason: str, by: str, at: datetime) -> dict[str, int]:
    """Takes a withdrawn load out of its series; an earlier one that it had replaced counts again."""
    series = _series(conn, region, load)
    back = series.effective.get(slot(load.version))
    if back is not None and (back.received_at, back.id) < (load.received_at, load.id):
        # its documents were withdrawn with a number of their own: what it says again needs a new one
        fresh = _revision(slot(load.version), series.all)
        lists.change(conn, region, back.id, version=fresh)
        series = _of(
            [one._replace(version=fresh) if one.id == back.id else one for one in series.all], series.name, series.snapshot
        )
    keys = listed.keys_of(
        conn, region, [load.id, *_neighbours(series, slot(load.version))] if series.snapshot else [load.id]
    )
    if back is not None:
        keys = sorted({*keys, *listed.keys_of(conn, region, [back.id])})
    counts = _settle(conn, region, series, load, keys, reason=reason, by=by, at=at, progress=Silent())
    restate(conn, region, load)
    return counts


def restate(conn: Connection, region: int, load: Load) -> None:
    """Marks the loads of the same day and part that another one has replaced, and those that count again."""
    rows = [one for one in lists.of_slot(conn, region, load) if one.state in ("loaded", "replaced")]
    counting = {one.id for one in _of(rows, load.series, False).effective.values()}
    for one in rows:
        state = "loaded" if one.id in counting else "replaced"
        if one.state != state:
            lists.change(conn, region, one.id, state=state)


# --- steps ----------------------------------------------------------------------------------------------------------


def _series(conn: Connection, region: int, load: Load) -> _Series:
    """The loads that count for this one: of a snapshot all of them, for its rows are compared with the lists around; of
    events those with the same rows."""
    snapshot = kind_of(load.kind).snapshot
    rows = lists.of_series(conn, region, load.series) if snapshot else lists.related(conn, region, load)
    return _of([one for one in rows if one.id != load.id or one.state == "withdrawn"], load.series, snapshot)


def _of(rows: Sequence[Load], name: str, snapshot: bool) -> _Series:
    effective: dict[int, Load] = {}
    for one in rows:
        if one.state in ("loaded", "replaced"):
            held = effective.get(slot(one.version))
            if held is None or (one.received_at, one.id) > (held.received_at, held.id):
                effective[slot(one.version)] = one
    return _Series(name, snapshot, list(rows), dict(sorted(effective.items())))


def _version(conn: Connection, region: int, load: Load, rows: Sequence[Load]) -> int:
    """A number for the load: its day, then its part, then its revision."""
    same = [one for one in rows if one.as_of == load.as_of and one.part == load.part]
    if same:
        return _revision(slot(same[0].version), rows)
    assert load.as_of is not None
    base = (load.as_of - EPOCH).days * A_DAY
    last = lists.last_version(conn, region, load.series, base, base + A_DAY)
    number = slot(base) if last is None else slot(last) + 1
    if number >= slot(base + A_DAY):
        raise UserError("За один день принято слишком много списков этого вида: присылайте записи пачками")
    return number * REVISIONS


def _revision(number: int, rows: Sequence[Load]) -> int:
    used = [one.version for one in rows if slot(one.version) == number]
    version = max(used) + 1
    if slot(version) != number:
        raise UserError("Этот список исправляли слишком много раз: загрузите его с другой датой")
    return version


def _neighbours(series: _Series, at: int) -> list[int]:
    """The lists just before and after this one."""
    before = [one.id for number, one in series.effective.items() if number < at]
    after = [one.id for number, one in series.effective.items() if number > at]
    return [*before[-1:], *after[:1]]


def _settle(
    conn: Connection, region: int, series: _Series, load: Load, keys: Sequence[bytes], *, reason: str, by: str, at: datetime,
    progress: Progress,
) -> dict[str, int]:  # fmt: skip
    counts = dict.fromkeys(("documents", "gone", "withdrawn", "facts"), 0)
    known = max(at, load.received_at)
    for start in range(0, len(keys), KEYS):
        progress.stage("settling", start, len(keys))
        some = keys[start : start + KEYS]
        plans, there = _plans(conn, region, series, load, some)
        leaving = [w.id for key, one in plans.items() for w in there[key] if slot(w.version) in set(one.withdraw)]
        if leaving:
            gone = documents.withdraw(conn, region, leaving, reason=reason, by=by, at=at)
            moved, _ = documents.settle(conn, region, gone)
            persons.refresh(
                conn, region, persons.of_subjects(conn, region, documents.subjects_of(conn, region, [*gone, *moved]))
            )
            counts["withdrawn"] += len(gone)
        for batch in _together(_documents(conn, region, series, load, plans, known)):
            raw.store(conn, region, [
                raw.RawRow(i.sha256, i.known_at, len(i.data), load.name, isal_zlib.compress(i.data, 1)) for i, _ in batch
            ])  # fmt: skip
            done = write_read(conn, region, read_all(read_record, [item for item, _ in batch]))
            counts["documents"] += sum(not empty for _, empty in batch)
            counts["gone"] += sum(empty for _, empty in batch)
            counts["facts"] += done.facts
    return counts


def _plans(
    conn: Connection, region: int, series: _Series, load: Load, keys: Sequence[bytes]
) -> tuple[dict[bytes, Plan], dict[bytes, list[Written]]]:
    said = listed.states(conn, region, [one.id for one in series.effective.values()], keys)
    there = listed.written(conn, region, load.sender_org, {set_id(load.kind, _part(series, load), key): key for key in keys})
    plans = {}
    for key in keys:
        states = {
            number: said[key].get(one.id)
            for number, one in series.effective.items()
            if series.snapshot or one.id in said[key]
        }
        plans[key] = plan(states, {slot(w.version): w.hash for w in there[key]})
    return plans, there


def _documents(
    conn: Connection, region: int, series: _Series, load: Load, plans: dict[bytes, Plan], known: datetime
) -> Iterator[tuple[Incoming, bool]]:
    """(a document to be read, whether it only says that the row is gone)."""
    wanted = [(key, number, state) for key, one in plans.items() for number, state in one.write.items()]
    contents = listed.contents(conn, region, {state for _, _, state in wanted if state is not None})
    last = listed.last_content(conn, region, [key for key, _, state in wanted if state is None])
    for key, number, state in wanted:
        of = series.effective[number]
        content = contents[state] if state is not None else last[key]
        assert of.as_of is not None
        name = set_id(load.kind, _part(series, load), key)
        data = document(load.kind, load.sender_org, name, of.as_of.isoformat(), of.version, content, gone=state is None)
        at = max(known, of.received_at)
        if json.loads(content).get("role") == "former":
            at -= timedelta(seconds=1)  # a former name was known before the present one, which is the one to show
        yield Incoming(sha256(data).digest(), at, data), state is None


def _part(series: _Series, load: Load) -> str:
    return load.part if series.snapshot else ""


def _together(items: Iterator[tuple[Incoming, bool]]) -> Iterator[list[tuple[Incoming, bool]]]:
    batch: list[tuple[Incoming, bool]] = []
    for item in items:
        batch.append(item)
        if len(batch) >= TOGETHER:
            yield batch
            batch = []
    if batch:
        yield batch
