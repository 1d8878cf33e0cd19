"""One picture of the database for several processes: what is written meanwhile is seen by none of them."""

from collections.abc import Iterator
from contextlib import contextmanager

from oncor_cases.store.session import Connection, Database


@contextmanager
def exported(db: Database) -> Iterator[tuple[Connection, str]]:
    """(connection, name of the snapshot); others may join while the block is open. Nothing can be written in it."""
    with db.batch_session() as conn, conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        yield conn, conn.execute("select pg_export_snapshot()").fetchone()[0]


@contextmanager
def joined(db: Database, name: str) -> Iterator[Connection]:
    """A connection that sees exactly what the exporter of the snapshot sees."""
    with db.batch_session() as conn, conn.transaction():
        conn.execute("set transaction isolation level repeatable read, read only")
        conn.execute(f"set transaction snapshot '{_plain(name)}'")  # no parameters in this statement
        yield conn


def _plain(name: str) -> str:
    if not name.replace("-", "").isalnum():
        raise ValueError("not a snapshot name")
    return name
