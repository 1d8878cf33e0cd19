"""A number in a form or an address that is none, or fits no column, is refused in words or finds nothing: never a fault."""

import re
from typing import Any

import pytest

from tests.web.people import CLINIC, Clinic

BAD = ["²", "١٢", "-1", "1e3", "", "9" * 30, "9" * 5000, "1 0", "\u200b7"]
ADDRESSES = [
    "/lists/{}", "/lists?after={}", "/lists/1?after={}", "/lists/{}/mapping", "/lists/{}/rejects.csv",
    "/lists/{}/rejects.xlsx",
    "/comparisons/stage_differs?after={}", "/comparisons/stage_differs?done={}", "/fix?after={}", "/likeness?after={}",
    "/quarantine?after={}", "/organisations/unplaced?after={}", "/backlog?done={}", "/proposals/{}",
    "/proposals/1/people?after={}", "/?after={}",
    "/contingents/build?op.r=least&k.r={}&set.r.0=alive", "/contingents/build?op.r=all&set.r.0=alive&do=add:r.{}",
    "/contingents/query?age_from={}", "/statistics?clinic={}",
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD)
def test_in_an_address(sign_in: Any, clinic: Clinic, bad: str) -> None:
    client = sign_in("coordinator")
    found = {address: client.get(address.format(bad)).status_code for address in ADDRESSES}
    assert {address: code for address, code in found.items() if code >= 500} == {}


@pytest.mark.parametrize("bad", BAD)
def test_in_a_form(sign_in: Any, clinic: Clinic, bad: str) -> None:
    client = sign_in("coordinator")
    csrf = re.search(r'name="csrf" value="([^"]+)"', client.get("/backlog").text)[1]
    case = f"/case/{clinic.public['ivanova']}/decide"
    forms = {
        "/lists/1/told": {"of": bad}, f"/lists/{bad or 'x'}/told": {"of": "1"}, "/lists/1/withdraw": {"reason": bad},
        "/comparisons/stage_differs/give": {"number": bad},
        "/backlog/release": {"clinic": CLINIC, "number": bad}, "/backlog/pace": {"clinic": CLINIC, "per_day": bad},
        case: {"verb": "called", "target": "", "version": bad, "key": "k"},
    }  # fmt: skip
    found = {to: client.post(to, data={"csrf": csrf, **form}).status_code for to, form in forms.items()}
    assert {to: code for to, code in found.items() if code >= 500} == {}
