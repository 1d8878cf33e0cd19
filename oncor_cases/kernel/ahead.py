"""Steps of work ahead of who reads their results: both cores are busy, and few results are held."""

from collections import deque
from collections.abc import Callable, Generator, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Made = TypeVar("Made")


def ahead(steps: Iterable[Callable[[], Made]], many: int = 1) -> Generator[Made, None, None]:
    """Results in the order of their steps; `many` steps run in threads while the reader is at the result before them.

    Raises what a step raised, in its place; a reader that stops waits for the steps under way and starts no other."""
    with ThreadPoolExecutor(many) as threads:
        waiting: deque[Future[Made]] = deque()
        for step in steps:
            waiting.append(threads.submit(step))
            if len(waiting) > many:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
