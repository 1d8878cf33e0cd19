"""Views become wishes: one for every overdue duty, at the level and for the owner the rules give today.

A due date is the last day still in time; the task is wished from the first day after it (DESIGN section 4 "Days")."""

from datetime import date

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.workflows.clocks import Person, agreed_days, level_on
from oncor_cases.workflows.view import RUNNING, Clock, View


def wishes(view: View, person: Person, today: date, rules: Rulebook, calendar: Calendar) -> list[Wish]:
    """The tasks that should be open today for one view, in rule order."""
    overdue = [c for c in view.clocks if c.status == RUNNING and not c.silent and c.due < today]
    agreed = [day for day in agreed_days(person) if today < calendar.after(day)]  # through the weekend behind it
    return sorted((_wish(view, c, today, rules, calendar, agreed) for c in overdue), key=lambda w: w.key)


def _wish(view: View, clock: Clock, today: date, rules: Rulebook, calendar: Calendar, agreed: list[date]) -> Wish:
    duty = rules.duties[clock.rule]
    return Wish(
        key=Key(view.pathway, view.episode, clock.rule, clock.subject),
        icd10=view.icd10,
        due=clock.due,
        level=level_on(duty, clock, calendar, today),
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
