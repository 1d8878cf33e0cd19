"""The drop folder: a new file is taken in within seconds. The `intake` schedule is the safety net for what it misses."""

import logging
import threading

from watchfiles import watch

from oncor_cases.config import Settings
from oncor_cases.ops import jobs
from oncor_cases.store.session import Database

log = logging.getLogger(__name__)
SETTLED = 700  # milliseconds without a change: whoever writes the file has finished


def drop_folder(db: Database, settings: Settings, stop: threading.Event) -> None:
    """Runs until `stop`; what lay there before the start is taken in first. An error is logged by its class only."""
    settings.drop.mkdir(parents=True, exist_ok=True)
    _take_in(db, settings)
    for _ in watch(settings.drop, stop_event=stop, debounce=5000, step=SETTLED, rust_timeout=1000, yield_on_timeout=False):
        _take_in(db, settings)


def _take_in(db: Database, settings: Settings) -> None:
    try:
        counts = jobs.take_in(db, settings)
        if counts.get("received"):
            log.info("intake %s", " ".join(f"{name}={value}" for name, value in sorted(counts.items())))
    except Exception as error:  # the schedule tries again; a text of the driver may hold a value
        log.error("intake failed: %s", type(error).__name__)
