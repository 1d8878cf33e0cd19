"""Questions of the command line about another day: who there is, and what was shown then. Nothing here writes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from oncor_cases.store.session import Connection
from oncor_cases.tasks.reconcile import REOPEN_WITHIN, ClosedTask, Memory, OpenTask
from oncor_cases.tasks.wish import Key


def persons(conn: Connection, region: int) -> list[int]:
    """Everyone about whom anything was ever written, ascending."""
    rows = conn.execute("select person_id from person_change where region_id = %s order by person_id", (region,))
    return [row[0] for row in rows]


def person(conn: Connection, region: int, public_id: UUID) -> int | None:
    """The number of a person behind an outside address; an old address leads to the person joined into."""
    row = conn.execute(
        "select coalesce(merged_into, id) from person where region_id = %s and public_id = %s", (region, public_id)
    ).fetchone()
    return row[0] if row else None


def addresses(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, UUID]:
    """Outside addresses of persons."""
    rows = conn.execute("select id, public_id from person where region_id = %s and id = any(%s)", (region, list(persons)))
    return {row[0]: row[1] for row in rows}


def task_addresses(conn: Connection, region: int, tasks: Sequence[int]) -> dict[int, UUID]:
    """Outside addresses of tasks."""
    rows = conn.execute("select id, public_id from task where region_id = %s and id = any(%s)", (region, list(tasks)))
    return {row[0]: row[1] for row in rows}


def persons_of_tasks(conn: Connection, region: int, tasks: Sequence[UUID]) -> dict[UUID, UUID]:
    """Outside addresses of the persons of tasks; run as `oncor_web`, a task out of scope is not in the answer."""
    rows = conn.execute(
        """select t.public_id as task, p.public_id as person from task t
           join person p on p.region_id = t.region_id and p.id = t.person_id
           where t.region_id = %s and t.public_id = any(%s)""",
        (region, list(tasks)),
    )
    return {r.task: r.person for r in rows}


_STOOD = """
    select t.id, t.person_id, t.pathway, t.episode, t.rule, t.subject, e.icd10, e.due, e.level, e.owner_org, t.danger,
           t.because ->> 'fact', e.edition, t.norm, e.state, e.waiting_until, e.assignee, e.on_day, t.because, t.public_id,
           (select (s.data ->> 'until')::date from task_event s where s.region_id = t.region_id and s.task_id = t.id
              and s.on_day <= %(day)s and s.kind = 'snoozed' order by s.id desc limit 1) as snoozed_until,
           (select s.data ->> 'org' from task_event s where s.region_id = t.region_id and s.task_id = t.id
              and s.on_day <= %(day)s and s.kind = 'handed_over' order by s.id desc limit 1) as handed_to
    from task t cross join lateral (
        select * from task_event e where e.region_id = t.region_id and e.task_id = t.id and e.on_day <= %(day)s
        order by e.id desc limit 1) e
    where t.region_id = %(region)s and t.person_id = any(%(persons)s)
"""


def memory_on(conn: Connection, region: int, persons: Sequence[int], day: date) -> dict[int, Memory]:
    """The tasks of each person as they stood at the end of a day, rebuilt from the history."""
    rows = conn.execute(_STOOD, {"region": region, "persons": list(persons), "day": day})
    opened: dict[int, list[OpenTask]] = {}
    closed: dict[int, list[ClosedTask]] = {}
    for row in rows:
        task = _stood(row)
        if row.state != "closed":
            opened.setdefault(row.person_id, []).append(task)
        elif day - row.on_day <= REOPEN_WITHIN:
            closed.setdefault(row.person_id, []).append(ClosedTask(task, row.on_day))
    return {p: Memory(tuple(opened.get(p, ())), tuple(closed.get(p, ()))) for p in opened.keys() | closed.keys()}


class StoredTask(NamedTuple):
    """An open task as a row of an answer. `person` and `address` are outside addresses."""

    person: UUID
    address: UUID
    key: Key
    icd10: str
    due: date
    level: str
    state: str
    owner: str
    danger: int
    because: Mapping[str, Any]


def shown_on(conn: Connection, region: int, persons: Sequence[int], day: date) -> Iterator[StoredTask]:
    """The tasks that were open at the end of a day, with the explanation they had."""
    people = addresses(conn, region, persons)
    values = {"region": region, "persons": list(persons), "day": day}
    for row in conn.execute(_STOOD + " and e.state <> 'closed'", values):
        key = Key(row.pathway, row.episode, row.rule, row.subject)
        yield StoredTask(
            people[row.person_id], row.public_id, key, row.icd10, row.due, row.level, row.state, row.owner_org, row.danger,
            row.because,
        )  # fmt: skip


def open_now(conn: Connection, region: int, but: Sequence[int]) -> Iterator[StoredTask]:
    """The open tasks of everybody but some persons."""
    rows = conn.execute(
        """select p.public_id as person, t.public_id, t.pathway, t.episode, t.rule, t.subject, t.icd10, t.due, t.level,
                  t.state, t.owner_org, t.danger, t.because
           from task t join person p on p.region_id = t.region_id and p.id = t.person_id
           left join unnest(%s::int[]) b(id) on b.id = t.person_id
           where t.region_id = %s and t.closed_at is null and b.id is null""",
        (list(but), region),
    )
    for r in rows:
        key = Key(r.pathway, r.episode, r.rule, r.subject)
        yield StoredTask(r.person, r.public_id, key, r.icd10, r.due, r.level, r.state, r.owner_org, r.danger, r.because)


def computed_after(conn: Connection, region: int, day: date) -> list[int]:
    """Persons whose stored tasks belong to a later day: a decision swept them after the last sweep of the region."""
    sql = "select distinct person_id from pathway_view where region_id = %s and computed_on > %s"
    return [row[0] for row in conn.execute(sql, (region, day))]


def running_until(conn: Connection, region: int, until: date) -> list[int]:
    """Persons with a stored clock that runs and ends by a day."""
    sql = "select distinct person_id from pathway_view where region_id = %s and next_due <= %s"
    return [row[0] for row in conn.execute(sql, (region, until))]


def _stood(row: Any) -> OpenTask:
    return OpenTask(
        id=row.id, key=Key(row.pathway, row.episode, row.rule, row.subject), icd10=row.icd10, due=row.due, level=row.level,
        owner=row.owner_org, danger=row.danger, because=row[11] or "", edition=row.edition, norm=row.norm, state=row.state,
        waiting_until=row.waiting_until, snoozed_until=row.snoozed_until, handed_to=row.handed_to or "",
        assignee=row.assignee,
    )  # fmt: skip
