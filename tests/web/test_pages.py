"""Every page for every role: what it answers, what it costs, what it must never show."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from oncor_cases.web.pages import DATA, SECTIONS
from tests.web.people import CLINIC, PASSWORD, Clinic

SignIn = Callable[[str], Any]
OPEN_TO = {
    "/": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/?tab=mine": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/?tab=overdue&rule=DX-01": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/?tab=upcoming": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/?tab=waiting&level=head": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/?tab=done": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/overdue": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/status": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/keys": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/fix": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/changes": {"navigator", "head", "registrar", "coordinator", "admin"},
    "/quarantine": {"registrar", "coordinator", "admin"},
    "/withdraw": {"registrar", "coordinator"},
    "/rules": {"coordinator"},
    "/rules?pathway=diagnosis&norm=note&q=ЦАОП": {"coordinator"},
    "/rules/DX-01": {"coordinator"},
}
ROLES = ("navigator", "head", "registrar", "coordinator", "admin")


@pytest.mark.parametrize("role", ROLES)
def test_each_role_opens_its_pages_and_no_others(sign_in: SignIn, role: str) -> None:
    client = sign_in(role)
    got = {path: client.get(path).status_code for path in OPEN_TO}
    assert got == {path: 200 if role in roles else 403 for path, roles in OPEN_TO.items()}


@pytest.mark.parametrize(
    ("login", "first"),
    [("admin", "/status"), ("methodologist", "/rules"), ("registrar", "/fix"), ("navigator", "/"), ("head", "/"),
     ("coordinator", "/")],
)  # fmt: skip
def test_the_day_of_a_role_begins_with_the_page_it_works_on(sign_in: SignIn, login: str, first: str) -> None:
    client = sign_in("")
    answer = client.post("/login", data={"login": login, "password": PASSWORD})
    assert answer.headers["location"] == first
    page = client.get(first)
    assert page.status_code == 200
    assert f'class="brand" href="{first}"' in page.text
    assert re.search(rf'<a href="{first}"[^>]* aria-current="page"', page.text), "and it is a section of the header"
    asked = client.post("/login", data={"login": login, "password": PASSWORD, "next": "/keys"})
    assert asked.headers["location"] == "/keys", "who came for a page gets that page"


def test_without_a_session_every_page_leads_to_the_sign_in(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("")
    for path in (*OPEN_TO, f"/case/{clinic.public['ivanova']}"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["location"][:6]) == (303, "/login")


def patient_addresses(clinic: Clinic, short: str) -> list[str]:
    base = f"/case/{clinic.public[short]}"
    return [
        base,
        f"{base}?all=1&numbers=1",
        f"{base}?task={next(iter(clinic.tasks.values()))}",
        f"{base}/who",
        f"{base}/wrong",
    ]


def test_a_colleague_of_another_clinic_finds_no_such_patient_on_any_route(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    stranger = sign_in("stranger")
    csrf = token(stranger.get("/").text)
    document = clinic.documents["Направление к онкологу"]
    for path in (*patient_addresses(clinic, "ivanova"), f"/document/{document}"):
        answer = stranger.get(path)
        assert answer.status_code == 404, path
        assert "Иванова" not in answer.text
    base = f"/case/{clinic.public['ivanova']}"
    task = str(clinic.tasks["ivanova", "DX-01"])
    posts = {
        f"{base}/decide": {"verb": "took", "target": task},
        f"{base}/who": {"q": "Иванова"},
        f"{base}/same": {"other": str(clinic.public["alien"]), "reason": "похожи"},
        f"{base}/wrong": {"sha256": document, "reason": "чужой"},
        f"/quarantine/{document}/retry": {},
        "/withdraw": {"sha256": document, "reason": "ошибка"},
    }
    for path, data in posts.items():
        answer = stranger.post(path, data={**data, "csrf": csrf})
        assert answer.status_code in (403, 404), path
        assert "Иванова" not in answer.text
    with database.batch() as conn:
        assert conn.execute("select count(*) n from task where assignee = 'stranger'").fetchone().n == 0
    found = stranger.post("/search", data={"q": "Иванова", "csrf": csrf}).text
    assert "Мария Петровна" not in found
    assert "Никого не нашли" in found


def test_the_same_address_opens_for_the_own_clinic(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("navigator")
    for path in (*patient_addresses(clinic, "ivanova"), f"/document/{clinic.documents['Направление к онкологу']}"):
        assert client.get(path).status_code == 200, path


def test_an_administrator_of_accounts_sees_no_patient(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("admin")
    assert "Иванова" not in client.get("/").text
    assert client.get(f"/case/{clinic.public['ivanova']}").status_code == 404


def test_a_name_with_markup_is_shown_and_never_run(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("navigator")
    for path in ("/", f"/case/{clinic.public['probe']}", f"/case/{clinic.public['probe']}/wrong"):
        html = client.get(path).text
        assert "<script>alert" not in html, path
        assert "&lt;script&gt;alert" in html, path


def test_pages_hold_no_inline_script_or_style(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("coordinator")
    for path in ("/", "/overdue", "/quarantine", "/status", f"/case/{clinic.public['ivanova']}"):
        answer = client.get(path)
        assert answer.headers["content-security-policy"].startswith("default-src 'self'")
        assert not re.search(r"<script(?![^>]*\ssrc=)|\sstyle=|\son\w+=|javascript:", answer.text), path


def test_no_patient_value_travels_in_an_address(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("navigator")
    html = client.get("/").text + client.get(f"/case/{clinic.public['ivanova']}").text
    addresses = " ".join(re.findall(r'(?:href|action|hx-[a-z]+)="(?!tel:)([^"]+)"', html))
    assert "Иванов" not in addresses
    assert "%D0" not in addresses
    assert "11223344595" not in addresses
    assert not re.search(r"/case/\d+(?![\da-f-])", addresses)


def test_the_insurance_number_is_masked_until_it_is_asked_for_and_that_is_audited(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    client = sign_in("navigator")
    path = f"/case/{clinic.public['ivanova']}"
    assert "112-233-445 95" not in client.get(path).text
    assert "112-233-445 95" in client.get(path + "?numbers=1").text
    with database.batch() as conn:
        rows = conn.execute(
            "select action from audit where person_id = %s order by id", (clinic.persons["ivanova"],)
        ).fetchall()
    assert [r.action for r in rows] == ["case", "case_numbers"]


def test_every_tab_holds_its_own_rows(sign_in: SignIn) -> None:
    client = sign_in("navigator")
    names = {
        tab: re.findall(r'data-row href="/case/[^"]+">([^<]+)<', client.get(f"/?tab={tab}").text)
        for tab in ("clinic", "mine", "overdue", "upcoming", "waiting", "done")
    }
    probe = "&lt;script&gt;alert(1)&lt;/script&gt; Анна Олеговна"
    petrov, ivanova, sidorova = "Петров Андрей Ильич", "Иванова Мария Петровна", "Сидорова Галина Фёдоровна"
    assert names == {
        "clinic": [petrov, ivanova, sidorova, probe],  # by days past, then by danger
        "mine": [sidorova],
        "overdue": [petrov, ivanova, probe],  # what is only recalled is no breach
        "upcoming": [ivanova],
        "waiting": ["Ёжикова Алла Юрьевна"],
        "done": [sidorova],
    }


def test_an_empty_list_says_what_it_means(sign_in: SignIn) -> None:
    html = sign_in("head").get("/?tab=mine").text
    assert "Вы ничего не взяли в работу" in html
    assert "По этому отбору ничего нет" in sign_in("head").get("/?rule=TR-05").text


def test_a_block_is_the_list_alone(sign_in: SignIn) -> None:
    client = sign_in("navigator")
    block = client.get("/", headers={"HX-Request": "true"}).text
    assert '<ul class="tabs" id="tabs" hx-swap-oob="true">' in block
    assert '<div id="list"' in block
    assert "<html" not in block
    assert "<html" in client.get("/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"}).text


def test_search_takes_the_beginning_of_a_name_or_a_number(sign_in: SignIn) -> None:
    client = sign_in("navigator")
    csrf = token(client.get("/").text)
    for asked in ("иван", "ИВАНОВА МАРИЯ", "112-233-445 95"):
        assert "Иванова Мария Петровна" in client.post("/search", data={"q": asked, "csrf": csrf}).text
    assert "Ёжикова" in client.post("/search", data={"q": "ежик", "csrf": csrf}).text
    wrong = client.post("/search", data={"q": "112-233-445 94", "csrf": csrf}).text
    assert "контрольные цифры не сходятся" in wrong


def test_the_board_groups_what_is_overdue_by_rule(sign_in: SignIn) -> None:
    html = sign_in("head").get("/overdue").text
    assert re.findall(r'class="who" data-row href="([^"]+)"', html)[0] == "/?tab=overdue&amp;rule=DX-03"
    assert "По клиникам" not in html
    wide = sign_in("coordinator").get("/overdue").text
    assert f"/overdue?clinic={CLINIC}" in wide


def test_the_page_explains_why_a_date_is_what_it_is(sign_in: SignIn, clinic: Clinic) -> None:
    html = sign_in("navigator").get(f"/case/{clinic.public['ivanova']}").text
    for words in (
        "Программа государственных гарантий", "28\u00a0февраля: суббота", "1\u00a0марта: воскресенье",
        "3\u00a0рабочих дня, день начала не считается", "4\u00a0марта, среда", "норма сверена по публикациям",
    ):  # fmt: skip
        assert words in html
    assert f'href="/document/{clinic.documents["Направление к онкологу"]}"' in html
    assert "<svg" in html
    assert "Направлен" in html


BUDGET = {"/": 10, "/overdue": 9, "/case/{ivanova}": 13}  # one for each list: the board has five


@pytest.mark.parametrize("path", BUDGET)
def test_a_page_keeps_to_its_number_of_queries(
    sign_in: SignIn, clinic: Clinic, path: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    import psycopg

    client = sign_in("head")
    address = path.format(ivanova=clinic.public["ivanova"])
    client.get(address)  # the rules are read once a minute, not with every page
    said: list[str] = []
    plain = psycopg.Connection.execute

    def counted(self: Any, query: Any, *args: Any, **rest: Any) -> Any:
        said.append(str(query))
        return plain(self, query, *args, **rest)

    monkeypatch.setattr(psycopg.Connection, "execute", counted)
    assert client.get(address).status_code == 200
    assert 0 < len(said) <= BUDGET[path], "\n".join(said)


def token(html: str) -> str:
    return re.search(r'name="csrf" value="([^"]+)"', html)[1]  # type: ignore[index]


def test_a_form_without_the_token_or_from_another_site_changes_nothing(
    sign_in: SignIn, clinic: Clinic, database: Any
) -> None:
    client = sign_in("navigator")
    path = f"/case/{clinic.public['ivanova']}/decide"
    data = {"verb": "took", "target": str(clinic.tasks["ivanova", "DX-01"])}
    csrf = token(client.get("/").text)
    assert client.post(path, data=data).status_code == 403
    assert client.post(path, data={**data, "csrf": "x" * 32}).status_code == 403
    assert client.post(path, data={**data, "csrf": csrf}, headers={"sec-fetch-site": "cross-site"}).status_code == 403
    other = {"sec-fetch-site": None, "origin": "https://evil.example"}
    bare = {k: v for k, v in other.items() if v}
    del client.headers["sec-fetch-site"]
    assert client.post(path, data={**data, "csrf": csrf}, headers=bare).status_code == 403
    assert client.post(path, data={**data, "csrf": csrf}).status_code == 403  # silence is no proof either
    with database.batch() as conn:
        assert conn.execute("select count(*) n from task where assignee = 'navigator' and rule = 'DX-01'").fetchone().n == 0


def test_guessing_a_password_is_slowed_down(sign_in: SignIn) -> None:
    client = sign_in("")
    for _ in range(5):
        assert client.post("/login", data={"login": "head", "password": "нет"}).status_code == 422
    late = client.post("/login", data={"login": "head", "password": PASSWORD})
    assert late.status_code == 422
    assert "Слишком много" in late.text
    assert client.post("/login", data={"login": "navigator", "password": PASSWORD}).status_code == 303


def test_signing_out_ends_the_session_on_the_server(sign_in: SignIn) -> None:
    client = sign_in("navigator")
    cookie = client.cookies["oncor_session"]
    client.post("/logout", data={"csrf": token(client.get("/").text)})
    client.cookies.set("oncor_session", cookie)
    assert client.get("/").status_code == 303


def test_the_sign_in_leads_only_to_this_system(sign_in: SignIn) -> None:
    for back, leads in (("//evil.example", "/"), ("https://evil.example", "/"), ("/\\evil", "/"), ("/overdue", "/overdue")):
        client = sign_in("")
        answer = client.post("/login", data={"login": "head", "password": PASSWORD, "next": back})
        assert answer.headers["location"] == leads


def test_errors_are_pages_in_russian_without_an_inside(
    sign_in: SignIn, clinic: Clinic, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    client = sign_in("navigator")
    for path in ("/nothing", "/case/1", "/case/not-a-uuid", "/document/zz", "/quarantine?after=x"):
        answer = client.get(path)
        assert answer.status_code in (403, 404), path
        assert "Traceback" not in answer.text
        assert "<h1>" in answer.text

    from oncor_cases.web import inbox

    def broken(*_: Any) -> None:
        raise RuntimeError("Иванова Мария")

    monkeypatch.setattr(inbox.inbox, "counts", broken)
    answer = client.get("/")
    assert answer.status_code == 500
    assert "Код для техподдержки" in answer.text
    assert "Иванова" not in answer.text
    assert "Иванова" not in caplog.text
    assert "RuntimeError" in caplog.text


def test_a_lost_database_is_503(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    import psycopg

    client = sign_in("navigator")

    def lost(*_: Any, **__: Any) -> None:
        raise psycopg.OperationalError("server closed the connection")

    monkeypatch.setattr(psycopg.Connection, "execute", lost)
    answer = client.get("/")
    assert answer.status_code == 503
    assert "База данных не отвечает" in answer.text


def test_a_list_goes_on_by_key(sign_in: SignIn, clinic: Clinic, database: Any) -> None:
    from datetime import timedelta

    from tests.web import people

    with database.batch() as conn:
        for i in range(120):
            people.person(conn, clinic, f"n{i}", f"Новикова Номер {i}", snils="")
            people.task(conn, clinic, f"n{i}", "DX-01", people.TODAY - timedelta(days=1 + i % 7), danger=i % 3)
    client, seen, path = sign_in("navigator"), [], "/"
    while path:
        html = client.get(path).text
        seen += re.findall(r'data-row href="(/case/[^"?]+)', html)
        more = re.search(r'data-row href="(/\?[^"]*after=[^"]+)"', html)
        path = more[1].replace("&amp;", "&") if more else ""
    assert len(seen) == len(set(seen)) == 124


def test_a_body_without_end_is_refused(sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from oncor_cases.web import guard

    monkeypatch.setattr(guard, "LARGEST_FORM", 1000)
    client = sign_in("navigator")
    assert client.post("/search", data={"q": "x" * 2000}).status_code == 413
    chunks = (b"q=" + b"x" * 400 for _ in range(4))
    headers = {"content-type": "application/x-www-form-urlencoded"}
    answer = client.post("/search", content=chunks, headers=headers)
    assert answer.status_code == 413
    assert "256" in answer.text


def test_an_error_of_a_block_is_shown_above_the_page_that_stays(sign_in: SignIn, clinic: Clinic) -> None:
    answer = sign_in("stranger").get(f"/case/{clinic.public['ivanova']}", headers={"HX-Request": "true"})
    assert answer.status_code == 404
    assert (answer.headers["hx-retarget"], answer.headers["hx-reswap"]) == ("#trouble", "innerHTML")
    assert answer.text.strip().startswith("<p")
    ended = sign_in("").get("/", headers={"HX-Request": "true"})
    assert (ended.status_code, ended.headers["hx-redirect"]) == (204, "/login")


def test_the_coordinator_may_look_at_tasks_nobody_could_be_named_for(sign_in: SignIn, clinic: Clinic) -> None:
    assert "никто не назван" in sign_in("coordinator").get("/").text
    assert "никто не назван" not in sign_in("head").get("/").text
    assert sign_in("coordinator").get("/?clinic=регион").status_code == 200


def test_sections_of_one_kind_stand_in_a_menu_and_an_empty_menu_is_not_drawn(sign_in: SignIn) -> None:
    page = sign_in("coordinator").get("/quarantine").text
    menus = re.findall(r'<details class="menu".*?</details>', page, re.S)
    menu = [m for m in menus if f">{DATA}" in m]
    assert len(menu) == 1
    shown = re.findall(r'href="([^"]+)"', menu[0])
    assert shown == [s.href for s in SECTIONS if s.group == DATA and "coordinator" in s.roles]
    assert {"/quarantine", "/lists", "/likeness", "/withdraw"} <= set(shown)
    assert '<summary aria-current="true">Данные' in menu[0]
    assert '<details class="menu"' not in sign_in("navigator").get("/").text
