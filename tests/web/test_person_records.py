"""The page of the records behind a patient: joined by whom and why, parted again, seen only in scope."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest

from oncor_cases.web import identity
from tests.web import people
from tests.web.people import Clinic
from tests.web.test_likeness import csrf, pair

SignIn = Callable[[str], Any]
__all__ = ["pair"]  # a fixture


def answer(client: Any, pair: int, verb: str, **told: str) -> None:
    sent = client.post(f"/likeness/{pair}/{verb}", data={"csrf": csrf(client.get("/keys").text), **told})
    assert sent.status_code == 303


def test_a_join_and_a_parting_are_told_with_their_reasons(sign_in: SignIn, pair: int, clinic: Clinic, database: Any) -> None:
    client = sign_in("coordinator")
    first, second = [str(public) for public in list(clinic.public.values())[:2]]
    assert "Записи о пациенте" in client.get(f"/case/{first}").text
    answer(client, pair, "same", reason="по паспорту")
    pages = [client.get(f"/case/{public}/records").text for public in (first, second)]
    assert pages[0] == pages[1], "the old address leads to the person joined into"
    assert pages[0].count("<b>Котова Вера</b>") == 2
    assert "«по паспорту», Орлов Денис" in pages[0]
    assert "отделена" not in pages[0]
    answer(client, pair, "different", reason="разные паспорта", tab="linked")
    pages = [client.get(f"/case/{public}/records").text for public in (first, second)]
    parted = next(page for page in pages if "отделена" in page)
    assert "«разные паспорта», Орлов Денис" in parted
    with database.batch() as conn:
        assert conn.execute("select count(*) from audit where action = 'person_records'").fetchone()[0] == 4


def test_records_of_somebody_elses_patient_do_not_exist(sign_in: SignIn, clinic: Clinic) -> None:
    address = f"/case/{next(iter(clinic.public.values()))}/records"
    assert sign_in("navigator").get(address).status_code == 200
    assert sign_in("stranger").get(address).status_code == 404


def records(conn: Any, person: int, number: int, *, since: str) -> None:
    """So many identity records of one moment, known by their families."""
    for n in range(number):
        row = conn.execute(
            "insert into subject (region_id, person_id, source, family, given, fingerprint, first_seen_at)"
            " values (1, %s, 'document', %s, 'Анна', %s, %s) returning id",
            (person, f"Записева{n}", f"{since}/{n}", since),
        ).fetchone()
        conn.execute(
            "insert into subject_link (region_id, subject_id, person_id, valid_from, reason)"
            " values (1, %s, %s, %s, 'identifiers')",
            (row.id, person, since),
        )


def newcomer(conn: Any, clinic: Clinic) -> str:
    """A patient without a record."""
    people.person(conn, clinic, "newcomer", "Новикова Алла Петровна")
    return f"/case/{clinic.public['newcomer']}/records"


def rows(html: str) -> list[str]:
    return html.split("<tbody>", 1)[1].split("</tbody>", 1)[0].split("<tr>")[1:]


def test_of_records_of_one_moment_the_first_is_the_one_that_came_first(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    with database.batch() as conn:
        address = newcomer(conn, clinic)
        records(conn, clinic.persons["newcomer"], 3, since="2026-03-01 09:00+03")
    marked = [row for row in rows(sign_in("navigator").get(address).text) if "первая запись о пациенте" in row]
    assert ["Записева0" in row for row in marked] == [True]


def test_more_records_than_a_page_holds_are_told_and_one_press_away(sign_in: SignIn, clinic: Clinic, database: Any) -> None:
    with database.batch() as conn:
        address = newcomer(conn, clinic)
        records(conn, clinic.persons["newcomer"], 205, since="2026-03-01 09:00+03")
    client = sign_in("navigator")
    html = client.get(address).text.replace("\u00a0", " ")
    assert (len(rows(html)), "Показано 200 из 205" in html) == (200, True)
    assert "первая запись о пациенте" not in html, "the first is among those not shown, and no other is called so"
    whole = client.get(f"{address}?all=1").text
    assert (len(rows(whole)), "Показано" in whole, whole.count("первая запись о пациенте")) == (205, False, 1)


def test_a_parted_record_of_the_same_moment_is_the_first_if_it_was_written_first(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    """Parted records stand last on the page, which must not make another one the first."""
    with database.batch() as conn:
        address = newcomer(conn, clinic)
        records(conn, clinic.persons["newcomer"], 3, since="2026-03-01 09:00+03")
        conn.execute(
            """update subject_link set valid_to = '2026-03-05 09:00+03' where id =
               (select min(id) from subject_link where person_id = %s)""",
            (clinic.persons["newcomer"],),
        )
    marked = [row for row in rows(sign_in("navigator").get(address).text) if "первая запись о пациенте" in row]
    assert [("Записева0" in row, "отделена" in row) for row in marked] == [(True, True)]


def test_the_first_record_is_the_earliest_however_late_it_was_written(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:  # fmt: skip
    with database.batch() as conn:
        address = newcomer(conn, clinic)
        records(conn, clinic.persons["newcomer"], 2, since="2026-03-05 09:00+03")
        records(conn, clinic.persons["newcomer"], 1, since="2026-03-01 09:00+03")
    shown = rows(sign_in("navigator").get(address).text)
    assert ["первая запись о пациенте" in row for row in shown] == [False, False, True]


def test_the_oldest_of_many_documents_can_be_parted_too(
    sign_in: SignIn, clinic: Clinic, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.batch() as conn:
        for n in range(201):
            on = date(2025, 3, 1) + timedelta(days=n)
            people.document(conn, clinic, "ivanova", f"Справка {n}", f"paper {n}".encode(), on=on)
    client, address = sign_in("navigator"), f"/case/{clinic.public['ivanova']}/wrong"
    page = client.get(address).text
    assert all(clinic.documents[f"Справка {n}"] in page for n in range(201))
    assert "Показаны последние" not in page
    monkeypatch.setattr(identity, "PAPERS", 200)
    page = client.get(address).text.replace("\u00a0", " ")
    assert "Показаны последние 200 документов" in page
    assert clinic.documents["Справка 0"] not in page
