"""A list of everybody as a file over a real connection: time to the first byte, rows a second, memory of the web process.

The client stands in the same process and throws the bytes away; the memory is what the process grew by."""

import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import psutil

from bench import measure
from bench.builder import _served, fill
from bench.cases import TODAY
from bench.pages import PASSWORD
from oncor_cases import config
from oncor_cases.actions import accounts, exporting
from oncor_cases.actions import contingents as lists
from oncor_cases.store import population, regions
from oncor_cases.store.session import Scope

REGION = Scope(1, "coordinator", "coordinator")
COLUMNS = list(exporting.USUAL)


def run(people: int) -> None:
    from oncor_cases.web.app import create

    with measure.database() as db, tempfile.TemporaryDirectory() as home:
        with db.owner() as conn:
            regions.ensure(conn, 1, name="Замер", demo=True)
            fill(conn, people)
        accounts.add(db, "coordinator", PASSWORD, name="", role="coordinator")
        population._kept.clear()
        made: dict[int, Any] = {}
        for size in (people, people // 4):
            query = (
                {"expression": "alive"} if size == people else {"query": {"alive": True, "sex": "female", "age_from": 45}}
            )
            made[size] = lists.save(db, REGION, name=f"{size}", kind=next(iter(query)), definition=query, today=TODAY)
        population._kept.clear()
        settings = replace(config.read({"ONCOR_HOME": home}), today=TODAY)
        with _served(create(settings, db)) as (address, _), _client(address) as client:
            rows: list[tuple[str, object]] = []
            for kind, of in (("csv", people), ("xlsx", people // 4), ("csv", people // 4)):
                rows += _download(client, made[of], kind)
        measure.show(
            f"Выгрузка списка: {people:,} жителей, столбцов {len(COLUMNS)}", rows, goal="память не растёт с числом строк"
        )


@contextmanager
def _client(address: str) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=address, headers={"sec-fetch-site": "same-origin"}, timeout=600) as client:
        assert client.post("/login", data={"login": "coordinator", "password": PASSWORD}).status_code == 303
        yield client


def _download(client: httpx.Client, list_: Any, kind: str) -> list[tuple[str, object]]:
    page = client.get(f"/contingents/{list_}/export").text
    sent = {"csrf": page.split('name="csrf" value="')[1].split('"')[0], "kind": kind, "column": COLUMNS}
    before, size, lines, first = psutil.Process(os.getpid()).memory_info().rss, 0, 0, 0.0
    began = time.perf_counter()
    with measure.Family() as memory, client.stream("POST", f"/contingents/{list_}/export", data=sent) as answer:
        if answer.status_code != 200:
            return [(f"{kind}: не готовится, причина сказана", answer.status_code)]
        for piece in answer.iter_raw():
            first = first or time.perf_counter() - began
            size += len(piece)
            lines += piece.count(b"\n")
    took = time.perf_counter() - began
    told = f"{max(lines - 1, 0):,} строк" if kind == "csv" else "готовый файл"
    return [
        (f"{kind}, {told}: МБ · с", f"{size / 1e6:,.0f} · {took:.1f}"),
        ("  до первого байта, с", f"{first:.2f}"),
        ("  память процесса выросла на, МБ", f"{max(0, memory.peak - before) / 1e6:,.0f}"),
    ]
