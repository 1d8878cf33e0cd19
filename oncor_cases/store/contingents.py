"""Contingents in rows: who made them and how, their members on each day, and whom to tell of changes."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb
from pyroaring import BitMap

from oncor_cases.store import bulk
from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class ContingentRow:
    """A list with its last snapshot. `size` is of the whole list: what a reader is shown is cut by their scope."""

    id: int
    public_id: UUID
    name: str
    kind: str
    owner_user: str
    owner_name: str
    owner_org: str
    org_name: str
    shared: bool
    definition: Mapping[str, Any]
    provenance: str
    made_on: date
    checked_on: date | None
    snapshot: int | None
    as_of: date | None
    size: int


class SnapshotRow(NamedTuple):
    """The members on a day, without the members. `entered` and `gone` are against the snapshot before, of the whole list."""

    id: int
    as_of: date
    taken_at: datetime
    size: int
    definition: Mapping[str, Any]
    provenance: Mapping[str, Any]


_ROWS = """
    select c.id, c.public_id, c.name, c.kind, c.owner_user, coalesce(nullif(u.name, ''), c.owner_user) as owner_name,
           c.owner_org, coalesce(nullif(o.short_name, ''), o.name, c.owner_org) as org_name, c.shared, c.definition,
           c.provenance, c.made_on, c.checked_on, s.id as snapshot, s.as_of, coalesce(s.size, 0) as size
    from contingent c
    left join user_account u on u.login = c.owner_user
    left join organisation o on o.region_id = c.region_id and o.oid = c.owner_org
    left join lateral (
        select id, as_of, size from contingent_snapshot s where s.region_id = c.region_id and s.contingent_id = c.id
        order by as_of desc, id desc limit 1) s on true
    where c.region_id = %(region)s and c.closed_at is null
