"""Drafts of the late-stage protocol in rows. Pages read them as `oncor_web`; an action writes as batch."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.types.json import Jsonb

from oncor_cases.store.case import mine
from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class Draft:
    """A protocol: what was composed, what a doctor wrote, how far it has come."""

    id: int
    public_id: UUID
    person_id: int
    person: UUID
    episode: str
    state: str
    created_at: datetime
    created_by: str
    changed_at: datetime
    changed_by: str
    milestones: Mapping[str, Any]
    texts: Mapping[str, Any]
    published_on: date | None
    reviewed_on: date | None


_SELECT = """select d.id, d.public_id, d.person_id, p.public_id as person, d.episode, d.state, d.created_at,
       coalesce(a.name, d.created_by) as created_by, d.changed_at, coalesce(b.name, d.changed_by) as changed_by,
       d.milestones, d.texts, d.published_on, d.reviewed_on
    from late_stage_draft d join person p on p.region_id = d.region_id and p.id = d.person_id
    left join user_account a on a.login = d.created_by left join user_account b on b.login = d.changed_by
    where d.region_id = %(region)s"""


def find(conn: Connection, scope: Scope, address: UUID) -> Draft | None:
    """A draft by its outside address, None outside the reader's scope."""
    row = conn.execute(
        f"{_SELECT} and d.public_id = %(id)s" + mine(scope, "d.person_id"),
        {"region": scope.region, "id": address, "orgs": list(scope.orgs)},
    ).fetchone()
    return None if row is None else Draft(**row._asdict())


def of_person(conn: Connection, scope: Scope, person: int) -> list[Draft]:
    """The protocols of a person in the reader's scope."""
    rows = conn.execute(
        f"{_SELECT} and d.person_id = %(person)s" + mine(scope, "d.person_id") + " order by d.id",
        {"region": scope.region, "person": person, "orgs": list(scope.orgs)},
    ).fetchall()
    return [Draft(**row._asdict()) for row in rows]


def write(
    conn: Connection, region: int, person: int, episode: str, composed: Mapping[str, Any], author: str
) -> tuple[UUID, bool]:
    """Stores what was composed, over what was composed before; the words stay. Returns the address and whether it is new."""
    row = conn.execute(
        """insert into late_stage_draft (region_id, person_id, episode, milestones, created_by, changed_by)
           values (%s, %s, %s, %s, %s, %s)
           on conflict (region_id, person_id, episode) do update
               set milestones = case when late_stage_draft.state = 'drafted' then excluded.milestones
                                     else late_stage_draft.milestones end
           returning public_id, xmax = 0 as fresh""",
        (region, person, episode, Jsonb(dict(composed)), author, author),
    ).fetchone()
    return row.public_id, row.fresh


def change(conn: Connection, region: int, id: int, author: str, **fields: Any) -> None:
    """New values of columns, with the hand that wrote them. `texts` comes as plain values."""
    values = {name: Jsonb(value) if name == "texts" else value for name, value in fields.items()}
    sets = "".join(f"{name} = %s, " for name in values)
    conn.execute(
        f"update late_stage_draft set {sets}changed_at = clock_timestamp(), changed_by = %s"
        " where region_id = %s and id = %s",
        (*values.values(), author, region, id),
    )
