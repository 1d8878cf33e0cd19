"""The page of likenesses and the search among the insured: who sees what, and what an answer does."""

import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from psycopg.types.json import Jsonb

from tests.web.people import CLINIC, OTHER, Clinic

SignIn = Callable[[str], Any]
SIDE = {"family": "Котова", "given": "Вера", "patronymic": "", "born": "1961-04-12", "sex": "female", "snils": "", "enp": "",
        "phone": "", "address": ""}  # fmt: skip


@pytest.fixture
def pair(database: Any, clinic: Clinic) -> int:
    """Two of the clinic's patients who may be one."""
    with database.batch() as conn:
        made = []
        for n, short in enumerate(list(clinic.persons)[:2]):
            (subject,) = conn.execute(
                """insert into subject (region_id, person_id, family, given, birth_date, sex, fingerprint, first_seen_at)
                   values (1, %s, 'Котова', 'Вера', '1961-04-12', 'female', %s, now()) returning id""",
                (clinic.persons[short], hashlib.sha256(f"likeness {n}".encode()).digest()),
            ).fetchone()
            conn.execute(
                "insert into subject_link (region_id, subject_id, person_id, valid_from) values (1, %s, %s, now())",
                (subject, clinic.persons[short]),
            )
            made.append(subject)
        detail = {"left": SIDE, "right": SIDE | {"family": "Котова<script>"}, "fields": [["family", "slip", 2.4]],
                  "insured": True, "rivals": 1}  # fmt: skip
        (id,) = conn.execute(
            """insert into likeness (region_id, subject_id, other_id, org, method, state, score, values_hash, detail)
               values (1, %s, %s, %s, 'scored', 'review', 9.5, '\\x00', %s) returning id""",
            (*made, CLINIC, Jsonb(detail)),
        ).fetchone()
        return int(id)


def csrf(page: str) -> str:
    return page.split('name="csrf" value="', 1)[1].split('"', 1)[0]


def test_a_registrar_sees_the_pairs_of_the_clinic_with_every_difference(sign_in: SignIn, pair: int) -> None:
    page = sign_in("registrar").get("/likeness").text
    assert "описка" in page
    assert "+2" in page
    assert "Котова&lt;script&gt;" in page
    assert f"/likeness/{pair}/same" in page


@pytest.mark.parametrize(("login", "status"), [("navigator", 403), ("head", 403), ("admin", 403), ("coordinator", 200)])
def test_others_do_not_decide_who_is_who(sign_in: SignIn, pair: int, login: str, status: int) -> None:
    assert sign_in(login).get("/likeness").status_code == status


def test_a_registrar_of_another_clinic_neither_sees_nor_answers(sign_in: SignIn, pair: int, database: Any) -> None:
    with database.owner() as conn:
        conn.execute("update user_account set orgs = %s where login = 'registrar'", ([OTHER],))
    client = sign_in("registrar")
    page = client.get("/likeness").text
    assert "Котова" not in page
    answer = client.post(f"/likeness/{pair}/different", data={"csrf": csrf(page)})
    assert answer.status_code == 404
    with database.batch() as conn:
        assert conn.execute("select state from likeness").fetchone().state == "review"


def test_an_answer_is_written_audited_and_shown(sign_in: SignIn, pair: int, database: Any) -> None:
    client = sign_in("registrar")
    token = csrf(client.get("/likeness").text)
    assert client.post(f"/likeness/{pair}/same", data={"csrf": token, "reason": " "}).status_code == 422
    answer = client.post(f"/likeness/{pair}/ask", data={"csrf": token})
    assert answer.headers["location"] == "/likeness?tab=review&done=asked"
    assert "Кто это?" in client.get("/fix").text
    answer = client.post(f"/likeness/{pair}/same", data={"csrf": token, "reason": "паспорт"})
    assert answer.status_code == 303
    with database.batch() as conn:
        persons = conn.execute("select distinct person_id from subject where family = 'Котова'").fetchall()
        actions = {r.action for r in conn.execute("select action from audit")}
    assert len(persons) == 1
    assert {"likeness", "likeness_asked", "persons_linked"} <= actions
    assert "паспорт" in client.get("/likeness?tab=linked").text
    assert client.post(f"/likeness/{pair}/same", data={"csrf": token, "reason": "ещё"}).status_code == 422


def test_the_coordinator_finds_a_resident_without_a_case_and_that_is_audited(sign_in: SignIn, database: Any) -> None:
    with database.batch() as conn:
        conn.execute(
            """insert into resident (region_id, person_id, load_id, row_hash, born, sex, enp, snils, family, given, org)
               values (1, nextval('person_id_seq'), 1, 1, '1970-02-03', 'male', '7700000000000016', '11223345092', 'Лосев',
                       'Пётр', %s)""",
            (OTHER,),
        )
    for login, seen in (("coordinator", True), ("navigator", False)):
        client = sign_in(login)
        token = csrf(client.get("/").text)
        for asked in ("112-233-450 92", "7700000000000016"):
            page = client.post("/search", data={"q": asked, "csrf": token}).text
            assert ("Лосев" in page and "застрахован, случая нет" in page) is seen, login
    with database.batch() as conn:
        rows = conn.execute("select author from audit where action = 'found_resident'").fetchall()
    assert len(rows) == 2


def test_only_a_clinic_that_has_a_registrar_can_be_asked(sign_in: SignIn, pair: int, database: Any) -> None:
    client = sign_in("coordinator")
    page = client.get("/likeness").text
    assert "Спросить организацию" in page
    assert '<th scope="col">Поликлиника № 1</th>' in page  # whose record stands on the left
    with database.batch() as conn:
        conn.execute("update likeness set org = 'Скрининговый центр' where id = %s", (pair,))
    page = client.get("/likeness").text
    assert "Скрининговый центр" in page
    assert "Спросить организацию" not in page
