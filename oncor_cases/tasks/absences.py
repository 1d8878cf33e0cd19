"""Who stands in for whom on a day: a pure function of the absences written down.

An absence moves neither the owner nor the level of a task: the duty stays the clinic's. It says who sees and may take
what the absent person has in hand, who is told in their place, and who speaks for an absent head."""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple


class Absence(NamedTuple):
    """`login` is away from `first` to `last`, both included. `on`: the day it was written down; `withdrawn`: called off."""

    login: str
    substitute: str
    first: date
    last: date
    on: date
    withdrawn: date | None = None


def stand_ins(absences: Iterable[Absence], today: date, known_on: date | None = None) -> dict[str, str]:
    """Absent login → the login that stands in today, through chains of absences.

    Whose substitutes are all away (a circle) is not in the answer: nobody stands in. Of two absences of one person the
    one written later counts."""
    known = known_on or today
    away: dict[str, str] = {}
    for a in sorted(absences, key=lambda a: (a.on, a.first, a.last, a.substitute)):
        if a.on <= known and not (a.withdrawn and a.withdrawn <= known) and a.first <= today <= a.last:
            away[a.login] = a.substitute
    found: dict[str, str] = {}
    for login in sorted(away):
        seen, who = {login}, away[login]
        while who in away and who not in seen:
            seen.add(who)
            who = away[who]
        if who not in seen:
            found[login] = who
    return found


def stood_for(absences: Iterable[Absence], login: str, today: date, known_on: date | None = None) -> tuple[str, ...]:
    """The absent people for whom a login stands in today, ascending."""
    return tuple(sorted(away for away, who in stand_ins(absences, today, known_on).items() if who == login))
