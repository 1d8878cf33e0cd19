"""Wishes against the tasks that do exist: the only place that decides to open, change, close or reopen a task.

| the key is        | no open task                    | open task                                            |
|-------------------|---------------------------------|------------------------------------------------------|
| wished            | Open; Reopen within 30 days     | Change what differs, nothing if nothing does         |
| no longer wished  | nothing                         | Close, with the fact that resolved it                |

Due date, level, owner, code and reason come from the wish and are written over. What a person did with the task
(took it, snoozed it, handed it over) lives on the task and is kept while that person works here. Planning twice
changes nothing (tests/unit/test_reconcile.py)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from dataclasses import fields as columns
from datetime import date, timedelta
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.tasks.wish import LEVELS, Key, Wish

REOPEN_WITHIN = timedelta(days=30)
OPEN, TAKEN, WAITING = "open", "taken", "waiting"
VISIT_NOT_SEEN = "agreed_visit_not_seen"
NO_LONGER_OWED = "no_longer_owed"
RETURNED = "returned"  # whoever had taken it does not work here any more


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task as stored. `snoozed_until`, `handed_to`, `assignee` are a person's doing, the rest was written by plan.

    `waiting_until`: the day the task waits for, whoever named it: the wish (an appointment) or a person (a snooze)."""

    id: int
    key: Key
    icd10: str
    due: date
    level: str
    owner: str
    danger: int
    because: str
    edition: str
    norm: str
    state: str = OPEN
    waiting_until: date | None = None
    snoozed_until: date | None = None
    handed_to: str = ""
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class ClosedTask:
    """A task closed not long ago, with what it looked like when it was closed."""

    task: OpenTask
    closed_on: date


@dataclass(frozen=True, slots=True)
class Standing:
    """What a person did with a clock before it became a task: kept by key, given to the task when it opens."""

    snoozed_until: date | None = None
    handed_to: str = ""
    assignee: str = ""


@dataclass(frozen=True, slots=True)
class Open:
    """A new row. `fields`: the columns of OpenTask but its id and key."""

    wish: Wish
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Change:
    """New values of an open row. `events` name what happened: changed, escalated, moved, waiting, agreed_visit_not_seen."""

    task: int
    wish: Wish
    fields: Mapping[str, Any]
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Close:
    """`reason`: how the clock ended (met, late, passed, refusal, death …); `fact`: what resolved it, may be empty."""

    task: int
    key: Key
    reason: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Reopen:
    """The same row again, with the values of today's wish."""

    task: int
    wish: Wish
    fields: Mapping[str, Any]


Action = Open | Change | Close | Reopen


@dataclass(frozen=True, slots=True)
class Resolution:
    """Why a key is no longer wished."""

    reason: str
    fact: str = ""


@dataclass(frozen=True, slots=True)
class Memory:
    """All that is stored of a person's tasks: open rows, rows closed within 30 days, standings of upcoming clocks.

    `left`: whoever of the assignees does not work here any more; what they had taken returns to the clinic."""

    open: tuple[OpenTask, ...] = ()
    closed: tuple[ClosedTask, ...] = ()
    standing: Mapping[Key, Standing] = field(default_factory=dict)
    left: frozenset[str] = frozenset()


NOTHING = Memory()
_NOBODY = Standing()


def plan(
    wishes: Iterable[Wish],
    memory: Memory,
    today: date,
    calendar: Calendar,
    resolutions: Mapping[Key, Resolution] | None = None,
) -> list[Action]:
    """What to do so that the open tasks equal the wishes; in the order of keys, whatever the order of arguments."""
    wished: dict[Key, Wish] = {}
    for wish in wishes:  # one task per key: of two wishes the stricter, whichever came first
        other = wished.get(wish.key)
        if other is None or _strictness(wish) < _strictness(other):
            wished[wish.key] = wish
    tasks = {task.key: task for task in memory.open}
    closed: dict[Key, ClosedTask] = {}
    for past in sorted(memory.closed, key=lambda c: (c.closed_on, c.task.id)):
        if today - past.closed_on <= REOPEN_WITHIN:
            closed[past.task.key] = past
    actions: list[Action] = []
    for key in sorted(wished.keys() | tasks.keys()):
        task = tasks.get(key)
        if key not in wished:
            assert task is not None
            why = (resolutions or {}).get(key, Resolution(NO_LONGER_OWED))
            actions.append(Close(task.id, key, why.reason, why.fact))
            continue
        wish = wished[key]
        if task is not None:
            actions += _changes(task, wish, today, calendar, memory.left)
        elif key in closed:
            past = closed[key]
            human = _staying(Standing(past.task.snoozed_until, past.task.handed_to, past.task.assignee), memory.left)
            actions.append(Reopen(past.task.id, wish, _fields(wish, human, OPEN, today, calendar)))
        else:
            human = _staying(memory.standing.get(key, _NOBODY), memory.left)
            state = TAKEN if human.assignee else OPEN
            actions.append(Open(wish, _fields(wish, human, state, today, calendar)))
    return actions


