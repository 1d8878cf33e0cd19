"""A list as a file for people: CSV that a spreadsheet opens as it is, or XLSX row by row in constant memory.

A cell that begins like a formula is text: in XLSX by its type, in CSV by a leading apostrophe (what comes from a foreign
list may be meant to run on the reader's machine). Every export is in the audit with its size and columns."""

import csv
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from pathlib import Path
from uuid import UUID

import xlsxwriter

from oncor_cases.actions import contingents as lists
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import audit, members
from oncor_cases.store.members import MemberRow
from oncor_cases.store.session import Database, Scope, become_batch

LARGEST_SHEET = 1_048_575  # rows of a sheet without its head
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n")
Value = str | date | None
COLUMNS: dict[str, tuple[str, Callable[[MemberRow], Value]]] = {
    "family": ("Фамилия", lambda m: m.family),
    "given": ("Имя", lambda m: m.given),
    "patronymic": ("Отчество", lambda m: m.patronymic),
    "birth_date": ("Дата рождения", lambda m: m.birth_date),
    "sex": ("Пол", lambda m: {"male": "м", "female": "ж"}.get(m.sex, "")),
    "snils": ("СНИЛС", lambda m: m.snils),
    "enp": ("ЕНП", lambda m: m.enp),
    "attached_org": ("ОИД прикрепления", lambda m: m.attached_org),
    "attached_name": ("Прикрепление", lambda m: m.attached_name),
    "died_on": ("Дата смерти", lambda m: m.died_on),
    "attributes": ("Из списка", lambda m: "; ".join(f"{k}: {v}" for k, v in m.attributes.items())),
}
USUAL = ("family", "given", "patronymic", "birth_date", "attached_name")


def export(db: Database, scope: Scope, address: UUID, *, columns: Sequence[str], kind: str, to: Path) -> int:
    """Writes the members the reader may see to a file; how many. `kind`: csv or xlsx.

    Raises NotFound for a list out of scope, UserError (no column, an unknown one, more rows than a sheet holds)."""
    if kind not in ("csv", "xlsx") or not columns or not set(columns) <= COLUMNS.keys():
        raise UserError("Выберите столбцы и вид файла")
    chosen = [name for name in COLUMNS if name in columns]
    with db.web(scope) as conn:
        row = lists.visible(conn, scope, address)
        held = lists.sets(conn, scope, [lists.name_of(address)], date.min, fresh=True) if row.snapshot else lists.Sets()
        shown = held.shown(held.by_name[lists.name_of(address)]) if row.snapshot else None
    if shown is not None and kind == "xlsx" and len(shown) > LARGEST_SHEET:
        raise UserError("На листе XLSX столько строк не помещается: выберите CSV")
    heads = [COLUMNS[name][0] for name in chosen]
    with db.web(scope) as conn:
        rows = members.every(conn, scope, shown, row.snapshot) if shown is not None else iter(())
        cells = ([COLUMNS[name][1](m) for name in chosen] for m in rows)
        written = (_csv if kind == "csv" else _xlsx)(to, heads, cells)
        become_batch(conn)
        audit.note(
            conn, scope.region, "contingent.export", author=scope.user, object=str(address),
            detail={"rows": written, "columns": chosen, "kind": kind},
        )  # fmt: skip
    return written


def safe(value: Value) -> str:
    """A cell of a CSV that no spreadsheet takes for a formula."""
    text = value.strftime("%d.%m.%Y") if isinstance(value, date) else value or ""
    return f"'{text}" if text.startswith(RISKY) else text


def _csv(to: Path, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    n = 0
    # the mark at the beginning tells a spreadsheet the encoding; semicolons because commas are decimal points here
    with to.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(heads)
        for row in rows:
            writer.writerow([safe(v) for v in row])
            n += 1
    return n


def _xlsx(to: Path, heads: Sequence[str], rows: Iterable[Sequence[Value]]) -> int:
    options = {
        "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False,
    }  # fmt: skip
    book = xlsxwriter.Workbook(str(to), options)
    sheet, bold = book.add_worksheet("Список"), book.add_format({"bold": True})
    day = book.add_format({"num_format": "dd.mm.yyyy"})
    for at, head in enumerate(heads):
        sheet.write_string(0, at, head, bold)
        sheet.set_column(at, at, 18)
    n = 0
    for n, row in enumerate(rows, 1):
        for at, value in enumerate(row):
            if isinstance(value, date):
                sheet.write_datetime(n, at, value, day)
            elif value:
                sheet.write_string(n, at, value)
    book.close()
    return n
