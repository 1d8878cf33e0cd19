"""Two at one list at once: whoever is second waits, is refused or sees what the first made of it; nothing is lost."""

import io

import pytest

from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import list_bytes, lists
from tests.lists.test_kinds import PERS, bill
from tests.lists.test_pairs import AT, TAIL, WITH_POLICY, persons, rows, take

CLAIMS, PERSONS = "CM" + TAIL, "LCM" + TAIL
STATES = "select id, state from list_load order by id"


def receive(db, data, name):
    return door.receive(db, io.BytesIO(data), name, region=1, author="t", received_at=AT)


def meanwhile(monkeypatch, name, act):
    """Another process does `act` once: right after the first `name` of the lists was read, or right before it is locked."""
    real, left = getattr(lists, name), [act]

    def beside(*told):
        if name == "alone" and left:
            left.pop()()
        found = real(*told)
        if left:
            left.pop()()
        return found

    monkeypatch.setattr(lists, name, beside)


# --- claims and their file of persons -------------------------------------------------------------------------------


@pytest.mark.parametrize("state", ["failed", "loaded"])
def test_claims_somebody_is_at_are_not_packed_away(database, region, state):
    """Between taking a list and saying so in its row it looks as if nobody read it."""
    claims = take(database, bill() if state == "failed" else WITH_POLICY, CLAIMS)
    assert claims.state == state
    with database.batch_session() as reading:
        assert lists.alone(reading, 1, claims.id)
        with pytest.raises(Conflict):
            take(database, PERS, PERSONS)
        assert rows(database, STATES) == [(1, state), (2, "reading")]
        with list_bytes.opened(reading, 1, lists.get(reading, 1, 1).sha256) as stored:
            assert stored.read() == (bill() if state == "failed" else WITH_POLICY)
    assert [one.state for one in door.finish(database, region=1)] == ["loaded"]
    assert ("Рябова",) in persons(database)


def test_claims_put_aside_meanwhile_do_not_come_back_with_their_persons(database, region, monkeypatch):
    claims = take(database, bill(), CLAIMS)
    meanwhile(monkeypatch, "named", lambda: door.withdraw(database, claims.id, "не тот", region=1, by="t"))
    assert take(database, PERS, PERSONS).waits == "pair"
    assert rows(database, STATES) == [(1, "withdrawn"), (2, "waiting")]
    assert persons(database) == []


def test_persons_put_aside_meanwhile_do_not_go_with_their_claims(database, region, monkeypatch):
    wrong = take(database, PERS, PERSONS)
    meanwhile(monkeypatch, "named", lambda: door.withdraw(database, wrong.id, "не тот", region=1, by="t"))
    assert take(database, WITH_POLICY, CLAIMS).state == "loaded"
    assert rows(database, STATES) == [(1, "withdrawn"), (2, "loaded")]
    assert persons(database) == [("",)]


@pytest.mark.parametrize("first", [CLAIMS, PERSONS])
def test_a_half_changed_while_both_are_packed_is_left_to_the_next_run(database, region, monkeypatch, first):
    """An answer given meanwhile would be lost with the row of the half."""
    half, other = (bill(), (PERS, PERSONS)) if first == CLAIMS else (PERS, (bill(), CLAIMS))
    number = take(database, half, first).id

    def answered():
        with database.batch() as conn:
            lists.change(conn, 1, number, sender_org="ТФОМС", state="stored")

    real = door.list_pairs.packed

    def packed(*parts):
        answered()
        monkeypatch.setattr(door.list_pairs, "packed", real)
        return real(*parts)

    monkeypatch.setattr(door.list_pairs, "packed", packed)
    with pytest.raises(Conflict):
        take(database, *other)
    assert rows(database, "select id, state, sender_org from list_load order by id") == [
        (1, "stored", "ТФОМС"), (2, "reading", "")]  # fmt: skip


# --- one list -------------------------------------------------------------------------------------------------------


def test_a_list_another_process_has_just_loaded_is_not_read_again(database, region, monkeypatch):
    number = receive(database, WITH_POLICY, CLAIMS)
    meanwhile(monkeypatch, "alone", lambda: door.load(database, number, region=1))
    with pytest.raises(Conflict):
        door.load(database, number, region=1)
    assert rows(database, STATES) == [(1, "loaded")]
