"""Pages about places and the backlog: who may open them, what they change, and whose patients they do not show."""

from datetime import date
from typing import Any

import pytest

from oncor_cases.actions import backlog
from oncor_cases.store import population
from tests.web import people
from tests.web.people import CLINIC, OTHER, TODAY

LISTS = ("/organisations", f"/organisations/{CLINIC}", "/organisations/routing", "/organisations/unplaced", "/backlog")


@pytest.fixture(autouse=True)
def nothing_kept() -> None:
    population._clinics.clear()


def test_a_clinic_counts_every_resident_attached_to_it(sign_in: Any, database: Any) -> None:
    with database.owner() as conn:
        conn.execute("create table insured.region_1_1 partition of resident for values in (1)")
        conn.execute(
            """insert into resident (region_id, person_id, load_id, row_hash, enp, snils, family, given, sex, born, org)
               select 1, 100 + n, 1, n, lpad(n::text, 16, '7'), lpad(n::text, 11, '0'), 'ИВАНОВА', 'МАРИЯ', 'female',
                      '1970-01-01', %s from generate_series(1, 30) n""",
            (OTHER,),
        )
    client = sign_in("coordinator")
    assert 'data-name="прикреплено">31' in client.get("/organisations").text
    assert "31" in client.get(f"/organisations/{OTHER}").text.split("Прикреплено людей", 1)[1][:60]


def token(client: Any, path: str) -> str:
    import re

    return re.search(r'name="csrf" value="([^"]+)"', client.get(path).text)[1]


def send(client: Any, path: str, page: str, **form: Any) -> Any:
    return client.post(path, data={"csrf": token(client, page), **form})


@pytest.mark.parametrize(
    ("login", "statuses"),
    [
        ("navigator", (403, 403, 403, 403, 403)),
        ("registrar", (403, 403, 403, 403, 403)),
        ("head", (403, 403, 403, 403, 200)),
        ("admin", (200, 200, 403, 403, 403)),
        ("coordinator", (200, 200, 200, 200, 200)),
    ],
)
def test_each_role_opens_its_own_pages(sign_in: Any, login: str, statuses: tuple[int, ...]) -> None:
    client = sign_in(login)
    assert tuple(client.get(path).status_code for path in LISTS) == statuses


def test_an_administrator_sees_organisations_and_no_count_of_patients(sign_in: Any) -> None:
    page = sign_in("admin").get("/organisations").text
    assert "Поликлиника № 1" in page
    assert 'data-name="прикреплено">—' in page
    assert 'data-name="прикреплено">5' in sign_in("coordinator").get("/organisations").text


def test_search_by_name_and_number_and_an_organisation_that_is_not(sign_in: Any) -> None:
    client = sign_in("coordinator")
    assert "Поликлиника № 2" not in client.get("/organisations?q=№ 1").text
    assert "Поликлиника № 2" in client.get(f"/organisations?q={OTHER}").text
    assert "Организаций нет" in client.get("/organisations?q=%25").text  # a percent sign is a letter here
    assert client.get("/organisations/9.9.9").status_code == 404


def test_an_organisation_is_put_right_renamed_and_merged(sign_in: Any, database: Any) -> None:
    client, card = sign_in("coordinator"), f"/organisations/{CLINIC}"
    said = send(client, f"{card}/edit", card, name="ГБУЗ «Поликлиника № 1»", short_name="Поликлиника № 1", district="Север",
                role=["polyclinic", "nonsense"])  # fmt: skip
    assert said.status_code == 303
    send(client, f"{card}/rename", card, name="ГБУЗ «Первая»", short_name="Первая", since="2026-03-01", reason="устав")
    wrong = send(client, f"{card}/merge", card, successor=CLINIC, since="2026-03-01", reason="приказ")
    assert wrong.status_code == 422
    assert "правопреемника" in wrong.text
    assert send(client, f"{card}/merge", card, successor=OTHER, since="2026-03-01", reason="приказ").status_code == 303
    page = client.get(card).text
    assert "вошла в «Поликлиника № 2»" in page
    assert "Новое название" in page
    assert "новое название" in page
    with database.batch() as conn:
        row = conn.execute("select short_name, district, roles, successor_oid from organisation where oid = %s", (CLINIC,))
        assert tuple(row.fetchone()) == ("Первая", "Север", ["polyclinic"], OTHER)
        actions = [r[0] for r in conn.execute("select action from audit where action like 'organisation_%%' order by id")]
    assert actions == ["organisation_edited", "organisation_renamed", "organisation_merged"]


