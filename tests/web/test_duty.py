"""The head's board, notices, absences and past days on the pages, by role, over a case made of real documents."""

import re
from datetime import timedelta
from typing import Any

import pytest

from oncor_cases.actions.sweep import escalate
from tests.web import region
from tests.web.conftest import Door


def token(html: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', html)[1]  # type: ignore[index]


@pytest.fixture
def late(door: Door, database: Any) -> Door:
    """A patient whose consultation is so late that the task has reached the head."""
    assert door.send(region.referral(region.working_days_ago(8, door.today))).status_code == 201
    escalate(database, door.today)
    return door


def task_of(html: str) -> str:
    return re.search(r'name="task" value="([^"]+)"', html)[1]  # type: ignore[index]


def answer(client: Any, door: Door, **given: Any) -> Any:
    page = client.get("/overdue").text
    until = (door.today + timedelta(days=7)).isoformat()
    data = {"csrf": token(page), "reason": "equipment", "note": "аппарат в ремонте", "until": until} | given
    return client.post("/overdue", data=data)


def test_a_head_answers_on_the_board_and_the_history_tells_it(late: Door, database: Any) -> None:
    head = late.client("head")
    page = head.get("/overdue").text
    assert "Ждут объяснения заведующего" in page
    sent = answer(head, late, task=task_of(page), key="k1")
    assert sent.status_code == 303
    page = head.get(sent.headers["location"]).text
    assert "Объяснение записано: 1" in page
    assert "Ждут объяснения заведующего" not in page
    assert "Оборудование не работает или занято, до" in page
    assert "«аппарат в ремонте», Громов Пётр" in page
    case = re.search(r'href="(/case/[^"?]+)', page)[1]  # type: ignore[index]
    assert "объяснение заведующего, Оборудование не работает или занято" in head.get(case).text
    task, person = (re.search(rf'name="{name}" value="([^"]+)"', page)[1] for name in ("task", "person"))  # type: ignore[index]
    back = head.post("/overdue/withdraw", data={"csrf": token(page), "task": task, "person": person})
    assert back.status_code == 303
    assert "Ждут объяснения заведующего" in head.get("/overdue").text


def test_a_head_answers_on_the_patients_page_a_navigator_cannot(late: Door, database: Any) -> None:
    head = late.client("head")
    board = head.get("/overdue").text
    case = re.search(r'href="(/case/[^"?]+)\?task=([^"]+)"', board)
    assert case is not None
    page = head.get(f"{case[1]}?task={case[2]}").text
    assert "Объяснить просрочку" in page
    until = (late.today + timedelta(days=5)).isoformat()
    data = {
        "csrf": token(page),
        "verb": "acknowledge",
        "target": case[2],
        "reason": "queue",
        "note": "в очереди",
        "until": until,
    }
    navigator = late.client("navigator")
    theirs = navigator.get(f"{case[1]}?task={case[2]}").text
    assert "Объяснить просрочку" not in theirs
    assert navigator.post(f"{case[1]}/decide", data=data | {"csrf": token(theirs)}).status_code == 422
    assert head.post(f"{case[1]}/decide", data=data).status_code == 303
    with database.batch() as conn:
        assert [r.author for r in conn.execute("select author from acknowledgement")] == ["head"]


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"reason": ""}, "Выберите причину"),
        ({"note": ""}, "Напишите в комментарии"),
        ({"until": "2020-01-01"}, "до будущего дня"),
        ({"until": "вчера"}, "Укажите день"),
        ({"task": []}, "Отметьте хотя бы одну задачу"),
    ],
)
def test_what_does_not_fit_comes_back_with_the_form_filled_in(late: Door, database: Any, given: Any, words: str) -> None:
    head = late.client("head")
    sent = answer(head, late, **({"task": task_of(head.get("/overdue").text)} | given))
    assert sent.status_code == 422
    assert words in sent.text
    if "note" not in given:
        assert "аппарат в ремонте" in sent.text
    with database.batch() as conn:
        assert conn.execute("select count(*) from acknowledgement").fetchone()[0] == 0


def test_only_the_clinics_head_may_answer(late: Door, database: Any) -> None:
    task = task_of(late.client("head").get("/overdue").text)
    for login in ("navigator", "coordinator", "stranger"):
        client = late.client(login)
        assert 'type="checkbox"' not in client.get("/overdue").text
        assert answer(client, late, task=task).status_code == 422
    assert "Ждут объяснения заведующего" in late.client("coordinator").get("/overdue").text
    assert "Ждут объяснения заведующего" not in late.client("stranger").get("/overdue").text
    with database.batch() as conn:
        assert conn.execute("select count(*) from acknowledgement").fetchone()[0] == 0


def test_a_notice_rings_and_is_read(late: Door) -> None:
    head = late.client("head")
    page = head.get("/notices").text
    assert "непрочитанных: </span>" in page.replace("непрочитанных:<", "непрочитанных: <")
    assert ">1</b>" in page
    assert "задача дошла до заведующего" in page
    assert head.post("/notices/read", data={"csrf": token(page)}).status_code == 303
    assert "непрочитанных нет" in head.get("/notices").text
    assert "Уведомлений нет" in late.client("navigator").get("/notices").text


def test_who_stands_in_for_the_head_answers(late: Door) -> None:
    head = late.client("head")
    page = head.get("/absence").text
    assert "Чужакова" not in page  # of another clinic: would see more than it may
    last = (late.today + timedelta(days=3)).isoformat()
    sent = {"csrf": token(page), "login": "head", "first": late.today.isoformat(), "last": last, "substitute": "navigator"}
    assert head.post("/absence", data={**sent, "substitute": "stranger"}).status_code == 422
    assert head.post("/absence", data=sent).status_code == 303
    assert head.post("/absence", data=sent).status_code == 409
    navigator = late.client("navigator")
    assert "Сегодня вы замещаете: Громов Пётр" in navigator.get("/absence").text
    assert answer(navigator, late, task=task_of(navigator.get("/overdue").text)).status_code == 303
    number = re.search(r'name="absence" value="(\d+)"', head.get("/absence").text)[1]  # type: ignore[index]
    assert head.post("/absence/remove", data={"csrf": token(page), "absence": number}).status_code == 303
    assert "Сегодня вы замещаете" not in navigator.get("/absence").text


@pytest.mark.parametrize("path", ["/overdue", "/"])
def test_a_past_day_as_shown_and_as_computed(late: Door, database: Any, path: str) -> None:
    head, day = late.client("head"), late.today.isoformat()
    before = (late.today - timedelta(days=1)).isoformat()
    name = "Кузнецова" if path == "/" else "Консультация онколога"
    shown = head.get(f"{path}?on={before}&as=shown").text
    assert "Как было показано" in shown
    assert name not in shown.split("</header>")[1]  # taken in today: nobody saw it yesterday
    computed = head.get(f"{path}?on={before}&as=computed&known={day}").text
    assert "Пересчитано на" in computed
    assert name in computed
    assert "Пересчитано на" in head.get(f"{path}?on={before}&as=computed").text
    assert name not in head.get(f"{path}?on={before}&as=computed").text.split("</header>")[1]
    assert late.client("stranger").get(f"{path}?on={before}&as=computed&known={day}").text.count(name) == 0
    for wrong in ("on=2999-01-01", "on=завтра", f"on={before}&as=computed&known=2999-01-01"):
        assert head.get(f"{path}?{wrong}").status_code == 422
