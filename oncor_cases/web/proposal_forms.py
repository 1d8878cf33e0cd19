"""Forms that propose a change of a rule: what they show now, and the records they mean once sent."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.kernel.numbers import LARGEST, whole, whole_or
from oncor_cases.regulations.amend import STEPS
from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.regulations.switches import SWITCHES
from oncor_cases.web import rule_words, words
from oncor_cases.web.pages import Option

Given = Mapping[str, str]
TITLES = {
    "edition": "Новая редакция", "change": "Изменить редакцию", "confirm": "Подтвердить норму",
    "escalation": "Передача выше и поиск",
    "note": "Включить или выключить", "switch": "Переключатель региона", "retire": "Отменить правку",
}  # fmt: skip
STORY_HINT = "истории YAML, как для oncor story check; проверяются сразу по изменённым правилам"


@dataclass(frozen=True, slots=True)
class Field:
    """One field; `kind`: text, number, date, radio, textarea or hidden."""

    name: str
    title: str
    kind: str = "text"
    value: str = ""
    required: bool = False
    options: tuple[Option, ...] = ()
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """What one kind of change asks for."""

    lead: str
    fields: tuple[Field, ...]

    def with_values(self, given: Given) -> "Form":
        """The same form as somebody filled it in."""
        return Form(
            self.lead,
            tuple(
                replace(f, value=given.get(f.name, f.value),
                        options=tuple(replace(o, chosen=o.value == given.get(f.name)) for o in f.options)
                        if f.name in given else f.options)
                for f in self.fields
            ),
        )  # fmt: skip


def form(kind: str, book: Rulebook, duty: Duty | None, rule: str, edition: str, record: str, today: date) -> Form:
    """The empty form. Raises NotFound where there is nothing of the kind to change."""
    chosen = _edition(book, rule, edition)
    if kind == "switch" and rule in SWITCHES:
        switch = SWITCHES[rule]
        options = tuple(Option(v, t, v == book.switches[rule]) for v, t in switch.options.items())
        return Form(switch.title, (Field("value", "Как в регионе", "radio", options=options),))
    if kind == "retire" and whole_or(record, 1, LARGEST, 0):
        return Form(f"Правка № {record} перестанет действовать, вернётся прежнее правило.", (_hidden("record", record),))
    if duty is None:
        raise NotFound("Такого правила нет")
    if kind == "edition":
        based = _based_on(book, rule, today)
        lead = "С этого дня действует новая редакция; для отсчётов, начатых раньше, остаётся прежняя."
        first = (Field("from", "Действует с", "date", required=True),)
        return Form(lead, (*first, *_terms(based, fresh=True)))
    if kind == "change" and chosen is not None:
        lead = f"Меняется редакция «{rule_words.span(chosen)}»: все её отсчёты будут пересчитаны."
        return Form(lead, (_hidden("edition", chosen.id), *_terms(chosen)))
    if kind == "confirm" and chosen is not None:
        lead = (f"Редакция «{rule_words.span(chosen)}», {words.term(chosen.term.limit, chosen.term.unit)}: {chosen.act}."
                " После подтверждения это норма: задачи передаются выше, опоздание считается нарушением.")  # fmt: skip
        return Form(
            lead,
            (
                _hidden("edition", chosen.id),
                Field("act", "Акт", value=chosen.act, required=True),
                Field("clause", "Пункт акта", required=True, hint="где в тексте стоит этот срок"),
                Field("source", "Где сверено", value=chosen.source, required=True, hint="публикация, дата"),
            ),
        )
    if kind == "escalation":
        after = {s.level: s.after for s in duty.escalation}
        lead = "Рабочие дни после срока; навигатор видит задачу сразу. Пусто — на эту ступень задача не передаётся."
        return Form(
            lead,
            (
                Field("head", "Заведующему через, раб. дней", "number", _n(after.get("head"))),
                Field("coordinator", "Координатору региона через, раб. дней", "number", _n(after.get("coordinator"))),
                Field("lost_after", "Считать потерянным через, раб. дней", "number", _n(duty.lost_after),
                      hint="молчание пациента после срока; пусто — не искать"),
            ),
        )  # fmt: skip
    if kind == "note" and duty.watch:
        if rule in book.duties:
            return Form("Обязанность снова станет примечанием: её задачи закроются.", (_hidden("active", ""),))
        lead = f"Обязанность начнёт открывать задачи. {duty.says[:1].upper()}{duty.says[1:]}."
        return Form(lead, (_hidden("active", "1"), *(() if book.editions.get(rule) else _terms(None))))
    raise NotFound("Такого изменения у правила нет")


def content(
    kind: str, given: Given, book: Rulebook, duty: Duty | None, rule: str
) -> tuple[list[dict[str, Any]], int | None]:
    """(records, number of the record to end). Raises UserError naming the field."""
    if kind == "switch":
        return [{"switch": rule, "value": given.get("value", "")}], None
    if kind == "retire":
        return [], _whole(given, "record", "номер правки")
    chosen = _edition(book, rule, given.get("edition", ""))
    if kind == "confirm" and chosen is not None:
        said = {n: given.get(n, "") for n in ("act", "clause", "source")}
        if not all(said.values()):
            raise UserError("Подтверждение — это акт, пункт и где они сверены: заполните все три поля")
        return [{"rule": rule, "editions": [_named(chosen) | {"norm": "verified"} | said]}], None
    if kind == "edition":
        row = _row(given) | {"from": _day(given, "from", "Действует с", required=True)}
        if variant := given.get("variant", ""):
            row["variant"] = variant
        return [{"rule": rule, "editions": [row]}], None
    if kind == "change" and chosen is not None:
        row = _row(given)
        row = {n: v for n, v in row.items() if v != _as_is(chosen).get(n)}
        return ([{"rule": rule, "editions": [_named(chosen) | row]}] if row else []), None
    if kind == "escalation" and duty is not None:
        steps = {"navigator": 0} | {
            level: days for level in STEPS[1:] if (days := _whole(given, level, words.LEVELS[level], empty=True)) is not None
        }
        record: dict[str, Any] = {"rule": rule}
        if steps != {s.level: s.after for s in duty.escalation} and (len(steps) > 1 or duty.escalation):
            record["escalation"] = steps
        lost = _whole(given, "lost_after", "Считать потерянным через", empty=True)
        if lost != duty.lost_after:
            record["lost_after"] = lost
        return ([record] if len(record) > 1 else []), None
    if kind == "note":
        on = given.get("active") == "1"
        editions = [_row(given)] if on and given.get("limit") else []
        return [{"rule": rule, "active": on} | ({"editions": editions} if editions else {})], None
    raise NotFound("Такого изменения у правила нет")


def _based_on(book: Rulebook, rule: str, today: date) -> Edition | None:
    """What a new edition starts from: the one in force today."""
    variants = [e.variant for e in book.editions.get(rule, ())]
    return book.edition(rule, today, variant=variants[0]).edition if variants else None


def _terms(e: Edition | None, *, fresh: bool = False) -> tuple[Field, ...]:
    """`fresh`: a new edition has the terms of an older one at most, never its clause, status or end."""
    unit, norm = (e.term.unit, e.norm) if e else ("working_days", "product")
    basis = e.basis if e and e.basis in rule_words.BASES else "act"
    low, high = e.ages if e else (0, 200)
    if fresh and e is not None:
        e = replace(e, valid_to=date.max, clause="", source="", note="")
        norm = "recalled"
    return (
        *((_hidden("variant", e.variant),) if fresh and e is not None and e.variant else ()),
        Field("limit", "Срок", "number", _n(e.term.limit if e else None), required=True),
        Field("unit", "Единица", "radio", options=tuple(Option(k, v, k == unit) for k, v in rule_words.UNITS.items())),
        Field("norm", "Статус", "radio", options=tuple(
            Option(k, rule_words.STATUSES[k], k == norm) for k in ("verified", "recalled", "product"))),
        Field("basis", "На чём основано", "radio", options=tuple(
            Option(k, v, k == basis) for k, v in rule_words.BASES.items()),
              hint="нарушением считается опоздание только по нормативному акту"),
        Field("act", "Акт", value=e.act if e else "", required=True),
        Field("clause", "Пункт", value=e.clause if e else ""),
        Field("to", "Действует по", "date", e.valid_to.isoformat() if e and e.valid_to < date.max else ""),
        Field("low", "Возраст от", "number", str(low)),
        Field("high", "Возраст до", "number", str(high)),
        Field("icd", "Диагнозы МКБ-10", value=e.icd.text if e else "", hint="C50, C60-C63; пусто — все"),
        Field("source", "Где сверено", value=e.source if e else ""),
        Field("note", "Примечание", value=e.note if e else ""),
    )  # fmt: skip


def _row(given: Given) -> dict[str, Any]:
    row: dict[str, Any] = {
        "limit": _whole(given, "limit", "Срок"), "unit": given.get("unit", ""), "norm": given.get("norm", ""),
        "basis": given.get("basis") or "act", "act": given.get("act", ""),
        "clause": given.get("clause", ""), "to": _day(given, "to", "Действует по"),
        "ages": [_whole(given, "low", "Возраст от"), _whole(given, "high", "Возраст до")], "icd": given.get("icd", ""),
        "source": given.get("source", ""), "note": given.get("note", ""),
    }  # fmt: skip
    if row["norm"] == "verified" and not (row["clause"] and row["source"]):
        raise UserError("Статус «сверено» — это пункт акта и где он сверен: заполните оба поля")
    return {n: v for n, v in row.items() if v is not None}


def _as_is(e: Edition) -> dict[str, Any]:
    to = {"to": e.valid_to.isoformat()} if e.valid_to < date.max else {}
    return to | {
        "limit": e.term.limit, "unit": e.term.unit, "norm": e.norm, "act": e.act, "clause": e.clause, "ages": list(e.ages),
        "basis": e.basis if e.basis in rule_words.BASES else "act", "icd": e.icd.text, "source": e.source, "note": e.note,
    }  # fmt: skip


def _named(e: Edition) -> dict[str, Any]:
    """How a partial row says which edition it means."""
    said: dict[str, Any] = {"from": e.valid_from.isoformat()} if e.valid_from > date.min else {}
    return said | ({"variant": e.variant} if e.variant else {})


def _edition(book: Rulebook, rule: str, id: str) -> Edition | None:
    if not id:
        return None
    found = next((e for e in book.editions.get(rule, ()) if e.id == id), None)
    if found is None:
        raise NotFound("Такой редакции нет")
    return found


def _whole(given: Given, name: str, title: str, *, empty: bool = False) -> int | None:
    text = given.get(name, "").strip()
    if not text and empty:
        return None
    return whole(text, 0, 99_999, title)


def _day(given: Given, name: str, title: str, *, required: bool = False) -> str | None:
    text = given.get(name, "").strip()
    if not text and not required:
        return None
    day = as_date(text)
    if day is None:
        raise UserError(f"{title}: нужна дата")
    return day.isoformat()


def _hidden(name: str, value: str) -> Field:
    return Field(name, "", "hidden", value)


def _n(value: int | None) -> str:
    return "" if value is None else str(value)
