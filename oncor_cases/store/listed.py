"""Rows of lists over their loads: staged unseen, compared set-based, remembered.

`list_row` holds which keys stood in which load and the hash of what they said; `list_content` what the hash means.
The decision per key is pure (facts/listed.py); here its questions are answered."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from oncor_cases.store import arrays
from oncor_cases.store.session import Connection


class Staged(NamedTuple):
    """A row of a list that is being read."""

    key: bytes
    hash: bytes
    line: int
    content: str


def forget(conn: Connection, region: int, load: int) -> None:
    """Everything staged for a load: it is read anew."""
    conn.execute("delete from list_row where region_id = %s and load_id = %s", (region, load))
    conn.execute("delete from list_reject where region_id = %s and load_id = %s", (region, load))


def forget_rows(conn: Connection, region: int, load: int) -> None:
    """The rows of a load that came to nothing; its rejects stay to be looked at."""
    conn.execute("delete from list_row where region_id = %s and load_id = %s", (region, load))


def stage(conn: Connection, region: int, load: int, rows: Sequence[Staged]) -> dict[int, tuple[int, bool]]:
    """Stages rows. Returns line → (line of the earlier row with the same key, whether it said the same)."""
    first: dict[bytes, Staged] = {}
    told: dict[int, tuple[int, bool]] = {}
    for row in rows:
        if row.key in first:
            told[row.line] = (first[row.key].line, first[row.key].hash == row.hash)
        else:
            first[row.key] = row
    kept = list(first.values())
    if not kept:
        return told
    contents = {row.hash: row.content for row in kept}
    table, values = arrays.source({"hash": "bytea", "content": "text"}, sorted(contents.items()))
    conn.execute(
        f"insert into list_content (region_id, hash, content) select %s, hash, content from {table} on conflict do nothing",
        (region, *values),
    )
    table, values = arrays.source({"key": "bytea", "hash": "bytea", "line": "bigint"}, [row[:3] for row in kept])
    there = {
        row.key: (row.line, row.hash)
        for row in conn.execute(
            "select key, line, hash from list_row where region_id = %s and load_id = %s and key = any(%s)",
            (region, load, list(first)),
            binary=True,
        )
    }
    conn.execute(
        f"""insert into list_row (region_id, load_id, key, hash, line)
            select %s, %s, key, hash, line from {table} on conflict do nothing""",
        (region, load, *values),
    )
    told |= {row.line: (there[row.key][0], there[row.key][1] == row.hash) for row in kept if row.key in there}
    return told


def differing(conn: Connection, region: int, load: int, others: Sequence[int]) -> list[bytes]:
    """Keys of a load or of the others that are absent from one of them or say something else there.

    With no others every key of the load."""
    if not others:
        rows = conn.execute("select key from list_row where region_id = %s and load_id = %s", (region, load), binary=True)
        return [row.key for row in rows]
    loads = [load, *others]
    rows = conn.execute(
        """select key from list_row where region_id = %s and load_id = any(%s)
           group by key having count(*) < %s or count(distinct hash) > 1""",
        (region, loads, len(loads)),
        binary=True,
    )
    return [row.key for row in rows]


def keys_of(conn: Connection, region: int, loads: Sequence[int]) -> list[bytes]:
    """Every key of these loads."""
    rows = conn.execute(
        "select distinct key from list_row where region_id = %s and load_id = any(%s)", (region, list(loads)), binary=True
    )
    return [row.key for row in rows]


def states(conn: Connection, region: int, loads: Sequence[int], keys: Sequence[bytes]) -> dict[bytes, dict[int, bytes]]:
    """key → load → hash."""
    found: dict[bytes, dict[int, bytes]] = {key: {} for key in keys}
    for row in conn.execute(
        "select key, load_id, hash from list_row where region_id = %s and load_id = any(%s) and key = any(%s)",
        (region, list(loads), list(keys)),
        binary=True,
    ):
        found[row.key][row.load_id] = row.hash
    return found


class Written(NamedTuple):
    """A document made of a row and not withdrawn."""

    id: int
    version: int
    hash: bytes | None


def written(conn: Connection, region: int, sender: str, sets: Mapping[str, bytes]) -> dict[bytes, list[Written]]:
    """key → documents there are. `sets`: set id → key. The hash is in the document's own bytes' name (`doc_uid`)."""
    found: dict[bytes, list[Written]] = {key: [] for key in sets.values()}
    for row in conn.execute(
        """select id, set_id, version, doc_uid from document where region_id = %s and sender_org = %s and set_id = any(%s)
           and status = 'read'""",
        (region, sender, list(sets)),
    ):
        found[sets[row.set_id]].append(Written(row.id, row.version, bytes.fromhex(row.doc_uid) if row.doc_uid else None))
    return found


def contents(conn: Connection, region: int, hashes: Iterable[bytes]) -> dict[bytes, str]:
    """hash → content."""
    rows = conn.execute(
        "select hash, content from list_content where region_id = %s and hash = any(%s)",
        (region, list(set(hashes))),
        binary=True,
    )
    return {row.hash: row.content for row in rows}


def last_content(conn: Connection, region: int, keys: Sequence[bytes]) -> dict[bytes, str]:
    """key → what some load said of it last: a row that is gone is still about somebody."""
    rows = conn.execute(
        """select distinct on (r.key) r.key, c.content from list_row r
           join list_content c on c.region_id = r.region_id and c.hash = r.hash
           where r.region_id = %s and r.key = any(%s) order by r.key, r.load_id desc""",
        (region, list(keys)),
        binary=True,
    )
    return {row.key: row.content for row in rows}
