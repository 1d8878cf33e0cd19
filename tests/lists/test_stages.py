"""A load tells which step it is in while it runs: others see it although they see nothing else of the load."""

from datetime import date

import pytest

from oncor_cases.actions import list_settling, lists
from oncor_cases.store import resident_list, resident_parts, residents
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes
from tests.people.insured_list import ENPS, load, row, write

MARCH = date(2026, 3, 1)


def seen(database):
    """(state, the step it is in, how far) of the last load, as another connection sees it."""
    with database.batch() as conn:
        conn.execute("set local lock_timeout = '2s'")
        found = conn.execute("select state, stages from list_load order by id desc limit 1").fetchone()
    name, told = max(found.stages.items(), key=lambda step: step[1]["since"])
    return found.state, name, (told["done"], told["of"])


def spied(monkeypatch, database, module, name, into):
    """`into` gets what others see whenever the step is done."""
    step = getattr(module, name)

    def looked(*args, **told):
        into.append(seen(database))
        return step(*args, **told)

    monkeypatch.setattr(module, name, looked)


@pytest.mark.parametrize("keys", [1, 1_000])
def test_of_a_list_that_becomes_documents(database, region, monkeypatch, keys):
    found = []
    monkeypatch.setattr(list_settling, "KEYS", keys)
    spied(monkeypatch, database, list_settling, "write_read", found)
    done = lists.take_bytes(
        database, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]), "deaths_2025-10.csv", region=1, author="t", sender="ЗАГС"
    )
    assert done.state == "loaded"
    far = [(0, 2), (1, 2)] if keys == 1 else [(0, 2)]
    assert found == [("reading", "settling", one) for one in far]
    with database.batch() as conn:
        row = conn.execute("select stages, version, state from list_load").fetchone()
    assert row.stages.keys() == {"recognising", "reading", "waiting", "settling"}
    assert (row.version > 0, row.state) == (True, "loaded")


def test_of_the_insured(database, region, monkeypatch, tmp_path):
    found = []
    spied(monkeypatch, database, resident_list, "add", found)
    spied(monkeypatch, database, residents, "known_before", found)
    spied(monkeypatch, database, resident_parts, "indexed", found)
    load(database, write(tmp_path / "a.csv", row(ENPS[0])), MARCH)
    assert [(state, step) for state, step, _ in found] == [
        ("reading", "joining"),
        ("reading", "joining"),
        ("reading", "indexing"),
    ]  # those already known are written and joined while everybody else is written beside


def test_the_console_hears_the_same(database, region, tmp_path):
    heard = []

    class Console:
        def __call__(self, rows):
            heard.append(rows)

        def stage(self, name, done=0, of=0):
            heard.append(name)

    data = csv_bytes(DEATHS_HEAD, [DEAD])
    path = tmp_path / "deaths_2025-10.csv"
    path.write_bytes(data)
    lists.take(database, path, region=1, author="t", sender="ЗАГС", progress=Console())
    assert heard == ["recognising", "reading", 1, "waiting", "settling", "settling"]
