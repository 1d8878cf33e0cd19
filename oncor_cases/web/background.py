"""Long work started by a page: a thread of this process computes the what-ifs that wait; the page shows how far it is.

Nothing is lost with the process: a run cut short is taken up by the schedule (flows/whatif.py) or `oncor rules compute`."""

import logging
from threading import Thread

from oncor_cases.actions import whatif
from oncor_cases.store.session import Database

log = logging.getLogger("oncor.web")
WORKERS = 2
_running: list[Thread] = []


def compute_waiting(db: Database, region: int) -> None:
    """Starts the thread and returns at once."""
    _running[:] = [t for t in _running if t.is_alive()]
    thread = Thread(target=_compute, args=(db, region), name="whatif", daemon=True)
    _running.append(thread)
    thread.start()


def wait(seconds: float = 60) -> None:
    """Until all that was started is done."""
    for thread in list(_running):
        thread.join(seconds)


def _compute(db: Database, region: int) -> None:
    try:
        whatif.compute_waiting(db, region=region, workers=WORKERS)
    except Exception as error:  # the class only: a message may quote a patient
        log.error("what-if: %s", type(error).__name__)
