"""One step of work ahead of who reads its results: both cores are busy, and no more than two results are held."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def one_ahead(steps: Iterable[Callable[[], Made]]) -> Iterator[Made]:
    """Results in the order of their steps; a step runs in a thread while the reader is at the result before it.

    Raises what a step raised, in its place; a reader that stops waits for the step under way and starts no other."""
    with ThreadPoolExecutor(1) as thread:
        waiting = None
        for step in steps:
            following = thread.submit(step)
            if waiting:
                yield waiting.result()
            waiting = following
        if waiting:
            yield waiting.result()
