"""Reading a list beside the pages: a thread of the web begins at once; the schedule `lists` ends what a dead one left."""

import logging
import threading
from contextlib import suppress

from oncor_cases.actions import lists as door
from oncor_cases.actions.sweep import sweep
from oncor_cases.kernel.errors import Conflict
from oncor_cases.ops import jobs
from oncor_cases.web.access import Parts

log = logging.getLogger(__name__)
ONE = threading.Lock()  # lists are read one by one: two at once would only wait for the same lock of documents


def begin(p: Parts, region: int, number: int) -> threading.Thread:
    """Starts reading a stored list; the page asks how far it is."""
    thread = threading.Thread(target=_read, args=(p, region, number), name=f"list-{number}", daemon=True)
    thread.start()
    return thread


def sweep_after(p: Parts, region: int) -> None:
    """Whoever the list spoke of is swept, so the open inbox is true; a store whose day is ahead leaves it to its sweep."""
    with suppress(Conflict):
        sweep(p.db, jobs.today(p.db, p.settings), region=region)


def _read(p: Parts, region: int, number: int) -> None:
    try:
        with ONE:
            done = door.load(p.db, number, region=region)
            if done.state == "loaded" and not done.duplicate:
                sweep_after(p, region)
    except Conflict:
        return  # the schedule took it
    except Exception as error:  # a text of the driver may hold a value; the load stays and is tried again
        log.error("list %s not loaded: %s", number, type(error).__name__)
