"""The page of lists: upload, what became of the rows, the mapping screen, downloads that are safe, withdrawal."""

import csv
import io
import threading
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from python_calamine import CalamineWorkbook

from oncor_cases.actions import comparing
from oncor_cases.store import lists
from oncor_cases.store.lists import Load
from oncor_cases.web import list_loading, list_pages
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes, xlsx_bytes
from tests.lists.test_kinds import PERS, bill
from tests.lists.test_sheets import book
from tests.people.insured_list import ENPS, NUMBERS
from tests.web.people import CLINIC, TODAY, USERS


def finish():
    for thread in threading.enumerate():
        if thread.name.startswith("list-"):
            thread.join(60)


def send(client, data, name="deaths_2025-10.csv", **more):
    answer = client.post("/lists", files={"file": (name, data)}, data={"csrf": csrf(client)} | more)
    finish()
    return answer


def csrf(client):
    return client.get("/keys").text.split('name="csrf" value="')[1].split('"')[0]


BAD = ["", "=cmd|' /C calc'!A0", "Иванова", "+7", "", "31.02.1960", "Ж", "03.10.2025", "C50.9"]


def test_a_list_is_sent_read_and_shown(sign_in):
    client = sign_in("coordinator")
    answer = send(client, csv_bytes(DEATHS_HEAD, [DEAD, BAD], "cp866"), sender="ЗАГС")
    assert answer.status_code == 303
    number = answer.headers["location"].split("/")[2].split("?")[0]
    page = client.get(f"/lists/{number}").text
    for words in (
        "загружен",
        "Умершие: медицинские свидетельства",
        "такого дня нет в календаре",
        "Неясно, о ком строка",
        "ЗАГС",
    ):
        assert words in page
    assert f"<dd>{USERS['coordinator'][1]}</dd>" in page.replace("<b>", "").replace("</b>", "")  # who loaded it, by name
    assert "Умершие" in client.get("/lists").text
    rows = list(csv.reader(io.StringIO(client.get(f"/lists/{number}/rejects.csv").text.lstrip("\ufeff")), delimiter=";"))
    assert rows[1][0] == "3"
    assert "'=cmd|' /C calc'!A0" in rows[1]
    assert "'+7" in rows[1]
    book = CalamineWorkbook.from_filelike(io.BytesIO(client.get(f"/lists/{number}/rejects.xlsx").content))
    assert "=cmd|' /C calc'!A0" in book.get_sheet_by_index(0).to_python()[1]


def test_a_death_from_a_list_withdrawn(sign_in, database):
    client = sign_in("coordinator")
    number = send(client, csv_bytes(DEATHS_HEAD, [DEAD2])).headers["location"].split("/")[2].split("?")[0]
    alive = "select count(*) n from person where died_on is null and family = 'Белов'"
    with database.batch() as conn:
        assert conn.execute(alive).fetchone().n == 0
    path = f"/lists/{number}/withdraw"
    assert client.post(path, data={"csrf": csrf(client), "reason": ""}).status_code == 422
    assert client.post(path, data={"csrf": csrf(client), "reason": "не те люди"}).status_code == 303
    assert "отозван" in client.get(f"/lists/{number}").text
    with database.batch() as conn:
        assert conn.execute(alive).fetchone().n == 1


