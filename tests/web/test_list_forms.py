"""The forms of lists: who sent one, what is refused and where it is said, what the page of a load offers and what it does
not."""

import re

import pytest

from oncor_cases.web.list_pages import size, why
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes, xlsx_bytes
from tests.lists.test_kinds import PERS, bill
from tests.lists.test_sheets import book
from tests.people.insured_list import ENPS, NUMBERS
from tests.web.people import CLINIC
from tests.web.test_lists import BAD, INSURED, csrf, finish, send


def number_of(answer):
    return answer.headers["location"].split("/")[2].split("?")[0]


def test_a_refusal_is_said_in_the_page_that_sent_the_file(sign_in):
    client = sign_in("coordinator")
    told = {"csrf": csrf(client), "sender": "Канцер-регистр другого региона"}
    answer = client.post(
        "/lists", files={"file": ("x.csv", b"a;b\n1;2\n")}, data=told, headers={"hx-request": "true"}
    )  # fmt: skip
    assert answer.status_code == 422
    assert answer.text.strip().startswith('<div class="complaint"')  # the form aims at the place above itself
    assert 'hx-target="#refused"' in client.get("/lists").text


def test_a_sender_that_is_not_offered_is_written_and_offered_the_next_time(sign_in):
    client = sign_in("coordinator")
    data = csv_bytes(DEATHS_HEAD, [DEAD])
    assert "Напишите, кто составил" in send(client, data, sender="*").text
    number = number_of(send(client, data, sender="*", sender_name=" Бюро  СМЭ "))
    assert "Бюро СМЭ" in client.get(f"/lists/{number}").text
    assert '<option value="Бюро СМЭ">' in client.get("/lists").text
    registrar = sign_in("registrar").get("/lists").text
    assert "Бюро СМЭ" not in registrar  # names what their own clinic sends
    assert 'value="*"' not in registrar


def test_the_mapping_screen_offers_the_same_senders_and_asks_the_same(sign_in):
    client = sign_in("coordinator")
    head = ["Кто", "Родился", "Номер", "Внесён"]
    number = number_of(
        send(client, xlsx_bytes(head, [["Рябова Анна Львовна", "12.04.1960", "7", "01.02.2024"]]), "реестр.xlsx")
    )
    told = {
        "csrf": csrf(client), "kind": "register_persons", "name": "Соседи", "as_of": "2025-10-05", "c-fio": "Кто",
        "c-born": "Родился", "c-local_id": "Номер", "c-reg_on": "Внесён", "sender": "Канцер-регистр другого региона",
    }  # fmt: skip
    page = client.get(f"/lists/{number}/mapping?kind=register_persons").text
    assert '<option value="Канцер-регистр другого региона" class="asks-region">' in page
    refused = client.post(f"/lists/{number}/mapping", data=told)
    assert refused.status_code == 422
    assert "Напишите, какого региона" in refused.text
    assert client.post(f"/lists/{number}/mapping", data=told | {"of_region": "Пермский край"}).status_code == 303
    finish()
    assert "Канцер-регистр другого региона: Пермский край" in client.get(f"/lists/{number}").text


def test_a_registrar_chooses_the_own_clinic_by_its_name_on_the_mapping_screen(sign_in):
    client = sign_in("registrar")
    number = number_of(send(client, xlsx_bytes(["Кто", "Ушёл"], [["Рябова", "03.10.2025"]]), "морг.xlsx", sender=CLINIC))
    page = client.get(f"/lists/{number}/mapping?kind=deaths").text
    assert f'<option value="{CLINIC}" selected>' in page


def test_bytes_that_are_no_table_have_no_columns_to_match(sign_in):
    client = sign_in("coordinator")
    number = number_of(send(client, b"PK\x03\x04broken", "x.xlsx", kind="deaths", as_of="2025-10-01"))
    page = client.get(f"/lists/{number}").text
    assert "не загружен" in page
    assert "Разметить столбцы" not in page
    assert "Загрузить ещё раз" in page


def test_a_load_that_has_ended_or_waits_is_not_said_to_go_on(sign_in):
    client = sign_in("coordinator")
    ended = send(client, csv_bytes(DEATHS_HEAD, [DEAD])).headers["location"]
    assert "done=begun" in ended
    assert "принят и загружается" not in client.get(ended).text
    waits = send(client, csv_bytes(["а", "б"], [["1", "2"]]), "x.csv").headers["location"]
    assert "принят и загружается" not in client.get(waits).text


