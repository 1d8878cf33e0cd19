"""The commands as a shell sees them: the contract's rows, the exit codes, no patient value in an error."""

import json
import os
import subprocess
import sys
from datetime import date

import pytest

CONTRACT = {"persons", "opened", "changed", "closed", "reopened", "escalated", "failed", "seconds"}
ROW = {
    "id", "person", "pathway", "episode", "icd10", "rule", "due", "days_overdue", "level", "state", "owner_org", "because",
}  # fmt: skip


@pytest.fixture
def oncor(town, tmp_path):
    def run(*arguments: str) -> subprocess.CompletedProcess:
        env = os.environ | {"DATABASE_URL": town.db.url, "ONCOR_HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "oncor_cases", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120)

    return run


def test_sweep_tasks_upcoming_and_explain(town, oncor):
    late, soon = town.suspected(date(2026, 3, 2)), town.suspected(date(2026, 3, 5))
    swept = oncor("sweep", "--today", "2026-03-06", "--json")
    assert swept.returncode == 0
    counts = json.loads(swept.stdout)
    assert set(counts) == CONTRACT
    assert (counts["persons"], counts["opened"]) == (2, 1)
    (task,) = map(json.loads, oncor("tasks", "--today", "2026-03-06", "--json").stdout.splitlines())
    assert set(task) >= ROW
    assert task["person"] == str(town.public(late))
    (clock,) = map(json.loads, oncor("upcoming", "--today", "2026-03-06", "--days", "7", "--json").stdout.splitlines())
    assert set(clock) >= ROW
    assert clock["person"] == str(town.public(soon))
    (shown,) = map(json.loads, oncor("tasks", "--today", "2026-03-06", "--shown", "--json").stdout.splitlines())
    assert shown["id"] == task["id"]
    told = json.loads(oncor("explain", str(town.public(late)), "--today", "2026-03-06", "--json").stdout)
    assert told["pathways"][0]["clocks"][0]["skipped"] == []
    back = oncor("sweep", "--today", "2026-03-05", "--json")
    assert back.returncode == 1
    assert back.stderr.count("\n") == 1


def test_a_run_with_a_bad_record_ends_with_an_error_that_names_counts(town, oncor):
    town.suspected()
    bad = town.person()
    town.fact(bad, date(2026, 3, 2), "suspicion", icd10="C50.9")
    with town.db.owner() as conn:  # a plan that is no list of steps: nothing our own doors would let in
        conn.execute(
            'update fact f set kind = \'consilium\', attributes = \'{"plan": 5, "icd10": "C50.9"}\''
            " from subject s where s.id = f.subject_id and s.person_id = %s",
            (bad,),
        )
    swept = oncor("sweep", "--today", "2026-03-06", "--json")
    assert swept.returncode == 1
    assert json.loads(swept.stdout)["failed"] == 1
    assert json.loads(swept.stdout)["opened"] == 1
    assert "1" in swept.stderr
    assert "C50" not in swept.stderr


def test_wrong_words_are_said_so_in_one_line(oncor):
    for arguments in (("sweep", "--today", "завтра"), ("explain", "12345", "--today", "2026-03-06")):
        ended = oncor(*arguments)
        assert ended.returncode == 2
        assert ended.stderr.count("\n") == 1


def test_absences_leavers_and_statistics(town, oncor):
    town.suspected(date(2026, 3, 2))
    with town.db.batch() as conn:
        for login in ("anna", "boris"):
            conn.execute(
                "insert into user_account (region_id, login, password_hash, role, orgs)"
                " values (1, %s, '', 'navigator', '{a}')",
                (login,),
            )
    days = ("--from", "2999-05-01", "--to", "2999-05-14")
    assert oncor("account", "absent", "anna", "--substitute", "nobody", *days).returncode == 2
    written = oncor("account", "absent", "anna", "--substitute", "boris", *days)
    assert written.returncode == 0, written.stderr
    assert "anna → boris" in oncor("account", "absences").stdout
    assert oncor("account", "remove", written.stdout.split()[-1]).returncode == 0
    assert oncor("account", "absences").stdout == ""
    assert "возвращено в клинику: 0" in oncor("account", "close", "boris").stdout
    assert oncor("sweep", "--today", "2026-03-06").returncode == 0
    raised = oncor("escalate", "--today", "2026-03-12", "--json")
    assert json.loads(raised.stdout)["delivered"] == 1
    told = json.loads(oncor("statistics", "--from", "2026-01-01", "--to", "2026-12-31", "--json").stdout)
    assert told["times"][0]["cases"] == 1
    assert oncor("statistics", "--from", "2026-05-01", "--to", "2026-01-01").returncode == 2
    assert "DX-01" in oncor("statistics", "--from", "2026-01-01", "--to", "2026-12-31").stdout
