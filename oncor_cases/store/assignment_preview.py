"""What giving work over a set would do, by clinic, before anything is written."""

from typing import NamedTuple

from oncor_cases.store.assignments import Source
from oncor_cases.store.population import PEOPLE
from oncor_cases.store.session import Connection


class ClinicPreview(NamedTuple):
    """Persons of one clinic (`org` empty: attached nowhere): who would get the work, who has it already, who died."""

    org: str
    name: str
    fresh: int
    have: int
    dead: int


def by_clinic(conn: Connection, region: int, persons: list[int], source: Source) -> list[ClinicPreview]:
    """The set by clinic of attachment, the fullest first."""
    rows = conn.execute(
        f"""select x.org, coalesce(nullif(o.short_name, ''), o.name, x.org) as name,
                  count(*) filter (where not x.dead and not x.has) as fresh,
                  count(*) filter (where not x.dead and x.has) as have, count(*) filter (where x.dead) as dead
           from (select p.attached_org as org, p.died_on is not null as dead,
                        exists (select from assignment a where a.region_id = p.region_id and a.person_id = p.id
                                and a.source_kind = %(kind)s and a.source_key = %(key)s and a.closed_at is null) as has
                 from ({PEOPLE}) p where p.region_id = %(region)s and p.id = any(%(persons)s)) x
           left join organisation o on o.region_id = %(region)s and o.oid = x.org
           group by x.org, o.short_name, o.name order by fresh desc, name, x.org""",
        {"kind": source.kind, "key": source.key, "region": region, "persons": persons},
    )
    return [ClinicPreview(*row) for row in rows]


def living(conn: Connection, region: int, persons: list[int]) -> list[int]:
    """Those of the persons of whom no death is known, ascending."""
    rows = conn.execute(
        """select id from person where region_id = %s and id = any(%s) and died_on is null and merged_into is null
           order by id""",
        (region, persons),
    )
    return [row.id for row in rows]
