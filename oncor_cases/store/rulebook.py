"""The region's rule records and proposals as rows. Who may write what is the action's business (actions/rulebook.py)."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.kernel.errors import NotFound
from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection

# Persons after one with a case of the pathways: views, and assignments as the cases of "lists".
CASES = """
    select person_id from pathway_view
    where region_id = %(region)s and person_id > %(after)s and (%(every)s or pathway = any(%(pathways)s))
    union all
    select person_id from assignment
    where region_id = %(region)s and person_id > %(after)s and (%(every)s or 'lists' = any(%(pathways)s))"""
MARKED_AT_ONCE = 20_000  # persons of one marking transaction: writers of facts wait no longer than that
OPEN = ("draft", "computed")


class Record(NamedTuple):
    """An approved change. `retired_by`: the number of the record that ended it, None while it holds."""

    number: int
    rule: str
    content: list[dict[str, Any]]
    retires: int | None
    known: date
    author: str
    approver: str
    reason: str
    proposal: int
    retired_by: int | None


class Proposal(NamedTuple):
    """A proposed change with where it stands."""

    id: int
    kind: str
    rule: str
    content: list[dict[str, Any]]
    retires: int | None
    stories: str
    checked: list[dict[str, Any]]
    reason: str
    author: str
    created_at: datetime
    state: str
    decided_by: str
    decided_at: datetime | None
    decision_reason: str


_PROPOSAL = (
    "id, kind, rule, content, retires, stories, checked, reason, author, created_at, state, decided_by, decided_at,"
    " decision_reason"
)


def records(conn: Connection, region: int, known_on: date | None = None) -> list[Record]:
    """The region's changes in order, those known on a day only if one is given (in the region's zone)."""
    rows = conn.execute(
        """select r.number, r.rule, r.content, r.retires, (r.known_at at time zone g.tz)::date as known, r.author,
                  r.approver, r.reason, r.proposal_id,
                  (select min(s.number) from rule_record s where s.region_id = r.region_id and s.retires = r.number
                     and (%(day)s::date is null or (s.known_at at time zone g.tz)::date <= %(day)s)) as retired_by
           from rule_record r join region g on g.id = r.region_id
           where r.region_id = %(region)s
             and (%(day)s::date is null or (r.known_at at time zone g.tz)::date <= %(day)s)
           order by r.number""",
        {"region": region, "day": known_on},
    )
    return [Record(*row) for row in rows]


def changes(found: Sequence[Record]) -> tuple[tuple[int, str], ...]:
    """What is in force of the records, as plain values for any process: (number, records as JSON)."""
    return tuple((r.number, as_json(r.content)) for r in found if r.retired_by is None and r.content)


def as_json(content: Sequence[Any]) -> str:
    """One text for one content, whatever the order of its keys."""
    return json.dumps(list(content), ensure_ascii=False, sort_keys=True)


def last_number(conn: Connection, region: int) -> int:
    """The number of the last change; 0 before the first."""
    row = conn.execute("select coalesce(max(number), 0) from rule_record where region_id = %s", (region,)).fetchone()
    return int(row[0])


def propose(
    conn: Connection,
    region: int,
    *,
    kind: str,
    rule: str,
    content: Sequence[Any],
    retires: int | None,
    stories: str,
    checked: Sequence[Any],
    reason: str,
    author: str,
    at: datetime | None,
) -> int:
    """A new draft; its id."""
    row = conn.execute(
        """insert into rule_proposal (region_id, kind, rule, content, retires, stories, checked, reason, author, created_at)
           values (%s, %s, %s, %s, %s, %s, %s, %s, %s, coalesce(%s, now())) returning id""",
        (region, kind, rule, Jsonb(list(content)), retires, stories, Jsonb(list(checked)), reason, author, at),
    ).fetchone()
    return int(row[0])


def proposal(conn: Connection, region: int, id: int, *, lock: bool = False) -> Proposal:
    """Raises NotFound. `lock`: nobody else decides on it meanwhile."""
    row = conn.execute(
        f"select {_PROPOSAL} from rule_proposal where region_id = %s and id = %s{' for update' if lock else ''}",
        (region, id),
    ).fetchone()
    if row is None:
        raise NotFound("Такого предложения нет")
    return Proposal(*row)


def proposals(conn: Connection, region: int, *, rule: str = "", only_open: bool = False, limit: int = 50) -> list[Proposal]:
    """The newest first."""
    rows = conn.execute(
        f"""select {_PROPOSAL} from rule_proposal
            where region_id = %s and (%s = '' or rule = %s) and (not %s or state = any(%s)) order by id desc limit %s""",
        (region, rule, rule, only_open, list(OPEN), limit),
    )
    return [Proposal(*row) for row in rows]


def decide(conn: Connection, region: int, id: int, state: str, by: str, reason: str, at: datetime | None) -> None:
    """Ends a proposal: approved, declined or withdrawn."""
    conn.execute(
        """update rule_proposal set state = %s, decided_by = %s, decision_reason = %s, decided_at = coalesce(%s, now())
           where region_id = %s and id = %s""",
        (state, by, reason, at, region, id),
    )


def computed(conn: Connection, region: int, id: int) -> None:
    """Its what-if is there."""
    conn.execute(
        "update rule_proposal set state = 'computed' where region_id = %s and id = %s and state = 'draft'", (region, id)
    )


def approve(conn: Connection, region: int, p: Proposal, approver: str, reason: str, at: datetime | None) -> int:
    """Writes the record of an approved proposal; its number. The caller holds the lock of `numbering`."""
    number = last_number(conn, region) + 1
    conn.execute(
        """insert into rule_record (region_id, number, rule, content, retires, known_at, author, approver, reason,
                                    proposal_id)
           values (%s, %s, %s, %s, %s, coalesce(%s, now()), %s, %s, %s, %s)""",
        (region, number, p.rule, Jsonb(p.content), p.retires, at, p.author, approver, reason or p.reason, p.id),
    )
    return number


def numbering(conn: Connection, region: int) -> None:
    """One approval at a time in a region, to the end of the transaction."""
    locks.hold(conn, Lock.APPROVAL, region)


def unmarked(conn: Connection, region: int, today: date) -> list[tuple[int, list[dict[str, Any]], int | None]]:
    """Changes in effect whose persons are not all marked yet: (number, content, retires)."""
    rows = conn.execute(
        """select r.number, r.content, r.retires from rule_record r join region g on g.id = r.region_id
           where r.region_id = %s and r.marked_at is null
             and (not g.demo or (r.known_at at time zone g.tz)::date <= %s)
           order by r.number""",
        (region, today),
    )
    return [(row[0], row[1], row[2]) for row in rows]


def content_of(conn: Connection, region: int, number: int) -> list[dict[str, Any]]:
    """The content of a record; empty for an unknown number."""
    row = conn.execute("select content from rule_record where region_id = %s and number = %s", (region, number)).fetchone()
    return list(row[0]) if row else []


def mark_some(conn: Connection, region: int, number: int, pathways: Sequence[str]) -> bool:
    """Marks the next persons who have a case of the pathways ("any": any case) as changed; False when none is left.

    In the order of ids, so two markers cannot wait for each other; a run cut short goes on where it stopped."""
    row = conn.execute(
        "select marked_to from rule_record where region_id = %s and number = %s and marked_at is null for update",
        (region, number),
    ).fetchone()
    if row is None:
        return False
    every = "any" in pathways
    last = conn.execute(
        f"""with next as (select distinct person_id from ({CASES}) c order by person_id limit %(limit)s),
           told as (
               update person_change c set generation = c.generation + 1 from next
               where c.region_id = %(region)s and c.person_id = next.person_id)
           select max(person_id) from next""",
        {"region": region, "after": row[0], "every": every, "pathways": list(pathways), "limit": MARKED_AT_ONCE},
    ).fetchone()[0]  # fmt: skip
    conn.execute(
        f"""update rule_record set marked_to = coalesce(%s, marked_to){"" if last else ", marked_at = clock_timestamp()"}
            where region_id = %s and number = %s""",
        (last, region, number),
    )
    return last is not None
