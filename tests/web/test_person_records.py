"""The page of the records behind a patient: joined by whom and why, parted again, seen only in scope."""

import hashlib
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from oncor_cases.web import identity
from tests.web.people import Clinic, document
from tests.web.test_likeness import csrf, pair

SignIn = Callable[[str], Any]
__all__ = ["pair"]  # a fixture
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)


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


def stays(database: Any, clinic: Clinic, since: list[datetime], until: datetime | None = None) -> None:
    """Records of Ivanova written one after the other, the n-th named `Котова-n`; `until`: the first one was parted then."""
    with database.batch() as conn:
        for n, at in enumerate(since, 1):
            (subject,) = conn.execute(
                """insert into subject (region_id, person_id, family, given, birth_date, sex, fingerprint, first_seen_at)
                   values (1, %s, %s, 'Вера', '1961-04-12', 'female', %s, %s) returning id""",
                (clinic.persons["ivanova"], f"Котова-{n}", hashlib.sha256(f"stay {n}".encode()).digest(), at),
            ).fetchone()
            conn.execute(
                """insert into subject_link (region_id, subject_id, person_id, valid_from, valid_to, reason)
                   values (1, %s, %s, %s, %s, 'identifiers')""",
                (subject, clinic.persons["ivanova"], at, until if n == 1 else None),
            )


def called_first(page: str) -> list[str]:
    rows = page.split("<tr>")[1:]
    return [re.search(r"Котова-\d+", row)[0] for row in rows if "первая запись о пациенте" in row]  # type: ignore[index]


@pytest.mark.parametrize("until", [None, AT.replace(day=9)], ids=["there", "parted"])
def test_of_records_of_one_moment_the_one_the_person_began_with_is_the_first(
    sign_in: SignIn, clinic: Clinic, database: Any, until: datetime | None
) -> None:
    """Documents of one delivery are known at one moment."""
    stays(database, clinic, [AT, AT, AT, AT.replace(day=5)], until)
    page = sign_in("navigator").get(f"/case/{clinic.public['ivanova']}/records").text
    assert called_first(page) == ["Котова-1"]
    assert len(set(re.findall(r"Котова-\d+", page))) == 4


def test_the_first_record_is_the_earliest_however_late_it_was_written(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:  # fmt: skip
    stays(database, clinic, [AT.replace(day=5), AT, AT.replace(day=3)])
    assert called_first(sign_in("navigator").get(f"/case/{clinic.public['ivanova']}/records").text) == ["Котова-2"]


def test_of_very_many_records_none_is_missing_in_silence(sign_in: SignIn, clinic: Clinic, database: Any) -> None:
    stays(database, clinic, [AT + timedelta(minutes=n) for n in range(203)])
    client, address = sign_in("navigator"), f"/case/{clinic.public['ivanova']}/records"
    page = client.get(address).text
    assert page.count("Котова-") == 200
    assert "Показаны последние 200 записей из 203" in page.replace("\u00a0", " ")
    assert called_first(page) == []  # of those shown none is
    assert f'href="{address}?all=1"' in page
    whole = client.get(address, params={"all": 1}).text
    assert {int(n) for n in re.findall(r"Котова-(\d+)", whole)} == set(range(1, 204))
    assert called_first(whole) == ["Котова-1"]
    assert "Показаны последние" not in whole


def test_the_oldest_of_many_documents_can_be_parted_too(
    sign_in: SignIn, clinic: Clinic, database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.batch() as conn:
        for n in range(201):
            document(conn, clinic, "ivanova", f"Справка {n}", f"paper {n}".encode(), on=AT.date() + timedelta(days=n))
    client, address = sign_in("navigator"), f"/case/{clinic.public['ivanova']}/wrong"
    page = client.get(address).text
    assert all(clinic.documents[f"Справка {n}"] in page for n in range(201))
    assert "Показаны последние" not in page
    monkeypatch.setattr(identity, "PAPERS", 200)
    page = client.get(address).text.replace("\u00a0", " ")
    assert "Показаны последние 200 документов" in page
    assert clinic.documents["Справка 0"] not in page
