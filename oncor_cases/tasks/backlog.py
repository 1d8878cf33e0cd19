"""The backlog of a new region: what was overdue on the day it went live becomes a task only when a clinic releases it.

A wish belongs to the backlog if its clock was started by a fact learnt before that day and was due before it; so the order
in which registers, lists and documents were loaded does not matter. A later fact that starts the clock anew (a visit, a
corrected document) takes it out: it is an ordinary task again. A release is a dated record; the level of a released task
counts from that day, or all of them would stand before the regional coordinator at once (docs/adr/0016)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.workflows.clocks import level_days, level_on
from oncor_cases.workflows.view import Clock, View

LOST = "LOST-"


@dataclass(frozen=True, slots=True)
class Parted:
    """`held`: wishes of the backlog, never a search (it shows with the duty it is about); `wakes`: later days on which
    the level of a released one rises."""

    visible: list[Wish]
    held: list[Wish]
    wakes: list[date]


def part(
    wishes: Iterable[Wish],
    views: Iterable[View],
    known: Mapping[str, date],
    live_from: date | None,
    released: Mapping[Key, date],
    today: date,
    rules: Rulebook,
    calendar: Calendar,
) -> Parted:
    """Parts today's wishes. `known`: fact id → the day it was learnt; `released`: key → the day somebody released it.

    Without `live_from` nothing is ever held."""
    wishes = list(wishes)
    if live_from is None:
        return Parted(wishes, [], [])
    clocks = {Key(v.pathway, v.episode, c.rule, c.subject): c for v in views for c in v.clocks}
    days = {key: day for key, day in released.items() if day <= today}
    cases = {(k.pathway, k.episode, k.rule): day for k, day in sorted(days.items(), key=lambda i: i[1], reverse=True)}
    sorted_out = Parted([], [], [])
    for wish in wishes:
        clock = clocks.get(wish.key)
        due, day = wish.due, days.get(wish.key)
        search = wish.key.rule.startswith(LOST)
        if search and clock is not None:
            due = clock.start  # a search starts when the duty it is about was due
            day = cases.get((wish.key.pathway, wish.key.episode, clock.reason))
        if not (due < live_from and known.get(wish.because, date.max) < live_from):
            sorted_out.visible.append(wish)
        elif day is None:
            if not search:
                sorted_out.held.append(wish)
        elif clock is None:
            sorted_out.visible.append(wish)
        else:
            counted = _from(clock, day)
            duty = rules.duties[wish.key.rule]
            sorted_out.visible.append(replace(wish, level=level_on(duty, counted, calendar, today)))
            sorted_out.wakes.extend(d for d, _ in level_days(duty, counted, calendar) if d > today)
    return sorted_out


def _from(clock: Clock, released: date) -> Clock:
    """The clock as levels see it: first overdue on the day of its release."""
    return clock._replace(due=max(clock.due, released - timedelta(days=1)))
