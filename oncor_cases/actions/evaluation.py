"""From a person's timeline and stored tasks to what must be written: pure, one person at a time.

Two steps, because a new episode gets its permanent id from the database in between: `looked` finds the episodes,
`judged` makes the tasks equal to the wishes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.places import Attachment, Category
from oncor_cases.facts.timeline import Delays, Timeline
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.regulations.routing import Routing
from oncor_cases.regulations.rulebook import Rulebook
from oncor_cases.tasks import backlog
from oncor_cases.tasks.assigned import Assigned, Assignment, assigned, days_of_knowledge
from oncor_cases.tasks.because import kept
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
from oncor_cases.tasks.wishes import Words, held_view, wishes
from oncor_cases.workflows.catalogue import follow as all_pathways
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.trace import SEARCHED, Loaded, Look, missed_since, trace
from oncor_cases.workflows.view import RUNNING, View

Whereabouts = tuple[tuple[Attachment, ...], tuple[Category, ...]]
Follow = Callable[..., tuple[list[View], Person]]
EVERYTHING_KNOWN = date.max
REGION = "регион"  # owner of a task nobody else could be named for: seen by those who answer for the whole region
NOTHING_ASSIGNED = Assigned([], {}, {}, [])
_EXPLAINED = frozenset({"due", "because", "edition", "norm", "owner"})


@dataclass(frozen=True, slots=True)
class Rules:
    """What a region judges by. `follow` is the catalogue of pathways; tests may give another."""

    book: Rulebook
    calendar: Calendar
    observed_from: date | None = None
    follow: Follow = all_pathways
    delays: Delays | None = None  # how late the region's senders usually are; None: not measured, not weighed
    loaded: Loaded = field(default_factory=dict)  # sources that ever brought anything
    routing: Routing | None = None
    live_from: date | None = None  # what was overdue on this day by facts of before is the backlog (tasks/backlog.py)
    version: int = 0  # number of the region's last change when the book was read

    def with_pathways(self, follow: Follow) -> "Rules":
        """The same rules with other pathways."""
        return replace(self, follow=follow)


@dataclass(frozen=True, slots=True)
class Beside:
    """What people decided about a person beside the facts, as known: work `given` from lists, duties of the backlog
    `released`, `words` of heads on overdue duties (both by permanent episode id)."""

    given: Sequence[Assignment] = ()
    released: Mapping[Key, date] = field(default_factory=dict)
    words: Words = field(default_factory=dict)


NOTHING_BESIDE = Beside()


@dataclass(slots=True)
class Looked:
    """A person as the pathways see them. `found`: computed episode key → permanent id, of known episodes;
    `given`: the person's assignments, and what they ask for today."""

    timeline: Timeline
    today: date
    known_on: date
    views: list[View]
    person: Person
    found: dict[str, int]
    beside: Beside = NOTHING_BESIDE
    assigned: Assigned = NOTHING_ASSIGNED

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
    looks: list[Look] = field(default_factory=list)  # of a person somebody looks for: what every source says today
    held: list[Wish] = field(default_factory=list)  # of the backlog: not tasks until somebody releases them


def placed(timelines: dict[int, Timeline], found: Mapping[int, Whereabouts]) -> None:
    """Puts attachments and categories beside the facts of those persons who have any."""
    for person, (attachments, categories) in found.items():
        if (mine := timelines.get(person)) is not None:
            patient = replace(mine.patient, attachments=attachments, categories=categories)
            timelines[person] = replace(mine, patient=patient)


def look(
    timeline: Timeline,
    today: date,
    rules: Rules,
    stored: Sequence[Stored],
    known_on: date | None = None,
    beside: Beside = NOTHING_BESIDE,
) -> Looked:
    """What the pathways say today, which stored episodes they speak of, and what people decided `beside` the facts.
    `known_on`: default everything known."""
    known = known_on or EVERYTHING_KNOWN
    if rules.delays is not None:
        timeline = replace(timeline, delays=rules.delays)
    views, person = rules.follow(
        timeline, today, rules.book, rules.calendar, known_on=known, observed_from=rules.observed_from, routing=rules.routing
    )
    anchors: dict[str, set[str]] = {}
    for view in views:
        anchors.setdefault(view.episode, set()).update(view.anchors)
    found = match([Computed(key, frozenset(facts)) for key, facts in anchors.items()], stored)
    asked = NOTHING_ASSIGNED
    if beside.given:
        asked = assigned(beside.given, person, today, known, rules.book, rules.calendar, beside.words)
    return Looked(timeline, today, known, views, person, found, beside, asked)


def wished(looked: Looked, rules: Rules) -> tuple[list[View], list[Wish]]:
    """Views under permanent episode ids (a computed key where there is none) and the tasks they ask for."""
    views, parted = _parted(looked, rules)
    return views, parted.visible


