"""A table in the forms in which lists arrive: CSV, XLSX, DBF, XML. The same rows give the same bytes."""

import csv
import io
import struct
from collections.abc import Sequence
from datetime import date, datetime
from xml.sax.saxutils import escape

import xlsxwriter

Rows = Sequence[Sequence[object]]
WIDTH = 60  # characters of a DBF field


def as_csv(head: Sequence[str], rows: Rows, *, encoding: str = "cp1251", delimiter: str = ";") -> bytes:
    """As old programs write it."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_said(cell) for cell in row] for row in rows)
    return out.getvalue().encode(encoding, "replace")


def as_xlsx(head: Sequence[str], rows: Rows, title: str = "") -> bytes:
    """With a title above the header, as people make it; dates are dates, so they come back as day numbers."""
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}) as book:
        book.set_properties({"created": datetime(2026, 1, 1)})  # noqa: DTZ001  the same bytes every time
        sheet, day = book.add_worksheet("Список"), book.add_format({"num_format": "dd.mm.yyyy"})
        if title:
            sheet.merge_range(0, 0, 0, max(1, len(head) - 1), title)
        sheet.write_row(2 if title else 0, 0, head)
        for at, row in enumerate(rows, 3 if title else 1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(at, column, datetime(cell.year, cell.month, cell.day), day)  # noqa: DTZ001
                elif isinstance(cell, int):
                    sheet.write_number(at, column, cell)
                else:
                    sheet.write_string(at, column, str(cell or ""))
    return out.getvalue()


def as_dbf(head: Sequence[str], rows: Rows, *, encoding: str = "cp866") -> bytes:
    """dBase III: dates are D fields, everything else characters; names of ten Latin letters."""
    kinds = [b"D" if any(isinstance(row[at], date) for row in rows) else b"C" for at in range(len(head))]
    widths = [8 if kind == b"D" else WIDTH for kind in kinds]
    out = bytearray(struct.pack("<BBBBIHH20x", 3, 126, 1, 1, len(rows), 33 + 32 * len(head), 1 + sum(widths)))
    out[29] = 0x65 if encoding == "cp866" else 0xC9
    for name, kind, width in zip(head, kinds, widths, strict=True):
        out += struct.pack("<11sc4xBB14x", name.encode("ascii")[:10], kind, width, 0)
    out += b"\r"
    for row in rows:
        out += b" "
        for cell, kind, width in zip(row, kinds, widths, strict=True):
            said = f"{cell:%Y%m%d}" if kind == b"D" and isinstance(cell, date) else _said(cell)
            out += said.encode(encoding, "replace")[:width].ljust(width)
    return bytes(out + b"\x1a")


def as_xml(root: str, record: str, head: Sequence[str], rows: Rows) -> bytes:
    """One element a row, a tag a column; empty ones are left out."""
    parts = [f'<?xml version="1.0" encoding="windows-1251"?>\n<{root}>']
    for row in rows:
        told = "".join(f"<{tag}>{escape(iso(cell))}</{tag}>" for tag, cell in zip(head, row, strict=True) if iso(cell))
        parts.append(f"<{record}>{told}</{record}>")
    return "\n".join([*parts, f"</{root}>\n"]).encode("cp1251", "xmlcharrefreplace")


def iso(cell: object) -> str:
    """Dates as XML has them."""
    return f"{cell:%Y-%m-%d}" if isinstance(cell, date) else "" if cell is None else str(cell)


def _said(cell: object) -> str:
    return f"{cell:%d.%m.%Y}" if isinstance(cell, date) else "" if cell is None else str(cell)
