"""What a pathway says of one episode on one day: the value everything above is made from."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from datetime import date
from operator import attrgetter
from typing import Any, NamedTuple

from oncor_cases.kernel.calendar import Term

RUNNING, MET, LATE, PASSED, CLOSED, PAUSED = "running", "met", "late", "passed", "closed", "paused"


class Clock(NamedTuple):
    """One duty of one episode. `status`: running; met (in time); late (met after the due date); passed (a later
    milestone came, the step itself was never documented); closed (with `reason`: refusal, death …); paused.

    `edition` is `RULE@from`; `extended` marks an edition used outside its dates; `assumed` a start that is not the
    event the act names; `held_until` the day a person agreed on, which never moves the due date."""

    rule: str
    subject: str
    edition: str
    norm: str  # verified, recalled or product
    start: date
    started_by: str  # fact id
    term: Term
    due: date
    status: str
    owner: str  # organisation that owes the step, empty if only the attached clinic is known later
    ended: date | None = None
    ended_by: str = ""
    reason: str = ""
    assumed: bool = False
    extended: bool = False
    provisional: bool = False
    silent: bool = False  # before the region's observed_from, or a note: history, never a task
    raised_on: date | None = None  # from this day the head answers, whatever the steps of escalation say


class Finding(NamedTuple):
    """Something to put right that is not a step of care: a missing document, a contradiction, a question."""

    code: str
    facts: tuple[str, ...] = ()
    rule: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A pathway of one episode on a day. `wakes_on`: the first later day it may differ without a new fact."""

    pathway: str
    episode: str
    icd10: str
    side: str
    state: str
    opened_on: date
    clocks: tuple[Clock, ...] = ()
    findings: tuple[Finding, ...] = ()
    milestones: Mapping[str, date] = field(default_factory=dict)
    lost: str = ""  # LOST-1, LOST-2 or empty
    under: str = ""  # the state below `lost`
    wakes_on: date | None = None
    anchors: tuple[str, ...] = ()  # ids of the episode's facts, by which its permanent id is found again
    # What is told beside the clocks, plain JSON values: `search` and `weighed` (lost.py), `volume` (visit_volume.py),
    # `delays` (chemotherapy.py), `condition` (pre_tumour.py)
    notes: Mapping[str, Any] = field(default_factory=dict)

    def of_episode(self, id: str) -> "View":
        """The same view under the permanent id of its episode."""
        pathway, _, *rest = _values(self)
        return View(pathway, id, *rest)


_values = attrgetter(*(f.name for f in fields(View)))  # dataclasses.replace takes three times as long
