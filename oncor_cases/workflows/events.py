"""Facts that attest one happening become one event: a pure merge that does not know the order of arrival.

One operation named by a discharge, a claim and the register is one operation. What cannot count today (no full date,
a date before birth or after today) is left out and reported. Defended by tests/spec/events."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, NamedTuple

from oncor_cases.facts.fact import Fact
from oncor_cases.facts.registers import of_another_region
from oncor_cases.facts.vocabulary import EVIDENCE, KINDS, check
from oncor_cases.kernel.codes import BENIGN, UNSITED, site_group
from oncor_cases.workflows.view import Finding

RANK = {name: rank for rank, name in enumerate(EVIDENCE)}  # 0 is the strongest
ORDER = {name: kind.order for name, kind in KINDS.items()}
PRESENCE = frozenset(name for name, kind in KINDS.items() if kind.presence)
PLANS = frozenset(name for name, kind in KINDS.items() if kind.plan)

# Attributes that tell two happenings of one kind and day apart; everything else is merged.
_APART: dict[str, tuple[str, ...]] = {
    "referral": ("to", "study", "place"),
    "consultation": ("specialty",),
    "study_ordered": ("study",),
    "study_performed": ("study",),
    "biopsy_taken": ("specimen",),
    "biopsy_received": ("specimen",),
    "pathology_report": ("kind", "specimen", "result"),
    "diagnosis": ("status",),
    "clinical_group": ("group",),
    "register_entry": ("register",),
    "register_exit": ("register",),
    "visit": ("register",),
    "visit_planned": ("register",),
    "radiotherapy": ("phase",),
    "late_stage_protocol": ("phase",),
    "contact": ("outcome", "channel"),
    "appointment": ("for", "at"),
    "refusal": ("of", "documented"),
    "contraindication": ("of",),
    "done_elsewhere": ("step",),
    "screening_invited": ("programme",),
    "screening_test": ("programme",),
    "screening_assessment": ("programme",),
    "screening_done_earlier": ("programme",),
    "screening_refused": ("programme",),
}
_REGISTERING = frozenset({"register_entry", "register_exit"})
_DEATH = check("death", {})
_CONFLICTS = {"diagnosis": ("stage", "t", "n", "m"), "consilium": ("plan",)}  # differing values are put to a person


class Event(NamedTuple):
    """One happening. The first fields are the canonical order: day, kind, code, `subject` (what an order is known by),
    ids of `facts`, strongest evidence first. `site`: the tumour site the code speaks of; `known`: the day it was first
    learnt; `author`: who sent the leading fact."""

    on: date
    order: int
    icd10: str
    subject: str
    facts: tuple[str, ...]
    kind: str
    site: str | None
    side: str
    attributes: Mapping[str, Any]
    known: date
    certainty: str
    evidence: str
    docs: tuple[str, ...]
    links: tuple[str, ...]
    author: str

    @property
    def org(self) -> str:
        """The organisation the fact names, or an empty string."""
        return self.attributes.get("org") or ""

    @property
    def sure(self) -> bool:
        """Said as established: a suspected diagnosis confirms nothing, whatever its status."""
        return self.certainty == "established"

    @property
    def documented(self) -> bool:
        """False if only a person's word stands behind it: it holds a task but stops no legal clock."""
        return self.evidence != "person"


def merge(facts: Iterable[Fact], today: date, born: date | None) -> tuple[list[Event], list[Finding], date | None]:
    """Events in the canonical order (day, kind, content), findings, and the next day a future fact comes into force."""
    days: dict[tuple[date, str], Fact | list[Fact]] = {}  # a list only where one day has several facts of a kind
    findings: list[Finding] = []
    wakes: date | None = None
    for f in facts:
        if f.kind in _REGISTERING and of_another_region(f.author):
            if not reports_death(f.kind, f.attributes):
                continue
            f = replace(f, kind="death", attributes=_DEATH)  # a death is one wherever it is told; the rest is not ours
        on = f.on
        if on is None:
            # The fund's plan of visits is by month; its list of the insured says where somebody is attached, not since when.
            if not (f.kind in PLANS and f.partial) and not (f.kind == "attached" and f.evidence == "list"):
                findings.append(Finding("undated", (f.id,)))
        elif f.certainty == "planned" and f.kind in PRESENCE:
            continue  # a planned cycle or operation has not happened, whatever its day
        elif born is not None and on < born:
            findings.append(Finding("before_birth", (f.id,)))
        elif on > today and f.kind not in PLANS:
            wakes = on if wakes is None or on < wakes else wakes
            findings.append(Finding("in_future", (f.id,)))
        else:
            key = (on, f.kind)
            there = days.get(key)
            if there is None:
                days[key] = f
            elif isinstance(there, list):
                there.append(f)
            else:
                days[key] = [there, f]
    events: list[Event] = []
    for one in days.values():
        if isinstance(one, list):
            events.extend(_event(same, findings) for group in _told_apart(one) for same in _same_site(group))
        else:
            events.append(_made(one, one.attributes, (one.id,), one.known, (one.doc,) if one.doc else (), _links(one)))
    events.sort()  # ids are unique, so the comparison ends before the attributes
    return events, findings, wakes


