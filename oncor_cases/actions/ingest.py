"""The intake: bytes first, in a committed step of their own; then reading in worker processes; then rows, set-based.

    store (commit) ──► read (processes) ──► write documents, facts, persons (one transaction per batch)

Killed anywhere, the next intake goes on: bytes without a document are listed in `unread_document`. While one batch is
being read the next one is being stored, so both cores have work. Versions, persons and generations are settled in the
transaction that brings the facts (DESIGN, invariants 1, 2, 4, 11)."""

import zlib
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from datetime import datetime
from hashlib import sha256
from itertools import islice
from multiprocessing import get_context
from pathlib import Path
from typing import TypedDict

from oncor_cases.actions.deliveries import KEPT_LIMIT, Delivery, files, of_file
from oncor_cases.actions.read_rows import Incoming, Reader, ReadRows, read_all, refused
from oncor_cases.sources import semd
from oncor_cases.store import documents, links, persons, regions
from oncor_cases.store.session import Connection, Database, again_on_deadlock

BATCH = 250  # documents in one transaction
ALONE = 40  # up to so many documents are read right here: a process takes half a second to start
AHEAD = 3  # batches on their way through the readers


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
    with db.batch_session() as conn, _Readers(reader, workers) as readers:
        place = regions.get(conn, region)
        started = documents.now(conn)
        if documents.alone(conn, region):
            _finish_unread(conn, region, reader, counts)
        for batch in _batches(items, BATCH):
            now = documents.now(conn)
            fresh = _store(conn, region, [_timed(item, place.demo, received_at, now) for item in batch])
            counts["received"] += len(batch)
            counts["new"] += len(fresh)
            readers.give(fresh)
            for read in readers.ready():
                _write(conn, region, read, counts)
            if progress:
                progress(counts["received"])
        for read in readers.rest():
            _write(conn, region, read, counts)
        counts["duplicates"] = counts["received"] - counts["new"]
        if counts["received"] or counts["facts"]:
            documents.note_run(conn, region, started, counts)
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


def retake(conn: Connection, region: int, rows: Sequence[documents.Unread], reader: Reader = semd.read) -> documents.Written:
    """Reads stored bytes in this process and writes what they say, in the caller's transaction."""
    return write_read(
        conn, region, read_all(reader, [Incoming(r.sha256, r.received_at, zlib.decompress(r.content)) for r in rows])
    )


def write_read(conn: Connection, region: int, read: Sequence[ReadRows]) -> documents.Written:
    """Documents, facts, versions, persons and generations of a batch, in the caller's transaction."""
    documents.lock(conn, region)
    strangers = persons.add_subjects(conn, region, {r.subject.fingerprint: r.subject for r in read if r.subject}.values())
    written = documents.write(conn, region, [r.document for r in read], [fact for r in read for fact in r.facts])
    touched = links.connect(conn, region, strangers, max(r.document.known_at for r in read)) if strangers else set()
    persons.refresh(conn, region, touched | persons.of_subjects(conn, region, written.subjects))
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
        mark = sha256(item.data or item.name.encode()).digest()  # too large to keep: known by its name
        if mark not in first or at < first[mark][1]:
            first[mark] = (item, at)
    rows = [
        documents.RawRow(mark, at, len(item.data), item.name, zlib.compress(item.data, 1))
        for mark, (item, at) in first.items()
    ]
    with conn.transaction():
        new = documents.store_raw(conn, region, rows)
    return [(Incoming(mark, at, item.data), item.fault) for mark, (item, at) in first.items() if mark in new]


def _write(conn: Connection, region: int, read: Sequence[ReadRows], counts: Counts) -> None:
    if not read:
        return

    def once() -> documents.Written:
        with conn.transaction():
            return write_read(conn, region, read)

    written = again_on_deadlock(once)
    counts["superseded"] += written.superseded
    counts["quarantined"] += written.quarantined
    counts["facts"] += written.facts


def _finish_unread(conn: Connection, region: int, reader: Reader, counts: Counts) -> None:
    while rows := documents.unread(conn, region, BATCH):
        read = read_all(reader, [Incoming(r.sha256, r.received_at, zlib.decompress(r.content)) for r in rows])
        _write(conn, region, read, counts)


def _batches(items: Iterable[Delivery], size: int) -> Iterator[list[Delivery]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch


class _Readers:
    """Reading in `workers` processes once there is enough of it, in this process before that.

    A document that kills its process is found by reading its batch one by one, and refused."""

    def __init__(self, reader: Reader, workers: int) -> None:
        self._reader, self._workers = reader, workers
        self._pool: ProcessPoolExecutor | None = None
        self._coming: deque[tuple[list[Incoming], Future[list[ReadRows]]]] = deque()
        self._done: deque[list[ReadRows]] = deque()

    def __enter__(self) -> "_Readers":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def give(self, fresh: Sequence[tuple[Incoming, tuple[str, str] | None]]) -> None:
        """Takes a stored batch to be read."""
        faulty = [refused(item.sha256, item.known_at, *fault) for item, fault in fresh if fault]
        if faulty:
            self._done.append(faulty)
        batch = [item for item, fault in fresh if not fault]
        if (len(batch) <= ALONE and self._pool is None) or self._workers < 2:
            self._done.append(read_all(self._reader, batch))
        else:
            half = -(-len(batch) // self._workers)
            for part in (batch[i : i + half] for i in range(0, len(batch), half)):
                self._coming.append((part, self._processes().submit(read_all, self._reader, part)))

    def ready(self) -> Iterator[list[ReadRows]]:
        """What is read; waits only when too much is on its way."""
        while self._done:
            yield self._done.popleft()
        while len(self._coming) > AHEAD * self._workers or (self._coming and self._coming[0][1].done()):
            yield self._next()

    def rest(self) -> Iterator[list[ReadRows]]:
        """Everything that is left."""
        while self._done:
            yield self._done.popleft()
        while self._coming:
            yield self._next()

    def _next(self) -> list[ReadRows]:
        batch, future = self._coming.popleft()
        try:
            return future.result()
        except (BrokenProcessPool, CancelledError):
            self._close()
            return [self._carefully(item) for item in batch]

    def _carefully(self, item: Incoming) -> ReadRows:
        try:
            return self._processes().submit(read_all, self._reader, [item]).result()[0]
        except BrokenProcessPool:
            self._close()
            return refused(item.sha256, item.known_at, "reader_died", "Программа чтения была остановлена на этом документе")

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # spawn: the service that calls us has threads, and a fork of threads may inherit a held lock
            self._pool = ProcessPoolExecutor(self._workers, mp_context=get_context("spawn"))
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
