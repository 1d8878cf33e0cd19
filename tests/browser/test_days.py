"""A date field is written by the browser in its own language; the day in Russian words stands beside it."""

from typing import Any

from tests.web.conftest import Door
from tests.web.people import PASSWORD


def test_the_day_of_a_field_is_said_in_russian(site: tuple[str, Door], page: Any) -> None:
    address, _ = site
    page.goto(f"{address}/login")
    page.fill("#login", "coordinator")
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.locator("header.top").wait_for()
    page.goto(f"{address}/lists")
    said = page.locator("#l-day-said")
    assert said.inner_text() == ""
    page.fill("#l-day", "2026-11-06")
    assert said.inner_text().replace("\u00a0", " ") == "пт, 6 ноября 2026 г."
    assert page.locator("#l-day").get_attribute("aria-describedby") == "l-day-said"
    page.goto(f"{address}/contingents/query?has_since=2026-02-03")
    assert page.locator("#q-has_since-said").inner_text().replace("\u00a0", " ") == "вт, 3 февраля 2026 г."
    with page.expect_response(lambda answer: "sex=female" in answer.url):
        page.select_option("#q-sex", "female")
    page.locator("#query b.big").wait_for()  # the block is replaced, and speaks again
    assert page.locator("#q-has_since-said").inner_text().replace("\u00a0", " ") == "вт, 3 февраля 2026 г."
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
