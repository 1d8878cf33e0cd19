"""What-if runs and the tasks they would touch: batch writes them, people who answer for the region read them."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg.types.json import Jsonb

from oncor_cases.kernel.errors import NotFound
from oncor_cases.store import bulk, locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.rulebook import CASES
from oncor_cases.store.session import Connection, Database, Scope

KEPT = 5  # runs of the command line whose lists of persons are kept
PAGE = 50
COLUMNS = {"run_id": "bigint", "change": "text", "person_id": "int", "pathway": "text", "episode": "text", "rule": "text",
           "subject": "text", "icd10": "text", "due_from": "date", "due_to": "date", "level_from": "text",
           "level_to": "text", "org": "text", "danger": "smallint"}  # fmt: skip


class Difference(NamedTuple):
    """A task on one side and on the other; `change`: appears, vanishes, moves (its day) or level (only its level)."""

    change: str
    person: int
    pathway: str
    episode: str
    rule: str
    subject: str
    icd10: str
    due_from: date | None
    due_to: date | None
    level_from: str
    level_to: str
    org: str
    danger: int


class Run(NamedTuple):
    """A what-if. `base`: number of the region's last change when it was computed; `counts`: change → tasks."""

    id: int
    proposal: int | None
    day: date
    content: list[dict[str, Any]]
    retires: int | None
    base: int
    author: str
    state: str
    asked_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    persons: int
    done: int
    failed: int
    counts: dict[str, int]
    error: str


_RUN = (
    "id, proposal_id, day, content, retires, base, author, state, asked_at, started_at, finished_at, persons, done, failed,"
    " counts, error"
)


def ask(
    conn: Connection, region: int, day: date, content: Sequence[Any], retires: int | None, author: str, proposal: int | None
) -> int:
    """A run that waits for somebody to compute it; its id."""
    row = conn.execute(
        """insert into rule_run (region_id, proposal_id, day, content, retires, author) values (%s, %s, %s, %s, %s, %s)
           returning id""",
        (region, proposal, day, Jsonb(list(content)), retires, author),
    ).fetchone()
    return int(row[0])


def get(conn: Connection, region: int, id: int) -> Run:
    """Raises NotFound."""
    row = conn.execute(f"select {_RUN} from rule_run where region_id = %s and id = %s", (region, id)).fetchone()
    if row is None:
        raise NotFound("Такого расчёта нет")
    return Run(*row)


def of_proposal(conn: Connection, region: int, proposal: int) -> Run | None:
    """The last run of a proposal."""
    row = conn.execute(
        f"select {_RUN} from rule_run where region_id = %s and proposal_id = %s order by id desc limit 1",
        (region, proposal),
    ).fetchone()
    return Run(*row) if row else None


def unfinished(conn: Connection, region: int) -> list[int]:
    """Runs that wait or were cut short, the oldest first."""
    rows = conn.execute("select id from rule_run where region_id = %s and finished_at is null order by id", (region,))
    return [row[0] for row in rows]


@contextmanager
def alone(db: Database, region: int, run: int) -> Iterator[bool]:
    """True if nobody else computes the run. The lock ends with its process, so a run whose process died is free again."""
    with db.batch_session() as conn:
        yield locks.take(conn, Lock.WHAT_IF, region, run)


def start(conn: Connection, region: int, run: int) -> None:
    """Begins, or begins again: what an earlier try wrote is gone."""
    conn.execute("delete from rule_run_change where region_id = %s and run_id = %s", (region, run))
    conn.execute(
        """update rule_run set state = 'running', started_at = clock_timestamp(), persons = 0, done = 0, failed = 0
           where region_id = %s and id = %s""",
        (region, run),
    )


def expect(conn: Connection, region: int, run: int, persons: int, base: int) -> None:
    """How many persons there are to compute, and which book is the one side."""
    conn.execute(
        "update rule_run set persons = %s, base = %s where region_id = %s and id = %s", (persons, base, region, run)
    )


def add(conn: Connection, region: int, run: int, found: Sequence[Difference], done: int, failed: int) -> None:
    """Writes what a batch of persons showed, and how far the run is."""
    rows = [(run, d.change, d.person, *d[2:]) for d in found]
    bulk.insert(conn, "rule_run_change", region, COLUMNS, rows)
    conn.execute(
        "update rule_run set done = done + %s, failed = failed + %s where region_id = %s and id = %s",
        (done, failed, region, run),
    )


