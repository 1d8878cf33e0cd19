"""Tables about organisations and territories, CSV or XLSX, in Russian or English headers: good rows and rejects.

A row that cannot be used is listed with its number and reason; the others go in."""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from oncor_cases.kernel.codes import is_oid
from oncor_cases.kernel.errors import UserError

LARGEST = 64 * 1024 * 1024
_HEADERS = {
    "oid": "oid", "оид": "oid", "name": "name", "наименование": "name", "полное наименование": "name",
    "short_name": "short_name", "краткое наименование": "short_name", "сокращенное наименование": "short_name",
    "district": "district", "район": "district", "округ": "district", "roles": "roles", "роли": "roles", "роль": "roles",
    "parent": "parent", "parent_oid": "parent", "головная организация": "parent", "office": "office",
    "office_oid": "office", "онкологический кабинет": "office", "пок": "office",
    "settlement": "settlement", "населенный пункт": "settlement", "street": "street", "улица": "street",
    "org": "org", "организация": "org", "snils": "snils", "снилс": "snils", "enp": "enp", "енп": "enp", "полис": "enp",
    "category": "category", "категория": "category", "since": "since", "с даты": "since", "дата": "since",
}  # fmt: skip
ROLES = {
    "polyclinic": "поликлиника", "oncology_office": "первичный онкологический кабинет", "caop": "ЦАОП",
    "dispensary": "онкологический диспансер", "hospital": "стационар", "laboratory": "лаборатория",
    "diagnostics": "диагностика", "emergency": "скорая помощь", "children": "детская", "federal": "федеральный центр",
}  # fmt: skip
_ROLE_OF = {name.lower(): role for role, name in ROLES.items()} | {
    "пок": "oncology_office", "диспансер": "dispensary", "больница": "hospital", "первичная помощь": "polyclinic",
}  # fmt: skip


class Reject(NamedTuple):
    """A row that was not taken: its number in the file, as a spreadsheet counts, and why."""

    line: int
    reason: str


class Table(NamedTuple):
    """Rows that can be used, by line number, and the others."""

    rows: list[tuple[int, dict[str, str]]]
    rejects: list[Reject]


def organisations(file: Path) -> Table:
    """Rows `{oid, name, short_name, district, roles, parent, office}`; roles are separated by `;`. Raises UserError."""
    table = _read(file, ("oid", "name"))
    for line, row in list(table.rows):
        unknown = [r for r in split_roles(row.get("roles", "")) if r not in ROLES]
        if not is_oid(row["oid"]):
            _reject(table, line, row, f"«{row['oid'][:60]}» — не OID")
        elif unknown:
            _reject(table, line, row, f"неизвестная роль: {', '.join(unknown)[:80]}")
    return table


def territories(file: Path) -> Table:
    """Rows `{settlement, street, district, org}`. Raises UserError."""
    table = _read(file, ("settlement", "org"))
    for line, row in list(table.rows):
        if not is_oid(row["org"]):
            _reject(table, line, row, f"«{row['org'][:60]}» — не OID")
    return table


def categories(file: Path) -> Table:
    """Rows `{snils or enp, category, since}`. Raises UserError."""
    table = _read(file, ("category",))
    for line, row in list(table.rows):
        if not row.get("snils") and not row.get("enp"):
            _reject(table, line, row, "нет ни СНИЛС, ни полиса")
    return table


def split_roles(text: str) -> list[str]:
    """Roles by their identifiers, from identifiers or Russian names."""
    said = [part.strip() for part in text.replace(",", ";").split(";") if part.strip()]
    return [_ROLE_OF.get(role.lower(), role) for role in said]


def _reject(table: Table, line: int, row: dict[str, str], reason: str) -> None:
    table.rows.remove((line, row))
    table.rejects.append(Reject(line, reason))


def _read(file: Path, needed: Sequence[str]) -> Table:
    if not file.is_file():
        raise UserError(f"Нет файла: {file}")
    if file.stat().st_size > LARGEST:
        raise UserError("Файл больше 64 МБ: это не перечень организаций")
    lines = _xlsx(file) if file.suffix.lower() in (".xlsx", ".xls", ".ods") else _csv(file.read_bytes())
    header: dict[int, str] | None = None
    table = Table([], [])
    for number, cells in lines:
        if not any(cells):
            continue
        if header is None:
            header = {at: _HEADERS[_plain(c)] for at, c in enumerate(cells) if _plain(c) in _HEADERS}
            missing = [name for name in needed if name not in header.values()]
            if missing:
                raise UserError(f"В первой строке нужны столбцы: {', '.join(needed)}; не найдены: {', '.join(missing)}")
            continue
        row = {name: cells[at].strip() for at, name in header.items() if at < len(cells)}
        empty = [name for name in needed if not row.get(name)]
        if empty:
            table.rejects.append(Reject(number, f"пусто: {', '.join(empty)}"))
        else:
            table.rows.append((number, row))
    if header is None:
        raise UserError("Файл пуст")
    return table


def _plain(cell: str) -> str:
    return " ".join(cell.lower().replace("ё", "е").split())


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    for encoding in ("utf-8-sig", "cp1251"):
        try:
            text = content.decode(encoding)
            break
        except UnicodeDecodeError:
            continue
    else:
        raise UserError("Не понять кодировку файла: нужна UTF-8 или Windows-1251")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    try:
        yield from enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), 1)
    except csv.Error as error:
        raise UserError("Файл не похож на таблицу CSV") from error


def _xlsx(file: Path) -> Iterator[tuple[int, list[str]]]:
    from python_calamine import CalamineError, load_workbook

    try:
        sheet: Any = load_workbook(str(file)).get_sheet_by_index(0)
        rows = sheet.to_python()
    except CalamineError as error:
        raise UserError("Файл не открывается как таблица: сохраните его заново в XLSX или CSV") from error
    for number, cells in enumerate(rows, 1):
        yield number, [_text(c) for c in cells]


def _text(cell: Any) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def values(row: Mapping[str, str]) -> dict[str, Any]:
    """A row as the columns of `organisation`; a column the table does not have is left out."""
    known: dict[str, Any] = {
        column: row[name]
        for name, column in (
            ("name", "name"), ("short_name", "short_name"), ("district", "district"), ("parent", "parent_oid"),
            ("office", "office_oid"),
        ) if name in row
    }  # fmt: skip
    return known | ({"roles": split_roles(row["roles"])} if "roles" in row else {})


CATEGORY_WORDS = {
    "care_home": "дом-интернат", "prison": "исправительное учреждение", "military": "военная служба",
    "no_policy": "без полиса", "homeless": "без места жительства", "none": "нет категории",
}  # fmt: skip
CATEGORY_OF = {name: category for category, name in CATEGORY_WORDS.items()} | {
    "интернат": "care_home", "колония": "prison", "сизо": "prison", "служба": "military", "нет": "none",
}  # fmt: skip
