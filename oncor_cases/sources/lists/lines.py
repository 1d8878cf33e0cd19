"""A long list as the server can take it: the bytes as they are, with the names of their columns; or, where a line of it
cannot be copied, line by line, so that one open quote does not swallow the lines below it."""

import csv
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from typing import IO, NamedTuple

from oncor_cases.sources.lists.cells import Cell
from oncor_cases.sources.lists.rows import Sheet, below, no_row
from oncor_cases.sources.lists.table import Zeroed

COPIED = frozenset(("utf-8", "utf-8-sig", "cp1251", "cp866", "koi8_r"))  # encodings of lists taken as they are
HEAD = 1 << 16  # bytes within which the header must end
LONGEST = 300  # characters of a refused line that are kept
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
    """A line that is no row: `columns` (their number differs), `quotes`, `encoding` or `zero` (a zero character). `raw` is
    its text."""

    line: int
    code: str
    raw: str


class Refusals:
    """Lines that were refused: all are counted, the first hundred thousand kept."""

    KEPT = 100_000

    def __init__(self) -> None:
        self.count = 0
        self.kept: list[Refused] = []

    def add(self, line: int, code: str, raw: str) -> None:
        """One more."""
        self.count += 1
        if self.count <= self.KEPT:
            self.kept.append(Refused(line, code, raw.replace("\0", "").strip()[:LONGEST]))


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


def rows(lines: Iterable[bytes], form: Layout, refused: Refusals) -> Iterator[tuple[int, list[str]]]:
    """(line, texts) below the header, line by line; what cannot be read is told to `refused`."""
    for number, raw in enumerate(lines, form.line):
        if not raw.strip(b"\0 \t\r\n\v\f"):
            continue
        try:
            text = raw.decode(form.encoding).rstrip("\r\n")
        except UnicodeDecodeError:
            refused.add(number, "encoding", raw.decode(form.encoding, "replace"))
            continue
        if "\0" in text:
            refused.add(number, "zero", text)
            continue
        try:
            values = next(csv.reader([text], delimiter=form.delimiter, strict=True))
        except (csv.Error, StopIteration):
            refused.add(number, "quotes", text)
            continue
        if len(values) != len(form.columns):
            refused.add(number, "columns", text)
            continue
        yield number, values


def sheet_rows(sheet: Sheet, refused: Refusals) -> Iterator[tuple[int, list[str]]]:
    """(line, texts) of any table, a text per column of the header. Raises NotATable when the file breaks off."""
    width = len(sheet.header.names)
    for line, row in below(sheet):
        if code := no_row(sheet.table, sheet.header.names, row):
            refused.add(line, code, sheet.table.delimiter.join(text_of(cell) for cell in row))
            continue
        texts = [text_of(cell) for cell in row[:width]]
        if isinstance(row, Zeroed):
            refused.add(line, "zero", sheet.table.delimiter.join(texts))
            continue
        if any("\ufffd" in text for text in texts):
            refused.add(line, "encoding", " ".join(texts))
            continue
        yield line, texts + [""] * (width - len(texts))


def text_of(cell: Cell) -> str:
    """A cell as the text a CSV would have. A number too long for a spreadsheet shows that it has lost digits."""
    if type(cell) is str:
        return cell
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