def reports_death(kind: str, said: Mapping[str, Any]) -> bool:
    """Does a fact say that the person has died? A register does by the reason of the exit."""
    return kind == "death" or (kind == "register_exit" and str(said.get("reason")).startswith("died"))


def _told_apart(facts: list[Fact]) -> list[list[Fact]]:
    """Facts of one day and kind by the attributes that make them different happenings."""
    apart = _APART.get(facts[0].kind, ())
    groups: dict[tuple[Any, ...], list[Fact]] = {}
    for f in facts:
        groups.setdefault(tuple([f.attributes.get(a) or "" for a in apart]), []).append(f)
    return list(groups.values())


def _same_site(group: list[Fact]) -> list[list[Fact]]:
    """Splits facts of one day and kind by tumour; a fact without a site joins the only site there is."""
    sites: dict[tuple[str, str, bool], list[Fact]] = {}
    loose: list[Fact] = []
    for f in sorted(group, key=lambda f: (not f.side, _strength(f))):  # a sideless fact joins last, it fits any side
        site = site_group(f.icd10) or (f.icd10[:3] if f.icd10 and f.icd10 not in UNSITED else None)
        if site is None:  # K13 and K29 of one day are two conditions; R91 is only a suspicion without a site
            loose.append(f)
            continue
        benign = f.icd10 in BENIGN  # a polyp and a cancer of one organ are two diagnoses
        same = (k for k in sites if (k[0], k[2]) == (site, benign) and (k[1] == f.side or not k[1] or not f.side))
        sites.setdefault(next(same, (site, f.side, benign)), []).append(f)
    parts = list(sites.values())
    if len(parts) == 1:
        parts[0].extend(loose)
    elif loose:
        parts.append(loose)
    return parts


def _strength(f: Fact) -> tuple[Any, ...]:
    """Strongest evidence first, the own register before another region's, then what was said more exactly, then by content;
    ids only break full ties."""
    said = tuple(sorted((k, str(v)) for k, v in f.attributes.items()))
    rank, other = RANK.get(f.evidence, 9), of_another_region(f.author)
    return (rank, f.certainty != "established", other, -len(said), said, f.series, f.source, f.id)


def _event(group: list[Fact], findings: list[Finding]) -> Event:
    group = sorted(group, key=_strength)
    f = group[0]
    if len(group) == 1:
        return _made(f, f.attributes, (f.id,), f.known, (f.doc,) if f.doc else (), _links(f))
    return _made(
        f,
        _merged(group, findings),
        tuple(g.id for g in group),
        min(g.known for g in group),
        tuple(sorted({g.doc for g in group if g.doc})),
        tuple(sorted({link for g in group for link in g.links})),
    )


def _links(f: Fact) -> tuple[str, ...]:
    return tuple(sorted(set(f.links))) if f.links else ()


def _made(
    f: Fact, said: Mapping[str, Any], ids: tuple[str, ...], known: date, docs: tuple[str, ...], links: tuple[str, ...]
) -> Event:
    code = said.get("icd10") or ""
    specimen = said.get("specimen")
    kind = f.kind
    return Event._make(  # an event a fact: the class itself takes half as long again
        (
            f.on,
            ORDER[kind],
            code,
            _owed(f) if f.source else f.series or f.id,
            ids,
            kind,
            site_group(code) if code else None,
            said.get("side") or "",
            said,
            known,
            f.certainty,
            f.evidence,
            docs,
            (*links, f"specimen:{specimen}") if specimen else links,
            f.author,
        ),
    )


def _owed(f: Fact) -> str:
    """What an order is known by: its document's series and the path inside it, the same in every version (invariant 5).

    The pointer names the version's own row before `#`; that part must not enter an identity."""
    path = f.source.partition("#")[2]
    return f"{f.series or f.id}#{path}" if path else (f.series or f.id)


def _merged(group: list[Fact], findings: list[Finding]) -> dict[str, Any]:
    """Attribute by attribute from the strongest fact that says something other than the default."""
    kind = KINDS[group[0].kind]
    merged: dict[str, Any] = {}
    for f in group:
        for name, value in f.attributes.items():
            if name not in merged:
                merged[name] = value
                continue
            attribute = kind.attributes[name]
            default = attribute.values[0] if attribute.values and attribute.default else None
            if default is not None and merged[name] == default:
                merged[name] = value  # a default may only mean that nothing was said
            elif name == "icd10" and str(value).startswith(str(merged[name])):
                merged[name] = value  # C50 and C50.4 of one day: the more exact one
    for name in _CONFLICTS.get(kind.name, ()):
        # «T2» of a document and «2» of a register are one value (tests/spec/test_findings.py)
        if len({str(f.attributes[name]).upper().removeprefix(name.upper()) for f in group if f.attributes.get(name)}) > 1:
            findings.append(Finding(f"conflict_{name}", tuple(f.id for f in group)))
    return merged
