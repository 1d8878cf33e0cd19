"""The persons of a set as rows: a page of them, the ones with a name, how many by clinic. Run as `oncor_web`, so row
security has its say over every row; the set itself is cut by the reader's scope before.

A frozen set does not move under a page, so a page is a place in it: no name and no number of a person in an address."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from pyroaring import BitMap

from oncor_cases.store.people import _LAST, key
from oncor_cases.store.population import PEOPLE, PERSONS, RESIDENTS, by_clinic
from oncor_cases.store.session import Connection, Scope

PAGE = 50
BY_NAME = 20_000  # a longer list is shown in the order of numbers: nobody reads it through, and sorting it costs seconds
AT_ONCE = 5_000  # rows of one query of an export


@dataclass(frozen=True, slots=True)
class MemberRow:
    """One person of a list; `address` is None for somebody without a case. `attributes`: what the list says of them."""

    id: int
    address: UUID | None
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    sex: str
    snils: str
    enp: str
    attached_org: str
    attached_name: str
    died_on: date | None
    attributes: Mapping[str, Any]


class ClinicCount(NamedTuple):
    """How many of a set are attached to a clinic; `org` is empty for those attached nowhere."""

    org: str
    name: str
    count: int


_ROWS = f"""
    select p.id, p.public_id as address, p.family, p.given, p.patronymic, p.birth_date, p.sex, p.snils, p.enp,
           p.attached_org, coalesce(nullif(o.short_name, ''), o.name, p.attached_org) as attached_name, p.died_on,
           coalesce(m.attributes, '{{}}'::jsonb) as attributes
    from ({PEOPLE}) p
    left join organisation o on o.region_id = p.region_id and o.oid = p.attached_org
    left join contingent_member m on m.region_id = p.region_id and m.snapshot_id = %(snapshot)s and m.person_id = p.id
    where p.region_id = %(region)s and p.id = any(%(ids)s)"""


def page(
    conn: Connection, scope: Scope, members: BitMap, snapshot: int | None, start: int, limit: int = PAGE
) -> list[MemberRow]:
    """Up to `limit` persons from the place `start` on: by name in a short list, by number in a long one."""
    values = {"region": scope.region, "snapshot": snapshot}
    if len(members) > BY_NAME:
        ids = list(members[start : start + limit])
        rows = conn.execute(f"{_ROWS} order by p.id", values | {"ids": ids}).fetchall()
    else:
        ids = list(members)
        rows = conn.execute(
            f"""with page as materialized (
                    select p.id, p.sort_key from ({PEOPLE}) p where p.region_id = %(region)s and p.id = any(%(ids)s)
                    order by p.sort_key, p.id offset %(start)s limit %(limit)s)
                {_ROWS.replace("= any(%(ids)s)", "in (select id from page)")} order by p.sort_key, p.id""",
            values | {"ids": ids, "start": start, "limit": limit},
        ).fetchall()
    return [MemberRow(**row._asdict()) for row in rows]


def find(
    conn: Connection, scope: Scope, members: BitMap, snapshot: int | None, text: str, snils: str, limit: int = PAGE
) -> list[MemberRow]:
    """Members whose name begins so, or with the insurance number; by name, at most `limit`."""
    begins = key(text)
    short = len(members) <= BY_NAME
    condition = "p.snils = %(snils)s" if snils else "p.search_key >= %(low)s and p.search_key < %(high)s"
    # Keys of residents are made when asked for: only of those whose surname begins so, as lists write surnames.
    named = "true" if snils or short else "family like any(%(families)s)"
    found = conn.execute(
        f"""select p.id from ({PERSONS} union all {RESIDENTS} and {named}) p where p.region_id = %(region)s and {condition}
            {"and p.id = any(%(ids)s)" if short else ""} order by p.sort_key, p.id limit %(most)s""",
        {
            "region": scope.region, "snils": snils, "low": begins, "high": begins + _LAST, "families": _surnames(text),
            "ids": list(members) if short else [],
            "most": limit if short else 50 * limit,
        },
    ).fetchall()  # fmt: skip
    ids = [row.id for row in found if row.id in members][:limit]
    rows = conn.execute(
        f"{_ROWS} order by p.sort_key, p.id", {"region": scope.region, "snapshot": snapshot, "ids": ids}
    ).fetchall()
    return [MemberRow(**row._asdict()) for row in rows]


def _surnames(text: str) -> list[str]:
    """Patterns for the first word of a name in every way a list may write it; ё and е are one letter."""
    word = re.sub(r"[%_\\]", "", (text.split() or [""])[0])
    return sorted({re.sub("[её]", "_", one, flags=re.I) + "%" for one in (word, word.upper(), word.lower(), word.title())})


def portions(members: BitMap) -> Iterator[tuple[int, int]]:
    """(place, number) of each page of an export: a short list at once, by name, a long one some thousands a query."""
    if len(members) <= BY_NAME:
        yield 0, BY_NAME
        return
    for start in range(0, len(members), AT_ONCE):
        yield start, AT_ONCE


def clinics(conn: Connection, region: int, members: BitMap) -> list[ClinicCount]:
    """The set by clinic of attachment, the fullest first. Read by batch: the set is already cut by scope."""
    if len(members) <= BY_NAME:
        rows = conn.execute(
            f"""select p.attached_org, count(*) as n from ({PEOPLE}) p
                where p.region_id = %s and p.id = any(%s) group by p.attached_org""",
            (region, list(members)),
        ).fetchall()
        counts = {row.attached_org: row.n for row in rows}
    else:
        counts = {org: members.intersection_cardinality(theirs) for org, theirs in by_clinic(conn, region).items()}
    called = names(conn, region, list(counts))
    found = [ClinicCount(org, called.get(org, org), n) for org, n in counts.items() if n]
    return sorted(found, key=lambda c: (-c.count, c.name, c.org))


def names(conn: Connection, region: int, orgs: Sequence[str]) -> dict[str, str]:
    """Short names of organisations by OID."""
    rows = conn.execute(
        """select oid, coalesce(nullif(short_name, ''), name) as name from organisation
           where region_id = %s and oid = any(%s)""",
        (region, list(orgs)),
    )
    return {row.oid: row.name for row in rows}


REJECTS = 200  # on a page


def rejects(conn: Connection, region: int, snapshot: int, start: int = 0, limit: int = REJECTS) -> list[Any]:
    """Rows of a file nobody was found for, by line: line, reason, cells."""
    return conn.execute(
        """select line, reason, cells from contingent_reject where region_id = %s and snapshot_id = %s and line >= %s
           order by line limit %s""",
        (region, snapshot, start, limit),
    ).fetchall()


def all_rejects(conn: Connection, region: int, snapshot: int) -> Iterator[Any]:
    """Every one of them, a page at a time."""
    start = 0
    while rows := rejects(conn, region, snapshot, start, 2_000):
        yield from rows
        start = rows[-1].line + 1


def count_rejects(conn: Connection, region: int, snapshot: int) -> int:
    """How many there are for this reader."""
    asked = "select count(*) n from contingent_reject where region_id = %s and snapshot_id = %s"
    return int(conn.execute(asked, (region, snapshot)).fetchone().n)
