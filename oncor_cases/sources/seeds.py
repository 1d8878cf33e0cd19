"""Our own seed files as plain records: rule book, calendar, regimens. The only reader of seeds/ at run time."""

import json
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from oncor_cases.kernel.calendar import Calendar, CalendarRecord, russian
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.amend import amended
from oncor_cases.regulations.reasons import Reason
from oncor_cases.regulations.rulebook import Condition, Move, Rulebook, SearchStep, Tables, Volume, rulebook
from oncor_cases.tasks.bypass import Level
from oncor_cases.tasks.routed import Definitions, Workup

Change = tuple[int, str]  # number of the change in its region, its records as JSON: plain values for another process


def yaml_records(folder: str) -> Iterator[dict[str, Any]]:
    """Every record of every YAML file of a seeds folder, files in name order."""
    reader = YAML(typ="safe", pure=False)
    for path in sorted(files("seeds").joinpath(folder).iterdir(), key=lambda p: p.name):
        if path.name.endswith((".yml", ".yaml")):
            yield from reader.load(path.read_text(encoding="utf-8")) or ()


@lru_cache(maxsize=1)
def base_records() -> tuple[dict[str, Any], ...]:
    """The shipped rule book as plain records; nobody may change them."""
    return tuple(yaml_records("regulations"))


@lru_cache(maxsize=1)
def base_version() -> str:
    """The shipped rule book by its content: the same text has the same version on every installation."""
    text = json.dumps(base_records(), ensure_ascii=False, sort_keys=True, default=_iso)
    return sha256(text.encode()).hexdigest()[:8]


def default_rulebook(region: str = "", known_on: date | None = None, changes: tuple[Change, ...] = ()) -> Rulebook:
    """The rule book of seeds/regulations with a region's changes on it."""
    later = [known for r in base_records() for e in r.get("editions", ()) if (known := as_date(e.get("known")))]
    if known_on is not None and all(known <= known_on for known in later):
        known_on = None  # a demo asks for day after day, and all of them have the same book
    return _rulebook(region, known_on, changes)


@lru_cache(maxsize=16)
def _rulebook(region: str, known_on: date | None, changes: tuple[Change, ...]) -> Rulebook:
    records, unfit = laid_over(changes)
    book = rulebook(records, region, known_on, tables())
    book.unfit = unfit
    return book


def laid_over(changes: Sequence[Change]) -> tuple[Sequence[dict[str, Any]], tuple[tuple[int, str], ...]]:
    """The shipped records with stored changes on them, and (number, why) of those that do not fit a newer shipped text:
    they are left out and shown, for one of them must not stop the others."""
    records: Sequence[dict[str, Any]] = base_records()
    unfit: list[tuple[int, str]] = []
    for number, text in changes:
        try:
            records = amended(records, [(number, json.loads(text))])
        except BadRuleRecord as wrong:
            unfit.append((number, wrong.message))
    return records, tuple(unfit)


def amended_rulebook(region: str, changes: tuple[Change, ...], change: Change) -> Rulebook:
    """The book as it would be with one more change. Raises BadRuleRecord where the change does not fit."""
    records, _ = laid_over(changes)
    return rulebook(amended(records, [(change[0], json.loads(change[1]))]), region, None, tables())


def change_records(text: str) -> list[dict[str, Any]]:
    """The records of a change as YAML: a list, or one record alone. Raises BadRuleRecord."""
    try:
        said = YAML(typ="safe").load(text)
    except YAMLError as wrong:
        raise BadRuleRecord("Изменение правил не читается как YAML: проверьте отступы и скобки") from wrong
    records = said if isinstance(said, list) else [said]
    if not records or not all(isinstance(r, dict) for r in records):
        raise BadRuleRecord("Изменение правил: нужен список записей вида {rule: DX-01, editions: [...]}")
    return json.loads(json.dumps(records, ensure_ascii=False, default=_iso))


def _iso(value: Any) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise BadRuleRecord("Изменение правил: такого значения в записях не бывает")


