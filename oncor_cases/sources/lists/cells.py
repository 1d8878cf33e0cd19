"""One cell to one value: dates, numbers, codes as people and programs write them in tables.

A converter gets the cell as the file gave it (text, number, date) and returns a plain value, `None` for an empty one.
What cannot be right is refused with a reason in words; the reason never quotes the cell."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from oncor_cases.kernel.codes import enp as read_enp
from oncor_cases.kernel.codes import icd10 as read_icd10
from oncor_cases.kernel.codes import is_oid
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.unseen import seen

Cell = Any  # str, int, float, bool, date, datetime or None
Convert = Callable[[Cell, "Surroundings"], Any]
LONGEST = 2_000  # characters of one cell
EXCEL_EPOCH = date(1899, 12, 30)
_SCIENTIFIC = re.compile(r"^[+-]?\d+(?:[.,]\d+)?[eEеЕ][+-]?\d+$")
_DMY = re.compile(r"^(\d{1,2})[./\-](\d{1,2})[./\-](\d{4})(?:\s.*)?$")
_YMD = re.compile(r"^(\d{4})[-./](\d{1,2})[-./](\d{1,2})(?:[T\s].*)?$")
_YEAR = re.compile(r"^(\d{4})(?:[.,]0+)?(?:\s*г(?:од|\.)?)?$")
_MONTH = re.compile(r"^(?:00[./\-])?(\d{1,2})[./\-](\d{4})$")
_MONTH_AFTER = re.compile(r"^(\d{4})[-./](\d{1,2})(?:[-./]00?)?$")
_MONTH_IN_WORDS = re.compile(r"^([а-яё]{3,8})\s+(\d{4})(?:\s*г(?:од|ода|\.)?)?$")
YEARS = range(1800, 2101)  # a bare number of this size is a year: as a day number it would be one of 1904 or 1905


class Bad(ValueError):
    """A cell that cannot be taken. `code` is stable, `message` is Russian and holds no value."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(code)
        self.code, self.message = code, message


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What converters may need: the day of the load, and the region's own dictionaries: organisations as OID by code or
    name, stages by their code in N002."""

    today: date
    orgs: Mapping[str, str] = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)


def text(cell: Cell, _: Surroundings) -> str | None:
    """Text without outer and double spaces and marks nobody sees."""
    if cell is None or cell == "":
        return None
    if type(cell) is str:  # by far the most cells
        plain = cell.isprintable() and "  " not in cell and cell[0] != " " != cell[-1]
        return _safe_text(cell if plain else " ".join(seen(cell).split()))
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float) and cell.is_integer() and abs(cell) < 1e15:
        cell = int(cell)
    if isinstance(cell, datetime):
        cell = cell.date() if (cell.hour, cell.minute, cell.second) == (0, 0, 0) else cell
    return _safe_text(" ".join(str(cell).split()))


def _safe_text(said: str) -> str | None:
    if "\ufffd" in said:
        raise Bad("encoding", "Буквы не прочитаны: строка в другой кодировке, чем весь файл")
    if len(said) > LONGEST:
        raise Bad("too_long", f"Значение длиннее {LONGEST} знаков: похоже, строки слиплись")
    return said or None


def day(cell: Cell, around: Surroundings) -> str | None:
    """`YYYY-MM-DD` from a date, from text in the usual orders, from the day number of a spreadsheet. A month or a year is
    refused: a day made of it would be invented."""
    found = _period(cell, around)
    if found is not None and len(found) < 10:
        raise Bad("date_partial", "Дата неполная (только год или месяц): нужен день")
    return found


def past_day(cell: Cell, around: Surroundings) -> str | None:
    """A day that cannot lie ahead: birth, death, visit."""
    return _not_ahead(day(cell, around), around)


def past_period(cell: Cell, around: Surroundings) -> str | None:
    """A past day, or the month or the year of one as written (`1998-05`, `1998`): it starts and stops no clock, but is
    worth keeping, as the day of an old diagnosis is."""
    return _not_ahead(_period(cell, around), around)


def _not_ahead(found: str | None, around: Surroundings) -> str | None:
    if found and found > around.today.isoformat():
        raise Bad("date_ahead", "Дата позже дня загрузки")
    return found


def _period(cell: Cell, around: Surroundings) -> str | None:
    found = _part(cell)
    if found is None and (whole := _day(cell, around)):
        found = whole.isoformat()
    if found and not 1900 <= int(found[:4]) <= around.today.year + 5:
        raise Bad("date_range", "Год вне разумных пределов")
    return found


def _part(cell: Cell) -> str | None:
    """`YYYY` or `YYYY-MM` where a cell says no more; None for anything else."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        return None
    said = " ".join(seen(str(cell)).split()).lower()
    if (found := _YEAR.match(said)) and int(found[1]) in YEARS:
        return found[1]
    if found := _MONTH.match(said):
        month, year = int(found[1]), found[2]
    elif found := _MONTH_AFTER.match(said):
        month, year = int(found[2]), found[1]
    elif (found := _MONTH_IN_WORDS.match(said)) and found[1].replace("мая", "май")[:3] in _MONTHS:
        month, year = _MONTHS.index(found[1].replace("мая", "май")[:3]) + 1, found[2]
    else:
        return None
    if month > 12:
        raise Bad("date_impossible", "Такого месяца не бывает")
    return f"{year}-{month:02}" if month else year


