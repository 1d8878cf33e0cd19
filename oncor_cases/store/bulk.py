"""Many rows in one statement. Row security forbids COPY into a table, and arrays of JSON texts cost more to quote than
to store, so a batch goes as one JSON value and is taken apart by the server."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from oncor_cases.store.session import Connection


def insert(conn: Connection, table: str, region: int, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Inserts rows of one region. `columns`: name → type, in the order of the values; JSON comes as plain values."""
    if rows:
        names = ", ".join(columns)
        conn.execute(
            f"insert into {table} (region_id, {names}) select %s, {names} from {recordset(columns)}",
            (region, packed(columns, rows)),
        )


def new_ids(conn: Connection, table: str, n: int) -> list[int]:
    """`n` ids of a table that nothing else will get."""
    if not n:
        return []
    rows = conn.execute(
        """select nextval(s) from (select pg_get_serial_sequence(%s, 'id')::regclass s offset 0) once,
                  generate_series(1, %s)""",
        (table, n),
    )
    return [row[0] for row in rows]


def recordset(columns: Mapping[str, str], alias: str = "r") -> str:
    """A `from` item with one parameter, the result of `packed`."""
    return f"jsonb_to_recordset(%s::jsonb) {alias}({', '.join(f'{name} {type}' for name, type in columns.items())})"


def packed(names: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the JSON text that `recordset` takes apart again; days as ISO text, tuples as arrays."""
    names = tuple(names)
    told = [dict(zip(names, row, strict=True)) for row in rows]
    try:
        return orjson.dumps(told, default=_plain).decode()
    except orjson.JSONEncodeError:  # what it refuses (a number beyond 64 bits, half a character) the server may judge
        return json.dumps(told, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):  # a named one
        return [*value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"not a plain value: {type(value).__name__}")
