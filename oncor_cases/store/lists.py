"""Lists in rows: their loads, what was rejected, saved mappings."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store import arrays, locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection


class Load(NamedTuple):
    """A row of `list_load`. `reading`: what of the file was read (actions/list_columns.py)."""

    id: int
    sha256: bytes
    name: str
    size: int
    kind: str
    sender_org: str
    series: str
    part: str
    as_of: date | None
    version: int
    mapping: dict[str, Any]
    mapping_name: str
    state: str
    counts: dict[str, Any]
    progress: int
    stages: dict[str, Any]
    error: str
    author: str
    received_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_reason: str
    reading: dict[str, Any]


ALONG = 100  # numbers of loads that lead to another one
COLUMNS = ", ".join(Load._fields)


# --- loads ----------------------------------------------------------------------------------------------------------


def add(conn: Connection, region: int, values: Mapping[str, Any]) -> int:
    """A new load; returns its number."""
    names = ", ".join(values)
    marks = ", ".join(["%s"] * len(values))
    given = [Jsonb(v) if isinstance(v, dict) else v for v in values.values()]
    row = conn.execute(f"insert into list_load (region_id, {names}) values (%s, {marks}) returning id", (region, *given))
    return row.fetchone().id


def change(conn: Connection, region: int, load: int, **values: Any) -> None:
    """Sets columns of a load."""
    names = ", ".join(f"{name} = %s" for name in values)
    given = [Jsonb(v) if isinstance(v, dict) else v for v in values.values()]
    conn.execute(f"update list_load set {names} where region_id = %s and id = %s", (*given, region, load))


def tell_stage(conn: Connection, region: int, load: int, name: str, done: int = 0, of: int = 0) -> None:
    """A step of a load has begun, or has come so far; it keeps the moment it began at."""
    conn.execute(
        """update list_load set stages = stages || jsonb_build_object(%(name)s::text, jsonb_build_object(
               'since', coalesce(stages -> %(name)s::text -> 'since', to_jsonb(clock_timestamp())),
               'done', %(done)s::bigint, 'of', %(of)s::bigint))
           where region_id = %(region)s and id = %(load)s""",
        {"name": name, "done": done, "of": of, "region": region, "load": load},
    )


def get(conn: Connection, region: int, load: int, *, locked: bool = False) -> Load | None:
    """The load, or None; `locked`: its row stays as it is to the end of the transaction."""
    sql = f"select {COLUMNS} from list_load where region_id = %s and id = %s{' for update' if locked else ''}"
    row = conn.execute(sql, (region, load)).fetchone()
    return Load(*row) if row else None


def twin(conn: Connection, region: int, load: Load) -> Load | None:
    """A load in force of the same bytes, kind, sender, part, day and mapping: this one would change nothing."""
    row = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and sha256 = %s and kind = %s and series = %s and part = %s
            and as_of is not distinct from %s and mapping = %s and state in ('loaded', 'replaced') and id <> %s
            order by id limit 1""",
        (region, load.sha256, load.kind, load.series, load.part, load.as_of, Jsonb(load.mapping), load.id),
    ).fetchone()
    return Load(*row) if row else None


def waiting(conn: Connection, region: int) -> list[int]:
    """Loads stored or begun and not ended, the oldest first: whoever began them did not live to end them."""
    rows = conn.execute(
        "select id from list_load where region_id = %s and state in ('stored', 'reading') order by received_at, id",
        (region,),
    )
    return [row.id for row in rows]


def of_series(conn: Connection, region: int, series: str) -> list[Load]:
    """Every load of a series that was ever made visible, whatever became of it."""
    rows = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and series = %s and finished_at is not null
            and as_of is not null order by as_of, version, received_at, id""",
        (region, series),
    )
    return [Load(*row) for row in rows]


def in_force_before(conn: Connection, region: int, series: str, as_of: date) -> Load | None:
    """The list of a series in force that speaks of the latest day up to this one."""
    row = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and series = %s and finished_at is not null
            and as_of <= %s and state = 'loaded' order by as_of desc, version desc, received_at desc, id desc limit 1""",
        (region, series, as_of),
    ).fetchone()
    return Load(*row) if row else None


_SLOT = """select id from list_load where region_id = %(region)s and series = %(series)s and as_of = %(as_of)s
    and part = %(part)s and (finished_at is not null or id = %(load)s)"""


