"""A table being looked at: which sheet of a workbook is the list, and which others go on with it.

Sheets with the same header are one list (a sheet a clinic, as people keep them); what is not read is named."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice

from oncor_cases.sources.lists.header import LOOKED, Header, Match, find_header, header_at, match
from oncor_cases.sources.lists.schema import Kind, plain
from oncor_cases.sources.lists.table import Page, Row, Table


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with a kind laid over it; `rows` are those below the header. Of a workbook every sheet with this header is
    read, one below the other: `sheets` are (name, lines above it); `left` are sheets that are not read."""

    table: Table
    header: Header
    match: Match
    rows: Iterator[Row]
    sheets: tuple[tuple[str, int], ...] = ()
    left: tuple[str, ...] = ()


class Opened:
    """The first rows of every sheet; a table that is no workbook is one sheet."""

    def __init__(self, table: Table) -> None:
        self.table = table
        pages = table.pages or (Page("", 0, table.rows),)
        self._looked = [(page, list(islice(page.rows, LOOKED))) for page in pages]
        self._page = pages[0]

    @property
    def rows(self) -> Iterator[Row]:
        """What is left of the chosen sheet."""
        return self._page.rows

    def of(self, kinds: Sequence[Kind]) -> list[Row]:
        """Chooses the sheet that is a list of one of these kinds, the longest of them; its first rows."""

        def fits(first: Sequence[Row]) -> int:
            header = find_header([cells for _, cells in first], kinds)
            if header is None:
                return 0
            return 2 if any(match(kind, header).complete for kind in kinds) else 1

        one = len(self._looked) == 1
        self._page, first = self._looked[0] if one else max(self._looked, key=lambda looked: fits(looked[1]))
        return list(first)

    def sheet(self, header: Header, found: Match, first: Sequence[Row]) -> Sheet:
        """The chosen sheet below its header, and every other one with the same header below it."""
        rows: Iterator[Row] = chain(first[header.rows :], self._page.rows)
        if not self.table.pages:
            return Sheet(self.table, header, found, rows)
        names, left, above = [(self._page.name, 0)], [], self._page.height
        for page, looked in self._looked:
            if page is self._page:
                continue
            skip = _below(header, looked)
            if skip is None:
                left.append(page.name)
                continue
            rows = chain(rows, _moved(chain(looked[skip:], page.rows), above))
            names.append((page.name, above))
            above += page.height
        return Sheet(self.table, header, found, rows, tuple(names), (*left, *self.table.hidden))


def _moved(rows: Iterator[Row], by: int) -> Iterator[Row]:
    return ((line + by, cells) for line, cells in rows)


def _below(header: Header, first: Sequence[Row]) -> int | None:
    """How many rows the same header takes on another sheet; None where it is not there."""
    wanted = _said(header)
    rows = [cells for _, cells in first]
    for at in range(len(rows)):
        for found in header_at(rows, at):
            if _said(found) == wanted:
                return found.rows
    return None


def _said(header: Header) -> list[str]:
    names = [plain(name) for name in header.names]
    while names and not names[-1]:
        names.pop()
    return names
