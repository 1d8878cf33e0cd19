"""Assignments become wishes: work somebody gave about a person, from a list or from a comparison of sources.

An assignment is a dated record and no fact of care, so it stands beside the pathways and not in them. It is wished from
the day it is given, at the first level; after its due date the steps of its duty raise it like any other task. Death
and departure end what would make somebody call (DESIGN section 5 "Death and departure"); paperwork stays."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, NamedTuple

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.rulebook import Duty, Rulebook
from oncor_cases.tasks.reconcile import Resolution
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.tasks.wishes import SILENCE, Words
from oncor_cases.workflows.acknowledged import held
from oncor_cases.workflows.clocks import ONE_DAY, Person, agreed_days, level_days
from oncor_cases.workflows.view import RUNNING, Clock

PATHWAY = "lists"
RULE = "LIST-01"
NOT_GIVEN_YET = "not_given_yet"
RESAID = "resaid:"  # with the number of the change, where a wish of care names its fact


class Before(NamedTuple):
    """Whose an assignment was and what it asked for until the day `on`, on which both became what followed."""

    id: int
    on: date
    owner: str
    text: str


@dataclass(frozen=True, slots=True)
class Assignment:
    """One piece of work. `known`: the day this system learnt it; `closed_on` with `reason`: how it ended, if it did.

    `owner` empty means the clinic of attachment. `source`: where it came from, in words for people. `owner` and `text`
    are the latest, `changes` in their order say what they were before."""

    id: int
    rule: str
    given_on: date
    due: date
    known: date
    owner: str = ""
    text: str = ""
    author: str = ""
    source: str = ""
    closed_on: date | None = None
    reason: str = ""
    changes: tuple[Before, ...] = ()

    def on(self, day: date) -> "Assignment":
        """As it stood at the end of a day."""
        later = [c for c in self.changes if c.on > day]
        if not later:
            return self
        earlier = tuple(c for c in self.changes if c.on <= day)
        return replace(self, owner=later[0].owner, text=later[0].text, changes=earlier)

    @property
    def reworded(self) -> Before | None:
        """The last change of what it asks for; None if only its owner changed, or nothing did."""
        after = [*(c.text for c in self.changes[1:]), self.text]
        found = [c for c, text in zip(self.changes, after, strict=False) if c.text != text]
        return found[-1] if found else None

    @property
    def key(self) -> Key:
        """The identity of its task: there is one for each assignment, whatever the person's episodes are."""
        return Key(PATHWAY, "", self.rule, str(self.id))


class Assigned(NamedTuple):
    """What the assignments of one person ask for on a day. `because`: the explanation of each wish, by key."""

    wishes: list[Wish]
    ended: dict[Key, Resolution]
    because: dict[Key, dict[str, Any]]
    wakes: list[date]


def assigned(
    given: Iterable[Assignment], person: Person, today: date, known_on: date, rules: Rulebook, calendar: Calendar,
    words: Words = SILENCE,
) -> Assigned:  # fmt: skip
    """Wishes, endings and the days to look again, of what was known on `known_on`; in the order of ids."""
    found = Assigned([], {}, {}, [])
    agreed = [day for day in agreed_days(person) if today < calendar.after(day)]
    for latest in sorted(given, key=lambda a: a.id):
        if latest.known > known_on:
            continue
        found.wakes.extend(c.on for c in latest.changes if c.on > today)
        a = latest.on(min(today, known_on))
        duty = rules.duties.get(a.rule) or rules.duties[RULE]
        end = _end(a, duty, person, today, known_on)
        if a.closed_on is not None and a.closed_on > today:
            found.wakes.append(a.closed_on)  # asked about a day before it ended
        if end is not None:
            found.ended[a.key] = end
            if end.reason == NOT_GIVEN_YET:
                found.wakes.append(a.given_on)
            continue
        edition = rules.edition(duty.rule, a.given_on)
        owner = a.owner or person.attached
        if person.owners is not None:
            owner = person.owners.given(duty, a.owner, found.wakes)
        clock = Clock(
            a.rule, str(a.id), edition.id, edition.edition.norm, a.given_on, "", edition.edition.term, a.due, RUNNING, owner
        )
        raised = [(day, level) for day, level in level_days(duty, clock, calendar) if day <= today]
        said = words.get(a.key, ())  # what heads said of it holds the level as of any duty
        found.wakes.extend(w.until + ONE_DAY for w in said if w.until >= today)
        if raised and said:
            raised.append((today, held(level_days(duty, clock, calendar), a.due, today, said)))
        found.wishes.append(
            Wish(
                key=a.key,
                icd10="",
                due=a.due,
                level=raised[-1][1] if raised else "reminder" if clock.norm == "recalled" else "navigator",
                owner=clock.owner,
                danger=duty.danger,
                waiting_until=agreed[-1] if agreed and duty.calls else None,
                because=f"{RESAID}{a.reworded.id}" if a.reworded else "",  # another wish, so that the task is told anew
                edition=clock.edition,
                norm=clock.norm,
            )
        )
        found.because[a.key] = _told(a, duty, clock)
        found.wakes.extend(day for day, _ in level_days(duty, clock, calendar) if day > today)
        found.wakes.extend(day for day in map(calendar.after, agreed) if day > today)
    return found


def days_of_knowledge(given: Sequence[Assignment]) -> list[date]:
    """Every day on which more is known of the assignments; where the clock of a store is told, they wake the person."""
    days = {day for a in given for day in (a.known, a.closed_on) if day is not None}
    return sorted(days | {c.on for a in given for c in a.changes})


def _end(a: Assignment, duty: Duty, person: Person, today: date, known_on: date) -> Resolution | None:
    """Why the assignment asks for nothing today; None if it does."""
    if a.closed_on is not None and a.closed_on <= min(today, known_on):
        return Resolution(a.reason)
    if duty.calls and person.death is not None:
        return Resolution("death", person.death.facts[0])
    if duty.calls and person.departure is not None:
        return Resolution("moved_away", person.departure.facts[0])
    return Resolution(NOT_GIVEN_YET) if today < a.given_on else None


def _told(a: Assignment, duty: Duty, clock: Clock) -> dict[str, Any]:
    """The explanation of the task: who gave it, from which list, until when, and what ends it (invariant 7)."""
    late, before = a.due + timedelta(days=1), a.reworded
    words = [
        f"{duty.title}: {a.text}" + ("" if a.text.endswith((".", "!", "?")) else "."),
        f"Уточнено {before.on:%d.%m.%Y}, раньше было: «{before.text}»." if before else "",
        f"Источник: {a.source}." if a.source else "",
        f"Срок до {a.due:%d.%m.%Y}, с {late:%d.%m.%Y} задача поднимается выше. Дано {a.given_on:%d.%m.%Y}.",
        "Внутреннее правило системы, нарушением закона не считается." if clock.norm == "product" else "",
        f"Завершит: {duty.stops}.",
    ]
    return {
        "rule": a.rule,
        "duty": duty.title,
        "edition": clock.edition,
        "act": "Правило системы" if clock.norm == "product" else "",
        "clause": "",
        "norm": clock.norm,
        "start": {"fact": "", "kind": "assignment", "on": a.given_on.isoformat(), "source": a.source},
        "due": a.due.isoformat(),
        "skipped": [],
        "stops": duty.stops,
        "asked": a.text,
        "author": a.author,
        "text": " ".join(filter(None, words)),
        **({"reworded": {"on": before.on.isoformat(), "before": before.text}} if before else {}),
    }
