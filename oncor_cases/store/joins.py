"""Joins of persons as stored: what each carried over, and bringing a person back (docs/adr/0020)."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from psycopg.types.json import Jsonb

from oncor_cases.facts.coming_back import Join
from oncor_cases.store import rekey
from oncor_cases.store.session import Connection


def into(conn: Connection, region: int, survivors: Collection[int]) -> list[Join]:
    """Joins that made these persons what they are, not taken back, the oldest first."""
    rows = conn.execute(
        """select j.id, j.person_id, j.into_id, p.merged_into, j.records, j.others, j.pins
           from person p join person_join j on j.region_id = p.region_id and j.person_id = p.id and j.ended_at is null
           where p.region_id = %s and p.merged_into = any(%s) order by j.id""",
        (region, sorted(survivors)),
    )
    return [
        Join(id, person, other, survivor, frozenset(records), frozenset(others), {int(k): v for k, v in pins.items()})
        for id, person, other, survivor, records, others, pins in rows
    ]


def write(
    conn: Connection, region: int, before: int, into: int, at: datetime, records: Collection[int],
    others: Collection[int], carried: Mapping[str, Any],
) -> None:  # fmt: skip
    """`before` becomes `into`; an earlier join of the same person is over."""
    conn.execute(
        "update person_join set ended_at = %s where region_id = %s and person_id = %s and ended_at is null",
        (at, region, before),
    )
    conn.execute(
        """insert into person_join (region_id, person_id, into_id, at, records, others, carried)
           values (%s, %s, %s, %s, %s, %s, %s)""",
        (region, before, into, at, sorted(records), sorted(others), Jsonb(carried)),
    )


def decided(conn: Connection, region: int, persons: Sequence[int], pins: Mapping[int, int | None]) -> None:
    """The joins just made of these persons are somebody's word: what was decided about each record before it."""
    conn.execute(
        """update person_join set pins = %s where region_id = %s and person_id = any(%s) and ended_at is null
             and pins = '{}'::jsonb""",
        (Jsonb({str(record): pin for record, pin in pins.items()}), region, list(persons)),
    )


def pins(conn: Connection, region: int, records: Sequence[int]) -> dict[int, int | None]:
    """What people decided about these records."""
    rows = conn.execute("select id, pinned from subject where region_id = %s and id = any(%s)", (region, list(records)))
    return {row.id: row.pinned for row in rows}


def end(
    conn: Connection, region: int, join: Join, along: Collection[Join], staying: Collection[Join], at: datetime
) -> list[int]:
    """The person of this join is somebody of their own again, with all that the join carried over; those of `along` had
    become this person before and stay so, those of `staying` remain where they are. Returns the own records to relink."""
    rows = conn.execute(
        "select id, carried from person_join where region_id = %s and id = any(%s)",
        (region, [join.id, *(j.id for j in staying)]),
    ).fetchall()
    carried = {row.id: row.carried for row in rows}
    back = carried.pop(join.id)
    for name in rekey.BY_ID:
        kept = {row[0] for other in carried.values() for row in other.get(name, ())}
        back[name] = [row for row in back.get(name, ()) if row[0] not in kept]
    kept = {row["id"] for other in carried.values() for row in other.get("episode", ())}
    back["episode"] = [row for row in back.get("episode", ()) if row["id"] not in kept]
    rekey.parted(conn, region, join.person, join.survivor, back, at)
    conn.execute("update person_join set ended_at = %s where region_id = %s and id = %s", (at, region, join.id))
    conn.execute(
        "update person_join set into_id = %s where region_id = %s and id = any(%s) and into_id = %s",
        (join.survivor, region, list(carried), join.person),
    )
    conn.execute("update person set merged_into = null where region_id = %s and id = %s", (region, join.person))
    conn.execute(
        "update person set merged_into = %s where region_id = %s and id = any(%s)",
        (join.person, region, [j.person for j in along]),
    )
    own = conn.execute(
        "select id from subject where region_id = %s and id = any(%s) and person_id = %s order by id",
        (region, [row[0] for row in back["own"]], join.survivor),
    )
    return [row.id for row in own]
