"""A list leaves as a file while it is made: what breaks off on the way cannot pass for the whole, and is in the audit."""

import gc
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import anyio.to_thread
import httpx
import pytest

from oncor_cases.actions import contingents as lists
from oncor_cases.actions import exporting
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import members, population
from oncor_cases.store.session import Scope
from oncor_cases.web import contingent_export
from tests.web.people import PASSWORD, TODAY, Clinic

SignIn = Callable[[str], Any]
REGION = Scope(1, "coordinator", "coordinator")
COLUMNS = ["family", "birth_date"]


@pytest.fixture(autouse=True)
def two_rows_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    population._kept.clear()
    population._clinics.clear()
    monkeypatch.setattr(members, "BY_NAME", 0)
    monkeypatch.setattr(members, "AT_ONCE", 2)


@pytest.fixture
def everybody(database: Any, clinic: Clinic) -> Any:
    """A list of six."""
    return lists.save(
        database, REGION, name="Все живые", kind="expression", definition={"expression": "alive"}, today=TODAY, shared=True
    )


@pytest.fixture
def breaking(monkeypatch: pytest.MonkeyPatch) -> None:
    """The third question to the database fails."""
    page, asked = members.page, []

    def fails(*args: Any) -> Any:
        asked.append(args)
        if len(asked) == 3:
            raise RuntimeError("the server went away")
        return page(*args)

    monkeypatch.setattr(members, "page", fails)


def noted(database: Any) -> list[tuple[str, int]]:
    with database.owner() as conn:
        rows = conn.execute(
            "select action, detail ->> 'rows' as n from audit where action like 'contingent.export%' order by id"
        )
        return [(row.action, int(row.n)) for row in rows]


def test_the_file_comes_in_pieces_and_is_in_the_audit_before_the_first(database: Any, everybody: Any) -> None:
    made = exporting.begin(database, REGION, everybody, columns=COLUMNS, kind="csv")
    assert noted(database) == [("contingent.export", 6)]
    pieces = list(made.csv())
    assert len(pieces) == 3
    lines = b"".join(pieces).decode("utf-8-sig").splitlines()
    assert lines[0] == "Фамилия;Дата рождения"
    assert len(lines) == 7
    assert lines[1].endswith(";12.04.1961")
    assert noted(database) == [("contingent.export", 6)]


