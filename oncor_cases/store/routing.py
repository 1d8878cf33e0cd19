"""Who owes what, in rows: the region's organisations, successions, routes and default owners as known on a day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from oncor_cases.regulations.routing import Default, Place, Records, Route, Succession
from oncor_cases.store.facts import changed
from oncor_cases.store.session import Connection, Scope

_PLACES_NOW = """
    select oid, parent_oid, district, roles, office_oid from organisation where region_id = %(region)s order by oid"""

# As known then: what was written down by that day, over what the row says where nothing was written.
_PLACES_THEN = """
    select o.oid, coalesce(c.said ->> 'parent_oid', o.parent_oid) as parent,
           coalesce(c.said ->> 'district', o.district) as district,
           coalesce((select array_agg(x) from jsonb_array_elements_text(c.said -> 'roles') x), o.roles) as roles,
           coalesce(c.said ->> 'office_oid', o.office_oid) as office
    from organisation o left join lateral (
        select jsonb_object_agg(k.key, k.value order by r.id) said
        from organisation_record r cross join lateral jsonb_each(r.changes) k
        where r.region_id = o.region_id and r.oid = o.oid and (r.known_at at time zone %(zone)s)::date <= %(day)s
    ) c on true
    where o.region_id = %(region)s order by o.oid"""

_KNOWN = "(%(day)s::date is null or (known_at at time zone %(zone)s)::date <= %(day)s)"
_NOT_ENDED = "(ended_at is null or (%(day)s::date is not null and (ended_at at time zone %(zone)s)::date > %(day)s))"


def records(conn: Connection, region: int, zone: ZoneInfo, known_on: date | None = None) -> Records:
    """All rows of a region as known on a day (default: everything known now)."""
    values = {"region": region, "zone": str(zone), "day": known_on}
    places = conn.execute(_PLACES_NOW if known_on is None else _PLACES_THEN, values).fetchall()
    merged = conn.execute(
        f"""select oid, changes ->> 'successor_oid', since from organisation_record
            where region_id = %(region)s and kind = 'merged' and {_KNOWN} order by id""",
        values,
    )
    latest = {(oid, since): Succession(oid, successor, since) for oid, successor, since in merged}
    routes = conn.execute(
        f"""select rule, chain, since, until from route
            where region_id = %(region)s and {_KNOWN} and {_NOT_ENDED} order by id""",
        values,
    )
    defaults = conn.execute(
        f"""select org, category, district, instead, since, until from default_owner
            where region_id = %(region)s and {_KNOWN} and {_NOT_ENDED} order by id""",
        values,
    )
    return Records(
        tuple(Place(row[0], row[1], row[2], tuple(row[3]), row[4]) for row in places),
        tuple(s for s in latest.values() if s.successor),
        tuple(Route(row[0], tuple(row[1]), row[2], row[3]) for row in routes),
        tuple(Default(*row) for row in defaults),
    )


@dataclass(frozen=True, slots=True)
class RouteRow:
    """A row of routing as the page lists it."""

    id: int
    rule: str
    chain: tuple[str, ...]
    since: date | None
    reason: str
    author: str


@dataclass(frozen=True, slots=True)
class DefaultRow:
    """A default owner as the page lists it."""

    id: int
    org: str
    name: str
    category: str
    district: str
    instead: bool
    since: date | None
    reason: str
    author: str


def routes(conn: Connection, scope: Scope) -> list[RouteRow]:
    """The rows in force, by rule."""
    rows = conn.execute(
        """select r.id, r.rule, r.chain, r.since, r.reason, coalesce(u.name, r.author) as author
           from route r left join user_account u on u.login = r.author
           where r.region_id = %s and r.ended_at is null order by r.rule, r.since nulls first, r.id""",
        (scope.region,),
    )
    return [RouteRow(**r._asdict() | {"chain": tuple(r.chain)}) for r in rows]


def defaults(conn: Connection, scope: Scope) -> list[DefaultRow]:
    """The default owners in force, the most exact first."""
    rows = conn.execute(
        """select d.id, d.org, coalesce(nullif(o.short_name, ''), o.name, d.org) as name, d.category, d.district, d.instead,
                  d.since, d.reason, coalesce(u.name, d.author) as author
           from default_owner d left join organisation o on o.region_id = d.region_id and o.oid = d.org
           left join user_account u on u.login = d.author
           where d.region_id = %s and d.ended_at is null
           order by d.category = '', d.category, d.district = '', d.district, d.id""",
        (scope.region,),
    )
    return [DefaultRow(**r._asdict()) for r in rows]


def add_route(
    conn: Connection, region: int, rule: str, chain: Sequence[str], since: date | None, *, reason: str, by: str
) -> int:
    """A new row; an older one of the same rule ends."""
    conn.execute(
        """update route set ended_at = now() where region_id = %s and rule = %s and ended_at is null
             and since is not distinct from %s""",
        (region, rule, since),
    )
    row = conn.execute(
        "insert into route (region_id, rule, chain, since, reason, author) values (%s, %s, %s, %s, %s, %s) returning id",
        (region, rule, list(chain), since, reason, by),
    ).fetchone()
    return int(row[0])


def add_default(
    conn: Connection, region: int, org: str, *, category: str, district: str, instead: bool, since: date | None, reason: str,
    by: str,
) -> int:  # fmt: skip
    """A new default owner; an older one of the same category, district and day ends."""
    conn.execute(
        """update default_owner set ended_at = now() where region_id = %s and category = %s and district = %s
             and since is not distinct from %s and ended_at is null""",
        (region, category, district, since),
    )
    row = conn.execute(
        """insert into default_owner (region_id, org, category, district, instead, since, reason, author)
           values (%s, %s, %s, %s, %s, %s, %s, %s) returning id""",
        (region, org, category, district, instead, since, reason, by),
    ).fetchone()
    return int(row[0])


def end(conn: Connection, region: int, table: str, id: int) -> str | None:
    """Ends a row of `route` or `default_owner`; the rule or category it spoke of, None if there is no such row."""
    named = {"route": "rule", "default_owner": "category"}[table]
    row = conn.execute(
        f"update {table} set ended_at = now() where region_id = %s and id = %s and ended_at is null returning {named}",
        (region, id),
    ).fetchone()
    return None if row is None else str(row[0])


def wake_rule(conn: Connection, region: int, rule: str) -> int:
    """Everybody who has a clock of the rule or pathway is due for a sweep; everybody with a view if it is empty."""
    rows = conn.execute(
        """select distinct person_id from pathway_view where region_id = %(region)s and (%(rule)s = '' or pathway = %(rule)s
             or view @> jsonb_build_object('clocks', jsonb_build_array(jsonb_build_object('rule', %(rule)s::text))))""",
        {"region": region, "rule": rule},
    ).fetchall()
    return _wake(conn, region, [row[0] for row in rows])


def wake_unplaced(conn: Connection, region: int, category: str) -> int:
    """Those a default owner may concern: persons of the category, or those with nobody to answer for them."""
    rows = conn.execute(
        """select person_id from person_category where region_id = %(region)s and category = %(category)s
           union select v.person_id from pathway_view v join person p on p.region_id = v.region_id and p.id = v.person_id
           where v.region_id = %(region)s and p.attached_org = ''""",
        {"region": region, "category": category},
    ).fetchall()
    return _wake(conn, region, [row[0] for row in rows])


def _wake(conn: Connection, region: int, persons: Sequence[int]) -> int:
    if persons:
        changed(conn, region, persons)
    return len(persons)
