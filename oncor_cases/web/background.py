"""Long work started by a page: a thread of this process does it, the page shows how far it is.

Nothing is lost with the process: what-ifs and comparisons cut short are made good by their schedules or commands."""

import logging
from collections.abc import Callable
from datetime import date
from threading import Thread

from oncor_cases.actions import whatif
from oncor_cases.store import population
from oncor_cases.store.session import Database

log = logging.getLogger("oncor.web")
WORKERS = 2
SETS = "sets"
_running: list[Thread] = []


def start(name: str, work: Callable[[], object]) -> None:
    """Starts the thread and returns at once."""
    _running[:] = [t for t in _running if t.is_alive()]
    thread = Thread(target=_guarded, args=(name, work), name=name, daemon=True)
    _running.append(thread)
    thread.start()


def compute_waiting(db: Database, region: int) -> None:
    """Computes the what-ifs that wait."""
    start("what-if", lambda: whatif.compute_waiting(db, region=region, workers=WORKERS))


def read_ahead(db: Database, region: int, today: date) -> None:
    """In a large region reads the sets that counts need before somebody asks; where they were read lately does nothing."""
    with db.batch() as conn:
        if not population.is_due(conn, region) or any(t.name == SETS and t.is_alive() for t in _running):
            return

    def work() -> None:
        with db.batch() as conn:
            population.read_ahead(conn, region, today)

    start(SETS, work)


def wait(seconds: float = 60) -> None:
    """Until all that was started is done."""
    for thread in list(_running):
        thread.join(seconds)


def _guarded(name: str, work: Callable[[], object]) -> None:
    try:
        work()
    except Exception as error:  # the class only: a message may quote a patient
        log.error("%s: %s", name, type(error).__name__)
