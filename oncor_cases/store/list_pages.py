"""Read models of loads: what a reader may see of lists. A registrar sees what their organisations sent or they brought."""

from collections.abc import Iterator

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.lists import COLUMNS, Load, RejectRow
from oncor_cases.store.session import Connection, Scope

PAGE = 50
KEEPERS = ("registrar", "coordinator", "methodologist", "admin")


def _seen(scope: Scope) -> str:
    if scope.role in WIDE or scope.role == "admin":
        return ""
    return " and (l.sender_org = any(%(orgs)s) or l.author = %(user)s)"


def _values(scope: Scope) -> dict[str, object]:
    return {"region": scope.region, "orgs": list(scope.orgs), "user": scope.user}


def page(conn: Connection, scope: Scope, *, kind: str = "", after: int | None = None, limit: int = PAGE) -> list[Load]:
    """Loads in scope, the newest first; `after` is the number of the last one shown."""
    where = "l.region_id = %(region)s" + _seen(scope)
    where += " and l.kind = %(kind)s" if kind else ""
    where += " and l.id < %(after)s" if after is not None else ""
    rows = conn.execute(
        f"select {COLUMNS} from list_load l where {where} order by l.id desc limit %(limit)s",
        _values(scope) | {"kind": kind, "after": after, "limit": limit},
    )
    return [Load(*row) for row in rows]


def one(conn: Connection, scope: Scope, load: int) -> Load | None:
    """One load, or None where it does not exist for this reader."""
    row = conn.execute(
        f"select {COLUMNS} from list_load l where l.region_id = %(region)s and l.id = %(load)s{_seen(scope)}",
        _values(scope) | {"load": load},
    ).fetchone()
    return Load(*row) if row else None


def of_half(conn: Connection, scope: Scope, half: int) -> int | None:
    """The number of the load that another one, which is no more, was taken together with; None if not for this reader."""
    row = conn.execute(
        f"select l.id from list_load l where l.region_id = %(region)s and %(half)s = any(l.along){_seen(scope)}",
        _values(scope) | {"half": half},
    ).fetchone()
    return row.id if row else None


def kinds(conn: Connection, scope: Scope) -> list[tuple[str, int]]:
    """(kind, how many loads), the most frequent first."""
    rows = conn.execute(
        f"""select l.kind, count(*) n from list_load l where l.region_id = %(region)s{_seen(scope)}
            group by 1 order by 2 desc, 1""",
        _values(scope),
    )
    return [(row.kind, row.n) for row in rows]


def senders(conn: Connection, scope: Scope) -> dict[str, str]:
    """OID → name, of the senders that are organisations."""
    rows = conn.execute(
        """select oid, coalesce(nullif(short_name, ''), name) as name from organisation where region_id = %s
           order by sort_key, oid""",
        (scope.region,),
    )
    return {row.oid: row.name for row in rows}


def bodies(conn: Connection, scope: Scope) -> list[str]:
    """Senders that are no organisations of the region, as lists named them; codes out of bills are left out."""
    rows = conn.execute(
        f"""select distinct l.sender_org as name from list_load l
            where l.region_id = %(region)s and l.sender_org !~ '^[0-9.]*$'{_seen(scope)}
            and not exists (select from organisation o where o.region_id = l.region_id and o.oid = l.sender_org)
            order by 1 limit 100""",
        _values(scope),
    )
    return [row.name for row in rows]


_REJECT = ", ".join(RejectRow._fields)


def rejects(conn: Connection, scope: Scope, load: int, *, after: int = -1, limit: int = PAGE) -> list[RejectRow]:
    """Rejects in the order of the list; row security shows them to those who answer for the region or sent the list."""
    rows = conn.execute(
        f"select {_REJECT} from list_reject where region_id = %s and load_id = %s and seq > %s order by seq limit %s",
        (scope.region, load, after, limit),
    )
    return [RejectRow(*row) for row in rows]


def all_rejects(conn: Connection, scope: Scope, load: int) -> Iterator[RejectRow]:
    """Every reject, a page at a time."""
    after = -1
    while rows := rejects(conn, scope, load, after=after, limit=2_000):
        yield from rows
        after = rows[-1].seq


def reasons(conn: Connection, scope: Scope, load: int) -> list[tuple[str, str, bool, int]]:
    """(column, words, taken all the same, how many), the most frequent first."""
    rows = conn.execute(
        """select field, message, accepted, count(*) n from list_reject where region_id = %s and load_id = %s
           group by 1, 2, 3 order by 4 desc, 1, 2 limit 20""",
        (scope.region, load),
    )
    return [(row.field, row.message, row.accepted, row.n) for row in rows]
