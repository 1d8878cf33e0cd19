"""The events of one episode by kind, and the milestones a rule asks for. Built once, read by the clocks."""

from collections.abc import Sequence
from datetime import date, timedelta

from oncor_cases.kernel.codes import CANCER, HAEMATOLOGY
from oncor_cases.kernel.dates import as_date
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.episodes import TREATMENT, Episode, excludes
from oncor_cases.workflows.events import Event

TREATMENT_STEPS = ("surgery", "chemotherapy", "radiotherapy", "hormone")
KNOWN_SINCE = timedelta(days=60)  # first set so long before the document: the tumour was known before
ADULT = 18


class Course:
    """`course[kind]`: the events of a kind in order, an empty list if none."""

    __slots__ = (
        "_kinds",
        "child",
        "diagnosis",
        "events",
        "exclusion",
        "first_malignant",
        "haematology",
        "icd10",
        "known_before",
        "opened_on",
        "preliminary_without_histology",
        "treatment",
        "verification",
    )

    def __init__(self, episode: Episode, person: Person) -> None:
        self.events: Sequence[Event] = sorted(episode.events, key=lambda e: e.on)
        self.opened_on = min(episode.opened_on, self.events[0].on)
        self.icd10 = episode.icd10
        kinds: dict[str, list[Event]] = {}
        for e in self.events:
            kinds.setdefault(e.kind, []).append(e)
        self._kinds = kinds
        age = person.patient.age_on(episode.opened_on)
        self.child = age is not None and age < ADULT
        self.haematology = episode.icd10 in HAEMATOLOGY
        decided = [e for e in self["diagnosis"] if e.attributes["status"] == "final" and e.icd10 in CANCER]
        exclusions = [e for e in self["diagnosis"] if excludes(e)]
        reports = [e for e in self["pathology_report"] if e.attributes["result"] == "malignant"]
        last = exclusions[-1] if exclusions else None
        if last is not None and reports and not any(e.on > last.on for e in [*decided, *reports]):
            reports = []  # excluded after all: an earlier report was revised
        self.diagnosis = next(iter(decided), None)
        self.first_malignant = next(iter(reports), None)
        confirmed = [e for e in (self.diagnosis, self.first_malignant) if e]
        self.verification = min(confirmed, key=lambda e: e.on, default=None)
        self.preliminary_without_histology = next(
            (e for e in self["diagnosis"] if e.attributes["status"] == "preliminary" and _no_histology(e)), None
        )
        self.known_before = self.diagnosis is not None and known_before(self.diagnosis)
        self.treatment = self._first_treatment()
        later = [e for e in (*decided, *reports, self.treatment) if e and last and e.on > last.on]
        self.exclusion = None if later else last

    def __getitem__(self, kind: str) -> list[Event]:
        return self._kinds.get(kind) or []

    def first(self, kind: str) -> Event | None:
        """The earliest event of a kind."""
        events = self._kinds.get(kind)
        return events[0] if events else None

    def _first_treatment(self) -> Event | None:
        """The first treatment of this episode. An admission or an emergency operation is one only once the tumour is
        confirmed or planned for: before that they are a way to the diagnosis."""
        plan = self.first("consilium")
        ready = min((e.on for e in (self.verification, plan) if e), default=None)
        for e in self.events:
            if e.evidence == "person":
                continue
            if e.kind in TREATMENT:
                return e
            if e.kind == "operation":
                aim = e.attributes["aim"]
                if aim in ("radical", "palliative") or (aim == "emergency" and ready and e.on >= ready):
                    return e
            elif e.kind == "admission" and e.attributes["purpose"] == "treatment" and ready and e.on >= ready:
                return e
        return None

    def answers(self, consultation: Event) -> bool:
        """Is it the consultation a suspicion asks for? Under 18 the paediatric oncologist; in blood tumours (or where
        the referral named one) the haematologist."""
        specialty = consultation.attributes["specialty"]
        if specialty == "haematologist":
            return self.haematology or any(e.attributes["to"] == "haematologist" for e in self["referral"])
        return bool(specialty == ("paediatric_oncologist" if self.child else "oncologist"))

    def performs(self, study: Event, order: Event) -> bool:
        """Does a performed study answer an order: the same study, or joined by the referral's number?"""
        if study.on < order.on:
            return False
        return study.attributes["study"] == order.attributes["study"] or bool(set(study.links) & set(order.links))

    def verified_by(self, day: date) -> bool:
        """Was the tumour confirmed on or before the day?"""
        return self.verification is not None and self.verification.on <= day

    def orderer(self, result: Event) -> str:
        """The organisation that ordered the study or took the material whose result it is."""
        for e in reversed(self.events):
            if e.on <= result.on and e.kind in ("study_ordered", "biopsy_taken", "referral"):
                return e.author
        return ""

    def consultant(self) -> str:
        """The organisation of the last consultation."""
        seen = self["consultation"]
        return (seen[-1].org or seen[-1].author) if seen else ""


def known_before(diagnosis: Event) -> bool:
    """A diagnosis the document itself says was known earlier."""
    primacy = diagnosis.attributes.get("primacy")
    if primacy:
        return bool(primacy == "known_before")
    first_on = as_date(diagnosis.attributes.get("first_on"))
    return first_on is not None and diagnosis.on - first_on > KNOWN_SINCE


def _no_histology(diagnosis: Event) -> bool:
    """Histology is recorded as not indicated: only then a preliminary diagnosis starts DX-03 (C3)."""
    return "not_indicated" in str(diagnosis.attributes.get("basis") or "")
