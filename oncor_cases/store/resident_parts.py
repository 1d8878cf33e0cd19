"""The part of `resident` a first list becomes: written and indexed beside, on connections of its own, then taken in.

What is committed there nobody sees: a part belongs to `resident` from the end of the load's own transaction. One left by a
load that died is dropped by the next load of its region, or before it by the schedule of lists (`tidied`)."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.resident_judged import ROW
from oncor_cases.store.resident_list import alike, copied, filled, told
from oncor_cases.store.session import Connection, Database

if TYPE_CHECKING:  # thirty megabytes; loaded where a list is
    from pyarrow import Table

_ALL = f"region_id, person_id, load_id, subject_id, gone_on, {ROW}"
BUILDERS = 2  # indexes built at once; each is sorted by one process, which costs half of what two would spend on it


def nobody(conn: Connection, region: int) -> bool:
    """Does the region have no resident, so that its first list may be written before it has indexes?"""
    sql = "select not exists (select from resident where region_id = %s) as nobody"
    return bool(conn.execute(sql, (region,)).fetchone().nobody)


def begun(db: Database, region: int, load: int) -> str:
    """An empty table like `resident`; returns its name. The caller holds the lock of the region's list (`alone`)."""
    with db.owner() as conn:
        _drop_left(conn, region)
        table = f"insured.region_{int(region)}_{int(load)}"
        alike(conn, f"table {table}", region, load, also=f", check (region_id = {int(region)})")
    return table


def written(db: Database, table: str, columns: str, rows: "Iterable[Table]") -> int:
    """COPY of rows into the empty part. Returns how many."""
    with db.owner() as conn:
        conn.execute(f"truncate {table}")  # COPY (freeze) asks for it in the same transaction
        return filled(conn, f"{table} ({columns})", rows, freeze=True)


def moved(conn: Connection, db: Database, region: int, table: str) -> None:
    """Those the region has already go into the part, too; here they are no more at the end of this transaction."""
    with db.owner() as beside:
        copied(beside, f"{table} ({_ALL})", told(conn, f"select {_ALL} from resident where region_id = %s", region))
    conn.execute("delete from resident where region_id = %s", (region,))


def indexed(db: Database, table: str) -> None:
    """The part gets the key and the indexes of `resident`."""
    with db.owner() as conn:
        rows = conn.execute(
            """select pg_get_indexdef(indexrelid) as made, indisprimary as key from pg_index
               where indrelid = 'resident'::regclass order by indkey[0] desc"""  # texts first: they take longest
        ).fetchall()

    def build(number: int, made: str, key: bool) -> None:
        name = f"{table.removeprefix('insured.')}_{number}"
        with db.owner() as conn:
            conn.execute("set local maintenance_work_mem = '512MB'")
            conn.execute("set local max_parallel_maintenance_workers = 0")
            conn.execute(f"create {'unique ' if key else ''}index {name} on {table} {made[made.index('USING') :]}")

    with ThreadPoolExecutor(BUILDERS) as threads:
        for done in [threads.submit(build, number, row.made, row.key) for number, row in enumerate(rows)]:
            done.result()
    key = next(number for number, row in enumerate(rows) if row.key)
    with db.owner() as conn:
        conn.execute(f"alter table {table} add primary key using index {table.removeprefix('insured.')}_{key}")


def taken_in(conn: Connection, region: int, table: str) -> None:
    """From the end of this transaction the part is the region's, instead of what it had (`moved`)."""
    conn.execute("reset role")
    for row in _parts(conn, region):
        if row.taken_in:
            conn.execute(f"drop table {row.name}")
    conn.execute(
        f"""alter table {table} alter region_id drop default, alter load_id drop default,
                enable row level security, force row level security"""
    )
    conn.execute(f"alter table resident attach partition {table} for values in ({int(region)})")
    conn.execute("set local role oncor_batch")


def dropped(db: Database, region: int, load: int) -> None:
    """The part of a load that failed, if there is one."""
    with db.owner() as conn:
        conn.execute(f"drop table if exists insured.region_{int(region)}_{int(load)}")


def tidied(db: Database, region: int) -> None:
    """Parts left by loads that died go, unless a load of the region runs: one of them may be its."""
    with db.owner() as conn:
        if locks.free(conn, Lock.INSURED, region, [0]):
            _drop_left(conn, region)


def _drop_left(conn: Connection, region: int) -> None:
    for row in _parts(conn, region):
        if not row.taken_in:
            conn.execute(f"drop table {row.name}")


def _parts(conn: Connection, region: int) -> list[Any]:
    """Tables made for lists of the region: (name, taken_in)."""
    return conn.execute(
        """select c.oid::regclass::text as name, i.inhrelid is not null as taken_in
           from pg_class c left join pg_inherits i on i.inhrelid = c.oid
           where c.relnamespace = 'insured'::regnamespace and c.relkind = 'r' and c.relname ~ %s""",
        (f"^region_{int(region)}_[0-9]+$",),
    ).fetchall()
