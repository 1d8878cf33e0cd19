"""From a document at the door to a task, a decision, another document and a closed task: all of it through the web."""

import re
from typing import Any

import pytest

from oncor_cases.actions import decide
from oncor_cases.kernel.errors import Conflict
from oncor_cases.sources.seeds import default_calendar
from oncor_cases.store import accounts
from oncor_cases.web.decision import VERBS
from tests.web import region
from tests.web.conftest import Door

CASE = re.compile(r'data-row href="(/case/[0-9a-f-]+)(?:\?task=([0-9a-f-]+))?"')


def csrf(html: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', html)[1]  # type: ignore[index]


def state(html: str) -> str:
    return re.search(r'<h2 id="ep-1">.*?<span class="tag [a-z]*">([^<]+)</span>', html)[1]  # type: ignore[index]


def test_the_door_wants_a_key_and_counts_what_came(door: Door) -> None:
    data = region.referral(door.today)
    client = door.client()
    assert client.post("/api/v1/documents", content=data).status_code == 401
    assert client.post("/api/v1/documents", content=data, headers={"Authorization": "Bearer nonsense"}).status_code == 401
    assert door.send(b"").status_code == 400
    first = door.send(data)
    assert first.status_code == 201
    assert {k: first.json()[k] for k in ("received", "new", "duplicates", "quarantined", "facts")} == {
        "received": 1, "new": 1, "duplicates": 0, "quarantined": 0, "facts": 2,
    }  # fmt: skip
    again = door.send(data)
    assert (again.status_code, again.json()["duplicates"]) == (200, 1)


def test_from_a_referral_to_a_seen_patient(door: Door) -> None:
    calendar = default_calendar()
    door.send(region.referral(region.working_days_ago(6, door.today)))
    client = door.client("navigator")
    inbox = client.get("/").text
    assert "Кузнецова Людмила Павловна" in inbox
    assert "просрочено на 3\u00a0раб.\u00a0дня" in inbox
    case, task = CASE.search(inbox).groups()  # type: ignore[union-attr]
    page = client.get(f"{case}?task={task}").text
    assert state(page) == "направлен к онкологу"
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]

    def decide(**data: Any) -> Any:
        given = {"csrf": csrf(page), "target": task, "version": version, **data}
        return client.post(f"{case}/decide", data=given, headers={"HX-Request": "true"})

    assert "Задача за вами" in decide(verb="took", key="a").text
    assert "Звонок записан" in decide(verb="called", outcome="reached", channel="phone", key="b").text
    visit = calendar.add_working_days(door.today, 2)
    answer = decide(verb="appointment", **{"for": "oncologist", "on": visit.isoformat(), "time": "10:30", "key": "c"})
    assert "Задача ждёт этого дня" in answer.text
    assert decide(verb="appointment", **{"for": "oncologist", "on": visit.isoformat(), "key": "c"}).status_code == 200
    assert "Кузнецова" not in client.get("/").text
    assert "Кузнецова" in client.get("/?tab=waiting").text
    assert "10:30" in client.get(case).text

    seen = door.send(region.consultation(door.today))
    assert seen.status_code == 201
    page = client.get(case).text
    assert state(page) == "обследуется"
    assert "Кузнецова" not in client.get("/?tab=waiting").text
    assert "Кузнецова" in client.get("/?tab=done").text

    document = f"/document/{seen.json()['sha256']}"
    assert document in page
    shown = client.get(document).text
    assert "Протокол консультации" in shown
    assert "Поликлиника № 1" in shown

    registrar = door.client("registrar")
    form = registrar.get(f"/withdraw?sha256={seen.json()['sha256']}").text
    given = {"csrf": csrf(form), "sha256": seen.json()["sha256"], "reason": "документ другого пациента"}
    assert registrar.post("/withdraw", data=given).status_code == 303
    assert state(client.get(case).text) == "направлен к онкологу"
    assert "Кузнецова" in client.get("/?tab=waiting").text
    assert registrar.post("/withdraw", data=given).status_code == 409


def test_a_corrected_version_moves_the_date_of_the_same_task(door: Door) -> None:
    door.send(region.referral(region.working_days_ago(8, door.today)))
    client = door.client("navigator")
    before = CASE.search(client.get("/").text).groups()  # type: ignore[union-attr]
    door.send(region.referral(region.working_days_ago(5, door.today), version=2))
    inbox = client.get("/").text
    assert CASE.search(inbox).groups() == before  # type: ignore[union-attr]
    assert "просрочено на 2\u00a0раб.\u00a0дня" in inbox


