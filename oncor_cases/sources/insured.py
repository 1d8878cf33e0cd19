"""The insured list as a CSV file: its encoding, delimiter and columns told from its beginning; bad lines told apart.

Layouts of funds differ, so columns go by their names; a caller may give its own mapping."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from oncor_cases.kernel.errors import UserError

NAMES = {
    "enp": ("enp", "енп", "uenp", "полис", "policy", "номерполиса", "npolis", "polis"),
    "snils": ("snils", "снилс", "ss"),
    "family": ("family", "fam", "фамилия", "surname", "last_name"),
    "given": ("given", "im", "имя", "name", "first_name"),
    "patronymic": ("patronymic", "ot", "отчество"),
    "born": ("born", "dr", "датарождения", "birth_date", "birthdate", "date_of_birth"),
    "sex": ("sex", "w", "pol", "пол", "gender"),
    "org": ("org", "mo", "lpu", "code_mo", "прикрепление", "мо", "attached", "oid"),
    "attached_since": (
        "attached_since",
        "since",
        "date_attach",
        "dataprik",
        "дата прикрепления",
        "lpudt",
        "датаприкрепления",
    ),
    "insurer": ("insurer", "smo", "смо", "страховая"),
}
NEEDED = {"enp": "полис (ЕНП)", "family": "фамилия", "given": "имя", "born": "дата рождения", "sex": "пол"}
_BY_NAME = {re.sub(r"[\W_]", "", word.lower()): field for field, words in NAMES.items() for word in words}
_RUSSIAN = set("абвгдежзийклмнопрстуфхцчшщыьэюя")


class Layout(NamedTuple):
    """How to read a list. `columns`: our field, or `x1`, `x2` … for what is not read, in the order of the file."""

    encoding: str
    delimiter: str
    columns: tuple[str, ...]
    skip: int  # bytes before the header


def layout(head: bytes, mapping: Mapping[str, str] | None = None) -> Layout:
    """The layout told from the first bytes. `mapping`: header → our field, stronger than the known names.

    Raises UserError naming what is missing."""
    skip = len(codecs.BOM_UTF8) if head.startswith(codecs.BOM_UTF8) else 0
    first = head[skip:].split(b"\n", 1)[0]
    encoding = _encoding(head[skip:])
    line = first.decode(encoding, "replace").strip("\r")
    delimiter = max(";\t|,", key=line.count)
    names = next(csv.reader([line], delimiter=delimiter), [])
    given = {_bare(k): v for k, v in (mapping or {}).items()}
    columns, taken = [], set()
    for at, name in enumerate(names, 1):
        field = given.get(_bare(name)) or _BY_NAME.get(_bare(name), "")
        field = field if field in NAMES and field not in taken else f"x{at}"
        taken.add(field)
        columns.append(field)
    missing = [words for field, words in NEEDED.items() if field not in taken]
    if missing:
        raise UserError("В списке застрахованных нет столбцов: " + ", ".join(missing), code="columns_missing")
    return Layout(encoding, delimiter, tuple(columns), skip)


def _bare(name: str) -> str:
    return re.sub(r"[\W_]", "", name.lower())


def _encoding(data: bytes) -> str:
    """utf-8 if nearly all bytes beyond ASCII are; else cp1251 or cp866, whichever gives more small Russian letters."""
    foreign = sum(byte > 127 for byte in data)
    if data.decode("utf-8", "replace").count("\ufffd") * 10 <= foreign:
        return "utf-8"

    def likeness(name: str) -> int:
        text = data.decode(name, "replace")
        return sum(c.lower() in _RUSSIAN for c in text) - 3 * sum(c in "╔╗╚╝║═░▒▓│┤╡ЂѓЉЌџ\ufffd" for c in text)

    return max(("cp1251", "cp866"), key=likeness)


class Refused(NamedTuple):
    """A line that is no row of the list: `columns` (their number differs) or `encoding`."""

    line: int
    code: str


def rows(
    lines: Iterable[bytes], form: Layout, refused: list[Refused], fields: Sequence[str]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The slow way: line by line, the header skipped, what cannot be read put into `refused`."""
    for number, raw in enumerate(lines, 1):
        if number == 1 or not raw.strip():
            continue
        try:
            text = raw.decode(form.encoding).rstrip("\r\n")
            values = next(csv.reader([text], delimiter=form.delimiter, strict=True))
        except UnicodeDecodeError:
            refused.append(Refused(number, "encoding"))
            continue
        except (csv.Error, StopIteration):
            refused.append(Refused(number, "quotes"))
            continue
        if len(values) != len(form.columns) or "\0" in text:
            refused.append(Refused(number, "columns"))
            continue
        yield number, tuple(values)
