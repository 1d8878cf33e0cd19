"""A real server over a store of its own, driven by the Chromium of the system. Nothing is downloaded."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.chromium import MISSING, demanded, find
from tests.web import people
from tests.web.conftest import Door

SIZE = {"width": 1366, "height": 768}


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser; a machine without one skips by name, CI fails."""
    path = find()
    if path is None:
        (pytest.fail if demanded() else pytest.skip)(MISSING)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def site(database: Any, region: int, tmp_path: Path) -> Iterator[tuple[str, Door]]:
    """(address, door) of a running web over an empty store with accounts, on the real day."""
    import uvicorn

    from oncor_cases import config
    from oncor_cases.actions import accounts
    from oncor_cases.web.app import create

    with database.batch() as conn:
        people.found(conn)
    with database.owner() as conn:
        conn.execute("update region set demo = false")
    settings = config.read({"ONCOR_HOME": str(tmp_path)})
    door = Door(create(settings, database), accounts.new_token(database, "МИС"), settings.now().date())
    server = uvicorn.Server(uvicorn.Config(door.application, port=0, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 20
    while not server.started and time.monotonic() < until:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", door
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def page(chromium: Any) -> Iterator[Any]:
    """A page that fails the test when the browser reports an error or asks a foreign host."""
    context = chromium.new_context(viewport=SIZE, locale="ru-RU")
    tab = context.new_page()
    wrong: list[str] = []
    # A form that is refused on purpose is answered by 422: the browser notes it, it is no error of the page.
    refused = "status of 422"
    tab.on("console", lambda said: wrong.append(said.text) if said.type == "error" and refused not in said.text else None)
    tab.on("pageerror", lambda error: wrong.append(str(error)))
    tab.on("request", lambda request: wrong.append(request.url) if "://127.0.0.1" not in request.url else None)
    yield tab
    context.close()
    assert [w for w in wrong if "404" not in w and "data:" not in w] == []
