"""Episodes as stored: permanent ids, known again by the facts they had."""

from collections.abc import Iterable, Sequence
from datetime import date
from typing import NamedTuple

from oncor_cases.store.session import Connection
from oncor_cases.tasks.same_episode import Stored


class EpisodeRow(NamedTuple):
    """An episode to be written. `id` is permanent, everything else is as computed today."""

    id: int
    person: int
    key: str
    icd10: str
    opened_on: date
    anchors: tuple[str, ...]


def stored(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, list[Stored]]:
    """The episodes of each person who has any."""
    rows = conn.execute(
        "select person_id, id, key, anchors from episode where region_id = %s and person_id = any(%s)",
        (region, list(persons)),
    )
    found: dict[int, list[Stored]] = {}
    for row in rows:
        found.setdefault(row[0], []).append(Stored(row[1], row[2], frozenset(row[3])))
    return found


def new_ids(conn: Connection, n: int) -> list[int]:
    """`n` ids that nothing else will get."""
    if not n:
        return []
    sql = "select nextval(pg_get_serial_sequence('episode', 'id')) from generate_series(1, %s)"
    return [row[0] for row in conn.execute(sql, (n,))]


def write(conn: Connection, region: int, rows: Iterable[EpisodeRow], fresh: set[int]) -> None:
    """Inserts the fresh ones and brings the others up to date.

    A key is unique per person, and two episodes may have swapped keys since: the old ones step aside first."""
    rows = list(rows)
    if not rows:
        return
    ids, persons, keys, codes, opened, anchors = (list(column) for column in zip(*rows, strict=True))
    conn.execute(
        """update episode e set key = '~' || e.id
           from unnest(%s::bigint[], %s::int[], %s::text[]) r(id, person_id, key)
           where e.region_id = %s and e.person_id = r.person_id and e.key = r.key and e.id <> r.id""",
        (ids, persons, keys, region),
    )
    parts = [_parts(key) for key in keys]
    sites, sides, rounds = (list(column) for column in zip(*parts, strict=True))
    values = (ids, persons, keys, sites, sides, rounds, codes, opened)
    joined = ["\x1f".join(a) for a in anchors]  # one text each: arrays of arrays must be rectangular
    columns = "id, person_id, key, site, side, round, icd10, opened_on, anchors"
    arrays = "%s::bigint[], %s::int[], %s::text[], %s::text[], %s::text[], %s::int[], %s::text[], %s::date[], %s::text[]"
    conn.execute(
        f"""insert into episode (region_id, {columns})
            select %s, id, person_id, key, site, side, round, icd10, opened_on, string_to_array(anchors, chr(31))
            from unnest({arrays}) r({columns}) where r.id = any(%s)""",
        (region, *values, joined, list(fresh)),
    )
    conn.execute(
        f"""update episode e
            set key = r.key, site = r.site, side = r.side, round = r.round, icd10 = r.icd10, opened_on = r.opened_on,
                anchors = string_to_array(r.anchors, chr(31))
            from unnest({arrays}) r({columns})
            where e.region_id = %s and e.id = r.id
              and (e.key, e.icd10, e.opened_on, e.anchors)
                  is distinct from (r.key, r.icd10, r.opened_on, string_to_array(r.anchors, chr(31)))""",
        (*values, joined, region),
    )


def _parts(key: str) -> tuple[str, str, int]:
    """`C50`, `left`, 1 of `C50/left/1`; a site or side nobody has named is an empty text."""
    site, _, rest = key.partition("/")
    side, _, turn = rest.rpartition("/")
    return ("" if site == "?" else site), ("" if side == "-" else side), int(turn) if turn.isdigit() else 1
