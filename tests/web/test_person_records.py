"""The page of the records behind a patient: joined by whom and why, parted again, seen only in scope."""

from collections.abc import Callable
from typing import Any

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
