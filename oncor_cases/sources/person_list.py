"""A plain table that names persons, in any form a list may come in: columns known by the words of their heads.

Good rows are kept, bad ones come with the reason; what is no name and no identifier is an attribute of the row."""

import io
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from typing import NamedTuple

from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.lists.cells import Bad, Cell, Convert, Surroundings
from oncor_cases.sources.lists.cells import enp as read_enp
from oncor_cases.sources.lists.cells import past_day as read_day
from oncor_cases.sources.lists.cells import snils as read_snils
from oncor_cases.sources.lists.rows import NO_ROW, no_row
from oncor_cases.sources.lists.schema import plain as plain_of
from oncor_cases.sources.lists.table import NotATable, Page, Table
from oncor_cases.sources.lists.table import Row as Line
from oncor_cases.sources.lists.tables import open_table, unpacked

LARGEST = 200_000  # rows of one list
HEADS_WITHIN = 20  # lines in which the heads are looked for: forms have a title above
NAMELESS = re.compile(r"столбец ?\d+")  # how a column without a head is shown
# What a column is, by its head in lower case without punctuation; the first that fits.
_MEANINGS = (
    ("snils", re.compile(r"снилс|snils|^ss$")),
    ("enp", re.compile(r"енп|полис|enp|^npolis$")),
    ("family", re.compile(r"^фамилия|^surname|^family|^fam$")),
    ("patronymic", re.compile(r"^отчество|^patronymic|^ot$")),
    ("given", re.compile(r"^имя|^name$|^given|^im$")),
    ("name", re.compile(r"фио|ф и о|^fio$|^пациент|^full name")),
    ("born", re.compile(r"рожд|^др$|^д р$|birth|^born|^dr$")),
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


def read(data: bytes, today: date) -> list[Row]:
    """The rows of a file, of every sheet with the same heads; a sheet that is not read is a row that says so. Raises
    UserError in words if it is no table, has no head we know, or is too long."""
    try:
        with unpacked(io.BytesIO(data)) as file:
            return _table(open_table(file), Surroundings(today))
    except NotATable as error:
        raise UserError(error.message if error.code == "empty" else f"Файл не читается. {error.message}") from error


def _table(table: Table, around: Surroundings) -> list[Row]:
    pages = table.pages or (Page("", 0, table.rows),)
    looked = [(page, list(islice(page.rows, HEADS_WITHIN))) for page in pages]
    looked.sort(key=lambda one: -_known(one[1]))  # the longest sheet first among those with as many heads
    heads, _ = _heads(looked[0][1])
    meaning = {n: _meaning(head) for n, head in enumerate(heads)}
    if not {"snils", "enp", "local_id", "name", "family"} & set(meaning.values()):
        raise UserError("Не нашлось столбцов СНИЛС, ЕНП, ФИО или номера карты: проверьте заголовки")
    wanted, found, above = _said(heads), [], 0
    several = len(pages) > 1
    for page, first in looked:
        names, at = _heads(first)
        if _said(names) != wanted:
            found.append(_unread(above + 1, page.name))
        else:
            lines = chain(first[at + 1 :], page.rows)
            for row in _rows(table, lines, heads, meaning, around):
                problem = f"Лист «{page.name}», строка {row.line}: {row.problem}" if several and row.problem else row.problem
                found.append(row._replace(line=above + row.line, problem=problem))
                if len(found) > LARGEST:
                    raise UserError(f"В списке больше {LARGEST} строк: такой список загружают как источник")
        above += page.height
    return found + [_unread(above + n, name) for n, name in enumerate(table.hidden, 1)]


def _unread(line: int, sheet: str) -> Row:
    return Row(line, "", "", "", "", None, {"Лист": sheet}, {}, f"Лист «{sheet}» не прочитан: заголовки другие или он скрыт")


def _rows(
    table: Table, lines: Iterable[Line], heads: list[str], meaning: dict[int, str], around: Surroundings
) -> Iterator[Row]:
    names = ["" if NAMELESS.fullmatch(head) else head for head in heads]
    for number, row in lines:
        cells = [_cell(value) for value in row]
        if not any(cells):
            continue
        named = {heads[n]: v for n, v in enumerate(cells) if n < len(heads) and v}
        if code := no_row(table, names, row):
            yield Row(number, "", "", "", "", None, named, {}, NO_ROW[code])
            continue
        said = {m: cells[n] for n, m in meaning.items() if m and n < len(cells)}
        plain = {m: row[n] for n, m in meaning.items() if m and n < len(row)}
        about = {heads[n]: v for n, v in enumerate(cells) if n < len(heads) and v and not meaning[n]}
        name = said.get("name") or " ".join(filter(None, (said.get(p, "") for p in ("family", "given", "patronymic"))))
        born = as_date(_read(read_day, plain.get("born"), around))
        snils, enp = _read(read_snils, plain.get("snils"), around), _read(read_enp, plain.get("enp"), around)
        problem = ""
        if not (snils or enp or said.get("local_id") or (name and born)):
            if said.get("snils"):
                problem = BAD_SNILS
            elif said.get("enp"):
                problem = BAD_ENP
            elif name and said.get("born"):
                problem = NO_DATE
            else:
                problem = NO_ONE
        yield Row(number, snils, enp, said.get("local_id", ""), name, born, named, about, problem)


def _read(convert: Convert, cell: Cell, around: Surroundings) -> str:
    """A value, empty where it cannot be read: the row may say enough without it."""
    try:
        return convert(cell, around) or ""
    except Bad:
        return ""


def _cell(value: Cell) -> str:
    if isinstance(value, datetime | date):
        return value.strftime("%d.%m.%Y")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))  # an insurance number typed as a number
    return "" if value is None else " ".join(str(value).split())


def _known(lines: Sequence[Line]) -> int:
    return max((sum(bool(_meaning(_cell(c))) for c in cells) for _, cells in lines), default=0)


def _heads(lines: Sequence[Line]) -> tuple[list[str], int]:
    """The line with the most heads we know among the first ones."""
    if not lines:
        raise UserError("Файл пуст")
    at = max(range(len(lines)), key=lambda n: (sum(bool(_meaning(_cell(c))) for c in lines[n][1]), -n))
    return [_cell(head) or f"столбец {n + 1}" for n, head in enumerate(lines[at][1])], at


def _said(heads: Sequence[str]) -> list[str]:
    names = [plain_of(head) for head in heads]
    while names and NAMELESS.fullmatch(names[-1]):
        names.pop()
    return names


def _meaning(head: str) -> str:
    plain = " ".join(re.sub(r"[^\w ]", " ", head.lower()).split())
    return next((name for name, pattern in _MEANINGS if pattern.search(plain)), "")
