"""Changes of the rule book laid over the shipped one: partial records in the format of seeds/regulations.

A change is a list of records. `{rule: ID, ...}` overrides whole fields of the duty; its `editions` are

* a whole row (limit, unit, norm, act): replaces the edition of the same dates' start, variant, ages, region and codes,
  else it is a new edition and goes before older ones while both are in force;
* a partial row: overlays the one edition of the same `from` and `variant` (where several are, `ages`, `icd` or `region`
  tell them apart), which keeps its place among others: a confirmation does not make a longer term win over a stricter.

`{switch: ID, value: VALUE}` sets a regional switch. Data in, data out."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple, get_args

from oncor_cases.kernel.calendar import Unit
from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.rulebook import BASES, NORMS
from oncor_cases.regulations.switches import SWITCHES

Record = Mapping[str, Any]
WHOLE = ("limit", "unit", "norm", "act")
STEPS = ("navigator", "head", "coordinator")
OWNERS = ("named", "author", "attached")
EDITION = ("from", "to", *WHOLE, "basis", "clause", "region", "variant", "icd", "ages", "source", "note", "known", "roll")
DUTY = ("title", "starts", "stops", "owner", "lost_after", "danger", "escalation", "calls", "word_stops", "active", "says")
_SAME = ("from", "variant", "ages", "region", "icd")
_ABSENT = {"from": None, "variant": "", "ages": (0, 200), "region": "", "icd": ""}


class Touched(NamedTuple):
    """What a change may alter: the rules it names and the pathways whose cases must be looked at ("any": all)."""

    rules: frozenset[str]
    pathways: frozenset[str]


def amended(base: Sequence[Record], changes: Iterable[tuple[int, Sequence[Record]]]) -> list[dict[str, Any]]:
    """The records with every (number, change) laid over them in order. Raises BadRuleRecord naming rule and field."""
    book = {str(r["rule"]): {**r, "editions": [dict(e) for e in r.get("editions", ())]} for r in base if "rule" in r}
    switches = {str(r["switch"]): str(r["value"]) for r in base if "switch" in r}
    for number, records in changes:
        for record in records:
            if not isinstance(record, Mapping):
                raise BadRuleRecord("Изменение правил: нужна запись вида {rule: DX-01, editions: [...]}")
            if "switch" in record:
                switches[str(record["switch"])] = _switched(record)
                continue
            rule = str(record.get("rule", ""))
            if rule not in book:
                raise BadRuleRecord(f"Правила {rule or 'без номера'} нет в книге: новые обязанности приходят с системой")
            _overlay(book[rule], record, number)
    return [*book.values(), *({"switch": id, "value": value} for id, value in switches.items())]


def touched(base: Iterable[Record], change: Sequence[Record]) -> Touched:
    """The rules and pathways of a change. An unknown rule touches nothing; `amended` refuses it."""
    pathway = {str(r["rule"]): str(r["pathway"]) for r in base if "rule" in r}
    rules = {str(r["rule"]) for r in change if "rule" in r}
    pathways = {pathway[r] for r in rules if r in pathway}
    pathways |= {SWITCHES[s].pathway for r in change if (s := str(r.get("switch", ""))) in SWITCHES}
    return Touched(frozenset(rules), frozenset(pathways))


def _switched(record: Record) -> str:
    switch = SWITCHES.get(str(record["switch"]))
    if switch is None:
        raise BadRuleRecord(f"Переключателя «{record['switch']}» нет; есть: {', '.join(SWITCHES)}")
    if record.get("value") not in switch.options:
        raise BadRuleRecord(f"{switch.id}: value принимает {', '.join(switch.options)}")
    return str(record["value"])


def _overlay(duty: dict[str, Any], record: Record, number: int) -> None:
    rule = duty["rule"]
    for name, value in record.items():
        if name in ("rule", "editions"):
            continue
        if name in ("pathway", "watch", "renews"):
            if value != duty.get(name):
                raise BadRuleRecord(f"Правило {rule}: {name} не меняется, это часть обязанности")
            continue
        if name not in DUTY:
            raise BadRuleRecord(f"Правило {rule}: поля {name} нет; есть: {', '.join((*DUTY, 'editions'))}")
        duty[name] = _checked(rule, name, value, duty)
    rows = record.get("editions") or ()
    if not isinstance(rows, list | tuple) or not all(isinstance(r, Mapping) for r in rows):
        raise BadRuleRecord(f"Правило {rule}: editions — список записей")
    for row in rows:
        _edit(duty, row, number)
    if duty.get("active", True) and not duty["editions"]:
        raise BadRuleRecord(f"Правило {rule}: включается вместе со сроком, нужна редакция")


def _checked(rule: str, name: str, value: Any, duty: Record) -> Any:
    def wrong(wanted: str) -> BadRuleRecord:
        return BadRuleRecord(f"Правило {rule}, {name}: {wanted}")

    if name == "escalation":
        if not isinstance(value, Mapping) or set(value) - set(STEPS):
            raise wrong(f"ступени {', '.join(STEPS)} и рабочие дни после срока")
        days = [value[level] for level in STEPS if level in value]
        if any(type(d) is not int or d < 0 for d in days) or days != sorted(days) or days[:1] not in ([], [0]):
            raise wrong("первая ступень с 0, дальше целые дни по возрастанию")
        return {level: value[level] for level in STEPS if level in value}
    if name == "active":
        if type(value) is not bool:
            raise wrong("true или false")
        if value != duty.get("active", True) and not duty.get("watch"):
            raise wrong("это правило не включается и не выключается")
    elif name in ("calls", "word_stops"):
        if type(value) is not bool:
            raise wrong("true или false")
    elif name in ("lost_after", "danger"):
        if not (name == "lost_after" and value is None) and (type(value) is not int or not 0 <= value <= 1000):
            raise wrong("целое число дней" if name == "lost_after" else "целое число от 0")
    elif name == "owner":
        if value not in OWNERS:
            raise wrong(f"принимает {', '.join(OWNERS)}")
    elif not isinstance(value, str) or not value.strip():
        raise wrong("нужен текст")
    return value


def _edit(duty: dict[str, Any], row: Record, number: int) -> None:
    rule, rows = duty["rule"], duty["editions"]
    unknown = sorted(set(row) - set(EDITION))
    if unknown:
        raise BadRuleRecord(
            f"Правило {rule}: у редакции нет поля {', '.join(map(str, unknown))}; есть: {', '.join(EDITION)}"
        )
    whole = all(name in row for name in WHOLE)
    found = _alike(rows, row, _SAME if whole else ("from", "variant"))
    if len(found) > 1:
        found = _alike(rows, row, ("from", "variant", *(n for n in ("ages", "region", "icd") if n in row)))
    if len(found) > 1:
        raise BadRuleRecord(f"Правило {rule}: подходит несколько редакций, уточните ages, region или icd")
    if not found and not whole:
        missing = ", ".join(name for name in WHOLE if name not in row)
        raise BadRuleRecord(f"Правило {rule}: такой редакции нет, а для новой не хватает {missing}")
    if found:
        was = rows[found[0]]
        kept = {"layer": was.get("layer", 0)}
        if was.get("basis") and was["act"] == row.get("act"):  # the same source is still no act because the term changed
            kept["basis"] = was["basis"]
        new = {**(kept if whole else was), **row, "revision": number}
        rows[found[0]] = _sound(rule, new)
    else:
        rows.append(_sound(rule, {**row, "layer": number, "revision": number}))


def _alike(rows: Sequence[Record], row: Record, names: Sequence[str]) -> list[int]:
    return [n for n, e in enumerate(rows) if all(_value(e, name) == _value(row, name) for name in names)]


def _sound(rule: str, row: dict[str, Any]) -> dict[str, Any]:
    """The row if every value of it can be read; a change is refused before anybody is judged by it."""

    def wrong(name: str, wanted: str) -> BadRuleRecord:
        return BadRuleRecord(f"Правило {rule}, {name}: {wanted}")

    if type(row["limit"]) is not int or not 0 <= row["limit"] <= 10_000:
        raise wrong("limit", "целое число")
    if row["unit"] not in get_args(Unit):
        raise wrong("unit", f"принимает {', '.join(get_args(Unit))}")
    if row["norm"] not in NORMS:
        raise wrong("norm", f"принимает {', '.join(NORMS)}")
    if row.get("basis", "act") not in BASES:
        raise wrong("basis", f"принимает {', '.join(BASES)}")
    if not isinstance(row["act"], str) or not row["act"].strip():
        raise wrong("act", "нужен текст: каким актом")
    for name in ("from", "to", "known"):
        if row.get(name) and as_date(row[name]) is None:
            raise wrong(name, "нужна дата вида 2026-03-05")
    if (as_date(row.get("from")) or date.min) > (as_date(row.get("to")) or date.max):
        raise wrong("to", "конец раньше начала")
    ages = row.get("ages", (0, 200))
    if not isinstance(ages, list | tuple) or len(ages) != 2 or any(type(a) is not int for a in ages) or ages[0] > ages[1]:
        raise wrong("ages", "два числа: от и до, например [18, 200]")
    for name in ("clause", "region", "variant", "icd", "source", "note"):
        if not isinstance(row.get(name, ""), str):
            raise wrong(name, "нужен текст")
    return row


def _value(row: Record, name: str) -> Any:
    value: Any = row.get(name) or _ABSENT[name]
    if name == "from":
        return as_date(value)
    return tuple(value) if name == "ages" else value
