"""Tables with one row a case (person, pathway, episode) that a sweep makes anew: what is stored becomes what was computed.

The caller holds the persons' locks, so nobody else writes these rows meanwhile."""

from collections.abc import Mapping, Sequence
from typing import Any

from oncor_cases.store import bulk
from oncor_cases.store.session import Connection

_KEY = ("person_id", "pathway", "episode")


def write(
    conn: Connection,
    table: str,
    region: int,
    columns: Mapping[str, str],
    rows: Sequence[Sequence[Any]],
    persons: Sequence[int],
) -> None:
    """Makes the rows of the persons these: what is the same is left alone, what is gone is deleted.

    `columns`: name → type, in the order of the values, `person_id` first.
    Of whom nothing is stored the rows are plainly inserted: that is everybody in a first sweep."""
    there = conn.execute(
        f"select distinct person_id from {table} where region_id = %s and person_id = any(%s)", (region, list(persons))
    )
    stored = {row[0] for row in there}
    bulk.insert(conn, table, region, columns, [row for row in rows if row[0] not in stored])
    if not stored:
        return
    names = ", ".join(columns)
    told = [name for name in columns if name not in _KEY]
    same = " and ".join(f"n.{name} = v.{name}" for name in _KEY)
    source, values = bulk.table_of(columns, [row for row in rows if row[0] in stored])
    conn.execute(
        f"""with new as materialized (select * from {source}),
                 gone as (
                     delete from {table} v where region_id = %s and person_id = any(%s)
                         and not exists (select from new n where {same})),
                 changed as (
                     update {table} v set ({", ".join(told)}) = row({", ".join(f"n.{name}" for name in told)})
                     from new n where v.region_id = %s and {same}
                         and ({", ".join(f"v.{name}" for name in told)})
                             is distinct from ({", ".join(f"n.{name}" for name in told)}))
            insert into {table} (region_id, {names}) select %s, {names} from new n
            where not exists (select from {table} v where v.region_id = %s and {same})""",
        (*values, region, sorted(stored), region, region, region),
    )
