"""Stories of the demo region: what a methodologist writes in seeds/stories, read into values.

The language is described at the head of seeds/stories/smooth.yml. A mistake in a story is a UserError that names the
story and the document."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from importlib.resources import files
from typing import Any

from ruamel.yaml import YAML

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.seeds import yaml_records

_COUNT = r"(?P<low>-?\d+)(?:\.\.(?P<high>-?\d+))?(?P<work>w?)"
_DAY = re.compile(rf"^(?:(?P<ref>[a-z]\w*)(?:\s*\+\s*(?=\d)|$))?(?:{_COUNT})?$")


@dataclass(frozen=True, slots=True)
class Delay:
    """`ref + low..high`, in working days where `work`; `ref` empty: from the start of the story."""

    ref: str = ""
    low: int = 0
    high: int = 0
    work: bool = False

    @classmethod
    def parse(cls, text: object) -> "Delay":
        """Reads `0`, `3..9`, `ref`, `ref + 1..4w`. Raises ValueError."""
        match = _DAY.match(str(text).strip())
        if not match or not str(text).strip():
            raise ValueError(f"не понимаю день «{text}»")
        low = int(match["low"] or 0)
        return cls(match["ref"] or "", low, int(match["high"] or low), bool(match["work"]))


@dataclass(frozen=True, slots=True)
class Draft:
    """One document of a story before it has a patient."""

    id: str
    on: Delay
    papers: tuple[str, ...]
    by: str
    to: str = ""
    answers: str = ""
    known: Delay = Delay(high=2)
    again: Delay | None = None
    corrects: str = ""
    withdrawn: Delay | None = None
    reason: str = ""
    chance: float = 1.0
    treatment: str = ""
    every: int = 0
    times: Delay = Delay(low=1, high=1)
    tumour: int = 1
    any_day: bool = False
    undated: bool = False
    spoiled: str = ""  # `cut`: the file ends halfway; `number`: a correction that kept the old version number
    nameless: bool = False  # neither SNILS nor policy: who is this?
    when: str = ""  # `late_stage`: only where the form 027-2/у is due
    says: tuple[tuple[str, Mapping[str, Any]], ...] = ()


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the story plants: a rule whose clock starts with one document and is stopped by another (or never)."""

    rule: str
    since: str
    until: str
    days: Delay
    known: bool = False  # the clock starts when the system learns of it, not when it happened


@dataclass(frozen=True, slots=True)
class Story:
    """A template of a patient's way."""

    name: str
    title: str
    weight: int
    sites: tuple[str, ...]
    starts: Delay
    documents: tuple[Draft, ...]
    expect: tuple[Expectation, ...] = ()
    late_stage: bool = False
    plan: tuple[str, ...] = ()  # instead of the site's own plans


@dataclass(frozen=True, slots=True)
class Site:
    """A tumour site of the invented region (seeds/region/sites.yml)."""

    name: str
    weight: int
    icd10: tuple[str, ...]
    suspect: tuple[str, ...]
    topography: str
    morphology: tuple[str, ...]
    studies: tuple[str, ...]
    benign: str
    plans: Mapping[str, int]
    ages: tuple[int, int]
    sex: str = ""
    stages: tuple[int, ...] = ()
    regimen: str = ""
    flags: frozenset[str] = field(default_factory=frozenset)


RESERVED = {"id", "on", "paper", "by", "to", "answers", "known", "again", "corrects", "withdrawn", "chance", "treatment",
            "every", "times", "tumour", "any_day", "undated", "when", "spoiled",
            "nameless"}  # fmt: skip
LIST = "list"  # pseudo paper: not a document, a row of the list of the dead


