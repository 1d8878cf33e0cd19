"""Lists of people in Chromium: from a list to tasks in five presses, and an expression built without a mouse."""

from datetime import date
from typing import Any

import pytest

from oncor_cases.actions import contingent_files
from oncor_cases.store import population
from oncor_cases.store.session import Scope
from tests.browser.test_walk import enter
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
        people.fact(conn, subject, "register_entry", date(2026, 1, 9), {"register": "oncology"}, made.documents["Выписка"])
    rows = "\n".join(f"{name};12.04.1961" for name, _ in WHO.values())
    data = f"ФИО;Дата рождения\n{rows}\n".encode()
    contingent_files.load(
        database, REGION, name="ТФОМС", file="tfoms.csv", data=data, as_of=door.today, today=door.today, shared=True
    )
    return site[0]


def test_in_the_fund_but_not_in_the_register_alive_attached_becomes_tasks_in_five_presses(page: Any, tfoms: str) -> None:
    enter(page, tfoms, "coordinator")
    presses = 0

    def press(role: str, name: str, within: Any = page) -> None:
        nonlocal presses
        within.get_by_role(role, name=name).first.click()
        presses += 1

    press("link", "Контингенты")
    press("link", "ТФОМС")
    press("link", "нет в онкологическом регистре, живы")
    page.get_by_text("3 человека").first.wait_for()
    press("link", "Поставить задачи: Поликлиника № 1")
    page.get_by_text("Задачу получат: 2 человека из 2").wait_for()
    press("button", "Поставить 2 задачи")
    page.get_by_text("Связаться и пригласить").wait_for()
    assert presses == 5
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


def test_an_expression_is_built_without_a_mouse_and_counts_follow(page: Any, tfoms: str) -> None:
    enter(page, tfoms, "coordinator")
    page.goto(f"{tfoms}/contingents/build")

    def choose(field: str, option: str) -> None:
        page.locator(f"[id='{field}']").focus()
        for _ in range(12):  # every step is counted, and the focus stays where it was
            with page.expect_response(lambda answer: "/contingents/build" in answer.url):
                page.keyboard.press("ArrowDown")
            page.locator(".htmx-request, .htmx-swapping, .htmx-settling").first.wait_for(state="detached")
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
