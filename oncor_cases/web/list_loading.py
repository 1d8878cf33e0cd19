"""Reading a list beside the pages: a thread of the web begins at once; the schedule `lists` ends what a dead one left.

Whoever a list spoke of is swept; then the sources are compared (ADR 0017), once for lists that came one after another."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace

from oncor_cases.actions import lists as door
from oncor_cases.actions.sweep import sweep
from oncor_cases.kernel.errors import Conflict, NotFound
from oncor_cases.ops import jobs
from oncor_cases.web.access import Parts

log = logging.getLogger(__name__)
ONE = threading.Lock()  # lists are read one by one: two at once would only wait for the same lock of documents
COMPARING = threading.Lock()  # a list that came during a comparison waits for the next one


class _Queue:
    """Changes of lists that are under way or wait, and the regions where some are done and not compared yet."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._left = 0
        self._changed: set[int] = set()

    def enter(self) -> None:
        with self._lock:
            self._left += 1

    def leave(self, region: int, *, changed: bool) -> set[int]:
        """The regions to be compared now: none while another list is on its way."""
        with self._lock:
            self._left -= 1
            if changed:
                self._changed.add(region)
            if self._left:
                return set()
            found, self._changed = self._changed, set()
            return found


_queue = _Queue()


def begin(p: Parts, region: int, number: int, *, confirmed: bool = False, without_columns: bool = False) -> threading.Thread:
    """Starts reading a stored list; the page asks how far it is."""

    def read() -> bool:
        done = door.load(p.db, number, region=region, confirmed=confirmed, without_columns=without_columns)
        if done.state != "loaded" or done.duplicate:
            return False
        sweep_after(p, region)
        return True

    return _beside(p, region, f"list-{number}", read)


def withdrawn(p: Parts, region: int) -> None:
    """After a withdrawal: whoever it concerned is swept at once, the sources are compared beside the page."""
    sweep_after(p, region)
    _beside(p, region, "list-withdrawn", lambda: True)


def sweep_after(p: Parts, region: int) -> None:
    """Whoever the list spoke of is swept, so the open inbox is true; a store whose day is ahead leaves it to its sweep."""
    with suppress(Conflict):
        sweep(p.db, jobs.today(p.db, p.settings), region=region)


def _beside(p: Parts, region: int, name: str, work: Callable[[], bool]) -> threading.Thread:
    _queue.enter()

    def run() -> None:
        changed = False
        try:
            with ONE:
                changed = work()
        except (Conflict, NotFound):
            pass  # the schedule took it, or the claims it belongs to
        except Exception as error:  # a text of the driver may hold a value; the load stays and is tried again
            log.error("%s not done: %s", name, type(error).__name__)
        finally:
            for one in _queue.leave(region, changed=changed):
                _compare(p, one)

    thread = threading.Thread(target=run, name=name, daemon=True)
    thread.start()
    return thread


def _compare(p: Parts, region: int) -> None:
    try:
        with COMPARING:
            jobs.after_lists(p.db, replace(p.settings, region=region))
    except Exception as error:  # the night compares again
        log.error("sources not compared after a list: %s", type(error).__name__)
