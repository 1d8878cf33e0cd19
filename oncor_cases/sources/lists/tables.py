"""Any table as rows: CSV in any delimiter and encoding, XLSX, XLS, ODS, DBF, XML. Rows come one by one, memory stays flat
for CSV, DBF and XML; a spreadsheet is held whole, as its format demands.

The first things said about bytes decide their form; the file's name is never trusted."""

import io
import shutil
import struct
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import time
from itertools import islice
from typing import IO, Any

from lxml import etree
from python_calamine import CalamineError, CalamineSheet, CalamineWorkbook, SheetVisibleEnum

from oncor_cases.kernel.unseen import seen
from oncor_cases.sources.lists.cells import Cell
from oncor_cases.sources.lists.delimited import delimited
from oncor_cases.sources.lists.table import WIDEST, NotATable, Page, Row, Table

SAMPLE = 1 << 18  # bytes looked at to tell encoding and delimiter
COPY = 1 << 18
SHEET_LIMIT = 256 << 20  # bytes of a spreadsheet; larger lists come as CSV
UNPACKED_LIMIT = 4 << 30  # bytes a spreadsheet may unpack to


def form_of(start: bytes) -> str:
    """`xlsx` (any spreadsheet), `zip`, `dbf`, `xml`, `json` or `csv`, by the first bytes."""
    if start[:4] in (b"PK\x03\x04", b"PK\x05\x06"):
        return "zip"
    if start[:4] == b"\xd0\xcf\x11\xe0":
        return "xlsx"
    if len(start) >= 32 and start[0] in (0x03, 0x30, 0x31, 0x83, 0x8B, 0xF5) and 1 <= start[2] <= 12 and 1 <= start[3] <= 31:
        return "dbf"
    text = start.lstrip(b"\xef\xbb\xbf \t\r\n")
    if text[:1] == b"<" or text[:6] == b"\xff\xfe<\x00?\x00":
        return "xml"
    return "json" if text[:1] in (b"{", b"[") else "csv"


def open_table(file: IO[bytes], *, records: Sequence[str] = ()) -> Table:
    """The table in a seekable file. `records`: XML elements that are rows; without them what repeats under the root.

    Raises NotATable; a row may raise it too, when the file ends too early."""
    start = file.read(SAMPLE)
    file.seek(0)
    if not start.strip(b"\x00 \r\n\t"):
        raise NotATable("empty", "Файл пуст")
    form = form_of(start)
    if form == "zip":
        form = "xlsx" if _spreadsheet(file) else "zip"
        file.seek(0)
    match form:
        case "xlsx":
            return _sheet(file)
        case "dbf":
            return _dbf(file)
        case "xml":
            return _xml(file, frozenset(records))
        case "csv":
            return delimited(file, start)
        case _:
            raise NotATable("no_table", "Это не таблица: ждём CSV, XLSX, XLS, ODS, DBF или XML")


@contextmanager
def unpacked(file: IO[bytes]) -> Iterator[IO[bytes]]:
    """The one file of an archive; the file itself where it is no archive, or one of several files.

    Raises NotATable (broken, locked, a bomb)."""
    start = file.read(4)
    file.seek(0)
    if form_of(start) != "zip" or _spreadsheet(file):
        file.seek(0)
        yield file
        return
    file.seek(0)
    with ExitStack() as opened:
        try:
            archive = opened.enter_context(zipfile.ZipFile(file))
            inside = [info for info in archive.infolist() if not info.is_dir()]
            out = file
            if len(inside) == 1:
                if inside[0].file_size > UNPACKED_LIMIT:
                    raise NotATable("bomb", "Архив раскрывается в подозрительно большой объём")
                packed = opened.enter_context(archive.open(inside[0]))
                out = opened.enter_context(tempfile.SpooledTemporaryFile(max_size=32 << 20))  # type: ignore[assignment]
                shutil.copyfileobj(packed, out, COPY)
        except (zipfile.BadZipFile, zlib.error, EOFError) as error:
            raise NotATable("broken", "Архив или таблица обрезаны: файл пришёл не целиком") from error
        except (RuntimeError, NotImplementedError) as error:
            raise NotATable("locked", "Архив закрыт паролем или упакован необычным способом") from error
        out.seek(0)
        yield out


# --- spreadsheets ---------------------------------------------------------------------------------------------------


def _spreadsheet(file: IO[bytes]) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            infos = archive.infolist()
            names = {info.filename for info in infos}
            found = "[Content_Types].xml" in names or ("mimetype" in names and "content.xml" in names)
            if found and sum(info.file_size for info in infos) > UNPACKED_LIMIT:
                raise NotATable("bomb", "Таблица раскрывается в подозрительно большой объём")
            return found
    except zipfile.BadZipFile as error:
        raise NotATable("broken", "Архив или таблица обрезаны: файл пришёл не целиком") from error


