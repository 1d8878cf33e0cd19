"""Lists of people in the web: built, counted by scope, shown, exported, turned into tasks. Roles and bad input too."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import date
from typing import Any
from urllib.parse import quote
from zipfile import ZipFile

import pytest

from oncor_cases.actions import contingents as lists
from oncor_cases.actions.exporting import safe
from oncor_cases.store import population
from oncor_cases.store.session import Scope
from tests.web.people import CLINIC, OTHER, TODAY, Clinic, person

SignIn = Callable[[str], Any]
REGION = Scope(1, "coordinator", "coordinator")


@pytest.fixture(autouse=True)
def nothing_is_remembered() -> None:
    population._kept.clear()
    population._clinics.clear()


def token(client: Any) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', client.get("/contingents").text)[1]  # type: ignore[index]


def post(client: Any, path: str, **data: Any) -> Any:
    return client.post(path, data={"csrf": token(client), **data})


def asked(expression: Any) -> str:
    return quote(json.dumps(expression))


@pytest.fixture
def everybody(database: Any, clinic: Clinic) -> str:
    """A shared list of the region with everybody in it; its address."""
    address = lists.save(
        database, REGION, name="Все живые", kind="expression", definition={"expression": "alive"}, today=TODAY, shared=True
    )
    return str(address)


def test_a_clinic_sees_its_own_persons_of_a_shared_list_and_the_region_all(sign_in: SignIn, everybody: str) -> None:
    for login, count in (("navigator", "5"), ("coordinator", "6"), ("stranger", "1")):
        page = sign_in(login).get("/contingents").text
        assert re.search(rf'data-name="человек">{count}<', page), login
        assert f">{count}&nbsp;человек" in sign_in(login).get(f"/contingents/{everybody}").text.replace("\u00a0", "&nbsp;")
    assert "Иванова" not in sign_in("stranger").get(f"/contingents/{everybody}").text
    assert "Чужой" in sign_in("stranger").get(f"/contingents/{everybody}").text


def test_a_private_list_does_not_exist_for_others(sign_in: SignIn, database: Any, clinic: Clinic) -> None:
    head = Scope(1, "head", "head", (CLINIC,))
    mine = lists.save(database, head, name="Мои", kind="expression", definition={"expression": "alive"}, today=TODAY)
    stranger = sign_in("stranger")
    assert "Мои" not in stranger.get("/contingents").text
    for path in (f"/contingents/{mine}", f"/contingents/{mine}/export", f"/contingents/work?e={asked(f'c:{mine}')}"):
        assert stranger.get(path).status_code in (403, 404), path
    built = stranger.get(f"/contingents/build?e={asked(f'c:{mine}')}")
    assert built.status_code == 404
    for verb in ("subscription", "freeze", "change", "close", "find", "export"):
        assert post(stranger, f"/contingents/{mine}/{verb}", name="x", column="family").status_code == 404, verb


@pytest.mark.parametrize("path", ["", "/build", "/query", "/file", "/work?e=%22alive%22"])
def test_the_administrator_of_accounts_sees_no_list(sign_in: SignIn, clinic: Clinic, path: str) -> None:
    assert sign_in("admin").get(f"/contingents{path}").status_code == 403


def test_the_builder_counts_while_it_is_edited_without_scripts_too(sign_in: SignIn, everybody: str) -> None:
    client = sign_in("coordinator")
    fields = {"op.r": "minus", "set.r.0": f"c:{everybody}", "set.r.1": f"clinic:{OTHER}"}
    page = client.get("/contingents/build", params=fields).text
    assert '<b class="big">5\u00a0человек</b>' in page
    assert "<svg" in page
    more = client.get("/contingents/build", params={**fields, "do": "group:r"}).text
    assert 'name="op.r.2"' in more
    assert 'name="set.r.2.1"' in more
    less = client.get("/contingents/build", params={**fields, "do": "drop:r.1"}).text
    assert 'name="set.r.1"' not in less
    htmx = client.get("/contingents/build", params=fields, headers={"hx-request": "true"})
    assert "<html" not in htmx.text
    assert client.get(htmx.headers["hx-push-url"]).status_code == 200


def test_a_picture_of_four_is_bars_and_says_the_same_as_its_table(sign_in: SignIn, everybody: str) -> None:
    expression = {"op": "least", "k": 2, "of": [f"c:{everybody}", "sex:female", f"clinic:{CLINIC}", "register:oncology"]}
    page = sign_in("coordinator").get(f"/contingents/build?e={asked(expression)}").text
    assert page.count('class="bar') == 15
    assert "не меньше" in page
    table = re.findall(r'<td class="right">(\d+)</td><td>(да|—)</td>', page)
    assert sum(int(n) for n, _ in table) == 6
    assert sum(int(n) for n, yes in table if yes == "да") == 5


@pytest.mark.parametrize("e", ["{", "5", '{"op":"nand","of":["alive"]}', '"sex:all"', '"c:1"', '{"op":"any","of":[]}'])
def test_a_bad_expression_in_an_address_is_words_and_no_trace(sign_in: SignIn, clinic: Clinic, e: str) -> None:
    client = sign_in("coordinator")
    for path in ("build", "work"):
        answer = client.get(f"/contingents/{path}", params={"e": e})
        assert answer.status_code in (200, 404, 422), path
        assert "Traceback" not in answer.text


def test_saved_from_the_builder_and_from_conditions(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("head")
    saved = post(client, "/contingents/save", e='{"op":"all","of":["alive","sex:male"]}', name="Мужчины")
    assert saved.status_code == 303
    page = client.get(saved.headers["location"]).text
    assert "Петров" in page
    assert "Иванова" not in page
    counted = client.get("/contingents/query", params={"sex": "female", "alive": "yes"}).text
    assert ">4\u00a0человека<" in counted
    kept = post(client, "/contingents/query", sex="female", alive="yes", name="Женщины")
    assert "живы; женщины" in client.get(kept.headers["location"]).text
    register = post(client, "/contingents/query", registered="oncology", name="Регистр")
    assert "регистр</span>" in client.get(register.headers["location"]).text
    assert post(client, "/contingents/query", sex="female").status_code == 422
    assert "МКБ-10" in post(client, "/contingents/query", icd10="рак", name="x").text


def test_found_by_name_without_a_name_in_the_address(sign_in: SignIn, everybody: str) -> None:
    client = sign_in("navigator")
    found = post(client, f"/contingents/{everybody}/find", q="сидорова").text
    assert "Сидорова" in found
    assert "Петров" not in found
    assert "Иванова" in post(client, f"/contingents/{everybody}/find", q="112-233-445 95").text
    assert "никого нет" in post(client, f"/contingents/{everybody}/find", q="чужой").text


def test_an_export_holds_the_chosen_columns_of_ones_own_persons_and_is_in_the_audit(
    sign_in: SignIn, everybody: str, database: Any, clinic: Clinic
) -> None:
    with database.batch() as conn:
        person(conn, clinic, "formula", "=HYPERLINK(1) Анна", snils="")
        conn.execute("update person set sort_key = '0' where id = %s", (clinic.persons["formula"],))
    lists.refresh(database, TODAY)
    client = sign_in("head")
    answer = post(client, f"/contingents/{everybody}/export", kind="csv", column=["family", "birth_date"])
    assert answer.headers["content-disposition"].startswith('attachment; filename="oncor-2026-03-10.csv"')
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["Фамилия", "Дата рождения"]
    assert rows[1][0] == "'=HYPERLINK(1)"
    assert {"Иванова", "Сидорова"} <= {r[0] for r in rows}
    assert len(rows) == 7
    book = post(client, f"/contingents/{everybody}/export", kind="xlsx", column=["family", "snils"])
    with ZipFile(io.BytesIO(book.content)) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in sheet
        assert "=HYPERLINK(1)" in archive.read("xl/sharedStrings.xml").decode() if 't="s"' in sheet else sheet
    assert post(client, f"/contingents/{everybody}/export", kind="exe", column=["family"]).status_code == 422
    assert post(client, f"/contingents/{everybody}/export", kind="csv").status_code == 422
    with database.owner() as conn:
        noted = conn.execute("select detail from audit where action = 'contingent.export' order by id").fetchall()
    assert [n.detail for n in noted] == [
        {"rows": 6, "columns": ["family", "birth_date"], "kind": "csv"},
        {"rows": 6, "columns": ["family", "snils"], "kind": "xlsx"},
    ]


@pytest.mark.parametrize("text", ["=1+1", "+7", "-1", "@sum", "\tx", "\r=1", "\n=1"])
def test_no_cell_of_a_csv_is_a_formula(text: str) -> None:
    assert safe(text) == f"'{text}"
    assert safe("Иванова") == "Иванова"
    assert safe(date(2026, 3, 5)) == "05.03.2026"
    assert safe(None) == ""


FILE = (
    "Список пациентов на март;;;\nФИО;Дата рождения;СНИЛС;Участок\nИванова Мария Петровна;12.04.1961;112-233-445 95;3\n"
    "Петров Андрей Ильич;02.11.1954;;5\nЧужой Иван Иванович;12.04.1961;;1\nНикто Ниоткуда;31.02.2024;;\n;;11111111111;\n"
)


def test_a_file_of_a_clinic_finds_its_own_and_lists_the_rest_with_reasons(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    client = sign_in("registrar")
    data = {"csrf": token(client), "name": "Мартовский", "as_of": TODAY.isoformat()}
    answer = client.post("/contingents/file", data=data, files={"file": ("март.csv", FILE.encode("cp1251"))})
    assert answer.status_code == 303
    page = client.get(answer.headers["location"]).text
    assert re.findall(r'<td data-name="строка">(\d)</td><td>([^<]+)</td>', page) == [
        ("5", "Такого человека в базе нет"), ("6", "Дата рождения не читается"), ("7", "СНИЛС с ошибкой"),
    ]  # fmt: skip
    people = client.get(answer.headers["location"].split("?")[0]).text
    assert "Участок: 3" in people
    assert ">2\u00a0человека<" in people
    again = client.post("/contingents/file", data=data, files={"file": ("март.csv", FILE.encode("cp1251"))})
    assert again.headers["location"] == answer.headers["location"]
    with database.owner() as conn:
        assert conn.execute("select count(*) n from contingent_snapshot").fetchone().n == 1
    bad = client.post("/contingents/file", data=data, files={"file": ("x.bin", b"\0\1\2\3" * 50)})
    assert bad.status_code == 422
    assert "не читается" in bad.text


def test_tasks_from_a_list_are_previewed_given_once_and_taken_back(
    sign_in: SignIn, everybody: str, database: Any, clinic: Clinic
) -> None:
    client = sign_in("coordinator")
    expression = {"op": "all", "of": [f"c:{everybody}", f"clinic:{CLINIC}"]}
    page = client.get("/contingents/work", params={"e": json.dumps(expression)}).text
    assert "Задачу получат: 5\u00a0человек из 5" in page
    form = {
        "e": json.dumps(expression),
        "name": "Первая поликлиника",
        "text": "Пригласить",
        "due": "2026-03-24",
        "owner": "",
    }
    bad = post(client, "/contingents/work", **{**form, "due": "2026-03-01"})
    assert bad.status_code == 422
    assert "Срок не может быть в прошлом" in bad.text
    given = post(client, "/contingents/work", **form)
    work = client.get(given.headers["location"]).text
    assert "Пригласить" in work
    assert "<small>Орлов Денис, срок" in work
    assert 'data-name="открыто">5<' in work
    inbox = sign_in("navigator").get("/?rule=LIST-01").text
    assert inbox.count("Пригласить") >= 5
    assert "«Все живые»" not in inbox
    assert "Первая поликлиника" in inbox
    assert "Новых задач не будет" in client.get("/contingents/work", params={"e": json.dumps(expression)}).text
    post(client, given.headers["location"].split("?")[0] + "/withdraw", given_on=TODAY.isoformat(), text="Пригласить")
    assert 'data-name="отозвано">5<' in client.get(given.headers["location"]).text
    assert sign_in("navigator").get("/contingents/work", params={"e": '"alive"'}).status_code == 403


def test_the_patients_page_ends_work_of_a_list(sign_in: SignIn, everybody: str, database: Any, clinic: Clinic) -> None:
    post(sign_in("coordinator"), "/contingents/work", e=json.dumps(f"c:{everybody}"), name="x", text="Пригласить",
         due="2026-03-24")  # fmt: skip
    client = sign_in("navigator")
    case = f"/case/{clinic.public['petrov']}"
    with database.batch() as conn:
        task = conn.execute(
            "select public_id from task where rule = 'LIST-01' and person_id = %s", (clinic.persons["petrov"],)
        ).fetchone()
    page = client.get(f"{case}?task={task.public_id}").text
    assert "Пригласить. Все живые, поручено 10\u00a0марта" in page
    assert "Не требуется" in page
    csrf = re.search(r'name="csrf" value="([^"]+)"', page)[1]  # type: ignore[index]
    form = {"csrf": csrf, "target": str(task.public_id), "verb": "assignment_not_needed", "version": "0", "key": "k1"}
    assert client.post(f"{case}/decide", data=form).status_code == 422
    done = client.post(f"{case}/decide", data={**form, "note": "уже был"})
    assert done.status_code == 303
    after = client.get(done.headers["location"]).text
    assert "Отмечено: не требуется." in after
    assert "закрыта" in after


def test_a_subscriber_is_told_who_entered_and_left(sign_in: SignIn, everybody: str, database: Any, clinic: Clinic) -> None:
    client = sign_in("head")
    assert post(client, f"/contingents/{everybody}/subscription", wanted="1").status_code == 303
    assert "Не следить" in client.get(f"/contingents/{everybody}").text
    with database.batch() as conn:
        conn.execute("update person set died_on = '2026-03-11' where id = %s", (clinic.persons["petrov"],))
    assert lists.refresh(database, date(2026, 3, 11))["told"] == 1
    page = client.get("/contingents").text
    link = re.search(r'href="(/contingents/[^"]*before=[^"]+)"', page)[1].replace("&amp;", "&")  # type: ignore[index]
    assert "−1" in page
    shown = client.get(link).text
    assert "вышли 1\u00a0человек" in shown
    assert "Петров" in shown
    assert "−1</a>" not in client.get("/contingents").text, "read is read"
    assert "Что изменилось" not in sign_in("navigator").get("/contingents").text


def test_a_copy_a_new_name_and_the_end_of_a_list(sign_in: SignIn, everybody: str) -> None:
    client = sign_in("coordinator")
    copy = post(client, f"/contingents/{everybody}/freeze", name="На память")
    assert "Копия списка «Все живые»" in client.get(copy.headers["location"]).text
    post(client, f"/contingents/{everybody}/change", name="Живые")
    assert "Живые" in client.get("/contingents").text
    assert sign_in("head").get(f"/contingents/{everybody}").status_code == 404, "no longer shared"
    post(client, f"/contingents/{everybody}/close")
    assert client.get(f"/contingents/{everybody}").status_code == 404


def test_attributes_of_a_fact_are_chosen_and_said_in_words(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("coordinator")
    assert "q-has_a_" not in client.get("/contingents/query").text
    page = client.get("/contingents/query?has_kind=diagnosis").text
    assert '<select id="q-has_a_stage" name="has_a_stage">' in page
    assert ">предварительный<" in page
    told = {"has_kind": "diagnosis", "has_a_stage": "IV", "has_a_result": "malignant", "case": "diagnosis:verified"}
    page = client.get("/contingents/query", params=told).text
    assert "есть «диагноз» стадия IV" in page  # what was chosen for another kind before is left out
    assert "случай: диагностика и начало лечения, диагноз подтверждён" in page
    kept = post(client, "/contingents/query", name="Четвёртая", **told)
    assert "есть «диагноз» стадия IV" in client.get(kept.headers["location"]).text
    assert client.get("/contingents/query", params=told | {"has_a_stage": "V"}).status_code == 200


IVANOVA = "Иванова Мария Петровна;12.04.1961"


def test_a_file_of_the_next_day_tells_whoever_follows_the_list(sign_in: SignIn, clinic: Clinic) -> None:
    coordinator, methodologist = sign_in("coordinator"), sign_in("methodologist")

    def send(people: list[str], day: str) -> str:
        rows = "\n".join(people)
        answer = coordinator.post(
            "/contingents/file", files={"file": ("осмотр.csv", f"ФИО;Дата рождения\n{rows}\n".encode())},
            data={"csrf": token(coordinator), "name": "Осмотр", "as_of": day, "shared": "1"},
        )  # fmt: skip
        return str(answer.headers["location"].split("?")[0])

    address = send([IVANOVA], "2026-03-08")
    for client in (coordinator, methodologist):
        assert post(client, f"{address}/subscription", wanted="1").status_code == 303
    send([], "2026-03-01")  # of an earlier day: it takes its place in the history and changes nothing now
    assert "Что изменилось" not in methodologist.get("/contingents").text
    send([IVANOVA, "Петров Андрей Ильич;02.11.1954"], "2026-03-09")
    assert "«Осмотр»" in methodologist.get("/contingents").text
    assert "+1" in methodologist.get("/contingents").text
    assert "Что изменилось" not in coordinator.get("/contingents").text, "whoever sent it knows"


def test_the_builder_offers_work_only_to_those_who_may_give_it(sign_in: SignIn, clinic: Clinic) -> None:
    for login, may in (("navigator", False), ("registrar", True), ("head", True), ("coordinator", True)):
        client = sign_in(login)
        page = client.get("/contingents/build", params={"e": '"alive"'}).text
        assert ("Поставить задачи" in page) is may, login
        assert (client.get("/contingents/work", params={"e": '"alive"'}).status_code == 200) is may, login


def test_rows_nobody_was_found_for_are_counted_paged_and_sent_back_as_a_table(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("coordinator")
    lost = "\n".join(f"Никто{n} Анна;01.01.1950;=1+{n}" for n in range(230))
    data = f"ФИО;Дата рождения;Заметка\n{IVANOVA};-\n{lost}\n".encode()
    answer = client.post(
        "/contingents/file", files={"file": ("осмотр.csv", data)},
        data={"csrf": token(client), "name": "Осмотр", "as_of": "2026-03-08", "shared": "1"},
    )  # fmt: skip
    page = client.get(answer.headers["location"]).text
    assert "Не найдены: 230\u00a0строк" in page
    assert "ФИО: Никто0 Анна" in page
    assert "Никто229" not in page
    following = re.search(r'href="([^"]*tab=rejects&amp;start=[^"]*)"', page)[1]  # type: ignore[index]
    assert "Никто229" in client.get(following.replace("&amp;", "&")).text
    address = answer.headers["location"].split("?")[0]
    rows = list(csv.reader(io.StringIO(client.get(f"{address}/rejects.csv").text.lstrip("\ufeff")), delimiter=";"))
    assert (len(rows), rows[0][:2], "ФИО" in rows[0]) == (231, ["Строка", "Почему"], True)
    assert "'=1+0" in rows[1]
    book = ZipFile(io.BytesIO(client.get(f"{address}/rejects.xlsx").content))
    assert b"<f>" not in book.read("xl/worksheets/sheet1.xml")
    stranger = sign_in("stranger")  # a shared list shows a clinic its own persons; these rows stay with the owner
    assert "Не найдены" not in stranger.get(address).text
    assert stranger.get(f"{address}/rejects.csv").status_code == 404
    assert sign_in("admin").get(f"{address}/rejects.csv").status_code == 403
