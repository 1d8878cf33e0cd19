"""Shared fixtures. One embedded server per test process, one migrated template, a fresh copy per test that asks.

`database`: an empty migrated database (about 40 ms). `region`: region 1 of it, a demo store, so deliveries set the
clock."""

import os
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

# Tests run the rules as plain Python and replace parts of them; tests/unit/test_compiled.py runs the specs on the binaries.
os.environ.setdefault("ONCOR_PURE", "1")
_numbers = count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a running embedded server of this test process, with the template `oncor_template` migrated."""
    from oncor_cases.store import embedded, migrate

    home: Path = tmp_path_factory.mktemp("home")
    other = os.environ.get("ONCOR_TEST_PROGRAMS")  # `make drills` runs the same tests on PostgreSQL 15
    url = embedded.ensure(home, sync=False, programs=Path(other) if other else None)
    try:
        _run(url, "create database oncor_template")
        migrate.upgrade(_named(url, "oncor_template"))
        yield url
    finally:
        embedded.stop(home)
        embedded.release(home)


@pytest.fixture
def fresh_url(server: str) -> Iterator[Callable[[str], str]]:
    """Makes databases: `fresh_url("oncor_template")` a migrated copy, `fresh_url("template0")` an empty one."""
    made: list[str] = []

    def make(template: str = "oncor_template") -> str:
        name = f"test_{next(_numbers)}"
        _run(server, f"create database {name} template {template}")
        made.append(name)
        return _named(server, name)

    yield make
    for name in made:
        _run(server, f"drop database {name} with (force)")


@pytest.fixture
def database(fresh_url):  # type: ignore[no-untyped-def]
    """A fresh migrated `store.session.Database`."""
    from oncor_cases.store.session import Database

    db = Database(fresh_url("oncor_template"))
    yield db
    db.close()


@pytest.fixture
def region(database) -> int:  # type: ignore[no-untyped-def]
    """Region 1 of `database`: demo, Moscow time, observed from 2025-01-01."""
    from datetime import date

    from oncor_cases.store import regions

    with database.batch() as conn:
        return regions.ensure(conn, 1, name="Тестовый край", observed_from=date(2025, 1, 1), demo=True).id


def _named(url: str, name: str) -> str:
    return url.replace("/oncor?", f"/{name}?", 1)


def _run(url: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as conn:
        conn.execute(statement)
