"""A CSV in any encoding and delimiter, as rows. Lines are read one by one: a quote that nobody closed costs its line and
swallows none below it, while a cell of several lines stays one cell (tests/lists/test_quotes.py)."""

import codecs
import csv
import io
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import IO, Any

from charset_normalizer import from_bytes

from oncor_cases.sources.lists.cells import Cell
from oncor_cases.sources.lists.table import WIDEST, NotATable, Row, Spoiled, Table

COPY = 1 << 18
DELIMITERS = ";\t,|"
SHORT = 100_000  # characters of one line looked at for the delimiter
LONGEST = 1 << 20  # characters of one row; what is longer is not held
SHOWN = 2_000  # characters of a line that is none
TALLEST = 50  # lines of one cell
csv.field_size_limit(LONGEST)  # a cell may be as long as its row: with less, a long cell would look like an open quote


def delimited(file: IO[bytes], start: bytes) -> Table:
    """The table in a text; `start`: its first bytes, for the encoding and the delimiter. Raises NotATable."""
    encoding = encoding_of(start)
    sample = [line[:SHORT] for line in re.split(r"\r\n|\r|\n", start.decode(encoding, "replace"))[:60]]
    headed = "\x00" not in sample[0] and any(candidate in sample[0] for candidate in DELIMITERS)
    if not headed and sum(line.count("\x00") for line in sample) * 50 > sum(map(len, sample)):
        raise NotATable("binary", "Это не текст и не таблица известного вида")
    lead = 1 if sample and sample[0].lower().startswith("sep=") else 0
    delimiter = sample[0][4:5] if lead else delimiter_of(sample[:40])
    names = {"\t": "табуляция", ";": "точка с запятой", ",": "запятая", "|": "черта"}
    plain = ("", "") if lead else (encoding, delimiter)
    rows = rows_from(file, encoding, delimiter or ";", _usual(sample[lead:40], delimiter or ";"), lead)
    return Table("csv", f"{encoding}, {names.get(delimiter, delimiter)}", rows, *plain)


def rows_from(file: IO[bytes], encoding: str, delimiter: str, usual: int, lead: int = 0) -> Iterator[Row]:
    """(number of the first line, cells) from where the file stands, the first `lead` lines left out; `usual`: how many
    cells most rows have."""
    text = io.TextIOWrapper(io.BufferedReader(_Left(file), COPY), encoding=encoding, errors="replace", newline="")
    return _Lines(text, delimiter, usual).rows(lead)


class _Long(str):
    """The beginning of a line that is too long."""

    __slots__ = ()


class _Lines:
    """Lines of a text as rows; `usual`: how many cells most of them have."""

    def __init__(self, text: IO[str], delimiter: str, usual: int) -> None:
        self.text, self.delimiter, self.usual = text, delimiter, usual
        self.ahead: deque[str] = deque()  # lines looked at for the end of a cell

    def rows(self, lead: int) -> Iterator[Row]:
        """(number of the first line, cells), from the line after `lead` on. Raises NotATable."""
        number = 0
        while line := self._next():
            number += 1
            if number <= lead:
                continue
            row: list[Cell] = []
            taken = 0
            if isinstance(line, _Long):
                row = Spoiled("too_long", line)
            elif '"' not in line:
                row.extend(line.rstrip("\r\n").split(self.delimiter))
            else:
                row, taken = self._quoted(line)
            yield number, row if len(row) <= WIDEST else Spoiled("columns", line[:SHOWN].strip())
            number += taken

    def _next(self) -> str:
        if self.ahead:
            return self.ahead.popleft()
        more = line = self.text.readline(LONGEST)
        while len(more) == LONGEST and not more.endswith(("\n", "\r")):
            more = self.text.readline(LONGEST)  # its end is looked for, what comes before is dropped
        if more is not line:
            return _Long(line[:SHOWN].strip())
        return line.replace("\x00", "") or (line and "\n")

    def _quoted(self, line: str) -> tuple[list[Cell], int]:
        """The row of a line with quotes, and how many more lines it took."""
        row = _strict(line, self.delimiter)
        if row is not None:
            return [*row], 0
        if line.count('"') % 2 == 0:  # quotes that surround a part of a cell: `"Мира" ул.`
            lax = next(csv.reader([line], delimiter=self.delimiter), [])
            return ([*lax], 0) if len(lax) == self.usual else (Spoiled("quotes", line.strip()), 0)
        return self._tall(line)

    def _tall(self, line: str) -> tuple[list[Cell], int]:
        """A cell that goes on below. A line that is a row by itself is nobody's cell, so it ends the search."""
        parts = [line]
        cells = line.count(self.delimiter) + 1
        while len(parts) < TALLEST and (more := self._next()):
            parts.append(more)
            if isinstance(more, _Long) or sum(map(len, parts)) > LONGEST:
                break
            wide = more.count(self.delimiter) + 1
            if self.usual > 1 and wide >= self.usual and cells > 1:
                break
            cells += wide - 1
            whole = "".join(parts)
            row = _strict(whole, self.delimiter)
            if row is not None and (len(row) == self.usual or self.usual == 0):
                return [*row], len(parts) - 1
        self.ahead.extendleft(reversed(parts[1:]))
        return Spoiled("quotes", line.strip()), 0