"""


def listed(conn: Connection, scope: Scope, limit: int = 500) -> list[ContingentRow]:
    """The lists the reader may see, the newest first."""
    rows = conn.execute(_ROWS + " order by c.id desc limit %(limit)s", {"region": scope.region, "limit": limit})
    return [ContingentRow(**row._asdict()) for row in rows]


def get(conn: Connection, region: int, public_id: UUID) -> ContingentRow | None:
    """One list; None if there is none, or none in the scope of the connection."""
    row = conn.execute(_ROWS + " and c.public_id = %(id)s", {"region": region, "id": public_id}).fetchone()
    return None if row is None else ContingentRow(**row._asdict())


def same(conn: Connection, region: int, owner_org: str, kind: str, definition: Mapping[str, Any]) -> UUID | None:
    """The address of an open list of the same owner made the same way."""
    row = conn.execute(
        """select public_id from contingent where region_id = %s and owner_org = %s and kind = %s and definition = %s
             and closed_at is null order by id limit 1""",
        (region, owner_org, kind, Jsonb(dict(definition))),
    ).fetchone()
    return row.public_id if row else None


def named(conn: Connection, region: int, owner_org: str, kind: str, name: str) -> tuple[int, UUID] | None:
    """The open list of an owner with a name: a file of next month is its next snapshot."""
    row = conn.execute(
        """select id, public_id from contingent where region_id = %s and owner_org = %s and kind = %s and name = %s
             and closed_at is null order by id limit 1""",
        (region, owner_org, kind, name),
    ).fetchone()
    return (row.id, row.public_id) if row else None


def create(
    conn: Connection,
    region: int,
    *,
    name: str,
    kind: str,
    owner_user: str,
    owner_org: str,
    definition: Mapping[str, Any],
    provenance: str,
    made_on: date,
    shared: bool = False,
) -> tuple[int, UUID]:
    """A new list, still without members; its id and address."""
    row = conn.execute(
        """insert into contingent (region_id, name, kind, owner_user, owner_org, shared, definition, provenance, made_on)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s) returning id, public_id""",
        (region, name, kind, owner_user, owner_org, shared, Jsonb(dict(definition)), provenance, made_on),
    ).fetchone()
    return row.id, row.public_id


def change(conn: Connection, region: int, id: int, *, name: str, shared: bool) -> None:
    """Another name, another circle of readers."""
    conn.execute("update contingent set name = %s, shared = %s where region_id = %s and id = %s", (name, shared, region, id))


def close(conn: Connection, region: int, id: int) -> None:
    """The list is shown no more and made anew no more; expressions that use it keep working, its snapshots stay."""
    conn.execute("update contingent set closed_at = now() where region_id = %s and id = %s", (region, id))
    conn.execute("delete from contingent_subscription where region_id = %s and contingent_id = %s", (region, id))


def add_snapshot(
    conn: Connection,
    region: int,
    contingent: int,
    members: BitMap,
    as_of: date,
    *,
    definition: Mapping[str, Any] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> int | None:
    """Freezes the members of a day; its id, None if they are those of the snapshot before. A list of an earlier day that
    comes later takes its place in the history and leaves the newest one as it is."""
    members.run_optimize()
    packed = members.serialize()
    mark = hashlib.sha256(packed).digest()
    conn.execute(
        "update contingent set checked_on = greatest(checked_on, %s) where region_id = %s and id = %s",
        (as_of, region, contingent),
    )
    last = conn.execute(
        """select id, hash from contingent_snapshot where region_id = %s and contingent_id = %s and as_of <= %s
           order by as_of desc, id desc limit 1""",
        (region, contingent, as_of),
    ).fetchone()
    if last is not None and last.hash == mark:
        return None
    told = dict(provenance or {})
    if last is not None:
        told |= _change(snapshot_members(conn, region, last.id), members) | {"since": last.id}
    row = conn.execute(
        """insert into contingent_snapshot (region_id, contingent_id, as_of, members, size, hash, definition, provenance)
           values (%s, %s, %s, %b, %s, %b, %s, %s) returning id""",
        (region, contingent, as_of, packed, len(members), mark, Jsonb(dict(definition or {})), Jsonb(told)),
    ).fetchone()
    return int(row.id)


def _change(before: BitMap, after: BitMap) -> dict[str, int]:
    return {"entered": len(after - before), "gone": len(before - after)}


def _since(conn: Connection, region: int, snapshot: int, told: Mapping[str, Any], before: int | None) -> Mapping[str, Any]:
    """What a snapshot tells of itself, with who entered and left since the one that stands before it now: a list of a day
    between them may have come later. Snapshots themselves are never changed."""
    if before is None or told.get("since", before if "entered" in told else None) == before:
        return told
    change = _change(snapshot_members(conn, region, before), snapshot_members(conn, region, snapshot))
    return {**told, **change, "since": before}


def snapshots(conn: Connection, region: int, contingent: int, limit: int = 400) -> list[SnapshotRow]:
    """The history of a list, the newest first."""
    rows = conn.execute(
        """select id, as_of, taken_at, size, definition, provenance from contingent_snapshot
           where region_id = %s and contingent_id = %s order by as_of desc, id desc limit %s""",
        (region, contingent, limit),
    )
    found = [SnapshotRow(*row) for row in rows]
    older = [*(one.id for one in found[1:]), None]
    return [
        one._replace(provenance=_since(conn, region, one.id, one.provenance, before))
        for one, before in zip(found, older, strict=False)
    ]


def snapshot_members(conn: Connection, region: int, snapshot: int) -> BitMap:
    """The members of a snapshot; empty if it is not in the scope of the connection."""
    with conn.cursor(binary=True) as cursor:
        row = cursor.execute(
            "select members from contingent_snapshot where region_id = %s and id = %s", (region, snapshot)
        ).fetchone()
    return BitMap.deserialize(row[0]) if row else BitMap()


def last_members(conn: Connection, region: int, addresses: Sequence[UUID]) -> dict[UUID, tuple[int, BitMap]]:
    """Last snapshot and members of each list by address, closed ones too; those out of scope are not there."""
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(
            """select c.public_id, s.id, s.members from contingent c cross join lateral (
                   select id, members from contingent_snapshot s
                   where s.region_id = c.region_id and s.contingent_id = c.id order by as_of desc, id desc limit 1) s
               where c.region_id = %s and c.public_id = any(%s)""",
            (region, list(addresses)),
        ).fetchall()
    return {row[0]: (row[1], BitMap.deserialize(row[2])) for row in rows}


def stored_counts(conn: Connection, region: int, ids: Sequence[int]) -> dict[int, tuple[int, int, int]]:
    """Size of the last snapshot of each list, and how many entered and left since the one before: of the whole list."""
    rows = conn.execute(
        """select c.id as contingent, s.id, s.size, s.provenance, s.before
           from unnest(%s::bigint[]) c(id) cross join lateral (
               select id, size, provenance, lead(id) over (order by as_of desc, id desc) as before
               from contingent_snapshot s where s.region_id = %s and s.contingent_id = c.id
               order by as_of desc, id desc limit 1) s""",
        (list(ids), region),
    ).fetchall()
    told = {row.contingent: (row.size, _since(conn, region, row.id, row.provenance, row.before)) for row in rows}
    last = {id: (size, said.get("entered", 0), said.get("gone", 0)) for id, (size, said) in told.items()}
    return dict.fromkeys(ids, (0, 0, 0)) | last


def last_two(conn: Connection, region: int, ids: Sequence[int]) -> dict[int, tuple[BitMap, BitMap | None]]:
    """The members of the last snapshot of each list and of the one before it, if there is one."""
    with conn.cursor(binary=True) as cursor:
        rows = cursor.execute(
            """select c.id, s.members from unnest(%s::bigint[]) c(id) cross join lateral (
                   select members from contingent_snapshot s where s.region_id = %s and s.contingent_id = c.id
                   order by as_of desc, id desc limit 2) s""",
            (list(ids), region),
        ).fetchall()
    found: dict[int, tuple[BitMap, BitMap | None]] = {}
    for id, packed in rows:
        members = BitMap.deserialize(packed)
        found[id] = (found[id][0], members) if id in found else (members, None)
    return found


def made_daily(conn: Connection, region: int) -> list[UUID]:
    """Lists that are made anew each day, in an order in which an expression comes after the lists it uses."""
    rows = conn.execute(
        """select public_id from contingent where region_id = %s and closed_at is null
             and kind in ('query', 'register', 'expression') order by id""",
        (region,),
    )
    return [row.public_id for row in rows]


def add_rows(
    conn: Connection,
    region: int,
    snapshot: int,
    attributes: Mapping[int, Mapping[str, Any]],
    rejects: Sequence[tuple[int, str, Mapping[str, Any]]],
) -> None:
    """What a file said of its members, and its rows nobody was found for: (line, reason, cells)."""
    bulk.insert(conn, "contingent_member", region, {"snapshot_id": "bigint", "person_id": "int", "attributes": "jsonb"},
                [(snapshot, person, dict(said)) for person, said in attributes.items()])  # fmt: skip
    columns = {"snapshot_id": "bigint", "line": "int", "reason": "text", "cells": "jsonb"}
    bulk.insert(
        conn, "contingent_reject", region, columns, [(snapshot, line, why, dict(cells)) for line, why, cells in rejects]
    )
