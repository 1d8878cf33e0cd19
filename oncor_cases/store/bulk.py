"""Many rows in one statement. Row security forbids COPY into a table, so a batch goes as one parameter per column and is
put together again by the server.

A column of texts travels as one text with separators: taking that apart costs the server a fifth of what one JSON value
for all the rows did, and joining costs the client nothing. Binary content goes by store/arrays.py."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from oncor_cases.store.session import Connection

_PLAIN = frozenset({"smallint", "int", "bigint", "boolean", "date", "timestamptz", "uuid"})  # never need a quote
_OUTER, _INNER = "\x1f", "\x1e"  # between rows, and between the items of one row's array


def insert(conn: Connection, table: str, region: int, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Inserts rows of one region. `columns`: name → type, in the order of the values; JSON comes as plain values."""
    if rows:
        names = ", ".join(columns)
        source, values = table_of(columns, rows)
        conn.execute(f"insert into {table} (region_id, {names}) select %s, {names} from {source}", (region, *values))


def table_of(columns: Mapping[str, str], rows: Sequence[Sequence[Any]], alias: str = "r") -> tuple[str, list[Any]]:
    """A `from` item over `rows` and its parameters, one per column. `columns`: name → type, in the order of the values;
    types are those of a batch: plain ones, text, jsonb, and one-dimensional text[] and date[]."""
    taken: list[str] = []
    made: list[str] = []
    values: list[Any] = []
    for (name, type_), column in zip(columns.items(), zip(*rows, strict=True) if rows else [()] * len(columns), strict=True):
        array, one, value = _column(type_, column)
        taken.append(array)
        made.append(one.format(name) + f" as {name}" if one else name)
        values.append(value)
    raw = f"unnest({', '.join(taken)}) as raw({', '.join(columns)})"
    return f"(select {', '.join(made)} from {raw}) {alias}", values


def _column(type_: str, column: Sequence[Any]) -> tuple[str, str, Any]:
    """How a column travels: the array the server makes of its parameter, what one item of it becomes, the parameter."""
    if type_ in _PLAIN:
        return f"%s::{type_}[]", "", "{" + ",".join(["NULL" if v is None else str(v) for v in column]) + "}"
    if type_ == "jsonb":  # JSON text holds no line break of its own, and is never empty
        return "string_to_array(%s, E'\\n', '')", "{}::jsonb", "\n".join(["" if v is None else _json(v) for v in column])
    if type_ == "text":
        try:
            joined = _OUTER.join(column)
        except TypeError:  # a null among them
            return "%s::text[]", "", list(column)
        if joined and joined.count(_OUTER) == len(column) - 1:
            return f"string_to_array(%s, '{_OUTER}')", "", joined
        return "%s::text[]", "", list(column)
    if type_ in ("text[]", "date[]"):
        inner = [_INNER.join(map(str, items)) for items in column]
        joined = _OUTER.join(inner)
        cast = "" if type_ == "text[]" else f"::{type_}"
        if (
            joined
            and joined.count(_OUTER) == len(column) - 1
            and joined.count(_INNER) == sum([len(items) - 1 for items in column if items])
            and not any(items and not text for items, text in zip(column, inner, strict=True))
        ):
            return f"string_to_array(%s, '{_OUTER}')", f"string_to_array({{}}, '{_INNER}'){cast}", joined
        told = "\n".join([_json(list(items)) for items in column])
        return "string_to_array(%s, E'\\n')", f"array(select jsonb_array_elements_text({{}}::jsonb)){cast}", told
    raise TypeError(f"not a type of a batch: {type_}")


def _json(value: Any) -> str:
    try:
        return orjson.dumps(value, default=_plain).decode()
    except orjson.JSONEncodeError:  # what it refuses (a number beyond 64 bits, half a character) the server may judge
        return json.dumps(value, ensure_ascii=False, default=_plain)


def new_ids(conn: Connection, table: str, n: int) -> list[int]:
    """`n` ids of a table that nothing else will get."""
    if not n:
        return []
    row = conn.execute(
        """select array_agg(nextval(s)) from (select pg_get_serial_sequence(%s, 'id')::regclass s offset 0) once,
                  generate_series(1, %s)""",
        (table, n),
    ).fetchone()
    return list(row[0])


def recordset(columns: Mapping[str, str], alias: str = "r") -> str:
    """A `from` item with one parameter, the result of `packed`."""
    return f"jsonb_to_recordset(%s::jsonb) {alias}({', '.join(f'{name} {type}' for name, type in columns.items())})"


def packed(names: Iterable[str], rows: Iterable[Sequence[Any]]) -> str:
    """Rows as the JSON text that `recordset` takes apart again; days as ISO text, tuples as arrays."""
    names = tuple(names)
    return _json([dict(zip(names, row, strict=True)) for row in rows])


def _plain(value: Any) -> Any:
    if isinstance(value, tuple):  # a named one
        return [*value]
    if hasattr(value, "isoformat"):
        return value.isoformat()
    raise TypeError(f"not a plain value: {type(value).__name__}")
