"""The owners of one person's steps on a day: where the person belongs, asked once, and the region's routing."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from oncor_cases.facts import places
from oncor_cases.facts.registers import of_another_region
from oncor_cases.facts.timeline import Patient
from oncor_cases.regulations.routing import Claims, Routing, Whereabouts
from oncor_cases.regulations.rulebook import Duty
from oncor_cases.workflows.events import Event

OBSERVING = frozenset({"visit", "register_entry"})  # who holds these observes the patient


@dataclass(slots=True)
class Owners:
    """`why`: by which word the owner of a rule was found, by (rule, organisation); told with the task."""

    routing: Routing
    today: date
    who: Whereabouts
    changes: list[date]
    why: dict[tuple[str, str], str] = field(default_factory=dict)

    @classmethod
    def of(
        cls, routing: Routing, patient: Patient, attached: str, events: Iterable[Event], today: date, known: date
    ) -> "Owners":
        """Where the person belongs today as known on a day. `attached`: the clinic of the last `attached` fact."""
        rows = patient.attachments
        home = places.current(rows, "residence", today, known)
        who = Whereabouts(
            attached=attached or places.current(rows, "insurance", today, known).org,
            residence=home.org,
            observing=_observing(events) or places.current(rows, "observing", today, known).org,
            category=places.category(patient.categories, today, known) if patient.categories else "",
            district=home.district,
        )
        if not who.district and (place := routing.places.get(who.residence or who.attached)) is not None:
            who = who._replace(district=place.district)
        changes = places.changes(rows, patient.categories, today) if rows or patient.categories else []
        return cls(routing, today, who, changes + routing.turns(who.attached, today))

    @property
    def attached(self) -> str:
        """Who stands for the clinic of attachment today."""
        return self.routing.attached(self.who, self.today).org

    def owner(self, duty: Duty, start: Event, given: str, sender: str, wakes: list[date]) -> str:
        """Who owes a step; empty if nobody is named and the region has no default. Adds to `wakes` when that may change."""
        claims = Claims(given, start.org, sender)
        found = self.routing.owner(duty.rule, duty.pathway, duty.owner, claims, self.who, self.today)
        self.why[duty.rule, found.org] = found.by
        wakes += self.changes
        wakes += self.routing.chain(duty.rule, duty.pathway, duty.owner, self.today)[1]
        if self.routing.turning(self.today):
            for oid in claims:
                wakes += self.routing.turns(oid, self.today)
        return found.org

    def given(self, duty: Duty, org: str, wakes: list[date]) -> str:
        """Who does work that no fact started: the organisation it was given to or whoever answers for it now, else where
        the person belongs, else the region's default. Adds to `wakes` when that may change."""
        if org:
            wakes += self.routing.turns(org, self.today)
            return self.routing.answers_for(org, self.today)
        found = self.routing.owner(duty.rule, duty.pathway, duty.owner, Claims(), self.who, self.today)
        wakes += self.changes
        wakes += self.routing.route_turns(duty.rule, duty.pathway, self.today)
        return found.org


def _observing(events: Iterable[Event]) -> str:
    """The organisation of the last visit or register entry; a visit says more than the entry of its day."""
    last: tuple[date, bool, str] | None = None
    for e in events:
        if e.kind in OBSERVING and not of_another_region(e.author):
            org = e.org or (e.author if e.documented else "")
            if org and (last is None or (e.on, e.kind == "visit", org) > last):
                last = (e.on, e.kind == "visit", org)
    return last[2] if last else ""
