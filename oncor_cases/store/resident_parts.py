"""The part of `resident` a first list becomes: written and indexed beside, on connections of its own, then taken in.

What is committed there nobody sees: a part belongs to `resident` from the end of the load's own transaction. One left by a
load that died is dropped by the next load of its region."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from oncor_cases.store.resident_list import alike, copied
from oncor_cases.store.session import Connection, Database

BUILDERS = 2  # indexes built at once; each is sorted by one process, which costs half of what two would spend on it


def nobody(conn: Connection, region: int) -> bool:
    """Does the region have no resident, so that its first list may be written before it has indexes?"""
    sql = "select not exists (select from resident where region_id = %s) as nobody"
    return bool(conn.execute(sql, (region,)).fetchone().nobody)


def begun(db: Database, region: int, load: int) -> str:
    """An empty table like `resident`; returns its name. The caller holds the lock of the region's list (`alone`)."""
    with db.owner() as conn:
        for row in _parts(conn, region):
            if not row.taken_in:
                conn.execute(f"drop table {row.name}")
        table = f"insured.region_{int(region)}_{int(load)}"
        alike(conn, f"table {table}", region, load, also=f", check (region_id = {int(region)})")
        conn.execute(f"grant insert on {table} to oncor_batch")
    return table


def written(db: Database, table: str, columns: str, rows: Iterable[bytes]) -> int:
    """COPY of CSV rows into the part. Returns how many."""
    with db.owner() as conn:
        conn.execute(f"truncate {table}")  # empty already: COPY (freeze) asks for it in the same transaction
        return copied(conn, f"{table} ({columns})", rows, "format csv, freeze")


def indexed(db: Database, table: str) -> None:
    """The part gets the key and the indexes of `resident`."""
    with db.owner() as conn:
        rows = conn.execute(
            """select pg_get_indexdef(indexrelid) as made, indisprimary as key from pg_index
               where indrelid = 'resident'::regclass order by indisprimary desc, 1"""
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
    with db.owner() as conn:
        conn.execute(f"alter table {table} add primary key using index {table.removeprefix('insured.')}_0")


def taken_in(conn: Connection, region: int, table: str) -> None:
    """From the end of this transaction the part is the region's, with whom the region had until now.

    As `oncor_batch` before and after; as the owner between."""
    conn.execute(
        f"""with moved as (delete from resident where region_id = {int(region)} returning *)
            insert into {table} select * from moved"""
    )
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


def _parts(conn: Connection, region: int) -> list[Any]:
    """Tables made for lists of the region: (name, taken_in)."""
    return conn.execute(
        """select c.oid::regclass::text as name, i.inhrelid is not null as taken_in
           from pg_class c left join pg_inherits i on i.inhrelid = c.oid
           where c.relnamespace = 'insured'::regnamespace and c.relkind = 'r' and c.relname ~ %s""",
        (f"^region_{int(region)}_[0-9]+$",),
    ).fetchall()
