"""Pages over a region with many open tasks, as the `web` role with row security on: time in the server, per request."""

import tempfile
import warnings
from dataclasses import replace
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench import measure
from bench.cases import CLINICS, TODAY
from bench.sweep import fill
from oncor_cases import config
from oncor_cases.actions import accounts
from oncor_cases.actions.sweep import sweep
from oncor_cases.store import regions

TIMES = 30
TASKS_A_CASE = 2.55
PASSWORD = "bench-bench"


def run(tasks: int) -> None:
    from oncor_cases.web.app import create

    with measure.database() as db, tempfile.TemporaryDirectory() as home:
        with db.owner() as conn:
            regions.ensure(conn, 1, name="bench", demo=True)
            fill(conn, int(tasks / TASKS_A_CASE))
        counts = sweep(db, TODAY, workers=2)
        with db.owner() as conn:
            conn.execute("analyze")
        accounts.add(db, "navigator", PASSWORD, name="", role="navigator", orgs=[CLINICS[0]])
        accounts.add(db, "head", PASSWORD, name="", role="head", orgs=[CLINICS[0]])
        accounts.add(db, "coordinator", PASSWORD, name="", role="coordinator")
        settings = replace(config.read({"ONCOR_HOME": home}), today=TODAY)
        app = create(settings, db)
        rows: list[tuple[str, object]] = [("открыто задач", f"{counts['opened']:,}")]
        navigator = _client(app, "navigator")
        case = navigator.get("/").text.split('href="/case/')[1].split('"')[0] if "/case/" in navigator.get("/").text else ""
        for who, client in (("навигатор", navigator), ("координатор", _client(app, "coordinator"))):
            for name, path in (("список", "/"), ("просрочено", "/?tab=overdue"), ("предстоящие", "/?tab=upcoming")):
                rows.append((f"{who}: {name}, мс", _time(client, path)))
        rows.append(("заведующий: по правилам, мс", _time(_client(app, "head"), "/overdue")))
        if case:
            rows.append(("навигатор: страница пациента, мс", _time(navigator, f"/case/{case}")))
        measure.show("Страницы (медиана · худший из 30)", rows, goal="список до 100 мс при 100 000 открытых задач")


def _client(app: Any, login: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from starlette.testclient import TestClient
    client = TestClient(app, headers={"sec-fetch-site": "same-origin"}, follow_redirects=False)
    answer = client.post("/login", data={"login": login, "password": PASSWORD})
    assert answer.status_code == 303, answer.status_code
    return client


def _time(client: Any, path: str) -> str:
    took = []
    for _ in range(TIMES):
        began = perf_counter()
        answer = client.get(path)
        took.append((perf_counter() - began) * 1000)
        assert answer.status_code == 200, (Path(path).name, answer.status_code)
    return f"{median(took):.0f} · {max(took):.0f}"
