"""Stories: the readable form of a timeline (YAML 1.2, several per file) with what is expected on which day.

Used by the specs, the demo region and by a methodologist who checks the rules. Format: DESIGN section 4 "Stories"."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from oncor_cases.facts.fact import Fact, fact
from oncor_cases.facts.timeline import Patient, Timeline, Version
from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.errors import OncorError, UserError

_SERVICE = ("on", "known", "id", "doc", "replaces", "withdraws", "certainty", "evidence", "links", "author")
_EXPECT = ("today", "pathway", "icd10", "programme", "known_on", "state", "tasks", "has", "hasnt")


@dataclass(frozen=True, slots=True)
class Story:
    """A title, a timeline and expectations (plain mappings, dates as `date`)."""

    title: str
    timeline: Timeline
    expect: tuple[Mapping[str, Any], ...]


def read_stories(text: str) -> list[Story]:
    """All stories of a YAML text. Raises UserError naming the story and the entry that cannot be read."""
    try:
        documents = list(YAML(typ="safe").load_all(text))
    except YAMLError as wrong:
        raise UserError(f"Файл не читается как YAML: {wrong}") from wrong
    stories: list[Story] = []
    for document in documents:
        if document is None:
            continue
        for row in document if isinstance(document, list) else [document]:
            if not isinstance(row, Mapping) or "story" not in row:
                raise UserError("История — это запись с полем story")
            stories.append(_story(row))
    return stories


def _story(row: Mapping[str, Any]) -> Story:
    title = str(row["story"])
    patient = row.get("patient") or {}
    try:
        facts, versions = _facts(row.get("facts") or ())
        born = _day(patient.get("born"))
        who = Patient(title, str(patient.get("sex") or ""), born, str(patient.get("attached") or ""))
        expect = tuple(_expected(e) for e in row.get("expect") or ())
    except OncorError as wrong:
        raise UserError(f"История «{title}»: {wrong.message}") from wrong
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise UserError(f"История «{title}» не читается: {wrong}") from wrong
    return Story(title, Timeline(who, facts, versions), expect)


def _expected(entry: Mapping[str, Any]) -> dict[str, Any]:
    unknown = [name for name in entry if name not in _EXPECT]
    if unknown:
        raise UserError(f"в expect нет поля {', '.join(map(str, unknown))}; есть: {', '.join(_EXPECT)}")
    if "today" not in entry:
        raise UserError("в expect не указан today")
    days = {name: _day(entry[name]) for name in ("today", "known_on") if entry.get(name) is not None}
    return {**entry, **days}


def _day(value: Any) -> date | None:
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date) or value is None:
        return value
    return date.fromisoformat(str(value))


def _when(value: Any) -> tuple[date | None, str]:
    """A full date, or the partial text that starts and stops nothing."""
    if value is None:
        return None, ""
    try:
        return _day(value), ""
    except ValueError:
        return None, str(value)


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


def _facts(entries: Any) -> tuple[tuple[Fact, ...], tuple[Version, ...]]:
    rows: list[_Row] = []
    withdrawals: list[tuple[str, date]] = []
    for number, entry in enumerate(entries):
        if "withdraws" in entry:
            known = _day(entry.get("known") or entry.get("on"))
            if known is None:
                raise UserError(f"строка {number + 1}: у withdraws не указан known")
            withdrawals.append((str(entry["withdraws"]), known))
            continue
        rows.append(_row(number, entry))
    for name, known in withdrawals:
        hit = [r for r in rows if name in (r.id, r.entry.get("doc"))]
        if not hit:
            raise UserError(f"withdraws: {name} — такого факта или документа нет")
        for r in hit:
            r.withdrawn = known
    return _chained(rows), ()


def _row(number: int, entry: Mapping[str, Any]) -> _Row:
    kinds = [name for name in entry if name not in _SERVICE]
    if len(kinds) != 1:
        raise UserError(f"строка {number + 1}: нужен ровно один факт, есть {', '.join(kinds) or 'ни одного'}")
    kind = str(kinds[0])
    if kind not in KINDS:
        raise UserError(f"строка {number + 1}: факта «{kind}» нет в словаре")
    given = entry[kind]
    if given is None:
        given = {}
    elif not isinstance(given, Mapping):
        given = {next(iter(KINDS[kind].attributes)): given}  # a bare value means the first attribute
    on, partial = _when(entry.get("on"))
    known = _day(entry.get("known")) or on
    if known is None:
        raise UserError(f"строка {number + 1}: без полной даты on нужно указать known")
    return _Row(str(entry.get("id") or f"f{number + 1}"), kind, on, partial, known, given, entry)


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


def stories_of(paths: list[Any]) -> Iterator[tuple[str, Story]]:
    """(file name, story) of every given YAML file."""
    for path in paths:
        try:
            text = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as wrong:
            raise UserError(f"Файл {path.name} не открывается") from wrong
        for story in read_stories(text):
            yield path.name, story