def test_a_form_without_a_date_or_a_reason_says_what_is_missing(sign_in: Any) -> None:
    client, card = sign_in("admin"), f"/organisations/{CLINIC}"
    assert "Укажите дату" in send(client, f"{card}/rename", card, name="Н", since="завтра", reason="p").text
    assert "Укажите основание" in send(client, f"{card}/rename", card, name="Н", since="2026-03-01", reason=" ").text


def test_rows_of_routing_are_written_shown_and_ended(sign_in: Any) -> None:
    client, page = sign_in("coordinator"), "/organisations/routing"
    assert send(client, f"{page}/route", page, rule="DX-01", first="office", reason="приказ № 5").status_code == 303
    assert (
        send(client, f"{page}/default", page, category="prison", org=OTHER, instead="1", reason="договор").status_code == 303
    )
    shown = client.get(page).text
    assert "онкокабинет или ЦАОП поликлиники, затем обычный порядок" in shown
    assert "исправительное учреждение" in shown
    assert "вместо поликлиники прикрепления" in shown
    assert send(client, f"{page}/route", page, rule="DX-99", first="office", reason="p").status_code == 422
    assert send(client, f"{page}/route", page, rule="DX-01", reason="p").status_code == 422
    assert send(client, f"{page}/route/1/end", page).status_code == 303
    assert "Действует обычный порядок" in client.get(page).text


def test_a_registrar_attaches_a_patient_and_names_a_category(sign_in: Any, clinic: Any, database: Any) -> None:
    client, base = sign_in("registrar"), f"/case/{clinic.public['ivanova']}"
    page = f"{base}/places"
    assert send(client, f"{base}/attach", page, kind="residence", org=OTHER, since="2026-03-01").status_code == 303
    assert send(client, f"{base}/category", page, category="care_home", since="2026-03-01").status_code == 303
    shown = client.get(page).text
    assert "По месту жительства" in shown
    assert "дом-интернат" in shown
    assert send(client, f"{base}/attach", page, kind="residence", org="9.9.9", since="2026-03-01").status_code == 422
    assert sign_in("navigator").get(page).status_code == 200
    assert "a-new" not in sign_in("navigator").get(page).text
    assert sign_in("stranger").get(f"/case/{clinic.public['sidorova']}/places").status_code == 404
    with database.batch() as conn:
        seen = conn.execute("select count(*) from audit where action = 'places'").fetchone()[0]
    assert seen >= 3


def test_a_head_releases_from_the_backlog_of_the_own_clinic_only(sign_in: Any, clinic: Any, database: Any) -> None:
    with database.owner() as conn:
        backlog.go_live(conn, 1, date(2026, 3, 2), by="test")
        for org, person in ((CLINIC, "ivanova"), (CLINIC, "petrov"), (OTHER, "alien")):
            conn.execute(
                "insert into backlog (region_id, person_id, pathway, rule, due, owner_org, entered_on, danger)"
                " values (1, %s, 'diagnosis', 'DX-01', '2025-06-01', %s, %s, 0)",
                (clinic.persons[person], org, TODAY),
            )
    head = sign_in("head")
    page = head.get("/backlog").text
    assert "2\u00a0обязанности ждут" in page
    assert send(head, "/backlog/release", "/backlog", clinic=CLINIC, number="x").status_code == 422
    assert send(head, "/backlog/release", "/backlog", clinic=CLINIC, number="9999").status_code == 422
    assert send(head, "/backlog/release", "/backlog", clinic=OTHER, number="1").status_code == 404
    said = send(head, "/backlog/release", "/backlog", clinic=CLINIC, number="1")
    assert said.headers["location"] == f"/backlog?clinic={CLINIC}&done=1"
    assert send(head, "/backlog/pace", "/backlog", clinic=CLINIC, per_day="5").status_code == 303
    whole = sign_in("coordinator").get("/backlog").text
    assert "По клиникам" in whole
    assert sign_in("navigator").post("/backlog/release", data={"csrf": "x"}).status_code == 403


def test_an_attachment_names_its_clinic_and_its_list(sign_in: Any, database: Any, clinic: Any) -> None:
    with database.batch() as conn:
        subject = people.document(conn, clinic, "ivanova", "Список", b"<list/>", on=date(2026, 3, 2))
        for org in (CLINIC, OTHER):
            people.fact(conn, subject, "attached", date(2026, 3, 2), {"org": org}, evidence="list", author="insured")
    for login in ("navigator", "coordinator"):  # the own clinic is none of those a task may be handed to
        page = sign_in(login).get(f"/case/{clinic.public['ivanova']}").text
        assert "<b>Прикреплён к поликлинике</b>: Поликлиника № 1" in page
        assert "<b>Прикреплён к поликлинике</b>: Поликлиника № 2" in page
        assert "список застрахованных" in page
        assert "insured" not in page
