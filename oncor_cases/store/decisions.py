"""What a person decides about a task or a running clock, in rows. Looks are made as `oncor_web`, so row security has
its say; writes come after `become_batch` in the same transaction."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from oncor_cases.kernel.numbers import LARGEST, whole_or
from oncor_cases.store import locks
from oncor_cases.store.case import mine
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection, Scope
from oncor_cases.tasks.wish import Key

EVERY_KIND = ("took", "snoozed", "handed_over", "commented")  # what may be done with a clock that is no task yet


@dataclass(frozen=True, slots=True)
class Target:
    """The person and, if the decision is about one, the task or the clock. `task` is None for a clock."""

    person: int
    task: int | None = None
    address: UUID | None = None
    key: Key | None = None
    icd10: str = ""
    side: str = ""
    owner: str = ""
    state: str = ""
    assignee: str = ""
    waiting_until: date | None = None
    started_by: str = ""


def person(conn: Connection, scope: Scope, public_id: UUID) -> int | None:
    """The person behind an outside address, None outside the reader's scope."""
    row = conn.execute(
        "select q.id from person p join person q on q.region_id = p.region_id and q.id = coalesce(p.merged_into, p.id)"
        " where p.region_id = %(region)s and p.public_id = %(id)s" + mine(scope, "q.id"),
        {"region": scope.region, "id": public_id, "orgs": list(scope.orgs)},
    ).fetchone()
    return row[0] if row else None


def lock(conn: Connection, region: int, person: int) -> None:
    """Nobody sweeps or decides about the person until this transaction ends."""
    locks.hold(conn, Lock.PERSON, region, person)


def task(conn: Connection, region: int, person: int, address: UUID) -> Target | None:
    """A task of the person as it stands now, None if there is none."""
    row = conn.execute(
        """select t.id, t.pathway, t.episode, t.rule, t.subject, t.icd10, coalesce(e.side, '') as side, t.owner_org, t.state,
                  t.assignee, t.waiting_until, coalesce(t.because ->> 'fact', '') as started_by
           from task t left join episode e on e.region_id = t.region_id and e.id::text = t.episode
           where t.region_id = %s and t.person_id = %s and t.public_id = %s""",
        (region, person, address),
    ).fetchone()
    if row is None:
        return None
    key = Key(row.pathway, row.episode, row.rule, row.subject)
    return Target(
        person, row.id, address, key, row.icd10, row.side, row.owner_org, row.state, row.assignee, row.waiting_until,
        row.started_by,
    )  # fmt: skip


def clock(conn: Connection, region: int, person: int, key: Key) -> Target | None:
    """The task of a key if one is open, else its running clock in the last view, else None."""
    row = conn.execute(
        """select public_id from task where region_id = %s and person_id = %s and closed_at is null
             and (pathway, episode, rule, subject) = (%s, %s, %s, %s)""",
        (region, person, *key),
    ).fetchone()
    if row is not None:
        return task(conn, region, person, row[0])
    row = conn.execute(
        """select v.icd10, coalesce(v.view ->> 'side', '') as side, coalesce(c ->> 'owner', '') as owner,
                  coalesce(c ->> 'started_by', '') as started_by
           from pathway_view v cross join lateral jsonb_array_elements(v.view -> 'clocks') c
           where v.region_id = %s and v.person_id = %s and v.pathway = %s and v.episode = %s and c ->> 'rule' = %s
             and coalesce(c ->> 'subject', '') = %s and c ->> 'status' = 'running'""",
        (region, person, *key),
    ).fetchone()
    if row is None:
        return None
    return Target(person, None, None, key, row.icd10, row.side, row.owner, "upcoming", started_by=row.started_by)


def others_since(conn: Connection, region: int, task: int, version: int, me: str) -> bool:
    """Has another person done something with the task after the event the form was made from?"""
    row = conn.execute(
        """select 1 from task_event where region_id = %s and task_id = %s and id > %s and author <> %s
             and author not in ('sweep', 'identity') limit 1""",
        (region, task, version, me),
    ).fetchone()
    return row is not None


def version(conn: Connection, region: int, task: int) -> int:
    """The last event of a task: what a form carries to notice that somebody was quicker."""
    row = conn.execute("select max(id) from task_event where region_id = %s and task_id = %s", (region, task)).fetchone()
    return row[0] or 0