def _strict(text: str, delimiter: str) -> list[str] | None:
    """The one row of a text whose quotes are in order, without its zero characters; else None."""
    try:
        found = list(csv.reader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def _usual(lines: Sequence[str], delimiter: str) -> int:
    """How many cells most of the first rows have; 0 where none has several. Looked at line by line, without lines whose
    quotes are not in order, and as rows whose cells may take several lines: an open quote spoils only the second look.
    Rows of one cell do not count: titles, and what a cell of several lines is made of."""
    rows = [*filter(None, (_strict(line, delimiter) for line in lines)), *_first_rows(lines, delimiter)]
    widths = Counter(len(row) for row in rows if 1 < len(row) <= WIDEST)
    return max(widths, key=lambda width: (widths[width], width), default=0)


def encoding_of(sample: bytes) -> str:
    """The encoding of a text: marks and strict UTF-8 first; between the Cyrillic ones the library decides."""
    for mark, name in ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16")):
        if sample.startswith(mark):
            return name
    with suppress(UnicodeDecodeError):
        codecs.getincrementaldecoder("utf-8")().decode(sample)  # the last letter may be cut in two
        return "utf-8"
    letters = bytes(b for b in sample if b >= 0x80)
    if sample.decode("utf-8", "replace").count("\ufffd") * 10 <= len(letters):
        return "utf-8"  # a few spoiled lines do not change the encoding of the file
    # Small Cyrillic letters are what most Russian text is made of: cp1251 has them at E0-FF, cp866 at A0-AF and E0-EF,
    # koi8-r at C0-DF. Where one of them holds nearly everything there is nothing to guess.
    dos = sum(0x80 <= b <= 0xAF or 0xE0 <= b <= 0xEF for b in letters)
    windows = sum(0xC0 <= b <= 0xFF for b in letters)
    if dos > 0.97 * len(letters) and windows < 0.8 * len(letters):
        return "cp866"
    if windows > 0.97 * len(letters) and sum(0xE0 <= b <= 0xFF for b in letters) * 2 >= len(letters):
        return "cp1251"
    found = from_bytes(sample[:65536], cp_isolation=["cp1251", "cp866", "koi8_r"]).best()
    return found.encoding if found else "cp1251"


def delimiter_of(lines: Sequence[str]) -> str:
    """The separator that cuts the first lines into the same number of parts, the more parts the better."""
    best, most = ",", 0.0
    for candidate in DELIMITERS:
        widths = [len(row) for row in _first_rows(lines, candidate) if any(cell.strip() for cell in row)]
        widths = [width for width in widths if width <= WIDEST]  # a long text full of commas says nothing
        if not widths or max(widths) < 2:
            continue
        usual = max(set(widths), key=lambda w: (widths.count(w), w))
        score = usual * widths.count(usual) / len(widths) if usual > 1 else 0
        if score > most:
            best, most = candidate, score
    return best


def _first_rows(lines: Sequence[str], delimiter: str) -> list[list[str]]:
    """Rows with their cells of several lines; line by line where an open quote has swallowed too much."""
    try:
        return list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return [row for line in lines for row in csv.reader([line], delimiter=delimiter)]


class _Left(io.RawIOBase):
    """A reader over a file that stays open when the reader is forgotten half-way, as a preview is."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        data = self._file.read(len(buffer))
        buffer[: len(data)] = data
        return len(data)