def of_slot(conn: Connection, region: int, load: Load) -> list[Load]:
    """The loads of one series, day and part that were ever made visible: corrections of each other."""
    rows = conn.execute(
        f"select {COLUMNS} from list_load where region_id = %(region)s and id in ({_SLOT}) and finished_at is not null",
        {"region": region, "series": load.series, "as_of": load.as_of, "part": load.part, "load": load.id},
    )
    return [Load(*row) for row in rows]


def related(conn: Connection, region: int, load: Load) -> list[Load]:
    """The loads of its series that this one may meet: of its slot, and those with a key of one of these. A series of single
    records has thousands of loads, of which a record meets one or two."""
    rows = conn.execute(
        f"""with slot as ({_SLOT}), met as (
                select r.load_id as id from list_row k
                join list_row r on r.region_id = k.region_id and r.key = k.key
                where k.region_id = %(region)s and k.load_id in (select id from slot)
                union select id from slot)
            select {COLUMNS} from list_load join met using (id) where region_id = %(region)s and series = %(series)s
            and finished_at is not null and as_of is not null order by as_of, version, received_at, id""",
        {"region": region, "series": load.series, "as_of": load.as_of, "part": load.part, "load": load.id},
    )
    return [Load(*row) for row in rows]


def last_version(conn: Connection, region: int, series: str, since: int, until: int) -> int | None:
    """The highest version of a series from `since` to `until`, without it."""
    row = conn.execute(
        """select max(version) it from list_load where region_id = %s and series = %s and version >= %s and version < %s
           and finished_at is not null""",
        (region, series, since, until),
    ).fetchone()
    return row.it


def of_bytes(conn: Connection, region: int, series: str, sha256: bytes) -> Load | None:
    """A load in force of these bytes in the series, of whatever day."""
    row = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and sha256 = %s and series = %s and state = 'loaded'
            order by id limit 1""",
        (region, sha256, series),
    ).fetchone()
    return Load(*row) if row else None


def of_sender(conn: Connection, region: int, kind: str, sender: str, limit: int) -> list[Load]:
    """Loads in force of a kind from a sender, the latest day first."""
    rows = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and kind = %s and sender_org = %s and state = 'loaded'
            order by as_of desc, id desc limit %s""",
        (region, kind, sender, limit),
    )
    return [Load(*row) for row in rows]


def named(conn: Connection, region: int, files: Sequence[str], states: Sequence[str]) -> list[Load]:
    """Claims, and lists of no known kind, called like one of these files whatever the folder and the ending, the newest
    first."""
    stems = [file.lower().rsplit(".", 1)[0] for file in files]
    rows = conn.execute(
        rf"""select {COLUMNS} from list_load where region_id = %s and kind in ('', 'claims') and state = any(%s)
            and lower(regexp_replace(regexp_replace(name, '^.*[/!\\]', ''), '\.[^.]*$', '')) = any(%s) order by id desc""",
        (region, list(states), stems),
    )
    return [Load(*row) for row in rows]


def remove(conn: Connection, region: int, load: int) -> None:
    """A load that turned out to be a repetition, before anything of it was staged."""
    conn.execute("delete from list_load where region_id = %s and id = %s", (region, load))


def along(conn: Connection, region: int, load: int, gone: int) -> None:
    """Before `gone` is removed: it, and whatever had gone into it, lead to `load`, which took or repeats it. The last ones
    only: a program may send the same every minute."""
    conn.execute(
        """update list_load l
           set along = (l.along || g.along || g.id)[greatest(1, cardinality(l.along) + cardinality(g.along) + 2 - %s):]
           from list_load g
           where l.region_id = %s and l.id = %s and g.region_id = l.region_id and g.id = %s""",
        (ALONG, region, load, gone),
    )


def page(conn: Connection, region: int, *, after: int | None = None, limit: int = 50) -> list[Load]:
    """Loads, the newest first."""
    rows = conn.execute(
        f"""select {COLUMNS} from list_load where region_id = %s and (%s::bigint is null or id < %s)
            order by id desc limit %s""",
        (region, after, after, limit),
    )
    return [Load(*row) for row in rows]


def alone(conn: Connection, region: int, load: int) -> bool:
    """True if nobody else is reading this load; held until the connection is given back."""
    return locks.take(conn, Lock.LOAD, region, load)


# --- rejects --------------------------------------------------------------------------------------------------------


class RejectRow(NamedTuple):
    """A row of `list_reject` without its load."""

    seq: int
    line: int
    field: str
    code: str
    message: str
    accepted: bool
    raw: list[str]


