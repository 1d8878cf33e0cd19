"""Lists of people in Chromium: from a list to tasks in five presses, and an expression built without a mouse."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from oncor_cases.actions import contingent_files
from oncor_cases.actions import lists as loaded_lists
from oncor_cases.store import population
from oncor_cases.store.session import Scope
from tests.browser.test_walk import enter
from tests.lists.tables import csv_bytes
from tests.people.insured_list import ENPS, NUMBERS, load, row, write
from tests.web import people
from tests.web.conftest import Door
from tests.web.people import CLINIC, OTHER, Clinic

pytestmark = pytest.mark.browser
REGION = Scope(1, "coordinator", "coordinator")
WHO = {
    "anna": ("Иванова Анна Петровна", CLINIC), "boris": ("Борисов Пётр Ильич", CLINIC),
    "vera": ("Волкова Вера Львовна", OTHER),
    "dead": ("Громова Алла Юрьевна", CLINIC), "known": ("Дымова Зоя Павловна", CLINIC),
}  # fmt: skip


INSURED = [
    (0, "ИВАНОВА", CLINIC), (1, "БОРИСОВА", CLINIC), (2, "ГРОМОВА", CLINIC), (3, "ДЫМОВА", CLINIC), (4, "ВОЛКОВА", OTHER),
]  # fmt: skip
# The next key waits for the whole exchange: one that falls between the answer and the swap goes to the old form.
SETTLED = """window.settled = new Promise(done => document.addEventListener("htmx:afterSettle", done, {once: true}))
    .then(() => true); null"""
CHOSEN = "select => select.selectedOptions[0].text"


class Presses:
    """What a person presses or chooses, counted."""

    def __init__(self, page: Any) -> None:
        self.page, self.count = page, 0

    def __call__(self, role: str, name: str) -> None:
        self.page.get_by_role(role, name=name).first.click()
        self.count += 1

    def choose(self, label: str, option: str) -> None:
        self.page.get_by_label(label).select_option(label=option)
        self.count += 1


@pytest.fixture
def tfoms(site: tuple[str, Door], database: Any) -> str:
    """A list of the insurance fund: two of clinic 1 and one of clinic 2 are not registered, one died, one is registered."""
    population._kept.clear()
    population._clinics.clear()
    _, door = site
    made = Clinic()
    with database.batch() as conn:
        for short, (name, org) in WHO.items():
            people.person(conn, made, short, name, org=org, snils="")
        conn.execute("update person set died_on = %s where id = %s", (door.today, made.persons["dead"]))
        subject = people.document(conn, made, "known", "Выписка", b"<x/>", on=date(2026, 1, 9))
        people.fact(conn, subject, "register_entry", date(2026, 1, 9), {"register": "oncology"}, made.documents["Выписка"],
                    evidence="register")  # fmt: skip
    rows = "\n".join(f"{name};12.04.1961" for name, _ in WHO.values())
    data = f"ФИО;Дата рождения\n{rows}\n".encode()
    contingent_files.load(
        database, REGION, name="ТФОМС", file="tfoms.csv", data=data, as_of=door.today, today=door.today, shared=True
    )
    return site[0]


def test_in_the_fund_but_not_in_the_register_alive_attached_becomes_tasks_in_five_presses(page: Any, tfoms: str) -> None:
    enter(page, tfoms, "coordinator")
    press = Presses(page)
    press("link", "Контингенты")
    press("link", "ТФОМС")
    press("link", "нет в онкологическом регистре, живы")
    page.get_by_text("3 человека").first.wait_for()
    press("link", "Поставить задачи: Поликлиника № 1")
    page.get_by_text("Задачу получат: 2 человека из 2").wait_for()
    press("button", "Поставить 2 задачи")
    page.get_by_text("Связаться и пригласить").wait_for()
    assert press.count == 5
    page.get_by_role("button", name="Выйти").click()
    enter(page, tfoms, "navigator")
    text = page.locator("#list").inner_text()
    assert "Иванова Анна Петровна" in text
    assert "Борисов Пётр Ильич" in text
    assert not any(name in text for name in ("Волкова", "Громова", "Дымова"))
    page.get_by_role("link", name="Иванова Анна Петровна").click()
    page.locator("summary", has_text="Не требуется").click()
    page.fill("#not-needed-note", "наблюдается у онколога по месту работы")
    page.get_by_role("button", name="Закрыть поручение").click()
    page.get_by_text("Отмечено: не требуется.").wait_for()


@pytest.fixture
def insured(site: tuple[str, Door], database: Any, tmp_path: Path) -> tuple[str, date]:
    """The lists of the fund and the register as they are loaded: four insured of clinic 1 (one of them dead by a list of
    deaths, one in the register), one of clinic 2; the one in the register and another are under observation."""
    population._kept.clear()
    population._clinics.clear()
    _, door = site
    rows = [row(ENPS[n], NUMBERS[n], family=family, given="АННА", org=org) for n, family, org in INSURED]
    load(database, write(tmp_path / "insured.csv", *rows), door.today)
    at = datetime.now(UTC)
    person = ["СНИЛС", "Фамилия", "Имя", "Отчество", "Дата рождения"]
    who = {family: [NUMBERS[n], family.title(), "Анна", "Львовна", "12.04.1960"] for n, family, _ in INSURED}
    for kind, head, lines in (
        ("deaths", ["Дата смерти"], [[*who["ГРОМОВА"], "01.02.2026"]]),
        ("observed", ["DATE_IN", "DS_DISP"], [[*who[f], "01.02.2020", "C50.9"] for f in ("ДЫМОВА", "ВОЛКОВА")]),
        ("register_tumours", ["Топография МКБ-10", "Дата диагноза", "Взят на учет"],
         [[*who["ДЫМОВА"], "C50.4", "01.02.2020", "03.02.2020"]]),
    ):  # fmt: skip
        done = loaded_lists.take_bytes(
            database, csv_bytes([*person, *head], lines), f"{kind}.csv", region=1, author="t", kind=kind, as_of=door.today,
            received_at=at,
        )  # fmt: skip
        assert (done.state, done.counts.get("rejected", 0)) == ("loaded", 0), kind
    return site[0], door.today


def test_the_insured_who_are_in_no_register_alive_and_of_a_clinic_become_tasks_in_five_presses(
    page: Any, insured: tuple[str, date], database: Any
) -> None:
    """From the list of everybody the region insures: whom nothing concerned before becomes a person with the task."""
    address, today = insured
    with database.batch() as conn:
        known = conn.execute("select count(*) n from person").fetchone().n
    enter(page, address, "coordinator")
    press = Presses(page)
    press("link", "Контингенты")
    assert page.get_by_label("Есть в списке").evaluate(CHOSEN) == "застрахованы в регионе"
    assert page.get_by_label("Нет в списке").evaluate(CHOSEN) == "онкологический регистр"
    press.choose("Прикреплены", "Поликлиника № 1")
    press("button", "Посчитать")
    page.get_by_role("status").get_by_text("2 человека").wait_for()
    press("link", "Поставить задачи на всех")
    page.get_by_text("Задачу получат: 2 человека из 2").wait_for()
    assert page.get_by_label("Кому").evaluate(CHOSEN) == "клиника прикрепления каждого"
    assert page.get_by_label("Срок").input_value() > today.isoformat()
    assert page.get_by_text("Правило LIST-01").is_visible()
    press("button", "Поставить 2 задачи")
    page.get_by_text("Связаться и пригласить").wait_for()
    assert press.count == 5
    with database.batch() as conn:
        assert conn.execute("select count(*) n from person").fetchone().n == known + 2
    page.get_by_role("button", name="Выйти").click()
    enter(page, address, "navigator")
    text = page.locator("#list").inner_text().upper()
    assert "ИВАНОВА" in text
    assert "БОРИСОВА" in text
    assert not any(name in text for name in ("ВОЛКОВА", "ГРОМОВА", "ДЫМОВА"))


def test_the_list_of_observation_against_the_register_takes_as_few_presses(page: Any, insured: tuple[str, date]) -> None:
    address, _ = insured
    enter(page, address, "coordinator")
    press = Presses(page)
    press("link", "Контингенты")
    press.choose("Есть в списке", "под наблюдением по списку ТФОМС")
    press("button", "Посчитать")
    page.get_by_role("status").get_by_text("1 человек").wait_for()
    press("link", "Поставить задачи на всех")
    press("button", "Поставить 1 задачу")
    page.get_by_text("Связаться и пригласить").wait_for()
    assert press.count == 5
    page.get_by_role("button", name="Выйти").click()
    enter(page, address, "stranger")
    assert "ВОЛКОВА" in page.locator("#list").inner_text().upper()


def test_an_expression_is_built_without_a_mouse_and_counts_follow(page: Any, tfoms: str) -> None:
    enter(page, tfoms, "coordinator")
    page.goto(f"{tfoms}/contingents/build")

    def choose(field: str, option: str) -> None:
        page.locator(f"[id='{field}']").focus()
        for _ in range(16):  # every step is counted, and the focus stays where it was
            page.evaluate(SETTLED)
            page.keyboard.press("ArrowDown")
            page.evaluate("settled")
            assert page.evaluate("document.activeElement.id") == field
            if page.evaluate("document.activeElement.selectedOptions[0].text").startswith(option):
                return
        raise AssertionError(option)

    choose("set-r.0", "ТФОМС")
    page.get_by_role("status").get_by_text("5 человек").wait_for()
    choose("set-r.1", "онкологический")
    page.get_by_role("status").get_by_text("4 человека").wait_for()
    assert page.locator("svg circle.set").count() == 2
    page.locator("[id='add-r']").focus()
    page.keyboard.press("Enter")
    page.locator("[id='set-r.2']").wait_for()
    choose("set-r.2", "Поликлиника № 2")
    page.get_by_role("status").get_by_text("3 человека").wait_for()
    assert page.locator("svg circle.set").count() == 3
    assert "e=" in page.url
    page.fill("#name", "Без регистра")
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Без регистра").wait_for()
    page.keyboard.press("j")
    assert page.evaluate("document.activeElement.dataset.row") is not None


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_the_pages_of_lists_fit_the_screen(chromium: Any, tfoms: str, width: int, height: int) -> None:
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
    page = context.new_page()
    enter(page, tfoms, "coordinator")
    page.goto(f"{tfoms}/contingents")
    one = page.get_by_role("link", name="ТФОМС").get_attribute("href")
    four = "op.r=any&set.r.0=alive&set.r.1=sex:female&set.r.2=register:oncology&set.r.3=everybody"
    paths = ["", "/build", f"/build?{four}", "/query", "/file", "/work?e=%22alive%22"]
    for path in (*(f"/contingents{p}" for p in paths), one, f"{one}?tab=clinics", f"{one}?tab=history", f"{one}/export"):
        assert page.goto(tfoms + path).status == 200, path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()
