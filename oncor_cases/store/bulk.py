"""Many rows in one statement. Row security forbids COPY into a table, so rows go as one array per column."""

from collections.abc import Mapping, Sequence
from typing import Any

from oncor_cases.store.session import Connection


def insert(conn: Connection, table: str, region: int, columns: Mapping[str, str], rows: Sequence[Sequence[Any]]) -> None:
    """Inserts rows of one region. `columns`: name → type; JSON comes as text; `text[]` as one text joined by chr(31)."""
    if not rows:
        return
    arrays = ", ".join(f"%s::{'text' if t in ('jsonb', 'text[]') else t}[]" for t in columns.values())
    values = ", ".join(_value(name, type) for name, type in columns.items())
    names = ", ".join(columns)
    conn.execute(
        f"insert into {table} (region_id, {names}) select %s, {values} from unnest({arrays}) r({names})",
        (region, *(list(column) for column in zip(*rows, strict=True))),
    )


def _value(name: str, type: str) -> str:
    if type == "jsonb":
        return f"r.{name}::jsonb"
    return f"string_to_array(r.{name}, chr(31))" if type == "text[]" else f"r.{name}"
