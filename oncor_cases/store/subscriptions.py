"""Who is told when somebody enters or leaves a list, and what they were told."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple
from uuid import UUID

from oncor_cases.store.session import Connection, Scope


class Change(NamedTuple):
    """A notice: so many of the persons the subscriber may see entered or left a list."""

    id: int
    contingent: UUID
    name: str
    as_of: date
    entered: int
    gone: int
    before_id: int
    after_id: int


def subscribe(conn: Connection, region: int, contingent: int, login: str, wanted: bool) -> None:
    """Begins or ends to tell a person of a list."""
    if wanted:
        conn.execute(
            """insert into contingent_subscription (region_id, contingent_id, login) values (%s, %s, %s)
               on conflict do nothing""",
            (region, contingent, login),
        )
    else:
        conn.execute(
            "delete from contingent_subscription where region_id = %s and contingent_id = %s and login = %s",
            (region, contingent, login),
        )


def is_subscribed(conn: Connection, region: int, contingent: int, login: str) -> bool:
    """Is the person told of this list?"""
    row = conn.execute(
        "select 1 from contingent_subscription where region_id = %s and contingent_id = %s and login = %s",
        (region, contingent, login),
    ).fetchone()
    return row is not None


def subscribers(conn: Connection, region: int, contingent: int) -> list[Scope]:
    """Active subscribers of a list as readers: each is told of the persons they may see."""
    rows = conn.execute(
        """select u.login, u.role, u.orgs from contingent_subscription s join user_account u on u.login = s.login
           where s.region_id = %s and s.contingent_id = %s and u.active and u.region_id = s.region_id order by u.login""",
        (region, contingent),
    )
    return [Scope(region, row.login, row.role, tuple(row.orgs)) for row in rows]


def tell(
    conn: Connection,
    region: int,
    contingent: int,
    login: str,
    snapshots: tuple[int, int],
    as_of: date,
    counts: tuple[int, int],
) -> None:
    """One notice, once for a pair of snapshots."""
    conn.execute(
        """insert into contingent_change (region_id, contingent_id, login, before_id, after_id, as_of, entered, gone)
           values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing""",
        (region, contingent, login, *snapshots, as_of, *counts),
    )


def unseen(conn: Connection, scope: Scope, limit: int = 20) -> list[Change]:
    """What the reader was not shown yet, the newest first."""
    rows = conn.execute(
        """select n.id, c.public_id, c.name, n.as_of, n.entered, n.gone, n.before_id, n.after_id
           from contingent_change n join contingent c on c.region_id = n.region_id and c.id = n.contingent_id
           where n.region_id = %s and n.login = %s and n.seen_at is null order by n.id desc limit %s""",
        (scope.region, scope.user, limit),
    )
    return [Change(*row) for row in rows]


def seen(conn: Connection, scope: Scope, contingent: int) -> int:
    """The reader has read the notices of one list."""
    values: Mapping[str, Any] = {"region": scope.region, "login": scope.user, "contingent": contingent}
    return conn.execute(
        """update contingent_change set seen_at = now()
           where region_id = %(region)s and login = %(login)s and contingent_id = %(contingent)s and seen_at is null""",
        values,
    ).rowcount
