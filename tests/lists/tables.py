"""Small lists in every form, for the tests."""

import csv
import io
import struct

import xlsxwriter

DEATHS_HEAD = ["СНИЛС", "Полис ОМС", "Фамилия", "Имя", "Отчество", "Дата рождения", "Пол", "Дата смерти", "Причина смерти"]
DEAD = ["112-233-445 95", "", "Рябова", "Анна", "Львовна", "12.04.1960", "Ж", "03.10.2025", "C50.9"]
DEAD2 = ["161-234-567 40", "", "Белов", "Пётр", "Ильич", "01.02.1955", "М", "05.10.2025", "I21"]


def csv_bytes(head, rows, encoding="utf-8", delimiter=";"):
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode(encoding)


def xlsx_bytes(head, rows, above=()):
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet("Список")
    for at, line in enumerate([*above, head, *rows]):
        for column, cell in enumerate(line):
            sheet.write(at, column, cell)
    book.close()
    return out.getvalue()


def dbf_bytes(head, rows, encoding="cp866", width=30):
    """dBase III: character fields only."""
    count, size = len(rows), 1 + width * len(head)
    out = struct.pack("<BBBBIHH20x", 3, 126, 1, 1, count, 33 + 32 * len(head), size)
    out = out[:29] + (b"\x65" if encoding == "cp866" else b"\xc9") + out[30:]
    for name in head:
        out += struct.pack("<11sc4xBB14x", name.encode("ascii")[:10], b"C", width, 0)
    out += b"\r"
    for row in rows:
        out += b" " + b"".join(str(cell).encode(encoding)[:width].ljust(width) for cell in row)
    return out + b"\x1a"


def xml_bytes(root, record, head, rows, encoding="windows-1251"):
    import html

    body = "".join(
        f"<{record}>" + "".join(f"<{h}>{html.escape(str(c))}</{h}>" for h, c in zip(head, row, strict=True)) + f"</{record}>"
        for row in rows
    )
    return f'<?xml version="1.0" encoding="{encoding}"?><{root}>{body}</{root}>'.encode(encoding)
