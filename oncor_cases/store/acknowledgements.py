"""Heads' words on overdue tasks, as rows: written once, withdrawn at most once, never changed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope
from oncor_cases.tasks.wish import Key
from oncor_cases.tasks.wishes import Words
from oncor_cases.workflows.acknowledged import Acknowledgement

IN_FORCE = "a.withdrawn_on is null and a.until_day >= %(today)s"


def words(conn: Connection, region: int, persons: Sequence[int], known_on: date | None = None) -> dict[int, Words]:
    """What was said of each person's duties and not withdrawn, as known on a day (default: now)."""
    rows = conn.execute(
        """select person_id, pathway, episode, rule, subject, on_day, until_day, id from acknowledgement
           where region_id = %(region)s and person_id = any(%(persons)s)
             and (%(known)s::date is null or on_day <= %(known)s)
             and (withdrawn_on is null or (%(known)s::date is not null and withdrawn_on > %(known)s))
           order by id""",
        {"region": region, "persons": list(persons), "known": known_on},
    )
    found: dict[int, dict[Key, list[Acknowledgement]]] = {}
    for r in rows:
        key = Key(r.pathway, r.episode, r.rule, r.subject)
        found.setdefault(r.person_id, {}).setdefault(key, []).append(Acknowledgement(r.on_day, r.until_day, r.id))
    return dict(found)


def write(conn: Connection, region: int, task: int, *, reason: str, note: str, on: date, until: date, author: str) -> None:
    """A word on a task as it stands."""
    conn.execute(
        """insert into acknowledgement (region_id, person_id, task_id, pathway, episode, rule, subject, owner_org, level,
               reason, note, on_day, until_day, author)
           select region_id, person_id, id, pathway, episode, rule, subject, owner_org, level, %s, %s, %s, %s, %s
           from task where region_id = %s and id = %s""",
        (reason, note, on, until, author, region, task),
    )


def withdraw(conn: Connection, region: int, task: int, *, on: date, by: str) -> int:
    """Ends the words in force on a task; how many there were."""
    return conn.execute(
        """update acknowledgement a set withdrawn_on = %(today)s, withdrawn_at = clock_timestamp(), withdrawn_by = %(by)s
           where region_id = %(region)s and task_id = %(task)s and """ + IN_FORCE,
        {"region": region, "task": task, "today": on, "by": by},
    ).rowcount  # fmt: skip


@dataclass(frozen=True, slots=True)
class Said:
    """The word in force on a task."""

    task: UUID
    reason: str
    note: str
    on_day: date
    until_day: date
    author_name: str


def said(conn: Connection, scope: Scope, tasks: Sequence[UUID], today: date) -> dict[UUID, Said]:
    """The last word in force on each of the tasks."""
    rows = conn.execute(
        f"""select distinct on (t.id) t.public_id as task, a.reason, a.note, a.on_day, a.until_day,
                   coalesce(nullif(u.name, ''), a.author) as author_name
            from task t join acknowledgement a on a.region_id = t.region_id and a.task_id = t.id
            left join user_account u on u.login = a.author
            where t.region_id = %(region)s and t.public_id = any(%(tasks)s) and {IN_FORCE}
            order by t.id, a.id desc""",
        {"region": scope.region, "tasks": list(tasks), "today": today},
    ).fetchall()
    return {r.task: Said(**r._asdict()) for r in rows}


@dataclass(frozen=True, slots=True)
class ReasonRow:
    """Words of one reason: given in a span of days, and in force today on open tasks."""

    reason: str
    given: int
    standing: int
    persons: int


def reasons(conn: Connection, scope: Scope, first: date, today: date, clinic: str = "") -> list[ReasonRow]:
    """Counts by reason of words said from `first` to `today` and not withdrawn, the most frequent first."""
    mine = "" if scope.role in WIDE else " and a.owner_org = any(%(orgs)s)"
    chosen = " and a.owner_org = %(clinic)s" if clinic else ""
    rows = conn.execute(
        f"""select a.reason, count(*) as given, count(distinct a.person_id) as persons,
                   count(*) filter (where a.until_day >= %(today)s and t.closed_at is null) as standing
            from acknowledgement a join task t on t.region_id = a.region_id and t.id = a.task_id
            where a.region_id = %(region)s and a.on_day between %(first)s and %(today)s
              and (a.withdrawn_on is null or a.withdrawn_on > %(today)s){mine}{chosen}
            group by a.reason order by 2 desc, 1""",
        {"region": scope.region, "first": first, "today": today, "orgs": list(scope.orgs), "clinic": clinic},
    ).fetchall()
    return [ReasonRow(r.reason, r.given, r.standing, r.persons) for r in rows]
