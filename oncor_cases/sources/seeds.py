"""Our own seed files as plain records: rule book, calendar, regimens. The only reader of seeds/ at run time."""

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from oncor_cases.kernel.calendar import Calendar, CalendarRecord, russian
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.regulations.reasons import Reason
from oncor_cases.regulations.rulebook import Condition, Move, Rulebook, SearchStep, Tables, Volume, rulebook
from oncor_cases.tasks.bypass import Level
from oncor_cases.tasks.routed import Definitions, Workup


def yaml_records(folder: str) -> Iterator[dict[str, Any]]:
    """Every record of every YAML file of a seeds folder, files in name order."""
    reader = YAML(typ="safe", pure=False)
    for path in sorted(files("seeds").joinpath(folder).iterdir(), key=lambda p: p.name):
        if path.name.endswith((".yml", ".yaml")):
            yield from reader.load(path.read_text(encoding="utf-8")) or ()


@lru_cache(maxsize=8)
def default_rulebook(region: str = "", known_on: date | None = None) -> Rulebook:
    """The rule book of seeds/regulations."""
    return rulebook(yaml_records("regulations"), region, known_on, tables())


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