def _sheet(file: IO[bytes]) -> Table:
    file.seek(0, io.SEEK_END)
    if file.tell() > SHEET_LIMIT:
        raise NotATable("too_large", f"Электронная таблица больше {SHEET_LIMIT >> 20} МБ: пришлите список как CSV")
    file.seek(0)
    try:
        book = CalamineWorkbook.from_filelike(file)
        shown = {meta.name for meta in book.sheets_metadata if meta.visible == SheetVisibleEnum.Visible}
        sheets = [book.get_sheet_by_name(name) for name in book.sheet_names]
        sheets = [sheet for sheet in sheets if sheet.height]
    except (CalamineError, OSError, ValueError, zipfile.BadZipFile) as error:
        raise NotATable("broken", "Электронная таблица повреждена, закрыта паролем или обрезана") from error
    if not sheets:
        raise NotATable("empty", "В книге нет заполненных листов")
    seen = [sheet for sheet in sheets if sheet.name in shown] or sheets
    seen.sort(key=lambda sheet: -sheet.height)  # the list itself; a cover or a legend is shorter
    pages = tuple(Page(sheet.name, sheet.end[0] + 1 if sheet.end else 0, _page_rows(sheet)) for sheet in seen)
    hidden = tuple(sheet.name for sheet in sheets if sheet not in seen)
    return Table("xlsx", f"лист «{pages[0].name}»", pages[0].rows, pages=pages, hidden=hidden)


def _page_rows(sheet: CalamineSheet) -> Iterator[Row]:
    for number, row in enumerate(sheet.iter_rows(), 1):  # empty rows above the first filled one come too
        yield number, [_plain(cell) for cell in row]


def _plain(cell: Any) -> Cell:
    return None if cell == "" or isinstance(cell, time) else cell


# --- DBF ------------------------------------------------------------------------------------------------------------


def _dbf(file: IO[bytes]) -> Table:
    header = file.read(32)
    count, length, width = struct.unpack("<IHH", header[4:12])
    encoding = {0x65: "cp866", 0x26: "cp866", 0xC9: "cp1251", 0x57: "cp1251"}.get(header[29], "cp866")
    fields: list[tuple[str, str, int, int]] = []
    at = 1
    file.seek(32)
    while (part := file.read(32)) and part[:1] not in (b"\r", b"\x00"):
        if len(part) < 32 or len(fields) > WIDEST:
            raise NotATable("broken", "Заголовок DBF повреждён")
        name = part[:11].split(b"\x00")[0].decode("ascii", "replace")
        fields.append((name, chr(part[11]), at, part[16]))
        at += part[16]
    if not fields or width < at or length < 33:
        raise NotATable("broken", "Заголовок DBF повреждён")

    def rows() -> Iterator[Row]:
        yield 0, [name for name, *_ in fields]
        file.seek(length)
        for line in range(1, count + 1):
            record = file.read(width)
            if len(record) < width:
                raise NotATable("broken", f"DBF обрезан: в заголовке {count} строк, в файле {line - 1}")
            if record[:1] != b"*":  # deleted
                yield line, [_dbf_cell(kind, record[start : start + size], encoding) for _, kind, start, size in fields]

    return Table("dbf", encoding, rows())


def _dbf_cell(kind: str, data: bytes, encoding: str) -> Cell:
    said = data.decode(encoding, "replace").strip(" \x00")
    if kind == "L":
        return {"T": "1", "Y": "1", "F": "0", "N": "0"}.get(said.upper())
    return said or None


# --- XML ------------------------------------------------------------------------------------------------------------

CONTAINERS = 3  # how deep rows may lie


def _xml(file: IO[bytes], records: frozenset[str]) -> Table:
    header = _xml_header(file, records)
    at = {name: i for i, name in enumerate(header)}

    def rows() -> Iterator[Row]:
        yield 0, list(header)
        for number, element in enumerate(_elements(file, records), 1):
            row: list[Cell] = [None] * len(header)
            for name, value in _leaves(element):
                if name in at and row[at[name]] is None:
                    row[at[name]] = value
            yield number, row

    return Table("xml", "XML", rows())


def _xml_header(file: IO[bytes], records: frozenset[str]) -> list[str]:
    names: dict[str, None] = {}
    for element in islice(_elements(file, records), 500):
        names |= dict.fromkeys(name for name, _ in _leaves(element))
    if not names:
        raise NotATable("no_rows", "В XML нет повторяющихся записей")
    return list(names)[:WIDEST]


def _elements(file: IO[bytes], records: frozenset[str]) -> Iterator[Any]:
    """Rows of an XML: the named elements; without names the children of the root that have children of their own."""
    file.seek(0)
    try:
        depth = 0
        for event, element in etree.iterparse(
            file, events=("start", "end"), resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
        ):
            if event == "start":
                depth += 1
                continue
            depth -= 1
            name = etree.QName(element).localname if isinstance(element.tag, str) else ""
            row = name in records if records else depth == 1 and len(element) > 0
            if row:
                yield element
            if row or depth == 1:
                element.clear()
                while element.getprevious() is not None:
                    del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise NotATable("broken", "XML повреждён или обрезан: файл пришёл не целиком") from error


def _leaves(element: Any) -> Iterator[tuple[str, str]]:
    for name, value in element.attrib.items():
        yield etree.QName(name).localname, seen(value)
    for child in element.iterdescendants():
        if isinstance(child.tag, str) and len(child) == 0 and child.text and (said := seen(child.text).strip()):
            yield etree.QName(child).localname, said