def test_the_mapping_screen(sign_in):
    client = sign_in("coordinator")
    data = xlsx_bytes(["Кто", "Родился", "Ушёл"], [["Рябова Анна Львовна", "12.04.1960", "03.10.2025"]])
    number = send(client, data, "морг.xlsx").headers["location"].split("/")[2].split("?")[0]
    assert "Разметить столбцы" in client.get(f"/lists/{number}").text
    page = client.get(f"/lists/{number}/mapping?kind=deaths").text
    assert "Рябова Анна Львовна" in page
    told = {"csrf": csrf(client), "kind": "deaths", "name": "Морг", "sender": "морг", "as_of": "2025-10-05"}
    assert client.post(f"/lists/{number}/mapping", data=told).status_code == 422
    told |= {"c-fio": "Кто", "c-born": "Родился", "c-died_on": "Ушёл"}
    assert client.post(f"/lists/{number}/mapping", data=told).status_code == 303
    finish()
    assert "загружен" in client.get(f"/lists/{number}").text
    again = send(client, xlsx_bytes(["Кто", "Родился", "Ушёл"], [["Белов Пётр", "01.02.1955", "07.10.2025"]]), "морг 2.xlsx")
    page = client.get(again.headers["location"]).text
    assert "загружен" in page
    assert "Морг" in page


@pytest.mark.parametrize("data", [b"", b"PK\x03\x04broken", b"\x00\x01\x02" * 100, b"<a><b><c>1</c></b>"])
def test_no_stack_trace_for_what_is_no_list(sign_in, data):
    client = sign_in("coordinator")
    answer = send(client, data, "x.bin")
    page = client.get(answer.headers["location"]) if answer.status_code == 303 else answer
    assert "Traceback" not in page.text
    assert "не загружен" in page.text or "ждёт решения" in page.text


def test_a_registrar_sends_and_sees_the_own_clinic_only(sign_in):
    coordinator, registrar = sign_in("coordinator"), sign_in("registrar")
    hidden = send(coordinator, csv_bytes(DEATHS_HEAD, [BAD, DEAD]), sender="ЗАГС").headers["location"].split("?")[0]
    assert registrar.get(hidden).status_code == 404
    assert registrar.get(f"{hidden}/rejects.csv").status_code == 404
    assert send(registrar, csv_bytes(DEATHS_HEAD, [DEAD2]), sender="ЗАГС").status_code == 422
    own = send(registrar, csv_bytes(DEATHS_HEAD, [BAD, DEAD2]), "умершие 2025-11.csv", sender=CLINIC).headers["location"]
    assert "Неясно, о ком строка" in registrar.get(own).text
    assert sign_in("navigator").get("/lists").status_code == 403
    assert "Неясно, о ком строка" not in sign_in("admin").get(own).text  # an administrator of accounts sees no patient


def test_records_of_the_interface(door):
    client = door.client()
    record = {
        "type": "RcDz", "id": 7, "date": "2025-09-01", "icd10": "C50.4",
        "diagnosis": {"status": 9, "stage": "IIA", "tnm": {"t": "2", "n": 0, "m": "0"}},
        "patient": {"snils": "112-233-445 95", "surname": "Рябова", "name": "Анна", "birth_day": "1960-04-12", "gender": 2},
    }  # fmt: skip
    post = lambda body: client.post("/api/v1/records", json=body, headers={"Authorization": f"Bearer {door.key}"})  # noqa: E731
    assert client.post("/api/v1/records", json=[record]).status_code == 401
    answer = post([record, {"type": "RcWhat", "id": 1}])
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["counts"]["good"], told["counts"]["facts"]) == (1, 1)
    assert told["rejects"][0]["code"] == "type"
    assert post([record, {"type": "RcWhat", "id": 1}]).status_code == 200
    assert post({"result": "?"}).status_code in (201, 422)
    fixed = record | {"diagnosis": record["diagnosis"] | {"stage": "IIB"}}
    assert post([fixed]).json()["counts"]["documents"] == 1
    assert "программа «" in door.client("coordinator").get(f"/lists/{told['load']}").text


