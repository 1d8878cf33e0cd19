"""The table of tasks/reconcile.py, line by line, and its property: planning twice changes nothing."""

from dataclasses import fields as columns
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.calendar import russian
from oncor_cases.tasks.reconcile import (
    NO_LONGER_OWED,
    VISIT_NOT_SEEN,
    Change,
    Close,
    ClosedTask,
    Memory,
    Open,
    OpenTask,
    Reopen,
    Resolution,
    Standing,
    plan,
)
from oncor_cases.tasks.wish import LEVELS, Key, Wish

CALENDAR = russian(date(2026, 12, 31))
MONDAY = date(2026, 3, 16)
KEY = Key("diagnosis", "7", "DX-01", "")


def a_wish(key=KEY, **fields):
    wish = Wish(key, "C50.9", date(2026, 3, 12), "navigator", "org-a", 0, None, "f1", "DX-01@2024-01-01", "verified")
    return replace(wish, **fields)


def a_task(id=1, key=KEY, **fields):
    task = OpenTask(id, key, "C50.9", date(2026, 3, 12), "navigator", "org-a", 0, "f1", "DX-01@2024-01-01", "verified")
    return replace(task, **fields)


def planned(wishes=(), today=MONDAY, resolutions=None, **memory):
    return plan(wishes, Memory(**memory), today, CALENDAR, resolutions)


def applied(memory: Memory, actions, today: date) -> Memory:
    """The plain reference of what the store does with actions."""
    names = [c.name for c in columns(OpenTask)]
    rows = {t.id: t for t in memory.open}
    closed = {c.task.id: c for c in memory.closed}
    new = max([*rows, *closed], default=0)
    for action in actions:
        match action:
            case Open(wish, values):
                new += 1
                rows[new] = OpenTask(**{"id": new, "key": wish.key, **values})
            case Change(id, _, values):
                rows[id] = replace(rows[id], **values)
            case Close(id):
                closed[id] = ClosedTask(rows.pop(id), today)
            case Reopen(id, _, values):
                row = closed.pop(id).task
                rows[id] = replace(row, **values)
    assert set(names) >= {"id", "key"}
    return Memory(tuple(rows.values()), tuple(closed.values()), memory.standing)


def test_wished_and_absent_opens_one_task():
    (action,) = planned([a_wish()])
    assert isinstance(action, Open)
    assert action.fields["due"] == date(2026, 3, 12)
    assert action.fields["state"] == "open"


def test_two_wishes_of_one_key_give_one_task_with_the_stricter_date():
    later, earlier = a_wish(due=date(2026, 3, 13)), a_wish(due=date(2026, 3, 11))
    assert planned([later, earlier]) == planned([earlier, later])
    (action,) = planned([later, earlier])
    assert action.fields["due"] == date(2026, 3, 11)


def test_wished_and_open_and_equal_changes_nothing():
    assert planned([a_wish()], open=(a_task(),)) == []


@pytest.mark.parametrize(
    ("field", "value", "event"),
    [
        ("due", date(2026, 3, 13), "changed"),
        ("icd10", "C50.4", "changed"),
        ("because", "f2", "changed"),
        ("level", "head", "escalated"),
        ("level", "reminder", "lowered"),
        ("owner", "org-b", "moved"),
        ("waiting_until", date(2026, 3, 20), "waiting"),
    ],
)
def test_wished_and_open_and_different_changes_that_field(field, value, event):
    (action,) = planned([a_wish(**{field: value})], open=(a_task(),))
    assert isinstance(action, Change)
    assert action.fields[field] == value
    assert action.events == (event,)


def test_no_longer_wished_closes_with_the_resolving_fact():
    (action,) = planned([], open=(a_task(),), resolutions={KEY: Resolution("met", "f9")})
    assert action == Close(1, KEY, "met", "f9")
    (action,) = planned([], open=(a_task(),))
    assert action == Close(1, KEY, NO_LONGER_OWED, "")


@pytest.mark.parametrize(("days", "kind"), [(0, Reopen), (30, Reopen), (31, Open)])
def test_wished_again_within_thirty_days_is_the_same_task(days, kind):
    past = ClosedTask(a_task(id=5), MONDAY - timedelta(days=days))
    (action,) = planned([a_wish()], closed=(past,))
    assert isinstance(action, kind)
    if kind is Reopen:
        assert action.task == 5


def test_of_several_closed_rows_the_latest_is_reopened():
    past = (ClosedTask(a_task(id=5), MONDAY - timedelta(days=3)), ClosedTask(a_task(id=4), MONDAY - timedelta(days=9)))
    (action,) = planned([a_wish()], closed=past)
    assert action.task == 5