def test_a_reader_of_nobody_gets_the_head_alone(database: Any, clinic: Clinic, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = {"expression": {"op": "minus", "of": ["alive", "alive"]}}
    nobody = lists.save(database, REGION, name="Никого", kind="expression", definition=asked, today=TODAY)
    monkeypatch.setattr(members, "BY_NAME", 20_000)
    made = exporting.begin(database, REGION, nobody, columns=COLUMNS, kind="csv")
    assert b"".join(made.csv()).decode("utf-8-sig") == "Фамилия;Дата рождения\r\n"


@pytest.mark.usefixtures("breaking")
def test_a_file_that_broke_off_says_so_and_is_in_the_audit(database: Any, everybody: Any, tmp_path: Path) -> None:
    made, taken = exporting.begin(database, REGION, everybody, columns=COLUMNS, kind="csv"), []
    with pytest.raises(RuntimeError):
        taken.extend(made.csv())
    assert noted(database) == [("contingent.export", 6), ("contingent.export_cut", 4)]


@pytest.mark.usefixtures("breaking")
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_on_disk_is_whole_or_absent(database: Any, everybody: Any, tmp_path: Path, kind: str) -> None:
    to = tmp_path / f"list.{kind}"
    with pytest.raises(RuntimeError):
        exporting.export(database, REGION, everybody, columns=COLUMNS, kind=kind, to=to)
    assert list(tmp_path.iterdir()) == []
    assert noted(database) == [("contingent.export", 6), ("contingent.export_cut", 4)]


def test_a_download_given_up_is_in_the_audit(database: Any, everybody: Any) -> None:
    pieces = exporting.begin(database, REGION, everybody, columns=COLUMNS, kind="csv").csv()
    next(pieces)
    pieces.close()
    assert noted(database) == [("contingent.export", 6), ("contingent.export_cut", 2)]


def test_more_than_a_sheet_holds_is_said_in_the_form_and_csv_is_left(
    database: Any, everybody: Any, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LARGEST_SHEET", 5)
    client = sign_in("coordinator")
    page = client.get(f"/contingents/{everybody}/export").text
    assert 'value="xlsx"' not in page
    assert 'value="csv" checked' in page
    assert "только CSV" in page
    csrf = page.split('name="csrf" value="')[1].split('"')[0]
    answer = client.post(f"/contingents/{everybody}/export", data={"csrf": csrf, "kind": "xlsx", "column": COLUMNS})
    assert answer.status_code == 422
    assert exporting.TOO_MANY in answer.text
    assert 'name="column" value="family" checked' in answer.text
    with pytest.raises(UserError):
        exporting.begin(database, REGION, everybody, columns=COLUMNS, kind="xlsx")
    assert noted(database) == []


# --- over a real connection -------------------------------------------------------------------------------------------


@pytest.fixture
def served(application: Any) -> Iterator[str]:
    """The address of the application in a server of its own: what a client sees of a broken answer only it can tell."""
    import uvicorn

    server = uvicorn.Server(uvicorn.Config(application, port=0, log_level="critical", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


@pytest.fixture
def client(served: str, clinic: Clinic) -> Iterator[httpx.Client]:
    """Signed in as the coordinator."""
    with httpx.Client(base_url=served, headers={"sec-fetch-site": "same-origin"}) as client:
        assert client.post("/login", data={"login": "coordinator", "password": PASSWORD}).status_code == 303
        yield client


def sent(client: httpx.Client, address: Any) -> dict[str, Any]:
    page = client.get(f"/contingents/{address}/export").text
    return {"csrf": page.split('name="csrf" value="')[1].split('"')[0], "kind": "csv", "column": COLUMNS}


def test_a_client_gets_the_whole_file_as_it_is_made(database: Any, client: httpx.Client, everybody: Any) -> None:
    answer = client.post(f"/contingents/{everybody}/export", data=sent(client, everybody))
    assert answer.headers["content-disposition"] == 'attachment; filename="oncor-2026-03-10.csv"'
    assert "content-length" not in answer.headers
    assert len(answer.content.decode("utf-8-sig").splitlines()) == 7
    assert noted(database) == [("contingent.export", 6)]


@pytest.mark.usefixtures("breaking")
def test_an_answer_that_broke_off_does_not_end_like_a_whole_one(database: Any, client: httpx.Client, everybody: Any) -> None:
    taken = b""
    asked = client.stream("POST", f"/contingents/{everybody}/export", data=sent(client, everybody))
    with pytest.raises(httpx.RemoteProtocolError), asked as answer:  # noqa: PT012  the stream breaks while it is read
        for piece in answer.iter_raw():
            taken += piece
    assert taken.decode("utf-8-sig").rstrip().endswith(exporting.CUT)
    assert noted(database) == [("contingent.export", 6), ("contingent.export_cut", 4)]


def test_what_fails_before_the_first_byte_is_a_page(
    database: Any, client: httpx.Client, everybody: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = sent(client, everybody)

    def fails(*args: Any) -> Any:
        raise RuntimeError

    monkeypatch.setattr(members, "page", fails)
    answer = client.post(f"/contingents/{everybody}/export", data=told)
    assert answer.status_code == 500
    assert "content-disposition" not in answer.headers
    assert exporting.CUT not in answer.text


def test_a_reader_who_goes_while_a_piece_is_under_way_leaves_nothing_open(database: Any, everybody: Any) -> None:
    """The connection is slow, the reader leaves: the file ends there and then, not when memory is tidied some time."""
    made = exporting.begin(database, REGION, everybody, columns=COLUMNS, kind="csv")
    answer, slow = contingent_export._csv(made, "list.csv"), anyio.Event()

    async def send(message: Any) -> None:
        if message.get("body") and made.written >= 4:
            slow.set()
            await anyio.sleep_forever()

    async def receive() -> Any:
        await slow.wait()
        return {"type": "http.disconnect"}

    async def download() -> list[tuple[str, int]]:
        await answer({"type": "http"}, receive, send)
        return await anyio.to_thread.run_sync(noted, database)

    gc.disable()
    try:
        assert anyio.run(download) == [("contingent.export", 6), ("contingent.export_cut", 4)]
    finally:
        gc.enable()
