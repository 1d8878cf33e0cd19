"""Reading in several processes, in the order given, with a document that kills its reader found and put aside."""

import gc
import os
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import CancelledError, Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context, parent_process

from oncor_cases.actions.read_rows import Incoming, Reader, ReadRows, read_all, refused

ALONE = 40  # up to so many documents are read right here: processes cost more than they save
AHEAD = 3  # batches on their way through the readers
TOGETHER = 500  # documents handed over at once if they are read: a statement costs the server the same for few and many


def _begin() -> None:
    """Set-up of a reading process. A killed intake leaves none behind: it would hold its connection, and so its locks.

    Trees are freed by counting references; the collector would only walk what the fork shares and copy its pages."""
    gc.freeze()
    gc.disable()

    def wait() -> None:
        parent = parent_process()
        if parent is not None:
            parent.join()
        os._exit(1)

    threading.Thread(target=wait, daemon=True).start()


class Readers:
    """Reading in `workers` processes once there is enough of it, in this process before that.

    A document that kills its process is found by reading its batch one by one, and refused."""

    def __init__(self, reader: Reader, workers: int) -> None:
        self._reader, self._workers = reader, workers
        self._pool: ProcessPoolExecutor | None = None
        self._coming: deque[tuple[list[Incoming], Future[list[ReadRows]]]] = deque()
        self._done: deque[list[ReadRows]] = deque()

    def __enter__(self) -> "Readers":
        return self

    def __exit__(self, *_: object) -> None:
        self._close()

    def start(self) -> None:
        """Starts the processes now, if there are to be any."""
        if self._workers > 1:
            for future in [self._processes().submit(int) for _ in range(self._workers)]:
                future.result()

    def give(self, fresh: Sequence[tuple[Incoming, tuple[str, str] | None]]) -> None:
        """Takes a stored batch to be read."""
        faulty = [refused(item.sha256, item.known_at, *fault) for item, fault in fresh if fault]
        if faulty:
            self._done.append(faulty)
        batch = [item for item, fault in fresh if not fault]
        if not batch:
            return
        if (len(batch) <= ALONE and self._pool is None) or self._workers < 2:
            self._done.append(read_all(self._reader, batch))
        else:
            half = -(-len(batch) // self._workers)
            for part in (batch[i : i + half] for i in range(0, len(batch), half)):
                self._coming.append((part, self._processes().submit(read_all, self._reader, part)))

    def ready(self) -> Iterator[list[ReadRows]]:
        """What is read; waits only when too much is on its way."""
        while self._done:
            yield self._done.popleft()
        while len(self._coming) > AHEAD * self._workers or (self._coming and self._coming[0][1].done()):
            yield self._next()

    def rest(self) -> Iterator[list[ReadRows]]:
        """Everything that is left."""
        while self._done:
            yield self._done.popleft()
        while self._coming:
            yield self._next()

    def _next(self) -> list[ReadRows]:
        read = self._one()
        while self._coming and self._coming[0][1].done() and len(read) + len(self._coming[0][0]) <= TOGETHER:
            read += self._one()
        return read

    def _one(self) -> list[ReadRows]:
        batch, future = self._coming.popleft()
        try:
            return future.result()
        except (BrokenProcessPool, CancelledError):
            self._close()
            return [self._carefully(item) for item in batch]

    def _carefully(self, item: Incoming) -> ReadRows:
        try:
            return self._processes().submit(read_all, self._reader, [item]).result()[0]
        except BrokenProcessPool:
            self._close()
            return refused(item.sha256, item.known_at, "reader_died", "Программа чтения была остановлена на этом документе")

    def _processes(self) -> ProcessPoolExecutor:
        if self._pool is None:
            # A fork is ready at once; among threads (the service) it might inherit a held lock, so there it is a spawn.
            fork = sys.platform == "linux" and threading.active_count() == 1
            self._pool = ProcessPoolExecutor(
                self._workers, mp_context=get_context("fork" if fork else "spawn"), initializer=_begin
            )
        return self._pool

    def _close(self) -> None:
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
            self._pool = None
