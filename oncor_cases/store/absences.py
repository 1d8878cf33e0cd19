"""Who is away and who stands in, as rows; and whom a closed account leaves without an answerer."""

from dataclasses import dataclass
from datetime import date

from oncor_cases.store import locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection
from oncor_cases.tasks.absences import Absence


@dataclass(frozen=True, slots=True)
class AbsenceRow:
    """An absence as people see it."""

    id: int
    login: str
    name: str
    substitute: str
    substitute_name: str
    first_day: date
    last_day: date
    author: str


@dataclass(frozen=True, slots=True)
class Colleague:
    """An active account somebody may stand in with."""

    login: str
    name: str
    role: str
    orgs: tuple[str, ...]


def records(conn: Connection, region: int) -> list[Absence]:
    """Every absence ever written, for tasks.absences.stand_ins."""
    rows = conn.execute(
        "select login, substitute, first_day, last_day, on_day, withdrawn_on from absence where region_id = %s", (region,)
    )
    return [Absence(*row) for row in rows]


def add(
    conn: Connection, region: int, login: str, substitute: str, first: date, last: date, *, on: date, author: str
) -> int:
    """Writes an absence; its number."""
    row = conn.execute(
        """insert into absence (region_id, login, substitute, first_day, last_day, on_day, author)
           values (%s, %s, %s, %s, %s, %s, %s) returning id""",
        (region, login, substitute, first, last, on, author),
    ).fetchone()
    return int(row[0])


def withdraw(conn: Connection, region: int, id: int, *, on: date, by: str) -> str:
    """Calls an absence off; whose it was, empty if there is none to call off."""
    row = conn.execute(
        """update absence set withdrawn_on = %s, withdrawn_at = clock_timestamp(), withdrawn_by = %s
           where region_id = %s and id = %s and withdrawn_on is null returning login""",
        (on, by, region, id),
    ).fetchone()
    return row[0] if row else ""


def lasting(conn: Connection, region: int, today: date, login: str = "") -> list[AbsenceRow]:
    """Absences that last today or later, of one login or of everybody, the nearest first."""
    rows = conn.execute(
        f"""select a.id, a.login, coalesce(nullif(u.name, ''), a.login) as name, a.substitute,
                   coalesce(nullif(s.name, ''), a.substitute) as substitute_name, a.first_day, a.last_day, a.author
            from absence a left join user_account u on u.login = a.login left join user_account s on s.login = a.substitute
            where a.region_id = %(region)s and a.withdrawn_on is null and a.last_day >= %(today)s
                {"and a.login = %(login)s" if login else ""}
            order by a.first_day, a.id limit 500""",
        {"region": region, "today": today, "login": login},
    ).fetchall()
    return [AbsenceRow(**r._asdict()) for r in rows]


def lock(conn: Connection, region: int) -> None:
    """Absences of a region are written one at a time: two could cross."""
    locks.hold(conn, Lock.ABSENCES, region)


def colleague(conn: Connection, region: int, login: str) -> Colleague | None:
    """An active account, None if there is none."""
    row = conn.execute(
        "select login, name, role, orgs from user_account where region_id = %s and login = %s and active", (region, login)
    ).fetchone()
    return Colleague(row.login, row.name, row.role, tuple(row.orgs)) if row else None


def colleagues(conn: Connection, region: int) -> list[Colleague]:
    """Every active account, by name."""
    rows = conn.execute(
        """select login, coalesce(nullif(name, ''), login) as name, role, orgs from user_account
           where region_id = %s and active order by 2, 1 limit 2000""",
        (region,),
    )
    return [Colleague(r.login, r.name, r.role, tuple(r.orgs)) for r in rows]


def gone(conn: Connection, region: int, logins: list[str]) -> set[str]:
    """Which of the logins work here no more."""
    rows = conn.execute(
        "select login from user_account where region_id = %s and login = any(%s) and not active", (region, logins)
    )
    return {row[0] for row in rows}


def left_with(conn: Connection, region: int, login: str) -> list[int]:
    """The persons whose open tasks or running clocks an account has in hand; each is changed, so a sweep will look."""
    rows = conn.execute(
        """update person_change c set generation = generation + 1
           where c.region_id = %(region)s and c.person_id in (
               select person_id from task where region_id = %(region)s and closed_at is null and assignee = %(login)s
               union
               select person_id from clock_event
               where region_id = %(region)s and task_id is null and (author = %(login)s or data ->> 'user' = %(login)s))
           returning c.person_id""",
        {"region": region, "login": login},
    )
    return sorted(row[0] for row in rows)
