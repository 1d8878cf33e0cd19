"""A wish: this task should exist today, for this owner, at this level. Tasks are made equal to wishes by reconcile."""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

LEVELS = ("reminder", "navigator", "head", "coordinator")


class Key(NamedTuple):
    """The identity of a task: never a date, a rule edition or a count."""

    pathway: str
    episode: str
    rule: str
    subject: str


@dataclass(frozen=True, slots=True)
class Wish:
    """`waiting_until`: a day somebody agreed on; the task is `waiting` until the next working day after it.

    `because`: fact id that started the clock; the rest of the explanation is in the clock itself."""

    key: Key
    icd10: str
    due: date
    level: str
    owner: str
    danger: int  # 0 highest: confirmed cancer before treatment; sorts equal dates
    waiting_until: date | None
    because: str
    edition: str
    norm: str
