"""Who falls ill with what: residents matched to stories and tumours, and their papers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from oncor_cases.kernel.calendar import Calendar
from oncor_cases.region.clinics import by_oid, with_role
from oncor_cases.region.people import Resident
from oncor_cases.region.stories import Site, Story, sites, stories
from oncor_cases.region.tumour import Tumour, tumour, weighted
from oncor_cases.region.unfold import Paper, Unfolding


@dataclass(frozen=True, slots=True)
class Patient:
    """A resident on their way through a story."""

    resident: Resident
    story: Story
    tumours: tuple[Tumour, ...]
    start: date
    papers: tuple[Paper, ...]


class Wanted:
    """Residents by sex and age, each given out once."""

    def __init__(self, people: Sequence[Resident], today: date) -> None:
        self._shelves: dict[tuple[str, int], list[Resident]] = {}
        for person in people:
            self._shelves.setdefault((person.sex, person.age_on(today) // 5), []).append(person)

    def take(self, site: Site, chance: Random) -> Resident | None:
        """Somebody of fitting sex and age; the old more often, as cancer has it. None if nobody is left."""
        low, high = site.ages
        groups = [
            (group, shelf)
            for (sex, group), shelf in sorted(self._shelves.items())
            if shelf and (not site.sex or sex == site.sex) and low <= group * 5 and group * 5 + 4 <= high + 4
        ]
        if not groups:
            return None
        youngest = min(group for group, _ in groups)
        _, shelf = weighted(chance, groups, [len(shelf) * (1 + group - youngest) for group, shelf in groups])
        return shelf.pop(int(chance.random() * len(shelf)))


def patients(seed: int, count: int, today: date, people: Sequence[Resident], calendar: Calendar) -> Iterator[Patient]:
    """`count` patients, fewer if the residents run out. The first ones show each story once, then by weight."""
    wanted = Wanted(people, today)
    told = stories()
    for number in range(count):
        chance = Random(f"patient {seed} {number}")
        story = told[number % len(told)] if number < len(told) else weighted(chance, told, [s.weight for s in told])
        site = _site(story, chance)
        resident = wanted.take(site, chance)
        if resident is None:
            continue
        first = tumour(site, chance, story.late_stage, story.plan)
        second = tumour(_other(site, resident, chance), chance)
        attached = by_oid(resident.attached) if resident.attached else with_role("polyclinic")[0]
        way = Unfolding(story, (first, second), attached, calendar, chance, child=resident.age_on(today) < 18)
        start = today + timedelta(days=_first_day(story, chance))
        yield Patient(resident, story, (first, second), start, tuple(way.papers(start)))


def _first_day(story: Story, chance: Random) -> int:
    """Recent starts are more frequent: most people in the work list of any morning began lately."""
    low, high = story.starts.low, story.starts.high
    return high - round((high - low) * chance.betavariate(1.0, 4.2)) if high > low else low


def _site(story: Story, chance: Random) -> Site:
    known = sites()
    fitting = [known[s] for s in story.sites] if story.sites else [s for s in known.values() if "child" not in s.flags]
    return weighted(chance, fitting, [s.weight for s in fitting])


def _other(site: Site, resident: Resident, chance: Random) -> Site:
    """A second tumour of another place that this person can have."""
    rest = [s for s in sites().values() if s.name != site.name and s.sex in ("", resident.sex)
            and "child" not in s.flags and "haematology" not in s.flags]  # fmt: skip
    return weighted(chance, rest, [s.weight for s in rest])


def known_by(patient: Patient, today: date) -> Patient:
    """The patient with only those papers that have arrived before `today`; a later repetition or voiding is dropped."""
    arrived = [
        replace(
            p,
            again=p.again if p.again and p.again.date() < today else None,
            withdrawn=p.withdrawn if p.withdrawn and p.withdrawn.date() < today else None,
        )
        for p in patient.papers
        if p.received.date() < today
    ]
    return replace(patient, papers=tuple(arrived))
