"""A store with one clinic, and a client for each role, signed in through the page."""

import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from oncor_cases import config
from tests.web import people
from tests.web.people import PASSWORD, TODAY, Clinic


@pytest.fixture
def clinic(database: Any, region: int) -> Clinic:
    """Five patients of one clinic and one of another; see tests/web/people.py."""
    with database.batch() as conn:
        made = people.found(conn)
        people.invent(conn, made)
        return made


@pytest.fixture
def application(database: Any, region: int, tmp_path: Path) -> Any:
    """The web over the test's own database, on the day of the story."""
    from oncor_cases.web.app import create

    settings = replace(config.read({"ONCOR_HOME": str(tmp_path)}), today=TODAY)
    return create(settings, database)


@pytest.fixture
def sign_in(application: Any, clinic: Clinic) -> Callable[[str], Any]:
    """`sign_in("head")` gives a client with that session; "" one without."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # starlette would rather have httpx2; the lock has httpx, and both work
        from starlette.testclient import TestClient

    def enter(login: str = "navigator") -> Any:
        client = TestClient(application, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
        if login:
            answer = client.post("/login", data={"login": login, "password": PASSWORD})
            assert answer.status_code == 303, answer.text
        return client

    return enter
