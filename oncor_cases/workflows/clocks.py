"""Running one clock: which edition, which due date, and what ended it. Shared by every pathway.

The rule book says the terms; a pathway says which events start, stop and pass a duty; here the earliest end wins.
Death and departure silence everything (DESIGN section 5); a person's word stops only our own duties."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from operator import itemgetter
from typing import Any

from oncor_cases.facts.timeline import Delays, Patient
from oncor_cases.kernel.calendar import Calendar
from oncor_cases.kernel.dates import as_date
from oncor_cases.regulations.rulebook import Duty, Edition, Rulebook
from oncor_cases.workflows import lost
from oncor_cases.workflows.acknowledged import Acknowledgement, held
from oncor_cases.workflows.episodes import Episode
from oncor_cases.workflows.events import PRESENCE, Event, reports_death
from oncor_cases.workflows.owners import Owners
from oncor_cases.workflows.view import CLOSED, LATE, MET, PASSED, PAUSED, RUNNING, Clock, Finding, View

ONE_DAY = timedelta(days=1)


@dataclass(slots=True)
class Person:
    """What concerns every episode of a person on a day: death, departure, presence, attachment, agreed days."""

    patient: Patient
    death: Event | None = None
    departure: Event | None = None
    attached: str = ""
    presence: list[date] = field(default_factory=list)
    appointments: list[Event] = field(default_factory=list)
    contacts: list[Event] = field(default_factory=list)
    no_shows: list[Event] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    owners: Owners | None = None  # the region's routing; without one the order of DESIGN section 5

    @classmethod
    def of(cls, patient: Patient, events: Iterable[Event], today: date) -> "Person":
        """Gathers it in one pass over all events of the person, which come in order of days."""
        self = cls(patient, attached=patient.attached)
        for e in events:
            kind = e.kind
            if kind in PRESENCE:
                if kind == "contact":
                    self.contacts.append(e)
                    if e.attributes["outcome"] != "reached":
                        continue
                elif self.departure is not None and e.on > self.departure.on:
                    self.departure = None  # seen in the region again
                self.presence.append(e.on)
                if self.death is not None and e.on > self.death.on:
                    self.findings.append(Finding("care_after_death", (*self.death.facts, *e.facts)))
            elif reports_death(kind, e.attributes):
                if self.death is not None and e.on != self.death.on:
                    self.findings.append(Finding("two_deaths", (*self.death.facts, *e.facts)))
                self.death = self.death or e  # a death the register reports silences calls as any other
            elif kind == "moved_away" or (kind == "register_exit" and e.attributes.get("reason") == "left_region"):
                self.departure = e
            elif kind == "attached":
                self.attached = e.org or self.attached
                self.departure = None  # attached again: back in the region
            elif kind == "appointment":
                self.appointments.append(e)
            elif kind == "no_show":
                self.no_shows.append(e)
        return self

    def seen_after(self, day: date) -> bool:
        """Was the person present strictly after the day?"""
        return bool(self.presence) and self.presence[-1] > day


# A possible end of a clock: day, strength, status, fact, reason. The earliest wins, on one day the stronger (lower).
Ended = tuple[date, int, str, str, str]
earliest = itemgetter(0, 1)


@dataclass(slots=True)
class Desk:
    """Everything constant while one episode is judged on one day."""

    today: date
    rules: Rulebook
    calendar: Calendar
    person: Person
    icd10: str = ""
    observed_from: date | None = None
    excluded: Event | None = None
    elsewhere: list[Event] = field(default_factory=list)
    refusals: list[Event] = field(default_factory=list)
    contraindications: list[Event] = field(default_factory=list)
    treated_on: list[date] = field(default_factory=list)
    examined_on: list[date] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    clocks: list[Clock] = field(default_factory=list)
    wakes: list[date] = field(default_factory=list)
    filed: set[tuple[str, str]] = field(default_factory=set)  # (rule, subject) of the clocks
    general: bool = True  # something may end any clock of the episode (see _general_ends)
    delays: Delays | None = None  # usual delays of senders; None: the step and its document are not weighed
    notes: dict[str, Any] = field(default_factory=dict)  # what the view tells beside its clocks

    def run(
        self,
        rule: str,
        start: Event,
        *,
        on: date | None = None,
        subject: str = "",
        stops: Iterable[Event] = (),
        passed: Iterable[Event] = (),
        closed: Iterable[tuple[Event, str]] = (),
        steps: tuple[str, ...] = (),
        refusable: str = "",
        variant: str = "",
        org: str = "",
        assumed: bool = False,
        silent: bool = False,
        since: date | None = None,
        recurring: bool = False,
    ) -> Clock:
        """Judges one clock and files it.

        `on`: the start if it is not the start event's day; `since`: from when an end counts (default: the start);
        `steps`: words of `done_elsewhere` that end it; `refusable`: the refusal that concerns it;
        `recurring`: owed again and again, so that its current round counts however old."""
        started = on or start.on
        since = since or started
        rules, calendar = self.rules, self.calendar
        duty = rules.duties[rule]
        age = self.person.patient.age_on(started) if rule in rules.by_age else None
        edition, extended, edition_id = rules.edition(rule, started, self.icd10, 40 if age is None else age, variant)
        term = edition.term
        due = calendar.due(started, term)
        ends: list[Ended] = []
        for e in stops:
            if e.on >= since and (e.evidence != "person" or duty.word_stops):
                ends.append((e.on, 0, MET, e.facts[0], ""))
                break
        for e in passed:
            if e.on >= since:
                ends.append((e.on, 4, PASSED, e.facts[0], ""))
        for e, reason in closed:
            ends.append((max(e.on, started), 2, CLOSED, e.facts[0], reason))
        if self.general:
            self._general_ends(ends, started, since, steps, refusable)
        if self.observed_from is not None and due < self.observed_from and not recurring:
            silent = True  # owed before the region went live: neither a task nor a question about papers
        ended: date | None = None
        status, by, reason = RUNNING, "", ""
        if ends:
            ended, _, status, by, reason = min(ends, key=earliest) if len(ends) > 1 else ends[0]
            if status == MET and ended > due:
                status = LATE
            elif status == PASSED and not silent:
                self.findings.append(Finding("step_not_documented", (by,), rule))
        elif self.refusals and (said := self._pause(started, refusable)) is not None:
            status, ended, by, reason = PAUSED, max(said.on, started), said.facts[0], "refusal_verbal"
        if (rule, subject) in self.filed:
            subject = self._another(rule, subject)
        self.filed.add((rule, subject))
        clock = Clock(  # by position: a hundred thousand cases make a million of these
            rule,
            subject,
            edition_id,
            edition.norm,
            started,
            start.facts[0],
            term,
            due,
            status,
            self._owner(duty, start, org),
            ended,
            by,
            reason,
            assumed,
            extended,
            due > calendar.decreed_until,  # provisional: a decree may still move it
            silent,
        )
        self.clocks.append(clock)
        return clock

    def due(self, rule: str, started: date, variant: str = "") -> date:
        """When a clock of the rule that starts on a day would be due; nothing is filed."""
        return self.calendar.due(started, self._edition(rule, started, variant)[0].term)

    def _edition(self, rule: str, started: date, variant: str) -> tuple[Edition, bool, str]:
        age = self.person.patient.age_on(started) if rule in self.rules.by_age else None
        return self.rules.edition(rule, started, self.icd10, 40 if age is None else age, variant)

    def _another(self, rule: str, subject: str) -> str:
        """A document that names two such things and gives no path to tell them apart: the second is `d1~2`."""
        number = 2
        while (rule, f"{subject}~{number}") in self.filed:
            number += 1
        return f"{subject}~{number}"

    def _general_ends(self, ends: list[Ended], started: date, since: date, steps: tuple[str, ...], refusable: str) -> None:
        """Ends that may come to any clock: death, departure, exclusion, "done elsewhere", refusal, contraindication."""
        person = self.person
        if person.death is not None:
            ends.append((max(person.death.on, started), 3, CLOSED, person.death.facts[0], "death"))
        if person.departure is not None:
            ends.append((max(person.departure.on, started), 3, CLOSED, person.departure.facts[0], "moved_away"))
        if self.excluded is not None:
            ends.append((max(self.excluded.on, started), 1, CLOSED, self.excluded.facts[0], "excluded"))
        for e in self.elsewhere:
            if e.on >= since and str(e.attributes.get("step") or "") in steps:
                ends.append((max(e.on, started), 1, CLOSED, e.facts[0], "done_elsewhere"))
        if not refusable:
            return
        for e in self.refusals:
            if self._refused(e, started, refusable) and e.attributes["documented"] == "written":
                ends.append((max(e.on, started), 2, CLOSED, e.facts[0], "refusal_written"))
        for e in self.contraindications:
            of = str(e.attributes.get("of") or "treatment")
            # against surgery alone another treatment is still owed; against one study that study is not
            if of == refusable or (refusable == "investigation" and of in steps):
                ends.append((max(e.on, started), 2, CLOSED, e.facts[0], "contraindication"))

    def _refused(self, e: Event, started: date, refusable: str) -> bool:
        """Does a refusal concern a clock? Of examinations only those ordered before it; treatment refused beforehand is
        refused, unless the person was treated between the refusal and the start of the clock."""
        if e.attributes["of"] != refusable:
            return False
        if e.on >= started:
            return True
        return refusable == "treatment" and not any(e.on < day <= started for day in self.treated_on)

    def _pause(self, started: date, refusable: str) -> Event | None:
        """A verbal refusal that still stands: nothing of the kind it names was done after it."""
        if not refusable:
            return None
        back = self.treated_on if refusable == "treatment" else self.examined_on
        for e in self.refusals:
            spoken = e.attributes["documented"] == "verbal" and self._refused(e, started, refusable)
            if spoken and not any(day > e.on for day in back):
                return e
        return None

    def _owner(self, duty: Duty, start: Event, org: str) -> str:
        if self.person.owners is None and duty.owner == "attached" and self.person.attached:
            return self.person.attached  # without a region's routing nearly all end here
        sender = start.author if start.documented else ""  # the author of a person's word is a user, no organisation
        if self.person.owners is not None:
            return self.person.owners.owner(duty, start, org, sender, self.wakes)
        attached = self.person.attached
        if duty.owner == "named":
            return org or start.org or attached or sender
        if duty.owner == "author":
            return org or sender or attached or start.org
        return org or sender or start.org

    def ask_again(self, of: str, back: Iterable[Event]) -> None:
        """RF-01 after a verbal refusal of `of`, RF-02 after a written one, until the patient comes `back` (events in
        order) or refuses again."""
        said = [e for e in self.refusals if e.attributes["of"] == of]
        back = list(back)
        for e in said:
            if e.on < said[-1].on:
                continue  # refused again since: the last word counts
            stops = [x for x in back if x.on > e.on]
            self.run("RF-02" if e.attributes["documented"] == "written" else "RF-01", e, subject=of, stops=stops)

    def view(
        self,
        pathway: str,
        case: Episode,
        state: str,
        milestones: Mapping[str, date],
        attended: Callable[[], bool],
        *,
        opened_on: date | None = None,
        over: bool = False,
    ) -> View:
        """What a pathway says of a case once its clocks are filed; `over`: nobody is lost to a case that has ended."""
        gone = self.person.death is not None or self.person.departure is not None
        missed = "" if gone or over else self.lose(attended, case.events)
        return View(
            pathway=pathway,
            episode=case.key,
            icd10=case.icd10,
            side=case.side,
            state="lost" if missed else state,
            opened_on=opened_on or case.opened_on,
            clocks=tuple(self.clocks),
            findings=tuple(self.findings),
            milestones=milestones,
            lost=missed,
            under=state,
            wakes_on=self.wakes_on(),
            anchors=tuple(sorted({f for e in case.events for f in e.facts})),
            notes=self.notes,
        )

    def lose(self, attended: Callable[[], bool], events: Sequence[Event] = ()) -> str:
        """LOST-1 or LOST-2 if a duty is far past due and nobody has seen the person since its clock started.

        `attended()`: this pathway has seen the person at least once. A reminder's limit counts too: what is not yet
        confirmed is the term, not that the patient is silent."""
        found: tuple[date, Clock] | None = None
        for clock in self.clocks:
            after = self.rules.duties[clock.rule].lost_after
            if clock.status != RUNNING or clock.silent or after is None or self.person.seen_after(clock.start):
                continue
            threshold = self.calendar.add_working_days(clock.due, after)
            if self.today <= threshold:
                self.wakes.append(_next(threshold))
            elif found is None or threshold < found[0]:
                found = (threshold, clock)
        if found is None:
            return ""
        return lost.file(self, found[1], found[0], "LOST-1" if attended() else "LOST-2", events)

    def wakes_on(self) -> date | None:
        """The first later day on which a clock or its level would differ without a new fact."""
        days = [day for day in self.wakes if day > self.today]
        for clock in self.clocks:
            if clock.status == RUNNING and not clock.silent:
                if clock.due >= self.today:
                    days.append(_next(clock.due))
                else:
                    days += [d for d, _ in level_days(self.rules.duties[clock.rule], clock, self.calendar) if d > self.today]
        days += [d for d in map(self.calendar.after, agreed_days(self.person)) if d > self.today]
        return min(days, default=None)


def _next(day: date) -> date:
    return day + ONE_DAY if day < date.max else day


def level_days(duty: Duty, clock: Clock, calendar: Calendar) -> list[tuple[date, str]]:
    """From which day on the task of an overdue clock stands at which level, ascending.

    A recalled rule only reminds and never escalates. Steps count working days from the first overdue day."""
    overdue = _next(clock.due)
    if clock.norm == "recalled" or not duty.escalation:
        return [(overdue, "reminder" if clock.norm == "recalled" else "navigator")]
    days = [(calendar.add_working_days(overdue, s.after) if s.after else overdue, s.level) for s in duty.escalation]
    return days if clock.raised_on is None else _raised(days, max(clock.raised_on, overdue))


def _raised(days: list[tuple[date, str]], on: date) -> list[tuple[date, str]]:
    """The steps when the head answers from `on` at the latest: the search for the patient has come to the head."""
    before = [(day, level) for day, level in days if level not in ("head", "coordinator") and day < on]
    head = min([on, *(day for day, level in days if level == "head")])
    return [*before, (head, "head"), *((day, level) for day, level in days if level == "coordinator")]


def level_on(duty: Duty, clock: Clock, calendar: Calendar, today: date, words: Sequence[Acknowledgement] = ()) -> str:
    """The level of an overdue clock today; `words`: what heads said of it, in force today."""
    days = level_days(duty, clock, calendar)
    if words:
        return held(days, clock.due, today, words)
    return days[max(0, bisect_right([d for d, _ in days], today) - 1)][1]


def agreed_days(person: Person) -> list[date]:
    """Days somebody agreed on with the patient: appointments and the next try of a contact.

    An appointment that says no day of its own may be dated by it."""
    if not person.appointments and not person.contacts:
        return []
    days = [as_date(e.attributes.get("at")) or (e.on if e.on > e.known else None) for e in person.appointments]
    days += [as_date(e.attributes.get("next_on")) for e in person.contacts]
    return sorted(d for d in days if d is not None)
