"""«Сверка»: who sees which differences, and what confirming, taking back and giving tasks does."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest
from psycopg.types.json import Jsonb

from oncor_cases.actions.sweep import sweep
from oncor_cases.store import assignments, difference_pages
from oncor_cases.store.assignments import Ask, Source
from oncor_cases.web import background
from tests.web.people import CLINIC, OTHER, TODAY, Clinic

SignIn = Callable[[str], Any]


def differ(database: Any, clinic: Clinic, short: str, comparison: str = "stage_differs", org: str = CLINIC) -> UUID:
    """A difference of a person, found when the comparison was new."""
    with database.batch() as conn:
        row = conn.execute(
            """insert into difference (region_id, comparison, person_id, thing, org, left_values, right_values, values_hash,
                   baseline, found_on, changed_on)
               values (1, %s, %s, 'C50', %s, %s, %s, sha256('x'), true, %s, %s) returning id, public_id""",
            (
                comparison, clinic.persons[short], org, Jsonb({"code": "C50.9", "stage": "IV"}),
                Jsonb({"code": "C50.9", "stage": "IIA<script>", "org": OTHER}), TODAY, TODAY,
            ),
        ).fetchone()  # fmt: skip
        conn.execute(
            """insert into difference_event (region_id, difference_id, on_day, author, kind)
               values (1, %s, %s, 'сверка', 'found')""",
            (row.id, TODAY),
        )
        return row.public_id


@pytest.fixture
def mine(database: Any, clinic: Clinic) -> UUID:
    return differ(database, clinic, next(iter(clinic.persons)))


def csrf(page: str) -> str:
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def strange(database: Any) -> None:
    with database.owner() as conn:
        conn.execute("update user_account set role = 'registrar' where login = 'stranger'")


def state(database: Any, address: UUID) -> tuple[Any, ...]:
    with database.batch() as conn:
        row = conn.execute(
            "select state, confirmed_by, confirmed_reason, confirmed_note from difference where public_id = %s", (address,)
        ).fetchone()
        return tuple(row)


@pytest.mark.parametrize("page", ["/comparisons", "/comparisons/stage_differs"])
@pytest.mark.parametrize(
    ("login", "status"),
    [("navigator", 403), ("admin", 403), ("registrar", 200), ("head", 200), ("coordinator", 200), ("methodologist", 200)],
)
def test_the_pages_by_role(sign_in: SignIn, mine: UUID, login: str, status: int, page: str) -> None:
    assert sign_in(login).get(page).status_code == status
    menu = sign_in(login).get("/").text if login != "admin" else ""
    assert ('href="/comparisons"' in menu) == (status == 200)


def test_both_sides_stand_beside_each_other_with_a_link_to_the_case(sign_in: SignIn, mine: UUID, clinic: Clinic) -> None:
    page = sign_in("registrar").get("/comparisons/stage_differs").text
    assert "C50.9, IV" in page
    assert "IIA&lt;script&gt;" in page
    assert "Поликлиника № 2" in page
    assert f"/case/{next(iter(clinic.public.values()))}" in page
    assert "Поставить" in page


def test_a_clinic_sees_its_own_and_every_look_is_noted(
    sign_in: SignIn, mine: UUID, database: Any, clinic: Clinic
) -> None:  # fmt: skip
    shorts = list(clinic.persons)
    differ(database, clinic, shorts[1], org=OTHER)
    pages = {login: sign_in(login).get("/comparisons/stage_differs").text for login in ("registrar", "coordinator")}
    assert {login: page.count('id="d-') for login, page in pages.items()} == {"registrar": 1, "coordinator": 2}
    with database.batch() as conn:
        seen = conn.execute("select person_id from audit where action = 'differences' and author = 'registrar'").fetchall()
    assert {row.person_id for row in seen} == {clinic.persons[shorts[0]]}


def test_another_clinic_neither_sees_nor_answers(sign_in: SignIn, mine: UUID, database: Any) -> None:
    strange(database)
    client = sign_in("stranger")
    page = client.get("/comparisons/stage_differs").text
    assert "Расхождений нет" in page
    assert client.get(f"/comparisons?clinic={CLINIC}").status_code == 404
    assert client.get(f"/comparisons/stage_differs?clinic={CLINIC}").status_code == 404
    sent = {
        "csrf": csrf(page),
        "comparison": "stage_differs",
        "reason": "other",
        "note": "x",
        "clinic": CLINIC,
        "number": "1",
    }
    assert client.post(f"/differences/{mine}/confirm", data=sent).status_code == 404
    assert client.post("/comparisons/stage_differs/give", data=sent).status_code == 404
    assert state(database, mine)[0] == "open"


@pytest.mark.parametrize("address", ["/comparisons/nothing", "/comparisons/stage_differs?clinic=1.2.3"])
def test_what_does_not_exist_is_not_found(sign_in: SignIn, mine: UUID, address: str) -> None:
    assert sign_in("registrar").get(address).status_code == 404


def test_confirmed_with_a_reason_and_taken_back(sign_in: SignIn, mine: UUID, database: Any) -> None:
    client = sign_in("registrar")
    sent = {"csrf": csrf(client.get("/comparisons/stage_differs").text), "comparison": "stage_differs"}
    without = client.post(f"/differences/{mine}/confirm", data=sent | {"reason": "other", "note": " "})
    assert without.status_code == 422
    assert "Напишите, как это установлено" in without.text
    given = client.post(f"/differences/{mine}/confirm", data=sent | {"reason": "cannot_mend", "note": "ответ архива"})
    assert (given.status_code, given.headers["location"]) == (303, "/comparisons/stage_differs?done=confirmed")
    assert state(database, mine) == ("confirmed", "registrar", "cannot_mend", "ответ архива")
    confirmed = client.get("/comparisons/stage_differs?tab=confirmed").text
    assert "Источник исправить нельзя: ответ архива. Лукина Вера" in confirmed
    twice = client.post(f"/differences/{mine}/confirm", data=sent | {"reason": "other", "note": "ещё раз"})
    assert twice.status_code == 422
    assert client.post(f"/differences/{mine}/undo", data=sent).status_code == 303
    assert state(database, mine) == ("open", "", "", "")
    assert client.post(f"/differences/{mine}/other", data=sent).status_code == 404
    assert client.post("/differences/not-a-number/confirm", data=sent | {"reason": "other", "note": "x"}).status_code == 404
    assert client.post(f"/differences/{mine}/confirm", data=sent | {"csrf": "x"}).status_code == 403


def test_tasks_are_given_to_who_mends_it_once(sign_in: SignIn, mine: UUID, database: Any, clinic: Clinic) -> None:
    client = sign_in("head")
    page = client.get("/comparisons/stage_differs").text
    assert "1\u00a0расхождение без задачи" in page
    token = csrf(page)
    for number, status in (("", 422), ("0", 422), ("9999", 422), ("одна", 422), ("1", 303)):
        answer = client.post("/comparisons/stage_differs/give", data={"csrf": token, "number": number})
        assert answer.status_code == status, number
    assert answer.headers["location"] == "/comparisons/stage_differs?done=1"
    with database.batch() as conn:
        rows = conn.execute("select person_id, rule, owner_org, state from task where rule like 'REC%%'").fetchall()
    assert [tuple(r) for r in rows] == [(next(iter(clinic.persons.values())), "REC-10", CLINIC, "open")]
    again = client.get("/comparisons/stage_differs").text
    assert "без задачи" in again  # the filter
    assert "Поставить задачи" not in again
    assert "задача до" in again
    assert "Сверить стадию с документами" in client.get("/").text
    assert client.get("/comparisons/stage_differs?work=free").text.count('id="d-') == 0


def test_a_coordinator_compares_now_and_others_may_not(sign_in: SignIn, mine: UUID, database: Any) -> None:
    token = csrf(sign_in("registrar").get("/comparisons/stage_differs").text)
    assert sign_in("registrar").post("/comparisons/run", data={"csrf": token}).status_code == 403
    client = sign_in("coordinator")
    assert client.post("/comparisons/run", data={"csrf": csrf(client.get("/comparisons").text)}).status_code == 303
    background.wait()
    assert state(database, mine)[0] == "gone", "no source says it"
    page = client.get("/comparisons").text
    assert "Последняя сверка" in page
    assert "не сверялось: список не загружен" in page


def test_a_long_list_is_leafed_through(sign_in: SignIn, database: Any, clinic: Clinic, monkeypatch: Any) -> None:
    monkeypatch.setattr(difference_pages, "PAGE", 2)
    for short in list(clinic.persons)[:3]:
        differ(database, clinic, short)
    client, seen = sign_in("coordinator"), 0
    address = "/comparisons/stage_differs"
    for _ in range(5):
        page = client.get(address).text
        seen += page.count('id="d-')
        if "Следующие" not in page:
            break
        address = page.rsplit('class="more"><a class="button" href="', 1)[1].split('"', 1)[0].replace("&amp;", "&")
    assert seen == 3


def test_the_task_shows_the_values_of_today_and_what_they_were(sign_in: SignIn, database: Any, clinic: Clinic) -> None:
    short, public = next(iter(clinic.public.items()))
    at = datetime(TODAY.year, TODAY.month, TODAY.day, 9, tzinfo=UTC)
    ask = Ask(clinic.persons[short], "REC-10", TODAY, "Стадия <b>III</b>", CLINIC)
    with database.batch() as conn:
        assignments.give(conn, 1, Source("comparison", "stage_differs", "сверка"), [ask], given_on=TODAY, author="t", at=at)
        (work,) = conn.execute("select id from assignment").fetchone()
        renewal = assignments.Renewal(work, CLINIC, "Стадия II.", {})
        assert assignments.renew(conn, 1, [renewal], on=TODAY, by="сверка", at=at) == [clinic.persons[short]]
    sweep(database, TODAY)
    page = sign_in("navigator").get(f"/case/{public}").text
    assert "Стадия II. Сверка, поручено" in page  # one full stop between what is asked and why
    assert "Стадия II" in page
    assert "раньше было: «Стадия &lt;b&gt;III&lt;/b&gt;»" in page


def test_a_second_run_of_a_day_does_not_hide_what_the_first_found(sign_in: SignIn, database: Any, clinic: Clinic) -> None:
    with database.owner() as conn:
        for found in ({"open": 5, "new": 4, "ended": 1}, {"open": 4, "new": 0, "ended": 1}):
            conn.execute(
                """insert into comparison_run (region_id, day, author, finished_at, counts)
                   values (1, %s, 'сверка', '2026-03-10 05:00+03', %s)""",
                (TODAY, Jsonb({"stage_differs": found})),
            )
    page = sign_in("coordinator").get("/comparisons").text
    day = page.split("Прошлые сверки", 1)[1].split("</table>", 1)[0].split("<tbody>", 1)[1]
    assert re.findall(r">(\d+)</td>", day) == ["4", "4", "2"]
