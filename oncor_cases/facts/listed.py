"""What a row of a list says over the lists of its series: a pure function, whatever list came first.

A *state* is the content of the row in one list (its hash), or None where a snapshot does not hold it. Documents are
written only where the state changes; `plan` says which are missing and which say what no list says any more."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

State = bytes | None


class Plan(NamedTuple):
    """`write`: slot → state of documents that are missing; `withdraw`: slots whose documents no longer hold."""

    write: dict[int, State]
    withdraw: list[int]


def plan(states: Mapping[int, State], written: Mapping[int, State]) -> Plan:
    """`states`: slot (the day of the list, or finer) → state in every list that counts, ascending in meaning.
    `written`: slot → state of the documents there are.

    After it, the document of the highest slot not above a day says what the last list of that day says, and a list
    that repeats its neighbours writes nothing (tests/lists/test_listed.py)."""
    withdraw = [slot for slot, said in sorted(written.items()) if slot not in states or states[slot] != said]
    stays = {slot: said for slot, said in written.items() if slot not in set(withdraw)}
    write: dict[int, State] = {}
    before: State = None
    for slot, state in sorted(states.items()):
        if state != before and slot not in stays:
            write[slot] = state
        before = state
    return Plan(write, withdraw)


def place(line: int, sheets: Sequence[Sequence[Any]] = ()) -> str:
    """Where a line of a list stands, for people: its number, and the sheet where a workbook had several. `sheets`: (name,
    lines above it), as sheets are read one below the other."""
    if len(sheets) < 2:
        return str(line)
    name, above = max((one for one in sheets if one[1] < line), key=lambda one: one[1], default=sheets[0])
    return f"{name}: {line - above}"


def standing(states: Mapping[int, State]) -> State:
    """What is in force in the end."""
    return states[max(states)] if states else None
