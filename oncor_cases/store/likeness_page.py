"""What the page of likenesses reads: pairs in the reader's scope, with both records as they were compared."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple
from uuid import UUID

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope

PAGE = 20
TABS = {"review": ("review",), "asked": ("asked",), "linked": ("linked", "same"), "different": ("different",)}


@dataclass(frozen=True, slots=True)
class PairRow:
    """One pair. `detail`: `left` and `right` values, `fields` [name, level, weight], `insured`. `has_registrar`: the sender
    is an organisation of the region, whose registrar can be asked."""

    id: int
    person_id: int
    person: UUID
    org_name: str
    has_registrar: bool
    method: str
    state: str
    score: float
    detail: Mapping[str, Any]
    found_at: datetime
    decided_at: datetime | None
    decided_by: str
    reason: str


def _mine(scope: Scope) -> str:
    return "" if scope.role in WIDE else " and k.org = any(%(orgs)s)"


def page(conn: Connection, scope: Scope, tab: str, after: int, limit: int = PAGE) -> list[PairRow]:
    """Up to `limit` pairs of a tab, the oldest question first; `after` is the last one shown."""
    rows = conn.execute(
        f"""select k.id, s.person_id, p.public_id as person, coalesce(nullif(o.short_name, ''), o.name, k.org) as org_name,
                   o.oid is not null as has_registrar, k.method, k.state, k.score, k.detail,
                   k.found_at, k.decided_at, coalesce(nullif(u.name, ''), k.decided_by) as decided_by, k.reason
            from likeness k join subject s on s.region_id = k.region_id and s.id = k.subject_id
            join person p on p.region_id = s.region_id and p.id = s.person_id
            left join organisation o on o.region_id = k.region_id and o.oid = k.org
            left join user_account u on u.region_id = k.region_id and u.login = k.decided_by
            where k.region_id = %(region)s and k.state = any(%(states)s) and k.id > %(after)s{_mine(scope)}
            order by k.id limit %(limit)s""",
        {"region": scope.region, "orgs": list(scope.orgs), "states": list(TABS[tab]), "after": after, "limit": limit},
    ).fetchall()
    return [PairRow(**r._asdict()) for r in rows]


def counts(conn: Connection, scope: Scope) -> dict[str, int]:
    """How many pairs each tab has."""
    rows = conn.execute(
        f"select k.state, count(*) n from likeness k where k.region_id = %(region)s{_mine(scope)} group by k.state",
        {"region": scope.region, "orgs": list(scope.orgs)},
    )
    found = {row.state: row.n for row in rows}
    return {tab: sum(found.get(state, 0) for state in states) for tab, states in TABS.items()}


def visible(conn: Connection, scope: Scope, pair: int) -> bool:
    """May the reader answer this one? Asked as `oncor_web`, so row security has its say."""
    row = conn.execute(
        f"select 1 from likeness k where k.region_id = %(region)s and k.id = %(pair)s{_mine(scope)}",
        {"region": scope.region, "orgs": list(scope.orgs), "pair": pair},
    ).fetchone()
    return row is not None


class Waiting(NamedTuple):
    """Questions of one organisation."""

    org: str
    review: int
    asked: int


def waiting(conn: Connection, region: int) -> list[Waiting]:
    """Open questions by organisation, the most first."""
    rows = conn.execute(
        """select org, count(*) filter (where state = 'review') review, count(*) filter (where state = 'asked') asked
           from likeness where region_id = %s and state in ('review', 'asked') group by org order by count(*) desc, org""",
        (region,),
    )
    return [Waiting(*row) for row in rows]


class ResidentRow(NamedTuple):
    """A resident found by number who has no case."""

    person_id: int
    family: str
    given: str
    patronymic: str
    born: date
    snils: str
    org_name: str
    gone_on: date | None


def resident(conn: Connection, scope: Scope, snils: str, enp: str) -> list[ResidentRow]:
    """Residents with this SNILS or policy of whom the system knows nothing else."""
    rows = conn.execute(
        """select r.person_id, r.family, r.given, r.patronymic, r.born, r.snils,
                  coalesce(nullif(o.short_name, ''), o.name, r.org) as org_name, r.gone_on
           from resident r left join organisation o on o.region_id = r.region_id and o.oid = r.org
           where r.region_id = %(region)s and r.subject_id is null
             and ((%(snils)s <> '' and r.snils = %(snils)s and r.snils <> '') or (%(enp)s <> '' and r.enp = %(enp)s))
           order by r.enp limit 20""",
        {"region": scope.region, "snils": snils, "enp": enp},
    ).fetchall()
    return [ResidentRow(*row) for row in rows]
