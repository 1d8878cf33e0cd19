"""A clinic head answers for an overdue task: a coded reason, a comment, a day until which the level does not rise.

The word is a dated record with its author; levels follow from it by rule (workflows/acknowledged.py). Each task is one
transaction, so of several at once the good ones stand."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from oncor_cases.actions.deciding import About, Desk, deciding
from oncor_cases.kernel.errors import NotFound, OncorError, UserError
from oncor_cases.sources.seeds import acknowledgement_reasons
from oncor_cases.store import absences, acknowledgements, asking
from oncor_cases.store.session import Connection, Database, Scope
from oncor_cases.tasks.absences import stood_for

MANY = 100


@dataclass(slots=True)
class Outcome:
    """How many tasks were answered for, and why the others were not (words for people, no patient in them)."""

    done: int = 0
    refused: list[str] = field(default_factory=list)


def acknowledge(db: Database, about: About, *, reason: str, note: str, until: date, by: Scope, today: date) -> None:
    """One task. Raises UserError for what cannot be said, NotFound outside the scope."""
    found = acknowledgement_reasons().get(reason)
    if found is None:
        raise UserError("Выберите причину")
    if len(note.strip()) < 3:
        raise UserError("Напишите в комментарии, что делается")
    if until <= today:
        raise UserError("Удержать уровень можно только до будущего дня")
    last = today + timedelta(days=found.longest)
    if until > last:
        raise UserError(f"По причине «{found.title.lower()}» уровень удерживается не дольше чем до {last:%d.%m.%Y}")
    with deciding(db, about, "acknowledged", by=by, today=today) as desk:
        if desk.repeated:
            return
        task = _overdue(desk)
        if acknowledgements.withdraw(desk.conn, by.region, task, on=today, by=by.user):
            desk.act("acknowledgement_withdrawn", {"note": "заменено новым объяснением"})
        said = {"reason": reason, "note": note.strip(), "until": until.isoformat()}
        acknowledgements.write(
            desk.conn, by.region, task, reason=reason, note=note.strip(), on=today, until=until, author=by.user
        )
        desk.act("acknowledged", said)


def withdraw(db: Database, about: About, *, by: Scope, today: date) -> None:
    """Takes back what was said of a task: the level is again what it would have been. Raises UserError if nothing was."""
    with deciding(db, about, "acknowledgement_withdrawn", by=by, today=today) as desk:
        if desk.repeated:
            return
        if not acknowledgements.withdraw(desk.conn, by.region, _overdue(desk), on=today, by=by.user):
            raise UserError("Объяснения, которое действует сегодня, у задачи нет")
        desk.act("acknowledgement_withdrawn", {})


def acknowledge_several(
    db: Database, tasks: Sequence[UUID], *, reason: str, note: str, until: date, by: Scope, today: date, once: str = ""
) -> Outcome:
    """Several tasks with one answer. Raises UserError if there is nothing to answer for, or too much at once."""
    if not tasks:
        raise UserError("Отметьте хотя бы одну задачу")
    if len(tasks) > MANY:
        raise UserError(f"За один раз можно объяснить не больше {MANY} задач")
    with db.web(by) as conn:
        persons = asking.persons_of_tasks(conn, by.region, tasks)
    outcome = Outcome()
    for task in dict.fromkeys(tasks):
        try:
            if task not in persons:
                raise NotFound("Такой задачи нет")
            about = About(persons[task], task, once=f"{once}-{task}" if once else "")
            acknowledge(db, about, reason=reason, note=note, until=until, by=by, today=today)
            outcome.done += 1
        except OncorError as error:
            if error.message not in outcome.refused:
                outcome.refused.append(error.message)
    return outcome


def headed(conn: Connection, by: Scope, today: date) -> set[str]:
    """The organisations a user answers for today: their own if they are a head, those of a head they stand in for."""
    own = set(by.orgs) if by.role == "head" else set()
    for login in stood_for(absences.records(conn, by.region), by.user, today):
        absent = absences.colleague(conn, by.region, login)
        if absent is not None and absent.role == "head":
            own |= set(absent.orgs)
    return own


def _overdue(desk: Desk) -> int:
    """The task behind the desk, if this person may answer for it."""
    target = desk.target
    if target.task is None or target.state in ("closed", "upcoming"):
        raise UserError("Объясняют только просроченную задачу")
    if target.owner not in headed(desk.conn, desk.by, desk.today):
        raise UserError("Объяснить задачу может заведующий её клиники или тот, кто его замещает")
    return target.task
