"""«Правила»: what is read there, who may propose and who decides, what a change would do to whom."""

import re
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from oncor_cases.actions.sweep import sweep
from oncor_cases.store import facts, rulebook
from oncor_cases.web import background
from tests.web.people import TODAY, Clinic
from tests.web.test_pages import token

SignIn = Callable[[str], Any]
EDITION = {
    "kind": "change", "edition": "DX-01@2026-01-01", "limit": "10", "unit": "working_days", "norm": "verified",
    "act": "Приказ региона", "clause": "п. 4", "to": "2026-12-31", "low": "18", "high": "200", "icd": "",
    "source": "сайт региона, 01.03.2026", "note": "", "reason": "в регионе действует другой срок", "stories": "",
}  # fmt: skip
STORY = """
story: десять дней
patient: {sex: female, born: 1961-04-12}
facts: [{on: 2026-03-02, suspicion: {icd10: C50.9}}]
expect: [{today: 2026-03-10, pathway: diagnosis, has: [DX-01]}]
"""


@pytest.fixture
def suspected(database: Any, clinic: Clinic) -> Clinic:
    """Petrov has a suspicion of 2 March, swept: DX-01 is open."""
    with database.batch() as conn:
        facts.state(conn, 1, clinic.persons["petrov"], "suspicion", date(2026, 3, 2), {"icd10": "C34.1"},
                    author="1.2.643.5.1.13.13.12.2.99.1", evidence="document", at=None)  # fmt: skip
    with database.owner() as conn:
        conn.execute("update fact set known_at = '2026-03-02 12:00+03' where author <> ''")
    sweep(database, TODAY)
    return clinic


def post(client: Any, path: str, **fields: str) -> Any:
    return client.post(path, data=fields | {"csrf": token(client.get("/").text)})


def proposed(client: Any, rule: str = "DX-01", **fields: str) -> str:
    answer = post(client, f"/rules/{rule}/propose", **(EDITION | fields))
    assert answer.status_code == 303, answer.text
    background.wait()
    return str(answer.headers["location"])


def open_rules(database: Any, clinic: Clinic, short: str) -> set[str]:
    with database.batch() as conn:
        rows = conn.execute(
            "select rule from task where person_id = %s and closed_at is null", (clinic.persons[short],)
        ).fetchall()
    return {r.rule for r in rows}


