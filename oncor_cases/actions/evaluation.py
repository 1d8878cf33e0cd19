"""From a person's timeline and stored tasks to what must be written: pure, one person at a time.

Two steps, because a new episode gets its permanent id from the database in between: `looked` finds the episodes,
`judged` makes the tasks equal to the wishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.places import Attachment, Category
from oncor_cases.facts.timeline import Timeline
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.routing import Routing
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.tasks import backlog
from oncor_cases.tasks.because import because
from oncor_cases.tasks.reconcile import (
    NOTHING,
    Action,
    Change,
    Close,
    Memory,
    Open,
    Reopen,
    Resolution,
    back_on,
    plan,
)
from oncor_cases.tasks.same_episode import Computed, Stored, match
from oncor_cases.tasks.wish import Key, Wish
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow as all_pathways
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.view import RUNNING, View

Whereabouts = tuple[tuple[Attachment, ...], tuple[Category, ...], str]
Follow = Callable[..., tuple[list[View], Person]]
EVERYTHING_KNOWN = date.max
REGION = "регион"  # owner of a task nobody else could be named for: seen by those who answer for the whole region
_EXPLAINED = frozenset({"due", "because", "edition", "norm", "owner"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a region judges by. `follow` is the catalogue of pathways; tests may give another."""

    book: Rulebook
    calendar: Calendar
    observed_from: date | None = None
    follow: Follow = all_pathways
    routing: Routing | None = None
    live_from: date | None = None  # what was overdue on this day by facts of before is the backlog (tasks/backlog.py)

    def with_pathways(self, follow: Follow) -> "Rules":
        """The same rules with other pathways."""
        return replace(self, follow=follow)


@dataclass(slots=True)
class Looked:
    """A person as the pathways see them. `found`: computed episode key → permanent id, of known episodes."""

    timeline: Timeline
    today: date
    known_on: date
    views: list[View]
    person: Person
    found: dict[str, int]
    released: Mapping[Key, date] = field(default_factory=dict)  # of the backlog, by permanent episode id

    @property
    def new_keys(self) -> list[str]:
        """Episodes that have no permanent id yet, in a fixed order."""
        return sorted({v.episode for v in self.views} - self.found.keys())


@dataclass(slots=True)
class Judged:
    """Views and wishes under permanent episode ids, the actions, and the day to look again."""

    views: list[View]
    wishes: list[Wish]
    actions: list[Action]
    because: dict[Key, dict[str, Any]]
    wakes_on: date | None
    held: list[Wish] = field(default_factory=list)  # of the backlog: not tasks until somebody releases them


def placed(timelines: dict[int, Timeline], found: Mapping[int, Whereabouts]) -> None:
    """Puts attachments, categories and districts beside the facts of those persons who have any."""
    for person, (attachments, categories, district) in found.items():
        if (mine := timelines.get(person)) is not None:
            patient = replace(mine.patient, attachments=attachments, categories=categories, district=district)
            timelines[person] = replace(mine, patient=patient)


def look(
    timeline: Timeline,
    today: date,
    rules: Rules,
    stored: Sequence[Stored],
    known_on: date | None = None,
    released: Mapping[Key, date] | None = None,
) -> Looked:
    """What the pathways say today, and which stored episodes they speak of. `known_on`: default everything known."""
    known = known_on or EVERYTHING_KNOWN
    views, person = rules.follow(
        timeline, today, rules.book, rules.calendar, known_on=known, observed_from=rules.observed_from, routing=rules.routing
    )
    anchors: dict[str, set[str]] = {}
    for view in views:
        anchors.setdefault(view.episode, set()).update(view.anchors)
    found = match([Computed(key, frozenset(facts)) for key, facts in anchors.items()], stored)
    return Looked(timeline, today, known, views, person, found, released or {})


def wished(looked: Looked, rules: Rules) -> tuple[list[View], list[Wish]]:
    """Views under permanent episode ids (a computed key where there is none) and the tasks they ask for."""
    views, parted = _parted(looked, rules)
    return views, parted.visible


def _parted(looked: Looked, rules: Rules) -> tuple[list[View], backlog.Parted]:
    views = [replace(v, episode=str(looked.found.get(v.episode, v.episode))) for v in looked.views]
    asked = [w for v in views for w in wishes(v, looked.person, looked.today, rules.book, rules.calendar)]
    asked = [w if w.owner else replace(w, owner=REGION) for w in asked]
    known = {f.id: f.known for f in looked.timeline.facts} if asked and rules.live_from is not None else {}
    return views, backlog.part(
        asked, views, known, rules.live_from, looked.released, looked.today, rules.book, rules.calendar
    )


