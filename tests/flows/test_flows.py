"""The shells around the actions, on a real Prefect server with the pinned libraries: under ten tests, all slow."""

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.serve import TIMES
from oncor_cases.store import embedded

ROOT = Path(__file__).resolve().parents[2]
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("prefect")]
SILENCE = 40  # the least that is longer than one heartbeat (30 s, Prefect's own minimum)


def api(environment: dict[str, str], path: str, body: dict | None = None) -> list | dict:
    request = urllib.request.Request(
        environment["PREFECT_API_URL"] + path, json.dumps(body or {}).encode(), {"Content-Type": "application/json"}
    )
    return answer(request)


def api_get(environment: dict[str, str], path: str) -> dict:
    return answer(urllib.request.Request(environment["PREFECT_API_URL"] + path))


def answer(request: urllib.request.Request) -> list | dict:
    """Asks again while the server says it is busy (its SQLite was locked), as Prefect's own client does."""
    for _ in range(20):
        try:
            with urllib.request.urlopen(request, timeout=20) as response:
                return json.load(response)
        except urllib.error.HTTPError as error:
            if error.code not in (429, 502, 503, 504):
                raise
        time.sleep(1)
    raise AssertionError("the Prefect server stayed busy for 20 s")


def runs(environment: dict[str, str], flow: str, states: set[str]) -> list:
    """Runs of a flow that are in one of the states."""
    asked = {"flows": {"name": {"any_": [flow]}}, "limit": 50}
    return [run for run in api(environment, "/flow_runs/filter", asked) if run["state_name"] in states]


def until(seconds: float, found, process: subprocess.Popen | None = None):
    """The first true answer of `found`; fails after `seconds`, or when the process that should bring it is gone."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if answer := found():
            return answer
        assert process is None or process.poll() is None, "the process ended before its time"
        time.sleep(0.5)
    raise AssertionError(f"nothing within {seconds} s")


def start(environment: dict[str, str], *command: str) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, *command], env=environment, cwd=ROOT, start_new_session=True)


def stop(process: subprocess.Popen) -> None:
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)


@pytest.fixture
def served(prefect_server, tmp_path) -> Iterator[dict[str, str]]:
    """The `serve` process over an empty store, in a zone far from the server's."""
    home = tmp_path / "home"
    environment = prefect_server | {"ONCOR_HOME": str(home), "ONCOR_TIMEZONE": "Asia/Yekaterinburg"}
    environment.pop("DATABASE_URL", None)
    process = start(environment, "-m", "flows.serve")
    try:
        until(60, lambda: len(api(environment, "/deployments/filter")) == len(TIMES), process)
        yield environment
    finally:
        stop(process)
        embedded.stop(home)


def test_served_deployments_get_scheduled_runs_and_a_sweep_completes(served):
    """A dead scheduler passes every other test: with the wrong SQLAlchemy no Scheduled run ever appears."""
    for flow in ("intake", "lists", "sweep", "escalate", "contingents", "matching", "reconcile"):
        until(60, lambda flow=flow: runs(served, flow, {"Scheduled"}))
    found = {d["id"]: d for d in api(served, "/deployments/filter")}
    for deployment in found.values():
        assert deployment["parameters"] == {}
        assert [s["schedule"]["timezone"] for s in deployment["schedules"]] == ["Asia/Yekaterinburg"]
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
        assert deployment["global_concurrency_limit"]["limit"] == 1
    names = {api_get(served, f"/flows/{d['flow_id']}")["name"]: id for id, d in found.items()}
    for flow in ("sweep", "intake", "lists", "escalate", "contingents", "reconcile"):
        api(served, f"/deployments/{names[flow]}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    for flow in ("sweep", "intake", "lists", "escalate", "contingents", "reconcile"):
        until(90, lambda flow=flow: runs(served, flow, {"Completed", "Failed", "Crashed"}))
        assert runs(served, flow, {"Completed"}), runs(served, flow, {"Failed", "Crashed"})


def test_late_runs_of_one_flow_collapse(served):
    """What was missed is made good by one run: it computes from now."""
    names = {api_get(served, f"/flows/{d['flow_id']}")["name"]: d["id"] for d in api(served, "/deployments/filter")}
    before = len(runs(served, "sweep", {"Completed", "Cancelled"}))
    for _ in range(4):
        api(served, f"/deployments/{names['sweep']}/create_flow_run", {"state": {"type": "SCHEDULED"}})
    until(90, lambda: len(runs(served, "sweep", {"Completed", "Cancelled"})) == before + 4)
    assert runs(served, "sweep", {"Cancelled"})


LONG = """
import asyncio, sys, time
from prefect import flow

@flow(name=sys.argv[1])
async def long():
    await asyncio.to_thread(time.sleep, float(sys.argv[2]))

asyncio.run(long())
"""


def test_a_long_action_completes_and_a_killed_one_is_ended_by_the_automation(prefect_server):
    """An action longer than the heartbeat window goes on; a process that died without a word gives its slot back."""
    install = f"import asyncio; from flows import zombies; asyncio.run(zombies.install({SILENCE}))"
    for _ in range(2):
        subprocess.run([sys.executable, "-c", install], env=prefect_server, cwd=ROOT, check=True)
    automations = api(prefect_server, "/automations/filter")
    assert [a["trigger"]["within"] for a in automations] == [SILENCE]

    killed = start(prefect_server, "-c", LONG, "killed", "600")
    long = start(prefect_server, "-c", LONG, "long", str(SILENCE + 20))
    try:
        until(30, lambda: runs(prefect_server, "killed", {"Running"}), killed)
        time.sleep(3)  # its first heartbeat is sent
        os.killpg(killed.pid, signal.SIGKILL)
        killed.wait()
        assert long.wait(SILENCE + 60) == 0
        until(60, lambda: runs(prefect_server, "killed", {"Crashed"}))
        assert runs(prefect_server, "long", {"Completed"})
    finally:
        stop(killed)
        stop(long)
