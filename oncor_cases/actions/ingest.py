"""The intake: bytes first, in a committed step of their own; then reading in worker processes; then rows, set-based.

    store (commit) ──► read (processes) ──► write documents, facts, persons (one transaction per batch)

Killed anywhere, the next intake goes on: bytes without a document are listed in `unread_document`. While one batch is
being read and written the next one is being stored, so both cores have work. Versions, persons and generations are
settled in the transaction that brings the facts (DESIGN, invariants 1, 2, 4, 11)."""

import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from hashlib import sha256
from itertools import islice
from pathlib import Path
from typing import TypedDict

from isal import isal_zlib

from oncor_cases.actions.deliveries import KEPT_LIMIT, Delivery, files, of_file
from oncor_cases.actions.read_rows import Incoming, Reader, ReadRows, read_all, refused
from oncor_cases.actions.readers import Readers
from oncor_cases.sources import semd
from oncor_cases.store import documents, facts, links, persons, raw, regions, residents
from oncor_cases.store.session import ROW_REFUSED, Connection, Database, again_on_deadlock

REFUSED = "not_storable"
BATCH = 500  # documents stored in one transaction, and read by the workers between them
LARGE = 250  # new documents from which on the planner is told how the tables have grown


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
        storing = _Storing(db, conn, region, place.demo, received_at, _batches(items, BATCH))
        for received, fresh in storing.batches(readers):
            counts["received"] += received
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
            raw.note_run(conn, region, started, counts)
    return counts


def intake(
    db: Database, folder: Path, region: int, *, received_at: datetime | None = None, reader: Reader = semd.read
) -> Counts:
    """Takes in a drop folder: a file leaves it when its bytes are safely stored. One too large to store stays.

    `received_at`: the moment of a demo that lives on a told day."""
    taken = {path: _mark(path) for path in files(folder)}

    def drop() -> Iterator[Delivery]:
        for path in taken:
            yield from of_file(path, path.relative_to(folder).as_posix())

    counts = ingest(db, drop(), region=region, received_at=received_at, reader=reader)
    for path, mark in taken.items():
        if mark == _mark(path) and mark[0] <= KEPT_LIMIT:  # not what somebody wrote there meanwhile
            path.unlink()
    return counts


def _mark(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_size, found.st_mtime_ns


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
    insured = residents.named_by(conn, region, strangers) if strangers else []  # records of the list they belong to
    whole = links.connect(conn, region, strangers, max(r.document.known_at for r in read)) if strangers else set()
    whole |= persons.of_subjects(conn, region, insured) if insured else set()
    gone = documents.subjects_of(conn, region, written.moved) if written.moved else []
    whole |= persons.of_subjects(conn, region, [*gone, *written.told])
    rest = persons.of_subjects(conn, region, list(written.subjects)) - whole
    persons.refresh(conn, region, whole)  # names, clinic, scope anew; for the rest only new documents came
    persons.add_scope(conn, region, written.added)
    facts.changed(conn, region, sorted(rest))
    return written


# --- steps ----------------------------------------------------------------------------------------------------------


Fresh = list[tuple[Incoming, tuple[str, str] | None]]


class _Storing:
    """The first step of the intake. A large one stores the next batch in a thread while this one is being written:
    hashing, compressing and waiting for the server need no interpreter lock."""

    def __init__(
        self,
        db: Database,
        conn: Connection,
        region: int,
        demo: bool,
        received_at: datetime | None,
        batches: Iterator[list[Delivery]],
    ) -> None:
        self._db, self._conn, self._region = db, conn, region
        self._demo, self._received_at, self._batches = demo, received_at, batches

    def batches(self, readers: Readers) -> Iterator[tuple[int, Fresh]]:
        """(how many deliveries, what was new among them) of each stored batch."""
        first = self._next(self._conn)
        if first is None:
            return
        yield first
        if first[0] < BATCH:
            return
        readers.start()  # before there is a thread: a fork is cheaper than a new interpreter
        with ThreadPoolExecutor(1, "store") as thread, self._db.batch_session() as conn:
            ahead = thread.submit(self._next, conn)
            while (done := ahead.result()) is not None:
                ahead = thread.submit(self._next, conn)
                yield done

    def _next(self, conn: Connection) -> tuple[int, Fresh] | None:
        batch = next(self._batches, None)
        if batch is None:
            return None
        now = raw.now(conn)
        return len(batch), _store(conn, self._region, [(item, self._moment(item, now)) for item in batch])

    def _moment(self, item: Delivery, now: datetime) -> datetime:
        return (item.received_at or self._received_at or now) if self._demo else now


def _store(conn: Connection, region: int, batch: Sequence[tuple[Delivery, datetime]]) -> Fresh:
    """Commits the bytes; returns those that were new, with the moment they count as known."""
    first: dict[bytes, tuple[Delivery, datetime]] = {}
    for item, at in batch:
        left = item.fault and not item.data  # too large to keep: known by its name
        mark = sha256(item.name.encode("utf-8", "replace") if left else item.data).digest()
        if mark not in first or at < first[mark][1]:
            first[mark] = (item, at)
    rows = [
        raw.RawRow(mark, at, len(item.data), _name(item), isal_zlib.compress(item.data, 1))
        for mark, (item, at) in first.items()
    ]
    with conn.transaction():
        new = raw.store(conn, region, rows)
    # Ordered as versions are judged: which of two with one number counts must not change between two batches of reading.
    fresh = sorted((at, mark, item) for mark, (item, at) in first.items() if mark in new)
    return [(Incoming(mark, at, item.data), item.fault) for at, mark, item in fresh]


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
    if counts["new"] >= LARGE:
        raw.know_sizes(conn)


def _finish_unread(conn: Connection, region: int, reader: Reader, counts: Counts) -> None:
    while rows := raw.unread(conn, region, BATCH):
        read = read_all(reader, [Incoming(r.sha256, r.received_at, zlib.decompress(r.content)) for r in rows])
        _write(conn, region, read, counts)


def _batches(items: Iterable[Delivery], size: int) -> Iterator[list[Delivery]]:
    stream = iter(items)
    while batch := list(islice(stream, size)):
        yield batch
