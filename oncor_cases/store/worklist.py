"""Tasks as stored: all that reconcile must remember of a person."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from oncor_cases.store import absences
from oncor_cases.store.session import Connection
from oncor_cases.tasks.reconcile import REOPEN_WITHIN, ClosedTask, Memory, OpenTask, Standing
from oncor_cases.tasks.wish import Key

_COLUMNS = (
    "id, person_id, pathway, episode, rule, subject, icd10, due, level, owner_org, danger, because ->> 'fact', edition,"
    " norm, state, waiting_until, snoozed_until, handed_to, assignee"
)


def memory(conn: Connection, region: int, persons: Sequence[int], today: date) -> dict[int, Memory]:
    """Open tasks, those closed within 30 days, and what was done with clocks that are no tasks yet, by person."""
    ids = list(persons)
    opened: dict[int, list[OpenTask]] = {}
    closed: dict[int, list[ClosedTask]] = {}
    rows = conn.execute(
        f"""select {_COLUMNS}, closed_on from task
            where region_id = %s and person_id = any(%s) and (closed_at is null or closed_on >= %s)""",
        (region, ids, today - REOPEN_WITHIN),
    )
    for row in rows:
        task = _task(row)
        if row[-1] is None:
            opened.setdefault(row[1], []).append(task)
        else:
            closed.setdefault(row[1], []).append(ClosedTask(task, row[-1]))
    standing = standings(conn, region, ids)
    hands = {t.assignee for tasks in opened.values() for t in tasks} | {
        c.task.assignee for tasks in closed.values() for c in tasks
    }
    hands |= {did.assignee for mine in standing.values() for did in mine.values()}
    left = frozenset(absences.gone(conn, region, sorted(hands - {""}))) if hands - {""} else frozenset()
    return {
        person: Memory(tuple(opened.get(person, ())), tuple(closed.get(person, ())), standing.get(person, {}), left)
        for person in {*opened, *closed, *standing}
    }


def standings(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, dict[Key, Standing]]:
    """What people did with clocks that are no tasks yet: the history folded, the last word of each kind counts."""
    rows = conn.execute(
        """select person_id, pathway, episode, rule, subject, kind, author, data from clock_event
           where region_id = %s and person_id = any(%s) and task_id is null order by id""",
        (region, list(persons)),
    )
    found: dict[int, dict[Key, Standing]] = {}
    for person, pathway, episode, rule, subject, kind, author, data in rows:
        mine = found.setdefault(person, {})
        key = Key(pathway, episode, rule, subject)
        was = mine.get(key, Standing())
        if kind == "took":
            was = Standing(was.snoozed_until, was.handed_to, author)
        elif kind == "snoozed":
            was = Standing(date.fromisoformat(data["until"]), was.handed_to, was.assignee)
        elif kind == "handed_over":
            was = Standing(was.snoozed_until, data.get("org", ""), data.get("user", ""))
        mine[key] = was
    return found


def _task(row: Any) -> OpenTask:
    key = Key(row[2], row[3], row[4], row[5])
    return OpenTask(
        id=row[0], key=key, icd10=row[6], due=row[7], level=row[8], owner=row[9], danger=row[10], because=row[11] or "",
        edition=row[12], norm=row[13], state=row[14], waiting_until=row[15], snoozed_until=row[16], handed_to=row[17],
        assignee=row[18],
    )  # fmt: skip
