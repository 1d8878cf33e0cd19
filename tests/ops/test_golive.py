"""A region tells about itself from the command line; old patients open no task for what was due before."""

from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncor_cases.actions.sweep import sweep
from oncor_cases.cli import app
from oncor_cases.ops import database as ops_database
from oncor_cases.store import regions
from tests.worklist.conftest import Town


@pytest.fixture
def run(database, monkeypatch):
    """Runs a command over the test's own database."""
    from contextlib import contextmanager

    @contextmanager
    def opened(settings):
        ops_database.ensure_region(database, settings)
        yield database

    monkeypatch.setattr(ops_database, "opened", opened)
    return lambda *arguments: CliRunner().invoke(app, list(arguments))


def test_old_patients_open_no_task_for_duties_before_the_day(run, database):
    town = Town(database, demo=False)
    with database.owner() as conn:
        regions.change(conn, 1, observed_from=None)
    town.suspected(date(2024, 2, 5))
    sweep(database, date(2026, 3, 10))
    assert town.tasks()
    assert run("go-live", "--observed-from", "2026-01-01", "--name", "Край").exit_code == 0
    sweep(database, date(2026, 3, 10))
    assert [row for row in town.tasks() if row[0].startswith("DX")] == []


def test_a_day_that_is_no_day_is_refused(run):
    result = run("go-live", "--observed-from", "вчера")
    assert result.exit_code == 2
    assert "Traceback" not in result.output


def test_organisations_are_loaded_twice_as_once(run, database, region, tmp_path: Path):
    file = tmp_path / "orgs.csv"
    file.write_text(
        "oid,name,short_name,district,roles\n1.2.3.1,Поликлиника,П,Центр,polyclinic; laboratory\n", encoding="utf-8"
    )
    for _ in range(2):
        assert run("organisations", str(file)).exit_code == 0
    with database.batch() as conn:
        rows = conn.execute("select oid, name, roles from organisation").fetchall()
    assert [tuple(row) for row in rows] == [("1.2.3.1", "Поликлиника", ["polyclinic", "laboratory"])]
