"""The intake: bytes first, in a committed step of their own; then reading in worker processes; then rows, set-based.

    store (commit) ──► read (processes) ──► write documents, facts, persons (one transaction per batch)

Killed anywhere, the next intake goes on: bytes without a document are listed in `unread_document`. While one batch is
being read the next one is being stored, so both cores have work. Versions, persons and generations are settled in the
transaction that brings the facts (DESIGN, invariants 1, 2, 4, 11)."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypedDict

from oncor_cases.actions.deliveries import KEPT_LIMIT, Delivery, files, of_file
from oncor_cases.actions.read_rows import Incoming, Reader, ReadRows, read_all, refused
from oncor_cases.actions.readers import Readers
from oncor_cases.sources import semd
from oncor_cases.store import documents, facts, links, persons, raw, regions
from oncor_cases.store.session import ROW_REFUSED, Connection, Database, again_on_deadlock

REFUSED = "not_storable"
BATCH = 250  # documents in one transaction


class Counts(TypedDict):
    """What one intake did; the words of `oncor ingest --json`."""

    received: int
    new: int
    duplicates: int
    superseded: int
    quarantined: int
    facts: int


def ingest(
    db: Database,
    items: Iterable[Delivery],
    *,
    region: int,
    received_at: datetime | None = None,
    workers: int = 2,
    progress: Callable[[int], None] | None = None,
    reader: Reader = semd.read,
) -> Counts:
    """Takes in every delivery, and first whatever a killed intake left unread.

    `received_at` and the deliveries' own moments are obeyed in a demo store only. `progress` gets the number of
    deliveries stored so far. `reader` must be importable (worker processes)."""
    counts = Counts(received=0, new=0, duplicates=0, superseded=0, quarantined=0, facts=0)
    with db.batch_session() as conn, Readers(reader, workers) as readers:
        place = regions.get(conn, region)
        started = raw.now(conn)
        if raw.alone(conn, region):
            _finish_unread(conn, region, reader, counts)
        for batch in _batches(items, BATCH):
            now = raw.now(conn)
            fresh = _store(conn, region, [_timed(item, place.demo, received_at, now) for item in batch])
            counts["received"] += len(batch)
            counts["new"] += len(fresh)
            readers.give(fresh)
            for read in readers.ready():
                _write(conn, region, read, counts)
            if counts["new"] >= BATCH:
                raw.know_sizes(conn, counts["new"])
            if progress:
                progress(counts["received"])
        for read in readers.rest():
            _write(conn, region, read, counts)
        counts["duplicates"] = counts["received"] - counts["new"]
        if counts["received"] or counts["facts"]:
            raw.note_run(conn, region, started, counts)
    return counts


def intake(db: Database, folder: Path, region: int, *, reader: Reader = semd.read) -> Counts:
    """Takes in a drop folder: a file leaves it when its bytes are safely stored. One too large to store stays."""
    taken = list(files(folder))

    def drop() -> Iterator[Delivery]:
        for path in taken:
            yield from of_file(path, path.relative_to(folder).as_posix())

    counts = ingest(db, drop(), region=region, reader=reader)
    for path in taken:
        if path.stat().st_size <= KEPT_LIMIT:
            path.unlink()
    return counts


def retake(conn: Connection, region: int, rows: Sequence[raw.Unread], reader: Reader = semd.read) -> documents.Written:
    """Reads stored bytes in this process and writes what they say, in the caller's transaction."""
    return write_read(
        conn, region, read_all(reader, [Incoming(r.sha256, r.received_at, zlib.decompress(r.content)) for r in rows])
    )


def write_read(conn: Connection, region: int, read: Sequence[ReadRows]) -> documents.Written:
    """Documents, facts, versions, persons and generations of a batch, in the caller's transaction."""
    documents.lock(conn, region)
    subjects, strangers = persons.add_subjects(conn, region, [r.subject for r in read if r.subject])
    written = documents.write(conn, region, read, subjects)
    whole = links.connect(conn, region, strangers, max(r.document.known_at for r in read)) if strangers else set()
    gone = documents.subjects_of(conn, region, written.moved) if written.moved else []
    whole |= persons.of_subjects(conn, region, [*gone, *written.told])
    rest = persons.of_subjects(conn, region, list(written.subjects)) - whole
    persons.refresh(conn, region, whole)  # names, clinic, scope anew; for the rest only new documents came
    persons.add_scope(conn, region, written.added)
    facts.changed(conn, region, sorted(rest))
    return written


# --- steps ----------------------------------------------------------------------------------------------------------


def _timed(item: Delivery, demo: bool, received_at: datetime | None, now: datetime) -> tuple[Delivery, datetime]:
    return item, (item.received_at or received_at or now) if demo else now


def _store(
    conn: Connection, region: int, batch: Sequence[tuple[Delivery, datetime]]
) -> list[tuple[Incoming, tuple[str, str] | None]]:
    """Commits the bytes; returns those that were new, with the moment they count as known."""
    first: dict[bytes, tuple[Delivery, datetime]] = {}
    for item, at in batch:
        left = item.fault and not item.data  # too large to keep: known by its name
        mark = sha256(item.name.encode("utf-8", "replace") if left else item.data).digest()
        if mark not in first or at < first[mark][1]:
            first[mark] = (item, at)
    rows = [
        raw.RawRow(mark, at, len(item.data), _name(item), zlib.compress(item.data, 1)) for mark, (item, at) in first.items()
    ]
    with conn.transaction():
        new = raw.store(conn, region, rows)
    return [(Incoming(mark, at, item.data), item.fault) for mark, (item, at) in first.items() if mark in new]


def _name(item: Delivery) -> str:
    return item.name.encode("utf-8", "replace").decode()[-500:]  # a file name may hold bytes that are no text


def _write(conn: Connection, region: int, read: Sequence[ReadRows], counts: Counts) -> None:
    if not read:
        return

    def once() -> documents.Written:
        with conn.transaction():
            return write_read(conn, region, read)

    try:
        written = again_on_deadlock(once)
    except ROW_REFUSED:  # one document holds what the store cannot take: found by writing them one by one
        if len(read) > 1:
            for one in read:
                _write(conn, region, [one], counts)
        elif read[0].document.reason_code != REFUSED:
            mark, at = read[0].document[:2]
            _write(conn, region, [refused(mark, at, REFUSED, "Значения документа не помещаются в базу")], counts)
        else:
            raise
        return
    counts["superseded"] += written.superseded
    counts["quarantined"] += written.quarantined
    counts["facts"] += written.facts


def _finish_unread(conn: Connection, region: int, reader: Reader, counts: Counts) -> None:
    while rows := raw.unread(conn, region, BATCH):
        read = read_all(reader, [Incoming(r.sha256, r.received_at, zlib.decompress(r.content)) for r in rows])
        _write(conn, region, read, counts)


def _batches(items: Iterable[Delivery], size: int) -> Iterator[list[Delivery]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
