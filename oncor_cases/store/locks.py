"""Every advisory lock of the project: one list, so that no two of them are one number (tests/store/test_locks.py).

PostgreSQL takes two int4 keys. The first is made of the lock and the region, the second of what is locked in it: a
person, a load, a run; 0 where it is one thing of the region. A number that fell out of use is not given anew: during
an update two editions of the program run on one database."""

from collections.abc import Sequence
from enum import IntEnum

from oncor_cases.store.session import Connection

MIGRATION = 7_042_001  # the migrations of a database: one key of eight bytes, of another space than all the others
_REGIONS = 1 << 15  # numbers of regions are smallint


class Lock(IntEnum):
    """What is locked. Of a transaction unless it says "session"."""

    INTAKE = 1  # session, shared: every intake that runs; one that holds it alone may finish what a killed one left
    DOCUMENTS = 2  # writes documents and links: one at a time keeps versions and identity consistent
    INSURED = 3  # loads or withdraws a list of the insured: one at a time
    LOAD = 4  # session, of a load: reads it, packs it away with its pair or puts it aside
    PERSON = 5  # of a person: sweeps, decides about or joins them
    ABSENCES = 6  # writes absences: two could cross
    APPROVAL = 7  # approves a change of the rules: their numbers have no holes
    WHAT_IF = 8  # session, of a run: computes what a change of the rules would do
    COMPARISON = 9  # session: compares the sources


def key(lock: Lock, region: int, one: int = 0) -> tuple[int, int]:
    """The two keys of a lock."""
    if not 0 <= region < _REGIONS:
        raise ValueError(f"The number of a region is 0 to {_REGIONS - 1}")
    return lock * _REGIONS + region, one


def hold(conn: Connection, lock: Lock, region: int, one: int = 0) -> None:
    """Waits for it and holds it to the end of the transaction."""
    conn.execute("select pg_advisory_xact_lock(%s::int, %s::int)", key(lock, region, one))


def free(conn: Connection, lock: Lock, region: int, many: Sequence[int]) -> list[int]:
    """Of many things those nobody holds, in the given order; held to the end of the transaction."""
    first, _ = key(lock, region)
    sql = "select id from unnest(%s::int[]) u(id) where pg_try_advisory_xact_lock(%s::int, id)"
    return [row[0] for row in conn.execute(sql, (list(many), first))]


def take(conn: Connection, lock: Lock, region: int, one: int = 0) -> bool:
    """If nobody holds it, holds it until it is given back or the connection is."""
    row = conn.execute("select pg_try_advisory_lock(%s::int, %s::int)", key(lock, region, one)).fetchone()
    return bool(row[0])


def give_back(conn: Connection, lock: Lock, region: int, one: int = 0) -> None:
    """Ends what `take` began."""
    conn.execute("select pg_advisory_unlock(%s::int, %s::int)", key(lock, region, one))


def share(conn: Connection, lock: Lock, region: int, one: int = 0) -> None:
    """Holds it together with others until the connection is given back; waits for one who took it alone."""
    conn.execute("select pg_advisory_lock_shared(%s::int, %s::int)", key(lock, region, one))
