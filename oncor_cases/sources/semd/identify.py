"""What kind of document it is: by code and dictionary first, by template for its edition. Never by title."""

import csv
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files

from oncor_cases.sources.reading import DocumentKind

_HEAD = "1.2.643.5.1.13."


@dataclass(frozen=True, slots=True)
class Row:
    """One edition of one kind: `reader` is the family that reads it; `remd` its number in the federal list of kinds."""

    name: str
    reader: str
    remd: str
    md: str
    guide: str
    templates: tuple[str, ...]
    title: str


@dataclass(frozen=True, slots=True)
class Identified:
    """`reader` is empty for a kind we do not read; `doubtful`: the template belongs to another kind than the code."""

    kind: DocumentKind
    reader: str = ""
    doubtful: bool = False


@cache
def rows() -> tuple[Row, ...]:
    """The table of kinds, oldest edition first."""
    text = (files("seeds") / "dictionaries" / "semd_kinds.csv").read_text(encoding="utf-8")
    lines = csv.DictReader(line for line in text.splitlines() if not line.startswith("#"))
    return tuple(
        Row(
            r["name"], r["reader"], r["remd"], r["md"], r["guide"],
            tuple(_HEAD + t for t in r["templates"].split()), r["title"],
        )
        for r in lines
    )  # fmt: skip


@cache
def _indexes() -> tuple[dict[str, Row], dict[str, list[Row]], dict[str, list[Row]], dict[str, Row]]:
    remd: dict[str, Row] = {}
    md: dict[str, list[Row]] = {}
    guide: dict[str, list[Row]] = {}
    sms: dict[str, Row] = {}
    for row in rows():
        if row.remd:
            remd[row.remd] = row
        if row.md.startswith("SMSV"):
            sms[row.md] = row
        elif row.md:
            md.setdefault(row.md, []).append(row)
        if row.guide:
            guide.setdefault(row.guide.partition(".")[0], []).append(row)
    return remd, md, guide, sms


@lru_cache(maxsize=1024)  # a region sends the same few pairs by the million
def identify(templates: tuple[str, ...], codes: tuple[tuple[str, str], ...]) -> Identified:
    """`codes`: (dictionary, code) of the document's code and its translations, the code itself first."""
    remd, md, guide, sms = _indexes()
    candidates: list[Row] = []
    told_remd = ""
    for system, code in codes:
        if system == "remd":
            told_remd = told_remd or code
            candidates = [remd[code]] if code in remd else []
        elif system == "guide":
            candidates = guide.get(code, [])
        elif system == "sms" or code.startswith("SMSV"):
            candidates = [sms[code]] if code in sms and system == "sms" else []
        elif system == "document_kind":
            candidates = md.get(code, [])
        if candidates:
            break
    if not candidates and not any(code for _, code in codes):  # no code at all: the template may still tell
        candidates = [
            row for row in rows() if set(templates) & set(row.templates) or _guide_of(templates) == row.guide != ""
        ]
    generation = _generation(templates, codes)
    if not candidates:
        return Identified(DocumentKind("unknown", told_remd, generation))
    row = _edition(candidates, templates, told_remd)
    vimis = generation == "vimis"
    number = told_remd or ("" if vimis or not row else row.remd)
    owners = {r.name for r in rows() if set(templates) & set(r.templates)}
    doubtful = bool(owners) and candidates[0].name not in owners
    return Identified(DocumentKind(candidates[0].name, number, generation), candidates[0].reader, doubtful)


def _guide_of(templates: tuple[str, ...]) -> str:
    head = _HEAD + "13.15."
    return next((t.removeprefix(head) for t in templates if t.startswith(head)), "")


def _edition(candidates: list[Row], templates: tuple[str, ...], told_remd: str) -> Row | None:
    """The edition a template names; the only one if there is one; None if several are possible."""
    if told_remd or len(candidates) == 1:
        return candidates[0]
    guide = _guide_of(templates)
    for row in candidates:
        if (guide and row.guide == guide) or set(templates) & set(row.templates):
            return row
    return None


def _generation(templates: tuple[str, ...], codes: tuple[tuple[str, str], ...]) -> str:
    """A to 2020, B 2021 to mid 2023, C later, vimis; empty if nothing tells."""
    if any(code.startswith("SMSV") for _, code in codes):
        return "vimis"
    for template in templates:
        tail = template.removeprefix(_HEAD)
        if template == "0" or tail.startswith("13.16."):
            return "vimis"
        if tail.startswith("13.15."):
            return "C"
        if tail.startswith("13.14."):
            return "B"
        if tail.startswith("2.7.5.1."):
            return "A" if tail.count(".") <= 5 else "B"
    if any(system in ("remd", "guide") for system, _ in codes):
        return "C"
    return ""
