"""Accounts, sessions and sign-in attempts. Read before there is a scope: guarded by privileges, holds no patient."""

from dataclasses import dataclass
from datetime import date

from oncor_cases.store.session import Connection, Scope
from oncor_cases.tasks.absences import Absence


@dataclass(frozen=True, slots=True)
class Account:
    """A user who may sign in."""

    id: int
    region: int
    login: str
    name: str
    role: str
    orgs: tuple[str, ...]
    password_hash: str = ""
    csrf: str = ""
    unread: int = 0  # notices
    absences: tuple[Absence, ...] = ()  # those that may make this user stand in for somebody
    heads: tuple[str, ...] = ()  # logins of the region's heads, where there are absences

    @property
    def scope(self) -> Scope:
        """What this user's transactions see."""
        return Scope(region=self.region, user=self.login, role=self.role, orgs=self.orgs)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The region a user works in: its name, whether it is a demonstration, the names of the user's organisations."""

    region: str
    demo: bool
    orgs: tuple[tuple[str, str], ...]
    tz: str = "Europe/Moscow"


def account(conn: Connection, login: str) -> Account | None:
    """The active account of a login, whatever the letter case."""
    row = conn.execute(
        "select id, region_id, login, name, role, orgs, password_hash from user_account"
        " where lower(login) = lower(%s) and active",
        (login,),
    ).fetchone()
    return (
        None
        if row is None
        else Account(row.id, row.region_id, row.login, row.name, row.role, tuple(row.orgs), row.password_hash)
    )


def session_account(conn: Connection, token_hash: bytes) -> Account | None:
    """Who is signed in by this cookie; None for an unknown, expired or ended session or a closed account."""
    row = conn.execute(
        "select u.id, u.region_id, u.login, u.name, u.role, u.orgs, s.csrf,"
        " (select count(*) from notice_recipient r where r.region_id = u.region_id and r.login = u.login"
        "  and r.read_at is null) as unread,"
        " (select jsonb_agg(jsonb_build_array(a.login, a.substitute, a.first_day, a.last_day, a.on_day, a.withdrawn_on))"
        "  from absence a where a.region_id = u.region_id and exists (select from absence m"
        "  where m.region_id = u.region_id and m.substitute = u.login and m.withdrawn_on is null)) as absences,"
        " array(select h.login from absence m join user_account h on h.login = m.login and h.role = 'head' and h.active"
        "  where m.region_id = u.region_id) as heads"
        " from session s join user_account u on u.id = s.user_id"
        " where s.token_hash = %s and s.expires_at > now() and u.active",
        (token_hash,),
    ).fetchone()
    if row is None:
        return None
    away = tuple(
        Absence(login, substitute, *(date.fromisoformat(day) if day else None for day in days))
        for login, substitute, *days in row.absences or ()
    )
    return Account(
        row.id, row.region_id, row.login, row.name, row.role, tuple(row.orgs), "", row.csrf, row.unread, away,
        tuple(row.heads),
    )  # fmt: skip


def open_session(conn: Connection, user: int, token_hash: bytes, csrf: str, hours: int) -> None:
    """A new session; the user's expired ones go."""
    conn.execute("delete from session where user_id = %s and expires_at <= now()", (user,))
    conn.execute(
        "insert into session (token_hash, user_id, expires_at, csrf)"
        " values (%s, %s, now() + make_interval(hours => %s), %s)",
        (token_hash, user, hours, csrf),
    )


def end_session(conn: Connection, token_hash: bytes) -> None:
    """Signing out."""
    conn.execute("delete from session where token_hash = %s", (token_hash,))


def failures(conn: Connection, login: str, address: str, minutes: int) -> tuple[int, int]:
    """Failed attempts of the last minutes: of this login since its last success, and from this address."""
    row = conn.execute(
        """
        select (select count(*) from login_attempt a where a.login = lower(%(login)s) and not a.success
                   and a.at > greatest(now() - make_interval(mins => %(minutes)s),
                       (select max(b.at) from login_attempt b where b.login = lower(%(login)s) and b.success))) as of_login,
               (select count(*) from login_attempt a where a.address = %(address)s and not a.success
                   and a.at > now() - make_interval(mins => %(minutes)s)) as of_address
        """,
        {"login": login, "address": address, "minutes": minutes},
    ).fetchone()
    return row.of_login, row.of_address


def note_attempt(conn: Connection, login: str, address: str, success: bool) -> None:
    """Remembers an attempt; what is older than a day goes."""
    conn.execute("delete from login_attempt where at < now() - interval '1 day'")
    conn.execute("insert into login_attempt (login, address, success) values (lower(%s), %s, %s)", (login, address, success))


def surroundings(conn: Connection, scope: Scope) -> Surroundings:
    """Region and organisations of the reader."""
    region = conn.execute("select name, demo, tz from region where id = %s", (scope.region,)).fetchone()
    rows = conn.execute(
        "select oid, coalesce(nullif(short_name, ''), name) as name from organisation"
        " where region_id = %s and oid = any(%s) order by sort_key, oid",
        (scope.region, list(scope.orgs)),
    ).fetchall()
    if region is None:
        return Surroundings("", False, tuple((r.oid, r.name) for r in rows))
    return Surroundings(region.name, region.demo, tuple((r.oid, r.name) for r in rows), region.tz)


def token_region(conn: Connection, token_hash: bytes) -> tuple[int, str] | None:
    """Region and name of a machine's active token."""
    row = conn.execute("select region_id, name from api_token where hash = %s and active", (token_hash,)).fetchone()
    return None if row is None else (row.region_id, row.name)


def demo_accounts(conn: Connection) -> list[tuple[str, str, str]]:
    """Login, name and role of every active account; shown on the sign-in page of a demonstration only."""
    rows = conn.execute("select login, name, role from user_account where active order by id limit 12").fetchall()
    return [(r.login, r.name, r.role) for r in rows]


def audit(conn: Connection, scope: Scope, user: int | None, action: str, person: int | None = None, about: str = "") -> None:
    """One line of the audit: who looked at whom, or did what. `about` names a thing, never a patient's value."""
    conn.execute(
        "insert into audit (region_id, user_id, author, action, person_id, object) values (%s, %s, %s, %s, %s, %s)",
        (scope.region, user, scope.user, action, person, about),
    )
