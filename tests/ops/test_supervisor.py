"""The supervisor's promises: what falls is started again, what is stopped is gone, nothing outlives a killed parent."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from oncor_cases import config
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.ops import process, status, supervisor
from oncor_cases.ops.process import Part

ROOT = Path(__file__).resolve().parents[2]
SLEEPER = "import time; time.sleep(60)"
PARENT = f'import subprocess, sys; subprocess.run([sys.executable, "-c", "{SLEEPER}"])'
DEAF = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"


def part(tmp_path: Path, code: str, name: str = "part") -> Part:
    return Part(name, ("-c", code), os.environ, tmp_path / f"{name}.log", lambda: True)


def until(true, seconds: float = 15) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def gone(pids: set[int]) -> bool:
    return all(not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE for pid in pids)


def test_a_part_that_falls_is_started_again_after_growing_pauses(tmp_path, monkeypatch):
    monkeypatch.setattr(process, "FIRST_PAUSE", 0.05)
    falls = part(tmp_path, "raise SystemExit(1)")
    falls._pause = 0.05
    pauses = []

    def fell() -> bool:
        before = falls.restarts
        falls.look()
        if falls.restarts > before:
            pauses.append(falls._not_before - time.monotonic())
        return falls.restarts == 3

    until(fell)
    assert pauses == sorted(pauses)
    assert pauses[2] > 3 * pauses[0]


def test_stop_leaves_no_process_and_no_grandchild(tmp_path):
    parent, deaf = part(tmp_path, PARENT, "parent"), part(tmp_path, DEAF, "deaf")
    for each in (parent, deaf):
        each.start()
    until(lambda: psutil.Process(parent.process.pid).children() and (tmp_path / "deaf.log").read_text() == "deaf\n")
    family = {deaf.process.pid, parent.process.pid, *(c.pid for c in psutil.Process(parent.process.pid).children())}
    process.stop([parent, deaf], patience=1)
    until(lambda: gone(family), 5)
    assert parent.process is None


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a child that its parent is gone")
def test_children_end_with_a_supervisor_killed_by_force(tmp_path):
    code = f"""
import os, time
from pathlib import Path
from oncor_cases.ops.process import Part
part = Part("child", ("-c", {SLEEPER!r}), os.environ, Path({str(tmp_path)!r}) / "child.log", lambda: True)
part.start()
print(part.process.pid, flush=True)
time.sleep(60)
"""
    owner = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    child = int(owner.stdout.readline())
    until(lambda: "ops.child" not in " ".join(psutil.Process(child).cmdline()))  # it asked for the signal and went on
    owner.send_signal(signal.SIGKILL)
    owner.wait()
    owner.stdout.close()
    until(lambda: gone({child}), 10)


def test_one_supervisor_for_a_data_folder(tmp_path):
    with supervisor.alone(tmp_path), pytest.raises(Conflict, match="уже запущена"), supervisor.alone(tmp_path):
        pass


def test_a_taken_port_is_named():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(UserError, match=f"Порт {port} занят"):
            supervisor.free("127.0.0.1", port, "--port")


def test_every_part_listens_on_loopback_and_calls_nobody(tmp_path):
    settings = config.read({"ONCOR_HOME": str(tmp_path), "ONCOR_PORT": "8111", "ONCOR_PREFECT_PORT": "4222"})
    found = {p.name: p for p in supervisor.parts(settings)}
    assert list(found) == ["web", "prefect", "schedules"]  # the web comes up first
    assert "127.0.0.1" in found["web"].command
    prefect = found["prefect"].environment
    assert prefect["PREFECT_SERVER_API_HOST"] == "127.0.0.1"
    assert (prefect["DO_NOT_TRACK"], prefect["PREFECT_SERVER_ANALYTICS_ENABLED"]) == ("1", "false")
    assert prefect["PREFECT_HOME"].startswith(str(tmp_path))
    assert found["web"].environment["ONCOR_PORT"] == "8111"


def test_the_web_learns_how_far_the_scheduler_is(tmp_path):
    assert status.scheduler(tmp_path) == status.DOWN
    status.write(tmp_path, {"web": True, "schedules": False})
    assert status.read(tmp_path) == {"web": status.UP, "schedules": status.STARTING}
    status.write(tmp_path, {"web": True, "schedules": True})
    assert status.scheduler(tmp_path) == status.UP
    (tmp_path / "status.json").write_text('{"supervisor": 4194305, "parts": {"schedules": true}}')  # no such process
    assert status.scheduler(tmp_path) == status.DOWN
    status.clear(tmp_path)
    assert status.read(tmp_path) == {}