def stand(
    wishes: Iterable[Wish], memory: Memory, today: date, calendar: Calendar
) -> Iterator[tuple[int | None, Wish, dict[str, Any]]]:
    """The tasks as plan would leave them: (stored id or None, wish, fields), in the order of keys. Writes nothing."""
    wishes = list(wishes)
    tasks = {t.key: t for t in memory.open}
    acted: dict[Key, tuple[int | None, Mapping[str, Any]]] = {}
    for action in plan(wishes, memory, today, calendar):
        match action:
            case Open(wish, values):
                acted[wish.key] = (None, values)
            case Change(id, wish, values) | Reopen(id, wish, values):
                acted[wish.key] = (id, values)
    for wish in sorted({w.key: w for w in sorted(wishes, key=_strictness, reverse=True)}.values(), key=lambda w: w.key):
        task = tasks.get(wish.key)
        stored, values = acted.get(wish.key, (task.id if task else None, {}))
        stood = {} if task is None else {f.name: getattr(task, f.name) for f in columns(task)}
        yield stored, wish, {**stood, **values}


def back_on(day: date, calendar: Calendar) -> date:
    """The first day on which a task that waited until `day` is open again."""
    return calendar.after(day)


def _strictness(wish: Wish) -> tuple[Any, ...]:
    """Orders wishes of one key; holds every field, so that equal strictness means equal wishes."""
    until = wish.waiting_until or date.min
    return (wish.due, -LEVELS.index(wish.level), wish.danger, until, wish.owner, wish.icd10, wish.because, wish.edition)


def _waits_until(wish: Wish, snoozed: date | None, today: date, calendar: Calendar) -> date | None:
    """The day the task waits for; None if nobody named one or the working day after it has come."""
    days = [day for day in (wish.waiting_until, snoozed) if day is not None and today < back_on(day, calendar)]
    return max(days, default=None)


def _fields(wish: Wish, human: Standing, state: str, today: date, calendar: Calendar) -> dict[str, Any]:
    until = _waits_until(wish, human.snoozed_until, today, calendar)
    return {
        "icd10": wish.icd10,
        "due": wish.due,
        "level": wish.level,
        "owner": human.handed_to or wish.owner,
        "danger": wish.danger,
        "because": wish.because,
        "edition": wish.edition,
        "norm": wish.norm,
        "state": state if until is None else WAITING,
        "waiting_until": until,
        "snoozed_until": human.snoozed_until,
        "handed_to": human.handed_to,
        "assignee": human.assignee,
    }


def _staying(human: Standing, left: frozenset[str]) -> Standing:
    """Who has left has nothing in hand."""
    return replace(human, assignee="") if human.assignee in left else human


def _changes(task: OpenTask, wish: Wish, today: date, calendar: Calendar, left: frozenset[str]) -> list[Action]:
    human = _staying(Standing(task.snoozed_until, task.handed_to, task.assignee), left)
    # a task that waited comes back open, not to whoever had it
    rests = TAKEN if task.state == TAKEN and human.assignee else OPEN
    fields = _fields(wish, human, rests, today, calendar)
    changed = {name: value for name, value in fields.items() if getattr(task, name) != value}
    if not changed:
        return []
    events: list[str] = []
    if "assignee" in changed:
        events.append(RETURNED)
    if changed.keys() & {"due", "icd10", "because", "edition", "norm", "danger"}:
        events.append("changed")
    if "level" in changed:
        rose = LEVELS.index(wish.level) > LEVELS.index(task.level)
        events.append("escalated" if rose else "lowered")
    if "owner" in changed:
        events.append("moved")
    if fields["state"] == WAITING and changed.keys() & {"state", "waiting_until"}:
        events.append("waiting")
    elif task.state == WAITING and fields["state"] != WAITING:
        passed = task.waiting_until is not None and today >= back_on(task.waiting_until, calendar)
        events.append(VISIT_NOT_SEEN if passed else "resumed")
    return [Change(task.id, wish, changed, tuple(events))]
