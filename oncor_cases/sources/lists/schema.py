"""What a kind of list is: its declared columns, how a row is known again, and what facts a row says."""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from oncor_cases.kernel.names import NAME_BYTES, TEXT_BYTES
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Convert
from oncor_cases.sources.reading import Identity, ReadFact

Values = Mapping[str, Any]  # column → text, number or nothing; dates are YYYY-MM-DD


@dataclass(frozen=True, slots=True)
class Column:
    """`title` is what people read; `names` are other headers it is known under (words and tags), compared without
    case, spaces and punctuation. `required`: no row without its value; `present`: no list
    without the column. A bad value of a column that is not `required` costs the value, not the row; of one that `turns`
    the row into its opposite it costs the row: without a day of removal who was removed would be observed."""

    name: str
    title: str
    convert: Convert = cells.text
    names: tuple[str, ...] = ()
    required: bool = False
    present: bool = False
    turns: bool = False


@dataclass(frozen=True, slots=True)
class Kind:
    """`snapshot`: a row missing from the next list of the series has ceased. `key`: columns that with the person make
    a row the same row. `evidence` of its facts. `population`: a list of everybody, whose rows become residents instead of
    documents. `may_lose`: the share of a snapshot that may be gone from the next one before somebody has to confirm it.
    `keeper`: the sender where nobody names one, for kinds whose rows refer to each other by a number of the sender's.
    `by_number`: rows carry numbers of their own and replace each other one by one, whoever they are about, so a list of
    them covers no day."""

    name: str
    title: str
    about: str
    columns: tuple[Column, ...]
    facts: Callable[[Values], Iterable[ReadFact]]
    evidence: str = "list"
    snapshot: bool = False
    key: tuple[str, ...] = ()
    files: str = ""  # regular expression over the file's name
    population: bool = False
    may_lose: float = 0.5
    keeper: str = ""
    by_number: bool = False
    xml_rows: tuple[str, ...] = ()  # elements that are rows in an XML of this kind
    concerns: Callable[[Values], bool] = lambda values: True  # a list of everybody holds rows that are not oncology
    fill: Callable[[Values, str], Values] = lambda values, as_of: values  # what the day of the list says of every row
    records: Callable[[Values], Iterable[Values]] = lambda values: (values,)  # a row that speaks of several records
    check: Callable[[Values], tuple[str, str, str] | None] = field(default=lambda values: None)  # (field, code, message)

    def column(self, name: str) -> Column | None:
        return next((c for c in self.columns if c.name == name), None)


def column(name: str, title: str, convert: Convert = cells.text, names: str = "", required: bool = False,
           present: bool = False, turns: bool = False) -> Column:  # fmt: skip
    """A column; `names` separated by commas."""
    return Column(name, title, convert, tuple(n.strip() for n in names.split(",") if n.strip()), required, present, turns)


PERSON = (
    column("snils", "СНИЛС", cells.snils, "snils, ss, страховой номер, снилс пациента, snils_pac"),
    column("enp", "ЕНП (полис)", cells.enp, "enp, полис, полис омс, npolis, номер полиса, енп, единый номер полиса, policy"),
    column("fio", "ФИО", cells.text, "fio, фамилия имя отчество, ф.и.о., пациент, фио пациента"),
    column("family", "Фамилия", cells.text, "fam, surname, last_name, family"),
    column("given", "Имя", cells.text, "im, name, first_name, given"),
    column("patronymic", "Отчество", cells.text, "ot, middle_name, second_name, patronymic"),
    column("born", "Дата рождения", cells.past_day, "dr, birth_date, birthday, birth_day, датарожд, д.р., др, date_birth"),
    column("sex", "Пол", cells.sex, "w, sex, gender, pol"),
    column("phone", "Телефон", cells.phone, "phone, tel, телефон пациента, мобильный, phones"),
    column("address", "Адрес", cells.text, "adr, address, адрес проживания, адрес регистрации, место жительства"),
)
PERSON_NAMES = tuple(c.name for c in PERSON)


@lru_cache(maxsize=16_384)
def plain(header: str) -> str:
    """A header without what differs by taste: case, ё, spaces, punctuation."""
    return re.sub(r"[^0-9a-zа-я]", "", str(header).lower().replace("ё", "е"))


def identity(values: Values, organisation: str = "") -> Identity:
    """The person of a row."""
    return Identity(
        snils=values.get("snils") or "",
        enp=values.get("enp") or "",
        local_id=values.get("local_id") or "",
        organisation=organisation if values.get("local_id") else "",
        family=values.get("family") or "",
        given=values.get("given") or "",
        patronymic=values.get("patronymic") or "",
        birth_date=values.get("born") or "",
        sex=values.get("sex") or "",
        address=values.get("address") or "",
        phones=tuple(p for p in (values.get("phone"),) if p),
    )


def person_key(values: Values) -> tuple[str, ...]:
    """How this list knows the person again: the strongest number it gives, else name and birth date."""
    for name in ("snils", "enp", "local_id"):
        if values.get(name):
            return (name, str(values[name]))
    names = (str(values.get(n) or "").lower().replace("ё", "е") for n in ("family", "given", "patronymic", "born"))
    return ("name", *names)


_LIMITS = (
    ("ФИО", ("family", "given", "patronymic"), NAME_BYTES),
    ("Номер записи", ("local_id",), NAME_BYTES),
    ("Страховая", ("insurer",), TEXT_BYTES),
    ("Телефон", ("phone",), TEXT_BYTES),
    ("Адрес", ("address",), TEXT_BYTES),
)


def too_long(values: Values) -> tuple[str, str, str] | None:
    """(field, code, words) of what the row says of its person that no index can hold: it would fail the whole list."""
    for title, names, most in _LIMITS:
        told = "".join(str(values.get(name) or "") for name in names)
        if len(told) * 4 > most and len(told.encode("utf-8", "replace")) > most:
            return title, "too_long", f"Значение длиннее {most // 2} букв: похоже, строки слиплись"
    return None


def row_key(kind: Kind, values: Values) -> bytes:
    """16 bytes that name the row within its series. The person is no part of it where the row has a number of its own: a
    record corrected to another patient replaces what it said of the first."""
    who = () if kind.by_number else person_key(values)
    parts = (kind.name, *who, *(str(values.get(name) or "") for name in kind.key))
    return hashlib.blake2b("\x1f".join(parts).encode(), digest_size=16).digest()


def packed(values: Values) -> str:
    """The values as the one text that is hashed and stored."""
    kept = {name: value for name, value in values.items() if value is not None}
    return json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def content_hash(content: str) -> bytes:
    """16 bytes that tell two contents apart."""
    return hashlib.blake2b(content.encode(), digest_size=16).digest()


def fact(
    evidence: str,
    name: str,
    on: str | None,
    attributes: Values | None = None,
    *,
    certainty: str = "established",
    path: str = "",
    links: Sequence[str] = (),
) -> ReadFact:
    """A fact of a row; empty attributes are left out."""
    told = {k: v for k, v in (attributes or {}).items() if v not in (None, "")}
    return ReadFact(name, on, told, certainty, evidence, path, tuple(links))
