"""A list is visible whole or not at all: killed in the middle, broken off at the end, read while pages look on."""

import io
import os
import random
import subprocess
import sys
import time
import tracemalloc
from datetime import UTC, datetime
from pathlib import Path

import pytest

from oncor_cases.actions import list_drop
from oncor_cases.actions import lists as door
from oncor_cases.region.people import snils_of
from oncor_cases.store import list_bytes, lists, regions
from oncor_cases.store.session import Database
from tests.intake.store_state import state
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes, dbf_bytes

AT = datetime(2025, 10, 20, 9, tzinfo=UTC)
SCRIPT = """
import sys
from pathlib import Path
from oncor_cases.actions import list_reading, list_settling, lists as door
from oncor_cases.store.session import Database
list_reading.BATCH = list_settling.TOGETHER = 50
list_settling.KEYS = 100
db = Database(sys.argv[1])
print("go", flush=True)
found = door.finish(db, region=1)
if not found:
    found = [door.take(db, Path(sys.argv[2]), region=1, author="t")]
print(found[0].state)
"""


@pytest.fixture(scope="module")
def path(tmp_path_factory):
    found = tmp_path_factory.mktemp("list") / "deaths_2025-10.csv"
    rows = [
        [snils_of(150_000_000 + n), "", f"Фамилия{n}", "Имя", "", "01.02.1950", "М", "03.10.2025", "I21"]
        for n in range(1500)
    ]
    found.write_bytes(csv_bytes(DEATHS_HEAD, [*rows, ["", "", "", "", "", "", "", "", "x"]]))
    return found


def made(fresh_url):
    url = fresh_url("oncor_template")
    with Database(url).batch() as conn:
        regions.ensure(conn, 1, demo=True)
    return url


def begin(url, path):
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT, url, str(path)], stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2],
        start_new_session=True,
    )  # fmt: skip


def visible(url):
    with Database(url).batch() as conn:
        return conn.execute(
            """select (select count(*) from document) d, (select count(*) from fact) f, (select count(*) from person) p,
               (select count(*) from list_load where state = 'loaded') l"""
        ).fetchone()


@pytest.mark.slow
def test_killed_in_the_middle_leaves_nothing_and_repeats_cleanly(fresh_url, path):
    reference = made(fresh_url)
    child = begin(reference, path)
    child.stdout.readline()
    began = time.monotonic()
    assert child.communicate(timeout=120)[0].strip() == "loaded"
    seconds = time.monotonic() - began
    whole = tuple(visible(reference))
    assert whole == (1500, 1500, 1500, 1)
    url = made(fresh_url)
    chance = random.Random(os.environ.get("PYTEST_XDIST_TESTRUNUID", "7"))
    for _ in range(4):
        child = begin(url, path)
        child.stdout.readline()
        time.sleep(chance.random() * seconds * 0.8)
        child.kill()
        child.communicate()
        assert tuple(visible(url)) in ((0, 0, 0, 0), whole)
        if tuple(visible(url)) == whole:
            break
    child = begin(url, path)
    child.communicate(timeout=120)
    assert tuple(visible(url)) == whole
    drop = lambda told: [row for part in told for row in part]  # noqa: E731
    assert len(drop(state(Database(url)))) == len(drop(state(Database(reference))))
    with Database(url).batch() as conn:
        assert conn.execute("select count(*) n from list_row r join list_load l on l.id = r.load_id").fetchone().n == 1500
        rejects = conn.execute("select count(*) n from list_reject").fetchone().n
        assert rejects == 1  # the last row, once
        assert conn.execute("select count(*) n from raw_document").fetchone().n == 1500


def test_a_list_that_breaks_off_leaves_nothing(database, region):
    tags = ["SNILS", "FAM", "DR", "DEATH_DATE"]
    rows = [[snils_of(150_000_000 + n), "Рябова", "01.02.1950", "03.10.2025"] for n in range(3000)]
    done = door.take_bytes(
        database, dbf_bytes(tags, rows)[:-4000], "deaths_2025-10.dbf", region=1, author="t", received_at=AT
    )
    assert done.state == "failed"
    assert "обрезан" in done.error
    assert tuple(visible(database.url)) == (0, 0, 0, 0)
    with database.batch() as conn:
        assert conn.execute("select count(*) n from list_row").fetchone().n == 0
    again = door.take_bytes(database, dbf_bytes(tags, rows[:5]), "deaths_2025-10.dbf", region=1, author="t", received_at=AT)
    assert again.counts["documents"] == 5


