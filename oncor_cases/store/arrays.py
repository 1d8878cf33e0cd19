"""Many rows in one statement, as one array per column: row security forbids COPY into a table, a staging table writes
everything twice, and binary content does not go through JSON (for that see store/bulk.py)."""

from collections.abc import Mapping, Sequence
from typing import Any


def source(columns: Mapping[str, str], rows: Sequence[Sequence[Any]], alias: str = "n") -> tuple[str, list[list[Any]]]:
    """A `from` item over `rows` and its parameters, one per column. `columns`: name → type, in the order of the values.

    A column of type `text[]` comes as a sequence of texts without the separator chr(31)."""
    values = [list(column) for column in zip(*rows, strict=True)] or [[] for _ in columns]
    for at, type_ in enumerate(columns.values()):
        if type_ == "text[]":  # arrays of arrays must be rectangular
            values[at] = ["\x1f".join(texts) for texts in values[at]]
    arrays = ", ".join(f"%b::{'text' if t == 'text[]' else t}[]" for t in columns.values())
    return f"unnest({arrays}) as {alias}({', '.join(columns)})", values
