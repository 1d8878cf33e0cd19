"""A long list as the server can take it: the bytes as they are, with the names of their columns; or, where a line of it
cannot be copied, row by row, so that one open quote does not swallow the lines below it."""

import re
from array import array
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import IO, NamedTuple

from oncor_cases.kernel.unseen import seen
from oncor_cases.sources.lists.cells import Cell
from oncor_cases.sources.lists.delimited import LONGEST as LONGEST_ROW
from oncor_cases.sources.lists.delimited import rows_from
from oncor_cases.sources.lists.rows import Sheet, below, no_row

COPIED = frozenset(("utf-8", "utf-8-sig", "cp1251", "cp866", "koi8_r"))  # encodings of lists taken as they are
HEAD = 1 << 16  # bytes within which the header must end
KEPT = 300  # characters of a refused line
_POLICY = re.compile(r"(?<!\d)\d{4}(?:[ -]?\d{4}){3}(?!\d)")
DIGITS_KEPT = 1e15  # a number of a spreadsheet keeps fifteen digits


class Layout(NamedTuple):
    """How to copy a list. `columns`: our field, or `x1`, `x2` … for what is not read, in the order of the file;
    `skip`: bytes up to the first row below the header; `line`: the number of that row."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    skip: int
    line: int = 2


class Refused(NamedTuple):
    """A line that is no row: `columns` (their number differs), `quotes`, `encoding` or `too_long`. `raw` is its text."""

    line: int
    code: str
    raw: str


class Refusals:
    """Lines that were refused: all are counted, the first hundred thousand kept."""

    KEPT = 100_000

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Refused] = []
        self._policies = array("q")

    def add(self, line: int, code: str, raw: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= self.KEPT:
            self.kept.append(Refused(line, code, seen(raw[: 2 * KEPT]).strip()[:KEPT]))
        self._policies.extend(int(re.sub(r"\D", "", found)) for found in _POLICY.findall(raw))

    def policies(self) -> Iterator[bytes]:
        """What looks like a policy in lines that were refused, as CSV."""
        return (b"%016d\n" % number for number in self._policies)


def layout(file: IO[bytes], sheet: Sheet) -> Layout | None:
    """The layout of a CSV whose header is its first line; None where only a reader of rows can take it."""
    table, header = sheet.table, sheet.header
    if table.encoding not in COPIED or not table.delimiter or header.rows != 1:
        return None
    file.seek(0)
    head = file.read(HEAD)
    file.seek(0)
    first, end, _ = head.partition(b"\n")
    if not end or not first.strip() or first.count(b'"') % 2:
        return None
    return Layout(table.encoding, table.delimiter, columns_of(sheet), len(first) + 1)


def columns_of(sheet: Sheet) -> tuple[str, ...]:
    """Our names of the columns of a sheet, in the order of the file."""
    ours = {place: name for name, place in sheet.match.places.items()}
    return tuple(ours.get(at, f"x{at + 1}") for at in range(len(sheet.header.names)))


def again(file: IO[bytes], form: Layout, sheet: Sheet) -> Sheet:
    """The sheet with all its rows, read one by one."""
    file.seek(form.skip)
    rows = rows_from(file, form.encoding, form.delimiter, len(form.columns))
    return replace(sheet, rows=((number + form.line - 1, row) for number, row in rows))


def sheet_rows(sheet: Sheet, refused: Refusals) -> Iterator[tuple[int, list[str]]]:
    """(line, texts) of any table, a text per column of the header. Raises NotATable when the file breaks off."""
    width, told = len(sheet.header.names), sheet.table.delimiter or ";"
    for line, row in below(sheet):
        texts = [text_of(cell) for cell in row]
        if code := _wrong(sheet, row, texts):
            refused.add(line, code, told.join(texts))
        else:
            yield line, texts[:width] + [""] * (width - len(texts))


def _wrong(sheet: Sheet, row: list[Cell], texts: list[str]) -> str:
    """Why the row cannot be taken; empty for one that can."""
    if any("\ufffd" in text for text in texts):
        return "encoding"
    if code := no_row(sheet.table, sheet.header.names, row):
        return code
    return "too_long" if sum(map(len, texts)) > LONGEST_ROW else ""


def text_of(cell: Cell) -> str:
    """A cell as the text a CSV would have. A number too long for a spreadsheet shows that it has lost digits."""
    if type(cell) is str:
        return seen(cell)
    if cell is None:
        return ""
    if isinstance(cell, datetime):
        return cell.date().isoformat()
    if isinstance(cell, date):
        return cell.isoformat()
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, int | float):
        if abs(cell) >= DIGITS_KEPT:
            return f"{cell:.5E}"
        return str(int(cell)) if float(cell).is_integer() else str(cell)
    return str(cell)
