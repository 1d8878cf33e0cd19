"""The advisory locks of the project: no two of them share a key, and who need not wait for each other does not."""

import re
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest

import oncor_cases
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.store import absences, locks, raw, resident_list
from oncor_cases.store.locks import Lock
from tests.intake import fakes
from tests.people import insured_list

AT = datetime(2026, 3, 3, tzinfo=UTC)
REGIONS = (1, 2, 77, 100, 101, 200, 32_767)
HOUSE = Path(oncor_cases.__file__).parent


def test_keys_of_different_locks_regions_and_things_differ():
    keys = [locks.key(lock, region, one) for lock, region, one in product(Lock, REGIONS, (0, 1, *REGIONS))]
    assert len(keys) == len(set(keys)) + len(Lock) * len(REGIONS)  # 1 stands twice among the things
    assert len({lock.value for lock in Lock}) == len(Lock.__members__)
    assert all(-(2**31) <= first < 2**31 for first, _ in keys)  # what PostgreSQL takes as the first of two keys


def test_a_region_no_table_can_hold_has_no_key():
    with pytest.raises(ValueError, match="32767"):
        locks.key(Lock.INTAKE, 32_768)


def test_advisory_locks_are_named_in_one_file():
    used = {
        path.stem
        for path in HOUSE.rglob("*.py")
        if re.search(r"pg_(try_)?advisory(_xact)?_(un)?lock(?!_all)", path.read_text(encoding="utf-8"))
    }
    assert used == {"locks", "migrate"}  # Alembic brings a connection of its own kind
    assert "MIGRATION" in (HOUSE / "store" / "migrate.py").read_text(encoding="utf-8")


def impatient(db):
    """A wait for a lock becomes an error: by it the tests below fail instead of hanging."""
    with db.owner() as conn:
        name = conn.execute("select current_database() as it").fetchone().it
        conn.execute(f"alter database {name} set lock_timeout = '10s'")
    db.close()


def test_an_insured_list_comes_in_while_an_intake_runs(database, region, tmp_path):
    impatient(database)
    path = insured_list.write(tmp_path / "a.csv", insured_list.row(insured_list.ENPS[0], insured_list.NUMBERS[0]))
    done = []

    def deliveries():
        yield Delivery("x", fakes.paper("S1"), AT)
        done.append(insured_list.load(database, path, date(2026, 3, 1)).added)
        yield Delivery("x", fakes.paper("S2"), AT)

    counts = ingest(database, deliveries(), region=region, reader=fakes.read, workers=1)
    assert (counts["new"], done) == (2, [1])


def test_an_intake_beside_an_insured_list_knows_that_no_other_intake_runs(database, region):
    impatient(database)
    with database.batch_session() as loading, database.batch_session() as reading, loading.transaction():
        resident_list.alone(loading, region)
        assert raw.alone(reading, region)
        with database.batch_session() as second:
            assert not raw.alone(second, region)


def test_an_absence_is_written_while_a_person_is_swept(database, region):
    impatient(database)
    with database.batch_session() as sweeping, database.batch() as writing, sweeping.transaction():
        locks.hold(sweeping, Lock.PERSON, region, region)  # of the persons the one with the region's own number
        absences.lock(writing, region)


def test_a_lock_is_tried_and_given_back(database, region):
    with database.batch_session() as one, database.batch_session() as other:
        assert locks.take(one, Lock.COMPARISON, region)
        assert not locks.take(other, Lock.COMPARISON, region)
        assert locks.take(other, Lock.COMPARISON, region + 1)
        locks.give_back(one, Lock.COMPARISON, region)
        assert locks.take(other, Lock.COMPARISON, region)


def test_of_many_persons_those_another_holds_are_left_out(database, region):
    with database.batch_session() as one, database.batch_session() as other:
        with one.transaction(), other.transaction():
            assert locks.free(one, Lock.PERSON, region, [3, 5]) == [3, 5]
            assert locks.free(other, Lock.PERSON, region, [3, 4, 5]) == [4]
        with other.transaction():
            assert locks.free(other, Lock.PERSON, region, [3, 4, 5]) == [3, 4, 5]
