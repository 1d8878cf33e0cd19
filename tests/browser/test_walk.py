"""A morning of a navigator: sign in, see whom to call, decide, and see the case move when the document comes."""

import re
from typing import Any

import pytest

from oncor_cases.sources.seeds import default_calendar
from tests.web import region
from tests.web.conftest import Door
from tests.web.people import PASSWORD

pytestmark = pytest.mark.browser
NAME = "Кузнецова Людмила Павловна"


def enter(page: Any, address: str, login: str = "navigator") -> None:
    page.goto(f"{address}/")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("header.top").wait_for()


def test_called_appointment_waits_document_comes_case_moves_on(page: Any, site: tuple[str, Door]) -> None:
    address, door = site
    assert door.send(region.referral(region.working_days_ago(6, door.today))).status_code == 201
    enter(page, address)
    row = page.locator("tr", has_text=NAME)
    assert "просрочено на 3" in row.inner_text()
    page.keyboard.press("j")
    page.keyboard.press("Enter")  # no mouse
    page.wait_for_url(re.compile(r"/case/"))
    assert page.locator("h1").inner_text() == NAME
    assert page.locator("svg .now text").first.text_content() == "Направлен"
    page.locator("summary", has_text="Консультация онколога").click()
    assert page.get_by_text("Что остановит").is_visible()

    page.get_by_role("button", name="Взять в работу").click()
    page.get_by_text("Задача за вами.").wait_for()
    page.locator("summary", has_text="Звонок").click()
    page.get_by_role("button", name="Записать звонок").click()
    page.get_by_text("Звонок записан.").wait_for()
    page.locator("summary", has_text="Записан на приём").click()
    visit = default_calendar().add_working_days(door.today, 2)
    page.fill("#appointment-on", visit.isoformat())
    page.fill("#appointment-time", "10:30")
    page.get_by_role("button", name="Записать", exact=True).click()
    page.get_by_text("Задача ждёт этого дня").wait_for()
    assert page.evaluate("document.activeElement.dataset.say") is not None  # a screen reader hears the answer

    page.goto(f"{address}/")
    assert page.get_by_text(NAME).count() == 0
    page.get_by_role("link", name=re.compile("Ждут")).click()
    page.get_by_text(NAME).wait_for()

    assert door.send(region.consultation(door.today)).status_code == 201
    page.get_by_role("link", name=re.compile("Сделано")).click()
    page.get_by_role("link", name=NAME).click()
    assert page.locator("svg .now text").first.text_content() == "Обследуется"
    page.get_by_role("link", name="документ").first.click()
    page.get_by_role("heading", name="Протокол консультации").wait_for()


def test_a_colleague_of_another_clinic_gets_404_everywhere(page: Any, site: tuple[str, Door]) -> None:
    address, door = site
    sent = door.send(region.referral(region.working_days_ago(6, door.today))).json()
    enter(page, address)
    case = page.get_by_role("link", name=NAME).get_attribute("href").split("?")[0]
    page.get_by_role("button", name="Выйти").click()
    enter(page, address, "stranger")
    assert page.get_by_text("Открытых задач нет").is_visible()
    for path in (case, f"{case}/who", f"{case}/wrong", f"{case}?all=1", f"/document/{sent['sha256']}"):
        assert page.goto(address + path).status == 404
        assert NAME not in page.content()


def test_filters_and_search_need_no_reload_and_leave_no_name_in_the_address(page: Any, site: tuple[str, Door]) -> None:
    address, door = site
    door.send(region.referral(region.working_days_ago(6, door.today)))
    enter(page, address)
    page.select_option("#f-level", "coordinator")
    page.get_by_text("По этому отбору ничего нет").wait_for()
    assert page.url.endswith("level=coordinator&") or "level=coordinator" in page.url
    page.keyboard.press("Escape")
    page.locator("main").focus()
    page.keyboard.press("/")
    page.keyboard.type("кузнецова")
    page.keyboard.press("Enter")
    page.get_by_role("link", name=NAME).wait_for()
    assert page.url == f"{address}/search"


def test_a_document_changes_the_open_list_by_itself(page: Any, site: tuple[str, Door]) -> None:
    address, door = site
    enter(page, address)
    assert page.get_by_text("Открытых задач нет").is_visible()
    door.send(region.referral(region.working_days_ago(6, door.today)))
    page.evaluate("window.dispatchEvent(new Event('focus'))")  # or a minute later
    page.get_by_role("link", name=NAME).wait_for()
    assert page.locator("#tabs a[aria-current]").inner_text().split() == ["Моя", "клиника", "1"]


@pytest.mark.parametrize(("width", "height"), [(1366, 768), (390, 844)])
def test_pages_fit_the_screen(chromium: Any, site: tuple[str, Door], width: int, height: int) -> None:
    address, door = site
    door.send(region.referral(region.working_days_ago(6, door.today)))
    context = chromium.new_context(viewport={"width": width, "height": height}, locale="ru-RU")
    page = context.new_page()
    enter(page, address)
    case = page.get_by_role("link", name=NAME).get_attribute("href")
    for path in ("/", "/?tab=done", "/overdue", "/status", "/keys", case):
        page.goto(address + path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
    context.close()


def test_everything_is_reached_by_the_keyboard(page: Any, site: tuple[str, Door]) -> None:
    address, door = site
    door.send(region.referral(region.working_days_ago(6, door.today)))
    enter(page, address)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "К содержанию"
    reached: set[str] = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.textContent.trim()"))
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or page.evaluate("document.activeElement === document.body")
    assert {"Найти", "Выйти", NAME} <= reached
