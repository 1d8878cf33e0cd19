"""The events of one episode by kind, and the milestones a rule asks for. Built once, read by the clocks."""

from collections.abc import Sequence
from datetime import date, timedelta
from operator import attrgetter

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.kernel.codes import CANCER, HAEMATOLOGY
from oncor_cases.kernel.dates import as_date
from oncor_cases.workflows.clocks import Person
from oncor_cases.workflows.episodes import FIRST_STEPS, TREATMENT, Episode, asks_oncologist, confirms
from oncor_cases.workflows.events import PRESENCE, Event

TREATMENT_STEPS = ("surgery", "chemotherapy", "radiotherapy", "hormone")
KNOWN_SINCE = timedelta(days=60)  # first set so long before the document: the tumour was known before
EXAMINATIONS = frozenset({"consultation", "study_performed", "biopsy_taken", "pathology_report"})
ADULT = 18
by_day = attrgetter("on")


NONE: list[Event] = []  # shared by every kind that did not happen; never added to
NOTHING = dict.fromkeys(KINDS, NONE)


class Course(dict[str, list[Event]]):
    """`course[kind]`: the events of a kind in order, an empty list if none.

    `diagnosis`: the first final diagnosis that is new, never a repetition of a known one; `known`: a diagnosis the
    document itself calls known before; `first_malignant`: the first malignant report; `verification`: the earlier of
    the two; `treatment`: the first treatment; `treatments`: all of them; `exclusion`: the exclusion in force."""

    __slots__ = (
        "_patient",
        "child",
        "diagnosis",
        "earlier",
        "events",
        "exclusion",
        "exclusions",
        "first_malignant",
        "haematology",
        "icd10",
        "known",
        "milestones",
        "opened_on",
        "operated_first",
        "preliminary_without_histology",
        "seekers",
        "treatment",
        "treatments",
        "verification",
    )

    def __init__(self, episode: Episode, person: Person) -> None:
        super().__init__(NOTHING)
        self.events: Sequence[Event] = episode.events
        self.opened_on = min(episode.opened_on, self.events[0].on)
        self.icd10 = episode.icd10
        self.earlier = episode.earlier
        for e in self.events:
            if (same := self[e.kind]) is NONE:
                self[e.kind] = [e]
            else:
                same.append(e)
        self._patient = person.patient
        self.child = self._under_age(episode.opened_on)
        self.haematology = episode.icd10 in HAEMATOLOGY
        diagnoses = self["diagnosis"]
        finals = [e for e in diagnoses if confirms(e)]
        self.known = next((e for e in finals if known_before(e)), None)
        self.seekers = self._seekers()
        decided = [e for e in finals if self._is_new(e)]
        reports = [e for e in self["pathology_report"] if confirms(e)]
        excluded = self.exclusions = episode.exclusions
        last = excluded[-1] if excluded else None
        if last is not None:  # what was confirmed before an exclusion is history, what comes after it overrules it
            again = [e for e in (*decided, *reports) if e.on > last.on]
            reports = [e for e in reports if e in again]
            decided = [e for e in decided if e in again] if again else decided
        self.diagnosis = decided[0] if decided else None
        self.first_malignant = reports[0] if reports else None
        confirmed = [e for e in (self.diagnosis, self.first_malignant) if e]
        self.verification = min(confirmed, key=by_day, default=None)
        self.preliminary_without_histology = next(
            (e for e in diagnoses if e.attributes["status"] == "preliminary" and self._no_histology(e)), None
        )
        self.operated_first = self._operated_first()
        self.treatments = self._all_treatments()
        self.treatment = self.treatments[0] if self.treatments else None
        # the later milestones that pass over an unfinished examination
        self.milestones = [*([self.diagnosis] if self.diagnosis else []), *self["consilium"], *self.treatments]
        overruled = [e for e in (*decided, *reports, *self.treatments) if last and e.on > last.on]
        self.exclusion = None if overruled else last

    def first(self, kind: str) -> Event | None:
        """The earliest event of a kind."""
        events = self[kind]
        return events[0] if events else None

    def _is_new(self, final: Event) -> bool:
        """Is a final diagnosis first, and not a known one repeated in a paper? (DESIGN section 4 "Primacy")

        Of a known tumour it is new only if the document says so, or once this round's own examination stands behind it."""
        if known_before(final):
            return False
        if final.attributes.get("primacy") == "first":
            return True
        known_on = self.opened_on if self.earlier else self.known.on if self.known and self.known.on <= final.on else None
        if known_on is None:
            return True
        sought = [e.on for e in self.seekers if e.on >= known_on]
        return bool(sought) and any(e.kind in EXAMINATIONS and sought[0] <= e.on <= final.on for e in self.events)

    def _seekers(self) -> list[Event]:
        """What asks for a diagnosis: suspicion, relapse, referral to the oncologist. Once the tumour is known a
        referral alone asks for nothing new: its patients are referred all their lives."""
        known = self.known
        referrals = [e for e in self["referral"] if asks_oncologist(e) and (known is None or e.on < known.on)]
        found = [*self["suspicion"], *self["relapse"], *referrals]
        return sorted(found, key=by_day) if len(found) > 1 else found

    def _operated_first(self) -> Event | None:
        """An emergency or diagnostic operation before the diagnosis: a normal path to it."""
        confirmed = self.verification
        for e in self["operation"]:
            if e.attributes["aim"] in FIRST_STEPS and (confirmed is None or e.on <= confirmed.on):
                return e
        return None

    def _all_treatments(self) -> list[Event]:
        """Treatment of this episode in order. An admission or an emergency operation is one only once the tumour is
        confirmed or planned for: before that they are a way to the diagnosis."""
        plan = self.first("consilium")
        ready = min((e.on for e in (self.verification, self.known, plan) if e), default=None)
        candidates = [e for kind in _MAY_TREAT for e in self[kind] if e.documented]
        found = []
        for e in sorted(candidates):  # of several kinds, so back into the canonical order
            kind = e.kind
            sure = kind in TREATMENT or (kind == "operation" and e.attributes["aim"] in ("radical", "palliative"))
            begun = (kind == "operation" and e.attributes["aim"] == "emergency") or (
                kind == "admission" and e.attributes["purpose"] == "treatment"
            )
            if sure or (begun and ready is not None and e.on >= ready and e is not self.operated_first):
                found.append(e)
        return found

    def answers(self, consultation: Event) -> bool:
        """Is it the consultation a suspicion asks for? Under 18 the paediatric oncologist; in blood tumours (or where
        the referral named one) the haematologist; who turned 18 on the way is seen by either oncologist."""
        specialty = consultation.attributes["specialty"]
        if specialty == "haematologist":
            return self.haematology or any(e.attributes["to"] == "haematologist" for e in self["referral"])
        if specialty == "paediatric_oncologist":
            return self.child
        return bool(specialty == "oncologist" and not self._under_age(consultation.on))

    def _under_age(self, day: date) -> bool:
        age = self._patient.age_on(day)
        return age is not None and age < ADULT

    def performs(self, study: Event, order: Event) -> bool:
        """Does a performed study answer an order: the same study, or joined by the referral's number?"""
        if study.on < order.on:
            return False
        return study.attributes["study"] == order.attributes["study"] or not set(study.links).isdisjoint(order.links)

    def verified_by(self, day: date) -> bool:
        """Was the tumour confirmed on or before the day?"""
        return self.verification is not None and self.verification.on <= day

    def attended(self) -> bool:
        """Did this pathway ever see the person?"""
        return any(e.kind in PRESENCE and e.on >= self.opened_on for e in self.events)

    def orderer(self, result: Event) -> str:
        """The organisation that ordered the study or took the material whose result it is."""
        for e in reversed(self.events):
            if e.on <= result.on and e.kind in ("study_ordered", "biopsy_taken", "referral"):
                return str(e.author)
        return ""

    def consultant(self) -> str:
        """The organisation of the last consultation."""
        seen = self["consultation"]
        return (seen[-1].org or seen[-1].author) if seen else ""

    def _no_histology(self, diagnosis: Event) -> bool:
        """Histology is recorded as not indicated: only then a preliminary diagnosis starts DX-03 (C3)."""
        basis = str(diagnosis.attributes.get("basis") or "").lower().replace(" ", "_")
        if "not_indicated" in basis or "no_histology" in basis or "without_histology" in basis:
            return diagnosis.icd10 in CANCER
        forbidden = [e for e in self["contraindication"] if str(e.attributes.get("of")) in ("biopsy", "histology")]
        return diagnosis.icd10 in CANCER and any(e.on <= diagnosis.on for e in forbidden)


def course_of(episode: Episode, person: Person) -> Course:
    """The course of an episode, made once; whoever changes the episode's events must forget it (`course = None`)."""
    if episode.course is None:
        episode.course = Course(episode, person)
    course: Course = episode.course
    return course


_MAY_TREAT = (*sorted(TREATMENT), "operation", "admission")


def known_before(diagnosis: Event) -> bool:
    """A diagnosis the document itself says was known earlier."""
    primacy = diagnosis.attributes.get("primacy")
    if primacy:
        return bool(primacy == "known_before")
    text = str(diagnosis.attributes.get("first_on") or "")
    first_on = as_date(diagnosis.attributes.get("first_on"))
    if first_on is not None:
        return diagnosis.on - first_on > KNOWN_SINCE
    year, _, month = text.partition("-")  # a partial date: known before if the whole period lies before
    if not (year.isdigit() and len(year) == 4):
        return False
    last = date(int(year), int(month) if month.isdigit() and 1 <= int(month) <= 12 else 12, 28)
    return diagnosis.on - last > KNOWN_SINCE
