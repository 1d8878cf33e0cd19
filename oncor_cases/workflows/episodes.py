"""Which round of care of which tumour each event belongs to: a pure function over the canonical order of events.

An episode is (site group, side if known, round). Its code may change (suspicion to final, an unsited R91 to the found
C34) without a new episode; an event without a site goes by the chain of documents, then by the organ of the study,
then to the only episode open that day. Contract: DESIGN section 4 "Episode". Defended by tests/spec/episodes."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta

from oncor_cases.kernel.codes import BENIGN, CANCER, MALIGNANT, METASTASIS, UNSITED, site_group
from oncor_cases.workflows.events import Event
from oncor_cases.workflows.view import Finding

NEXT_ROUND_AFTER = timedelta(days=180)  # after the start of treatment, if no line of treatment is open
LINE_STAYS_OPEN = timedelta(days=60)  # a drug line without a new cycle for so long is no longer open
FLOATING_FOR = timedelta(days=90)  # a biopsy may precede the record of the suspicion it led to

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
    excluded_on: date | None = None
    verified_on: date | None = None
    treated_on: date | None = None
    last_line_on: date | None = None
    line_open: bool = False
    rank: int = 9  # how sure the code is: 0 final, 1 preliminary, 2 suspicion, 9 none

    @property
    def key(self) -> str:
        """`C50/left/1`; `?` where no site is known yet."""
        return f"{self.site or '?'}/{self.side or '-'}/{self.round}"

    def open_on(self, day: date) -> bool:
        """Care of this round is still going on: not excluded, and not half a year past the start of treatment."""
        if self.excluded_on is not None and day > self.excluded_on:
            return False
        return not self.over(day)

    def over(self, day: date) -> bool:
        """More than 180 days after treatment started and no line of treatment open."""
        if self.treated_on is None or day <= self.treated_on + NEXT_ROUND_AFTER:
            return False
        return not (self.line_open and self.last_line_on is not None and day <= self.last_line_on + LINE_STAYS_OPEN)

    def take(self, e: Event) -> None:
        """Adds an event and what it changes: the code, the side, the milestones that open or end the round."""
        self.events.append(e)
        self.links.update(e.docs)
        self.links.update(e.links)
        side = e.attributes.get("side") or ""
        if side and not self.side:
            self.side = side
        self._code(e)
        kind = e.kind
        if kind == "diagnosis":
            if excludes(e):
                self.excluded_on = e.on
            elif e.attributes["status"] == "final" and e.icd10 in CANCER:
                self.verified_on = self.verified_on or e.on
                self.excluded_on = None
        elif kind == "pathology_report" and e.attributes["result"] == "malignant":
            self.verified_on = self.verified_on or e.on
            self.excluded_on = None
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

    def _code(self, e: Event) -> None:
        code = e.icd10
        if not code:
            return
        if code in METASTASIS:
            self.icd10 = self.icd10 or code
            return
        if e.kind == "diagnosis" and e.attributes["status"] != "excluded":
            rank = 0 if e.attributes["status"] == "final" else 1
        else:
            rank = 3 if code in UNSITED else 2
        if rank < self.rank or (rank == self.rank and rank <= 1):
            self.icd10, self.rank = code, rank
        self.site = self.site or site_group(code) or ""


def excludes(e: Event) -> bool:
    """A diagnosis that says "no cancer": excluded in words, or a final benign one."""
    return e.attributes["status"] == "excluded" or (e.attributes["status"] == "final" and e.icd10 in BENIGN)


def opens(e: Event) -> bool:
    """An event that may start a round of care by itself."""
    kind = e.kind
    if kind in ("suspicion", "relapse"):
        return True
    if kind == "referral":
        return e.attributes["to"] in ("oncologist", "haematologist") or bool(site_group(e.icd10) and e.icd10 in MALIGNANT)
    if kind == "diagnosis":
        return not excludes(e) and (e.icd10 in CANCER or e.icd10 in UNSITED)
    if kind == "pathology_report":
        return bool(e.attributes["result"] == "malignant")
    return kind in _SITED_OPENERS and e.icd10 in MALIGNANT and site_group(e.icd10) is not None


def _reopens(e: Event, episode: Episode) -> bool:
    """May this event open the next round of a known tumour? (DESIGN: suspicion, referral, relapse, new diagnosis)"""
    if e.kind in ("suspicion", "relapse"):
        return True
    if e.kind == "referral":
        return e.attributes["to"] in ("oncologist", "haematologist")
    if e.kind == "diagnosis" and e.attributes["status"] == "final" and not excludes(e):
        if e.attributes.get("primacy") == "known_before":
            return False
        return episode.excluded_on is not None or e.attributes.get("primacy") == "first"
    return e.kind == "pathology_report" and episode.excluded_on is not None and e.attributes["result"] == "malignant"


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
        elif opens(e):
            episode = _opened(e, episodes)
            for early in [f for f in floating if _leads_to(f, e)]:
                episode.take(early)
                floating.remove(early)
            episode.take(e)
            episodes.append(episode)
        else:
            floating.append(e)
            if e.kind == "diagnosis" and e.attributes["status"] == "excluded" and episodes:
                findings.append(Finding("which_tumour", e.facts))
    for e in floating:
        if len([x for x in episodes if x.open_on(e.on) and x.opened_on <= e.on]) > 1 and not e.icd10:
            findings.append(Finding("which_tumour", e.facts))
    return episodes, personal, findings


def _opened(e: Event, episodes: list[Episode]) -> Episode:
    site, side = site_group(e.icd10) or "", e.attributes.get("side") or ""
    rounds = [x.round for x in episodes if x.site == site and _one_side(side, x.side)]
    return Episode(site, side, max(rounds, default=0) + 1, e.on)


def _leads_to(early: Event, opener: Event) -> bool:
    if opener.on - early.on > FLOATING_FOR:
        return False
    if set(early.docs) & set(opener.docs) or set(early.links) & set(opener.links):
        return True
    site, found = site_group(early.icd10), site_group(opener.icd10)
    if site or opener.kind != "pathology_report":
        return site is not None and site == found
    return early.kind in ("biopsy_taken", "biopsy_received") and not early.attributes.get("specimen")


def _homes(e: Event, episodes: list[Episode], findings: list[Finding]) -> list[Episode]:
    """The episodes an event belongs to: none, one, or (for a shared kind without a site) every open one."""
    if not episodes:
        return []
    site, side = site_group(e.icd10), e.attributes.get("side") or ""
    if site is not None:
        same = [x for x in episodes if x.site == site and _one_side(side, x.side)]
        if same:
            if len({x.side for x in same}) > 1:
                same = [x for x in same if not x.links.isdisjoint(e.docs) or not x.links.isdisjoint(e.links)] or same
            last = same[-1]
            closed = last.excluded_on is not None and e.on > last.excluded_on
            return [] if (closed or last.over(e.on)) and _reopens(e, last) else [last]
        return _found_site(e, episodes, findings)
    chained = [x for x in episodes if not x.links.isdisjoint(e.docs) or not x.links.isdisjoint(e.links)]
    live = [x for x in episodes if x.open_on(e.on)]
    if chained:
        target = [x for x in chained if x in live] or chained[-1:]
    else:
        organ = _ORGAN_OF_STUDY.get(str(e.attributes.get("study") or ""), ())
        target = [x for x in live if x.site in organ] or live
    if not target:
        if _reopens(e, episodes[-1]):
            return []
        target = [x for x in episodes if x.excluded_on is None]
    if len(target) <= 1 or e.kind in SHARED:
        return target
    if chained:
        return target[-1:]
    findings.append(Finding("which_tumour", e.facts))
    return []


def _one_side(one: str, other: str) -> bool:
    return not one or not other or "both" in (one, other) or one == other


def _found_site(e: Event, episodes: list[Episode], findings: list[Finding]) -> list[Episode]:
    """A first event of this site: it may name the site of an unsited episode, or absorb a suspicion joined to it."""
    live = [x for x in episodes if x.open_on(e.on)]
    unsited = [x for x in live if not x.site]
    chained = [x for x in live if not x.links.isdisjoint(e.docs) or not x.links.isdisjoint(e.links)]
    named = [x for x in unsited if x in chained] or (unsited if len(unsited) == 1 else [])
    if named:
        return named[:1]
    suspected = [x for x in live if x.verified_on is None and x.site]
    final = e.kind == "diagnosis" and e.attributes["status"] == "final" and e.icd10 in MALIGNANT
    if final and suspected:
        joined = [x for x in suspected if x in chained]
        if joined:
            joined[0].site = site_group(e.icd10) or joined[0].site
            joined[0].side = e.attributes.get("side") or joined[0].side
            return joined[:1]
        findings.append(Finding("same_tumour", e.facts))
    if not opens(e) and chained:
        return chained[-1:]
    return []
