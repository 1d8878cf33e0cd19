"""Who comes back when records that had become one person part again. Pure; tests/unit/test_coming_back.py.

A record's *home* is the person it was before the first join that took it along; that of a record which came later is
nobody's. A person all of whose records went to one group is that group, under the old number."""

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple


class Join(NamedTuple):
    """`person` became `into`, whose number is now `survivor`; `records` were the one's then, `others` the other's."""

    id: int
    person: int
    into: int
    survivor: int
    records: frozenset[int]
    others: frozenset[int]
    pins: Mapping[int, int | None]


def homes(joins: Collection[Join]) -> dict[int, int]:
    """record → the person it was before it was joined with anything; `joins`: those not taken back."""
    found: dict[int, int] = {}
    for join in sorted(joins, key=lambda j: j.id):
        for record in join.records:
            found.setdefault(record, join.person)
    for join in sorted(joins, key=lambda j: j.id):
        for record in join.others:
            found.setdefault(record, join.into)
    return found


def at_home(
    groups: Sequence[Collection[int]], pinned: Sequence[int | None], joins: Collection[Join]
) -> list[dict[int, Join | None]]:
    """For each group of records the persons who are wholly in it: those joined with their join, survivors with None.

    `pinned`: the person somebody decided on, by group; whoever is named so is there, whatever the records say."""
    home = homes(joins)
    places: dict[int, set[int]] = {}
    for at, group in enumerate(groups):
        for record in group:
            if record in home:
                places.setdefault(home[record], set()).add(at)
    for at, person in enumerate(pinned):
        if person is not None:
            places[person] = {at}
    of = {join.person: join for join in joins}
    alive = {join.survivor for join in joins}
    found: list[dict[int, Join | None]] = [{} for _ in groups]
    for person, where in sorted(places.items()):
        if len(where) == 1 and (person in of or person in alive):
            found[min(where)][person] = of.get(person)
    return found


def leading(there: Mapping[int, Join | None]) -> list[int]:
    """Of the persons of one group those who did not become another one of them."""
    return sorted(person for person, join in there.items() if join is None or join.into not in there)


def separated(
    joins: Collection[Join], leaving: Collection[int], staying: Collection[int]
) -> Mapping[int, int | None] | None:
    """What had been decided about these records before somebody's word made one person of the two sides; None if nobody's
    word did. Of records that a later word took along only those that leave are told."""
    out, left = set(leaving), set(staying)
    here = out | left
    later: set[int] = set()
    for join in sorted(joins, key=lambda j: -j.id):
        one, other = join.records & here, (join.pins.keys() - join.records) & here
        if one and other and ((one <= out and other <= left) or (one <= left and other <= out)):
            return {id: pin for id, pin in join.pins.items() if id in out or (id in left and id not in later)}
        later |= join.pins.keys()
    return None


def side(joins: Collection[Join], records: Collection[int]) -> frozenset[int]:
    """All that came with these records when somebody's word joined them to the rest; empty if nobody's word did."""
    for join in sorted(joins, key=lambda j: -j.id):
        for part in (join.records, frozenset(join.pins.keys() - join.records)):
            if join.pins and part.issuperset(records):
                return part
    return frozenset()