def _draft(story: str, record: Mapping[str, Any]) -> Draft:
    unknown = [k for k in record if k not in RESERVED and k not in KINDS]
    if unknown:
        raise UserError(f"История «{story}», документ «{record.get('id')}»: неизвестно {', '.join(map(repr, unknown))}")
    papers = record.get("paper", [])
    papers = papers if isinstance(papers, list) else [papers]
    withdrawn = record.get("withdrawn")
    try:
        return Draft(
            id=str(record["id"]),
            on=Delay.parse(record["on"]),
            papers=tuple(map(str, papers)),
            by=str(record.get("by", "dispensary")),
            to=str(record.get("to", "")),
            answers=str(record.get("answers", "")),
            known=Delay.parse(record["known"]) if "known" in record else Delay(high=2),
            again=Delay.parse(record["again"]) if "again" in record else None,
            corrects=str(record.get("corrects", "")),
            withdrawn=Delay.parse(withdrawn["after"]) if withdrawn else None,
            reason=str(withdrawn["reason"]) if withdrawn else "",
            chance=float(record.get("chance", 1)),
            treatment=str(record.get("treatment", "")),
            every=int(record.get("every", 0)),
            times=Delay.parse(record.get("times", 1)),
            tumour=int(record.get("tumour", 1)),
            any_day=bool(record.get("any_day", False)),
            undated=bool(record.get("undated", False)),
            when=str(record.get("when", "")),
            spoiled=str(record.get("spoiled", "")),
            nameless=bool(record.get("nameless", False)),
            says=tuple((k, dict(v or {})) for k, v in record.items() if k in KINDS),
        )
    except (KeyError, ValueError) as error:
        raise UserError(f"История «{story}», документ «{record.get('id')}»: {error}") from error


def _story(record: Mapping[str, Any]) -> Story:
    name = str(record["story"])
    sites = record.get("patient", {}).get("sites", "any")
    return Story(
        name=name,
        title=str(record["title"]),
        weight=int(record["weight"]),
        sites=() if sites == "any" else tuple(sites),
        starts=Delay.parse(record.get("starts", "-270..-2")),
        documents=tuple(_draft(name, d) for d in record["documents"]),
        expect=tuple(
            Expectation(
                str(e["late"]), str(e["from"]), str(e.get("until", "")), Delay.parse(e["days"]), e.get("clock") == "known"
            )
            for e in record.get("expect") or ()
        ),
        late_stage=bool(record.get("late_stage", False)),
        plan=tuple(record.get("plan", ())),
    )


def _documents(name: str, told: Mapping[str, Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The story's own documents on top of those of the story it is `like`: up to `until`, but `without` some and what
    counts its days from them. A document with a known id takes its place, with a new id it is added at the end."""
    record = told[name]
    own = list(record.get("documents") or ())
    if "like" not in record:
        return own
    if record["like"] not in told or record["like"] == name:
        raise UserError(f"История «{name}» похожа на «{record['like']}», а такой нет")
    base: dict[str, Mapping[str, Any]] = {}
    gone = set(record.get("without") or ()) - {d["id"] for d in own}
    for document in _documents(record["like"], told):
        if document["id"] in gone or Delay.parse(document["on"]).ref in gone:
            gone.add(document["id"])
        else:
            base[document["id"]] = document
        if document["id"] == record.get("until"):
            break
    return [*(base | {d["id"]: d for d in own}).values()]


def _records() -> Iterator[Mapping[str, Any]]:
    for path in sorted(files("seeds").joinpath("stories").iterdir(), key=lambda p: p.name):
        if path.name.endswith(".yml"):
            yield from (r for r in YAML(typ="safe", pure=True).load_all(path.read_text(encoding="utf-8")) if r)


@lru_cache(maxsize=1)
def stories() -> tuple[Story, ...]:
    """Every story of seeds/stories, files in name order."""
    told = {record["story"]: record for record in _records()}
    return tuple(_story({**record, "documents": _documents(name, told)}) for name, record in told.items())


@lru_cache(maxsize=1)
def sites() -> dict[str, Site]:
    """The tumour sites by name."""
    return {
        r["site"]: Site(
            name=r["site"],
            weight=int(r["weight"]),
            icd10=tuple(r["icd10"]),
            suspect=tuple(r["suspect"]),
            topography=r["topography"],
            morphology=tuple(r["morphology"]),
            studies=tuple(r["studies"]),
            benign=r["benign"],
            plans=dict(r["plans"]),
            ages=(r["ages"][0], r["ages"][1]),
            sex=r.get("sex", ""),
            stages=tuple(r.get("stages", ())),
            regimen=r.get("regimen", ""),
            flags=frozenset(f for f in ("side", "visible", "haematology", "child") if r.get(f)),
        )
        for r in yaml_records("region")
        if "site" in r
    }