def test_a_large_list_is_stored_in_flat_memory(database, region, tmp_path):
    """300 MB of a list go in; what Python holds at once stays near one chunk. (2 GB: bench.)"""
    path = tmp_path / "insured_2025-10-01.csv"
    line = (";".join(DEAD) + "\r\n").encode("cp1251")
    with path.open("wb") as file:
        file.write((";".join(DEATHS_HEAD) + "\r\n").encode("cp1251"))
        for _ in range(64):
            file.write(line * (5 * (1 << 20) // len(line)))
    tracemalloc.start()
    number = door.receive(database, path, path.name, region=1, author="t")
    with database.batch() as conn, list_bytes.opened(conn, 1, lists.get(conn, 1, number).sha256) as stored:
        size = sum(len(block) for block in iter(lambda: stored.read(1 << 20), b""))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size == path.stat().st_size > 300 << 20
    assert peak < 64 << 20


def test_the_same_person_three_times(database, region):
    other = [*DEAD[:7], "04.10.2025", "C50.9"]
    done = door.take_bytes(database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD, other]), "deaths_2025-10.csv", region=1, author="t")
    assert (done.counts["good"], done.counts["repeated"], done.counts["rejected"], done.counts["facts"]) == (1, 1, 1, 1)
    with database.batch() as conn:
        assert [(r.line, r.code) for r in lists.rejects(conn, 1, done.id)] == [(4, "twice")]


def test_a_snapshot_lets_go_of_whoever_is_in_it_no_more(database, region):
    head = ["СНИЛС", "Фамилия", "Дата рождения", "DATE_IN", "DS_DISP"]
    anna, peter = (
        ["112-233-445 95", "Рябова", "12.04.1960", "01.02.2020", "C50.9"],
        [snils_of(161234567), "Белов", "01.02.1955", "01.02.2021", "C61"],
    )

    def take(rows, name):
        return door.take_bytes(database, csv_bytes(head, rows), name, region=1, author="t", sender="ТФОМС", received_at=AT)

    in_force = """select s.family from fact f join subject s on s.id = f.subject_id
        where f.in_force and f.kind = 'register_entry' order by 1"""
    count = lambda sql: [row[0] for row in database_rows(database, sql)]  # noqa: E731
    take([anna, peter], "dn_in_2025-09-01.csv")
    done = take([anna], "dn_in_2025-10-01.csv")
    assert (done.counts["documents"], done.counts["gone"]) == (0, 1)
    assert count(in_force) == ["Рябова"]
    assert count(
        "select s.family from document d join subject s on s.id = d.subject_id where d.title like '%больше нет'"
    ) == ["Белов"]
    early = take([peter], "dn_in_2025-08-01.csv")  # an earlier list that came late changes nothing of today
    assert early.state == "loaded"
    assert count(in_force) == ["Рябова"]
    door.withdraw(database, done.id, "не полный список", region=1, by="t")
    assert count(in_force) == ["Белов", "Рябова"]


def database_rows(db, sql):
    with db.batch() as conn:
        return conn.execute(sql).fetchall()


def test_the_drop_folder(database, region, tmp_path):
    from tests.lists.test_kinds import PERS, bill

    drop = tmp_path / "drop"
    drop.mkdir()
    (drop / "deaths_2025-10.csv").write_bytes(csv_bytes(DEATHS_HEAD, [DEAD]))
    (drop / "что-то.csv").write_bytes(csv_bytes(["а", "б"], [["1", "2"]]))
    (drop / "CM990001T99_2602.xml").write_bytes(bill())
    (drop / "LCM990001T99_2602.xml").write_bytes(PERS)
    (drop / "documents.xml").write_text("<ClinicalDocument/>")
    (drop / "half.csv.part").write_bytes(b"x")
    assert list_drop.take_lists(database, drop, 1) == 3
    assert sorted(p.name for p in drop.iterdir()) == ["documents.xml", "half.csv.part"]
    done = {one.name: one for one in door.finish(database, region=1)}
    assert done["deaths_2025-10.csv"].state == "loaded"
    assert done["что-то.csv"].state == "waiting"
    assert done["CM990001T99_2602.zip"].counts["good"] == 1
    with database.batch() as conn:
        assert conn.execute("select family from subject where family <> ''").fetchone().family == "Рябова"


def test_two_at_once_do_not_load_twice(database, region):
    number = door.receive(database, io.BytesIO(csv_bytes(DEATHS_HEAD, [DEAD])), "deaths_2025-10.csv", region=1, author="t")
    with database.batch_session() as conn:
        assert lists.alone(conn, 1, number)
        with pytest.raises(Exception, match="сейчас загружается"):
            door.load(Database(database.url), number, region=1)
    assert door.load(database, number, region=1).state == "loaded"
    with pytest.raises(Exception, match="уже загружен"):
        door.load(database, number, region=1)


def test_a_snapshot_that_lost_half_of_its_rows_waits(database, region):
    head = ["СНИЛС", "Фамилия", "Дата рождения", "DATE_IN", "DS_DISP"]
    rows = [[snils_of(150_000_000 + n), "Рябова", "12.04.1960", "01.02.2020", "C50.9"] for n in range(30)]
    first = door.take_bytes(database, csv_bytes(head, rows), "dn_in_2025-09-01.csv", region=1, author="t", received_at=AT)
    assert first.state == "loaded"
    cut = door.take_bytes(database, csv_bytes(head, rows[:9]), "dn_in_2025-10-01.csv", region=1, author="t", received_at=AT)
    assert cut.state == "waiting"
    assert "было 30, стало 9" in cut.error
    count = "select count(*) n from fact where in_force and kind = 'register_entry'"
    assert database_rows(database, count)[0].n == 30
    assert door.load(database, cut.id, region=1, confirmed=True).counts["gone"] == 21
    assert database_rows(database, count)[0].n == 9
