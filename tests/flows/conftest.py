"""One Prefect server for the session, in the environment the supervisor gives it: the pinned set must start and schedule."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from oncor_cases.ops.prefect_environment import environment

ROOT = Path(__file__).resolve().parents[2]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:
            return response.status == 200
    except (urllib.error.URLError, OSError):
        return False


@pytest.fixture(scope="session")
def prefect_environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The variables of every Prefect process of this session."""
    home = tmp_path_factory.mktemp("prefect")
    return os.environ | environment(home, "127.0.0.1", free_port()) | {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}


@pytest.fixture(scope="session")
def prefect_server(prefect_environment: dict[str, str]) -> Iterator[dict[str, str]]:
    """A running server; gives the environment that reaches it."""
    log = Path(prefect_environment["PREFECT_HOME"]) / "server.log"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "-m", "prefect", "server", "start"],
            env=prefect_environment,
            cwd=ROOT,
            stdout=output,
            stderr=output,
        )
    try:
        deadline = time.monotonic() + 90
        while not answers(prefect_environment["PREFECT_API_URL"] + "/health"):
            assert server.poll() is None, log.read_text()[-3000:]
            assert time.monotonic() < deadline, "the Prefect server did not answer in 90 s"
            time.sleep(0.2)
        yield prefect_environment
    finally:
        server.terminate()
        server.wait(20)
