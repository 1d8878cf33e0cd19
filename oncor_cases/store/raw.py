"""The bytes as they came: stored once, marked unread until a document is made of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store import arrays, locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection


class RawRow(NamedTuple):
    """Bytes to store. `content` is zlib, `size` of the bytes as they came."""

    sha256: bytes
    received_at: datetime
    size: int
    origin: str
    content: bytes


_COLUMNS = {"sha256": "bytea", "received_at": "timestamptz", "size": "bigint", "origin": "text", "content": "bytea"}


def store(conn: Connection, region: int, rows: Sequence[RawRow]) -> set[bytes]:
    """Stores bytes not seen before and marks them unread; returns the hashes of those. `rows` has no hash twice."""
    table, values = arrays.source(_COLUMNS, rows)
    done = conn.execute(
        f"""with stored as (
                insert into raw_document (region_id, sha256, received_at, size, origin, content)
                select %s, n.* from {table} order by sha256 on conflict do nothing returning region_id, sha256
            )
            insert into unread_document (region_id, sha256) select * from stored returning sha256""",
        (region, *values),
        binary=True,
    )
    return {row.sha256 for row in done}


class Unread(NamedTuple):
    """Stored bytes still to be read."""

    sha256: bytes
    received_at: datetime
    content: bytes


def unread(conn: Connection, region: int, limit: int) -> list[Unread]:
    """Bytes an intake stored and did not live to read."""
    rows = conn.execute(
        """select r.sha256, r.received_at, r.content from unread_document u
           join raw_document r on r.region_id = u.region_id and r.sha256 = u.sha256
           where u.region_id = %s order by r.received_at, r.sha256 limit %s""",
        (region, limit),
    )
    return [Unread(*row) for row in rows]


def alone(conn: Connection, region: int) -> bool:
    """Says that an intake runs on this connection, until it closes. True if no other does: what is unread is left over."""
    first = locks.take(conn, Lock.INTAKE, region)
    locks.share(conn, Lock.INTAKE, region)
    if first:
        locks.give_back(conn, Lock.INTAKE, region)
    return first


def now(conn: Connection) -> datetime:
    """The server's clock."""
    return conn.execute("select clock_timestamp() as now").fetchone().now


def note_run(conn: Connection, region: int, started: datetime, counts: Mapping[str, int]) -> None:
    """Writes down one intake for the page that shows what came."""
    conn.execute(
        "insert into intake_run (region_id, started_at, finished_at, counts) values (%s, %s, clock_timestamp(), %s)",
        (region, started, Jsonb(dict(counts))),
    )


def content(conn: Connection, region: int, sha256: bytes) -> bytes | None:
    """The stored zlib bytes of a document; None if there are none in this region (or in this scope)."""
    row = conn.execute("select content from raw_document where region_id = %s and sha256 = %s", (region, sha256)).fetchone()
    return row.content if row else None


_GROWING = "raw_document, document, fact, subject, subject_link, person, person_scope, person_change, organisation"


def know_sizes(conn: Connection) -> None:
    """Statistics for tables that grew faster than the server's own rounds, called between transactions.

    Without them every index that leads with `region_id` looks equally good for `region_id = 1 and id = 7`, a foreign
    key may walk the whole region for each row, and a first load becomes quadratic (tests/intake/test_ingest.py).
    Taken anew when the documents fill four times the pages they filled then: between, the planner scales by itself.
    Only the owner may do it; for another login PostgreSQL warns and skips."""
    grown = conn.execute(
        """select reltuples < 0 or pg_relation_size(oid) >= 4 * relpages * current_setting('block_size')::bigint as it
           from pg_class where oid = 'document'::regclass"""
    ).fetchone()
    if grown.it:
        conn.execute("reset role")
        conn.execute(f"analyze {_GROWING}")
        conn.execute("set role oncor_batch")
