"""Notices: people are told of a risen level inside the system, once per task and level. No outside channel.

Who is told: of the level of the head, the heads of the clinic that owns the task (without one, the coordinators); of the
level of the coordinator, the coordinators and the heads; at both, whoever has the task in hand. Who is away is told
through their substitute."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.store import absences, bulk
from oncor_cases.store.session import Connection, Scope
from oncor_cases.tasks.absences import stand_ins

PAGE = 100


def deliver(conn: Connection, region: int, limit: int = 10_000, *, today: date | None = None) -> int:
    """Gives the waiting notices of still open tasks to people; how many notices. `today`: default, the region's day.

    A notice whose task was closed meanwhile is dropped: nobody is told of what is done. Two deliveries at once take
    different rows."""
    conn.execute(
        """delete from notice n using task t
           where n.region_id = %s and n.delivered_at is null
             and t.region_id = n.region_id and t.id = n.task_id and t.closed_at is not null""",
        (region,),
    )
    delivered = conn.execute(
        """update notice set delivered_at = clock_timestamp()
           where region_id = %(region)s and id = any(array(
               select id from notice where region_id = %(region)s and delivered_at is null
               order by id limit %(limit)s for update skip locked)) returning id""",
        {"region": region, "limit": limit},
    ).fetchall()
    if delivered:
        _tell(conn, region, [row[0] for row in delivered], today or _day(conn, region))
    return len(delivered)


def _tell(conn: Connection, region: int, notices: list[int], today: date) -> None:
    meant = conn.execute(_MEANT, {"region": region, "notices": notices}).fetchall()
    away = stand_ins(absences.records(conn, region), today)
    working = {c.login for c in absences.colleagues(conn, region)} if away else set()
    told: dict[tuple[int, str], str] = {}
    for notice, login in meant:
        stands_in = away.get(login, "")
        if stands_in in working:
            told.setdefault((notice, stands_in), login)
        else:
            told[notice, login] = ""  # told in their own right, whoever else they stand in for
    columns = {"notice_id": "bigint", "login": "text", "stands_for": "text", "on_day": "date"}
    rows = [(notice, login, absent, today) for (notice, login), absent in sorted(told.items())]
    bulk.insert(conn, "notice_recipient", region, columns, rows)


_MEANT = """
    select n.id, u.login
    from notice n join task t on t.region_id = n.region_id and t.id = n.task_id
    join user_account u on u.region_id = n.region_id and u.active and (
        (u.role = 'head' and t.owner_org = any(u.orgs)) or (t.assignee <> '' and u.login = t.assignee)
        or (u.role = 'coordinator' and (n.level = 'coordinator' or not exists (
            select from user_account h where h.region_id = n.region_id and h.active and h.role = 'head'
              and t.owner_org = any(h.orgs)))))
    where n.region_id = %(region)s and n.id = any(%(notices)s)
    order by 1, 2"""


def _day(conn: Connection, region: int) -> date:
    sql = "select (clock_timestamp() at time zone tz)::date from region where id = %s"
    return conn.execute(sql, (region,)).fetchone()[0]  # type: ignore[no-any-return]


@dataclass(frozen=True, slots=True)
class Told:
    """A notice as its reader sees it; the patient only by the task, and only in the reader's scope."""

    id: int
    on_day: date
    level: str
    stands_for: str
    unread: bool
    person: UUID
    task: UUID
    family: str
    given: str
    patronymic: str
    rule: str
    subject: str
    icd10: str
    due: date
    closed: bool
    owner_name: str
    because: Mapping[str, Any]


def mine(conn: Connection, scope: Scope, today: date, limit: int = PAGE) -> list[Told]:
    """What the reader was told: unread first, then what was read within thirty days, the newest first."""
    rows = conn.execute(
        """select r.id, r.on_day, n.level, coalesce(nullif(a.name, ''), r.stands_for) as stands_for,
                  r.read_at is null as unread, p.public_id as person, t.public_id as task, p.family, p.given, p.patronymic,
                  t.rule, t.subject, t.icd10, t.due, t.closed_at is not null as closed,
                  coalesce(nullif(o.short_name, ''), o.name, t.owner_org) as owner_name, t.because
           from notice_recipient r
           join notice n on n.region_id = r.region_id and n.id = r.notice_id
           join task t on t.region_id = n.region_id and t.id = n.task_id
           join person p on p.region_id = t.region_id and p.id = t.person_id
           left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org
           left join user_account a on a.login = r.stands_for and r.stands_for <> ''
           where r.region_id = %(region)s and r.login = %(login)s
             and (r.read_at is null or r.on_day > %(today)s::date - 30)
           order by (r.read_at is null) desc, r.id desc limit %(limit)s""",
        {"region": scope.region, "login": scope.user, "today": today, "limit": limit},
    ).fetchall()
    return [Told(**r._asdict()) for r in rows]


def read(conn: Connection, scope: Scope, ids: list[int] | None = None) -> int:
    """Marks notices of the reader read: the given ones, or all. How many were unread."""
    return conn.execute(
        """update notice_recipient set read_at = clock_timestamp()
           where region_id = %(region)s and login = %(login)s and read_at is null
             and (%(ids)s::bigint[] is null or id = any(%(ids)s))""",
        {"region": scope.region, "login": scope.user, "ids": ids},
    ).rowcount
