"""A lost patient on the pages: where the system has looked, what to do next, and the protocol of late detection."""

import re
from datetime import timedelta
from typing import Any

import pytest

from oncor_cases.actions.sweep import sweep
from oncor_cases.sources.semd_writer import Said, render
from tests.web import region
from tests.web.conftest import Door
from tests.web.people import OTHER
from tests.web.test_care import CASE, csrf


@pytest.fixture
def lost(door: Door, database: Any) -> tuple[Door, Any, str, str]:
    """A patient referred two months ago whom nobody has seen since; the navigator's client, the case and the LOST task."""
    door.send(region.referral(region.working_days_ago(40, door.today)))
    sweep(database, door.today)
    client = door.client("navigator")
    found = dict(
        re.findall(r'data-row href="(/case/[0-9a-f-]+)\?task=([0-9a-f-]+)"[^>]*>', client.get("/?rule=LOST-2").text)
    )
    ((case, task),) = found.items()
    return door, client, case, task


def test_the_page_says_where_the_system_has_looked_and_what_is_next(lost: Any) -> None:
    door, client, case, task = lost
    page = client.get(f"{case}?task={task}").text
    assert "Где уже искали" in page
    assert "Счета ОМС" in page
    assert "в регионе не загружаются" in page
    assert "дальше: позвонить, сегодня" in page
    assert "дальше: позвонить" in client.get("/?rule=LOST-2").text
    assert door.client("stranger").get(case).status_code == 404


def test_attempts_lead_from_the_phone_to_a_letter_and_the_form_follows(lost: Any) -> None:
    _, client, case, task = lost
    page = client.get(f"{case}?task={task}").text

    def call(**given: str) -> str:
        data = {"csrf": csrf(page), "target": task, "verb": "called", **given}
        return client.post(f"{case}/decide", data=data, headers={"HX-Request": "true"}).text

    assert "дальше: отправить письмо" in call(outcome="wrong_number", channel="phone", key="a")
    answer = call(outcome="letter_returned", channel="letter", key="b")
    assert "дальше: выход на дом: участковая медсестра или фельдшер" in answer
    assert re.search(r'<option value="home_visit" selected>', answer)
    assert "дома никого" in answer
    assert "дальше: выход на дом" in client.get("/?rule=LOST-2&tab=clinic").text


@pytest.fixture
def late(door: Door) -> tuple[Door, str]:
    """A patient with a first diagnosis of stage IV a week ago."""
    on = door.today - timedelta(days=7)
    said = [
        Said("suspicion", on - timedelta(days=5), {"icd10": "C50.4"}),
        Said("diagnosis", on, {"icd10": "C50.4", "status": "final", "stage": "IV", "first_on": on.isoformat()}),
    ]
    door.send(region.referral(on - timedelta(days=5)))
    door.send(render("184", region.head(300, on), region.PATIENT, region.CLINIC_SAID, said[1:]))
    page = door.client("coordinator").get("/?tab=clinic").text + door.client("coordinator").get("/?tab=upcoming").text
    case = CASE.search(page)
    assert case is not None
    return door, case[1]


def test_a_registrar_composes_words_sends_and_reviews_the_protocol(late: Any) -> None:
    door, case = late
    assert "Составить протокол запущенности" not in door.client("navigator").get(case).text
    client = door.client("registrar")
    page = client.get(case).text
    assert "Составить протокол запущенности" in page
    episode = re.search(r'name="episode" value="(\d+)"', page)[1]  # type: ignore[index]
    answer = client.post(f"{case}/protocol", data={"csrf": csrf(page), "episode": episode})
    assert answer.status_code == 303
    address = answer.headers["location"]
    sheet = client.get(address).text
    assert "Направление к онкологу" in sheet
    assert "Поликлиника № 1" in sheet
    assert "C50.4" in sheet
    asked = {"csrf": csrf(sheet), "first_signs": "уплотнение", "published_on": door.today.isoformat()}
    assert client.post(address, data=asked | {"verb": "save"}).status_code == 303
    assert "уплотнение" in client.get(address).text
    refused = client.post(address, data=asked | {"verb": "publish"})
    assert (refused.status_code, "Укажите причину" in refused.text) == (422, True)
    assert client.post(address, data=asked | {"verb": "publish", "reason": "late_request"}).status_code == 303
    sheet = client.get(address).text
    assert "несвоевременное обращение больного" in sheet
    assert client.post(address, data=asked | {"verb": "save"}).status_code == 409
    page = client.get(case).text
    assert "Протокол запущенности: <a" in page
    assert "Разбор протокола запущенности" in page  # DX-33 is owed now
    reviewed = {"csrf": csrf(sheet), "verb": "review", "reviewed_on": door.today.isoformat(), "conclusion": "обучить"}
    assert client.post(address, data=reviewed).status_code == 303
    assert "разобран" in client.get(address).text


def test_a_protocol_is_seen_and_signed_only_by_those_who_may(late: Any, database: Any) -> None:
    door, case = late
    client = door.client("registrar")
    page = client.get(case).text
    episode = re.search(r'name="episode" value="(\d+)"', page)[1]  # type: ignore[index]
    address = client.post(f"{case}/protocol", data={"csrf": csrf(page), "episode": episode}).headers["location"]
    again = client.post(f"{case}/protocol", data={"csrf": csrf(page), "episode": episode}).headers["location"]
    assert again == address  # one protocol a case
    assert client.post(f"{case}/protocol", data={"csrf": csrf(page), "episode": "0"}).status_code == 404
    navigator = door.client("navigator")
    assert navigator.get(address).status_code == 200
    given = {"csrf": csrf(navigator.get(address).text), "verb": "publish", "reason": "other"}
    given["published_on"] = door.today.isoformat()
    assert navigator.post(address, data=given).status_code == 422
    stranger = door.client("stranger")
    assert stranger.get(address).status_code == 404
    token = csrf(stranger.get("/").text)
    assert stranger.post(address, data=given | {"csrf": token}).status_code in (404, 422)
    with database.batch() as conn:
        phases = [r[0] for r in conn.execute("select attributes ->> 'phase' from fact where kind = 'late_stage_protocol'")]
        looks = conn.execute("select count(*) from audit where action = 'late_stage'").fetchone()[0]
    assert phases == ["drafted"]
    assert looks >= 1
    assert OTHER not in address


def test_results_nobody_told_stand_above_every_list(door: Door, database: Any) -> None:
    on = region.working_days_ago(5, door.today)
    door.send(region.referral(region.working_days_ago(8, door.today)))
    client = door.client("navigator")
    assert "пациенту не сообщили" not in client.get("/").text
    said = [Said("pathology_report", on, {"result": "malignant", "icd10": "C50.4", "morphology": "8500/3"})]
    door.send(render("214", region.head(300, on), region.PATIENT, region.CLINIC_SAID, said))
    page = client.get("/").text
    assert "Результат готов, а пациенту не сообщили: 1" in page
    assert "Пригласить за результатом" in client.get("/?rule=DX-30").text
    assert "пациенту не сообщили: 1" not in client.get("/?rule=DX-30").text
