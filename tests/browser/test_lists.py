"""Sending a list in Chromium with the keys only: the button of a file is ours, and what is refused is said on the page."""

from pathlib import Path
from typing import Any

import pytest

from tests.browser.test_walk import enter
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes
from tests.web.conftest import Door

pytestmark = pytest.mark.browser


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    path = tmp_path / "умершие_2026-01.csv"
    path.write_bytes(csv_bytes(DEATHS_HEAD, [DEAD]))
    return path


def test_a_list_is_chosen_refused_mended_and_sent_without_a_mouse(page: Any, site: tuple[str, Door], deaths: Path) -> None:
    address, _ = site
    page.on("filechooser", lambda chooser: chooser.set_files(deaths))  # told early: told with the key it may come too late
    enter(page, address, "coordinator")
    page.goto(f"{address}/lists")
    assert page.locator(".pick output").inner_text() == "файл не выбран"
    page.locator("#l-sender").focus()
    page.keyboard.press("Shift+Tab")
    assert page.evaluate("document.activeElement.id") == "l-file"
    button = page.locator(".pick label.button")
    assert button.evaluate("button => getComputedStyle(button).outlineStyle") == "solid"  # the focus is seen on our button
    page.keyboard.press("Enter")
    page.locator(".pick output", has_text=deaths.name).wait_for()
    region = page.locator(".asked-region")
    assert not region.is_visible()
    page.locator("#l-sender").select_option(label="Канцер-регистр другого региона")
    assert region.is_visible()
    page.get_by_role("button", name="Загрузить").press("Enter")
    refused = page.locator("#refused .complaint")
    refused.wait_for()
    assert "какого региона" in refused.inner_text()
    assert refused.evaluate("box => box === document.activeElement")  # heard by a screen reader
    page.locator("#l-sender").select_option(label="ЗАГС")
    page.get_by_role("button", name="Загрузить").press("Enter")
    page.wait_for_url("**/lists/*")
    page.locator("#load .tag", has_text="загружен").first.wait_for()


@pytest.mark.parametrize("path", ["/lists", "/contingents/file"])
def test_no_file_is_asked_for_in_russian(page: Any, site: tuple[str, Door], path: str) -> None:
    enter(page, site[0], "coordinator")
    page.goto(site[0] + path)
    assert page.locator("input[type=file]").evaluate("field => field.validationMessage") == "Выберите файл"
