"""Answers for any day, computed from the facts and written nowhere: tasks, upcoming clocks, one person explained.

`known_on` asks what the system would have said from what it had learnt by then: facts, identity links, rules, calendar
and decisions of that day. Left out, everything known now counts (in a demo: now is the day of its last sweep)."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import NAMESPACE_URL, UUID, uuid5

from oncor_cases.actions.evaluation import EVERYTHING_KNOWN, Looked, in_force, looks_of, plain, wished
from oncor_cases.actions.evaluation import explain as why
from oncor_cases.actions.gathering import gather
from oncor_cases.actions.region_rules import RegionRules, region_rules
from oncor_cases.kernel.errors import NotFound
from oncor_cases.sources.seeds import routing
from oncor_cases.store import asking, sweeps, worklist
from oncor_cases.store.session import Connection, Database
from oncor_cases.tasks.because import of_clock, told
from oncor_cases.tasks.reconcile import NOTHING, Memory, Standing, stand
from oncor_cases.tasks.routed import Routed, routed
from oncor_cases.tasks.wish import Key
from oncor_cases.tasks.wishes import upcoming as running
from oncor_cases.workflows.view import Clock, View

BATCH = 1000
Row = dict[str, Any]


@dataclass(slots=True)
class Answer:
    """Rows in the order of the inbox. `failed`: persons whose records could not be read, counted and left out."""

    rows: list[Row] = field(default_factory=list)
    failed: int = 0


class _Seen(NamedTuple):
    """One person looked at, with what the rows about them need."""

    looked: Looked
    memory: Memory
    person: UUID
    tasks: dict[int, UUID]
    rules: RegionRules
    number: int


def tasks(db: Database, today: date, *, region: int = 1, known_on: date | None = None) -> Answer:
    """The tasks that are open on `today`, by due date and danger.

    From the day of the last sweep on, who neither changes nor wakes by `today` has exactly the stored tasks; only the
    others are computed."""
    answer = Answer()
    with db.batch() as conn:
        asked = _asked_for(conn, region, today, known_on)
        if asked is not None:
            for task in asking.open_now(conn, region, asked):
                answer.rows.append(_stored_row(task, today))
        _computed(conn, answer, today, region, known_on, asked, _task_rows)
    answer.rows.sort(key=_order)
    return answer


def tasks_of(db: Database, persons: Sequence[int], today: date, *, region: int = 1, known_on: date) -> Answer:
    """The tasks of some persons on a day, computed from what was known on another; rows hold more than the contract's:
    the stored number of the task (None where it never was), whose hands it is in, until when it waits."""
    answer = Answer()
    with db.batch() as conn:
        _computed(conn, answer, today, region, known_on, persons, _wide_rows)
    answer.rows.sort(key=_order)
    return answer


def routed_of(
    db: Database, persons: Sequence[int], today: date, *, region: int = 1, known_on: date
) -> tuple[list[tuple[int, Routed]], int]:
    """Cases of some persons as statistics count them, computed for a day; and how many persons could not be read."""
    answer, rows = Answer(), []
    with db.batch() as conn:
        for chunk in _chunks(persons):
            for seen in _seen(conn, today, region, known_on, chunk, answer):
                views, _ = wished(seen.looked, seen.rules.rules)
                facts_of = {f.id: f for f in seen.looked.timeline.facts}
                rows += [(seen.number, routed(v, facts_of, seen.looked.person.attached, routing())) for v in views]
    return rows, answer.failed


def upcoming(db: Database, today: date, days: int, *, region: int = 1, known_on: date | None = None) -> Answer:
    """Clocks that run and end within `days` days from `today`: not tasks yet."""
    until = today + timedelta(days=days)
    answer = Answer()
    with db.batch() as conn:
        asked = _asked_for(conn, region, today, known_on)
        if asked is not None:  # a clock that ends by then runs in a stored view, or its person is computed anyway
            asked = sorted({*asked, *asking.running_until(conn, region, until)})
        _computed(conn, answer, today, region, known_on, asked, lambda seen: _upcoming_rows(seen, until))
    answer.rows.sort(key=_order)
    return answer


def shown(db: Database, today: date, *, region: int = 1) -> Answer:
    """The tasks as they were shown at the end of a day: read from the history, nothing is computed."""
    answer = Answer()
    with db.batch() as conn:
        for chunk in _chunks(asking.persons(conn, region)):
            for task in asking.shown_on(conn, region, chunk, today):
                answer.rows.append(_stored_row(task, today))
    answer.rows.sort(key=_order)
    return answer


def explain(db: Database, person: UUID, today: date, *, region: int = 1, known_on: date | None = None) -> Row:
    """Where a person stands on every pathway and why: states, clocks with each skipped day, tasks, findings.

    Raises NotFound."""
    with db.batch() as conn:
        id = asking.person(conn, region, person)
        if id is None:
            raise NotFound("Такого пациента нет")
        return next(explained(seen) for seen in _seen(conn, today, region, known_on, [id], Answer(), raises=True))


def explained(seen: _Seen) -> Row:
    """One person, as plain values."""
    views, _ = wished(seen.looked, seen.rules.rules)
    looks = looks_of(seen.looked, seen.rules.rules)
    return {
        "person": str(seen.person),
        "today": seen.looked.today.isoformat(),
        "known_on": None if seen.looked.known_on == EVERYTHING_KNOWN else seen.looked.known_on.isoformat(),
        "pathways": [_pathway(seen, view) for view in views],
        "tasks": sorted(_task_rows(seen), key=_order),
        "upcoming": sorted(_upcoming_rows(seen, date.max), key=_order),
        "trace": plain(looks),
    }


def _asked_for(conn: Connection, region: int, today: date, known_on: date | None) -> list[int] | None:
    """The persons whose answer for `today` may differ from what is stored; None if that is everybody."""
    last = sweeps.last_day(conn, region)
    if known_on is not None or last is None or today < last:
        return None
    return sorted({*sweeps.due(conn, region, today), *asking.computed_after(conn, region, today)})


def _computed(
    conn: Connection,
    answer: Answer,
    today: date,
    region: int,
    known_on: date | None,
    persons: Sequence[int] | None,
    rows: Callable[[_Seen], Iterator[Row]],
) -> None:
    for chunk in _chunks(asking.persons(conn, region) if persons is None else persons):
        for seen in _seen(conn, today, region, known_on, chunk, answer):
            answer.rows.extend(rows(seen))


def _stored_row(task: asking.StoredTask, today: date) -> Row:
    values = {name: getattr(task, name) for name in ("icd10", "due", "level", "state", "owner", "danger")}
    because = told({name: value for name, value in task.because.items() if name != "fact"})
    return _row(str(task.address), task.person, task.key, values, because, today)


def _seen(
    conn: Connection,
    today: date,
    region: int,
    known_on: date | None,
    persons: Sequence[int],
    answer: Answer,
    *,
    raises: bool = False,
) -> Iterator[_Seen]:
    last = sweeps.last_day(conn, region)
    mine = region_rules(conn, region, known_on, told=max(today, last or today))
    if known_on is None and mine.demo:
        known_on = max(today, last or today)
    then = known_on is not None or mine.demo
    found = gather(conn, region, persons, mine.rules, known_on if then else None)
    day = min(today, known_on or today)  # what people did later is not known yet on either of the days
    if last is None or day >= last:
        memory = worklist.memory(conn, region, persons, today)
    else:
        memory = asking.memory_on(conn, region, persons, day)
    people = asking.addresses(conn, region, persons)
    ids = asking.task_addresses(conn, region, [t.id for m in memory.values() for t in _rows(m)])
    for person in sorted(found.timelines):
        try:
            looked = found.look(person, today, mine.rules, known_on)
        except Exception:
            if raises:
                raise
            answer.failed += 1
            continue
        yield _Seen(looked, memory.get(person, NOTHING), people[person], ids, mine, person)


def _task_rows(seen: _Seen) -> Iterator[Row]:
    """The rows of the contract."""
    for _, row in _stood(seen):
        yield row


def _wide_rows(seen: _Seen) -> Iterator[Row]:
    for extra, row in _stood(seen):
        yield row | extra


def _stood(seen: _Seen) -> Iterator[tuple[Row, Row]]:
    """The rows reconcile would leave open: stored ones under their own id, others under one made of their key; and what
    a page needs beside them."""
    views, asked = wished(seen.looked, seen.rules.rules)
    if not asked:
        return
    explained = why(seen.looked, views, seen.rules.rules)
    for task, wish, values in stand(asked, seen.memory, seen.looked.today, seen.rules.rules.calendar):
        extra = {"task": task, "assignee": values["assignee"], "waiting_until": values["waiting_until"]}
        because = told(explained(wish))
        yield extra, _row(_id(seen, wish.key, task), seen.person, wish.key, values, because, seen.looked.today)


def _upcoming_rows(seen: _Seen, until: date) -> Iterator[Row]:
    views, _ = wished(seen.looked, seen.rules.rules)
    known = in_force(seen.looked) if views else {}
    for view in views:
        for clock in running(view, seen.looked.today, until):
            key = Key(view.pathway, view.episode, clock.rule, clock.subject)
            did = seen.memory.standing.get(key, Standing())
            values = {
                "icd10": view.icd10, "due": clock.due, "level": None, "state": "upcoming",
                "owner": did.handed_to or clock.owner, "danger": seen.rules.rules.book.duties[clock.rule].danger,
            }  # fmt: skip
            because = of_clock(clock, known, seen.rules.rules.book, seen.rules.rules.calendar)
            yield _row(_id(seen, key, None), seen.person, key, values, because, seen.looked.today)


def _pathway(seen: _Seen, view: View) -> Row:
    known = in_force(seen.looked)
    return {
        "pathway": view.pathway,
        "episode": view.episode,
        "icd10": view.icd10,
        "side": view.side,
        "state": view.state,
        "under": view.under,
        "lost": view.lost,
        "opened_on": view.opened_on.isoformat(),
        "milestones": {name: day.isoformat() for name, day in view.milestones.items()},
        "clocks": [_clock(seen, clock, known) for clock in view.clocks],
        "notes": dict(view.notes),
        "findings": [{"code": f.code, "rule": f.rule, "facts": list(f.facts)} for f in view.findings],
        "wakes_on": view.wakes_on.isoformat() if view.wakes_on else None,
    }


def _clock(seen: _Seen, clock: Clock, known: Any) -> Row:
    ended = known.get(clock.ended_by)
    return of_clock(clock, known, seen.rules.rules.book, seen.rules.rules.calendar) | {
        "subject": clock.subject,
        "status": clock.status,
        "silent": clock.silent,
        "owner_org": clock.owner,
        "ended": None
        if clock.ended is None
        else {
            "on": clock.ended.isoformat(),
            "reason": clock.reason,
            "fact": clock.ended_by,
            "kind": ended.kind if ended else "",
            "source": ended.source if ended else "",
        },
    }


def _row(id: str, person: UUID, key: Key, values: Row, told: Row, today: date) -> Row:
    return {
        "id": id,
        "person": str(person),
        "pathway": key.pathway,
        "episode": key.episode,
        "icd10": values["icd10"],
        "rule": key.rule,
        "subject": key.subject,
        "due": values["due"].isoformat(),
        "days_overdue": (today - values["due"]).days,
        "level": values["level"],
        "state": values["state"],
        "owner_org": values["owner"],
        "danger": values["danger"],
        "because": told,
    }


def _id(seen: _Seen, key: Key, task: int | None) -> str:
    if task is not None and task in seen.tasks:
        return str(seen.tasks[task])
    return str(uuid5(NAMESPACE_URL, "|".join((str(seen.person), *key))))


def _rows(memory: Memory) -> Iterator[Any]:
    yield from memory.open
    yield from (c.task for c in memory.closed)


def _order(row: Row) -> tuple[Any, ...]:
    return (row["due"], row["danger"], row["person"], row["rule"], row["subject"])


def _chunks(persons: Sequence[int]) -> Iterator[Sequence[int]]:
    return (persons[i : i + BATCH] for i in range(0, len(persons), BATCH))
