"""Views become wishes: one for every overdue duty, at the level and for the owner the rules give today.

A due date is the last day still in time; the task is wished from the first day after it (DESIGN section 4 "Days")."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from types import MappingProxyType

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.workflows.acknowledged import Acknowledgement
from oncor_cases.workflows.clocks import Person, agreed_days, level_on
from oncor_cases.workflows.view import RUNNING, Clock, View

# What heads said of overdue duties, in force as known: by the key of the task.
Words = Mapping[Key, Sequence[Acknowledgement]]
SILENCE: Words = MappingProxyType({})


def wishes(
    view: View, person: Person, today: date, rules: Rulebook, calendar: Calendar, words: Words = SILENCE
) -> list[Wish]:
    """The tasks that should be open today for one view, in rule order."""
    overdue = [c for c in view.clocks if c.status == RUNNING and not c.silent and c.due < today]
    agreed = [day for day in agreed_days(person) if today < calendar.after(day)]  # through the weekend behind it
    return sorted((_wish(view, c, today, rules, calendar, agreed, words) for c in overdue), key=lambda w: w.key)


def held_view(view: View, today: date, words: Words) -> View:
    """The view under words said of its duties: it wakes on the day after each of them ends, too."""
    if not words:
        return view
    about = [w for key, said in words.items() if key[:2] == (view.pathway, view.episode) for w in said]
    ends = [w.until + timedelta(days=1) for w in about if w.on <= today <= w.until] + [w.on for w in about if w.on > today]
    if not ends:
        return view
    return replace(view, wakes_on=min(ends if view.wakes_on is None else (*ends, view.wakes_on)))


def _wish(
    view: View, clock: Clock, today: date, rules: Rulebook, calendar: Calendar, agreed: list[date], words: Words
) -> Wish:
    duty = rules.duties[clock.rule]
    key = Key(view.pathway, view.episode, clock.rule, clock.subject)
    return Wish(
        key=key,
        icd10=view.icd10,
        due=clock.due,
        level=level_on(duty, clock, calendar, today, words.get(key, ())),
        owner=clock.owner,
        danger=duty.danger,
        waiting_until=agreed[-1] if agreed and duty.calls else None,
        because=clock.started_by,
        edition=clock.edition,
        norm=clock.norm,
    )


def upcoming(view: View, today: date, until: date) -> list[Clock]:
    """Running clocks not yet overdue whose due date lies in today .. until; listed and decidable, not tasks."""
    return [c for c in view.clocks if c.status == RUNNING and not c.silent and today <= c.due <= until]