class TestReading:
    def test_every_duty_and_note_is_listed_with_its_status(self, sign_in: SignIn) -> None:
        text = sign_in("methodologist").get("/rules").text
        for rule in ("DX-01", "DX-05", "DX-22", "CH-02", "FU-02", "PT-01", "SC-13", "LOST-1"):
            assert f'href="/rules/{rule}"' in text
        for word in ("сверено", "по памяти: напоминание", "правило системы", "примечание", "навигатор увидит"):
            assert word in text

    @pytest.mark.parametrize(
        ("query", "there", "absent"),
        [
            ("pathway=screening", "SC-20", "DX-01"),
            ("norm=note", "DX-17", "DX-01"),
            ("norm=recalled", "DX-08", "DX-01"),
            ("q=548н", "FU-02", "DX-01"),
            ("q=dx-33", "DX-33", "DX-32"),
        ],
    )
    def test_filters(self, sign_in: SignIn, query: str, there: str, absent: str) -> None:
        text = sign_in("coordinator").get(f"/rules?{query}").text
        assert f"/rules/{there}" in text
        assert f"/rules/{absent}" not in text

    def test_a_rule_shows_its_editions_and_its_task(self, sign_in: SignIn) -> None:
        text = sign_in("methodologist").get("/rules/DX-01").text
        for word in ("с 1 января 2026".replace(" ", "\u00a0", 0), "Записать к онкологу", "заведующему", "пункт не виден"):
            assert word.replace(" ", "") in text.replace("\u00a0", "").replace(" ", "")
        assert "kind=confirm&amp;edition=DX-01@2025-01-01" in text

    def test_what_no_act_demands_is_not_shown_as_a_norm(self, sign_in: SignIn) -> None:
        client = sign_in("methodologist")
        for rule, tag, title in (
            ("CH-02", "клинический порог", "Клинический порог"),
            ("CH-05", "формат обмена", "Формат обмена"),
        ):
            text = client.get(f"/rules/{rule}").text
            assert tag in text
            assert f"<dt>{title}" in text
            assert ">сверено<" not in text
            assert ">Акт<" not in text.split("<table")[0]
        assert "по памяти: напоминание, клинический порог" in client.get("/rules/DX-23").text

    def test_a_new_edition_says_what_it_rests_on(self, sign_in: SignIn, suspected: Clinic) -> None:
        client = sign_in("methodologist")
        assert 'name="basis" value="clinical" checked' in client.get("/rules/CH-02/propose?kind=edition").text
        assert "клиническая практика, исследования" in client.get(proposed(client, basis="clinical")).text

    def test_a_coordinator_reads_but_does_not_propose(self, sign_in: SignIn) -> None:
        client = sign_in("coordinator")
        assert "propose" not in client.get("/rules/DX-01").text
        assert client.get("/rules/DX-01/propose").status_code == 403
        assert post(client, "/rules/DX-01/propose", **EDITION).status_code == 403

    @pytest.mark.parametrize(
        "path", ["/rules/XX-01", "/rules/proposals/77", "/rules/XX-01/propose", "/rules/DX-01/propose?kind=x"]
    )
    def test_what_is_not_there(self, sign_in: SignIn, path: str) -> None:
        assert sign_in("methodologist").get(path).status_code == 404

    @pytest.mark.parametrize("role", ["navigator", "head", "registrar", "admin", "stranger"])
    def test_others_see_nothing_of_it(self, sign_in: SignIn, suspected: Clinic, role: str) -> None:
        at = proposed(sign_in("methodologist"))
        client = sign_in(role)
        for path in ("/rules", "/rules/DX-01", "/rules/DX-01/propose", at, f"{at}/people"):
            assert client.get(path).status_code == 403
        assert post(client, f"{at}/decide", verb="approve").status_code == 403


