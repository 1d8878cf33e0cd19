"""A plain table that names persons: CSV or a spreadsheet, columns known by the words of their heads.

Good rows are kept, bad ones come with the reason; what is no name and no identifier is an attribute of the row."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import NamedTuple

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, WorksheetNotFound

from oncor_cases.kernel.codes import enp as read_enp
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.errors import UserError

LARGEST = 200_000  # rows of one list
HEADS_WITHIN = 20  # lines in which the heads are looked for: forms have a title above
# What a column is, by its head in lower case without punctuation; the first that fits.
_MEANINGS = (
    ("snils", re.compile(r"снилс|snils")),
    ("enp", re.compile(r"енп|полис|enp")),
    ("family", re.compile(r"^фамилия|^surname|^family")),
    ("patronymic", re.compile(r"^отчество|^patronymic")),
    ("given", re.compile(r"^имя|^name$|^given")),
    ("name", re.compile(r"фио|ф и о|^пациент|^full name")),
    ("born", re.compile(r"рожд|^др$|birth|^born")),
    ("local_id", re.compile(r"карт|^ид|идентификатор|local id|^id$")),
)
NO_DATE, NO_ONE, BAD_SNILS, BAD_ENP = (
    "Дата рождения не читается", "В строке нет ни номера, ни имени с датой рождения", "СНИЛС с ошибкой", "ЕНП с ошибкой",
)  # fmt: skip


class Row(NamedTuple):
    """One row of a list as read. `cells`: all of it by the heads; `attributes`: the columns that name nobody."""

    line: int
    snils: str
    enp: str
    local_id: str
    name: str
    born: date | None
    cells: dict[str, str]
    attributes: dict[str, str]
    problem: str = ""


def read(data: bytes) -> list[Row]:
    """The rows of a file. Raises UserError in words if it is no table, has no head we know, or is too long."""
    lines = _spreadsheet(data) if data[:4] in (b"PK\x03\x04", b"\xd0\xcf\x11\xe0") else _csv(data)
    heads, at = _heads(lines)
    if len(lines) - at - 1 > LARGEST:
        raise UserError(f"В списке больше {LARGEST} строк: такой список загружают как источник")
    meaning = {n: _meaning(head) for n, head in enumerate(heads)}
    if not {"snils", "enp", "local_id", "name", "family"} & set(meaning.values()):
        raise UserError("Не нашлось столбцов СНИЛС, ЕНП, ФИО или номера карты: проверьте заголовки")
    return list(_rows(lines[at + 1 :], at + 2, heads, meaning))


def _rows(lines: Sequence[Sequence[str]], first: int, heads: list[str], meaning: dict[int, str]) -> Iterator[Row]:
    for number, cells in enumerate(lines, first):
        if not any(cells):
            continue
        said = {m: cells[n] for n, m in meaning.items() if m and n < len(cells)}
        named = {heads[n]: v for n, v in enumerate(cells) if n < len(heads) and v}
        about = {heads[n]: v for n, v in enumerate(cells) if n < len(heads) and v and not meaning[n]}
        name = said.get("name") or " ".join(filter(None, (said.get(p, "") for p in ("family", "given", "patronymic"))))
        born, snils, enp = _day(said.get("born", "")), said.get("snils", ""), said.get("enp", "")
        good_snils, good_enp = read_snils(_digits(snils, 11)) or "", read_enp(_digits(enp, 16)) or ""
        problem = ""
        if not (good_snils or good_enp or said.get("local_id") or (name and born)):
            if snils and not good_snils:
                problem = BAD_SNILS
            elif enp and not good_enp:
                problem = BAD_ENP
            elif name and said.get("born"):
                problem = NO_DATE
            else:
                problem = NO_ONE
        yield Row(number, good_snils, good_enp, said.get("local_id", ""), name, born, named, about, problem)


def _csv(data: bytes) -> list[list[str]]:
    if b"\0" in data[:1000]:
        raise UserError("Файл не читается: нужен CSV, XLSX, XLS или ODS")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = data.decode("cp1251", errors="replace")
    sample = text[:4000]
    comma = max(";\t,|", key=sample.count)
    try:
        return [[cell.strip() for cell in row] for row in csv.reader(io.StringIO(text, newline=""), delimiter=comma)]
    except csv.Error as error:
        raise UserError("Файл не читается как таблица") from error


def _spreadsheet(data: bytes) -> list[list[str]]:
    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        rows = book.get_sheet_by_index(0).to_python()
    except PasswordError as error:
        raise UserError("Книга закрыта паролем") from error
    except (CalamineError, WorksheetNotFound, ValueError, OSError) as error:
        raise UserError("Книга не читается: она повреждена или это не таблица") from error
    return [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # an insurance number typed as a number
    return "" if value is None else str(value).strip()


def _heads(lines: Sequence[Sequence[str]]) -> tuple[list[str], int]:
    """The line with the most heads we know among the first ones."""
    if not lines:
        raise UserError("Файл пуст")
    at = max(range(min(HEADS_WITHIN, len(lines))), key=lambda n: (sum(bool(_meaning(c)) for c in lines[n]), -n))
    return [head or f"столбец {n + 1}" for n, head in enumerate(lines[at])], at


def _meaning(head: str) -> str:
    plain = " ".join(re.sub(r"[^\w ]", " ", head.lower()).split())
    return next((name for name, pattern in _MEANINGS if pattern.search(plain)), "")


def _digits(text: str, length: int) -> str:
    """Digits of a number; zeros lost at the front by a spreadsheet are put back."""
    digits = re.sub(r"\D", "", text)
    return digits.zfill(length) if length - 3 <= len(digits) < length else digits


def _day(text: str) -> date | None:
    for form in ("%d.%m.%Y", "%Y-%m-%d", "%d/%m/%Y", "%d.%m.%y"):
        try:
            return datetime.strptime(text[:10].strip(), form).date()  # noqa: DTZ007 (a calendar date has no zone)
        except ValueError:
            continue
    return None
