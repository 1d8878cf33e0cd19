"""kill -9 in the middle of an intake, then the same intake again: the same store as without the kill."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from oncor_cases.store import regions
from oncor_cases.store.session import Database
from tests.intake.fakes import paper
from tests.intake.store_state import state

SCRIPT = """
import sys
from pathlib import Path
from oncor_cases.actions import ingest as door
from oncor_cases.actions.deliveries import deliveries
from oncor_cases.store.session import Database
from tests.intake import fakes
door.BATCH = 20
print("go", flush=True)
counts = door.ingest(Database(sys.argv[1]), deliveries([Path(sys.argv[2])]), region=1, reader=fakes.read)
print(counts["new"])
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("papers")
    chance = random.Random(7)
    lines = ["path,received_at"]
    for n in range(400):
        snils = chance.choice(["11223344595", "16123456701", ""])
        data = paper(f"S{n % 150}", n // 150 + 1, snils=snils, local_id=str(chance.randrange(60)), given=f"Имя{n % 30}")
        (out / f"{n}.json.xml").write_bytes(data)
        lines.append(f"{n}.json.xml,2026-03-{n % 28 + 1:02}T09:00:00+03:00")
    (out / "deliveries.csv").write_text("\n".join(lines))
    return out


def begin(url, folder):
    root = Path(__file__).parents[2]
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url, str(folder)], stdout=subprocess.PIPE, text=True, cwd=root, start_new_session=True
    )


def whole(url, folder):
    child = begin(url, folder)
    child.stdout.readline()
    began = time.monotonic()
    out, _ = child.communicate(timeout=120)
    assert child.returncode == 0
    return time.monotonic() - began, int(out)


def made(fresh_url):
    url = fresh_url("oncor_template")
    with Database(url).batch() as conn:
        regions.ensure(conn, 1, demo=True)
    return url


@pytest.mark.slow
def test_killed_and_run_again_is_as_if_never_killed(fresh_url, folder):
    reference = made(fresh_url)
    seconds, new = whole(reference, folder)
    assert new == 400
    expected = state(Database(reference))
    url = made(fresh_url)
    chance = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "7"))
    cut_short = 0
    for _ in range(4):
        child = begin(url, folder)
        child.stdout.readline()
        time.sleep(chance.random() * seconds * 0.6)
        cut_short += child.poll() is None
        child.kill()
        child.communicate()
    assert cut_short
    whole(url, folder)
    assert state(Database(url)) == expected
    with Database(url).batch() as conn:
        assert conn.execute("select count(*) n from unread_document").fetchone().n == 0
        leftovers = conn.execute("select count(*) n from pg_locks where locktype = 'advisory'").fetchone().n
    assert leftovers == 0  # no reader outlived its intake