INSURED = ["СНИЛС", "ЕНП", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Код МО прикрепления"]


def test_the_insured_are_a_list_like_any_other(sign_in, database):
    client = sign_in("coordinator")
    people = [[NUMBERS[n], ENPS[n], "Лосев", "Пётр", "Ильич", "01.02.1955", "М", CLINIC] for n in range(60)]
    bad = [NUMBERS[0], "7,7E+15", "=cmd", "Пётр", "", "01.02.1955", "М", CLINIC]
    answer = send(client, csv_bytes(INSURED, [*people, bad]), "застрахованные_2026-02-01.csv", sender="ТФОМС")
    number = answer.headers["location"].split("/")[2].split("?")[0]
    page = client.get(f"/lists/{number}").text
    for words in ("Застрахованные с прикреплением", "новых жителей", "<b>60</b>", "испорчен таблицей", "строка отклонена"):
        assert words in page
    rows = list(csv.reader(io.StringIO(client.get(f"/lists/{number}/rejects.csv").text.lstrip("\ufeff")), delimiter=";"))
    assert rows[1][0] == "62"
    assert "'=cmd" in rows[1]
    short = send(client, csv_bytes(INSURED, people[:5]), "застрахованные_2026-03-01.csv", sender="ТФОМС")
    number = short.headers["location"].split("/")[2].split("?")[0]
    page = client.get(f"/lists/{number}").text
    assert "выбыли бы 55 из 60" in page
    client.post(f"/lists/{number}/retry", data={"csrf": csrf(client), "confirmed": "1"})
    finish()
    assert "исчезло из списка" in client.get(f"/lists/{number}").text
    client.post(f"/lists/{number}/withdraw", data={"csrf": csrf(client), "reason": "неполный"})
    with database.batch() as conn:
        assert conn.execute("select count(*) n from resident where gone_on is null").fetchone().n == 60
    assert "отозван" in client.get(f"/lists/{number}").text


def test_the_register_of_another_region_is_declared_with_its_region(sign_in, database):
    """Under the own register's name it would be the next list of the same series and end everybody of the own one."""
    client = sign_in("coordinator")
    assert "Канцер-регистр другого региона" in client.get("/lists").text
    data = csv_bytes(
        ["СНИЛС", "Фамилия", "Имя", "Дата рождения", "Топография МКБ-10", "Дата диагноза", "Взят на учет"],
        [[NUMBERS[0], "Иванова", "Анна", "12.04.1961", "C50.4", "01.02.2020", "03.02.2020"]],
    )
    told = {"kind": "register_tumours", "as_of": "2026-02-01", "sender": "Канцер-регистр другого региона"}
    assert "Напишите, какого региона" in send(client, data, "reg.csv", **told).text
    sent = send(client, data, "reg.csv", **told, of_region=" Соседний  край ")
    assert sent.status_code == 303
    assert "Канцер-регистр другого региона: Соседний край" in client.get(sent.headers["location"]).text
    send(client, data.replace("Анна".encode(), "Алла".encode()), "own.csv", **told | {"sender": "Канцер-регистр"})
    with database.batch() as conn:
        rows = conn.execute("select sender_org, state from list_load order by id").fetchall()
    assert [tuple(r) for r in rows] == [
        ("Канцер-регистр другого региона: Соседний край", "loaded"), ("Канцер-регистр", "loaded"),
    ]  # fmt: skip


LOCAL = SimpleNamespace(local=lambda moment: moment.astimezone(UTC))  # a reader by the clocks of Greenwich


def test_a_long_load_says_which_step_it_is_in_and_since_when():
    """Lines are counted while they are read; then the number stands, and the step tells that the load goes on."""
    began = datetime(2026, 2, 1, 9, tzinfo=UTC)
    steps = {"reading": 2, "joining": 150, "judging": 42}
    stages = {
        name: {"since": f"{began + timedelta(seconds=s):%FT%T+00:00}", "done": 0, "of": 0} for name, s in steps.items()
    }
    load = Load(**dict.fromkeys(Load._fields))._replace(
        state="reading", progress=4_300_000, started_at=began, stages=stages
    )  # fmt: skip
    now = began + timedelta(minutes=3, seconds=5)
    said = list_pages.reading(load, LOCAL, now)
    assert said.replace("\u00a0", " ") == "сверка с известными людьми, прочитано 4 300 000 строк, идёт 3 мин"
    told = [(s.title, s.since, s.took.replace("\u00a0", " "), s.current) for s in list_pages.stages(load, LOCAL, now)]
    assert told == [
        ("чтение строк", "09:00:02", "40 с", False), ("проверка значений", "09:00:42", "1 мин", False),
        ("сверка с известными людьми", "09:02:30", "35 с", True),
    ]  # fmt: skip
    stages["joining"] |= {"done": 3000, "of": 12_000}
    assert list_pages.stages(load, LOCAL, now)[-1].far.replace("\u00a0", " ") == "3 000 из 12 000"
    done = load._replace(state="loaded", finished_at=now)
    assert [s.current for s in list_pages.stages(done, LOCAL, now)] == [False] * 3
    assert list_pages.reading(load._replace(progress=0, stages={}), LOCAL, began).replace("\u00a0", " ") == (
        "начинается, идёт 0 с"
    )


def test_the_page_of_a_load_shows_its_step_while_it_is_read(sign_in, database):
    client = sign_in("coordinator")
    number = send(client, csv_bytes(DEATHS_HEAD, [DEAD])).headers["location"].split("/")[2].split("?")[0]
    with database.batch() as conn:
        lists.change(conn, 1, int(number), state="reading", finished_at=None, progress=7)
        lists.tell_stage(conn, 1, int(number), "settling", 3, 7)
    page = client.get(f"/lists/{number}", headers={"hx-request": "true"}).text
    assert 'aria-current="step"><span>сравнение с прежними списками и запись: 3 из 7</span>' in page.replace("\u00a0", " ")
    assert 'hx-trigger="every 2s"' in page


ADDRESSES = (
    "/lists?kind=%00", "/comparisons/dead_on_list?clinic=%00", "/organisations/%00", "/lists?kind=a%00b", "/search?q=%00",
    "/contingents?%00=1", "/%00",
)  # fmt: skip


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_zero_sign_in_an_address_is_no_error_of_ours(sign_in, address):
    answer = sign_in("coordinator").get(address)
    assert answer.status_code == 400
    assert "нулевой знак" in answer.text


def test_a_zero_sign_in_a_field_is_no_error_of_ours(sign_in):
    client = sign_in("coordinator")
    assert send(client, csv_bytes(DEATHS_HEAD, [DEAD]), sender="\0x").status_code == 422
    assert client.post("/lists", data={"csrf": csrf(client), "sender": "\0x"}).status_code == 422
    number = send(client, csv_bytes(DEATHS_HEAD, [DEAD])).headers["location"].split("/")[2].split("?")[0]
    assert client.post(f"/lists/{number}/withdraw", data={"csrf": csrf(client), "reason": "a\0b"}).status_code == 422
    named = client.post(f"/lists/{number}/mapping", data={"csrf": csrf(client), "c-snils\0": "x", "kind": "deaths"})
    assert named.status_code == 422
    assert send(client, csv_bytes(DEATHS_HEAD, [DEAD2]), name="a\0b.csv").status_code == 303
    assert "нулевой знак" in client.get("/api/v1/records?x=%00").json()["error"]


OBSERVED = "СНИЛС;Фамилия;Имя;Дата рождения;Пол;Код МО;Диагноз;Дата взятия на учет\n"
FIRST = "112-233-445 95;Тестова;Анна;12.04.1961;Ж;;C50.9;01.02.2024\n"
SECOND = "161-234-567 40;Иная;Вера;01.05.1950;Ж;;C18.7;01.02.2024\n"
TUMOURS = "СНИЛС;Фамилия;Имя;Дата рождения;Пол;Диагноз;Дата установления диагноза;Дата взятия на учёт\n"


def observed_only(database):
    with database.batch() as conn:
        rows = conn.execute(
            """select p.family from difference d join person p on p.id = d.person_id
               where d.comparison = 'observed_not_registered' and d.state = 'open' order by 1"""
        ).fetchall()
    return [row.family for row in rows]


def test_the_sources_are_compared_after_a_list_and_after_its_withdrawal(sign_in, database):
    client = sign_in("coordinator")
    told = {"sender": "ТФОМС", "kind": "observed"}
    registered = f"{TUMOURS}123-456-789 64;Зверева;Яна;01.01.1960;Ж;C50;01.02.2024;01.02.2024\n".encode()
    send(client, registered, "reg_tumours.csv", sender="Канцер-регистр", kind="register_tumours", as_of="2026-02-01")
    send(client, (OBSERVED + FIRST).encode(), "dn_in.csv", as_of="2026-02-01", **told)
    assert observed_only(database) == []  # a first comparison of a new region is the night's
    comparing.run(database, 1, TODAY)
    assert observed_only(database) == ["Тестова"]
    answer = send(client, (OBSERVED + FIRST + SECOND).encode(), "dn_in.csv", as_of="2026-03-01", **told)
    assert observed_only(database) == ["Иная", "Тестова"]
    number = answer.headers["location"].split("/")[2].split("?")[0]
    client.post(f"/lists/{number}/withdraw", data={"csrf": csrf(client), "reason": "не тот файл"})
    finish()
    assert observed_only(database) == ["Тестова"]


def test_several_lists_at_once_are_compared_once(sign_in, database, monkeypatch):
    client = sign_in("coordinator")
    made = []
    monkeypatch.setattr(list_loading.jobs, "after_lists", lambda db, settings: made.append(settings.region))
    with list_loading.ONE:  # until all of them wait
        for month in (1, 2, 3):
            data = {"csrf": csrf(client), "as_of": f"2026-0{month}-01", "sender": "ТФОМС", "kind": "observed"}
            client.post("/lists", files={"file": ("dn_in.csv", (OBSERVED + FIRST).encode())}, data=data)
    finish()
    assert made == [1]
    send(client, csv_bytes(["а", "б"], [["1", "2"]]), "x.csv")  # a list that waits changed nothing
    assert made == [1]


def test_the_page_of_a_list_tells_what_was_read_and_what_was_lost(sign_in):
    client = sign_in("coordinator")
    send(client, csv_bytes([*DEATHS_HEAD, "Номер палаты"], [[*DEAD, "5"]]), sender="ЗАГС")
    renamed = [name if name != "Причина смерти" else "Прич. см." for name in DEATHS_HEAD]
    page = client.get("/lists/1").text
    assert "Номер палаты" in page
    assert "не прочитан" in page
    assert "Первоначальная причина" in page
    number = send(client, csv_bytes(renamed, [DEAD]), sender="ЗАГС").headers["location"].split("/")[2].split("?")[0]
    page = client.get(f"/lists/{number}").text
    for words in ("ждёт решения", "которые были раньше", "Прич. см.", "Загрузить без них", "Разметить столбцы"):
        assert words in page
    assert 'name="without_columns" value="1"' in page
    assert 'name="confirmed"' not in page  # that would say that no row is missing either
    assert client.post(f"/lists/{number}/retry", data={"csrf": csrf(client), "without_columns": "1"}).status_code == 303
    finish()
    assert "загружен" in client.get(f"/lists/{number}").text


def test_the_page_of_a_list_names_its_sheets(sign_in):
    client = sign_in("coordinator")
    bad = ["", "", "Иванова", "", "", "31.02.1960", "Ж", "03.10.2025", "C50.9"]
    data = book(Первый=[DEATHS_HEAD, DEAD], Второй=[DEATHS_HEAD, DEAD2, bad], Архив=[["Год"], [1990]])
    number = send(client, data, "deaths_2025-10.xlsx").headers["location"].split("/")[2].split("?")[0]
    page = client.get(f"/lists/{number}").text
    for words in ("Прочитаны листы", "«Второй», «Первый»", "Листы не прочитаны", "«Архив»", "Второй: 3"):
        assert words in page
    assert "Второй: 3" in client.get(f"/lists/{number}/rejects.csv").text


def test_a_list_without_a_day_asks_for_one_and_a_corrected_one_names_what_it_corrects(sign_in, database):
    client = sign_in("coordinator")
    first = (
        send(client, csv_bytes(DEATHS_HEAD, [DEAD, DEAD2]), "умершие.csv", sender="ЗАГС").headers["location"].split("?")[0]
    )
    page = client.get(first).text
    assert "ждёт решения" in page
    assert 'name="as_of"' in page
    assert "Разметить столбцы" not in page
    assert "исправляет ранее загруженный" not in page
    asked = client.post(f"{first}/told", data={"csrf": csrf(client)})
    assert asked.status_code == 422
    assert "Укажите день" in asked.text
    assert client.post(f"{first}/told", data={"csrf": csrf(client), "as_of": "2025-10-01"}).status_code == 303
    finish()
    assert "загружен" in client.get(first).text
    second = send(client, csv_bytes(DEATHS_HEAD, [DEAD2]), "умершие.csv", sender="ЗАГС").headers["location"].split("?")[0]
    assert f'<option value="{first.rsplit("/", 1)[1]}">' in client.get(second).text
    client.post(f"{second}/told", data={"csrf": csrf(client), "of": first.rsplit("/", 1)[1]})
    finish()
    assert "заменён исправленным" in client.get(first).text
    with database.batch() as conn:
        rows = conn.execute("select family from person where died_on is not null").fetchall()
    assert [r.family for r in rows] == ["Белов"]


def test_a_register_of_no_named_region_is_asked_for_it(sign_in, database):
    client = sign_in("coordinator")
    from oncor_cases.actions import lists as door

    head = ["Номер в регистре", "СНИЛС", "Фамилия", "Имя", "Дата рождения", "Пол", "Дата регистрации"]
    data = csv_bytes(head, [["77", "112-233-445 95", "Рябова", "Анна", "12.04.1960", "Ж", "01.02.2024"]])
    done = door.take_bytes(
        database, data, "register_persons_2025-10.csv", region=1, author="t", sender="Канцер-регистр другого региона"
    )
    page = client.get(f"/lists/{done.id}").text
    assert 'name="of_region"' in page
    client.post(f"/lists/{done.id}/told", data={"csrf": csrf(client), "of_region": "Пермский край"})
    finish()
    assert "Канцер-регистр другого региона: Пермский край" in client.get(f"/lists/{done.id}").text


def test_claims_and_their_persons_are_uploaded_one_after_the_other(sign_in):
    client = sign_in("coordinator")
    alone = send(client, PERS, "LCM990001T99_2602.xml").headers["location"].split("?")[0]
    page = client.get(alone).text
    assert "ждёт решения" in page
    assert "когда файл счетов придёт" in page
    assert "Разметить столбцы" not in page  # there is nothing to map in it
    assert "Убрать список" in page
    both = send(client, bill(), "CM990001T99_2602.xml").headers["location"].split("?")[0]
    page = client.get(both).text
    assert "загружен" in page
    assert "CM990001T99_2602.zip" in page
    assert client.get(alone).headers["location"] == f"{both}?done=along"  # the half leads to the load of both


def test_a_list_that_waits_in_vain_is_put_aside(sign_in, database):
    client = sign_in("coordinator")
    number = send(client, csv_bytes(["а", "б"], [["1", "2"]]), "x.csv").headers["location"].split("?")[0]
    assert "Убрать список" in client.get(number).text
    assert client.post(f"{number}/withdraw", data={"csrf": csrf(client), "reason": "не тот файл"}).status_code == 303
    page = client.get(number).text
    assert "отозван" in page
    assert "не тот файл" in page
    assert "Убрать список" not in page
    assert "Разметить столбцы" not in page
