"""A story becomes one patient's papers: days, places, what each paper says, when it reaches the system."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.region.clinics import Clinic, place
from oncor_cases.region.stories import Delay, Draft, Story
from oncor_cases.region.treatment import steps
from oncor_cases.region.tumour import Tumour
from oncor_cases.sources.semd_writer import Said


@dataclass(frozen=True, slots=True)
class Paper:
    """A document to be rendered: `moment` is when it was signed, `received` when it arrived here (local time)."""

    id: str
    paper: str
    moment: datetime
    received: datetime
    by: Clinic
    to: Clinic | None
    says: tuple[Said, ...]
    icd10: str
    answers: str = ""
    version: int = 1
    series: str = ""  # id of the first version
    again: datetime | None = None
    withdrawn: datetime | None = None
    reason: str = ""
    undated: bool = False
    spoiled: str = ""
    nameless: bool = False


def _numbered(name: str, number: int) -> str:
    """The first of several papers keeps the name the story gave, so that others can count from it."""
    return f"{name}-{number}" if number else name


def skewed(chance: Random, low: int, high: int) -> int:
    """Mostly near `low`, sometimes near `high`: how delays of care are spread."""
    return low + round((high - low) * chance.betavariate(1.5, 3.4)) if high > low else low


@dataclass
class Unfolding:
    """One patient on their way through a story."""

    story: Story
    tumours: tuple[Tumour, ...]
    attached: Clinic
    calendar: Calendar
    chance: Random
    child: bool = False

    def papers(self, start: date) -> list[Paper]:
        """All papers of the story, also those that lie after today; in order of the story."""
        self._done: dict[str, Paper] = {}
        self._specimens: dict[str, str] = {}  # by the document the material came with
        self._start = start
        papers: list[Paper] = []
        waiting = list(self.story.documents)
        while waiting:  # a document waits for the one its day counts from, wherever the story names it
            coming = {draft.id for draft in waiting}
            ready = [d for d in waiting if d.on.ref not in coming and d.corrects not in coming] or waiting
            for draft in ready:
                papers += self._draft(draft)
            waiting = [d for d in waiting if d not in ready]
        return papers

    def day(self, delay: Delay) -> date | None:
        """The day a delay points to; None if the document it counts from did not happen."""
        base = self._start
        if delay.ref:
            if delay.ref not in self._done:
                return None
            base = self._done[delay.ref].moment.date()
        days = skewed(self.chance, delay.low, delay.high)
        return self.calendar.add_working_days(base, days) if delay.work else base + timedelta(days=days)

    def _draft(self, draft: Draft) -> Iterator[Paper]:
        on = self.day(draft.on)
        if on is None or self.chance.random() >= draft.chance:
            return
        if not draft.any_day:
            on = self.calendar.next_working(on)
        tumour = self.tumours[draft.tumour - 1]
        if (draft.when == "late_stage" and not tumour.late) or not self._studies_exist(draft, tumour):
            return
        if draft.treatment:
            for number, step in enumerate(steps(draft, tumour, on, self.chance, self.calendar)):
                yield self._paper(replace(step.draft, id=_numbered(draft.id, number)), step.on, tumour)
            return
        for number in range(max(1, skewed(self.chance, draft.times.low, draft.times.high))):
            at = self.calendar.next_working(on + timedelta(days=number * draft.every)) if number else on
            yield self._paper(replace(draft, id=_numbered(draft.id, number)), at, tumour)

    def _paper(self, draft: Draft, on: date, tumour: Tumour) -> Paper:
        chance = self.chance
        moment = datetime.combine(on, time(chance.randint(8, 17), chance.randrange(60)))
        delay = skewed(chance, draft.known.low, draft.known.high)
        evening = datetime.combine(on, time(19, 30)) + timedelta(minutes=chance.randrange(150))
        received = evening + timedelta(days=delay)
        by = self._where(draft.by)
        to = self._where(draft.to) if draft.to else None
        series, version = draft.id, 1
        if draft.corrects and draft.corrects in self._done:
            older = self._done[draft.corrects]
            series, version, by = older.series, older.version + (draft.spoiled != "number"), older.by
        says = tuple(self._said(draft, kind, given, on, tumour, to) for kind, given in draft.says)
        paper = Paper(
            draft.id,
            chance.choice(draft.papers) if not draft.corrects or draft.corrects not in self._done
            else self._done[draft.corrects].paper,
            moment, received, by, to, says, tumour.icd10, draft.answers, version, series,
            self._later(received, draft.again), self._later(received, draft.withdrawn), draft.reason,
            draft.undated, draft.spoiled, draft.nameless,
        )  # fmt: skip
        self._done[draft.id] = paper
        return paper

    def _later(self, received: datetime, delay: Delay | None) -> datetime | None:
        return received + timedelta(days=skewed(self.chance, delay.low, delay.high), minutes=47) if delay else None

    def _where(self, role: str) -> Clinic:
        if self.child and role in ("office", "caop", "dispensary"):
            role = "children"
        return place(role, self.attached)

    def _said(self, draft: Draft, kind: str, given: Mapping[str, Any], on: date, tumour: Tumour, to: Clinic | None) -> Said:
        """A fact of the story with what the patient's tumour adds to it."""
        told = dict(given)
        day = on + timedelta(days=int(told.pop("after", 0)))
        haematology = "haematology" in tumour.site.flags
        if told.get("icd10") == "own":  # the tumour's own code, where a suspicion would have a vaguer one
            told["icd10"] = tumour.icd10
        elif told.get("icd10") == "benign":  # the harmless disease of this site, as under observation
            told["icd10"] = tumour.site.benign
        if "study" in told:
            told["study"] = self._study(str(told["study"]), tumour)
        match kind:
            case "suspicion":
                told.setdefault("icd10", tumour.suspect)
            case "diagnosis":
                known = told.pop("known_before", False)
                primacy = told.pop("primacy", "known_before" if known else "")
                told = dict(tumour.diagnosis(str(told.get("status", "final")), primacy)) | told
                if primacy == "first":
                    told.setdefault("first_on", f"{self._first_on(day):%Y-%m-%d}")
            case "referral" if told.get("to") == "specialist":
                told["to"] = "haematologist" if haematology else "oncologist"
            case "consultation":
                own = "paediatric_oncologist" if self.child else "haematologist" if haematology else "oncologist"
                told.setdefault("specialty", own)
            case "consilium":
                told.setdefault("plan", tumour.plan)
            case "biopsy_taken" | "biopsy_received":
                told.setdefault("specimen", self._specimen(draft))
            case "pathology_report":
                told.setdefault("specimen", self._specimen(draft))
                told.setdefault("kind", "haematology" if haematology else "biopsy")
                if told.get("result", "malignant") == "malignant":
                    told.setdefault("morphology", tumour.morphology)
                    told.setdefault("icd10", tumour.icd10)
                elif told["result"] == "benign":
                    told |= {"morphology": BENIGN, "icd10": tumour.site.benign}
                told.setdefault("icd10", tumour.suspect)
            case "chemo_cycle":
                told.setdefault("regimen", tumour.site.regimen or "другая схема")
            case "visit_planned":
                day = on + timedelta(days=int(given.get("after", 90)))
                told.setdefault("icd10", tumour.icd10)
            case "study_performed" | "death" | "register_entry" | "register_exit" | "notice_090u" | "operation" | "visit":
                named = tumour.suspect if kind == "study_performed" else tumour.icd10
                told.setdefault("icd10", named)
            case _:
                pass
        return Said(kind, day, told, to.organisation if to else None)

    def _first_on(self, day: date) -> date:
        """The first day a final diagnosis was written: one date in all papers of the patient."""
        days = [p.moment.date() for p in self._done.values() for s in p.says
                if s.kind == "diagnosis" and s["status"] == "final"]  # fmt: skip
        return min([*days, day])

    def _specimen(self, draft: Draft) -> str:
        """The number on the vial: that of the order answered, else a new one."""
        key = draft.answers or draft.id
        if key not in self._specimens:
            self._specimens[key] = f"{self._start:%y}-{self.chance.randrange(10_000, 100_000)}/1"
        return self._specimens[key]

    @staticmethod
    def _studies_exist(draft: Draft, tumour: Tumour) -> bool:
        """A site with one study has no second one."""
        return all(ORDER.get(str(told.get("study")), 0) < len(tumour.site.studies) for _, told in draft.says)

    @staticmethod
    def _study(name: str, tumour: Tumour) -> str:
        return tumour.site.studies[ORDER[name]] if name in ORDER else name


BENIGN = "8000/0"  # a benign growth, not named further
ORDER = {"first": 0, "second": 1, "third": 2}
