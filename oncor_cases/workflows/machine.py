"""A pathway as one table of transitions: the same table runs it and draws it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple


class Transition(NamedTuple):
    """From any of `sources` (empty: nothing known yet) by `trigger` to `target`; `words` label the arrow (Russian)."""

    sources: tuple[str, ...]
    trigger: str
    target: str
    words: str


@dataclass(frozen=True)
class Machine:
    """`states`: name to Russian title, in the order of the way. A trigger without a transition leaves the state."""

    pathway: str
    states: dict[str, str]
    transitions: tuple[Transition, ...]
    _table: dict[tuple[str, str], str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        table = {(source, t.trigger): t.target for t in self.transitions for source in t.sources}
        object.__setattr__(self, "_table", table)

    def fold(self, triggers: Iterable[tuple[str, date]]) -> tuple[str, dict[str, date]]:
        """The state after all triggers in order, and the day each state was first entered; `""` if none applied."""
        table = self._table
        state = ""
        entered: dict[str, date] = {}
        for trigger, day in triggers:
            target = table.get((state, trigger), state)
            if target != state:
                state = target
                if state not in entered:
                    entered[state] = day
        return state, entered

    def walk(self, triggers: Iterable[tuple[str, date]]) -> Iterator[tuple[str, str, str, date]]:
        """Every transition taken: from, trigger, to, day."""
        table = self._table
        state = ""
        for trigger, day in triggers:
            target = table.get((state, trigger))
            if target is not None and target != state:
                yield state, trigger, target, day
                state = target

    def mermaid(self) -> str:
        """The state diagram for the manual."""
        lines = ["stateDiagram-v2"]
        lines += [f"    {name} : {title}" for name, title in self.states.items()]
        for t in self.transitions:
            lines += [f"    {source or '[*]'} --> {t.target} : {t.words}" for source in t.sources]
        return "\n".join(lines) + "\n"