_REJECT = {
    "seq": "int",
    "line": "bigint",
    "field": "text",
    "code": "text",
    "message": "text",
    "accepted": "boolean",
    "raw": "text[]",
}


def add_rejects(conn: Connection, region: int, load: int, rows: Sequence[RejectRow]) -> None:
    """Rejects of a load that is being read."""
    if rows:
        table, values = arrays.source(_REJECT, rows)
        names = ", ".join(_REJECT)
        raw = names.replace("raw", "string_to_array(raw, chr(31))")
        conn.execute(
            f"insert into list_reject (region_id, load_id, {names}) select %s, %s, {raw} from {table}",
            (region, load, *values),
        )


def rejects(conn: Connection, region: int, load: int, *, after: int = -1, limit: int = 100) -> list[RejectRow]:
    """Rejects in the order of the list."""
    rows = conn.execute(
        f"""select {", ".join(_REJECT)} from list_reject where region_id = %s and load_id = %s and seq > %s
            order by seq limit %s""",
        (region, load, after, limit),
    )
    return [RejectRow(*row) for row in rows]


def reasons(conn: Connection, region: int, load: int) -> list[tuple[str, str, bool, int]]:
    """(column, message, accepted, how many) of a load's rejects, the most frequent first."""
    rows = conn.execute(
        """select field, message, accepted, count(*) n from list_reject where region_id = %s and load_id = %s
           group by 1, 2, 3 order by 4 desc, 1, 2 limit 30""",
        (region, load),
    )
    return [tuple(row) for row in rows]


# --- mappings -------------------------------------------------------------------------------------------------------


class Mapping_(NamedTuple):
    """A saved matching of columns: `columns` is ours → the foreign header."""

    id: int
    name: str
    kind: str
    fingerprint: str
    sender_org: str
    columns: dict[str, str]


_MAPPING = "id, name, kind, fingerprint, sender_org, columns"


def save_mapping(
    conn: Connection, region: int, name: str, kind: str, fingerprint: str, sender: str, columns: Mapping[str, str], by: str
) -> None:
    """Saves under a name; the same name again replaces it."""
    conn.execute(
        """insert into list_mapping (region_id, name, kind, fingerprint, sender_org, columns, author)
           values (%s, %s, %s, %s, %s, %s, %s) on conflict (region_id, name) do update set kind = excluded.kind,
           fingerprint = excluded.fingerprint, sender_org = excluded.sender_org, columns = excluded.columns,
           author = excluded.author, created_at = now()""",
        (region, name, kind, fingerprint, sender, Jsonb(dict(columns)), by),
    )


def mapping_named(conn: Connection, region: int, name: str) -> Mapping_ | None:
    """The mapping of that name."""
    row = conn.execute(f"select {_MAPPING} from list_mapping where region_id = %s and name = %s", (region, name)).fetchone()
    return Mapping_(*row) if row else None


def mapping_of(conn: Connection, region: int, fingerprint: str) -> Mapping_ | None:
    """The newest mapping saved for such a header."""
    row = conn.execute(
        f"""select {_MAPPING} from list_mapping where region_id = %s and fingerprint = %s
            order by created_at desc, id desc limit 1""",
        (region, fingerprint),
    ).fetchone()
    return Mapping_(*row) if row else None


def mappings(conn: Connection, region: int) -> list[Mapping_]:
    """All saved mappings by name."""
    rows = conn.execute(f"select {_MAPPING} from list_mapping where region_id = %s order by name", (region,))
    return [Mapping_(*row) for row in rows]


# --- dictionaries of the region -------------------------------------------------------------------------------------


def org_words(conn: Connection, region: int) -> dict[str, str]:
    """Names and codes of organisations → OID: the exact full and short names, and the region's own codes."""
    found: dict[str, str] = {}
    for row in conn.execute("select oid, name, short_name from organisation where region_id = %s", (region,)):
        found |= {word.lower(): row.oid for word in (row.name, row.short_name) if word}
    settings = conn.execute("select settings from region where id = %s", (region,)).fetchone().settings
    return found | {str(code).lower(): oid for code, oid in settings.get("org_codes", {}).items()}


def dictionary(conn: Connection, region: int, name: str) -> dict[str, str]:
    """A dictionary of the region's settings, such as `stages` (code of N002 → stage)."""
    row = conn.execute("select settings -> %s it from region where id = %s", (name, region)).fetchone()
    return dict(row.it or {})
