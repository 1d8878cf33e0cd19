"""The builder of lists in a browser over a region where everybody is known: the time of each step as the person sees it,
beside the time the server took for its slowest request.

Residents are written by one statement, for the loader has a bench of its own (bench/residents.py); one in 71 is a patient
in the cancer register."""

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

from bench import measure
from bench.cases import TODAY
from bench.pages import PASSWORD
from bench.residents import CLINICS
from oncor_cases import config
from oncor_cases.actions import accounts
from oncor_cases.region.people import name_of
from oncor_cases.store import population, regions
from oncor_cases.store.session import Connection
from tests.chromium import MISSING, find

REGISTERED = 71  # every so many residents one is in the register
SCREENS = {"wide": (1366, 768), "phone": (390, 844)}


def run(people: int, shots: Path | None = None) -> None:
    browser = find()
    if browser is None:
        print(f"\nПостроитель в браузере: {MISSING}", file=sys.stderr)
        return
    with measure.database() as db, tempfile.TemporaryDirectory() as home:
        began = time.perf_counter()
        with db.owner() as conn:
            regions.ensure(conn, 1, name="Замер", demo=True)
            fill(conn, people)
        filled = time.perf_counter() - began
        accounts.add(db, "coordinator", PASSWORD, name="", role="coordinator")
        accounts.add(db, "head", PASSWORD, name="", role="head", orgs=[CLINICS[0]])
        population._kept.clear()
        population._clinics.clear()
        settings = replace(config.read({"ONCOR_HOME": home}), today=TODAY)
        from oncor_cases.web.app import create

        with _served(create(settings, db)) as (address, spent):
            rows = _walk(browser, address, spent, shots)
        rows.insert(0, ("жителей, подготовка базы, с", f"{people:,} · {filled:.0f}"))
        measure.show(
            "Построитель в браузере: видит человек · сервер, мс", rows, goal="нет ожидания дольше 1 с без признака жизни"
        )


def fill(conn: Connection, people: int) -> None:
    """Everybody insured with a clinic; patients of the register as persons with their facts; one in ninety-seven of those
    died."""
    conn.execute(
        """insert into organisation (region_id, oid, name, short_name, sort_key)
           select 1, o, 'Поликлиника № ' || n, 'Поликлиника № ' || n, lpad(n::text, 4, '0')
           from unnest(%s::text[]) with ordinality u(o, n)""",
        (CLINICS,),
    )
    chance = Random(1)
    names = [(sex, *name_of(chance, sex, 1930 + n % 80)) for n in range(2000) for sex in ("male", "female")]
    conn.execute("create temp table said (n int primary key, sex text, family text, given text, patronymic text)")
    with conn.cursor().copy("copy said from stdin") as copy:
        for n, (sex, *name) in enumerate(names):
            copy.write_row((n, sex, *(part.upper() for part in name)))
    conn.execute("create table insured.region_1_1 partition of resident for values in (1)")  # as a first list leaves it
    indexes = conn.execute(
        """select indexrelid::regclass as name, replace(pg_get_indexdef(indexrelid), ' ON ONLY ', ' ON ') as made
           from pg_index where indrelid = 'resident'::regclass and not indisprimary"""
    ).fetchall()
    for index in indexes:
        conn.execute(f"drop index {index.name}")
    values = {"people": people, "clinics": CLINICS, "names": len(names), "every": REGISTERED, "today": TODAY}
    conn.execute(
        """insert into resident (region_id, person_id, load_id, row_hash, born, attached_since, sex, enp, snils, family,
               given, patronymic, org, insurer)
           select 1, g, 1, g, date '1930-01-01' + (g * 7919::bigint %% 34000)::int, date '2020-01-01' + g %% 2000, s.sex,
                  lpad((g * 7919::bigint)::text, 16, '7'), lpad((150000000 + g)::text, 11, '0'), s.family, s.given,
                  s.patronymic, (%(clinics)s::text[])[1 + g * 31::bigint %% 180], '99001'
           from generate_series(1, %(people)s) g join said s on s.n = g * 104729::bigint %% %(names)s""",
        values,
    )
    for index in indexes:
        conn.execute(index.made)
    for statement in _PATIENTS:
        conn.execute(statement, values)
    conn.execute("select setval(pg_get_serial_sequence('person', 'id'), %s)", (people,))
    for kind in ("tfoms_insured", "register_tumours"):
        conn.execute(
            """insert into list_load (region_id, sha256, name, kind, state, as_of, author, received_at)
               values (1, %s, %s, %s, 'loaded', %s, 'bench', %s)""",
            (kind.encode(), kind, kind, TODAY, TODAY),
        )
    conn.commit()
    conn.autocommit = True
    conn.execute("vacuum analyze resident")
    conn.execute("analyze")


_PATIENTS = (
    """insert into person (region_id, id, family, given, patronymic, sex, birth_date, snils, enp, attached_org, died_on,
           sort_key, search_key)
       select 1, person_id, initcap(family), initcap(given), initcap(patronymic), sex, born, snils, enp, org,
              case when person_id %% 97 = 0 then %(today)s::date - 30 end, lower(concat_ws(' ', family, given, patronymic)),
              lower(concat_ws(' ', family, given, patronymic))
       from resident where person_id %% %(every)s = 0""",
    """insert into person_scope (region_id, person_id, org, reason)
       select 1, id, attached_org, 'attached' from person""",
    """insert into subject (region_id, id, person_id, source, family, fingerprint, first_seen_at)
       select 1, id, id, 'list', family, decode(lpad(to_hex(id), 16, '0'), 'hex'), %(today)s from person""",
    "update resident r set subject_id = person_id where person_id %% %(every)s = 0",
    """insert into fact (region_id, subject_id, kind, on_date, known_at, evidence, author, attributes)
       select 1, id, 'register_entry', date '2024-01-01' + id %% 600, %(today)s, 'register', 'register',
              '{"register": "oncology", "icd10": "C50.9"}' from person""",
)