def test_a_taken_task_stays_taken_when_the_date_moves():
    (action,) = planned([a_wish(due=date(2026, 3, 13))], open=(a_task(state="taken", assignee="anna"),))
    assert dict(action.fields) == {"due": date(2026, 3, 13)}


def test_a_snoozed_task_waits_through_its_day_and_comes_back_on_the_next_working_day():
    friday = date(2026, 3, 20)
    task = a_task(state="waiting", waiting_until=friday, snoozed_until=friday)
    for day in (MONDAY, friday, date(2026, 3, 21), date(2026, 3, 22)):
        assert planned([a_wish()], today=day, open=(task,)) == []
    (action,) = planned([a_wish()], today=date(2026, 3, 23), open=(task,))
    assert action.events == (VISIT_NOT_SEEN,)
    assert action.fields["state"] == "open"
    assert action.fields["waiting_until"] is None


def test_a_wait_that_is_called_off_before_its_day_is_resumed_without_reproach():
    task = a_task(state="waiting", waiting_until=date(2026, 3, 20))
    (action,) = planned([a_wish()], open=(task,))
    assert action.events == ("resumed",)


def test_level_and_owner_move_while_the_task_waits():
    task = a_task(state="waiting", waiting_until=date(2026, 3, 20), snoozed_until=date(2026, 3, 20))
    (action,) = planned([a_wish(level="head", owner="org-b")], open=(task,))
    assert dict(action.fields) == {"level": "head", "owner": "org-b"}


def test_a_task_handed_over_stays_with_its_new_owner():
    assert planned([a_wish()], open=(a_task(owner="org-c", handed_to="org-c"),)) == []


def test_what_a_person_did_with_an_upcoming_clock_is_given_to_its_task():
    standing = {KEY: Standing(date(2026, 3, 18), "org-c", "anna")}
    (action,) = planned([a_wish()], standing=standing)
    assert action.fields["state"] == "waiting"
    assert (action.fields["owner"], action.fields["assignee"]) == ("org-c", "anna")


days = st.dates(date(2026, 3, 1), date(2026, 4, 10))
rules, subjects = st.sampled_from(["DX-01", "DX-02"]), st.sampled_from(["", "ct"])
keys = st.builds(Key, st.just("diagnosis"), st.sampled_from("12"), rules, subjects)
any_wish = st.builds(
    Wish, keys, st.sampled_from(["C50.9", "R91"]), days, st.sampled_from(LEVELS), st.sampled_from(["org-a", "org-b"]),
    st.integers(0, 2), st.none() | days, st.sampled_from(["f1", "f2"]), st.just("e"), st.just("verified"),
)  # fmt: skip
did = st.builds(Standing, st.none() | days, st.sampled_from(["", "org-c"]), st.sampled_from(["", "anna"]))
standings = st.dictionaries(keys, did)


@given(st.lists(st.tuples(days, st.lists(any_wish, max_size=6)), min_size=1, max_size=5), standings, st.randoms())
def test_planning_twice_changes_nothing_and_keys_stay_unique(story, standing, random):
    memory = Memory(standing=standing)
    for today, wishes in sorted(story, key=lambda s: s[0]):
        actions = plan(wishes, memory, today, CALENDAR)
        shuffled = list(wishes)
        random.shuffle(shuffled)
        assert plan(shuffled, memory, today, CALENDAR) == actions
        memory = applied(memory, actions, today)
        assert plan(wishes, memory, today, CALENDAR) == []
        assert {t.key for t in memory.open} == {w.key for w in wishes}
        assert len({t.key for t in memory.open}) == len(memory.open)


def test_what_a_leaver_had_taken_returns_to_the_clinic():
    left = frozenset({"anna"})
    (action,) = planned([a_wish()], open=(a_task(state="taken", assignee="anna"),), left=left)
    assert (action.events, dict(action.fields)) == (("returned",), {"state": "open", "assignee": ""})
    assert planned([a_wish()], open=(a_task(state="taken", assignee="boris"),), left=left) == []
    (action,) = planned([a_wish()], standing={KEY: Standing(assignee="anna")}, left=left)
    assert (action.fields["state"], action.fields["assignee"]) == ("open", "")
    past = ClosedTask(a_task(id=5, assignee="anna"), MONDAY)
    (action,) = planned([a_wish()], closed=(past,), left=left)
    assert action.fields["assignee"] == ""
