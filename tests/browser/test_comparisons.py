"""A coordinator compares the sources, gives one task, confirms another difference; the clinic finds its task."""

from datetime import timedelta
from typing import Any

import pytest

from tests.browser.test_walk import enter
from tests.web.conftest import Door
from tests.web.people import CLINIC
from tests.worklist.compared import loaded, observed
from tests.worklist.conftest import Town

pytestmark = pytest.mark.browser


def test_from_a_comparison_to_a_task(page: Any, site: tuple[str, Door], database: Any) -> None:
    address, door = site
    town = Town(database, demo=False)
    loaded(town, door.today, "observed", "register_tumours")
    for family in ("Первая", "Вторая"):
        person = town.person(family=family, attached=CLINIC)
        observed(town, person, door.today - timedelta(days=100), org=CLINIC)
    enter(page, address, "coordinator")
    page.goto(f"{address}/comparisons")
    page.get_by_role("button", name="Сверить сейчас").click()
    page.get_by_text("Сверка запущена").wait_for()
    line = page.locator("tr", has_text="В списке ТФОМС, но не в регистре")
    for _ in range(50):
        page.goto(f"{address}/comparisons")
        if "2" in line.inner_text():
            break
        page.wait_for_timeout(100)
    page.get_by_role("link", name="В списке ТФОМС, но не в регистре").click()
    page.fill("#g-number", "1")
    page.get_by_role("button", name="Поставить").click()
    page.get_by_text("Поставлено задач: 1.").wait_for()
    row = page.locator("tr", has_text="Вторая")
    row.get_by_text("Так и есть…").click()
    row.get_by_label("Почему").select_option("other_place")
    row.get_by_label("Как установлено").fill("ответ ведомственной больницы")
    row.get_by_role("button", name="Подтвердить").click()
    page.get_by_text("Подтверждено:").wait_for()
    page.set_viewport_size({"width": 390, "height": 800})
    for tab in ("open", "confirmed", "ended"):
        page.goto(f"{address}/comparisons/observed_not_registered?tab={tab}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1366, "height": 768})
    page.get_by_role("button", name="Выйти").click()
    enter(page, address, "head")
    page.goto(f"{address}/?rule=REC-06")
    page.locator("a.who", has_text="Первая").wait_for()
    assert page.locator("a.who", has_text="Вторая").count() == 0