def test_a_colleague_who_was_quicker_is_a_conflict(door: Door) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    one, two = door.client("navigator"), door.client("head")
    case, task = CASE.search(one.get("/").text).groups()  # type: ignore[union-attr]
    page = one.get(f"{case}?task={task}").text
    version = re.search(r'name="version" value="(\d+)"', page)[1]  # type: ignore[index]
    other = two.get(case).text
    assert two.post(f"{case}/decide", data={"csrf": csrf(other), "target": task, "verb": "took"}).status_code == 303
    answer = one.post(
        f"{case}/decide", data={"csrf": csrf(page), "target": task, "verb": "comment", "note": "звоню", "version": version}
    )
    assert answer.status_code == 409
    assert "другой сотрудник" in answer.text


GIVEN = {
    "called": {"outcome": "no_answer", "channel": "phone"},
    "appointment": {"for": "oncologist", "on": "{later}"},
    "told_result": {"on": "{today}"},
    "done_elsewhere": {"on": "{today}", "place": "областной диспансер"},
    "refused": {"of": "investigation", "documented": "written", "on": "{today}"},
    "snooze": {"until": "{later}"},
    "comment": {"note": "дочь просила звонить после шести"},
    "hand_over": {"to": "head"},
    "document_missing": {"note": "протокол консультации"},
    "no_document": {"on": "{today}", "note": "не приходил"},
    "moved_away": {"on": "{today}", "region": "Тюменская область"},
    "died_reported": {"on": "{today}", "note": "сообщила дочь"},
    "here_after_all": {"note": "ответила сама"},
    "took": {},
}


@pytest.mark.parametrize("verb", sorted(VERBS.keys() - {"acknowledge", "here_after_all"}))  # test_duty.py, below
@pytest.mark.parametrize("days", [1, 6], ids=["upcoming", "overdue"])
def test_every_decision_works_on_a_task_and_on_a_running_clock(door: Door, verb: str, days: int, database: Any) -> None:
    door.send(region.referral(region.working_days_ago(days, door.today)))
    client = door.client("navigator")
    inbox = client.get("/" if days == 6 else "/?tab=upcoming").text
    case = CASE.search(inbox)[1]  # type: ignore[index]
    page = client.get(case).text
    target = re.search(r'name="target" value="([^"]+)"', page)[1]  # type: ignore[index]
    later = default_calendar().add_working_days(door.today, 3).isoformat()
    given = {k: v.format(today=door.today.isoformat(), later=later) for k, v in GIVEN[verb].items()}
    data = {"csrf": csrf(page), "target": target, "verb": verb, "key": "once", **given}
    answer = client.post(f"{case}/decide", data=data)
    assert answer.status_code == 303, answer.text
    done = client.get(answer.headers["location"])
    assert done.status_code == 200
    assert 'class="done"' in done.text
    with database.batch() as conn:
        kept = conn.execute("select count(*) n from audit where action = %s", (f"decision.{verb}",)).fetchone().n
    assert kept == 1
    client.post(f"{case}/decide", data=data)
    with database.batch() as conn:
        twice = conn.execute("select count(*) n from fact where author = 'navigator'").fetchone().n
    assert twice <= 1


