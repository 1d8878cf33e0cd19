"""What the measurements share: a throw-away database, peaks of memory, tables side by side."""

import os
import resource
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from oncor_cases.store.session import Database


@contextmanager
def database(url: str = "") -> Iterator[Database]:
    """A migrated database: that of `url`, else an embedded one in a temporary folder, with fsync as in real life."""
    from oncor_cases.store import embedded, migrate

    with tempfile.TemporaryDirectory(prefix="oncor-bench-") as folder:
        home = Path(folder)
        address = url or embedded.ensure(home)
        migrate.upgrade(address)
        db = Database(address)
        try:
            yield db
        finally:
            db.close()
            if not url:
                embedded.stop(home)
                embedded.release(home)


def peak_mb() -> str:
    """Peak of this process since its start."""
    unit = 1 if sys.platform == "darwin" else 1024
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1e6:,.0f}"


def load() -> str:
    """How busy the machine is: runnable processes over one and five minutes. A wall figure says little without it."""
    one, five, _ = os.getloadavg()
    return f"{one:.1f} · {five:.1f} (ядер {os.cpu_count()})"


class Family:
    """Peak memory of this process with its children (not the database server), looked at ten times a second."""

    def __enter__(self) -> "Family":
        self.peak, self._stop = 0, threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join()

    def _look(self) -> None:
        me = psutil.Process(os.getpid())
        while not self._stop.is_set():
            total = 0
            for process in [me, *me.children(recursive=True)]:
                try:
                    if process.name() != "postgres":
                        total += process.memory_info().rss
                except psutil.Error:
                    continue
            self.peak = max(self.peak, total)
            time.sleep(0.1)

    @property
    def mb(self) -> str:
        return f"{self.peak / 1e6:,.0f}"


class Effort:
    """Processor seconds of this process with its children, and of the server of `db`: what a wall figure on a shared
    machine cannot say."""

    def __init__(self, db: Database) -> None:
        with db.owner() as conn:
            self._server = psutil.Process(conn.info.backend_pid).parent()
        self._before = self._spent()

    def _spent(self) -> tuple[float, float]:
        mine = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
        server = 0.0
        if self._server is not None:
            server += sum(self._server.cpu_times()[:4])  # with those of its ended backends
            for backend in self._server.children():
                with suppress(psutil.Error):
                    server += sum(backend.cpu_times()[:2])
        return sum(r.ru_utime + r.ru_stime for r in mine), server

    def since(self) -> tuple[float, float]:
        """Seconds of the client and of the server since this was made."""
        (client, server), (client_before, server_before) = self._spent(), self._before
        return client - client_before, server - server_before

    def __str__(self) -> str:
        client, server = self.since()
        return f"{client:.1f} + {server:.1f} ЦП"


def show(title: str, rows: list[tuple[str, object]], goal: str = "") -> None:
    """A title, the figures, and what was asked for."""
    print(f"\n{title}" + (f"   [цель: {goal}]" if goal else "") + f"   загрузка машины {load()}")
    for name, value in rows:
        print(f"  {name:<58} {value!s:>24}")
    sys.stdout.flush()
