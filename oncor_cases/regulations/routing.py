"""Who owes a step: the organisations of a region and its dated rows of routing, as plain values.

The order of DESIGN section 5 ("Escalation") is the default: the organisation named by the starting referral or order, else
the attached clinic, else the sender. A region's row puts other words in front of it; a default owner takes what would have
nobody. A department is answered for by its clinic, a merged organisation by its successor from the day of the merger."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

# What a row of routing may say; `org:OID` names an organisation outright.
WORDS = ("named", "attached", "residence", "observing", "office", "dispensary", "sender")
OFFICE_ROLES = ("oncology_office", "caop")  # primary oncology office first, then the centre of outpatient care
_USUAL = {
    "named": ("given", "start", "attached", "sender"),
    "author": ("given", "sender", "attached", "start"),
    "attached": ("attached", "given", "sender", "start"),
}
_SAID_AS = {"given": "named", "start": "named"}


class Place(NamedTuple):
    """An organisation. `parent`: the clinic a department belongs to; `office`: the oncology office that serves it."""

    oid: str
    parent: str = ""
    district: str = ""
    roles: tuple[str, ...] = ()
    office: str = ""


class Succession(NamedTuple):
    """From `since` on, what `oid` owed is owed by `successor`."""

    oid: str
    successor: str
    since: date


class Route(NamedTuple):
    """The order in which a step's owner is looked for. `rule`: a rule id, or a pathway, or empty for every rule."""

    rule: str
    chain: tuple[str, ...]
    since: date | None = None
    until: date | None = None


class Default(NamedTuple):
    """The owner of what would have none: for a category of residence, a district, or all (both empty).

    `instead`: also in place of the clinic of attachment (prison, military service)."""

    org: str
    category: str = ""
    district: str = ""
    instead: bool = False
    since: date | None = None
    until: date | None = None


class Claims(NamedTuple):
    """Who could owe one step: the organisation a pathway gives, the one the starting fact names, its sender."""

    given: str = ""
    start: str = ""
    sender: str = ""


class Whereabouts(NamedTuple):
    """Where a person belongs on a day."""

    attached: str = ""
    residence: str = ""
    observing: str = ""
    category: str = ""
    district: str = ""


class Owner(NamedTuple):
    """`by`: the word that found it (`category`, `district`, `default` for a default owner; empty where there is none)."""

    org: str
    by: str


@dataclass(frozen=True, slots=True)
class Records:
    """All a region says about routing, as known on a day; goes to another process as it is."""

    places: tuple[Place, ...] = ()
    successions: tuple[Succession, ...] = ()
    routes: tuple[Route, ...] = ()
    defaults: tuple[Default, ...] = ()