@pytest.mark.parametrize(
    ("verb", "given", "words"),
    [
        ("appointment", {"for": "oncologist", "on": "2020-01-01"}, "прошедший день"),
        ("appointment", {"for": "oncologist", "on": ""}, "Укажите день"),
        ("snooze", {"until": "когда-нибудь"}, "День не читается"),
        ("comment", {"note": " "}, "Комментарий пуст"),
        ("told_result", {"on": "2090-01-01"}, "ещё не наступил"),
        ("nonsense", {}, "Такого решения нет"),
    ],
)
def test_what_does_not_fit_comes_back_with_words(door: Door, verb: str, given: dict[str, str], words: str) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    client = door.client("navigator")
    case, task = CASE.search(client.get("/").text).groups()  # type: ignore[union-attr]
    data = {"csrf": csrf(client.get(case).text), "target": task, "verb": verb, **given}
    answer = client.post(f"{case}/decide", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert words in answer.text
    assert answer.text.lstrip().startswith('<div id="case"')


def test_what_cannot_be_read_waits_in_quarantine_and_may_be_tried_again(door: Door) -> None:
    sent = door.send(b"<ClinicalDocument>")
    assert sent.json()["quarantined"] == 1
    registrar = door.client("registrar")
    page = registrar.get("/quarantine").text
    assert sent.json()["sha256"] in page
    assert "1\u00a0документ" in page
    assert registrar.get(f"/document/{sent.json()['sha256']}").status_code == 200
    answer = registrar.post(f"/quarantine/{sent.json()['sha256']}/retry", data={"csrf": csrf(page)})
    assert answer.headers["location"] == "/quarantine?done=still"
    assert door.client("navigator").get(f"/document/{sent.json()['sha256']}").status_code == 404


def test_a_task_is_handed_to_another_organisation(door: Door, database: Any) -> None:
    other = "1.2.643.5.1.13.13.12.2.66.977"
    with database.owner() as conn:
        accounts.organisation(conn, 1, other, name="Заречная больница")
    door.send(region.referral(region.working_days_ago(6, door.today)))
    client = door.client("navigator")
    case, task = CASE.search(client.get("/").text).groups()  # type: ignore[union-attr]
    page = client.get(f"{case}?task={task}").text
    assert f'<option value="{other}">Заречная больница' in page
    words = {"csrf": csrf(page), "target": task, "verb": "hand_over", "to": "", "org": ""}
    assert client.post(f"{case}/decide", data=words).status_code == 422  # to nobody
    assert client.post(f"{case}/decide", data=words | {"org": other}).status_code == 303
    with database.batch() as conn:
        rows = conn.execute("select owner_org, handed_to, assignee from task where public_id = %s", (task,)).fetchall()
        seen = conn.execute("select 1 from person_scope where org = %s and reason = 'task'", (other,)).fetchall()
    assert [tuple(row) for row in rows] == [(other, other, "")]
    assert len(seen) == 1


def separations(database: Any) -> list[str]:
    """What the audit says of records taken away."""
    with database.batch() as conn:
        rows = conn.execute("select action from audit where action in ('decision.wrong_patient', 'records_unlinked')")
        return sorted(row.action for row in rows)


def test_a_document_of_somebody_else_leaves_the_patient(door: Door, database: Any, monkeypatch: Any) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    strange = region.PATIENT.__class__(
        **{**{f: getattr(region.PATIENT, f) for f in region.PATIENT.__slots__}, "given": "Лидия", "local_id": "18"}
    )
    data = region.render(
        "227", region.head(300, door.today, doctor=region.ONCOLOGIST), strange, region.CLINIC_SAID,
        [region.Said("consultation", door.today, {"specialty": "oncologist", "icd10": "C50.4"})],
    )  # fmt: skip
    sha = door.send(data).json()["sha256"]
    client = door.client("navigator")
    case = CASE.search(client.get("/?tab=done").text)[1]  # type: ignore[index]
    form = client.get(f"{case}/wrong").text
    assert client.post(f"{case}/wrong", data={"csrf": csrf(form), "reason": "другой человек"}).status_code == 422
    words = {"csrf": csrf(form), "sha256": sha, "reason": "другой человек"}

    def broken(*_: Any, **__: Any) -> None:
        raise Conflict("обход не удался")

    with monkeypatch.context() as patch:
        patch.setattr(decide, "sweep_persons", broken)
        assert client.post(f"{case}/wrong", data=words).status_code == 422
    assert sha in client.get(case).text  # all of the decision or nothing: no link was moved
    assert separations(database) == []
    answer = client.post(f"{case}/wrong", data={"csrf": csrf(form), "sha256": sha, "reason": "другой человек"})
    assert answer.status_code == 303, answer.text
    assert sha not in client.get(case).text
    assert separations(database) == ["decision.wrong_patient", "records_unlinked"]
    assert client.post(f"{case}/wrong", data=words).status_code == 404  # somebody else's document now
    assert "Кузнецова" in client.get("/").text  # nobody of that name was at the oncologist


def test_two_records_of_one_human_being_become_one(door: Door, database: Any) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    nameless = region.PATIENT.__class__(
        **{**{f: getattr(region.PATIENT, f) for f in region.PATIENT.__slots__}, "snils": "", "local_id": ""}
    )
    says = [region.Said("consultation", door.today, {"specialty": "oncologist", "icd10": "C50.4"})]
    door.send(region.render("227", region.head(300, door.today), nameless, region.CLINIC_SAID, says))
    with database.batch() as conn:
        rows = conn.execute(
            "select public_id, provisional, snils from person where merged_into is null order by id"
        ).fetchall()
    assert len(rows) == 2
    unknown = next(r for r in rows if not r.snils)
    client = door.client("navigator")
    page = client.get(f"/case/{unknown.public_id}/who").text
    known = next(r for r in rows if r.snils)
    assert str(known.public_id) in page
    data = {"csrf": csrf(page), "other": str(known.public_id), "reason": "совпали имя, дата рождения и адрес"}
    answer = client.post(f"/case/{unknown.public_id}/same", data=data)
    assert answer.status_code == 303, answer.text
    assert state(client.get(answer.headers["location"]).text) == "обследуется"


@pytest.mark.parametrize("verb", ["called", "appointment", "moved_away", "died_reported"])
def test_a_patient_with_nothing_owed_may_still_be_spoken_of(door: Door, verb: str, database: Any) -> None:
    door.send(region.consultation(door.today))
    with database.batch() as conn:
        case = f"/case/{conn.execute('select public_id from person').fetchone().public_id}"
    client = door.client("navigator")
    page = client.get(f"{case}?task=person").text
    assert "О пациенте" in page
    given = {k: v.format(today=door.today, later=default_calendar().after(door.today)) for k, v in GIVEN[verb].items()}
    data = {"csrf": csrf(page), "target": "", "verb": verb, "key": "once", **given}
    answer = client.post(f"{case}/decide", data=data, headers={"HX-Request": "true"})
    assert answer.status_code == 200, answer.text
    with database.batch() as conn:
        kinds = [r.kind for r in conn.execute("select kind from fact where author = 'navigator'")]
    assert len(kinds) == 1


def offered(page: str) -> set[str]:
    return set(re.findall(r'name="verb" value="([^"]+)"', page))


@pytest.mark.parametrize(
    ("verb", "sentence", "gone", "kept"),
    [
        ("died_reported", "Пациентка умерла", {"called", "appointment", "moved_away", "died_reported"}, {"here_after_all"}),
        ("moved_away", "Пациентка выехала", {"called", "appointment", "moved_away"}, {"here_after_all", "died_reported"}),
    ],
)
def test_the_page_of_who_died_or_left_says_so_and_offers_no_call(
    door: Door, verb: str, sentence: str, gone: set[str], kept: set[str]
) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    client = door.client("navigator")
    case = CASE.search(client.get("/").text)[1]  # type: ignore[index]
    page = client.get(f"{case}?task=person").text
    assert offered(page) >= gone
    assert "here_after_all" not in offered(page)
    assert "tel:" in page
    given = {k: v.format(today=door.today.isoformat()) for k, v in GIVEN[verb].items()}
    data = {"csrf": csrf(page), "target": "", "verb": verb, **given}
    page = client.post(f"{case}/decide", data=data, headers={"HX-Request": "true"}).text
    said = re.search(r'<p class="gone">([^<]+)', page)[1]  # type: ignore[index]
    assert sentence in said
    assert "со слов, Белова Анна, записано" in said
    assert not offered(page) & gone
    assert offered(page) == kept
    assert "tel:" not in page
    assert "+7" in page
    for stays in ("/records", "/wrong", "/document/", "История задач"):
        assert stays in page
    later = default_calendar().after(door.today).isoformat()
    late = {"csrf": csrf(page), "target": "", "verb": "appointment", "for": "visit", "on": later}
    answer = client.post(f"{case}/decide", data=late, headers={"HX-Request": "true"})
    assert answer.status_code == 422
    assert "По записям пациент" in answer.text
    back = {"csrf": csrf(page), "target": "", "verb": "here_after_all", "note": "ответила сама"}
    page = client.post(f"{case}/decide", data=back, headers={"HX-Request": "true"}).text
    assert "Отметка снята" in page
    assert 'class="gone"' not in page
    assert "tel:" in page


def test_the_registrar_sees_what_is_to_be_put_right_and_a_stranger_does_not(door: Door) -> None:
    door.send(region.referral(region.working_days_ago(6, door.today)))
    client = door.client("navigator")
    case, task = CASE.search(client.get("/").text).groups()  # type: ignore[union-attr]
    data = {"csrf": csrf(client.get(case).text), "target": task, "verb": "document_missing", "note": "протокол онколога"}
    assert client.post(f"{case}/decide", data=data).status_code == 303
    for login in ("registrar", "coordinator"):
        page = door.client(login).get("/fix").text
        assert "Документ не пришёл" in page, login
        assert "протокол онколога" in page
        assert f'href="{case}"' in page
        assert "Кузнецова" in door.client(login).get("/fix?code=document_missing").text
    assert "Исправлять нечего" in door.client("stranger").get("/fix").text