def _parted(looked: Looked, rules: Rules) -> tuple[list[View], backlog.Parted]:
    today, words = looked.today, looked.beside.words
    views = [v.of_episode(str(looked.found.get(v.episode, v.episode))) for v in looked.views]
    if words:
        views = [held_view(v, today, words) for v in views]
    asked = [w for v in views for w in wishes(v, looked.person, today, rules.book, rules.calendar, words)]
    asked += looked.assigned.wishes
    asked = [w if w.owner else replace(w, owner=REGION) for w in asked]
    known = {f.id: f.known for f in looked.timeline.facts} if asked and rules.live_from is not None else {}
    return views, backlog.part(
        asked, views, known, rules.live_from, looked.beside.released, looked.today, rules.book, rules.calendar
    )


def judge(looked: Looked, memory: Memory, rules: Rules, *, follows_knowledge: bool = False) -> Judged:
    """The actions that make the stored tasks equal to today's wishes.

    `follows_knowledge`: the clock of this store is told (a demo), so a fact may become known on a later day."""
    views, parted = _parted(looked, rules)
    asked, today, calendar = parted.visible, looked.today, rules.calendar
    memory = _moved(memory, rules, today)
    actions: list[Action] = []
    if asked or memory is not NOTHING:
        why: Mapping[Key, Resolution] = {}
        if memory.open:  # only a stored task can close
            why = _search_over(memory, looked.person) | resolutions(views) | looked.assigned.ended
        actions = plan(asked, memory, today, calendar, why)
    wakes = [*looked.assigned.wakes, *parted.wakes, *(v.wakes_on for v in views if v.wakes_on is not None)]
    if actions or memory.open:
        wakes += [back_on(day, calendar) for day in _held(memory, actions)]
    if follows_knowledge:
        learnt = (*looked.timeline.days_of_knowledge(), *days_of_knowledge(looked.beside.given))
        wakes += [day for day in learnt if day > today]
    looks = looks_of(looked, rules)
    told = _told(actions, views, looked, rules)
    for key, words in told.items():
        if key.rule in SEARCHED:
            words["trace"] = plain(looks)
    wakes_on = min((d for d in wakes if d > today), default=None)
    return Judged(views, asked, actions, told, wakes_on, looks, parted.held)


def _moved(memory: Memory, rules: Rules, today: date) -> Memory:
    """What was handed to an organisation that has merged since is its successor's."""
    if rules.routing is None or not any(t.handed_to for t in memory.open):
        return memory
    heirs = [replace(t, handed_to=rules.routing.answers_for(t.handed_to, today)) if t.handed_to else t for t in memory.open]
    return replace(memory, open=tuple(heirs))


def looks_of(looked: Looked, rules: Rules) -> list[Look]:
    """What every source says of a person somebody looks for, nothing of anybody else."""
    since = missed_since(looked.views)
    if since is None:
        return []
    return trace(looked.timeline.known_on(looked.known_on), since, looked.today, rules.loaded)


def looked_at(timeline: Timeline, today: date, rules: Rules, known_on: date) -> list[Look]:
    """The same of a timeline alone, without its stored episodes."""
    return looks_of(look(timeline, today, rules, (), known_on), rules)


def plain(looks: Sequence[Look]) -> list[dict[str, Any]]:
    """Looks as plain values: `{source, state, on?, kind?}`."""
    told = []
    for one in looks:
        row: dict[str, Any] = {"source": one.source, "state": one.state}
        told.append(row | ({"on": one.on.isoformat(), "kind": one.kind} if one.on else {}))
    return told


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


def _search_over(memory: Memory, person: Person) -> dict[Key, Resolution]:
    """A search ends because the person died, left or was seen; there is no clock left that could say so."""
    if person.death is not None:
        why = Resolution("death", person.death.facts[0])
    elif person.departure is not None:
        why = Resolution("moved_away", person.departure.facts[0])
    elif person.presence:
        why = Resolution("seen")
    else:
        return {}
    return {t.key: why for t in memory.open if t.key.rule in SEARCHED}


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
    explained = explain(looked, views, rules)
    return {wish.key: explained(wish) | {"fact": wish.because} for wish in needed}


def explain(looked: Looked, views: Sequence[View], rules: Rules) -> Callable[[Wish], dict[str, Any]]:
    """Why a wish of this person exists, as a task keeps it (tasks/because.py): by its assignment, else by the view it came
    from (under permanent ids)."""
    facts = in_force(looked)
    by_case = {(v.pathway, v.episode): v for v in views}

    def explained(wish: Wish) -> dict[str, Any]:
        told = looked.assigned.because.get(wish.key)
        if told is not None:
            return dict(told)
        view = by_case[wish.key.pathway, wish.key.episode]
        return kept(wish, view, facts, rules.book, rules.calendar) | _owner_by(wish, view, looked)

    return explained


def _owner_by(wish: Wish, view: View, looked: Looked) -> dict[str, str]:
    """By which word of routing the owner was found; a search asks for the duty it is about."""
    if looked.person.owners is None:
        return {}
    about = {c.rule: c.reason for c in view.clocks if c.rule == wish.key.rule}.get(wish.key.rule, "")
    why = looked.person.owners.why
    return {"owner_by": why.get((wish.key.rule, wish.owner)) or why.get((about, wish.owner), "")}
