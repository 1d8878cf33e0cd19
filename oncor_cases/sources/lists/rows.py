"""A table and a kind to typed rows and rejects: the reader every list goes through.

    table = open_table(file)                        # form, encoding, rows of cells
    sheet = lay(table, kinds, kind=…, columns=…)    # header found, columns matched
    for item in read(sheet, surroundings): …        # Good or Reject, one by one

A bad value of a column the row can do without costs the value and is told; anything else costs the row, never the list."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from oncor_cases.kernel.unseen import seen
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Cell, Surroundings
from oncor_cases.sources.lists.header import LOOKED, Header, Match, find_header, guesses, laid, match
from oncor_cases.sources.lists.opened import Opened, Sheet
from oncor_cases.sources.lists.schema import Kind, Values, too_long
from oncor_cases.sources.lists.table import NotATable, Row, Spoiled, Table

RAW_LONGEST = 300  # characters of one cell kept with a reject
NO_ROW = {
    "quotes": "Кавычки открыты и не закрыты: строка не разбирается на столбцы",
    "too_long": "Строка слишком длинная: похоже, несколько строк слиплись",
    "columns": "Столбцов в строке больше или меньше, чем в заголовке: значения попали бы не в свои столбцы",
}


@dataclass(frozen=True, slots=True)
class Good:
    """A row that can be taken."""

    line: int
    values: Values


@dataclass(frozen=True, slots=True)
class Reject:
    """A row not taken, or (`accepted`) taken without one value. `raw` is the row as it came."""

    line: int
    field: str
    code: str
    message: str
    raw: tuple[str, ...]
    accepted: bool = False


class NotRecognised(Exception):
    """No kind fits, several fit, or required columns are missing: a person matches the columns. `header` may be None."""

    def __init__(self, code: str, message: str, header: Header | None = None) -> None:
        super().__init__(code)
        self.code, self.message, self.header = code, message, header


def head(table: Table, kinds: Sequence[Kind], count: int = 10) -> tuple[Header | None, list[Row]]:
    """The header and the first rows below it: what the mapping screen shows."""
    opened = Opened(table)
    first = opened.of(kinds)
    first += islice(opened.rows, count)
    found = find_header([cells for _, cells in first[:LOOKED]], kinds) or _any_header(first)
    return found, [row for row in first[found.rows if found else 0 :] if _filled(row[1])][:count]


def lay(
    table: Table,
    kinds: Sequence[Kind],
    *,
    name: str = "",
    kind: Kind | None = None,
    columns: Mapping[str, str] | None = None,
) -> Sheet:
    """Finds the header and the kind. `kind` forces one, `columns` (ours → theirs) a saved mapping. Raises NotRecognised."""
    opened = Opened(table)
    first = opened.of([_probe(kind, columns)] if columns and kind else [kind] if kind else kinds)
    rows = [cells for _, cells in first]
    if columns and kind:
        header, found = _mapped(rows, kind, columns)
    else:
        known = find_header(rows, [kind] if kind else kinds)
        if known is None:
            raise NotRecognised("no_header", "Строка заголовков не найдена: столбцы не узнаны", _any_header(first))
        header = known
        fitting = [match(kind, header)] if kind else guesses(header, kinds, name)
        found = fitting[0]
        complete = [m for m in fitting if m.complete]
        if len(complete) > 1 and not _better(complete[0], complete[1], name):
            titles = " или ".join(f"«{m.kind.title}»" for m in complete[:2])
            raise NotRecognised("ambiguous", f"По столбцам подходит {titles}: укажите вид списка", header)
    if not found.complete:
        raise NotRecognised("missing", f"Нет столбцов: {', '.join(found.missing)}", header)
    return opened.sheet(header, found, first)


def _mapped(rows: Sequence[Sequence[Cell]], kind: Kind, columns: Mapping[str, str]) -> tuple[Header, Match]:
    """The saved mapping over the first row, or pair of rows, where most of it is found."""
    header = find_header(rows, [_probe(kind, columns)])
    if header is None:
        raise NotRecognised("no_header", "Столбцов сохранённой разметки в файле нет")
    return header, laid(kind, header, columns)


def _probe(kind: Kind, columns: Mapping[str, str]) -> Kind:
    """The kind with the titles of a saved mapping."""
    return replace(kind, columns=tuple(replace(c, title=columns.get(c.name) or "\0", names=()) for c in kind.columns))


def _better(one: Match, other: Match, name: str) -> bool:
    """The first guess is clearly the one: by the file's name, or by more columns of its own."""
    named, other_named = (bool(m.kind.files and re.search(m.kind.files, name.lower())) for m in (one, other))
    return (named and not other_named) or one.own > other.own


