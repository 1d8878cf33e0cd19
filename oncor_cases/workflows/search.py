"""The search for a lost patient as a small protocol: what was tried, what is next and on which day.

Two calls in 30 days, then a letter, then a visit at home by the district nurse or feldsher, then the clinic head
(seeds/dictionaries/search_steps.yml, DESIGN section 5 "Lost"). A step is left only by a fact, never by the calendar."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.dates import as_date
from oncor_cases.regulations.rulebook import SearchStep
from oncor_cases.workflows.events import Event

HOPELESS = ("wrong_number", "letter_returned")  # no use trying the same way again


class Search(NamedTuple):
    """`step` is what to do next, `on` the day for it, `who` does it; `tried`: the attempts that count, in order."""

    step: str
    on: date
    who: str
    tried: tuple[Event, ...]

    def told(self) -> dict[str, Any]:
        """`{step, on, who, tried: [{on, channel, outcome}]}` as plain JSON values."""
        tried = [
            {"on": e.on.isoformat(), "channel": e.attributes["channel"], "outcome": e.attributes["outcome"]}
            for e in self.tried
        ]
        return {"step": self.step, "on": self.on.isoformat(), "who": self.who, "tried": tried}


def search(steps: Sequence[SearchStep], contacts: Sequence[Event], since: date, begun: date, calendar: Calendar) -> Search:
    """Where the search stands. `contacts`: all contacts of the person in order; they count after `since`, the start of
    the clock that was missed; `begun`: the first day of the search."""
    tried = tuple(e for e in contacts if e.on > since and e.attributes["outcome"] != "reached")
    day = begun
    for step in steps:
        mine = [e for e in tried if e.attributes["channel"] in step.channels]
        ended = _ended(step, mine)
        if ended is None:
            if mine and step.channels:
                day = max(day, _again(step, mine[-1], calendar))
            return Search(step.id, day, step.who, tried)
        day = max(day, _then(step, ended, calendar))
    return Search(steps[-1].id, day, steps[-1].who, tried)


def _ended(step: SearchStep, mine: Sequence[Event]) -> Event | None:
    """The attempt that ended the step without success: the last of enough within the days, or a hopeless one."""
    for n, e in enumerate(mine):
        if e.attributes["outcome"] in HOPELESS:
            return e
        first = n - step.times + 1
        if step.times and first >= 0 and (not step.within_days or e.on - mine[first].on <= timedelta(step.within_days)):
            return e
    return None


def _again(step: SearchStep, last: Event, calendar: Calendar) -> date:
    """The day of the next attempt of one step: as agreed, else after the step's wait."""
    agreed = as_date(last.attributes.get("next_on"))
    return agreed if agreed is not None and agreed > last.on else calendar.add_working_days(last.on, step.wait)


def _then(step: SearchStep, ended: Event, calendar: Calendar) -> date:
    """The day of the next step: a letter is given time to be answered, after a hopeless attempt or a call there is
    nothing to wait for."""
    if ended.attributes["outcome"] in HOPELESS or step.times > 1:
        return calendar.after(ended.on)
    return calendar.add_working_days(ended.on, step.wait)
