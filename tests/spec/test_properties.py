"""What must hold for any timeline whatever: order, repetition, withdrawal, knowledge, and the day a view wakes.

`make drills` runs the same properties on thousands of timelines (marker `deep`)."""

import os
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from oncor_cases.facts.timeline import Timeline
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.tasks.wishes import held_view, wishes
from oncor_cases.workflows.acknowledged import Acknowledgement
from oncor_cases.workflows.catalogue import PATHWAYS, follow
from oncor_cases.workflows.view import RUNNING, View
from tests.spec.timelines import days, timelines

RULES, CALENDAR = default_rulebook(), default_calendar()
TODAY = days(span=180)
QUIET = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow, HealthCheck.data_too_large]}
FEW = settings(max_examples=200, derandomize=True, database=None, **QUIET)
MANY = settings(max_examples=int(os.environ.get("ONCOR_EXAMPLES", "2000")), database=None, **QUIET)


def answer(timeline: Timeline, today: date, known_on: date | None = None) -> tuple[list[View], list[Wish]]:
    """Everything the core says of a person on a day."""
    views, person = follow(timeline, today, RULES, CALENDAR, known_on=known_on)
    return views, [w for v in views for w in wishes(v, person, today, RULES, CALENDAR)]


def any_order_of_arrival_gives_the_same(timeline: Timeline, today: date, order: st.DataObject) -> None:
    shuffled = replace(timeline, facts=tuple(order.draw(st.permutations(timeline.facts))))
    assert answer(shuffled, today) == answer(timeline, today)


def keys_are_unique(timeline: Timeline, today: date, order: st.DataObject) -> None:
    views, wished = answer(timeline, today)
    assert len({w.key for w in wished}) == len(wished)
    clocks = [(v.pathway, v.episode, c.rule, c.subject) for v in views for c in v.clocks]
    assert sorted(set(clocks)) == sorted(clocks)
    assert len({(v.pathway, v.episode) for v in views}) == len(views)


def a_view_never_wakes_late(timeline: Timeline, today: date, order: st.DataObject) -> None:
    views, wished = answer(timeline, today, today)
    wakes = [v.wakes_on for v in views if v.wakes_on is not None]
    assert all(day > today for day in wakes)
    until = min([*wakes, today + timedelta(days=60)])
    day = today + timedelta(days=1)
    while day < until:
        assert answer(timeline, day, today) == (views, wished), f"changed on {day}, promised {until}"
        day += timedelta(days=1)


def a_word_never_makes_a_view_wake_late(timeline: Timeline, today: date, order: st.DataObject) -> None:
    """Heads' words hold levels: with them, too, nothing changes before the view wakes."""
    views, _ = follow(timeline, today, RULES, CALENDAR)
    said = {}
    for view in views:
        for clock in view.clocks:
            if clock.status == RUNNING and not clock.silent and clock.due < today:
                on = today - timedelta(days=order.draw(st.integers(0, min(30, (today - clock.due).days))))
                until = on + timedelta(days=order.draw(st.integers(1, 40)))
                key = Key(view.pathway, view.episode, clock.rule, clock.subject)
                said[key] = (Acknowledgement(on, until),)
    if not said:
        return

    def under(day: date) -> tuple[list[date | None], list[Wish]]:
        seen, who = follow(timeline, day, RULES, CALENDAR, known_on=today)
        seen = [held_view(v, day, said) for v in seen]
        return [v.wakes_on for v in seen], [w for v in seen for w in wishes(v, who, day, RULES, CALENDAR, said)]

    wakes, wished = under(today)
    until = min([*(day for day in wakes if day is not None), today + timedelta(days=60)])
    day = today + timedelta(days=1)
    while day < until:
        assert under(day) == (wakes, wished), f"changed on {day}, promised {until}"
        day += timedelta(days=1)


def a_withdrawn_document_was_never_there(timeline: Timeline, today: date, order: st.DataObject) -> None:
    gone = order.draw(st.sampled_from(timeline.facts))
    same = [f for f in timeline.facts if (f.series, f.version) == (gone.series, gone.version)]
    withdrawn = tuple(replace(f, withdrawn=f.known) if f in same else f for f in timeline.facts)
    left = tuple(f for f in timeline.facts if f not in same)
    assert answer(replace(timeline, facts=withdrawn), today) == answer(replace(timeline, facts=left), today)


def what_was_known_is_the_timeline_cut(timeline: Timeline, today: date, order: st.DataObject) -> None:
    known_on = order.draw(days())
    cut = replace(timeline, facts=tuple(f for f in timeline.facts if f.known <= known_on))
    assert answer(timeline, today, known_on) == answer(cut, today, date.max)


def a_second_witness_changes_no_task(timeline: Timeline, today: date, order: st.DataObject) -> None:
    """One operation named by a discharge and a claim is one operation."""
    seen = order.draw(st.sampled_from(timeline.facts))
    if seen.evidence != "document" or seen.certainty != "established":
        return
    twin = replace(seen, id="twin", evidence="claim", series="twin", doc="", links=(), version=0)
    again = replace(timeline, facts=(*timeline.facts, twin))
    if len(timeline.known_on(today)) + 1 != len(again.known_on(today)) or seen not in timeline.known_on(today):
        return  # one of the two is not in force
    assert [shown(w) for w in answer(again, today)[1]] == [shown(w) for w in answer(timeline, today)[1]]


def judged_again_it_says_the_same(timeline: Timeline, today: date, order: st.DataObject) -> None:
    """Idempotence: nothing of one judgement is left behind for the next one, another day in between or not."""
    first = answer(timeline, today)
    answer(timeline, order.draw(TODAY))
    assert answer(timeline, today) == first


def shown(wish: Wish) -> tuple[Any, ...]:
    """What a navigator sees of a task."""
    return wish.key, wish.due, wish.level, wish.waiting_until


PROPERTIES = (
    any_order_of_arrival_gives_the_same,
    keys_are_unique,
    a_view_never_wakes_late,
    a_word_never_makes_a_view_wake_late,
    a_withdrawn_document_was_never_there,
    what_was_known_is_the_timeline_cut,
    a_second_witness_changes_no_task,
    judged_again_it_says_the_same,
)


@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda p: p.__name__)
def test_always(holds: Any) -> None:
    FEW(given(timelines(), TODAY, st.data())(holds))()


def test_random_timelines_live_in_every_pathway() -> None:
    """The generator is worth its time only if all five pathways have cases with clocks, lost ones among them."""
    seen: dict[str, set[str]] = {name: set() for name in PATHWAYS}

    def note(timeline: Timeline, today: date, order: st.DataObject) -> None:
        for view in answer(timeline, today)[0]:
            seen[view.pathway] |= {c.rule for c in view.clocks} | {view.state}

    FEW(given(timelines(), TODAY, st.data())(note))()
    assert {name: len(rules) >= 5 for name, rules in seen.items()} == dict.fromkeys(PATHWAYS, True)
    assert {"lost"} <= seen["diagnosis"] & seen["follow_up"]
    assert "DOC-01" in set().union(*seen.values())


@pytest.mark.deep
@pytest.mark.parametrize("holds", PROPERTIES, ids=lambda p: p.__name__)
def test_always_deep(holds: Any) -> None:
    MANY(given(timelines(most=25), TODAY, st.data())(holds))()
