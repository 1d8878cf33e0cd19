"""Stories: the readable form of a timeline (YAML 1.2, several per file) with what is expected on which day.

Used by the specs, the demo region and by a methodologist who checks the rules. Format: DESIGN section 4 "Stories".
A document `{section, text}` between stories is prose for the manual (actions/manual.py) and changes nothing."""

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import SafeConstructor
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import ScalarNode

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.timeline import Patient, Timeline, Usual
from oncor_cases.facts.vocabulary import CERTAINTY, COMMON, EVIDENCE, KINDS
from oncor_cases.kernel.codes import icd10
from oncor_cases.kernel.errors import OncorError, UserError

_SERVICE = ("on", "known", "id", "doc", "replaces", "withdraws", "certainty", "evidence", "links", "author")
_EXPECT = ("today", "pathway", "icd10", "programme", "known_on", "state", "tasks", "has", "hasnt", "findings")
_ITEM = ("rule", "due", "level")
_STORY = ("story", "patient", "delays", "facts", "expect")
_USUAL = ("sender", "kind", "n", "median", "p90")
_PATIENT = ("sex", "born", "attached")
_LEVELS = {"clinic_head": "head", "regional_coordinator": "coordinator"}  # the contract's words for the same levels
ALWAYS = date(1900, 1, 1)  # a fact without any date and without `known` was known from the beginning


