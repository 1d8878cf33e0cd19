"""What is too long for an index of the server costs its row in every list, and no list."""

import json
from datetime import UTC, date, datetime
from random import Random

import pytest

from oncor_cases.actions import lists as door
from tests.lists.tables import DEAD, DEAD2, DEATHS_HEAD, csv_bytes, xlsx_bytes
from tests.lists.test_kinds import PERS, archive, bill, record

AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


RUSSIAN = "абвгдежзиклмнопрстуфхцчшщэюя"
CYRILLIC = "".join(map(chr, range(0x410, 0x530)))  # so many letters that the server cannot fold them


def text(letters, alphabet=CYRILLIC):
    chance = Random(5)
    return "".join(chance.choice(alphabet) for _ in range(letters))


def take(db, data, name, **told):
    return door.take_bytes(db, data, name, region=1, author="t", received_at=AT, **told)


def rejects(db):
    with db.batch() as conn:
        return [tuple(row) for row in conn.execute("select line, code, accepted from list_reject order by seq")]


NAMES = {
    "two long names": [text(900), text(101), ""],
    "two names of the length of a cell": [text(1500), text(1500), ""],
    "four bytes a letter": ["Я", "\U0001d504" * 500, ""],
}


@pytest.mark.parametrize("make", [csv_bytes, xlsx_bytes])
@pytest.mark.parametrize("names", NAMES)
def test_a_name_too_long_costs_its_row(database, region, names, make):
    done = take(database, make(DEATHS_HEAD, [DEAD, [*DEAD2[:2], *NAMES[names], *DEAD2[5:]]]), "deaths_2025-10.csv")
    assert (done.state, done.counts.get("good"), done.counts.get("rejected")) == ("loaded", 1, 1), done.error
    assert rejects(database) == [(3, "too_long", False)]


def test_the_longest_name_is_taken(database, region):
    names = [text(600), text(300), text(100)]
    done = take(database, csv_bytes(DEATHS_HEAD, [DEAD, [*DEAD2[:2], *names, *DEAD2[5:]]]), "deaths_2025-10.csv")
    assert (done.state, done.counts["good"], rejects(database)) == ("loaded", 2, [])


def test_an_address_or_a_number_too_long_costs_its_row(database, region):
    head = [*DEATHS_HEAD, "Адрес"]
    rows = [[*DEAD, "ул. Мира"], [*DEAD2, "\U0001d504" * 1001]]
    assert take(database, csv_bytes(head, rows), "deaths_2025-10.csv").counts["rejected"] == 1
    register = ["Фамилия", "Имя", "Дата рождения", "Топография МКБ-10", "Дата диагноза", "Номер в регистре"]
    rows = [["Рябова", "Анна", "12.04.1960", "C50.4", "01.02.2025", "7"],
            ["Белов", "Пётр", "01.02.1955", "C61", "01.02.2025", text(1001)]]  # fmt: skip
    done = take(database, csv_bytes(register, rows), "register_2026-03-01.csv", kind="register_tumours")
    assert (done.state, done.counts.get("good"), done.counts.get("rejected")) == ("loaded", 1, 1), done.error
    assert [code for _, code, _ in rejects(database)] == ["too_long", "too_long"]


def test_a_name_too_long_costs_a_claim_and_a_record(database, region):
    persons = PERS.replace("Рябова".encode("cp1251"), text(900, RUSSIAN).encode("cp1251"))
    persons = persons.replace("Анна".encode("cp1251"), text(200, RUSSIAN).encode("cp1251"))
    assert persons != PERS
    take(database, archive(bill(), persons), "HM990001T99_2602.zip", as_of=date(2026, 2, 1))
    wrong = record("RcOper") | {"id": 9}
    wrong["patient"] = wrong["patient"] | {"surname": text(900), "name": text(200)}
    done = take(database, json.dumps([wrong, record("RcOper")]).encode(), "x.json")
    assert (done.state, done.counts["good"], done.counts["rejected"]) == ("loaded", 1, 1), done.error
    assert [code for _, code, accepted in rejects(database) if not accepted] == ["too_long", "too_long"]
