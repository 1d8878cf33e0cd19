"""What the documents of a patient had told by a day: the ground on which the region's lists stand."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.codes import MALIGNANT, site_group
from oncor_cases.region.patients import Patient
from oncor_cases.region.people import Resident
from oncor_cases.sources.semd_writer import Said


@dataclass(frozen=True, slots=True)
class Told:
    """A fact of a document with the moment it arrived and who wrote it."""

    said: Said
    on: date
    received: datetime
    by: str  # OID

    @property
    def kind(self) -> str:
        return self.said.kind


@dataclass(frozen=True, slots=True)
class Tumour:
    """A final diagnosis as the documents have it."""

    icd10: str
    diagnosed_on: date
    said: Said


@dataclass(frozen=True, slots=True)
class Known:
    """A patient as the documents told by a day."""

    resident: Resident
    told: tuple[Told, ...] = ()
    tumour: Tumour | None = None
    registered_on: date | None = None
    precancer: Told | None = None
    left_on: date | None = None
    died: Told | None = None
    sites: Mapping[str, date] = field(default_factory=dict)  # site of each tumour, with the day of its first diagnosis

    def of(self, *kinds: str) -> list[Told]:
        return [t for t in self.told if t.kind in kinds]

    @property
    def seen_on(self) -> date | None:
        """The last day on which the documents show the patient somewhere."""
        return max((t.on for t in self.told if KINDS[t.kind].presence and t.kind != "contact"), default=None)

    @property
    def registered(self) -> bool:
        """On the oncology register and alive by the documents."""
        return bool(self.tumour and self.registered_on and not self.left_on and not self.died)


@dataclass
class Person:
    """A patient with everything that was ever written; `at(day)` is what had arrived by that day."""

    resident: Resident
    told: tuple[Told, ...]
    died_on: date | None
    death_cause: str
    cache: dict[date, Known] = field(default_factory=dict)

    def at(self, day: date) -> Known:
        """What the documents that arrived before `day` tell."""
        if day not in self.cache:
            self.cache[day] = _known(self.resident, [t for t in self.told if t.received.date() < day and t.on < day])
        return self.cache[day]


def person_of(whole: Patient, today: date) -> Person:
    """A patient out of the papers, without what cannot be read, was voided, or names nobody."""
    told: list[Told] = []
    died: Told | None = None
    latest = {
        p.series or p.id: p.version for p in sorted(whole.papers, key=lambda p: p.version) if p.received.date() < today
    }
    for paper in whole.papers:
        for said in paper.says:
            if said.kind == "death" and said.on:
                died = Told(said, said.on, paper.received, paper.by.oid)
        void = paper.withdrawn is not None or paper.spoiled or paper.nameless or paper.undated
        if void or latest.get(paper.series or paper.id, paper.version) != paper.version:
            continue
        told += [Told(said, said.on, paper.received, paper.by.oid) for said in paper.says if said.on]
    known = died is not None and died.on + timedelta(days=14) < today
    return Person(
        whole.resident, tuple(told), died.on if died and known else None, str(died.said["icd10"]) if died and known else ""
    )


def _known(resident: Resident, told: Iterable[Told]) -> Known:
    said = tuple(sorted(told, key=lambda t: (t.on, t.received, t.kind)))
    finals = [t for t in said if t.kind == "diagnosis" and t.said["status"] == "final" and t.said["icd10"] in MALIGNANT]
    excluded = [t.on for t in said if t.kind == "diagnosis" and t.said["status"] == "excluded"]
    finals = [t for t in finals if not excluded or t.on > max(excluded)]
    tumour = Tumour(str(finals[0].said["icd10"]), finals[0].on, finals[0].said) if finals else None
    entries = [t for t in said if t.kind == "register_entry"]
    oncology = [t.on for t in entries if (t.said["register"] or "oncology") == "oncology"]
    precancer = next((t for t in entries if t.said["register"] == "precancer"), None)
    return Known(
        resident,
        said,
        tumour,
        min(oncology) if oncology else None,
        precancer,
        next((t.on for t in said if t.kind == "register_exit"), None),
        next((t for t in said if t.kind == "death"), None),
        {site: on for t in reversed(finals) for site, on in [(site_group(str(t.said["icd10"])), t.on)] if site},
    )
