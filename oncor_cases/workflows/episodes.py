"""Which round of care of which tumour each event belongs to: a pure function over the canonical order of events.

An episode is (site group, side if known, round). Its code may change (suspicion to final, an unsited R91 to the found
C34) without a new episode; an event without a site goes by the chain of documents, then by the organ of the study,
then to the only episode open that day. Contract: DESIGN section 4 "Episode". Defended by tests/spec/diagnosis."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from oncor_cases.kernel.codes import BENIGN, CANCER, MALIGNANT, METASTASIS, UNSITED
from oncor_cases.workflows.events import PRESENCE, Event
from oncor_cases.workflows.view import Finding

NEXT_ROUND_AFTER = timedelta(days=180)  # after the start of treatment, if no line of treatment is open
LINE_STAYS_OPEN = timedelta(days=60)  # a drug line without a new cycle for so long is no longer open
FLOATING_FOR = timedelta(days=90)  # a biopsy or an emergency operation may precede the record it led to
FIRST_STEPS = ("emergency", "diagnostic")  # operations that come before the diagnosis on a normal path

PERSONAL = frozenset({"attached", "moved_away", "death", "contact", "appointment", "no_show"})
SHARED = frozenset({"consultation", "consilium", "visit"})  # without a site they count for every open episode
TREATMENT = frozenset({"radiotherapy", "hormone_therapy", "chemo_cycle"})
_SITED_OPENERS = (
    frozenset(
        {
            "consilium",
            "operation",
            "notice_090u",
            "register_entry",
            "late_stage_protocol",
            "chemo_prescribed",
            "relapse",
            "progression",
            "clinical_group",
            "vmp_ticket",
            "biopsy_taken",
            "palliative_care",
            "admission",
        }
    )
    | TREATMENT
)
_ORGAN_OF_STUDY = {"mammography": ("C50",), "colonoscopy": ("C18", "C19", "C20")}


@dataclass(slots=True)
class Episode:
    """One round of care being put together. `events` in canonical order; `key` names it without a database."""

    site: str
    side: str
    round: int
    opened_on: date
    icd10: str = ""
    events: list[Event] = field(default_factory=list)
    links: set[str] = field(default_factory=set)
    exclusions: list[Event] = field(default_factory=list)
    excluded_on: date | None = None
    verified_on: date | None = None
    treated_on: date | None = None
    last_line_on: date | None = None
    line_open: bool = False
    earlier: bool = False  # an earlier round of this tumour was confirmed: its diagnosis is known, not first in life
    rank: int = 9  # how sure the code is: 0 final, 1 preliminary, 2 suspicion, 9 none
    course: Any = None  # the Course made of it, kept by course_of: three pathways read the same one

    @property
    def key(self) -> str:
        """`C50/left/1`; `?` where no site is known yet."""
        return f"{self.site or '?'}/{self.side or '-'}/{self.round}"

    def attended(self) -> bool:
        """Did this case ever see the person?"""
        return any(e.kind in PRESENCE for e in self.events)

    def open_on(self, day: date) -> bool:
        """Care of this round is still going on: not excluded, and not half a year past the start of treatment."""
        if self.excluded_on is not None and day > self.excluded_on:
            return False
        return self.treated_on is None or not self.over(day)

    def over(self, day: date) -> bool:
        """More than 180 days after treatment started and no line of treatment open."""
        if self.treated_on is None or day <= self.treated_on + NEXT_ROUND_AFTER:
            return False
        return not (self.line_open and self.last_line_on is not None and day <= self.last_line_on + LINE_STAYS_OPEN)

    def take(self, e: Event) -> None:
        """Adds an event and what it changes: the code, the side, the milestones that open or end the round."""
        self.events.append(e)
        if e.docs:
            self.links.update(e.docs)
        if e.links:
            self.links.update(e.links)
        if e.side and not self.side:
            self.side = e.side
        kind = e.kind
        if e.icd10 and (e.icd10 != self.icd10 or not self.site or kind == "diagnosis"):
            self._code(e)
        if kind not in _MOVES:
            return
        if kind == "diagnosis":
            if excludes(e) and self._excluded_by(e):
                self.exclusions.append(e)
                self.excluded_on = e.on
            elif confirms(e):
                self.verified_on = self.verified_on or e.on
                self.excluded_on = None
        elif kind == "pathology_report":
            if confirms(e):
                self.verified_on = self.verified_on or e.on
                self.excluded_on = None
        elif not e.documented:
            pass  # a person's word holds a task, it does not move the episode on
        elif kind in TREATMENT or (kind == "operation" and e.attributes["aim"] in ("radical", "palliative")):
            self.treated_on = self.treated_on or e.on
            self.excluded_on = None
        elif self.verified_on and (
            (kind == "operation" and e.attributes["aim"] == "emergency")
            or (kind == "admission" and e.attributes["purpose"] == "treatment")
        ):
            self.treated_on = self.treated_on or e.on
        if kind in ("chemo_prescribed", "chemo_cycle") or (kind == "radiotherapy" and e.attributes["phase"] == "start"):
            self.last_line_on, self.line_open = e.on, True
        elif kind == "chemo_stopped" or (kind == "radiotherapy" and e.attributes["phase"] == "end"):
            self.line_open = False

    def _excluded_by(self, e: Event) -> bool:
        """A confirmed tumour is excluded only in words that mean it: a polyp beside it, a shadow in the lung or a
        metastasis that turned out to be none do not take it away."""
        if self.verified_on is None:
            return True
        return e.attributes["status"] == "excluded" and (e.site is not None or not e.icd10) and e.icd10 not in BENIGN

    def _code(self, e: Event) -> None:
        code = e.icd10
        if e.site is None and code in METASTASIS:
            self.icd10 = self.icd10 or code
            return
        if e.kind == "diagnosis" and e.attributes["status"] != "excluded":
            rank = 0 if e.attributes["status"] == "final" and e.sure else 1
        else:
            rank = 3 if e.site is None else 2
        if rank < self.rank or (rank == self.rank and rank <= 1):
            self.icd10, self.rank = code, rank
        self.site = self.site or e.site or ""


_MOVES = TREATMENT | {"diagnosis", "pathology_report", "operation", "admission", "chemo_prescribed", "chemo_stopped"}


def excludes(e: Event) -> bool:
    """A diagnosis that says "no cancer": excluded in words, or a final benign one."""
    status = e.attributes["status"]
    return status == "excluded" or (status == "final" and e.icd10 in BENIGN)


def confirms(e: Event) -> bool:
    """A final diagnosis of cancer or a malignant report, said as established and not as a suspicion."""
    if not e.sure:
        return False
    if e.kind == "diagnosis":
        return e.attributes["status"] == "final" and e.icd10 in CANCER
    return e.kind == "pathology_report" and e.attributes["result"] == "malignant"


def asks_oncologist(e: Event) -> bool:
    """A referral to the oncologist (haematologist)."""
    return e.kind == "referral" and e.attributes["to"] in ("oncologist", "haematologist")


def opens(e: Event) -> bool:
    """An event that may start a round of care by itself."""
    kind = e.kind
    if kind in ("suspicion", "relapse") or asks_oncologist(e):
        return True
    if kind == "diagnosis":
        return not excludes(e) and (e.icd10 in CANCER or e.icd10 in UNSITED)
    if kind == "pathology_report":
        return bool(e.attributes["result"] == "malignant")
    if kind == "clinical_group" and e.attributes["group"] == "Ia":
        return True
    return (kind == "referral" or kind in _SITED_OPENERS) and e.icd10 in MALIGNANT and e.site is not None


def _reopens(e: Event, episode: Episode) -> bool:
    """Does an event after the end of a round open the next one? A suspicion, a referral to the oncologist, a relapse, a
    new final diagnosis. A repeated diagnosis of a treated tumour is not new; after an exclusion every one is."""
    if e.kind in ("suspicion", "relapse") or asks_oncologist(e):
        return True
    if e.kind == "diagnosis" and confirms(e):
        if e.attributes.get("primacy") == "known_before":
            return False
        return episode.excluded_on is not None or e.attributes.get("primacy") == "first"
    return False


def split(events: Iterable[Event]) -> tuple[list[Episode], list[Event], list[Finding]]:
    """Episodes in order of opening, the events of the person (death, contact …), and questions to a person."""
    episodes: list[Episode] = []
    personal: list[Event] = []
    floating: list[Event] = []
    findings: list[Finding] = []
    for e in events:
        if e.kind in PERSONAL:
            personal.append(e)
            continue
        homes = _homes(e, episodes, findings)
        if homes:
            for home in homes:
                home.take(e)
        elif homes is not None and opens(e):
            episode = _opened(e, episodes)
            for early in [f for f in floating if _leads_to(f, e)]:
                episode.take(early)
                floating.remove(early)
            episode.take(e)
            episodes.append(episode)
        elif homes is not None:
            floating.append(e)
            if e.kind == "diagnosis" and e.attributes["status"] == "excluded" and episodes:
                findings.append(Finding("which_tumour", e.facts))
    _tell_apart(episodes)
    return episodes, personal, findings


def _tell_apart(episodes: list[Episode]) -> None:
    """A case that learnt its site or side only later may have come to the name of an earlier one: it is the next round."""
    taken: set[str] = set()
    for episode in episodes:
        while episode.key in taken:
            episode.round += 1
        taken.add(episode.key)


def _opened(e: Event, episodes: list[Episode]) -> Episode:
    """A new episode; an opener without a site of its own (no code, a metastasis) is the next round of the last tumour."""
    site, side = e.site or "", e.side
    known, code = [x for x in episodes if x.site], ""
    if not site and known and (not e.icd10 or e.icd10 in METASTASIS):
        last = next((x for x in reversed(known) if _chained(x, e)), known[-1])
        site, side, code = last.site, side or last.side, last.icd10
    same = [x for x in episodes if x.site == site and _one_side(side, x.side)] if site or not e.icd10 else []
    if same and not side:
        side = same[-1].side
    rounds = [x.round for x in episodes if x.site == site and _one_side(side, x.side)]
    confirmed = any(x.verified_on is not None and x.excluded_on is None for x in same)
    return Episode(site, side, max(rounds, default=0) + 1, e.on, code, earlier=confirmed)


def _leads_to(early: Event, opener: Event) -> bool:
    """Does an event without an episode belong to the one that opens now? By chain, by site; a biopsy or an emergency
    operation without a site belongs to the confirmation that follows it."""
    if opener.on - early.on > FLOATING_FOR:
        return False
    if not set(early.docs).isdisjoint(opener.docs) or not set(early.links).isdisjoint(opener.links):
        return True
    site = early.site
    if site is not None:
        return site == opener.site
    if early.kind == "operation":
        return early.attributes["aim"] in FIRST_STEPS and (confirms(opener) or opener.kind == "suspicion")
    if opener.kind != "pathology_report":
        return False
    return early.kind in ("biopsy_taken", "biopsy_received") and not early.attributes.get("specimen")


def _chained(x: Episode, e: Event) -> bool:
    """Joined by a document, an order or a specimen."""
    return not x.links.isdisjoint(e.docs) or not x.links.isdisjoint(e.links)


def _homes(e: Event, episodes: list[Episode], findings: list[Finding]) -> list[Episode] | None:
    """The episodes an event belongs to: none, one, or (a shared kind that names no tumour) every open one.

    None where a person is asked: the event stops no clock and opens nothing."""
    if not episodes:
        return []
    site, side = e.site, e.side
    if len(episodes) == 1 and side != "both":  # the plain case, answered without the questions below
        only = episodes[0]
        if (site is None or site == only.site) and (not side or not only.side or side == only.side) and only.open_on(e.on):
            return episodes[:1]
    if site is None:
        chained = [x for x in episodes if _chained(x, e)]
        live = [x for x in episodes if x.open_on(e.on)]
        pool = [x for x in chained if x in live] or chained[-1:] or live
        if len(pool) > 1:
            organ = _ORGAN_OF_STUDY.get(str(e.attributes.get("study") or ""), ())
            pool = [x for x in pool if x.site in organ] or pool
        if not pool and not _reopens(e, episodes[-1]):
            pool = [x for x in episodes if x.excluded_on is None] or (episodes[-1:] if confirms(e) else [])
    else:
        same = [x for x in episodes if x.site == site and _one_side(side, x.side)]
        if not same:
            return _found_site(e, episodes, findings)
        pool = list({x.side: x for x in same}.values())  # the last round of each side
        if len(pool) > 1:
            pool = [x for x in pool if _chained(x, e)] or [x for x in pool if x.open_on(e.on)] or pool
        if side == "both":
            return [x for x in pool if x.open_on(e.on) or not _reopens(e, x)]
    if len(pool) == 1:
        return [] if not pool[0].open_on(e.on) and _reopens(e, pool[0]) else pool
    if not pool or e.kind in SHARED:
        return pool
    findings.append(Finding("which_tumour", e.facts))
    return None


def _one_side(one: str, other: str) -> bool:
    return not one or not other or "both" in (one, other) or one == other


def _found_site(e: Event, episodes: list[Episode], findings: list[Finding]) -> list[Episode]:
    """A first event of this site: it may name the site of an unsited episode, or absorb a suspicion joined to it."""
    live = [x for x in episodes if x.open_on(e.on)]
    unsited = [x for x in live if not x.site]
    chained = [x for x in live if _chained(x, e)]
    named = [x for x in unsited if x in chained] or (unsited if len(unsited) == 1 else [])
    if named:
        return named[:1]
    suspected = [x for x in live if x.rank > 0 and x.site]  # no final diagnosis of its own yet
    if suspected and e.kind == "diagnosis" and confirms(e) and e.icd10 in MALIGNANT:
        joined = [x for x in suspected if x in chained]
        if joined:
            joined[0].site = e.site or joined[0].site
            joined[0].side = e.side or joined[0].side
            return joined[:1]
        findings.append(Finding("same_tumour", e.facts))
    if not opens(e) and chained:
        return chained[-1:]
    return []
