"""What of a file was read: which of its columns as what, which sheets; and whether a column of the list before is missing.

An optional column renamed by its sender would vanish in silence, and the list without it would replace the good one."""

from collections.abc import Mapping
from typing import Any

from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.lists.rows import Sheet
from oncor_cases.sources.lists.schema import Kind
from oncor_cases.store.lists import Load

NAMES = frozenset(("fio", "family", "given", "patronymic"))  # one column or three: the same said


class Lost(UserError):
    """Columns the list before had, or its saved mapping names, are not in this one; `titles` of ours."""

    def __init__(self, titles: list[str], unread: list[str]) -> None:
        self.titles = titles
        said = f"В этом списке нет столбцов, которые были раньше: {_quoted(titles)}."
        if unread:
            said += f" Не узнаны столбцы файла: {_quoted(unread)}. Похоже, столбец переименован: разметьте его."
        super().__init__(said)


def _quoted(names: list[str]) -> str:
    return ", ".join(f"«{name}»" for name in names)


def reading_of(sheet: Sheet) -> dict[str, Any]:
    """What was read of a table, to be kept with its load: `columns` (the file's, ours), `unread` columns, `sheets` read with
    the lines above each, `left` sheets; `form`."""
    titles = {column.name: column.title for column in sheet.match.kind.columns}
    places = {place: titles[name] for name, place in sheet.match.places.items()}
    names = list(enumerate(sheet.header.names))
    return {
        "form": sheet.table.form,
        "columns": [[name, places[at]] for at, name in names if at in places],
        "unread": [name for at, name in names if at not in places and name],
        "sheets": [list(one) for one in sheet.sheets],
        "left": list(sheet.left),
    }


def not_lost(before: Load | None, kind: Kind, columns: Mapping[str, str], asked: Mapping[str, str],
             reading: Mapping[str, Any]) -> None:  # fmt: skip
    """`before`: the list of the series before; `columns`: ours that were found; `asked`: those of the mapping the list was
    to be read by. Raises Lost.

    An XML leaves out what nobody has, so there only a tag nobody knew before makes a missing one suspicious."""
    told = {name for name, theirs in asked.items() if theirs} | (set(before.mapping) if before else set())
    gone = told - columns.keys()
    if NAMES & columns.keys():
        gone -= NAMES
    fresh = set(reading["unread"]) - set(before.reading.get("unread", ()) if before else ())
    if not gone or (reading["form"] == "xml" and not fresh):
        return
    raise Lost([column.title for column in kind.columns if column.name in gone], sorted(fresh))