@lru_cache(maxsize=1)
def tables() -> Tables:
    """Regimens, pre-tumour conditions and screening programmes of seeds/dictionaries."""
    regimens = {row["id"]: tuple(row["cycle_days"]) for row in yaml_file("dictionaries", "regimens.yml")}
    conditions = tuple(
        Condition(row["id"], IcdSet.parse(row["icd"]), row["doctor"], int(row["months"]), row["interval"] != "verified")
        for row in yaml_file("dictionaries", "precancer.yml")
    )
    programmes = frozenset(row["id"] for row in yaml_file("dictionaries", "programmes.yml"))
    return Tables(regimens, conditions, programmes, _volumes(), _moves(), _search())


def _volumes() -> tuple[Volume, ...]:
    return tuple(
        Volume(
            row["id"], IcdSet.parse(row["icd"]), row["kind"], row.get("from") or date.min, row.get("to") or date.max,
            tuple(row["services"]), row["norm"], bool(row["advisory"]), row["source"],
        )
        for row in yaml_file("dictionaries", "visit_volume.yml")
    )  # fmt: skip


def _moves() -> tuple[Move, ...]:
    rows = yaml_file("dictionaries", "clinical_groups.yml")
    return tuple(Move(row["from"], tuple(row["to"]), row.get("needs", "")) for row in rows)


def _search() -> tuple[SearchStep, ...]:
    rows = yaml_file("dictionaries", "search_steps.yml")
    return tuple(
        SearchStep(r["id"], tuple(r["channels"]), int(r["times"]), int(r.get("within_days", 0)), int(r["wait"]), r["who"])
        for r in rows
    )


@lru_cache(maxsize=1)
def late_reasons() -> dict[str, str]:
    """Causes of late detection by code, with their words of form 027-2/u."""
    return {row["id"]: row["title"] for row in yaml_file("dictionaries", "late_reasons.yml")}


@lru_cache(maxsize=1)
def service_names() -> dict[str, str]:
    """Code of the national nomenclature → a short Russian name, for the services a visit of observation may hold."""
    return dict(YAML(typ="safe").load(files("seeds").joinpath("dictionaries", "services.yml").read_text(encoding="utf-8")))


@lru_cache(maxsize=1)
def acknowledgement_reasons() -> dict[str, Reason]:
    """What a head may say of an overdue task, in the order it is offered (seeds/dictionaries/acknowledgement.yml)."""
    return {row["id"]: Reason(**row) for row in yaml_file("dictionaries", "acknowledgement.yml")}


@lru_cache(maxsize=1)
def routing() -> Definitions:
    """Minimum work-up and what makes a visit one for the dispensary (seeds/dictionaries/workup.yml, routes.yml)."""
    workups = tuple(
        Workup(row["id"], IcdSet.parse(row["icd"]), int(row["days"]), tuple(map(tuple, row["groups"])))
        for row in yaml_file("dictionaries", "workup.yml")
    )
    simple = _routes()["simple_visit"]
    return Definitions(workups, frozenset(simple["needs"]), int(simple["days"]))


@lru_cache(maxsize=1)
def route_levels() -> tuple[Level, ...]:
    """The levels of the prescribed way, the first one first (seeds/dictionaries/routes.yml)."""
    return tuple(Level(int(r["level"]), frozenset(r["roles"]), r["title"]) for r in _routes()["levels"])


def _routes() -> dict[str, Any]:
    text = files("seeds").joinpath("dictionaries", "routes.yml").read_text(encoding="utf-8")
    return dict(YAML(typ="safe").load(text))


def yaml_file(folder: str, name: str) -> list[dict[str, Any]]:
    """The records of one YAML file of a seeds folder."""
    return list(YAML(typ="safe").load(files("seeds").joinpath(folder, name).read_text(encoding="utf-8")) or ())


@lru_cache(maxsize=8)
def default_calendar(records: tuple[CalendarRecord, ...] = (), known_on: date | None = None) -> Calendar:
    """The federal calendar with the decrees of seeds/calendars and a region's own dated records."""
    decrees = list(yaml_records("calendars"))
    decreed_until = max(date(int(row["year"]), 12, 31) for row in decrees if row["norm"] == "verified")
    return russian(decreed_until, records, known_on)
