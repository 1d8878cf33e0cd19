"""Two at one list: two people answer it, two processes read it. One of them does, the other is told so."""

import io
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest

from oncor_cases.actions import list_told
from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes
from tests.lists.test_lost_columns import take

MAPPED = {"snils": "СНИЛС", "family": "Фамилия", "died_on": "Дата смерти"}


@pytest.fixture
def undated(database, region):
    """A list of deaths that waits for its day."""
    done = take(database, csv_bytes(DEATHS_HEAD, [DEAD]), "deaths.csv")
    assert (done.state, done.waits) == ("waiting", "day")
    return done.id


def answer(database, load):
    list_told.tell(database, load, region=1, as_of=date(2025, 10, 1))


def remap(database, load):
    door.remap(database, load, region=1, kind="deaths", columns=MAPPED, name="", sender="ЗАГС", as_of=None, by="t")


@pytest.mark.parametrize("second", [answer, remap])
def test_of_two_answers_the_first_counts_and_the_second_is_refused(database, undated, second):
    with ThreadPoolExecutor(1) as thread:
        with database.batch() as conn:  # the first has answered, and is not yet through
            lists.get(conn, 1, undated, locked=True)
            other = thread.submit(second, database, undated)
            with pytest.raises(TimeoutError):
                other.result(0.5)
            lists.change(conn, 1, undated, state="stored", as_of=date(2025, 9, 30), counts={})
        with pytest.raises(Conflict):
            other.result(10)
    with database.batch() as conn:
        assert lists.get(conn, 1, undated).as_of == date(2025, 9, 30)


def test_a_list_read_a_moment_ago_is_not_read_again(database, region, monkeypatch):
    number = door.receive(
        database, io.BytesIO(csv_bytes(DEATHS_HEAD, [DEAD])), "deaths_2025-10.csv", region=1, author="t",
        sender="ЗАГС",
    )  # fmt: skip
    alone = lists.alone

    def after_another(*asked):
        monkeypatch.setattr(lists, "alone", alone)
        assert door.load(database, number, region=1).state == "loaded"
        return alone(*asked)

    monkeypatch.setattr(lists, "alone", after_another)
    with pytest.raises(Conflict):
        door.load(database, number, region=1)


def test_of_many_repetitions_the_last_lead_to_the_list(database, region, monkeypatch):
    monkeypatch.setattr(lists, "ALONG", 2)
    sent = [take(database, csv_bytes(DEATHS_HEAD, [DEAD]), "deaths_2025-10.csv") for _ in range(4)]
    assert [one.duplicate for one in sent] == [False, True, True, True]
    with database.batch() as conn:
        found = conn.execute("select id, along from list_load").fetchall()
    assert [(row.id, row.along) for row in found] == [(sent[0].id, [sent[0].id + 2, sent[0].id + 3])]
