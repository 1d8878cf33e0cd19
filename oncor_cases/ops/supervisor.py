"""The whole system on one machine: database, web, Prefect server, schedules, drop folder. One per data folder.

The web comes up first; the scheduler follows and may fall and come back without it. Truth is in PostgreSQL, so any
part may be killed at any time."""

import contextlib
import json
import logging
import os
import signal
import socket
import threading
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from filelock import FileLock, Timeout

from oncor_cases.config import Settings
from oncor_cases.kernel.errors import Conflict, OncorError, UserError
from oncor_cases.ops import jobs, status, watch
from oncor_cases.ops.database import ensure_region
from oncor_cases.ops.prefect_environment import environment
from oncor_cases.ops.process import Part, stop
from oncor_cases.store import embedded, opening
from oncor_cases.store.session import Database

log = logging.getLogger(__name__)
Tell = Callable[[str, bool], None]  # (part, does it serve)
LOOK, DATABASE = 0.3, 5.0  # seconds between looks at the parts, and at the embedded server


@contextlib.contextmanager
def alone(home: Path) -> Iterator[None]:
    """One supervisor per data folder. Raises Conflict."""
    home.mkdir(parents=True, exist_ok=True)
    lock = FileLock(home / "supervisor.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise Conflict(f"Система с папкой данных {home} уже запущена") from error
    try:
        yield
    finally:
        lock.release()


def free(host: str, port: int, option: str) -> None:
    """Raises UserError if the port is taken."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise UserError(f"Порт {port} занят или недоступен: укажите другой ({option})") from error


def answers(url: str) -> bool:
    """Whether anything serves there; a refusal to show a page is an answer."""
    try:
        with urllib.request.urlopen(url, timeout=2):
            return True
    except urllib.error.HTTPError as error:
        return error.code < 500
    except (urllib.error.URLError, OSError):
        return False


def serves_deployments(api: str) -> bool:
    """Whether a process has asked the Prefect server for the runs of our deployments within its last minute."""
    body = json.dumps({"deployments": {"name": {"any_": ["oncor"]}}}).encode()
    request = urllib.request.Request(f"{api}/deployments/filter", body, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=2) as answer:
            found = json.load(answer)
    except (urllib.error.URLError, OSError, ValueError):
        return False
    return bool(found) and all(deployment["status"] == "READY" for deployment in found)


def parts(settings: Settings) -> list[Part]:
    """Web, Prefect server and schedules as processes; each gets the settings through its environment."""
    ours = {
        "ONCOR_HOME": str(settings.home),
        "ONCOR_DROP": str(settings.drop),
        "ONCOR_TIMEZONE": settings.timezone,
        "ONCOR_REGION": str(settings.region),
        "ONCOR_HOST": settings.host,
        "ONCOR_PORT": str(settings.port),
        "ONCOR_PREFECT_PORT": str(settings.prefect_port),
        "PYTHONUNBUFFERED": "1",
    } | ({"DATABASE_URL": settings.database_url} if settings.database_url else {})
    base = os.environ | ours
    prefect = base | environment(settings.prefect_home, settings.host, settings.prefect_port, settings.prefect_database_url)
    web = f"http://{settings.host}:{settings.port}/login"
    scheduler = f"http://{settings.host}:{settings.prefect_port}/api/health"
    uvicorn = (
        "-m",
        "uvicorn",
        "--factory",
        "oncor_cases.web.app:app",
        "--host",
        settings.host,
        "--port",
        str(settings.port),
    )
    return [
        Part(
            "web", (*uvicorn, "--no-access-log", "--no-server-header"), base, settings.logs / "web.log", lambda: answers(web)
        ),
        Part(
            "prefect",
            ("-m", "prefect", "server", "start"),
            prefect,
            settings.logs / "prefect.log",
            lambda: answers(scheduler),
            after=("web",),
        ),
        Part(
            "schedules",
            ("-m", "flows.serve"),
            prefect,
            settings.logs / "schedules.log",
            lambda: serves_deployments(scheduler.removesuffix("/health")),
            after=("prefect",),
        ),
    ]


class Supervisor:
    """Holds the parts together until told to stop."""

    def __init__(self, settings: Settings, tell: Tell = lambda part, up: None) -> None:
        self.settings, self.tell = settings, tell
        self.parts = parts(settings)
        self.ending = threading.Event()

    def run(self) -> None:
        """Blocks until SIGTERM, SIGINT or `ending`; afterwards no process of ours is left.

        Raises Conflict if another supervisor has this data folder, UserError if a port is taken."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: self.ending.set())
        with alone(self.settings.home):
            free(self.settings.host, self.settings.port, "--port или ONCOR_PORT")
            free(self.settings.host, self.settings.prefect_port, "--prefect-port или ONCOR_PREFECT_PORT")
            db = opening.start(self.settings.database_url, self.settings.home)
            try:
                ensure_region(db, self.settings)
                self.tell("database", True)
                self._hold(db)
            finally:
                stop(self.parts)
                status.clear(self.settings.home)
                db.close()
                if not self.settings.database_url:
                    embedded.release(self.settings.home)

    def _hold(self, db: Database) -> None:
        helpers = [threading.Thread(target=self._drop_folder, args=(db,)), threading.Thread(target=self._guard_database)]
        for helper in helpers:
            helper.start()
        seen: dict[str, bool] = {}
        while not self.ending.wait(LOOK):
            serving = {part.name for part in self.parts if part.up}
            for part in self.parts:
                if serving.issuperset(part.after) or part.process is not None:
                    part.look()
            state = {part.name: part.up for part in self.parts}
            if state != seen:
                status.write(self.settings.home, state)
                for name, up in state.items():
                    if seen.get(name, False) != up:
                        self.tell(name, up)
                seen = state
        for helper in helpers:
            helper.join(30)

    def _drop_folder(self, db: Database) -> None:
        """First what was missed while the system was down, then whatever arrives."""
        try:
            jobs.sweep_region(db, self.settings)
        except Exception as error:
            log.error("first sweep failed: %s", type(error).__name__)
        watch.drop_folder(db, self.settings, self.ending)

    def _guard_database(self) -> None:
        """Brings a killed embedded server back."""
        while not self.settings.database_url and not self.ending.wait(DATABASE):
            try:
                embedded.ensure(self.settings.home)
            except (OncorError, OSError) as error:
                log.error("database: %s", type(error).__name__)