def _day(cell: Cell, around: Surroundings) -> date | None:
    if isinstance(cell, datetime):
        return cell.date()
    if isinstance(cell, date):
        return cell
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _serial(float(cell))
    said = text(cell, around)
    if said is None:
        return None
    for pattern, order in ((_DMY, (3, 2, 1)), (_YMD, (1, 2, 3))):
        if match := pattern.match(said):
            return _real(*(int(match.group(i)) for i in order))
    if re.fullmatch(r"\d{8}", said):
        return _real(int(said[:4]), int(said[4:6]), int(said[6:]))
    if re.fullmatch(r"\d{4,5}(?:[.,]\d+)?", said):
        return _serial(float(said.replace(",", ".")))
    if re.fullmatch(r"\d{1,2}[./-]\d{1,2}[./-]\d{2}", said):
        raise Bad("date_century", "Год записан двумя цифрами: век неизвестен")
    raise Bad("date_form", "Дата не читается: нужна ДД.ММ.ГГГГ или ГГГГ-ММ-ДД")


def _real(year: int, month: int, number: int) -> date:
    try:
        return date(year, month, number)
    except ValueError as error:
        raise Bad("date_impossible", "Такого дня нет в календаре") from error


def _serial(number: float) -> date:
    """A spreadsheet's day number; between 1901 and the year 2119 only, so that a code is not taken for one, and no number
    that may be a year."""
    if not 367 <= number < 80_000 or int(number) in YEARS:
        raise Bad("date_form", "Число вместо даты: на номер дня электронной таблицы не похоже")
    return EXCEL_EPOCH + timedelta(days=int(number))


def snils(cell: Cell, around: Surroundings) -> str | None:
    """Eleven digits with right check digits; a number that lost its leading zeros gets them back."""
    said = _digits(cell, around)
    if said is None or set(said) == {"0"}:
        return None
    found = read_snils(said.zfill(11) if len(said) >= 8 else said)
    if found is None:
        raise Bad("snils", "СНИЛС не проходит проверку контрольного числа")
    return found


def enp(cell: Cell, around: Surroundings) -> str | None:
    """Sixteen digits with a right check digit. As a number of a spreadsheet it has lost its last digit: refused."""
    if isinstance(cell, float | int) and not isinstance(cell, bool) and abs(cell) >= 1e15:
        raise Bad("scientific", "Номер полиса хранится в таблице числом: последние цифры потеряны, нужен текст")
    said = _digits(cell, around)
    if said is None or set(said) == {"0"}:
        return None
    found = read_enp(said)
    if found is None:
        raise Bad("enp", "Номер полиса (ЕНП) не проходит проверку: нужно 16 цифр с верной контрольной")
    return found


