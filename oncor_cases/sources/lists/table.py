"""What any table is to its readers: rows of cells, and lines that are none."""

from collections.abc import Iterator
from dataclasses import dataclass

from oncor_cases.sources.lists.cells import Cell

WIDEST = 500  # columns
Row = tuple[int, list[Cell]]


class Spoiled(list[Cell]):
    """In place of a row: the text of a line that is none, with the reason (`quotes`)."""

    def __init__(self, code: str, raw: str) -> None:
        super().__init__([raw])
        self.code = code


class Zeroed(list[Cell]):
    """A row that came with a zero character in it, which no text of the server can hold; here it is without it."""


def without_zeros(row: list[Cell]) -> list[Cell]:
    """The row itself, or as Zeroed."""
    if not any(type(cell) is str and "\0" in cell for cell in row):
        return row
    return Zeroed(cell.replace("\0", "") if type(cell) is str else cell for cell in row)


class NotATable(Exception):
    """The bytes are no table we can read; `message` is Russian."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Page:
    """A sheet of a workbook. `height`: the number of its last line; lines of `rows` are counted from 1 on every sheet."""

    name: str
    height: int
    rows: Iterator[Row]


@dataclass(frozen=True, slots=True)
class Table:
    """`form`: csv, xlsx, dbf or xml; `told`: encoding, delimiter or sheet, for people. Rows are (line, cells).
    `encoding` and `delimiter` of a CSV that begins with its first row, for readers of bytes.
    `pages`: the filled sheets of a workbook, the longest first, whose rows are `rows`; `hidden`: sheets nobody sees."""

    form: str
    told: str
    rows: Iterator[Row]
    encoding: str = ""
    delimiter: str = ""
    pages: tuple[Page, ...] = ()
    hidden: tuple[str, ...] = ()
