"""A list that no reader foresaw costs that one load: it says so in words, the log knows, the others go on."""

import io
import json
import logging
from datetime import UTC, date, datetime

import pytest

from oncor_cases import config
from oncor_cases.actions import list_reading
from oncor_cases.actions import lists as door
from oncor_cases.ops import jobs
from oncor_cases.sources.lists import NotATable, claims, oncor
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.rows import Good, Reject
from oncor_cases.store import lists
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes
from tests.lists.test_kinds import PERS, archive, bill

AROUND = Surroundings(date(2026, 3, 1), {"990001": "1.2.643.5.1.13.13.12.2.99.1"}, {"105": "IIA"})
AT = datetime(2025, 10, 20, 9, tzinfo=UTC)
WHO = {"snils": "11223344595", "surname": "Рябова", "birth_day": "1960-04-12", "gender": 2}

RECORDS = json.dumps([{"type": "RcOper", "id": 2, "date": "2025-10-01", "icd10": "C50", "patient": WHO}]).encode()


def receive(db, data, name):
    return door.receive(db, io.BytesIO(data), name, region=1, author="test", received_at=AT)


def rejected(items):
    return [(i.line, i.field, i.code) for i in items if isinstance(i, Reject) and not i.accepted]


# --- bytes ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [["a"], {"a": 1}, 5, None, True])
def test_a_type_of_another_kind_is_a_row_error(kind):
    good = {"type": "RcOper", "id": 2, "date": "2026-02-01", "icd10": "C50", "patient": WHO}
    items = list(oncor.read(io.BytesIO(json.dumps([{"type": kind, "id": 1, "patient": {}}, good]).encode()), AROUND))
    assert rejected(items) == [(1, "type", "type")]
    assert [i.line for i in items if isinstance(i, Good)] == [2]


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"[" * 100_000 + b"]" * 100_000])
def test_brackets_without_end_are_no_records(data):
    with pytest.raises(NotATable) as raised:
        list(oncor.read(io.BytesIO(data), AROUND))
    assert raised.value.code == "broken"


SHAPES = {
    "text for a patient": (b"<PACIENT><ID_PAC>P1</ID_PAC></PACIENT>", b"<PACIENT>x</PACIENT>", "PACIENT"),
    "two patients": (b"</PACIENT>", b"</PACIENT><PACIENT><ID_PAC>P2</ID_PAC></PACIENT>", "PACIENT"),
    "two clinics": (b"<LPU>990001</LPU>", b"<LPU>990001</LPU><LPU>990002</LPU>", "LPU"),
    "two diagnoses": (b"<DS1>C50.4</DS1>", b"<DS1>C50.4</DS1><DS1>C51</DS1>", "DS1"),
    "text for the oncology part": (b"<ONK_SL>", b"<ONK_SL>x</ONK_SL><ONK_SL>", "ONK_SL"),
    "tags inside a date": (b"<DATE_Z_1>2026-02-02", b"<DATE_Z_1><a>1</a>2026-02-02", "DATE_Z_1"),
    "text for a part": (b"<SL><SL_ID>", b"<SL>x</SL><SL><SL_ID>", "SL"),
    "text for a drug": (b"<LEK_PR>", b"<LEK_PR>x</LEK_PR><LEK_PR>", "LEK_PR"),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_a_claim_of_another_shape_is_a_row_error(shape):
    old, new, tag = SHAPES[shape]
    main = bill().replace(old, new)
    assert main != bill()
    (item,) = claims.read(io.BytesIO(archive(main)), AROUND)
    assert (item.line, item.field, item.code, item.accepted) == (1, tag, "shape", False)


def test_an_empty_part_of_a_claim_says_nothing():
    (item,) = claims.read(io.BytesIO(archive(bill().replace(b"<ONK_SL>", b"<PERS/><ONK_SL>"), PERS)), AROUND)
    assert isinstance(item, Good)


# --- the door -------------------------------------------------------------------------------------------------------


def broken_reader(monkeypatch):
    """The reader of records has a bug that nobody foresaw."""
    real = oncor.read

    def read(file, around):
        yield from real(file, around)
        raise LookupError("Рябова 112-233-445 95")

    monkeypatch.setattr(list_reading.oncor, "read", read)


def test_a_bug_of_a_reader_fails_its_load_and_no_other(database, region, monkeypatch, caplog):
    one = receive(database, RECORDS, "x.json")
    other = receive(database, csv_bytes(DEATHS_HEAD, [DEAD]), "deaths_2025-10.csv")
    with monkeypatch.context() as patched, caplog.at_level(logging.ERROR):
        broken_reader(patched)
        done = door.finish(database, region=1)
    assert [(o.id, o.state) for o in done] == [(one, "failed"), (other, "loaded")]
    fault = done[0].fault
    assert fault
    assert "внутренней ошибки программы" in done[0].error
    assert fault in done[0].error
    said = " ".join(record.getMessage() for record in caplog.records)
    assert "LookupError" in said
    assert fault in said
    assert "Рябова" not in caplog.text
    assert door.finish(database, region=1) == []
    with database.batch() as conn:
        assert conn.execute("select count(*) n from list_row where load_id = %s", (one,)).fetchone().n == 0
    again = door.load(database, one, region=1)  # mended
    assert (again.state, again.counts["good"], again.error) == ("loaded", 1, "")


def test_the_schedule_tells_a_bug(database, region, monkeypatch, tmp_path):
    receive(database, RECORDS, "x.json")
    receive(database, b"[" * 100_000, "y.json")  # a list nobody can read is its sender's fault, not ours
    settings = config.read({"ONCOR_HOME": str(tmp_path), "ONCOR_TODAY": "2025-10-21"})
    with monkeypatch.context() as patched:
        broken_reader(patched)
        counts = jobs.load_lists(database, settings)
    assert counts["failed"] == 1
    with pytest.raises(jobs.Incomplete):
        jobs.complete(counts)


def test_a_database_that_went_away_leaves_the_load_to_the_next_run(database, region, monkeypatch):
    import psycopg

    number = receive(database, csv_bytes(DEATHS_HEAD, [DEAD]), "deaths_2025-10.csv")

    def gone(*_, **__):
        raise psycopg.OperationalError("server closed the connection")

    with monkeypatch.context() as patched:
        patched.setattr(list_reading, "stage", gone)
        with pytest.raises(psycopg.OperationalError):
            door.load(database, number, region=1)
    with database.batch() as conn:
        assert lists.get(conn, 1, number).state == "reading"
    assert [o.state for o in door.finish(database, region=1)] == ["loaded"]