def finish(conn: Connection, region: int, run: int, error: str = "") -> dict[str, int]:
    """Ends the run; tasks by kind of change."""
    rows = conn.execute(
        "select change, count(*) from rule_run_change where region_id = %s and run_id = %s group by change", (region, run)
    )
    counts = {row[0]: int(row[1]) for row in rows}
    conn.execute(
        """update rule_run set state = %s, finished_at = clock_timestamp(), counts = %s, error = %s
           where region_id = %s and id = %s""",
        ("failed" if error else "done", Jsonb(counts), error, region, run),
    )
    return counts


def forget_old(conn: Connection, region: int) -> None:
    """Lists of persons of the command line's older runs: asked once, not to be kept for ever."""
    conn.execute(
        """delete from rule_run_change c using rule_run r
           where c.region_id = %(region)s and r.region_id = c.region_id and r.id = c.run_id and r.proposal_id is null
             and r.id not in (select id from rule_run where region_id = %(region)s and proposal_id is null
                              order by id desc limit %(kept)s)""",
        {"region": region, "kept": KEPT},
    )


def lines(conn: Connection, region: int, run: int) -> Iterator[Any]:
    """Every difference with the person's outside address, in a fixed order."""
    yield from conn.execute(
        """select c.change, p.public_id as person, c.rule, c.due_from, c.due_to, c.org, c.level_from, c.level_to
           from rule_run_change c join person p on p.region_id = c.region_id and p.id = c.person_id
           where c.region_id = %s and c.run_id = %s
           order by c.person_id, c.pathway, c.episode, c.rule, c.subject""",
        (region, run),
    )


def candidates(conn: Connection, region: int, pathways: Sequence[str]) -> list[int]:
    """Persons with a stored case of the pathways; of any with "any"; with an assignment for "lists"."""
    rows = conn.execute(
        f"select distinct person_id from ({CASES}) c order by person_id",
        {"region": region, "every": "any" in pathways, "pathways": list(pathways), "after": 0},
    )
    return [row[0] for row in rows]


class ClinicCount(NamedTuple):
    """What a run would change in one clinic, by kind of change."""

    org: str
    name: str
    counts: Mapping[str, int]


def by_clinic(conn: Connection, scope: Scope, run: int) -> list[ClinicCount]:
    """The fullest first."""
    rows = conn.execute(
        """select x.org, coalesce(nullif(o.short_name, ''), o.name, x.org) as name,
                  jsonb_object_agg(x.change, x.n) as counts
           from (select org, change, count(*) as n from rule_run_change
                 where region_id = %(region)s and run_id = %(run)s group by org, change) x
           left join organisation o on o.region_id = %(region)s and o.oid = x.org
           group by x.org, o.short_name, o.name order by sum(x.n) desc, x.org limit 200""",
        {"region": scope.region, "run": run},
    )
    return [ClinicCount(row.org, row.name, row.counts) for row in rows]


class PersonLine(NamedTuple):
    """One task of a run with whose it is."""

    id: int
    change: str
    person: int
    public_id: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    rule: str
    subject: str
    icd10: str
    due_from: date | None
    due_to: date | None
    level_from: str
    level_to: str
    clinic: str


def people(conn: Connection, scope: Scope, run: int, change: str, org: str, after: int) -> list[PersonLine]:
    """A page of the tasks of a run, in the order they were found."""
    rows = conn.execute(
        """select c.id, c.change, c.person_id, p.public_id, p.family, p.given, p.patronymic, p.birth_date, c.rule, c.subject,
                  c.icd10, c.due_from, c.due_to, c.level_from, c.level_to, coalesce(nullif(o.short_name, ''), o.name, c.org)
           from rule_run_change c
           join person p on p.region_id = c.region_id and p.id = c.person_id
           left join organisation o on o.region_id = c.region_id and o.oid = c.org
           where c.region_id = %(region)s and c.run_id = %(run)s and (%(change)s = '' or c.change = %(change)s)
             and (%(org)s = '' or c.org = %(org)s) and c.id > %(after)s
           order by c.id limit %(limit)s""",
        {"region": scope.region, "run": run, "change": change, "org": org, "after": after, "limit": PAGE},
    )
    return [PersonLine(*row) for row in rows]
