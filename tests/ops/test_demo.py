"""The demonstration in small: built to its end, cut short and built again, started and stopped without a trace."""

import os
import re
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import psutil
import pytest

from oncor_cases import config
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.ops import demo
from oncor_cases.ops.supervisor import alone
from oncor_cases.store import embedded, opening, sweeps
from tests.flows.conftest import answers, free_port

ROOT = Path(__file__).resolve().parents[2]
SMALL = demo.Size(residents=200, patients=6, seed=3)


@pytest.fixture
def settings(tmp_path: Path):
    home = tmp_path / "data folder"
    yield config.read({"ONCOR_HOME": str(home), "ONCOR_TODAY": "2026-11-23"})
    embedded.stop(home)


def worklist(settings: config.Settings) -> list[tuple]:
    """Open and closed tasks by what identifies them, with their history."""
    with opening.opened(settings.database_url, settings.home) as db, db.batch() as conn:
        return [
            tuple(row)
            for row in conn.execute(
                """select s.snils, t.rule, t.subject, t.due, t.level, t.state, t.opened_on, t.closed_on
                   from task t join person s on s.region_id = t.region_id and s.id = t.person_id order by 1, 2, 3, 7"""
            )
        ]


class Cut(Exception):
    """The power went off."""


def test_a_demo_cut_short_and_started_again_is_the_same_demo(settings, tmp_path):
    def off(what: str, done: int, total: int) -> None:
        if what.startswith("Документы") and done > total / 2:
            raise Cut

    with pytest.raises(Cut):
        demo.build(settings, SMALL, off)
    assert not demo.is_ready(settings)
    assert demo.build(settings, SMALL, lambda *_: None) == 0
    assert demo.is_ready(settings)

    whole = config.read({"ONCOR_HOME": str(tmp_path / "other"), "ONCOR_TODAY": "2026-11-23"})
    try:
        demo.build(whole, SMALL, lambda *_: None)
        assert worklist(settings) == worklist(whole)
        assert worklist(whole)
    finally:
        embedded.stop(whole.home)
    with opening.opened("", settings.home) as db, db.batch() as conn:
        assert f"{sweeps.last_day(conn, 1)}" == "2026-11-23"
        typed = conn.execute("select state, counts from list_load where name like 'mammograms%%'").fetchall()
        assert [(row.state, row.counts["good"] > 0, row.counts["rejected"]) for row in typed] == [("loaded", True, 0)]
        assert conn.execute("select count(*) as n from likeness").fetchone().n > 0  # asked, or recognised
    assert {login.login for login in demo.logins(settings)} >= {"navigator", "head", "coordinator", "registrar", "admin"}


def test_real_data_are_never_taken_for_a_demo(settings):
    with opening.opened("", settings.home) as db, db.batch() as conn:
        conn.execute("insert into region (id, name) values (1, 'Настоящий')")
        conn.execute(
            "insert into raw_document (region_id, sha256, received_at, size, content) values (1, %s, now(), 1, %s)",
            (bytes(32), b"x"),
        )
    with pytest.raises(UserError, match="настоящие данные"):
        demo.build(settings, SMALL, lambda *_: None)
    with pytest.raises(UserError, match="не демонстрация"):
        demo.forget(settings)


def ours(home: Path) -> list[int]:
    """Processes that know this data folder by command, environment or working folder."""
    found = []
    for process in psutil.process_iter():
        try:
            if process.pid != os.getpid() and (
                str(home) in " ".join(process.cmdline())
                or process.environ().get("ONCOR_HOME") == str(home)
                or Path(process.cwd()).is_relative_to(home)
            ):
                found.append(process.pid)
        except (psutil.Error, OSError):
            continue
    return found


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="looks for processes the way Linux shows them")
def test_the_demo_command_serves_and_ctrl_c_leaves_no_process(settings, tmp_path):
    port, prefect = free_port(), free_port()
    environment = os.environ | {"ONCOR_HOME": str(settings.home), "PYTHONUNBUFFERED": "1"}
    environment.pop("DATABASE_URL", None)
    small = ["--residents", "100", "--patients", "2", "--port", str(port), "--prefect-port", str(prefect)]
    log = tmp_path / "demo.txt"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "oncor_cases", "demo", *small]
        process = subprocess.Popen(command, env=environment, cwd=ROOT, stdout=output, stderr=output, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while "Расписания: работает" not in log.read_text():
            assert process.poll() is None, log.read_text()
            assert time.monotonic() < deadline, log.read_text()
            time.sleep(0.3)
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/login", timeout=10) as page:
            assert "navigator" in page.read().decode()
        assert answers(f"http://127.0.0.1:{prefect}/api/health")
        assert re.search(r"navigator +\S+ +навигатор", log.read_text())
        with pytest.raises(Conflict), alone(settings.home):
            pass
        os.killpg(process.pid, signal.SIGINT)
        assert process.wait(40) == 0
        assert ours(settings.home) == []
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
