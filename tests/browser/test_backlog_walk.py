"""A clinic head lets old patients in: the backlog shrinks by what was released, and the list of tasks grows by it."""

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest

from oncor_cases.actions import backlog
from oncor_cases.actions.sweep import sweep
from oncor_cases.sources.seeds import default_calendar
from oncor_cases.store import facts
from tests.browser.test_walk import enter
from tests.web.conftest import Door
from tests.web.people import CLINIC

pytestmark = pytest.mark.browser


def old_patients(database: Any, today: Any, n: int) -> None:
    """Suspicions of long ago, learnt before the region went live today."""
    with database.owner() as conn:
        conn.execute("update region set observed_from = null")
        backlog.go_live(conn, 1, today, by="test")
    with database.batch() as conn:
        for number in range(n):
            person = conn.execute(
                "insert into person (region_id, family, given, sex, birth_date, attached_org, sort_key, search_key)"
                " values (1, %s, 'Анна', 'female', '1960-01-01', %s, %s, %s) returning id",
                (f"Старова{number}", CLINIC, f"старова{number}", f"старова{number}"),
            ).fetchone()[0]
            on = today - timedelta(days=200 + 20 * number)  # no two of them due on one day, whatever holidays lie between
            at = datetime.combine(today - timedelta(days=3), time(12)).astimezone()
            facts.state(conn, 1, person, "suspicion", on, {"icd10": "C50.9"}, author=CLINIC, at=at, evidence="document")
    sweep(database, today)


def test_a_head_releases_a_portion_and_the_tasks_appear(page: Any, site: tuple[str, Door], database: Any) -> None:
    address, door = site
    old_patients(database, door.today, 5)
    enter(page, address, "head")
    assert page.get_by_text("Старова").count() == 0
    page.goto(f"{address}/backlog")
    assert "5 обязанностей ждут" in page.locator(".head").inner_text().replace("\u00a0", " ")
    page.fill("#b-number", "2")
    page.get_by_role("button", name="Выпустить").click()  # works without a mouse too: it is a form
    page.get_by_text("Они в списке задач").wait_for()
    assert "3 обязанности ждут" in page.locator(".head").inner_text().replace("\u00a0", " ")
    page.fill("#b-per-day", "2")
    page.get_by_role("button", name="Записать порцию").click()
    page.get_by_text("Порция записана").wait_for()
    page.goto(f"{address}/")
    assert page.locator("a.who", has_text=re.compile("Старова4")).count() >= 1  # the oldest of them
    assert page.locator("a.who", has_text=re.compile("Старова0")).count() == 0
    page.set_viewport_size({"width": 390, "height": 800})
    page.goto(f"{address}/backlog")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390

    following = default_calendar().after(door.today)
    sweep(database, following)
    with database.batch() as conn:
        waiting = conn.execute("select count(*) from backlog where released_on is null and left_on is null").fetchone()[0]
    assert waiting == 1
