"""A saved query over facts and cases, as a value: conditions that must all hold. No free SQL: the store compiles it.

Conditions are few and plain, because sets are combined afterwards by expressions. JSON out and in."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from typing import Any

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import UserError
from oncor_cases.kernel.numbers import whole

REGISTERS = ("oncology", "precancer")


@dataclass(frozen=True, slots=True)
class FactWanted:
    """A fact of a kind in force, with these attributes, on a day from `since` to `until` (both included); a month or a year
    counts by any of its days."""

    kind: str
    attributes: tuple[tuple[str, str], ...] = ()
    icd10: str = ""
    since: date | None = None
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Everything is optional; an empty query is everybody known.

    `insured`: in the list of the insured that is in force; `observed`: under observation by the fund's list.
    `pathway`, `states`, `icd10` speak of one case; `overdue` is a rule id, `*` for any; `registered` and `unregistered`
    name a register; ages are full years on the day of the answer."""

    alive: bool | None = None
    insured: bool | None = None
    observed: bool | None = None
    sex: str = ""
    age_from: int | None = None
    age_to: int | None = None
    attached: tuple[str, ...] = ()
    pathway: str = ""
    states: tuple[str, ...] = ()
    icd10: str = ""
    overdue: str = ""
    registered: str = ""
    unregistered: str = ""
    has: tuple[FactWanted, ...] = ()
    lacks: tuple[FactWanted, ...] = ()


def parsed(told: Mapping[str, Any]) -> Query:
    """A query out of JSON values. Raises UserError naming the condition that cannot be read."""
    known = {f.name for f in fields(Query)}
    for name in told:
        if name not in known:
            raise UserError(f"Такого условия нет: {name}")
    given = {name: value for name, value in told.items() if value not in (None, "", [], ())}
    query = Query(
        alive=_flag(given, "alive"),
        insured=_flag(given, "insured"),
        observed=_flag(given, "observed"),
        sex=_one_of(given, "sex", ("male", "female")),
        age_from=_years(given, "age_from"),
        age_to=_years(given, "age_to"),
        attached=_texts(given, "attached"),
        pathway=str(given.get("pathway", "")),
        states=_texts(given, "states"),
        icd10=_codes(str(given.get("icd10", ""))),
        overdue=str(given.get("overdue", "")),
        registered=_one_of(given, "registered", REGISTERS),
        unregistered=_one_of(given, "unregistered", REGISTERS),
        has=tuple(_fact(row) for row in given.get("has", ())),
        lacks=tuple(_fact(row) for row in given.get("lacks", ())),
    )
    if query.age_from is not None and query.age_to is not None and query.age_from > query.age_to:
        raise UserError("Возраст «от» больше возраста «до»")
    return query


def plain(query: Query) -> dict[str, Any]:
    """The query as JSON values without what says nothing; `parsed` gives it back."""
    told: dict[str, Any] = {}
    for field in fields(query):
        value = getattr(query, field.name)
        if field.name in ("has", "lacks"):
            value = [_plain_fact(f) for f in value]
        elif isinstance(value, tuple):
            value = list(value)
        if value not in (None, "", []):
            told[field.name] = value
    return told


def _plain_fact(f: FactWanted) -> dict[str, Any]:
    days = {"since": f.since and f.since.isoformat(), "until": f.until and f.until.isoformat()}
    told = {"kind": f.kind, "attributes": dict(f.attributes), "icd10": f.icd10, **days}
    return {name: value for name, value in told.items() if value}


def _fact(row: Any) -> FactWanted:
    if not isinstance(row, Mapping) or row.get("kind") not in KINDS:
        raise UserError("Условие о факте: такого факта в словаре нет")
    known = KINDS[row["kind"]].attributes
    attributes = dict(row.get("attributes") or {})
    for name, value in attributes.items():
        if name not in known:
            raise UserError(f"Условие о факте «{row['kind']}»: признака «{name}» нет")
        if known[name].values and value not in known[name].values:
            raise UserError(f"Признак «{name}» принимает: {', '.join(known[name].values)}")
    pairs = tuple(sorted((name, str(value)) for name, value in attributes.items()))
    since, until = _day(row, "since"), _day(row, "until")
    if since and until and since > until:
        raise UserError("Условие о факте: день «с» позже дня «по»")
    return FactWanted(row["kind"], pairs, _codes(str(row.get("icd10") or "")), since, until)


def _codes(text: str) -> str:
    """A set of codes as written, upper case; every part must look like a code."""
    codes = IcdSet.parse(text.upper())
    for low, high in codes.ranges:
        if not all(c[:1].isalpha() and c[1:2].isdigit() for c in (low, high)) or low > high:
            raise UserError("Коды МКБ-10 пишутся так: C50, C61-C63, D05.1")
    return codes.text


def _day(row: Mapping[str, Any], name: str) -> date | None:
    text = row.get(name)
    day = as_date(str(text)) if text else None
    if text and day is None:
        raise UserError("Условие о факте: день не читается, нужен ГГГГ-ММ-ДД")
    return day


def _flag(given: Mapping[str, Any], name: str) -> bool | None:
    value = given.get(name)
    if value not in (None, True, False):
        raise UserError(f"Условие {name}: да или нет")
    return value


def _years(given: Mapping[str, Any], name: str) -> int | None:
    text = str(given.get(name, ""))
    if not text:
        return None
    return whole(text, 0, 150, "Возраст")


def _texts(given: Mapping[str, Any], name: str) -> tuple[str, ...]:
    value = given.get(name, ())
    if not isinstance(value, list | tuple):
        raise UserError(f"Условие {name}: нужен список")
    return tuple(sorted({str(text) for text in value}))


def _one_of(given: Mapping[str, Any], name: str, values: tuple[str, ...]) -> str:
    value = str(given.get(name, ""))
    if value and value not in values:
        raise UserError(f"Условие {name} принимает: {', '.join(values)}")
    return value
