"""What a person is judged by, for many persons at once: the facts, where they belong, known episodes, what people decided.

The sweep, the answers for any day and the what-if of the rules gather it here, so none of them can forget a part."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from oncor_cases.actions.evaluation import EVERYTHING_KNOWN, NOTHING_BESIDE, Beside, Looked, Rules, look, placed
from oncor_cases.facts.timeline import Patient, Timeline
from oncor_cases.store import acknowledgements, assignments, backlog, episodes, facts, places
from oncor_cases.store.session import Connection
from oncor_cases.tasks.same_episode import Stored
from oncor_cases.tasks.wishes import SILENCE


class Gathered(NamedTuple):
    """By person. Who has no fact has no timeline either; who has nothing of the rest is absent there."""

    timelines: dict[int, Timeline]
    stored: dict[int, list[Stored]]
    beside: dict[int, Beside]

    def look(self, person: int, today: date, rules: Rules, known_on: date | None = None) -> Looked:
        """One of the persons as the pathways see them."""
        timeline = self.timelines.get(person) or Timeline(Patient(str(person)), ())
        return look(timeline, today, rules, self.stored.get(person, ()), known_on, self.beside.get(person, NOTHING_BESIDE))


def gather(
    conn: Connection,
    region: int,
    persons: Sequence[int],
    rules: Rules,
    known_on: date | None,
    *,
    ahead: bool = False,
) -> Gathered:
    """Everything as known on a day (None: what is in force now).

    `ahead`: of facts also what was learnt after `known_on`. The clock of a demo is told: what is superseded today may have
    been in force on that day, and what is learnt later says when the person wakes; `look` leaves it out."""
    until = EVERYTHING_KNOWN if ahead and known_on is not None else known_on
    timelines = dict(facts.timelines(conn, region, persons, until))
    placed(timelines, places.whereabouts(conn, region, persons, known_on))
    given = assignments.of(conn, region, persons)
    released = backlog.released(conn, region, persons, known_on) if rules.live_from else {}
    words = acknowledgements.words(conn, region, persons, known_on)
    told = given.keys() | released.keys() | words.keys()
    beside = {p: Beside(given.get(p, ()), released.get(p, {}), words.get(p, SILENCE)) for p in told}
    return Gathered(timelines, episodes.stored(conn, region, persons), beside)
