"""Organisations with their history. The row of `organisation` is what is in force; every change is a record beside it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from psycopg.types.json import Jsonb

from oncor_cases.store.session import Connection, Scope

COLUMNS = ("name", "short_name", "district", "roles", "parent_oid", "office_oid")
NAMES = frozenset({"name", "short_name"})
PAGE = 50


@dataclass(frozen=True, slots=True)
class OrganisationRow:
    """An organisation as it is today, with what hangs on it in the reader's scope."""

    oid: str
    name: str
    short_name: str
    district: str
    roles: tuple[str, ...]
    parent_oid: str
    parent: str
    office_oid: str
    office: str
    successor_oid: str
    successor: str
    succeeded_on: date | None
    sort_key: str
    tasks: int


@dataclass(frozen=True, slots=True)
class RecordRow:
    """One line of an organisation's history."""

    id: int
    since: date | None
    known_at: datetime
    kind: str
    changes: Mapping[str, Any]
    reason: str
    author: str


_SHORT = "coalesce(nullif({0}.short_name, ''), {0}.name, '')"
_ROW = f"""
    select o.oid, o.name, o.short_name, o.district, o.roles, o.parent_oid, {_SHORT.format("p")} as parent, o.office_oid,
           {_SHORT.format("f")} as office, o.successor_oid, {_SHORT.format("s")} as successor, o.succeeded_on, o.sort_key,
           (select count(*) from task t where t.region_id = o.region_id and t.owner_org = o.oid and t.closed_at is null)
              as tasks
    from organisation o
    left join organisation p on p.region_id = o.region_id and p.oid = o.parent_oid
    left join organisation f on f.region_id = o.region_id and f.oid = o.office_oid
    left join organisation s on s.region_id = o.region_id and s.oid = o.successor_oid
    where o.region_id = %(region)s"""


def page(
    conn: Connection, scope: Scope, q: str = "", role: str = "", after: tuple[str, str] | None = None
) -> list[OrganisationRow]:
    """By name, those after a key. `q`: a part of the name, the district or the OID."""
    where = ""
    if q:
        where += (
            " and (o.sort_key like %(like)s or translate(lower(o.short_name || ' ' || o.district), 'ё', 'е') like %(like)s"
        )
        where += " or o.oid like %(oid)s)"
    if role:
        where += " and %(role)s = any(o.roles)"
    if after:
        where += " and (o.sort_key, o.oid) > (%(key)s, %(after)s)"
    rows = conn.execute(
        f"{_ROW}{where} order by o.sort_key, o.oid limit {PAGE}",
        {
            "region": scope.region, "like": f"%{_plain(q)}%", "oid": f"{_escaped(q)}%", "role": role,
            "key": after[0] if after else "", "after": after[1] if after else "",
        },
    )  # fmt: skip
    return [_row(r) for r in rows]


def one(conn: Connection, scope: Scope, oid: str) -> OrganisationRow | None:
    """An organisation of the region, None if there is none."""
    row = conn.execute(f"{_ROW} and o.oid = %(oid)s", {"region": scope.region, "oid": oid}).fetchone()
    return None if row is None else _row(row)


def _row(row: Any) -> OrganisationRow:
    return OrganisationRow(**row._asdict() | {"roles": tuple(row.roles)})


def counts(conn: Connection, scope: Scope) -> list[tuple[str, int]]:
    """How many organisations of each role."""
    rows = conn.execute(
        "select role, count(*) from organisation, unnest(roles) role where region_id = %s group by role order by 2 desc, 1",
        (scope.region,),
    )
    return [(row[0], row[1]) for row in rows]


def names(conn: Connection, region: int) -> list[tuple[str, str]]:
    """OID and short name of all that still stand on their own, for a select."""
    rows = conn.execute(
        """select oid, coalesce(nullif(short_name, ''), name) from organisation
           where region_id = %s and successor_oid = '' order by sort_key, oid limit 2000""",
        (region,),
    )
    return [(row[0], row[1]) for row in rows]


def districts(conn: Connection, region: int) -> list[str]:
    """The districts organisations name."""
    sql = "select distinct district from organisation where region_id = %s and district <> '' order by 1"
    return [row[0] for row in conn.execute(sql, (region,))]


