"""Accounts: opened once, changed and closed at once, never with a weak password; keys are kept as hashes."""

from hashlib import sha256

import pytest

from oncor_cases.actions import accounts
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store import signin

ORG = "1.2.643.5.1.13.13.12.2.99.1"


def test_an_account_is_opened_once(database, region):
    assert accounts.add(database, "anna", "long-enough-1", name="Белова Анна", role="navigator", orgs=[ORG])
    assert not accounts.add(database, "anna", "another-one-2", name="Белова Анна", role="navigator", orgs=[ORG])
    with database.web(None) as conn:
        found = signin.account(conn, "anna")
    assert (found.role, found.orgs) == ("navigator", (ORG,))
    assert "long-enough" not in found.password_hash


@pytest.mark.parametrize(
    ("password", "role", "orgs"), [("short", "admin", []), ("long-enough", "king", []), ("long-enough", "head", [])]
)
def test_what_cannot_be_an_account_is_refused(database, region, password, role, orgs):
    with pytest.raises(UserError):
        accounts.add(database, "x", password, name="", role=role, orgs=orgs)


def test_a_closed_account_is_not_found_at_the_door(database, region):
    accounts.add(database, "oleg", "long-enough-1", name="", role="admin")
    accounts.close(database, "oleg")
    with database.web(None) as conn:
        assert signin.account(conn, "oleg") is None
    with pytest.raises(NotFound):
        accounts.close(database, "nobody")


def test_a_token_opens_the_door_and_is_not_stored(database, region):
    token = accounts.new_token(database, "МИС поликлиники")
    with database.web(None) as conn:
        assert signin.token_region(conn, sha256(token.encode()).digest()) == (1, "МИС поликлиники")
