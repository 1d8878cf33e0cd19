"""The quarantine: look at a document nobody could read, read it again after a fix."""

import zlib
from collections.abc import Sequence
from typing import NamedTuple, TypedDict

from oncor_cases.actions.ingest import retake
from oncor_cases.actions.read_rows import Reader
from oncor_cases.kernel.errors import NotFound
from oncor_cases.sources import any_document
from oncor_cases.store import audit, documents, quarantine, raw
from oncor_cases.store.quarantine import Quarantined
from oncor_cases.store.session import Connection, Database

LOOKED = 200_000  # bytes shown of a document: enough to see what it is


class Retried(TypedDict):
    """What `oncor quarantine retry --json` prints."""

    retried: int
    read: int
    quarantined: int
    facts: int


class Look(NamedTuple):
    """A quarantined document and the beginning of its bytes as text."""

    document: Quarantined
    text: str
    cut: bool


def listed(conn: Connection, region: int, *, after: int | None = None, limit: int = 50) -> list[Quarantined]:
    """A page of the quarantine, newest first."""
    return quarantine.page(conn, region, after=after, limit=limit)


def look(conn: Connection, region: int, sha256: bytes) -> Look:
    """What lies in quarantine under this hash. Raises NotFound, also for what is out of the reader's scope."""
    found = quarantine.one(conn, region, sha256)
    content = raw.content(conn, region, sha256) if found else None
    if found is None or content is None:
        raise NotFound("Документ не найден в карантине")
    data = zlib.decompressobj().decompress(content, LOOKED + 1)
    return Look(found, data[:LOOKED].decode("utf-8", "replace"), len(data) > LOOKED)


def retry(
    db: Database, region: int, hashes: Sequence[bytes] | None = None, *, by: str, reader: Reader = any_document.read
) -> Retried:
    """Reads again the given documents, or all that wait; one transaction each, so one bad document stops no other.

    Raises NotFound when a named document is not in quarantine."""
    counts = Retried(retried=0, read=0, quarantined=0, facts=0)
    with db.batch_session() as conn:
        if hashes is None:
            asked = _all(conn, region)
        else:
            asked = list(hashes)
            if any(quarantine.one(conn, region, sha256) is None for sha256 in asked):
                raise NotFound("Документ не найден в карантине")
        for sha256 in asked:
            with conn.transaction():
                documents.lock(conn, region)
                rows = quarantine.release(conn, region, [sha256])
                if not rows:
                    continue
                written = retake(conn, region, rows, reader)
                audit.note(conn, region, "quarantine_retried", author=by, object=sha256.hex())
            counts["retried"] += 1
            counts["quarantined"] += written.quarantined
            counts["read"] += len(written.added) - written.quarantined
            counts["facts"] += written.facts
    return counts


def _all(conn: Connection, region: int) -> list[bytes]:
    found: list[bytes] = []
    after: int | None = None
    while page := quarantine.page(conn, region, after=after, limit=500):
        found += [row.sha256 for row in page]
        after = page[-1].id
    return found