def read(sheet: Sheet, around: Surroundings) -> Iterator[Good | Reject]:
    """Every row below the header, empty ones left out. Raises NotATable when the file breaks off."""
    kind, places = sheet.match.kind, sheet.match.places
    columns = [(column, places[column.name]) for column in kind.columns if column.name in places]
    for line, row in below(sheet):
        raw = _Raw(row)
        if code := no_row(sheet.table, sheet.header.names, row):
            yield Reject(line, "", code, NO_ROW[code], raw())
            continue
        values: dict[str, object] = {}
        refused: Reject | None = None
        lost: list[Reject] = []
        for column, place in columns:
            try:
                values[column.name] = column.convert(row[place], around) if place < len(row) else None
            except Bad as bad:
                costs = column.required or column.turns
                told = Reject(line, column.title, bad.code, bad.message, raw(), accepted=not costs)
                if costs or bad.code in ("too_long", "encoding"):
                    refused = replace(told, accepted=False)
                    break
                lost.append(told)
            else:
                if column.required and values[column.name] is None:
                    refused = Reject(line, column.title, "empty", "Обязательное значение не заполнено", raw())
                    break
        if refused is None:
            values = _named(values)
            refused = _unnamed(line, values, raw) or _checked(kind, line, values, raw)
        yield from (replace(told, accepted=refused is None) for told in lost)
        yield refused or Good(line, values)


def below(sheet: Sheet) -> Iterator[Row]:
    """The rows below the header without empty ones and headers printed again."""
    titles = {title for title in sheet.header.names if title}
    for line, row in sheet.rows:
        if _filled(row) and not _repeated_header(row, titles):
            yield line, row


def no_row(table: Table, names: Sequence[str], row: Sequence[Cell]) -> str:
    """Why the line is no row below these headers (a key of NO_ROW); empty for a row. A delimiter too many or too few would
    put values into other columns: a date of issue would become a date of death."""
    if isinstance(row, Spoiled):
        return row.code
    if table.form != "csv":
        return ""
    return "" if _width(names) <= len(row) and _width(row) <= len(names) else "columns"


def _width(row: Sequence[Cell]) -> int:
    """Cells up to the last filled one."""
    return next((at for at in range(len(row), 0, -1) if row[at - 1] not in (None, "")), 0)


class _Raw:
    """A row as it came, made only where something is wrong with it."""

    __slots__ = ("_row",)

    def __init__(self, row: Sequence[Cell]) -> None:
        self._row = row

    def __call__(self) -> tuple[str, ...]:
        return tuple("" if cell is None else str(cell)[:RAW_LONGEST] for cell in self._row)


def _named(values: dict[str, object]) -> dict[str, object]:
    """One column of the full name becomes three."""
    whole = values.pop("fio", None)
    if isinstance(whole, str) and not values.get("family"):
        parts = [*whole.split(" ", 2), "", ""]
        values |= {"family": parts[0], "given": parts[1] or None, "patronymic": parts[2] or None}
    return values


def _unnamed(line: int, values: Values, raw: _Raw) -> Reject | None:
    if values.get("snils") or values.get("enp") or values.get("local_id"):
        return None
    if values.get("family") and values.get("born"):
        return None
    return Reject(
        line, "", "nobody", "Неясно, о ком строка: нет ни верного СНИЛС, ни полиса, ни фамилии с датой рождения", raw()
    )


def _checked(kind: Kind, line: int, values: Values, raw: _Raw) -> Reject | None:
    found = too_long(values) or kind.check(values)
    if (
        found is None
        and values.get("born")
        and any(
            values.get(name) and str(values[name]) < str(values["born"])[: len(str(values[name]))]  # it may be a year
            for name in ("died_on", "on", "date_in", "diagnosed_on")
        )
    ):
        found = ("Дата рождения", "before_birth", "Событие раньше даты рождения")
    return Reject(line, *found, raw()) if found else None


def _filled(row: Sequence[Cell]) -> bool:
    return any(cell is not None and seen(str(cell)).strip() for cell in row)


def _repeated_header(row: Sequence[Cell], titles: set[str]) -> bool:
    """A header printed again on each page, or the numbers of columns below it."""
    first = next((str(cell).strip() for cell in row if cell not in (None, "")), "")
    if first not in titles and first not in ("1", "1.0"):
        return False
    said = [" ".join(str(cell).split()) for cell in row if cell is not None and str(cell).strip()]
    if len(said) >= 3 and all(s in titles for s in said):
        return True
    return len(said) >= 3 and [s.removesuffix(".0") for s in said] == [str(n) for n in range(1, len(said) + 1)]


def _any_header(first: Sequence[Row]) -> Header | None:
    """The first row that fills most of the width, when no name is known: something for the mapping screen."""
    width = max((sum(_filled([c]) for c in cells) for _, cells in first), default=0)
    for at, (_, row) in enumerate(first):
        if width >= 2 and sum(_filled([c]) for c in row) >= 0.7 * width:
            return Header(tuple("" if c is None else " ".join(str(c).split())[:200] for c in row), at + 1)
    return None


__all__ = ["Good", "NotATable", "NotRecognised", "Reject", "Sheet", "cells", "head", "lay", "read"]
