"""The drop folder: a new file is taken in within seconds, and what a command beside the service has changed is swept.

The `intake` schedule is the safety net for what it misses."""

import logging
import threading

from watchfiles import watch

from oncor_cases.config import Settings
from oncor_cases.ops import jobs
from oncor_cases.store.session import Database

log = logging.getLogger(__name__)
SETTLED = 700  # milliseconds without a change: whoever writes the file has finished
IDLE = 3000  # milliseconds between two looks at who has changed
FEW = 200  # persons swept here, beside the pages; a large load is for the schedules


def drop_folder(db: Database, settings: Settings, stop: threading.Event) -> None:
    """Runs until `stop`; what lay there before the start is taken in first. An error is logged by its class only."""
    settings.drop.mkdir(parents=True, exist_ok=True)
    _take_in(db, settings)
    for files in watch(
        settings.drop, stop_event=stop, debounce=5000, step=SETTLED, rust_timeout=IDLE, yield_on_timeout=True
    ):
        if files:
            _take_in(db, settings)
        else:
            _sweep(db, settings)


def _sweep(db: Database, settings: Settings) -> None:
    try:
        jobs.sweep_changed(db, settings, FEW)
    except Exception as error:
        log.error("sweep of changes failed: %s", type(error).__name__)


def _take_in(db: Database, settings: Settings) -> None:
    try:
        counts = jobs.take_in(db, settings)
        if counts.get("received"):
            log.info("intake %s", " ".join(f"{name}={value}" for name, value in sorted(counts.items())))
    except Exception as error:  # the schedule tries again; a text of the driver may hold a value
        log.error("intake failed: %s", type(error).__name__)
