"""Documents nobody could read or that contradict another one: listed, looked at, read again."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from oncor_cases.store.raw import Unread
from oncor_cases.store.session import Connection


class Quarantined(NamedTuple):
    """One line of the quarantine page. `origin` is the name under which the bytes came."""

    id: int
    sha256: bytes
    known_at: datetime
    reason_code: str
    reason: str
    kind: str
    title: str
    sender_org: str
    sender_name: str
    origin: str
    size: int
    problems: list[Any]


_COLUMNS = """d.id, d.sha256, d.known_at, d.reason_code, d.reason, d.kind, d.title, d.sender_org,
    coalesce(nullif(o.short_name, ''), o.name, d.sender_org) as sender_name, r.origin, r.size, d.problems"""
_FROM = """from document d join raw_document r on r.region_id = d.region_id and r.sha256 = d.sha256
    left join organisation o on o.region_id = d.region_id and o.oid = d.sender_org"""


def page(conn: Connection, region: int, *, after: int | None = None, limit: int = 50) -> list[Quarantined]:
    """The newest first; `after` is the id of the last line already shown."""
    rows = conn.execute(
        f"""select {_COLUMNS} {_FROM}
            where d.region_id = %s and d.status = 'quarantined' and (%s::bigint is null or d.id < %s)
            order by d.id desc limit %s""",
        (region, after, after, limit),
    )
    return [Quarantined(*row) for row in rows]


def one(conn: Connection, region: int, sha256: bytes) -> Quarantined | None:
    """A quarantined document, or None if it is not (or is out of scope)."""
    row = conn.execute(
        f"select {_COLUMNS} {_FROM} where d.region_id = %s and d.sha256 = %s and d.status = 'quarantined'", (region, sha256)
    ).fetchone()
    return Quarantined(*row) if row else None


def count(conn: Connection, region: int) -> int:
    """How many wait."""
    sql = "select count(*) as n from document where region_id = %s and status = 'quarantined'"
    return conn.execute(sql, (region,)).fetchone().n


def release(conn: Connection, region: int, sha256: Sequence[bytes]) -> list[Unread]:
    """Takes unread documents out of quarantine to be read again.

    Contradictions of versions and broken archives stay: no new reader changes them."""
    gone = conn.execute(
        """delete from document where region_id = %s and sha256 = any(%s) and status = 'quarantined'
           and reason_code not in ('version_conflict', 'archive_broken', 'archive_bomb', 'archive_nested',
               'archive_encrypted') returning sha256""",
        (region, list(sha256)),
    ).fetchall()
    rows = conn.execute(
        "select sha256, received_at, content from raw_document where region_id = %s and sha256 = any(%s)",
        (region, [row.sha256 for row in gone]),
    )
    return [Unread(*row) for row in rows]