@dataclass(frozen=True, slots=True)
class Section:
    """A heading of the manual with its prose."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Story:
    """A title, a timeline and expectations (plain mappings, dates as `date`)."""

    title: str
    timeline: Timeline
    expect: tuple[Mapping[str, Any], ...]


class _Constructor(SafeConstructor):
    """Dates stay text until we read them: no zone conversion, and a date that does not exist is our own error."""


_Constructor.add_constructor("tag:yaml.org,2002:timestamp", lambda _, node: str(_text(node)))


def _text(node: ScalarNode) -> str:
    return str(node.value)


def read_stories(text: str) -> list[Story]:
    """All stories of a YAML text. Raises UserError naming the story and the entry that cannot be read."""
    return [item for item in read_chapter(text) if isinstance(item, Story)]


def read_chapter(text: str) -> list[Section | Story]:
    """Sections and stories of a YAML text in their order. Raises UserError."""
    reader = YAML(typ="safe")
    reader.Constructor = _Constructor
    try:
        documents = list(reader.load_all(text))
    except (YAMLError, ValueError) as wrong:
        raise UserError(f"Файл не читается как YAML: {wrong}") from wrong
    items: list[Section | Story] = []
    for document in documents:
        if document is None:
            continue
        for row in document if isinstance(document, list) else [document]:
            if isinstance(row, Mapping) and "section" in row:
                items.append(Section(str(row["section"]), str(row.get("text") or "").strip()))
            elif isinstance(row, Mapping) and row.get("story") is not None:
                items.append(_story(row))
            else:
                raise UserError("История — это запись с полем story")
    return items


def _story(row: Mapping[str, Any]) -> Story:
    title = str(row["story"])
    try:
        _only(row, _STORY, "в истории")
        patient = _mapping(row.get("patient"), "patient")
        _only(patient, _PATIENT, "в patient")
        sex = str(patient.get("sex") or "")
        if sex not in ("", "male", "female"):
            raise UserError("patient.sex: male или female")
        born = _birth(patient["born"]) if patient.get("born") is not None else None
        facts = _facts(_list(row.get("facts"), "facts"))
        who = Patient(title, sex, born, str(patient.get("attached") or ""))
        delays = _usual(row.get("delays"))
        expect = tuple(_expected(e) for e in _list(row.get("expect"), "expect"))
    except OncorError as wrong:
        raise UserError(f"История «{title}»: {wrong.message}") from wrong
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise UserError(f"История «{title}» не читается: {wrong}") from wrong
    return Story(title, Timeline(who, facts, delays=delays), expect)


def _usual(rows: Any) -> dict[tuple[str, str], Usual] | None:
    """How late senders usually are: `[{sender, kind, n, median, p90}]`, days; None where the story does not say."""
    if rows is None:
        return None
    found: dict[tuple[str, str], Usual] = {}
    for row in _list(rows, "delays"):
        row = _mapping(row, "delays")
        _only(row, _USUAL, "в delays")
        found[str(row["sender"]), str(row["kind"])] = Usual(int(row["n"]), int(row["median"]), int(row["p90"]))
    return found


def _only(row: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    unknown = [str(name) for name in row if name not in known]
    if unknown:
        raise UserError(f"{where} нет поля {', '.join(unknown)}; есть: {', '.join(known)}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UserError(f"{where}: нужна запись вида {{поле: значение}}")
    return value


def _list(value: Any, where: str) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise UserError(f"{where}: нужен список")
    return value


def _expected(entry: Any) -> dict[str, Any]:
    entry = _mapping(entry, "expect")
    _only(entry, _EXPECT, "в expect")
    if entry.get("today") is None:
        raise UserError("в expect не указан today")
    read = dict(entry)
    for name in ("today", "known_on"):
        if entry.get(name) is not None:
            read[name] = _day(entry[name], name)
    if entry.get("icd10") is not None:
        read["icd10"] = _code(entry["icd10"])
    if "findings" in entry:
        wanted = entry["findings"]
        read["findings"] = [str(code) for code in (wanted if isinstance(wanted, list) else [wanted])]
    for name in ("tasks", "has", "hasnt"):
        if name in entry:
            wanted = entry[name]
            read[name] = [_item(i) for i in (wanted if isinstance(wanted, list) else [] if wanted is None else [wanted])]
    return read


def _item(item: Any) -> dict[str, Any]:
    """A rule id, or `{rule, due?, level?}`."""
    if isinstance(item, str):
        return {"rule": item}
    item = _mapping(item, "задача")
    _only(item, _ITEM, "в задаче")
    if item.get("rule") is None:
        raise UserError("в задаче не указан rule")
    read = {name: value for name, value in item.items() if value is not None}
    if "level" in read:
        read["level"] = _LEVELS.get(str(read["level"]), str(read["level"]))
    return read | ({"due": _day(read["due"], "due")} if "due" in read else {})


def _code(value: Any) -> str:
    code = icd10(str(value))
    if code is None:
        raise UserError("icd10: это не код МКБ-10")
    return code


def _day(value: Any, where: str) -> date:
    """A full date; a time of day and a zone are cut off, the date stays as written."""
    text = str(value).strip()
    try:
        return date.fromisoformat(text[:10] if len(text) > 10 and text[10] in "Tt " else text)
    except ValueError:
        raise UserError(f"{where}: нужна дата вида 2026-03-05") from None


def _when(value: Any) -> tuple[date | None, str]:
    """A full date, or the partial text (`2026-03`, `2026`) that starts and stops nothing."""
    if value is None:
        return None, ""
    text = str(value).strip()
    year, _, month = text.partition("-")
    if len(year) == 4 and year.isdigit() and (not month or (len(month) == 2 and month.isdigit() and 1 <= int(month) <= 12)):
        return None, text
    return _day(value, "on"), ""


def _birth(value: Any) -> date:
    """A birth date; of a year or a month alone its first day."""
    text = str(value).strip()
    return _day(text + "-01-01"[3 * (len(text) == 7) :] if len(text) in (4, 7) else text, "patient.born")


def _end_of(partial: str) -> date:
    """The last day of a month or a year: the latest a partial fact without `known` became known."""
    year, _, month = partial.partition("-")
    last = int(month or 12)
    return date(int(year), last, monthrange(int(year), last)[1])


@dataclass(slots=True)
class _Row:
    """A story line while the chain of corrections is put together."""

    id: str
    kind: str
    on: date | None
    partial: str
    known: date
    given: Mapping[str, Any]
    entry: Mapping[str, Any]
    withdrawn: date | None = None


def _facts(entries: list[Any]) -> tuple[Fact, ...]:
    rows: list[_Row] = []
    withdrawals: list[tuple[str, date]] = []
    for number, entry in enumerate(entries, 1):
        try:
            entry = _mapping(entry, "факт")
            if entry.get("withdraws") is not None:
                known = entry.get("known") if entry.get("known") is not None else entry.get("on")
                withdrawals.append((str(entry["withdraws"]), _day(known, "known")))
                continue
            rows.append(_row(number, entry))
        except OncorError as wrong:
            raise UserError(f"строка {number}: {wrong.message}") from wrong
    if len({r.id for r in rows}) < len(rows):
        raise UserError("у двух фактов один id")
    for name, known in withdrawals:
        hit = [r for r in rows if name in (r.id, str(r.entry.get("doc")))]
        if not hit:
            raise UserError(f"withdraws: {name} — такого факта или документа нет")
        for r in hit:
            r.withdrawn = min(known, r.withdrawn or known)
    return _chained(rows)


def _row(number: int, entry: Mapping[str, Any]) -> _Row:
    kinds = [str(name) for name in entry if name not in _SERVICE]
    if len(kinds) != 1:
        raise UserError(f"нужен ровно один факт, есть {', '.join(kinds) or 'ни одного'}")
    kind = kinds[0]
    if kind not in KINDS:
        raise UserError(f"факта «{kind}» нет в словаре")
    given = entry[kind]
    if given is None:
        given = {}
    elif not isinstance(given, Mapping):
        own = [name for name in KINDS[kind].attributes if name not in COMMON]
        given = {(own or ["org" if kind == "attached" else "icd10"])[0]: given}  # a bare value means the first attribute
    if kind == "diagnosis" and not isinstance(entry[kind], Mapping):
        given = {"icd10": entry[kind]}
    if given.get("icd10") is not None:
        given = {**given, "icd10": _code(given["icd10"])}
    for name, values in (("certainty", CERTAINTY), ("evidence", EVIDENCE)):
        if entry.get(name) is not None and entry[name] not in values:
            raise UserError(f"{name} принимает: {', '.join(values)}")
    on, partial = _when(entry.get("on"))
    known = _day(entry["known"], "known") if entry.get("known") is not None else on
    if known is None:
        known = _end_of(partial) if partial else ALWAYS
    return _Row(str(entry.get("id") or f"f{number}"), kind, on, partial, known, given, entry)


def _chained(rows: list[_Row]) -> tuple[Fact, ...]:
    """Facts with series and version from `replaces`: what replaces a fact or a document is its next version."""
    by_name: dict[str, list[_Row]] = {}
    for r in rows:
        for name in {r.id, str(r.entry.get("doc") or "")} - {""}:
            by_name.setdefault(name, []).append(r)
    replaced = {str(r.entry["replaces"]) for r in rows if r.entry.get("replaces") is not None}

    def place(r: _Row, depth: int = 0) -> tuple[str, int]:
        """(series, version) of a row; a document replaced as a whole lends its name to the series of its facts."""
        target = r.entry.get("replaces")
        if target is None:
            doc = str(r.entry.get("doc") or "")
            return (f"doc:{doc}" if doc in replaced else r.id), 0
        earlier = [x for x in by_name.get(str(target), ()) if x is not r]
        if not earlier or depth > len(rows):
            raise UserError(f"replaces: {target} — такого факта или документа нет")
        series, version = place(earlier[0], depth + 1)
        return series, version + 1

    out = []
    for r in rows:
        series, version = place(r)
        out.append(
            fact(
                r.id,
                r.kind,
                r.on,
                r.known,
                r.given,
                partial=r.partial,
                certainty=str(r.entry.get("certainty") or "established"),
                evidence=str(r.entry.get("evidence") or "document"),
                doc=str(r.entry.get("doc") or ""),
                series=series,
                version=version,
                withdrawn=r.withdrawn,
                links=tuple(map(str, r.entry.get("links") or ())),
                author=str(r.entry.get("author") or ""),
            )
        )
    return tuple(out)


def files_of(paths: list[Path]) -> list[Path]:
    """Every given file; of a folder, every `.yml` and `.yaml` in it."""
    return [f for p in paths for f in (sorted(x for x in p.rglob("*.y*ml")) if p.is_dir() else [p])]


def stories_of(paths: list[Path]) -> Iterator[tuple[str, Story]]:
    """(file name, story) of every YAML file of `files_of`. Raises UserError for one that cannot be read."""
    for path in files_of(paths):
        try:
            text = path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as wrong:
            raise UserError(f"Файл {path.name} не открывается") from wrong
        try:
            stories = read_stories(text)
        except UserError as wrong:
            raise UserError(f"{path.name}: {wrong.message}") from wrong
        for story in stories:
            yield path.name, story
