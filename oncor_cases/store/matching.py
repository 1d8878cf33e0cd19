"""Rows of a list against the persons we know: by insurance number, by policy, by a clinic's own number, by full name
with birth date. The strongest that fits decides; a namesake with another insurance number is not the person."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from pyroaring import BitMap

from oncor_cases.store import bulk
from oncor_cases.store.people import key
from oncor_cases.store.population import PEOPLE
from oncor_cases.store.session import Connection


class Wanted(NamedTuple):
    """One row: its line in the file and whatever it says of who it is. `organisation` goes with `local_id`."""

    line: int
    snils: str = ""
    enp: str = ""
    organisation: str = ""
    local_id: str = ""
    name: str = ""
    born: date | None = None


NOBODY, SEVERAL = "Такого человека в базе нет", "Подходят несколько человек"
_COLUMNS = {"line": "int", "snils": "text", "enp": "text", "organisation": "text", "local_id": "text", "name": "text",
            "born": "date"}  # fmt: skip

_FOUND = f"""
    with row as materialized (select * from {bulk.recordset(_COLUMNS)}),
    people as not materialized (select * from ({PEOPLE}) p where p.region_id = %(region)s),
    hit as (
        select r.line, 1 as strength, p.id from row r join people p on r.snils <> '' and p.snils = r.snils
        union select r.line, 2, p.id from row r join people p on r.enp <> '' and p.enp = r.enp
        union select r.line, 3, coalesce(p.merged_into, p.id) from row r join subject s on s.region_id = %(region)s
            and r.local_id <> '' and s.local_id = r.local_id and s.organisation = r.organisation
            join person p on p.region_id = s.region_id and p.id = s.person_id
        union select r.line, 4, p.id from row r join people p on r.name <> '' and r.born is not null
            and p.search_key = r.name and p.birth_date = r.born and (r.snils = '' or p.snils in ('', r.snils))
    )
    select line, min(id) as person, count(*) as persons
    from (select h.line, h.id from hit h join (select line, min(strength) as best from hit group by line) b
          on b.line = h.line and b.best = h.strength) strongest group by line"""


def matched(
    conn: Connection, region: int, rows: Sequence[Wanted], within: BitMap | None
) -> tuple[dict[int, int], dict[int, str]]:
    """line → person, and line → why nobody. `within`: a clinic's list finds only persons the clinic may know of, and
    learns nothing of others."""
    named = [row._replace(name=key(row.name)) for row in rows]
    text = _FOUND.replace("(%s::jsonb)", "(%(rows)s::jsonb)")
    found = conn.execute(text, {"rows": bulk.packed(_COLUMNS, named), "region": region}).fetchall()
    persons: dict[int, int] = {}
    why: dict[int, str] = {row.line: NOBODY for row in rows}
    for hit in found:
        if hit.persons > 1:
            why[hit.line] = SEVERAL if within is None else NOBODY
        elif within is None or hit.person in within:
            persons[hit.line] = hit.person
            why.pop(hit.line)
    return persons, why
