"""One part of the system as a process of its own: started, watched, started again, stopped for good."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psutil

FIRST_PAUSE, LONGEST_PAUSE, HEALTHY = 1.0, 60.0, 60.0  # seconds; a part that lived `HEALTHY` starts its pauses anew
LOG_LIMIT = 20_000_000  # bytes; an older log is kept once as NAME.1


@dataclass
class Part:
    """`command` after the interpreter; `ready` answers whether it serves; `after` parts must be ready before it starts."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str]
    log: Path
    ready: Callable[[], bool]
    after: tuple[str, ...] = ()
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)
    restarts: int = 0
    up: bool = False
    _started: float = 0.0
    _pause: float = FIRST_PAUSE
    _not_before: float = 0.0

    def start(self) -> None:
        """Starts the process in a session of its own, so that Ctrl-C reaches only the supervisor."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        if self.log.exists() and self.log.stat().st_size > LOG_LIMIT:
            self.log.replace(self.log.with_suffix(".log.1"))
        command = [sys.executable, "-m", "oncor_cases.ops.child", sys.executable, *self.command]
        with open(self.log, "ab", opener=lambda path, flags: os.open(path, flags, 0o600)) as output:
            self.process = subprocess.Popen(
                command,
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self._started = time.monotonic()

    def look(self) -> None:
        """Starts it if it is due, notes whether it serves, plans the next start if it fell."""
        now = time.monotonic()
        if self.process is None:
            if now >= self._not_before:
                self.start()
            return
        if self.process.poll() is None:
            self.up = self.up or self.ready()
            return
        if now - self._started > HEALTHY:
            self._pause = FIRST_PAUSE
        self._not_before, self._pause = now + self._pause, min(self._pause * 2, LONGEST_PAUSE)
        self.process, self.up = None, False
        self.restarts += 1


def stop(parts: list[Part], patience: float = 15.0) -> None:
    """SIGTERM to each part, then SIGKILL to whatever is left of them and of their children. None is left after it."""
    mine = [part for part in parts if part.process is not None]
    family: list[psutil.Process] = []
    for part in mine:
        with contextlib.suppress(psutil.NoSuchProcess):
            parent = psutil.Process(part.process.pid)
            family += [parent, *parent.children(recursive=True)]
    for part in mine:
        with contextlib.suppress(ProcessLookupError):
            part.process.send_signal(signal.SIGTERM)
    _, alive = psutil.wait_procs(family, timeout=patience)
    for process in alive:
        with contextlib.suppress(psutil.NoSuchProcess):
            process.kill()
    psutil.wait_procs(alive, timeout=5)
    for part in mine:
        part.process.wait(5)
        part.process, part.up = None, False
