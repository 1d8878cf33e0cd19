"""A head answers for what is late: the level holds, the history says who and why, after the day it rises."""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from oncor_cases.actions.sweep import escalate
from tests.browser.test_walk import NAME, enter
from tests.web import region
from tests.web.conftest import Door

pytestmark = pytest.mark.browser


def lives_on(door: Door, day: date) -> None:
    """The system's day, told: a demonstration obeys it."""
    parts = door.application.state.parts
    door.application.state.parts = replace(parts, settings=replace(parts.settings, today=day))


def test_a_head_answers_the_level_holds_and_rises_after_the_day(page: Any, site: tuple[str, Door], database: Any) -> None:
    address, door = site
    with database.owner() as conn:
        conn.execute("update region set demo = true")
    lives_on(door, door.today)
    assert door.send(region.referral(region.working_days_ago(8, door.today))).status_code == 201
    escalate(database, door.today)

    enter(page, address, "head")
    assert page.locator(".bell").inner_text().strip().endswith("1")
    page.get_by_role("link", name=re.compile("Уведомления")).click()
    page.get_by_text("задача дошла до заведующего").wait_for()
    page.get_by_role("button", name=re.compile("Прочитано")).click()
    page.get_by_text("непрочитанных нет").wait_for()

    page.get_by_role("link", name="Просрочено по правилам").click()
    page.get_by_label(re.compile(f"Объяснить: {NAME}, Консультация онколога")).check()
    page.get_by_label(re.compile("Оборудование не работает")).check()
    page.get_by_label("Что делается").fill("аппарат в ремонте, инженер вызван")
    until = door.today + timedelta(days=12)
    page.get_by_label("Держать уровень до").fill(until.isoformat())
    page.get_by_role("button", name="Записать объяснение").click()
    page.get_by_text("Объяснение записано: 1").wait_for()
    assert page.get_by_text("«аппарат в ремонте, инженер вызван», Громов Пётр").is_visible()

    for day in (until - timedelta(days=1), until):
        escalate(database, day)
        lives_on(door, day)
        page.goto(f"{address}/")
        assert "заведующему" in page.locator("tr", has_text="Записать к онкологу").inner_text()
    escalate(database, until + timedelta(days=1))
    lives_on(door, until + timedelta(days=1))
    page.goto(f"{address}/")
    assert "координатору региона" in page.locator("tr", has_text="Записать к онкологу").inner_text()

    page.locator("tr", has_text="Записать к онкологу").get_by_role("link", name=NAME).click()
    history = page.locator("section", has=page.locator("#hist")).inner_text()
    assert "объяснение заведующего, Оборудование не работает или занято" in history
    assert "«аппарат в ремонте, инженер вызван»" in history
    assert "Громов Пётр" in history

    page.goto(f"{address}/?on={until.isoformat()}&as=shown")  # the past day still says what it said
    page.locator(".banner.then", has_text="Как было показано").wait_for()
    assert "заведующему" in page.locator("tr", has_text="Записать к онкологу").inner_text()

    page.locator("summary", has_text="Управление").click()
    page.get_by_role("link", name="Статистика").click()
    page.get_by_role("heading", name="Причины просрочек по словам заведующих").wait_for()
    late = page.locator("tr", has_text="DX-01").get_by_role("link", name="1")
    late.first.click()
    page.get_by_role("link", name=NAME).wait_for()