def test_nothing_of_a_shrunken_list_is_said_to_be_taken(sign_in):
    client = sign_in("coordinator")
    people = [[NUMBERS[n], ENPS[n], "Лосев", "Пётр", "Ильич", "01.02.1955", "М", CLINIC] for n in range(60)]
    send(client, csv_bytes(INSURED, people), "застрахованные_2026-02-01.csv", sender="ТФОМС")
    number = number_of(send(client, csv_bytes(INSURED, people[:5]), "застрахованные_2026-03-01.csv", sender="ТФОМС"))
    page = client.get(f"/lists/{number}").text
    assert "выбыли бы 55 из 60" in page
    assert "Что получилось" not in page
    row = re.search(rf'href="/lists/{number}">.*?</tr>', client.get("/lists").text, re.DOTALL)[0]
    assert "принято" not in row
    assert "выбыли бы" in row


def test_columns_not_read_and_rows_by_sheet_are_named(sign_in):
    client = sign_in("coordinator")
    head = [*DEATHS_HEAD, "Номер палаты"]
    data = book(Первый=[head, [*DEAD, "5"]], Второй=[head, [*BAD, "6"]])
    page = client.get(f"/lists/{number_of(send(client, data, 'deaths_2025-10.xlsx'))}").text
    assert "не прочитано: 1" in page
    assert "Лист и строка" in page


@pytest.mark.parametrize(
    ("field", "message", "shown"),
    [
        ("Дата рождения", "Такого дня нет в календаре", ("Дата рождения", "такого дня нет в календаре")),
        ("СНИЛС", "СНИЛС не проходит проверку", ("", "СНИЛС не проходит проверку")),
        ("Диагноз", "МКБ-10 не читается", ("Диагноз", "МКБ-10 не читается")),
        ("", "Неясно, о ком строка", ("", "Неясно, о ком строка")),
    ],
)
def test_a_reason_reads_on_from_its_column(field, message, shown):
    assert why(field, message) == shown


@pytest.mark.parametrize("first", ["claims", "persons"])
def test_the_half_of_a_pair_that_went_along_leads_to_both(sign_in, database, first):
    """Claims and their file of persons are one load; the address of the other is kept in a browser or a letter."""
    client = sign_in("registrar")
    halves = [(bill(), "CM990001T99_2602.xml"), (PERS, "LCM990001T99_2602.xml")]
    one, both = (
        number_of(send(client, *half, sender=CLINIC)) for half in (halves if first == "claims" else reversed(halves))
    )
    assert client.get(f"/lists/{both}").status_code == 200
    answer = client.get(f"/lists/{one}")
    assert (answer.status_code, answer.headers["location"]) == (303, f"/lists/{both}?done=along")
    page = client.get(answer.headers["location"]).text
    assert "взят вместе с ним" in page
    assert sign_in("coordinator").get(f"/lists/{one}").status_code == 303
    assert sign_in("navigator").get(f"/lists/{one}").status_code == 403
    with database.batch() as conn:  # of another clinic: as if there were none
        conn.execute("update list_load set sender_org = '1.2.3', author = 'x'")
    assert client.get(f"/lists/{one}").status_code == 404
    assert client.get("/lists/999999").status_code == 404


@pytest.mark.parametrize(
    ("n", "said"), [(482, "482 байта"), (1, "1 байт"), (0, "0 байт"), (1536, "1,5 КБ"), (502 << 20, "502,0 МБ")]
)
def test_a_size_is_said_for_people(n, said):
    assert size(n).replace("\u00a0", " ") == said


def test_the_same_file_sent_again_leads_to_its_load(sign_in):
    client = sign_in("coordinator")
    data = csv_bytes(DEATHS_HEAD, [DEAD])
    first = number_of(send(client, data, "deaths_2025-10.csv", sender="ЗАГС"))
    again = [number_of(send(client, data, "deaths_2025-10.csv", sender="ЗАГС")) for _ in range(2)]
    for number in again:
        answer = client.get(f"/lists/{number}?done=begun")
        assert (answer.status_code, answer.headers["location"]) == (303, f"/lists/{first}?done=along")
    assert "повторяет этот список" in client.get(answer.headers["location"]).text
