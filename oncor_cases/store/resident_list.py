"""The insured list in the database: good lines (store/resident_lines.py) become residents, or wait beside them.

Working tables live in the schema `staging` and in one transaction with everything else, so a load that was killed has
left nothing."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.resident_judged import ROW
from oncor_cases.store.session import Connection

SET = ", ".join(f"{name} = c.{name}" for name in ROW.split(", "))  # a resident `r` becomes what the line `c` says


def prepare(conn: Connection) -> None:
    """Settings of this transaction: one large load may take the memory of many small queries."""
    conn.execute("set local work_mem = '256MB'")
    conn.execute("set local maintenance_work_mem = '512MB'")


def alone(conn: Connection, region: int) -> None:
    """Waits until no other load of this region's list runs."""
    locks.hold(conn, Lock.INSURED, region)


def in_force(conn: Connection, region: int) -> Iterator[bytes]:
    """Residents who are insured now, as CSV of (row_hash, policy)."""
    return told(conn, "select row_hash, enp from resident where region_id = %s and gone_on is null", region)


def nobody_anywhere(conn: Connection) -> bool:
    """Is the table empty for every region, so that it may be filled before it has indexes?"""
    return not conn.execute("select exists (select from resident) there").fetchone().there


def closed(conn: Connection) -> bool:
    """If nobody is insured in any region, closes the table to everybody else, so that it can be `emptied`; the caller
    holds the intake lock. Returns whether it is closed."""
    if not nobody_anywhere(conn):
        return False
    conn.execute("reset role")
    conn.execute("lock table resident in access exclusive mode")
    conn.execute("set local role oncor_batch")
    return nobody_anywhere(conn)  # another region's list may have come while we waited


@contextmanager
def emptied(conn: Connection, region: int, load: int) -> Iterator[None]:
    """`resident` for its first rows, `closed` before: without key, indexes and row security, which come back with the
    block. Filled so it takes a third of the time. What is the same in every row is a default meanwhile.

    Needs the owner's role: the caller is `oncor_batch` before and after, and in `as_batch`."""
    conn.execute("reset role")
    conn.execute("truncate resident")  # empty already: COPY (freeze) asks for it in the same transaction
    known = conn.execute(
        """select c.relname as name, pg_get_indexdef(i.indexrelid) as made, i.indisprimary as key
           from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'resident'::regclass
           order by c.relname"""
    ).fetchall()
    key = next(row for row in known if row.key)
    conn.execute(
        f"""alter table resident drop constraint {key.name}, no force row level security,
                alter region_id set default {int(region)}, alter load_id set default {int(load)}"""
    )
    for row in known:
        if not row.key:
            conn.execute(f"drop index {row.name}")
    yield
    for row in known:
        conn.execute(row.made)
    conn.execute(
        f"""alter table resident add constraint {key.name} primary key using index {key.name},
                alter region_id drop default, alter load_id drop default, force row level security"""
    )
    conn.execute("set local role oncor_batch")


@contextmanager
def as_batch(conn: Connection) -> Iterator[None]:
    """Work of a load inside `emptied`."""
    conn.execute("set local role oncor_batch")
    yield
    conn.execute("reset role")


def fill(conn: Connection, columns: str, rows: Iterable[bytes]) -> int:
    """COPY of CSV rows into the emptied table. Returns how many."""
    return _copied(conn, f"resident ({columns})", rows, "format csv, freeze")


def numbers(conn: Connection, count: int) -> int:
    """Reserves `count` numbers of persons that nobody else gets; returns the one before the first.

    As the owner; whoever wants a number meanwhile waits for the end of this transaction."""
    conn.execute("select nextval('person_id_seq')")  # a sequence nobody has asked yet would give its first number
    conn.execute(f"alter sequence person_id_seq increment by {max(count, 1)}")
    row = conn.execute("select nextval('person_id_seq') - %s as before", (max(count, 1),)).fetchone()
    conn.execute("alter sequence person_id_seq increment by 1")
    return int(row.before)


def waiting(conn: Connection, rows: Iterable[bytes]) -> None:
    """`staging.clean` (line, then what a resident is made of) from CSV rows."""
    conn.execute("drop table if exists staging.clean")
    conn.execute(f"create unlogged table staging.clean as select bigint '0' as line, {ROW} from resident limit 0")
    _copied(conn, f"staging.clean (line, {ROW})", rows)
    conn.execute("analyze staging.clean")


def policies(conn: Connection, table: str, rows: Iterable[bytes]) -> None:
    """`staging.<table>` (enp) from CSV rows."""
    conn.execute(f"drop table if exists staging.{table}")
    conn.execute(f'create unlogged table staging.{table} (enp text collate "C")')
    _copied(conn, f"staging.{table} (enp)", rows)
    conn.execute(f"analyze staging.{table}")


def told(conn: Connection, sql: str, *values: Any) -> Iterator[bytes]:
    """What a query finds, as CSV."""
    with conn.cursor().copy(f"copy ({sql}) to stdout (format csv)", values) as copy:
        yield from copy


def _copied(conn: Connection, table: str, rows: Iterable[bytes], form: str = "format csv") -> int:
    with conn.cursor() as cursor:
        with cursor.copy(f"copy {table} from stdin ({form})") as copy:
            for block in rows:
                copy.write(block)
        return cursor.rowcount


def settled(conn: Connection) -> None:
    """The planner is told what is there; the checks of foreign keys, too, walk what it takes for a small table."""
    conn.execute("reset role")
    conn.execute("analyze resident, subject, subject_link, person")
    conn.execute("set local role oncor_batch")


def drop_tables(conn: Connection) -> None:
    """Nothing of the work stays."""
    conn.execute("drop table if exists staging.clean, staging.met, staging.absent, staging.listed")
