"""Numbers in addresses and forms that are none, or that no table can hold: words or "not found", never our error."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from fastapi import Request
from fastapi.routing import APIRoute

from oncor_cases.actions import contingents
from oncor_cases.actions import lists as door
from oncor_cases.store import lists
from oncor_cases.web.guard import Guard
from tests.lists.tables import DEAD, DEATHS_HEAD, csv_bytes
from tests.web.people import CLINIC, TODAY, Clinic
from tests.web.test_comparisons import differ
from tests.web.test_contingents import REGION
from tests.web.test_likeness import csrf
from tests.web.test_rules import proposed

SignIn = Callable[[str], Any]
SPOILT = ("9999999999999999999", "9" * 5_000, "²", "١٢", "-1", "1e3", "1_0", "½", "0x1")
TOO_LARGE = (str(2**31), str(2**63), "9" * 400, str(-(2**63) - 1))
ROLES = ("coordinator", "methodologist", "navigator")


@pytest.fixture
def asks(database: Any, clinic: Clinic) -> int:
    """A list that waits for its day."""
    done = door.take_bytes(database, csv_bytes(DEATHS_HEAD, [DEAD]), "deaths.csv", region=1, author="t", sender="ЗАГС")
    assert done.waits == "day"
    return done.id


def post(client: Any, path: str, **fields: str) -> Any:
    return client.post(path, data=fields | {"csrf": csrf(client.get("/keys").text)})


def answers(database: Any, number: int) -> tuple[Any, ...]:
    with database.batch() as conn:
        found = lists.get(conn, 1, number)
        return found.state, found.as_of, found.counts


# --- numbers a form sends as text ------------------------------------------------------------------------------------


def test_a_waiting_list_is_not_told_to_correct_what_is_no_list(sign_in: SignIn, database: Any, asks: int) -> None:
    client, before = sign_in("coordinator"), answers(database, asks)
    for spoilt in (*SPOILT, " 77 ", "0"):
        answer = post(client, f"/lists/{asks}/told", of=spoilt)
        assert answer.status_code == 404, spoilt
        assert "Не найдено" in answer.text
    assert answers(database, asks) == before


def test_a_waiting_list_without_an_answer_still_asks(sign_in: SignIn, asks: int) -> None:
    answer = post(sign_in("coordinator"), f"/lists/{asks}/told", of="", as_of="")
    assert answer.status_code == 422
    assert "Укажите день или список" in answer.text


@pytest.mark.parametrize("form", ["give", "release", "pace", "term", "record", "took", "age"])
def test_a_form_with_a_spoilt_number_comes_back_with_words(
    sign_in: SignIn, database: Any, clinic: Clinic, form: str
) -> None:  # fmt: skip
    term = {
        "kind": "change",
        "edition": "DX-01@2026-01-01",
        "unit": "working_days",
        "norm": "verified",
        "reason": "так надо",
    }
    took = {"verb": "took", "target": str(clinic.tasks["ivanova", "DX-01"]), "key": "1"}
    role, path, name, fields = {
        "give": ("coordinator", "/comparisons/stage_differs/give", "number", {}),
        "release": ("coordinator", "/backlog/release", "number", {"clinic": CLINIC}),
        "pace": ("coordinator", "/backlog/pace", "per_day", {"clinic": CLINIC}),
        "term": ("methodologist", "/rules/DX-01/propose", "limit", term | {"low": "18", "high": "200"}),
        "record": ("methodologist", "/rules/DX-01/propose", "record", {"kind": "retire", "reason": "так надо"}),
        "took": ("navigator", f"/case/{clinic.public['ivanova']}/decide", "version", took),
        "age": ("coordinator", "/contingents/query", "age_from", {"name": "Старшие"}),
    }[form]
    client = sign_in(role)
    differ(database, clinic, "ivanova")
    for spoilt in SPOILT if form in ("took", "age") else (*SPOILT, ""):  # a form without these two is whole
        answer = post(client, path, **fields, **{name: spoilt})
        code, said = (404, "Не найдено") if form == "record" else (422, "целое число")  # a record of such a number is none
        assert answer.status_code == code, spoilt
        assert said in answer.text


def test_an_address_with_a_spoilt_number_opens_without_it(sign_in: SignIn, clinic: Clinic) -> None:
    client = sign_in("coordinator")
    for spoilt in SPOILT:
        for path, fields in (
            ("/backlog", {"done": spoilt}),
            ("/comparisons/stage_differs", {"done": spoilt}),
            ("/", {"after": f"2026-03-05.{spoilt}.1"}),
            ("/", {"after": f"2026-03-05.1.{spoilt}"}),
            ("/contingents/build", {"op.r": "least", "k.r": spoilt, "set.r.0": "alive", "set.r.1": "insured"}),
            ("/contingents/build", {"op.r": "any", "set.r.0": "alive", "do": f"drop:r.{spoilt}"}),
            ("/rules/DX-01/propose", {"kind": "retire", "record": spoilt}),
        ):
            answer = client.get(path, params=fields)
            assert answer.status_code in (200, 403, 404), (path, spoilt)
            assert "Поставлено задач" not in answer.text


def test_the_length_of_a_body_that_is_no_number_is_not_believed() -> None:
    """A server in front may let it through; the client of the tests sends its own, so the layer is asked itself."""
    post = {"type": "http", "method": "POST", "path": "/notices/read", "query_string": b"", "headers": []}
    for spoilt in (b"\xb2", b"9" * 5_000, b"-1", b""):
        answer = Guard(None)._refusal(Request(post | {"headers": [(b"content-length", spoilt)]}))  # type: ignore[arg-type]
        assert answer is not None
        assert answer.status_code == 403, spoilt  # not from a page of ours: the length has said nothing


# --- numbers the framework reads, on every page there is --------------------------------------------------------------


def fields_of(route: APIRoute) -> Iterator[tuple[str, str, Any]]:
    """(where, name, type) of every value a route takes from outside."""
    waiting = [route.dependant]
    while waiting:
        one = waiting.pop()
        waiting += one.dependencies
        for where in ("path_params", "query_params", "body_params"):
            yield from ((where, field.alias, field.field_info.annotation) for field in getattr(one, where))


def routes_of(application: Any) -> list[APIRoute]:
    found, waiting = [], list(application.routes)
    while waiting:
        one = waiting.pop()
        if isinstance(one, APIRoute):
            found.append(one)
        else:  # rooms are included whole
            waiting += getattr(getattr(one, "original_router", None), "routes", ())
    return found


def test_no_number_of_any_address_or_form_is_too_large_for_us(
    application: Any, sign_in: SignIn, database: Any, clinic: Clinic, asks: int
) -> None:
    told: dict[str, Any] = {"kind": "expression", "definition": {"expression": "alive"}, "shared": True}
    everybody = contingents.save(database, REGION, name="Все живые", today=TODAY, **told)
    proposal = proposed(sign_in("methodologist")).rsplit("/", 1)[-1].split("?")[0]
    names = {
        "public_id": str(clinic.public["ivanova"]), "address": str(everybody), "number": str(asks), "id": proposal,
        "name": "stage_differs", "table": "route", "rule": "DX-01", "answer": "same", "pair": "1",
    }  # fmt: skip
    differ(database, clinic, "ivanova")
    clients = [sign_in(role) for role in ROLES]
    tokens = [csrf(client.get("/keys").text) for client in clients]
    seen: dict[tuple[str, str], set[int]] = {}
    for route in routes_of(application):
        taken = list(fields_of(route))
        for where, name, _ in (one for one in taken if one[2] in (int, int | None)):
            for spoilt in TOO_LARGE:
                path = route.path
                for _, part, _ in (one for one in taken if one[0] == "path_params"):
                    path = path.replace(f"{{{part}}}", spoilt if part == name else names.get(part, "1"))
                for client, token in zip(clients, tokens, strict=True):
                    query = {name: spoilt} if where == "query_params" else {}
                    body = {"csrf": token} | ({name: spoilt} if where == "body_params" else {})
                    sent = client.get(path, params=query) if "GET" in route.methods else client.post(path, data=body)
                    seen.setdefault((route.path, name), set()).add(sent.status_code)
    assert {where: codes for where, codes in seen.items() if max(codes) >= 500} == {}
    reached = {where for where, codes in seen.items() if codes - {403}}
    assert {("/lists/{number}", "number"), ("/notices/read", "notice"), ("/contingents/{address}", "start")} <= reached
    assert len(reached) == len(seen) > 20
