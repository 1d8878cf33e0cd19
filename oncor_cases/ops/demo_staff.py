"""What the heads and a navigator of the demonstration do, day by day, through the same doors as real ones.

From the day the accounts are opened a head answers for part of what is overdue, some words are taken back, and people go
on leave. The same store on the same day gives the same decisions."""

from contextlib import suppress
from datetime import date, timedelta
from random import Random

from oncor_cases.actions import absences, acknowledge
from oncor_cases.actions.decide import About
from oncor_cases.kernel.errors import Conflict, OncorError
from oncor_cases.sources.seeds import acknowledgement_reasons
from oncor_cases.store import absences as away
from oncor_cases.store import board
from oncor_cases.store.inbox import TaskRow
from oncor_cases.store.session import Database, Scope
from oncor_cases.tasks.absences import stand_ins

WORKS_FOR = timedelta(days=120)  # how long before the day of the demonstration its accounts are opened
NOTES = {
    "equipment": "Аппарат на ремонте, ждём сервисного инженера", "no_doctor": "Врач в отпуске, запись к замещающему",
    "queue": "Поставлен в очередь, запись подтверждена", "supplies": "Препарат заказан, поставка ожидается",
    "patient_choice": "Пациент просил перенести, разговор состоялся",
    "patient_health": "Сопутствующее обострение, стационар",
    "no_contact": "Телефон не отвечает, назначен выход на дом", "other_clinic": "Ждём ответа из другой организации",
    "documents_late": "Сделано, протокол ещё не выгружен", "data_error": "Ошибка в дате, регистратор исправляет",
    "other": "Разбираемся, решение на неделе",
}  # fmt: skip
LEAVES = ((80, 14), (3, 10))  # a head's: days before the demonstration, how long


def morning(db: Database, region: int, day: date, demonstration: date) -> int:
    """The decisions of one working morning, after its sweep; how many."""
    with db.batch() as conn:
        people = {c.login: c for c in away.colleagues(conn, region)}
    head = people.get("head")
    if head is None:
        return 0
    scope = Scope(region, "head", "head", head.orgs)
    for before, long in LEAVES:
        if _comes(demonstration - timedelta(days=before), day):
            _leave(db, scope, "head", "navigator", day, long)
    if _comes(demonstration - timedelta(days=5), day):
        _leave(db, Scope(region, "coordinator", "coordinator"), "navigator2", "coordinator", day, 12)
    with db.batch() as conn:
        if stand_ins(away.records(conn, region), day).get("head") == "navigator":
            scope = Scope(region, "navigator", "navigator", head.orgs, ("head",))
    with db.web(scope) as conn:
        waiting = board.listed(conn, scope, day, limit=40)
        standing = board.listed(conn, scope, day, answered=True, limit=40)
    done = 0
    for task in waiting:
        chance = Random(f"{mark(task)}|{day}")
        if chance.random() < 0.25:
            done += _answer(db, scope, About(task.person, task.task), day, chance)
    for task in standing:
        if Random(f"back|{mark(task)}|{day}").random() < 0.02:
            acknowledge.withdraw(db, About(task.person, task.task), by=scope, today=day)
            done += 1
    return done


def _comes(wanted: date, day: date) -> bool:
    """Is this the first working morning from the wanted day on?"""
    return wanted <= day < wanted + timedelta(days=7) and all(
        (wanted + timedelta(days=n)).isoweekday() > 5 for n in range((day - wanted).days)
    )


def mark(task: board.Silent | TaskRow) -> str:
    """The same for the same task however often the demonstration was started anew: numbers of rows are not."""
    return f"{task.family}|{task.given}|{task.patronymic}|{task.rule}|{task.subject}|{task.due}"


def _answer(db: Database, scope: Scope, about: About, day: date, chance: Random) -> int:
    reasons = acknowledgement_reasons()
    reason = chance.choice([*reasons, "queue", "equipment", "documents_late", "patient_choice"])
    until = day + timedelta(days=chance.randint(3, min(14, reasons[reason].longest)))
    try:
        acknowledge.acknowledge(db, about, reason=reason, note=NOTES[reason], until=until, by=scope, today=day)
    except OncorError:  # closed by the sweep of a decision just before
        return 0
    return 1


def _leave(db: Database, by: Scope, login: str, substitute: str, day: date, long: int) -> None:
    with suppress(Conflict):  # written before an earlier start was cut short
        absences.register(db, login, substitute, day, day + timedelta(days=long), by=by, today=day)