class TestProposing:
    def test_propose_see_approve_sweep(self, sign_in: SignIn, suspected: Clinic, database: Any) -> None:
        assert "DX-01" in open_rules(database, suspected, "petrov")
        author, second = sign_in("methodologist"), sign_in("methodologist2")
        at = proposed(author, stories=STORY)
        text = author.get(at).text
        assert "расходится" in text
        assert "10" in text
        assert "Решает второй человек" in text
        assert "Одобрить" not in text
        assert "Чужой" not in text
        people = second.get(f"{at}/people?change=vanishes").text
        assert "Петров Андрей Ильич" in people
        assert post(author, f"{at}/decide", verb="approve").status_code == 409
        assert post(second, f"{at}/decide", verb="approve").status_code == 303
        assert "одобрено" in second.get(at).text
        sweep(database, TODAY)
        assert "DX-01" not in open_rules(database, suspected, "petrov")
        rule = second.get("/rules/DX-01").text
        assert "№ 1" in rule
        assert "Исаева Нина" in rule
        assert "отменить правку" in rule

    def test_every_patient_shown_is_in_the_audit(self, sign_in: SignIn, suspected: Clinic, database: Any) -> None:
        at = proposed(sign_in("methodologist"))
        sign_in("coordinator").get(f"{at}/people?change=vanishes")
        with database.batch() as conn:
            rows = conn.execute("select person_id, author from audit where action = 'whatif'").fetchall()
        assert [tuple(r) for r in rows] == [(suspected.persons["petrov"], "coordinator")]

    def test_declined_with_a_reason_only(self, sign_in: SignIn, suspected: Clinic) -> None:
        at = proposed(sign_in("methodologist"))
        client = sign_in("coordinator")
        assert post(client, f"{at}/decide", verb="decline").status_code == 422
        assert post(client, f"{at}/decide", verb="decline", reason="акт не опубликован").status_code == 303
        text = client.get(at).text
        assert "отклонено" in text
        assert "акт не опубликован" in text
        assert "Одобрить" not in text

    def test_withdrawn_by_the_author(self, sign_in: SignIn, suspected: Clinic) -> None:
        author = sign_in("methodologist")
        at = proposed(author)
        assert post(author, f"{at}/decide", verb="withdraw").status_code == 303
        assert "отозвано" in author.get(at).text

    @pytest.mark.parametrize(
        ("rule", "fields", "words"),
        [
            ("DX-01", {"limit": "три"}, "целое число"),
            ("DX-01", {"reason": ""}, "причину"),
            ("DX-01", {"clause": ""}, "сверено"),
            ("DX-01", {"to": "завтра"}, "дата"),
            ("DX-01", {"stories": "story: [без конца"}, "YAML"),
            ("DX-01", {"kind": "escalation", "head": "9", "coordinator": "2"}, "по возрастанию"),
            ("DX-05", {"kind": "note", "active": "1", "limit": ""}, "срок"),
        ],
    )
    def test_what_does_not_fit_comes_back_filled_in(
        self, sign_in: SignIn, rule: str, fields: dict[str, str], words: str
    ) -> None:
        edition = {} if rule == "DX-01" else {"edition": ""}
        answer = post(sign_in("methodologist"), f"/rules/{rule}/propose", **(EDITION | edition | fields))
        assert answer.status_code == 422
        assert words in answer.text
        assert (fields.get("reason") or EDITION["reason"]) in answer.text or "reason" in fields

    @pytest.mark.parametrize(
        ("rule", "query", "fields"),
        [
            (
                "DX-08",
                "kind=confirm&edition=DX-08@2022-01-01",
                {"act": "Приказ 116н", "clause": "п. 14", "source": "портал"},
            ),
            ("DX-03", "kind=escalation", {"head": "1", "coordinator": "5", "lost_after": ""}),
            ("DX-06", "kind=note", {"active": "1"}),
            ("DX-01", "kind=edition", {"from": "2026-07-01"}),
            ("follow_up_anchor", "kind=switch", {"value": "treatment"}),
        ],
    )
    def test_each_kind_of_change_has_its_form(
        self, sign_in: SignIn, suspected: Clinic, rule: str, query: str, fields: dict[str, str]
    ) -> None:
        client = sign_in("methodologist")
        form = client.get(f"/rules/{rule}/propose?{query}")
        assert form.status_code == 200
        for name in fields:
            assert f'name="{name}"' in form.text
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form.text))
        shown = dict(re.findall(r'name="(\w+)" type="(?:text|number|date)" value="([^"]*)"', form.text))
        chosen = dict(re.findall(r'type="radio" name="(\w+)" value="([^"]*)" checked', form.text))
        sent = {**shown, **chosen, **hidden, "reason": "проверка", "clause": "п. 1", "source": "портал", **fields}
        del sent["csrf"]
        answer = post(client, f"/rules/{rule}/propose", **sent)
        assert answer.status_code == 303, answer.text
        background.wait()
        text = client.get(answer.headers["location"]).text
        assert "ждёт решения" in text
        assert "Станет" in text

    def test_a_retired_change(self, sign_in: SignIn, suspected: Clinic, database: Any) -> None:
        author, second = sign_in("methodologist"), sign_in("methodologist2")
        post(second, f"{proposed(author)}/decide", verb="approve")
        at = proposed(author, kind="retire", record="1", edition="")
        assert post(second, f"{at}/decide", verb="approve").status_code == 303
        assert "отменена правкой № 2" in second.get("/rules/DX-01").text
        with database.batch() as conn:
            assert rulebook.changes(rulebook.records(conn, 1)) == ()

    def test_the_progress_is_a_block_that_asks_again(self, sign_in: SignIn, suspected: Clinic, monkeypatch: Any) -> None:
        monkeypatch.setattr(background, "compute_waiting", lambda db, region: None)
        client = sign_in("methodologist")
        at = proposed(client)
        block = client.get(at, headers={"hx-request": "true"}).text
        assert 'hx-trigger="every 2s"' in block
        assert "<html" not in block
        assert "Одобрить" not in sign_in("coordinator").get(at).text
        monkeypatch.undo()
        background.compute_waiting(client.app.state.parts.db, 1)
        background.wait()
        assert "hx-trigger" not in client.get(at, headers={"hx-request": "true"}).text
