"""Episodes as stored: permanent ids, known again by the facts they had."""

from collections.abc import Container, Iterable, Sequence
from datetime import date
from typing import NamedTuple

from oncor_cases.store import bulk
from oncor_cases.store.session import Connection
from oncor_cases.tasks.same_episode import Stored

_COLUMNS = {"id": "bigint", "person_id": "int", "key": "text", "site": "text", "side": "text", "round": "smallint",
            "icd10": "text", "opened_on": "date", "anchors": "text[]"}  # fmt: skip


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
    return bulk.new_ids(conn, "episode", n)


def write(conn: Connection, region: int, rows: Iterable[EpisodeRow], fresh: set[int], known: Container[int]) -> None:
    """Inserts the fresh ones and brings the others up to date; `known`: the persons who had any.

    A key is unique per person, and two episodes may have swapped keys since: the old ones step aside first."""
    told = [(r.id, r.person, r.key, *_parts(r.key), r.icd10, r.opened_on, r.anchors) for r in rows]
    if beside := [row for row in told if row[1] in known]:
        ids, persons, keys = (list(column) for column in zip(*(row[:3] for row in beside), strict=True))
        conn.execute(
            """update episode e set key = '~' || e.id
               from unnest(%s::bigint[], %s::int[], %s::text[]) r(id, person_id, key)
               where e.region_id = %s and e.person_id = r.person_id and e.key = r.key and e.id <> r.id""",
            (ids, persons, keys, region),
        )
    bulk.insert(conn, "episode", region, _COLUMNS, [row for row in told if row[0] in fresh])
    if stayed := [row for row in told if row[0] not in fresh]:
        source, values = bulk.table_of(_COLUMNS, stayed)
        conn.execute(
            f"""update episode e
                set key = r.key, site = r.site, side = r.side, round = r.round, icd10 = r.icd10, opened_on = r.opened_on,
                    anchors = r.anchors
                from {source}
                where e.region_id = %s and e.id = r.id
                  and (e.key, e.icd10, e.opened_on, e.anchors)
                      is distinct from (r.key, r.icd10, r.opened_on, r.anchors)""",
            (*values, region),
        )


def _parts(key: str) -> tuple[str, str, int]:
    """`C50`, `left`, 1 of `C50/left/1`; a site or side nobody has named is an empty text."""
    site, _, rest = key.partition("/")
    side, _, turn = rest.rpartition("/")
    return ("" if site == "?" else site), ("" if side == "-" else side), int(turn) if turn.isdigit() else 1
