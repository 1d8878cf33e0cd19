"""The door every decision goes through: scope, lock, the decision, its audit and the sweep of that person, all in one
transaction. Either everything of it is there or nothing (tests/worklist/test_decide.py)."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from oncor_cases.actions.region_rules import region_rules
from oncor_cases.actions.sweep_batch import sweep_persons
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import decisions, facts
from oncor_cases.store.decisions import Target
from oncor_cases.store.session import Connection, Database, Scope, become_batch
from oncor_cases.tasks.wish import Key


@dataclass(frozen=True, slots=True)
class About:
    """What a decision is about: a person, and the task or the running clock it was taken on, if it was.

    `version`: the task's last event when the form was made; somebody else's later one is a Conflict. `once`: any text
    that makes a form sent twice one decision."""

    person: UUID
    task: UUID | None = None
    clock: Key | None = None
    version: int | None = None
    once: str = ""


@dataclass(slots=True)
class Desk:
    """An open decision: the connection (as batch), the target as it stands now, and who decides on which day."""

    conn: Connection
    by: Scope
    today: date
    target: Target
    at: datetime | None
    repeated: bool = False

    def fact(self, kind: str, on: date, said: Mapping[str, Any], *, of_episode: bool = True) -> int:
        """A fact with the user as author; `of_episode` points it to the episode the decision is about."""
        about = {k: v for k, v in said.items() if v not in (None, "")}
        links: list[str] = []
        if of_episode and self.target.key is not None:
            about = {"icd10": self.target.icd10, "side": self.target.side} | about
            document = decisions.document_of(self.conn, self.by.region, self.target.started_by)
            links = [document] if document else []
        return facts.state(
            self.conn, self.by.region, self.target.person, kind, on, about, author=self.by.user, at=self.at, links=links
        )

    def act(self, kind: str, data: Mapping[str, Any] | None = None, **fields: Any) -> None:
        """A row of the task's history and, if any, new values of its own columns."""
        if self.target.key is not None:
            decisions.act(self.conn, self.by.region, self.target, kind, self.today, self.by.user, fields, data)


@contextmanager
def deciding(db: Database, about: About, action: str, *, by: Scope, today: date, on_task: bool = True) -> Iterator[Desk]:
    """Opens a decision. Raises NotFound outside the scope, Conflict if somebody was quicker, UserError without a task
    where the verb needs one. A repeated form gives a desk with `repeated` set; the verb then does nothing."""
    with db.web(by) as conn:
        person = decisions.person(conn, by, about.person)
        if person is None:
            raise NotFound("Такого пациента нет")
        become_batch(conn)
        decisions.lock(conn, by.region, person)
        target = _target(conn, by, person, about)
        if on_task and target.key is None:
            raise UserError("Не указано, о какой задаче или сроке речь")
        at = decisions.moment(conn, by.region, today)
        desk = Desk(conn, by, today, target, at)
        if about.once and decisions.done_before(conn, by.region, person, about.once):
            desk.repeated = True
            yield desk
            return
        _nobody_was_quicker(conn, by, target, about, action)
        yield desk
        decisions.record(conn, by, f"decision.{action}", target, about.once)
        mine = region_rules(conn, by.region, told=today)
        facts.changed(conn, by.region, [person])
        sweep_persons(conn, today, by.region, mine.rules, [person], demo=mine.demo, wait=True)


def _target(conn: Connection, by: Scope, person: int, about: About) -> Target:
    if about.task is None and about.clock is None:
        return Target(person)
    found = None
    if about.task is not None:
        found = decisions.task(conn, by.region, person, about.task)
    elif about.clock is not None:
        found = decisions.clock(conn, by.region, person, about.clock)
    if found is None:
        raise NotFound("Такой задачи нет")
    return found


def _nobody_was_quicker(conn: Connection, by: Scope, target: Target, about: About, action: str) -> None:
    if target.task is None:
        return
    if target.state == "closed" and action != "comment":
        raise Conflict("Задача уже закрыта: обновите страницу")
    if about.version is not None and decisions.others_since(conn, by.region, target.task, about.version, by.user):
        raise Conflict("С задачей только что работал другой сотрудник: обновите страницу")
