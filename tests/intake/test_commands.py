"""`oncor ingest`, `withdraw`, `quarantine` as other programs call them: the words and types of their JSON."""

import json
from datetime import date
from hashlib import sha256

import pytest
from typer.testing import CliRunner

from oncor_cases.cli import app

COUNTS = {"received", "new", "duplicates", "superseded", "quarantined", "facts"}


@pytest.fixture
def oncor(fresh_url, monkeypatch, tmp_path):
    monkeypatch.setenv("DATABASE_URL", fresh_url("oncor_template"))
    monkeypatch.setenv("ONCOR_HOME", str(tmp_path / "home"))

    def run(*words, code=0):
        done = CliRunner().invoke(app, [str(word) for word in words])
        assert done.exit_code == code, done.output
        return done.output

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    from oncor_cases.region.generate import generate

    out = tmp_path_factory.mktemp("region")
    generate(out, residents_count=30, patients_count=3, seed=5, today=date(2026, 11, 20))
    return out


def test_documents_in_out_and_aside(oncor, folder, tmp_path):
    documents = sorted((folder / "documents").iterdir())
    first = json.loads(oncor("ingest", folder / "documents", "--json"))
    assert set(first) == COUNTS
    assert all(type(value) is int for value in first.values())
    assert first["new"] == len(documents)
    assert first["facts"] > 0
    again = json.loads(oncor("ingest", folder / "documents", "--json"))
    assert (again["new"], again["duplicates"], again["facts"]) == (0, len(documents), 0)
    mark = sha256(documents[0].read_bytes()).hexdigest()
    assert json.loads(oncor("withdraw", mark, "--reason", "аннулирован", "--json"))["withdrawn"] == 1
    assert "уже отозван" in oncor("withdraw", mark, "--reason", "аннулирован", code=1)
    assert "64" in oncor("withdraw", "abc", "--reason", "аннулирован", code=2)

    broken = tmp_path / "broken.xml"
    broken.write_bytes(b"<ClinicalDocument><id>")
    assert json.loads(oncor("ingest", broken, "--json"))["quarantined"] == 1
    lines = [json.loads(line) for line in oncor("quarantine", "list", "--json").splitlines()]
    waiting = next(line for line in lines if line["sha256"] == sha256(broken.read_bytes()).hexdigest())
    assert waiting["origin"] == "broken.xml"
    assert "<ClinicalDocument>" in oncor("quarantine", "show", waiting["sha256"])
    retried = json.loads(oncor("quarantine", "retry", waiting["sha256"], "--json"))
    assert retried == {"retried": 1, "read": 0, "quarantined": 1, "facts": 0}


def test_a_path_that_is_not_there_is_a_sentence_not_a_traceback(oncor, tmp_path):
    assert "Нет файла" in oncor("ingest", tmp_path / "none", code=2)


@pytest.mark.parametrize("demo", [True, False])
def test_withdrawals_of_a_list_are_obeyed_by_a_demo_and_only_counted_elsewhere(database, folder, tmp_path, demo):
    from oncor_cases.actions.deliveries import post
    from oncor_cases.actions.post import take_in
    from oncor_cases.store import regions

    with database.batch() as conn:
        regions.ensure(conn, 1, name="Край", demo=demo)
    first, second = sorted((folder / "documents").iterdir())[:2]
    for path in (first, second):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    (tmp_path / "deliveries.csv").write_text(
        "received_at,path,action,reason\n"
        f"2026-03-02T09:00:00+03:00,{first.name},deliver,\n"
        f"2026-03-03T09:00:00+03:00,{first.name},withdraw,ошибка\n"
        f"2026-03-04T09:00:00+03:00,{second.name},deliver,\n",
        encoding="utf-8",
    )

    def taken():
        return take_in(database, post([tmp_path]), region=1, workers=1)

    def standing():
        with database.batch() as conn:
            rows = conn.execute(
                "select status, withdrawn_at::date::text as voided from document where region_id = 1 order by 1"
            )
            return [tuple(row) for row in rows]

    once = taken()
    assert (once["received"], once["new"]) == (2, 2)
    assert (once["withdrawn"], once["skipped"]) == ((1, 0) if demo else (0, 1))
    assert standing() == [("read", None), ("withdrawn", "2026-03-03") if demo else ("read", None)]
    again = taken()
    assert (again["new"], again["withdrawn"], again["skipped"]) == (0, 0, 1)
