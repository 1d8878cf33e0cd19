"""Transactions and roles. Actions open them and so own them; queries in this room never commit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.rows import namedtuple_row
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[Any]
Done = TypeVar("Done")


@dataclass(frozen=True, slots=True)
class Scope:
    """Who reads: every query of a page takes it, and the same values become the context of row security."""

    region: int
    user: str
    role: str
    orgs: tuple[str, ...] = ()


class Database:
    """One PostgreSQL. `batch` sees every region, `web` what its scope allows, `owner` is for migrations and rewinds.

    Rows are named tuples. A transaction ends with its block: committed, or rolled back by an exception."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: ConnectionPool | None = None

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """A transaction of the migrating role."""
        with psycopg.connect(self.url, row_factory=namedtuple_row) as conn:
            yield conn

    @contextmanager
    def batch(self) -> Iterator[Connection]:
        """A transaction of `oncor_batch` on a connection of its own: intake, sweeps, decisions."""
        with self.owner() as conn:
            become_batch(conn)
            yield conn

    @contextmanager
    def batch_session(self) -> Iterator[Connection]:
        """A connection of `oncor_batch` for work of many transactions: each is a `with conn.transaction():`."""
        with psycopg.connect(self.url, row_factory=namedtuple_row, autocommit=True) as conn:
            conn.execute("set role oncor_batch")
            yield conn

    @contextmanager
    def web(self, scope: Scope | None) -> Iterator[Connection]:
        """A transaction of `oncor_web` from the pool, seen through `scope`; None is before sign-in: no patient at all."""
        with self._connections().connection() as conn:
            conn.execute("set local role oncor_web")
            if scope is not None:
                conn.execute(
                    "select (set_config('oncor.region', %s, true), set_config('oncor.orgs', %s, true),"
                    " set_config('oncor.role', %s, true), set_config('oncor.user', %s, true))",
                    (str(scope.region), ",".join(scope.orgs), scope.role, scope.user),
                )
            yield conn

    def close(self) -> None:
        """Gives the pool's connections back; the object may be used again."""
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _connections(self) -> ConnectionPool:
        if self._pool is None:
            self._pool = ConnectionPool(
                self.url, min_size=1, max_size=12, kwargs={"row_factory": namedtuple_row}, open=True, name="web"
            )
        return self._pool


def become_batch(conn: Connection) -> None:
    """From here to the end of the transaction the role is `oncor_batch`.

    An action of a page looks its target up as `oncor_web` first (so row security had its say), then writes as batch."""
    conn.execute("set local role oncor_batch")


def again_on_deadlock(transaction: Callable[[], Done], attempts: int = 4) -> Done:
    """Runs a whole transaction again when PostgreSQL chose it as the victim of a deadlock."""
    for left in range(attempts, 0, -1):
        try:
            return transaction()
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure):
            if left == 1:
                raise
    raise AssertionError
