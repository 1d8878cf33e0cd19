"""Assignments in rows: read with a sweep's batch by one index, written set by set, each change marking its persons.

Who gives (a person over a contingent) and who finds (a comparison of sources) write the same record: unique while open
by source, person and item, so that giving or finding it again is nothing."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.rows import tuple_row

from oncor_cases.store import bulk
from oncor_cases.store.facts import changed
from oncor_cases.store.session import Connection
from oncor_cases.tasks.assigned import Assignment, Before

DONE, NOT_NEEDED, WITHDRAWN = "assignment_done", "assignment_not_needed", "assignment_withdrawn"


class Source(NamedTuple):
    """Where assignments come from: `contingent` with its address, `comparison` with its id; `title` for people."""

    kind: str
    key: str
    title: str


class Ask(NamedTuple):
    """One piece of work about one person. `item` tells several of one source apart; `owner` empty: whoever the person
    is attached to; `detail`: what the page of the source wants to remember, plain values."""

    person: int
    rule: str
    due: date
    text: str
    owner: str = ""
    item: str = ""
    detail: dict[str, Any] = {}  # noqa: RUF012 (never changed)


_ASK = {
    "person_id": "int",
    "rule": "text",
    "due": "date",
    "text": "text",
    "owner_org": "text",
    "item": "text",
    "detail": "jsonb",
}


def of(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, list[Assignment]]:
    """Everything ever given about these persons, by person: what has ended is needed to say how, and for other days."""
    found: dict[int, list[Assignment]] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            """select a.person_id, a.id, a.rule, a.given_on, a.due, (a.known_at at time zone r.tz)::date, a.owner_org,
                      a.text, a.author, coalesce(a.detail ->> 'source', ''), a.closed_on, a.closed_reason,
                      c.ids, c.days, c.owners, c.texts
               from assignment a join region r on r.id = a.region_id
               cross join lateral (select array_agg(c.id order by c.id) as ids, array_agg(c.on_day order by c.id) as days,
                   array_agg(c.owner_org order by c.id) as owners, array_agg(c.text order by c.id) as texts
                   from assignment_change c where c.region_id = a.region_id and c.assignment_id = a.id) c
               where a.region_id = %s and a.person_id = any(%s) order by a.id""",
            (region, list(persons)),
        )
        for person, *row in cursor:
            changes = tuple(map(Before, *row[-4:])) if row[-1] else ()
            found.setdefault(person, []).append(Assignment(*row[:-4], changes=changes))
    return found


def give(
    conn: Connection,
    region: int,
    source: Source,
    asks: Sequence[Ask],
    *,
    given_on: date,
    author: str,
    at: datetime | None = None,
) -> list[int]:
    """Opens what is not open yet; the persons with new work.

    Persons joined into another are given to that one; a person that does not exist is left out."""
    if not asks:
        return []
    rows = [(*ask[:6], {"source": source.title} | ask.detail) for ask in asks]
    written = conn.execute(
        f"""insert into assignment (region_id, person_id, rule, due, text, owner_org, item, detail, source_kind, source_key,
                given_on, author, known_at)
            select distinct on (coalesce(p.merged_into, p.id), r.item) %s, coalesce(p.merged_into, p.id), r.rule, r.due,
                r.text, r.owner_org, r.item, r.detail, %s, %s, %s, %s, coalesce(%s, now())
            from {bulk.recordset(_ASK)} join person p on p.region_id = %s and p.id = r.person_id
            order by coalesce(p.merged_into, p.id), r.item
            on conflict (region_id, source_kind, source_key, person_id, item) where closed_at is null do nothing
            returning person_id""",
        (region, source.kind, source.key, given_on, author, at, bulk.packed(_ASK, rows), region),
    ).fetchall()  # fmt: skip
    new = [row.person_id for row in written]
    changed(conn, region, new)
    return new


class Renewal(NamedTuple):
    """What an open assignment is from now on: whose, what it asks for, and what of its detail is new."""

    id: int
    owner: str
    text: str
    detail: dict[str, Any]


_RENEWAL = {"id": "bigint", "owner_org": "text", "text": "text", "detail": "jsonb"}


def renew(
    conn: Connection, region: int, renewals: Sequence[Renewal], *, on: date, by: str, at: datetime | None = None
) -> list[int]:
    """Owners and texts of open work follow, never its days; the persons it is about, if either changed. What they were is
    kept (`assignment_change`), so that a past day can be answered for (invariant 8)."""
    if not renewals:
        return []
    rows = conn.execute(
        f"""with asked as materialized (
                select a.id, a.person_id, a.owner_org, a.text, r.owner_org as new_owner, r.text as new_text, r.detail
                from {bulk.recordset(_RENEWAL)} join assignment a on a.region_id = %s and a.id = r.id and a.closed_at is null
                for update of a
            ), told as (
                insert into assignment_change (region_id, assignment_id, at, on_day, author, owner_org, text)
                select %s, id, coalesce(%s, now()), %s, %s, owner_org, text from asked
                where (owner_org, text) is distinct from (new_owner, new_text) order by id
                returning assignment_id
            ), renewed as (
                update assignment a set owner_org = k.new_owner, text = k.new_text, detail = a.detail || k.detail
                from asked k where a.region_id = %s and a.id = k.id
            )
            select distinct k.person_id from asked k join told t on t.assignment_id = k.id""",
        (bulk.packed(_RENEWAL, renewals), region, region, at, on, by, region),
    ).fetchall()
    persons = sorted(row.person_id for row in rows)
    changed(conn, region, persons)
    return persons


def close(
    conn: Connection, region: int, id: int, *, on: date, by: str, reason: str, note: str = "", at: datetime | None = None
) -> int | None:
    """Ends one open assignment; the person it was about, None if it had ended already."""
    row = conn.execute(
        """update assignment set closed_on = greatest(%s, given_on), closed_at = coalesce(%s, now()), closed_by = %s,
               closed_reason = %s, closed_note = %s
           where region_id = %s and id = %s and closed_at is null returning person_id""",
        (on, at, by, reason, note, region, id),
    ).fetchone()
    if row is None:
        return None
    changed(conn, region, [row.person_id])
    return int(row.person_id)


def withdraw(
    conn: Connection,
    region: int,
    source: Source,
    given_on: date,
    text: str,
    *,
    on: date,
    by: str,
    at: datetime | None = None,
) -> int:
    """Takes back what is still open of one giving (a source, a day, a text)."""
    rows = conn.execute(
        """update assignment set closed_on = greatest(%s, given_on), closed_at = coalesce(%s, now()), closed_by = %s,
               closed_reason = %s
           where region_id = %s and source_kind = %s and source_key = %s and given_on = %s and text = %s
             and closed_at is null returning person_id""",
        (on, at, by, WITHDRAWN, region, source.kind, source.key, given_on, text),
    ).fetchall()
    changed(conn, region, [row.person_id for row in rows])
    return len(rows)


class Giving(NamedTuple):
    """One giving of a source: how many persons, how many of them are still open, how the others ended."""

    given_on: date
    due: date
    rule: str
    text: str
    author: str
    author_name: str
    persons: int
    open: int
    done: int
    not_needed: int
    withdrawn: int


def givings(conn: Connection, region: int, source: Source, limit: int = 50) -> list[Giving]:
    """What was given from a source, the newest first; row security leaves what the reader may see."""
    rows = conn.execute(
        """select given_on, min(due) as due, min(rule) as rule, text, min(author) as author,
                  coalesce(nullif(min(u.name), ''), min(author)) as author_name, count(*) as persons,
                  count(*) filter (where closed_at is null) as open,
                  count(*) filter (where closed_reason = 'assignment_done') as done,
                  count(*) filter (where closed_reason = 'assignment_not_needed') as not_needed,
                  count(*) filter (where closed_reason = 'assignment_withdrawn') as withdrawn
           from assignment a left join user_account u on u.region_id = a.region_id and u.login = a.author
           where a.region_id = %s and source_kind = %s and source_key = %s
           group by given_on, text order by given_on desc, text limit %s""",
        (region, source.kind, source.key, limit),
    )
    return [Giving(*row) for row in rows]