@contextmanager
def _served(application: Any) -> Iterator[tuple[str, list[tuple[str, float]]]]:
    """(address, requests with their milliseconds) of the application in a server of its own."""
    import uvicorn

    spent: list[tuple[str, float]] = []

    async def timed(scope: Any, receive: Any, send: Any) -> None:
        began = time.perf_counter()
        await application(scope, receive, send)
        if scope["type"] == "http":
            spent.append((scope["path"], (time.perf_counter() - began) * 1000))

    server = uvicorn.Server(uvicorn.Config(timed, port=0, log_level="warning", ws="none", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}", spent
    server.should_exit = True
    thread.join(10)


class Walk:
    """A person at a screen; every step is timed from the press until what they wait for can be read."""

    def __init__(self, page: Any, address: str, spent: list[tuple[str, float]], shots: Path | None, screen: str) -> None:
        self.page, self.address, self.spent, self.shots, self.screen = page, address, spent, shots, screen
        self.rows: list[tuple[str, object]] = []

    def step(self, title: str, press: Callable[[], object], seen: str | Callable[[], object], shot: str = "") -> None:
        self.spent.clear()
        began = time.perf_counter()
        press()
        seen() if callable(seen) else self.page.locator(seen).first.wait_for(timeout=60_000)
        took = (time.perf_counter() - began) * 1000
        asked = [ms for path, ms in self.spent if not path.startswith("/static")]
        self.rows.append((title, f"{took:,.0f} · {max(asked, default=0):,.0f}"))
        if shot and self.shots is not None:
            self.shots.mkdir(parents=True, exist_ok=True)
            self.page.screenshot(path=str(self.shots / f"{shot}-{self.screen}.png"), full_page=True)

    def enter(self, login: str) -> None:
        self.page.goto(f"{self.address}/login")
        self.page.fill("#login", login)
        self.page.fill("#password", PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.locator("header.top").wait_for()

    def link(self, name: str) -> Callable[[], object]:
        return lambda: self.page.get_by_role("link", name=name).first.click(no_wait_after=True, timeout=60_000)

    def button(self, name: str) -> Callable[[], object]:
        return lambda: self.page.get_by_role("button", name=name).first.click(no_wait_after=True, timeout=60_000)


def _walk(browser: str, address: str, spent: list[tuple[str, float]], shots: Path | None) -> list[tuple[str, object]]:
    from playwright.sync_api import sync_playwright

    rows: list[tuple[str, object]] = []
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=browser, args=["--no-sandbox"])
        for screen, (width, height) in SCREENS.items():
            context = chromium.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
            walk = Walk(context.new_page(), address, spent, shots, screen)
            walk.page.set_default_timeout(60_000)
            _steps(walk)
            context.close()
            rows += [(f"{title}" + ("" if screen == "wide" else ", телефон"), said) for title, said in walk.rows]
        chromium.close()
    return rows


def _steps(walk: Walk) -> None:
    page, big = walk.page, "b.big"
    walk.enter("coordinator")
    walk.step("координатор: контингенты", lambda: page.goto(f"{walk.address}/contingents"), ".ask", "lists")
    walk.step("застрахованы, живы, нет в регистре: число и картинка", walk.button("Посчитать"), f"{big} >> nth=0", "built")
    page.locator("#overlap").wait_for()

    whole = page.url
    page.goto(f"{walk.address}/contingents")
    page.locator("#ask-clinic").select_option(f"clinic:{CLINICS[6]}")
    walk.step("и прикреплены к одной клинике", walk.button("Посчитать"), f"{big} >> nth=0", "clinic")
    walk.step("предпросмотр задач клиники", walk.link("Поставить задачи на всех"), "h1:has-text('Поставить задачи')", "work")
    page.goto(whole)
    page.fill("#name", "Не на учёте")
    walk.step("сохранён список всего региона", walk.button("Сохранить под этим именем"), "table.list tbody tr", "list")
    more = page.locator("table.list tbody tr").nth(60)  # the page holds 50 and the row that leads on
    walk.step("следующие 50", walk.link("Следующие 50"), more.wait_for)
    page.fill("#q", "иванова а")
    walk.step("поиск по фамилии", lambda: page.locator("form.filters button").click(), "text=Показать весь список", "found")
    walk.step("по клиникам", walk.link("По клиникам"), "text=Поставить задачи >> nth=1", "clinics")
    walk.step("форма выгрузки", walk.link("Выгрузить"), "input[name=column]", "export")
    walk.step("по условиям: застрахованы, от 40 лет", lambda: page.goto(
        f"{walk.address}/contingents/query?insured=yes&alive=yes&age_from=40&sex=female"), big, "query")  # fmt: skip
    page.get_by_role("button", name="Выйти").click()
    walk.enter("head")
    walk.step("заведующий: контингенты", lambda: page.goto(f"{walk.address}/contingents"), "h1", "head-lists")
    page.goto(f"{walk.address}/contingents/build?op.r=all&set.r.0=insured")
    page.fill("#name", "Мои застрахованные")
    walk.step("заведующий: сохранён список клиники", walk.button("Сохранить под этим именем"), "table.list tbody tr")
    walk.step("заведующий: страница списка", lambda: page.goto(page.url), "table.list tbody tr", "head-list")
    page.goto(f"{page.url}/export")
    page.locator("input[name=kind][value=csv]").check()

    def download() -> None:
        with page.expect_download() as sent:
            walk.button("Скачать")()
        assert sent.value.suggested_filename.endswith(".csv")

    walk.step("заведующий: выгрузка клиники начата", download, lambda: None)