class Routing:
    """The records made ready for a million questions. Immutable; answers are cached per organisation."""

    def __init__(self, records: Records = Records()) -> None:
        self.places: Mapping[str, Place] = {p.oid: p for p in records.places}
        self._next: dict[str, list[Succession]] = {}
        for s in sorted(records.successions, key=lambda s: (s.since, s.successor)):
            self._next.setdefault(s.oid, []).append(s)
        self._turns = sorted({s.since for s in records.successions})
        self._routes: dict[str, list[Route]] = {}
        for r in records.routes:
            self._routes.setdefault(r.rule, []).append(r)
        self._defaults = sorted(records.defaults, key=lambda d: (not d.category, not d.district, d.since or date.min, d.org))
        self._answers: dict[tuple[str, int], str] = {}
        self._chains: dict[tuple[str, str, str, date], tuple[tuple[str, ...], list[date]]] = {}  # a sweep asks for one day
        self.words = frozenset(word for r in records.routes for word in r.chain)  # what must be looked up of a person

    def answers_for(self, oid: str, day: date) -> str:
        """The organisation that answers for an OID on a day: the clinic of a department, the successor of a merger."""
        key = (oid, bisect_right(self._turns, day))
        found = self._answers.get(key)
        if found is None:
            if len(self._answers) > 200_000:
                self._answers.clear()  # senders are few; a stream of invented OIDs must not fill the memory
            found = self._answers[key] = self._resolved(oid, day)
        return found

    def _resolved(self, oid: str, day: date) -> str:
        seen: set[str] = set()
        while oid and oid not in seen:  # a ring of mistaken parents ends where it began
            seen.add(oid)
            done = [s for s in self._next.get(oid, ()) if s.since <= day]
            if done:
                oid = done[-1].successor
                continue
            place = self.places.get(oid)
            if place is None:
                above = self._above(oid)
                if not above:
                    return oid
                oid = above
            elif place.parent:
                oid = place.parent
            else:
                return oid
        return oid

    def _above(self, oid: str) -> str:
        """The known organisation whose OID an unknown department's OID continues; empty if there is none."""
        while "." in oid:
            oid = oid.rpartition(".")[0]
            if oid in self.places:
                return oid
        return ""

    def turning(self, day: date) -> bool:
        """Is any merger still to come?"""
        return bool(self._turns) and self._turns[-1] > day

    def turns(self, oid: str, day: date) -> list[date]:
        """Later days on which `answers_for` may differ."""
        if not self.turning(day):
            return []
        now = self.answers_for(oid, day)
        return [s.since for o in {oid, now} for s in self._next.get(o, ()) if s.since > day]

    def office(self, oid: str) -> str:
        """The oncology office or centre that serves a clinic; empty if the region names none."""
        place = self.places.get(oid)
        if place is None:
            return ""
        if place.office:
            return place.office
        if any(role in place.roles for role in OFFICE_ROLES):
            return oid
        for role in OFFICE_ROLES:
            near = sorted(p.oid for p in self.places.values() if role in p.roles and p.district == place.district)
            if near:
                return near[0]
        return ""

    def dispensary(self, district: str = "") -> str:
        """The cancer centre, of the district if it has its own."""
        own = sorted((p.district != district, p.oid) for p in self.places.values() if "dispensary" in p.roles)
        return own[0][1] if own else ""

    def route(self, rule: str, pathway: str, day: date) -> tuple[str, ...]:
        """The region's own order for a rule on a day; the most exact and then the latest row. Empty if it has none."""
        for name in (rule, pathway, ""):
            rows = [r for r in self._routes.get(name, ()) if _in_force(r, day)]
            if rows:
                return max(rows, key=lambda r: (r.since or date.min, r.chain)).chain
        return ()

    def route_turns(self, rule: str, pathway: str, day: date) -> list[date]:
        """Later days on which a row of routing that speaks of the rule, or a default, begins or ends."""
        rows: Iterable[Route | Default] = [r for name in {rule, pathway, ""} for r in self._routes.get(name, ())]
        return [d for r in (*rows, *self._defaults) for d in (r.since, r.until) if d is not None and d > day]

    def attached(self, who: Whereabouts, day: date) -> Owner:
        """The clinic of attachment; a category's own owner stands in for it where there is none, or where it must."""
        for d in self._defaults if who.category else ():
            if d.category == who.category and (d.instead or not who.attached) and self._fits(d, who, day):
                return Owner(self.answers_for(d.org, day), "category")
        return Owner(self.answers_for(who.attached, day), "attached")

    def default(self, who: Whereabouts, day: date) -> Owner:
        """Who takes what nobody owes: the row of the category, of the district, of the region. Empty if none fits."""
        for d in self._defaults:
            if d.category in ("", who.category) and self._fits(d, who, day):
                by = "category" if d.category else "district" if d.district else "default"
                return Owner(self.answers_for(d.org, day), by)
        return Owner("", "")

    def _fits(self, d: Default, who: Whereabouts, day: date) -> bool:
        return _in_force(d, day) and d.district in ("", who.district)

    def chain(self, rule: str, pathway: str, usual: str, day: date) -> tuple[tuple[str, ...], list[date]]:
        """The words tried for a rule on a day, the region's before the usual ones; later days on which they change."""
        key = (rule, pathway, usual, day)
        found = self._chains.get(key)
        if found is None:
            if len(self._chains) > 20_000:
                self._chains.clear()  # the time machine asks for many days
            words = (*self.route(rule, pathway, day), *_USUAL[usual])
            found = self._chains[key] = (words, self.route_turns(rule, pathway, day))
        return found

    def owner(self, rule: str, pathway: str, usual: str, claims: Claims, who: Whereabouts, day: date) -> Owner:
        """Who owes a step of `rule` today. `usual`: the duty's own order (named, author, attached)."""
        for word in self.chain(rule, pathway, usual, day)[0]:
            if word == "attached":
                found = self.attached(who, day)
                if found.org:
                    return found
            elif org := self._found(word, claims, who, day):
                by = "org" if word.startswith("org:") else _SAID_AS.get(word, word)
                return Owner(self.answers_for(org, day), by)
        return self.default(who, day)

    def _found(self, word: str, claims: Claims, who: Whereabouts, day: date) -> str:
        match word:
            case "start":
                return claims.start
            case "sender":
                return claims.sender
            case "given":
                return claims.given
            case "named":
                return claims.given or claims.start
            case "residence":
                return who.residence
            case "observing":
                return who.observing
            case "office":
                return self.office(self.attached(who, day).org)
            case "dispensary":
                return self.dispensary(who.district)
        return word.removeprefix("org:") if word.startswith("org:") else ""


def _in_force(row: Route | Default, day: date) -> bool:
    return (row.since is None or row.since <= day) and (row.until is None or day < row.until)
