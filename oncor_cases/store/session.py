"""Transactions and roles. Actions open them and so own them; queries in this room never commit."""

import os
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any, TypeVar

import psycopg
from psycopg.adapt import PyFormat
from psycopg.rows import namedtuple_row
from psycopg.types.array import ListDumper
from psycopg_pool import ConnectionPool

Connection = psycopg.Connection[Any]
Done = TypeVar("Done")
# Errors that say something of the rows, not of the server: too long for an index, not storable as text.
ROW_REFUSED = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded, UnicodeError)
# The server is not there, is busy or takes somebody else's work first: the same again later may go well.
SERVER_TROUBLE = (psycopg.OperationalError, psycopg.InterfaceError)
_NO_TYPE = 0  # InvalidOid of the protocol: the server finds the type from where the value stands
_forgotten: list[object] = []  # what a forked child inherited and must not close


class _Numbers(ListDumper):
    """Lists of numbers as one text: a sweep sends five hundred persons with every question, item by item a fifteenth of
    its time in Python. Of no type of their own, so that they take the type of the column: numbers of another one are
    compared with every row in turn, and a join of twenty thousand persons is quadratic (tests/store/test_session.py)."""

    def upgrade(self, obj: list[Any], format: PyFormat) -> Any:
        dumper = super().upgrade(obj, format)
        if {*map(type, obj)} == {int}:
            dumper.oid = _NO_TYPE
        return dumper

    def dump(self, obj: list[Any]) -> Any:
        if obj and {*map(type, obj)} == {int}:
            return f"{{{','.join(map(str, obj))}}}".encode()
        return super().dump(obj)


psycopg.adapters.register_dumper(list, _Numbers)


@dataclass(frozen=True, slots=True)
class Scope:
    """Who reads: every query of a page takes it, and the same values become the context of row security.

    `stands_for`: absent colleagues whose tasks are the reader's today; no row is opened by it that `orgs` would not."""

    region: int
    user: str
    role: str
    orgs: tuple[str, ...] = ()
    stands_for: tuple[str, ...] = ()


class Database:
    """One PostgreSQL. `batch` sees every region, `web` what its scope allows, `owner` is for migrations and rewinds.

    Rows are named tuples. A transaction ends with its block: committed, or rolled back by an exception."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._pool: ConnectionPool | None = None
        self._idle: deque[Connection] = deque()
        self._process = os.getpid()  # connections are of the process that made them; a forked child starts with none

    @contextmanager
    def owner(self) -> Iterator[Connection]:
        """A transaction of the migrating role."""
        with psycopg.connect(self.url, row_factory=namedtuple_row) as conn:
            yield conn

    @contextmanager
    def batch(self) -> Iterator[Connection]:
        """A transaction of `oncor_batch`: intake, sweeps, decisions."""
        with self.batch_session() as conn, conn.transaction():
            yield conn

    @contextmanager
    def batch_session(self) -> Iterator[Connection]:
        """A connection of `oncor_batch` for work of many transactions: each is a `with conn.transaction():`.

        Two connections are kept for the next call: a new one plans and loads everything anew, which would be most of
        the time of one document. Not a pool: its threads would forbid the intake to fork its readers."""
        conn = self._idle_connection() or psycopg.connect(self.url, row_factory=namedtuple_row, autocommit=True)
        try:
            conn.execute("set role oncor_batch")
            yield conn
            conn.execute("select pg_advisory_unlock_all()")
            if len(self._idle) < 2:
                self._idle.append(conn)
                conn = None
        finally:
            if conn is not None:
                conn.close()

    def _idle_connection(self) -> Connection | None:
        if self._process != os.getpid():
            self._forget()
        while True:
            try:
                conn = self._idle.pop()
            except IndexError:
                return None
            try:
                conn.execute("select 1")
                return conn
            except psycopg.OperationalError:  # the server was restarted meanwhile
                conn.close()

    def _forget(self) -> None:
        """In a forked child: the parent's connections are neither used nor closed, which would end them for the parent."""
        _forgotten.append((self._idle, self._pool))
        self._idle, self._pool, self._process = deque(), None, os.getpid()

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
        """Gives all connections back; the object may be used again."""
        if self._process != os.getpid():
            self._forget()
        while self._idle:
            self._idle.pop().close()
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def __del__(self) -> None:
        with suppress(Exception):  # at the end of the interpreter half of what closing needs may be gone
            self.close()

    def _connections(self) -> ConnectionPool:
        if self._process != os.getpid():
            self._forget()
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