def history(conn: Connection, scope: Scope, oid: str) -> list[RecordRow]:
    """What was changed, the latest first."""
    rows = conn.execute(
        """select r.id, r.since, r.known_at, r.kind, r.changes, r.reason, coalesce(u.name, r.author) as author
           from organisation_record r left join user_account u on u.login = r.author
           where r.region_id = %s and r.oid = %s order by r.id desc limit 200""",
        (scope.region, oid),
    )
    return [RecordRow(**r._asdict()) for r in rows]


def get(conn: Connection, region: int, oid: str) -> dict[str, Any] | None:
    """The columns of an organisation as they are; None if there is none. Locks the row."""
    row = conn.execute(
        f"""select {", ".join(COLUMNS)}, successor_oid, succeeded_on from organisation
            where region_id = %s and oid = %s for update""",
        (region, oid),
    ).fetchone()
    return None if row is None else row._asdict()


def write(
    conn: Connection, region: int, oid: str, changes: Mapping[str, Any], *, kind: str, today: date,
    since: date | None = None, reason: str = "", by: str = "", at: datetime | None = None,
) -> dict[str, Any]:  # fmt: skip
    """A record, and the row as far as it is in force today. Returns what differs; nothing is written if nothing does.

    The first record of an organisation keeps what was known before as if it had always been so."""
    was = get(conn, region, oid)
    differs = {k: v for k, v in changes.items() if was is None or (list(v) if k == "roles" else v) != was[k]}
    if not differs:
        return {}
    if was is not None:
        conn.execute(
            """insert into organisation_record (region_id, oid, known_at, kind, changes)
               select %(region)s, %(oid)s, '1900-01-01', 'loaded', %(was)s
               where not exists (select from organisation_record where region_id = %(region)s and oid = %(oid)s)""",
            {"region": region, "oid": oid, "was": Jsonb({name: was[name] for name in COLUMNS})},
        )
    if was is not None and differs.keys() & NAMES:
        differs = {name: was[name] for name in NAMES} | differs
    if kind == "edited" and differs.keys() & NAMES:  # a slip put right belongs to the name it was made in
        since = _named_since(conn, region, oid)
    conn.execute(
        """insert into organisation_record (region_id, oid, since, known_at, kind, changes, reason, author)
           values (%s, %s, %s, coalesce(%s, now()), %s, %s, %s, %s)""",
        (region, oid, since, at, kind, Jsonb(differs), reason, by),
    )
    if was is None:
        conn.execute("insert into organisation (region_id, oid, name) values (%s, %s, '')", (region, oid))
    if since is None or since <= today or "successor_oid" in differs:
        _set(conn, region, oid, differs)
    return differs


def _set(conn: Connection, region: int, oid: str, values: Mapping[str, Any]) -> None:
    sets = ", ".join(f"{name} = %({name})s" for name in values)
    conn.execute(
        f"update organisation set {sets} where region_id = %(region)s and oid = %(oid)s",
        dict(values) | {"region": region, "oid": oid},
    )
    conn.execute(
        "update organisation set sort_key = translate(lower(name), 'ё', 'е') where region_id = %s and oid = %s",
        (region, oid),
    )


def _named_since(conn: Connection, region: int, oid: str) -> date | None:
    row = conn.execute(
        """select since from organisation_record where region_id = %s and oid = %s and changes ? 'name'
           order by coalesce(since, '-infinity'::date) desc, id desc limit 1""",
        (region, oid),
    ).fetchone()
    return row[0] if row else None


def rename_due(conn: Connection, region: int, today: date) -> int:
    """New names whose day has come, put into the rows; a record of names holds both of them."""
    return conn.execute(
        """update organisation o set name = n.name, short_name = n.short, sort_key = translate(lower(n.name), 'ё', 'е')
           from (
               select distinct on (oid) oid, changes ->> 'name' as name, changes ->> 'short_name' as short
               from organisation_record
               where region_id = %(region)s and changes ? 'name' and (since is null or since <= %(today)s)
                 and oid in (select oid from organisation_record where region_id = %(region)s and kind = 'renamed')
               order by oid, coalesce(since, '-infinity'::date) desc, id desc
           ) n
           where o.region_id = %(region)s and o.oid = n.oid and (o.name, o.short_name) <> (n.name, n.short)""",
        {"region": region, "today": today},
    ).rowcount


