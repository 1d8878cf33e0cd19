"""The insured list in the database: good lines (store/resident_lines.py) become residents, or wait beside them.

Working tables live in the schema `staging` and in one transaction with everything else, so a load that was killed has
left nothing."""

from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any

from pgpq import ArrowToPostgresBinaryEncoder

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.resident_judged import ROW
from oncor_cases.store.session import Connection

if TYPE_CHECKING:  # thirty megabytes; loaded where a list is
    from pyarrow import Table

BATCH = 4096  # rows handed on at once
ASKED = "region_id, person_id, load_id, subject_id, born, gone_on, enp, snils, org, family, given"  # by conditions
JOINED = ("subject", "subject_link", "person")
SET = ", ".join(f"{name} = c.{name}" for name in ROW.split(", "))  # a resident `r` becomes what the line `c` says


def prepare(conn: Connection) -> None:
    """Settings of this transaction: one large load may take the memory of many small queries."""
    conn.execute("set local work_mem = '256MB'")


def alone(conn: Connection, region: int) -> None:
    """Waits until no other load of this region's list runs."""
    locks.hold(conn, Lock.INSURED, region)


def in_force(conn: Connection, region: int) -> Iterator[bytes]:
    """Residents who are insured now, as CSV of (row_hash, policy)."""
    return told(conn, "select row_hash, enp from resident where region_id = %s and gone_on is null", region)


def alike(conn: Connection, kind_and_name: str, region: int, load: int, *, also: str = "") -> None:
    """Makes a table like `resident`; what is the same in every row of a load is a default of it."""
    name = kind_and_name.rpartition(" ")[2]
    conn.execute(f"create {kind_and_name} (like resident including defaults{also})")
    conn.execute(f"alter table {name} alter region_id set default {int(region)}, alter load_id set default {int(load)}")


def add(conn: Connection, region: int, load: int, columns: str, rows: "Table") -> int:
    """Residents from rows, numbers of persons among their columns. Returns how many."""
    conn.execute("drop table if exists staging.clean")
    alike(conn, "unlogged table staging.clean", region, load)
    filled(conn, f"staging.clean ({columns})", [rows])
    return conn.execute("insert into resident select * from staging.clean").rowcount


def numbers(conn: Connection, count: int) -> int:
    """Reserves `count` numbers of persons that nobody else gets; returns the one before the first.

    Whoever wants a number meanwhile waits for the end of this transaction."""
    conn.execute("reset role")
    conn.execute("select nextval('person_id_seq')")  # a sequence nobody has asked yet would give its first number
    conn.execute(f"alter sequence person_id_seq increment by {max(count, 1)}")
    row = conn.execute("select nextval('person_id_seq') - %s as before", (max(count, 1),)).fetchone()
    conn.execute("alter sequence person_id_seq increment by 1")
    conn.execute("set local role oncor_batch")
    return int(row.before)


def waiting(conn: Connection, rows: "Iterable[Table]") -> None:
    """`staging.clean` (line, then what a resident is made of) from rows."""
    conn.execute("drop table if exists staging.clean")
    conn.execute(f"create unlogged table staging.clean as select bigint '0' as line, {ROW} from resident limit 0")
    filled(conn, f"staging.clean (line, {ROW})", rows)
    conn.execute("analyze staging.clean")


def policies(conn: Connection, table: str, rows: Iterable[bytes]) -> None:
    """`staging.<table>` (enp) from CSV rows."""
    conn.execute(f"drop table if exists staging.{table}")
    conn.execute(f'create unlogged table staging.{table} (enp text collate "C")')
    copied(conn, f"staging.{table} (enp)", rows)
    conn.execute(f"analyze staging.{table}")


def told(conn: Connection, sql: str, *values: Any) -> Iterator[bytes]:
    """What a query finds, as CSV."""
    with conn.cursor().copy(f"copy ({sql}) to stdout (format csv)", values) as copy:
        yield from copy


def copied(conn: Connection, table: str, rows: Iterable[bytes]) -> int:
    """COPY of a CSV into a table without row security. Returns how many rows."""
    with conn.cursor() as cursor:
        with cursor.copy(f"copy {table} from stdin (format csv)") as copy:
            for block in rows:
                copy.write(block)
        return cursor.rowcount


def filled(conn: Connection, table: str, rows: "Iterable[Table]", freeze: bool = False) -> int:
    """COPY of rows in parts of one form; their types are those of the columns, so nothing is written and read as text.
    Returns how many."""
    parts = iter(rows)
    first = next(parts, None)
    if first is None:
        return 0
    encoder = ArrowToPostgresBinaryEncoder(first.schema)
    with conn.cursor() as cursor:
        with cursor.copy(f"copy {table} from stdin (format binary{', freeze' * freeze})") as copy:
            copy.write(encoder.write_header())
            for part in chain([first], parts):
                for batch in part.to_batches(BATCH):
                    copy.write(encoder.write_batch(batch))
            copy.write(encoder.finish())
        return cursor.rowcount


def settled(conn: Connection, *also: str) -> None:
    """The planner is told who the residents are and what is in `also`; the checks of foreign keys, too, walk what it takes
    for a small table."""
    conn.execute("reset role")
    conn.execute(f"analyze {', '.join([f'resident ({ASKED})', *also])}")
    conn.execute("set local role oncor_batch")


def drop_tables(conn: Connection) -> None:
    """Nothing of the work stays."""
    conn.execute("drop table if exists staging.clean, staging.met, staging.absent, staging.listed")
