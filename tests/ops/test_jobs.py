"""The jobs of the schedules without the scheduler: what comes into the drop folder changes the worklist in the same run."""

from datetime import date, timedelta
from hashlib import sha256

import pytest

from oncor_cases import config
from oncor_cases.actions import sweep_batch
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.ops import jobs
from oncor_cases.sources.semd_writer.render import render
from oncor_cases.sources.semd_writer.values import Said
from tests.web import region as papers

TODAY = date(2026, 3, 24)


@pytest.fixture
def settings(tmp_path):
    return config.read({"ONCOR_HOME": str(tmp_path), "ONCOR_TODAY": TODAY.isoformat()})


def open_rules(db):
    with db.batch() as conn:
        return {row[0] for row in conn.execute("select rule from task where closed_at is null")}


def test_a_death_in_the_drop_folder_silences_calls_in_the_same_run(database, region, settings):
    seen = TODAY - timedelta(days=22)
    said = [Said("suspicion", seen, {"icd10": "C50.9"})]
    referral = render("185", papers.head(100, seen), papers.PATIENT, papers.CLINIC_SAID, said)
    with database.batch() as conn:
        at = conn.execute("select %s::date + interval '12 hours'", (seen,)).fetchone()[0].astimezone()
    ingest(database, [Delivery("referral", referral, at)], region=region)
    jobs.sweep_region(database, settings)
    assert open_rules(database) >= {"DX-01", "LOST-2"}
    died = [Said("death", TODAY - timedelta(days=2), {"kind": "final", "icd10": "C50.9"})]
    settings.drop.mkdir(parents=True)
    (settings.drop / "death.xml").write_bytes(
        render("125", papers.head(400, TODAY), papers.PATIENT, papers.CLINIC_SAID, died)
    )
    counts = jobs.take_in(database, settings)
    assert (counts["new"], counts["failed"]) == (1, 0)
    assert not open_rules(database) & {"DX-01", "LOST-1", "LOST-2"}


def test_a_command_beside_the_service_changes_the_open_inbox(database, region, settings):
    seen = TODAY - timedelta(days=12)
    referral = render(
        "185", papers.head(101, seen), papers.PATIENT, papers.CLINIC_SAID, [Said("suspicion", seen, {"icd10": "C50.9"})]
    )
    with database.batch() as conn:
        at = conn.execute("select %s::date + interval '12 hours'", (seen,)).fetchone()[0].astimezone()
    ingest(database, [Delivery("referral", referral, at)], region=region)
    assert jobs.sweep_changed(database, settings, 0) == {}
    assert open_rules(database) == set()
    assert jobs.sweep_changed(database, settings, 1) == {"swept": 1, "failed": 0}
    assert "DX-01" in open_rules(database)
    assert jobs.sweep_changed(database, settings) == {}
    withdraw(
        database,
        sha256(referral).digest(),
        reason="не тот пациент",
        by="registrar",
        region=region,
        at=at + timedelta(days=1),
    )
    assert jobs.sweep_changed(database, settings, 1) == {"swept": 1, "failed": 0}
    assert open_rules(database) == set()


def test_who_cannot_be_swept_is_left_to_the_schedules(database, region, settings, monkeypatch):
    seen = TODAY - timedelta(days=12)
    referral = render(
        "185", papers.head(102, seen), papers.PATIENT, papers.CLINIC_SAID, [Said("suspicion", seen, {"icd10": "C50.9"})]
    )
    ingest(database, [Delivery("referral", referral, None)], region=region)

    def breaks(*_args, **_more):
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(sweep_batch, "judge", breaks)
        assert jobs.sweep_changed(database, settings, 5)["failed"] == 1
    assert jobs.sweep_changed(database, settings, 5) == {}
    assert jobs.sweep_changed(database, settings) == {"swept": 1, "failed": 0}
