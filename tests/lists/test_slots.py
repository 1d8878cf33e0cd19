"""A record meets the lists with the same rows and no others, so a series may have thousands of loads of one record each."""

import json
from datetime import UTC, date, datetime, timedelta

import pytest

from oncor_cases.actions import lists as door
from oncor_cases.region.people import snils_of
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes

AT = datetime(2025, 10, 20, 9, tzinfo=UTC)


def post(db, number, on, *, who=None, at=AT):
    patient = {
        "snils": snils_of(150_000_000 + (who or number)),
        "surname": "Рябова",
        "name": "Анна",
        "birth_day": "1960-04-12",
    }
    record = {"type": "RcRegIn", "id": number, "date": on, "icd10": "C50.9", "patient": patient}
    data = json.dumps([record]).encode()
    return door.take_bytes(
        db, data, "api:x.json", region=1, author="t", kind="oncor_records", sender="x", received_at=at
    )  # fmt: skip


def entries(db):
    with db.batch() as conn:
        rows = conn.execute("select on_date::text on_date from fact where in_force and kind = 'register_entry' order by 1")
        return [r.on_date for r in rows]


def test_a_record_is_compared_with_its_own_earlier_words_alone(database, region, monkeypatch):
    def whole(*_):
        raise AssertionError("the whole series is read")

    monkeypatch.setattr(lists, "of_series", whole)
    for number in range(1, 13):
        assert post(database, number, f"2025-09-{number:02}").state == "loaded"
    changed = post(database, 5, "2025-08-31", at=AT + timedelta(days=1))
    again = post(database, 7, "2025-09-07", at=AT + timedelta(days=2))
    assert (again.duplicate, len(entries(database))) == (True, 12)
    with database.batch() as conn:
        load = lists.get(conn, 1, changed.id)
        assert [one.id for one in lists.related(conn, 1, load)] == [5, changed.id]
        versions = [r.version for r in conn.execute("select version from list_load order by id")]
    assert versions == sorted(set(versions))
    assert entries(database)[0] == "2025-08-31"
    door.withdraw(database, changed.id, "ошибка", region=1, by="t")
    assert entries(database) == [f"2025-09-{n:02}" for n in range(1, 13)]


@pytest.mark.parametrize("back", [False, True])
def test_a_correction_of_a_month_and_its_withdrawal(database, region, back):
    """Of two files of one month the later one holds; withdrawn, it gives the earlier one back, beside other months."""
    take = lambda rows, day, minute: door.take_bytes(  # noqa: E731
        database, csv_bytes(DEATHS_HEAD, rows), "d.csv", region=1, author="t", kind="deaths", as_of=date(2025, day, 1),
        sender="ЗАГС", received_at=AT + timedelta(minutes=minute),
    )  # fmt: skip
    loads = [lambda: take([DEAD, DEAD2], 10, 1), lambda: take([DEAD2], 10, 2), lambda: take([DEAD2], 9, 3)]
    done = {n: loads[n]() for n in ((1, 2, 0) if back else (0, 2, 1))}
    dead = "select family from person where died_on is not null order by 1"
    with database.batch() as conn:
        assert [r.family for r in conn.execute(dead)] == ["Белов"]
        assert lists.get(conn, 1, done[0].id).state == "replaced"
        assert {lists.get(conn, 1, done[n].id).state for n in (1, 2)} == {"loaded"}
    door.withdraw(database, done[1].id, "не тот файл", region=1, by="t")
    with database.batch() as conn:
        assert [r.family for r in conn.execute(dead)] == ["Белов", "Рябова"]
        assert lists.get(conn, 1, done[0].id).state == "loaded"