def follow(conn: Connection, region: int, heirs: Sequence[tuple[str, str]]) -> int:
    """(organisation, who answers for it): those who answer see the same persons, and so do their accounts.

    Set-based and repeatable; returns how many rows of scope were added."""
    old, new = (list(column) for column in zip(*heirs, strict=True)) if heirs else ([], [])
    conn.execute(  # whose document was withdrawn or was about somebody else is not seen by the heir either
        """delete from person_scope s where s.region_id = %s and s.reason = 'successor' and not exists (
               select from unnest(%s::text[], %s::text[]) h(old, new)
               join person_scope b on b.region_id = s.region_id and b.person_id = s.person_id and b.org = h.old
               where h.new = s.org)""",
        (region, old, new),
    )
    return conn.execute(
        """insert into person_scope (region_id, person_id, org, reason)
           select distinct s.region_id, s.person_id, h.new, 'successor'
           from unnest(%s::text[], %s::text[]) h(old, new)
           join person_scope s on s.region_id = %s and s.org = h.old
           where not exists (select from person_scope x where x.region_id = s.region_id and x.person_id = s.person_id
                             and x.org = h.new)
           on conflict do nothing""",
        (old, new, region),
    ).rowcount


def unfollow(conn: Connection, region: int, successor: str) -> None:
    """What an organisation saw as somebody's successor; the next morning gives back what it still answers for."""
    conn.execute("delete from person_scope where region_id = %s and org = %s and reason = 'successor'", (region, successor))


def follow_accounts(conn: Connection, region: int, heirs: Sequence[tuple[str, str]]) -> int:
    """The accounts of a merged organisation get its successor too; the old one stays, its documents keep its name."""
    if not heirs:
        return 0
    old, new = (list(column) for column in zip(*heirs, strict=True))
    return conn.execute(
        """update user_account u set orgs = u.orgs || h.new
           from (select old, array_agg(new) as new from unnest(%s::text[], %s::text[]) x(old, new) group by old) h
           where u.region_id = %s and h.old = any(u.orgs) and not u.orgs @> h.new""",
        (old, new, region),
    ).rowcount


def neighbours(conn: Connection, region: int, oids: Sequence[str]) -> list[str]:
    """The organisations of the same districts, and the departments of these."""
    rows = conn.execute(
        """select n.oid from organisation o join organisation n on n.region_id = o.region_id
               and ((n.district = o.district and o.district <> '') or n.parent_oid = o.oid or n.office_oid = o.oid)
           where o.region_id = %s and o.oid = any(%s) group by n.oid""",
        (region, list(oids)),
    )
    return [row[0] for row in rows]


def senders(conn: Connection, region: int) -> list[str]:
    """Every organisation somebody's scope names: a walk over the index, not over the rows."""
    rows = conn.execute(
        """with recursive walk as (
               (select org from person_scope where region_id = %(region)s order by org limit 1)
               union all
               select (select s.org from person_scope s where s.region_id = %(region)s and s.org > w.org
                       order by s.org limit 1)
               from walk w where w.org is not null
           ) select org from walk where org is not null""",
        {"region": region},
    )
    return [row[0] for row in rows]


def wake(conn: Connection, region: int, oids: Sequence[str], day: date | None = None) -> int:
    """Everybody whose owner these organisations may be is due for a sweep: now, or on a later day. Set-based."""
    persons = """
        select person_id from person_scope where region_id = %(region)s and org = any(%(oids)s)
        union select id from person where region_id = %(region)s and attached_org = any(%(oids)s)
        union select person_id from task where region_id = %(region)s and owner_org = any(%(oids)s) and closed_at is null"""
    # locked in the order a sweep takes them, so that neither waits for the other in a ring
    changed = "generation = c.generation + 1" if day is None else "wakes_on = least(coalesce(c.wakes_on, %(day)s), %(day)s)"
    return conn.execute(
        f"""with mine as (
                select c.person_id from person_change c
                where c.region_id = %(region)s and c.person_id in ({persons}) order by c.person_id for update)
            update person_change c set {changed} from mine m
            where c.region_id = %(region)s and c.person_id = m.person_id""",
        {"region": region, "oids": list(oids), "day": day},
    ).rowcount


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", r"\%").replace("_", r"\_")


def _plain(text: str) -> str:
    return _escaped(text.lower().replace("ё", "е"))