def act(
    conn: Connection, region: int, target: Target, kind: str, day: date, author: str,
    fields: Mapping[str, Any] | None = None, data: Mapping[str, Any] | None = None,
) -> None:  # fmt: skip
    """Writes what was done to the task with its row of history; for a clock, to the history of clocks."""
    told = {k: v for k, v in (data or {}).items() if v not in (None, "")}
    if target.task is None:
        assert target.key is not None
        conn.execute(
            """insert into clock_event (region_id, person_id, pathway, episode, rule, subject, on_day, author, kind, data)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s)""",
            (region, target.person, *target.key, day, author, kind if kind in EVERY_KIND else "commented",
             Jsonb(told if kind in EVERY_KIND else told | {"did": kind})),
        )  # fmt: skip
        return
    if fields:
        sets = ", ".join(f"{name} = %s" for name in fields)
        conn.execute(f"update task set {sets} where region_id = %s and id = %s", (*fields.values(), region, target.task))
    conn.execute(
        """insert into task_event (region_id, task_id, on_day, author, kind, person_id, state, level, due, waiting_until,
               owner_org, assignee, icd10, edition, data)
           select region_id, id, %s, %s, %s, person_id, state, level, due, waiting_until, owner_org, assignee, icd10,
                  edition, %s::jsonb
           from task where region_id = %s and id = %s""",
        (day, author, kind, json.dumps(told, ensure_ascii=False), region, target.task),
    )


def moment(conn: Connection, region: int, today: date) -> datetime | None:
    """When a thing said today is known: in a demo the hour of now on the told day, else None (the server's clock)."""
    row = conn.execute(
        """select (%s + (clock_timestamp() at time zone tz)::time) at time zone tz from region where id = %s and demo""",
        (today, region),
    ).fetchone()
    return row[0] if row else None


def document_of(conn: Connection, region: int, fact: str) -> str:
    """The document a fact came from, as a link of the referral chain; empty for a fact without one."""
    number = whole_or(fact, 1, LARGEST, 0)
    if not number:
        return ""
    sql = "select document_id from fact where region_id = %s and id = %s and document_id is not null"
    row = conn.execute(sql, (region, number)).fetchone()
    return str(row[0]) if row else ""


def registrar(conn: Connection, region: int, org: str) -> str:
    """The login of the organisation's registrar, empty if it has none."""
    row = conn.execute(
        """select login from user_account where region_id = %s and role = 'registrar' and active and %s = any(orgs)
           order by login limit 1""",
        (region, org),
    ).fetchone()
    return row[0] if row else ""


def organisations(conn: Connection, region: int, login: str) -> list[str] | None:
    """The organisations of an active account, None if there is no such account."""
    row = conn.execute(
        "select orgs from user_account where region_id = %s and login = %s and active", (region, login)
    ).fetchone()
    return list(row[0]) if row else None


def is_organisation(conn: Connection, region: int, org: str) -> bool:
    """Is there such an organisation in the region?"""
    sql = "select 1 from organisation where region_id = %s and oid = %s"
    return conn.execute(sql, (region, org)).fetchone() is not None


def let_see(conn: Connection, region: int, person: int, org: str) -> None:
    """The organisation may see the person: it owns a task about them now."""
    conn.execute(
        "insert into person_scope (region_id, person_id, org, reason) values (%s, %s, %s, 'task') on conflict do nothing",
        (region, person, org),
    )


def done_before(conn: Connection, region: int, person: int, key: str) -> bool:
    """Was a decision with this key already taken? A form sent twice is one decision."""
    row = conn.execute(
        "select 1 from audit where region_id = %s and person_id = %s and detail ->> 'key' = %s limit 1",
        (region, person, key),
    ).fetchone()
    return row is not None


def record(conn: Connection, scope: Scope, action: str, target: Target, key: str) -> None:
    """The line of the audit, in the decision's own transaction."""
    about = str(target.address) if target.address else "/".join(target.key) if target.key else ""
    conn.execute(
        """insert into audit (region_id, user_id, author, action, person_id, object, detail)
           select %(region)s, (select id from user_account where login = %(author)s), %(author)s, %(action)s, %(person)s,
                  %(about)s, %(detail)s""",
        {
            "region": scope.region, "author": scope.user, "action": action, "person": target.person, "about": about,
            "detail": Jsonb({"key": key} if key else {}),
        },
    )  # fmt: skip


def find(conn: Connection, region: int, code: str, target: Target, detail: Mapping[str, Any]) -> None:
    """Puts a question to the registrar's list: open once per task or clock."""
    about = str(target.address) if target.address else "/".join(target.key) if target.key else str(target.person)
    conn.execute(
        """insert into finding (region_id, code, key, person_id, detail) values (%s, %s, %s, %s, %s)
           on conflict (region_id, code, key)
           do update set state = 'open', detail = excluded.detail, settled_at = null, settled_by = ''""",
        (region, code, about, target.person, Jsonb(dict(detail))),
    )
