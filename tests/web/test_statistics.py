"""The statistics page: who may open it, what it counts, and who stands behind a number."""

import re
from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from tests.web import region
from tests.web.conftest import Door

NAME = "Кузнецова Людмила"


@pytest.fixture
def seen(door: Door) -> Door:
    """A patient who was seen in time, of the first clinic."""
    first = region.working_days_ago(8, door.today)
    assert door.send(region.referral(first)).status_code == 201
    assert door.send(region.consultation(region.working_days_ago(2, door.today))).status_code == 201
    return door


@pytest.mark.parametrize(
    ("login", "status"), [("head", 200), ("coordinator", 200), ("navigator", 403), ("registrar", 403), ("admin", 403)]
)
def test_who_may_open_it(door: Door, login: str, status: int) -> None:
    client = door.client(login)
    assert client.get("/statistics").status_code == status
    assert client.get("/statistics/people?what=cases").status_code == status
    assert ('href="/statistics"' in client.get("/").text) == (status == 200)


def test_it_counts_and_every_number_leads_to_its_people(seen: Door, database: Any) -> None:
    head = seen.client("head")
    page = head.get("/statistics").text
    assert "направление → консультация" in page
    assert "n = 1" in page
    assert "Это не российские нормы" in page
    assert NAME not in page  # counts only
    links = {unescape(link) for link in re.findall(r'href="(/statistics/people[^"]+)"', page)}
    assert links
    for link in links:
        assert NAME in head.get(link).text, link
    with database.batch() as conn:
        looked = conn.execute("select object from audit where action = 'statistics_people'").fetchall()
    assert len(looked) == len(links)
    assert {row.object for row in looked} >= {"cases", "duty:DX-01:late"}


def test_nobody_of_another_clinic_is_counted_or_shown(seen: Door, database: Any) -> None:
    with database.batch() as conn:
        conn.execute("update user_account set role = 'head' where login = 'stranger'")
    stranger = seen.client("stranger")
    assert "n = 1" not in stranger.get("/statistics").text
    for what in ("cases", "interval:referral_consultation", "duty:DX-01:late", "way:bypassed"):
        page = stranger.get(f"/statistics/people?what={what}")
        assert page.status_code == 200
        assert "Никого нет" in page.text


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("from=2026-05-01&to=2026-01-01", 422), ("from=вчера", 422), ("by=doctor", 200), ("site=<script>", 200),
        ("on=2999-01-01", 422),
    ],
)  # fmt: skip
def test_bad_questions_get_a_clear_answer(door: Door, query: str, status: int) -> None:
    answer = door.client("head").get(f"/statistics?{query}")
    assert answer.status_code == status
    assert "<script>" not in answer.text.replace('<script src="/static', "")


def test_a_number_that_does_not_exist_is_not_found(door: Door) -> None:
    assert door.client("head").get("/statistics/people?what=select").status_code == 404


def test_another_day_is_computed_from_what_was_known_or_read_from_the_history(seen: Door) -> None:
    head, before = seen.client("head"), (seen.today - timedelta(days=1)).isoformat()
    computed = head.get(f"/statistics?on={before}&as=computed&known={seen.today}").text
    assert "Пересчитано на" in computed
    assert "n = 1" in computed
    assert "n = 1" not in head.get(f"/statistics?on={before}&as=computed").text  # taken in today
    shown = head.get(f"/statistics?on={before}&as=shown").text
    assert "Просроченного не было" in shown
    assert "доля" not in shown.lower()
