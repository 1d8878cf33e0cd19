"""The same schema and the same intake on PostgreSQL 15, the oldest server a region may have."""

from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.store import embedded, migrate, regions
from oncor_cases.store.session import Database, Scope
from tests.intake import fakes
from tests.store.test_schema import same_schema

PROGRAMS = Path("/usr/lib/postgresql/15/bin")
pytestmark = [
    pytest.mark.deep,
    pytest.mark.skipif(not PROGRAMS.exists(), reason="на этой машине нет системного PostgreSQL 15"),
]


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    home = tmp_path_factory.mktemp("pg15")
    yield embedded.ensure(home, sync=False, programs=PROGRAMS)
    embedded.stop(home)
    embedded.release(home)


def test_schema_intake_and_row_security(url):
    with psycopg.connect(url, autocommit=True) as conn:
        assert conn.execute("show server_version_num").fetchone()[0].startswith("15")
        conn.execute("create database empty")
    migrate.upgrade(url)
    same_schema(url, url.replace("/oncor?", "/empty?"))
    db = Database(url)
    with db.batch() as conn:
        regions.ensure(conn, 1, demo=True)
    at = datetime(2026, 3, 3, tzinfo=UTC)
    papers = [fakes.paper("A", n, snils="11223344595") for n in (1, 2)]
    counts = ingest(db, [Delivery("x", p, at) for p in papers], region=1, reader=fakes.read)
    assert (counts["facts"], counts["superseded"]) == (2, 1)
    from hashlib import sha256

    assert withdraw(db, sha256(papers[1]).digest(), "ошибка", by="cli", region=1)["restored"] == 1
    for orgs, seen in (((fakes.CLINIC,), 1), (("1.2.3",), 0)):
        with db.web(Scope(1, "nina", "navigator", orgs)) as conn:
            assert conn.execute("select count(*) n from person").fetchone().n == seen
    db.close()
