"""A store with one clinic, and a client for each role, signed in through the page."""

import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
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


@pytest.fixture
def door(database: Any, region: int, tmp_path: Path) -> "Door":
    """A store that lives on the real day, with accounts and a machine's key, and nothing in it yet."""
    from oncor_cases.actions import accounts
    from oncor_cases.web.app import create

    with database.batch() as conn:
        people.found(conn)
    with database.owner() as conn:
        conn.execute("update region set demo = false")
    settings = config.read({"ONCOR_HOME": str(tmp_path)})
    return Door(create(settings, database), accounts.new_token(database, "МИС"), settings.now().date())


@dataclass
class Door:
    """The application on its real day."""

    application: Any
    key: str
    today: date

    def client(self, login: str = "") -> Any:
        """A client, signed in if a login is given."""
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            from starlette.testclient import TestClient
        client = TestClient(self.application, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
        if login:
            assert client.post("/login", data={"login": login, "password": PASSWORD}).status_code == 303
        return client

    def send(self, data: bytes) -> Any:
        """One document through the door for machines."""
        return self.client().post("/api/v1/documents", content=data, headers={"Authorization": f"Bearer {self.key}"})
