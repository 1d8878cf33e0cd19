"""Who is due for a sweep, the lock on each of them, and the record of every run."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store import bulk, locks
from oncor_cases.store.facts import tells_death
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection


class Claimed(NamedTuple):
    """A person this transaction holds, with the generation it saw before any fact was read."""

    person: int
    generation: int


def last_day(conn: Connection, region: int) -> date | None:
    """The day of the last sweep of the whole region (after a rewind: the day it was rewound to)."""
    row = conn.execute("select day from sweep_run where region_id = %s order by id desc limit 1", (region,)).fetchone()
    return row[0] if row else None


def start(conn: Connection, region: int, day: date) -> int:
    """Writes down that a sweep of the region began."""
    sql = "insert into sweep_run (region_id, day) values (%s, %s) returning id"
    return int(conn.execute(sql, (region, day)).fetchone()[0])


def finish(conn: Connection, region: int, run: int, counts: dict[str, Any], error: str = "") -> None:
    """Writes down how it ended."""
    conn.execute(
        "update sweep_run set finished_at = clock_timestamp(), counts = %s, error = %s where region_id = %s and id = %s",
        (Jsonb(counts), error, region, run),
    )


def due(conn: Connection, region: int, today: date, persons: Sequence[int] | None = None) -> list[int]:
    """The persons who changed or woke, ascending; of the given ones only, if any are given."""
    only = "" if persons is None else " and person_id = any(%(persons)s)"
    rows = conn.execute(
        f"""select person_id from person_change
            where region_id = %(region)s and (generation <> swept_generation or wakes_on <= %(today)s){only}
            order by person_id""",
        {"region": region, "today": today, "persons": None if persons is None else list(persons)},
    )
    return [row[0] for row in rows]


def changed(conn: Connection, region: int, most: int | None = None) -> list[int]:
    """The persons of whom something is new since they were swept, ascending; at most so many, then without those whose
    last sweep failed: they are tried again by the schedules."""
    rows = conn.execute(
        """select person_id from person_change
           where region_id = %(region)s and generation <> swept_generation and (%(most)s::int is null or failed_at is null)
           order by person_id limit %(most)s""",
        {"region": region, "most": most},
    )
    return [row[0] for row in rows]


def claim(
    conn: Connection, region: int, today: date, persons: Sequence[int], *, wait: bool
) -> tuple[list[Claimed], list[int]]:
    """Locks the persons to the end of the transaction; those still due, and those another sweep holds.

    Writers of facts are not held up: they only raise `generation`, and a generation not seen here stays due. The last
    statement has a fresh snapshot, so what another sweep finished just before the lock was taken is not done twice."""
    ids = sorted(persons)
    if wait:  # in the order of ids, so that two who wait cannot wait for each other
        for id in ids:
            locks.hold(conn, Lock.PERSON, region, id)
        locked = ids
    else:
        locked = locks.free(conn, Lock.PERSON, region, ids)
    rows = conn.execute(
        """select person_id, generation from person_change
           where region_id = %s and person_id = any(%s) and (generation <> swept_generation or wakes_on <= %s)
           order by person_id""",
        (region, locked, today),
    )
    return [Claimed(row[0], row[1]) for row in rows], sorted(set(ids) - set(locked))


def unhurried(conn: Connection) -> None:
    """This transaction need not wait for the disk: what a crash takes back is still due and is swept again."""
    conn.execute("set local synchronous_commit = off")


def told(conn: Connection) -> None:
    """The planner learns what sweeps have written so far, before the server's own housekeeping comes by. As the owner."""
    conn.execute("analyze task, task_event, pathway_view, episode, case_route, trace, notice, person_change, person_scope")


def settle(conn: Connection, region: int, swept: Sequence[tuple[int, int, date | None]]) -> None:
    """(person, generation seen, wakes_on): clears only the generation that was seen."""
    source, values = bulk.table_of({"person_id": "int", "generation": "bigint", "wakes_on": "date"}, swept, "s")
    conn.execute(
        f"""update person_change c
            set swept_generation = s.generation, wakes_on = s.wakes_on, failed_at = null, failure = ''
            from {source} where c.region_id = %s and c.person_id = s.person_id""",
        (*values, region),
    )
    persons = [person for person, _, _ in swept]
    conn.execute(
        f"""update finding f set state = 'settled', settled_at = clock_timestamp(), settled_by = 'sweep'
           where f.region_id = %s and f.state = 'open' and f.person_id = any(%s)
             and (f.code = 'sweep_failed' or f.code = 'death_disputed' and not exists (
                 select from subject s join fact d on d.region_id = s.region_id and d.subject_id = s.id and d.in_force
                 where s.region_id = f.region_id and s.person_id = f.person_id and {tells_death("d")}))""",
        (region, persons),
    )


def fail(conn: Connection, region: int, person: int, failure: str) -> None:
    """Keeps the person due and puts the failure where people look; `failure` names a class and a place, no value."""
    conn.execute(
        """update person_change set failed_at = clock_timestamp(), failure = %s
           where region_id = %s and person_id = %s""",
        (failure, region, person),
    )
    conn.execute(
        """insert into finding (region_id, code, key, person_id, detail) values (%s, 'sweep_failed', %s, %s, %s)
           on conflict (region_id, code, key)
           do update set state = 'open', detail = excluded.detail, settled_at = null, settled_by = ''""",
        (region, f"person:{person}", person, Jsonb({"failure": failure})),
    )


def wake_all(conn: Connection, region: int, day: date) -> int:
    """Makes every person of the region due on `day`: a rewind, or a new edition of rules or calendar."""
    return conn.execute("update person_change set wakes_on = %s where region_id = %s", (day, region)).rowcount