def judge(looked: Looked, memory: Memory, rules: Rules, *, follows_knowledge: bool = False) -> Judged:
    """The actions that make the stored tasks equal to today's wishes.

    `follows_knowledge`: the clock of this store is told (a demo), so a fact may become known on a later day."""
    views, parted = _parted(looked, rules)
    asked, today, calendar = parted.visible, looked.today, rules.calendar
    memory = _moved(memory, rules, today)
    actions: list[Action] = []
    if asked or memory is not NOTHING:
        actions = plan(asked, memory, today, calendar, _found_again(memory, looked.person) | resolutions(views))
    wakes = [v.wakes_on for v in views if v.wakes_on is not None] + parted.wakes
    if actions or memory.open:
        wakes += [back_on(day, calendar) for day in _held(memory, actions)]
    if follows_knowledge:
        wakes += [day for day in looked.timeline.days_of_knowledge() if day > today]
    return Judged(
        views, asked, actions, _told(actions, views, looked, rules), min((d for d in wakes if d > today), default=None),
        parted.held,
    )  # fmt: skip


def _moved(memory: Memory, rules: Rules, today: date) -> Memory:
    """What was handed to an organisation that has merged since is its successor's."""
    if rules.routing is None or not any(t.handed_to for t in memory.open):
        return memory
    heirs = [replace(t, handed_to=rules.routing.answers_for(t.handed_to, today)) if t.handed_to else t for t in memory.open]
    return replace(memory, open=tuple(heirs))


def resolutions(views: Sequence[View]) -> dict[Key, Resolution]:
    """How each clock ended; for a task that is closed because its clock is not overdue any more, why so."""
    ended: dict[Key, Resolution] = {}
    for view in views:
        for clock in view.clocks:
            key = Key(view.pathway, view.episode, clock.rule, clock.subject)
            if clock.status == RUNNING:
                ended[key] = Resolution("silent" if clock.silent else "not_due_yet")
            else:
                ended[key] = Resolution(clock.reason or clock.status, clock.ended_by)
    return ended


def _found_again(memory: Memory, person: Person) -> dict[Key, Resolution]:
    """A search ends because the person was seen; there is no clock left that could say so."""
    searches = [t for t in memory.open if t.key.rule.startswith("LOST-")]
    return {t.key: Resolution("seen") for t in searches if person.presence}


def in_force(looked: Looked) -> Mapping[str, Fact]:
    """The facts behind a view, by id."""
    return {f.id: f for f in looked.timeline.known_on(looked.known_on)}


def _held(memory: Memory, actions: Sequence[Action]) -> list[date]:
    """The days open tasks wait for once the actions are done."""
    held: dict[int, date | None] = {t.id: t.waiting_until for t in memory.open}
    fresh: list[date | None] = []
    for action in actions:
        match action:
            case Close(id):
                held.pop(id, None)
            case Change(id, _, values) if "waiting_until" in values:
                held[id] = values["waiting_until"]
            case Reopen(id, _, values):
                held[id] = values["waiting_until"]
            case Open(_, values):
                fresh.append(values["waiting_until"])
    return [day for day in (*held.values(), *fresh) if day is not None]


def _told(actions: Sequence[Action], views: Sequence[View], looked: Looked, rules: Rules) -> dict[Key, dict[str, Any]]:
    """The explanation of every wish that is written."""
    needed: list[Wish] = []
    for action in actions:
        match action:
            case Open(wish) | Reopen(_, wish):
                needed.append(wish)
            case Change(_, wish, values) if values.keys() & _EXPLAINED:
                needed.append(wish)
    if not needed:
        return {}
    facts = in_force(looked)
    by_case = {(v.pathway, v.episode): v for v in views}
    return {
        wish.key: because(wish, by_case[wish.key.pathway, wish.key.episode], facts, rules.book, rules.calendar)
        | {"fact": wish.because}
        | _owner_by(wish, by_case[wish.key.pathway, wish.key.episode], looked)
        for wish in needed
    }


def _owner_by(wish: Wish, view: View, looked: Looked) -> dict[str, str]:
    """By which word of routing the owner was found; a search asks for the duty it is about."""
    if looked.person.owners is None:
        return {}
    about = {c.rule: c.reason for c in view.clocks if c.rule == wish.key.rule}.get(wish.key.rule, "")
    why = looked.person.owners.why
    return {"owner_by": why.get((wish.key.rule, wish.owner)) or why.get((about, wish.owner), "")}