def _digits(cell: Cell, around: Surroundings) -> str | None:
    said = text(cell, around)
    if said is None:
        return None
    if _SCIENTIFIC.match(said):
        raise Bad("scientific", "Номер записан в научном виде (9,9Е+15): последние цифры потеряны, нужен текст")
    return re.sub(r"[\s\-'’№]", "", said)


def sex(cell: Cell, around: Surroundings) -> str | None:
    """`male` or `female` from М/Ж, 1/2, words."""
    said = (text(cell, around) or "").lower().rstrip(".")
    if not said:
        return None
    found = _SEX.get(said)
    if found is None:
        raise Bad("sex", "Пол не читается: нужно М или Ж, 1 или 2")
    return found


_SEX = {
    **dict.fromkeys(("м", "муж", "мужской", "1", "m", "male"), "male"),
    **dict.fromkeys(("ж", "жен", "женский", "2", "f", "w", "female"), "female"),
}


def icd10(cell: Cell, around: Surroundings) -> str | None:
    """A code of ICD-10; words after the code are allowed (`C50.9 Рак молочной железы`)."""
    said = text(cell, around)
    if said is None:
        return None
    found = read_icd10(said) or read_icd10(re.split(r"[\s;,(]", said)[0])
    if found is None:
        raise Bad("icd10", "Код МКБ-10 не читается")
    return found


def number(cell: Cell, around: Surroundings) -> int | None:
    """A whole number."""
    said = text(cell, around)
    if said is None:
        return None
    try:
        value = float(said.replace(",", ".").replace(" ", ""))
    except ValueError as error:
        raise Bad("number", "Нужно целое число") from error
    if not value.is_integer() or abs(value) > 10**12:
        raise Bad("number", "Нужно целое число")
    return int(value)


def month(cell: Cell, around: Surroundings) -> int | None:
    """A month of the year, as a number or by its name."""
    said = (text(cell, around) or "").lower()
    if said[:3] in _MONTHS:
        return _MONTHS.index(said[:3]) + 1
    found = number(cell, around)
    if found is not None and not 1 <= found <= 12:
        raise Bad("month", "Месяц: от 1 до 12")
    return found


_MONTHS = ("янв", "фев", "мар", "апр", "май", "июн", "июл", "авг", "сен", "окт", "ноя", "дек")


def flag(cell: Cell, around: Surroundings) -> int | None:
    """1 for yes, 0 for no, None for an empty cell."""
    said = (text(cell, around) or "").lower()
    if said in ("", "-"):
        return None
    if said in ("1", "да", "y", "yes", "true", "+", "x", "х", "истина"):
        return 1
    if said in ("0", "нет", "n", "no", "false", "ложь"):
        return 0
    raise Bad("flag", "Нужно да или нет, 1 или 0")


def phone(cell: Cell, around: Surroundings) -> str | None:
    """A phone with its digits; what has fewer than six of them is no phone."""
    said = text(cell, around)
    if said is None:
        return None
    digits = re.sub(r"\D", "", said)
    if len(digits) < 6:
        raise Bad("phone", "Телефон не читается: меньше шести цифр")
    if len(digits) == 11 and digits[0] in "78":
        return f"+7{digits[1:]}"
    return f"+7{digits}" if len(digits) == 10 else said


def org(cell: Cell, around: Surroundings) -> str | None:
    """An organisation as OID: given so, by a code the region has matched, or by its exact name."""
    said = text(cell, around)
    if said is None:
        return None
    if is_oid(said):
        return said
    found = around.orgs.get(said.lower()) or around.orgs.get(said.lower().lstrip("0"))
    if found is None:
        raise Bad("org", "Организация не узнана: нет такого OID, кода или названия в справочнике региона")
    return found


def coded(codes: Mapping[str, str], what: str) -> Callable[[Cell, Surroundings], str | None]:
    """A converter for one dictionary: code or word → our word. Codes of different dictionaries never meet (C11)."""

    def convert(cell: Cell, around: Surroundings) -> str | None:
        said = (text(cell, around) or "").lower().rstrip(".")
        if not said:
            return None
        found = codes.get(said)
        if found is None:
            raise Bad("code", f"{what}: такого кода нет в справочнике")
        return found

    return convert
