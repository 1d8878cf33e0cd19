"""The way a patient went against the prescribed one, by the roles of organisations. Pure.

Prescribed: clinic → primary oncology office or CAOP → dispensary → hospital; levels are data
(seeds/dictionaries/routes.yml)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

OFFICE = 2


class Level(NamedTuple):
    """Roles of one level of the way."""

    level: int
    roles: frozenset[str]
    title: str


class Way(NamedTuple):
    """`path`: levels in the order they were reached, without repeats; `bypassed`: the office was passed over;
    `unknown`: some step was made where no role is known."""

    path: tuple[int, ...]
    bypassed: bool
    unknown: bool


def level_of(roles: Iterable[str], levels: Sequence[Level]) -> int:
    """The level an organisation stands at: for its first contact the lowest would do, for the way the office counts even
    where a polyclinic keeps it; a hospital that keeps an office is an office. 0 if no role is known."""
    found = {step.level for step in levels if step.roles & set(roles)}
    if OFFICE in found:
        return OFFICE
    return max(found, default=0)


def way(first: str, consultation: str, plan: str, treatment: str, levels: Mapping[str, int]) -> Way:
    """Where the case went: each argument is an organisation or empty where the step was not made."""
    steps = [levels.get(org, 0) for org in (first, consultation, plan, treatment) if org]
    path: list[int] = []
    for step in steps:
        if step and (not path or path[-1] != step):
            path.append(step)
    later = [i for i, step in enumerate(path) if step > OFFICE]
    bypassed = bool(later) and path[0] < OFFICE and OFFICE not in path[: later[0]]
    return Way(tuple(path), bypassed, 0 in steps)
