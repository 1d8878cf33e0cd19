"""Who is away and who stands in: written by the person, their head, the coordinator or the administrator.

A substitute must see what the absent person sees already: the same organisations, or the whole region for those who
answer for it. So an absence never opens a patient to anybody (docs/adr/0013)."""

from datetime import date, timedelta

from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import absences, audit
from oncor_cases.store.absences import Colleague
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Database, Scope

LONGEST = timedelta(days=366)
KEEPERS = ("coordinator", "admin")


def register(db: Database, login: str, substitute: str, first: date, last: date, *, by: Scope, today: date) -> int:
    """Writes an absence; its number. Raises UserError (days, an unfit substitute), NotFound, Conflict (overlaps)."""
    if last < first:
        raise UserError("Последний день раньше первого")
    if last < today:
        raise UserError("Эти дни уже прошли")
    if last - first > LONGEST:
        raise UserError("Отсутствие записывают не больше чем на год")
    with db.batch() as conn:
        absences.lock(conn, by.region)
        absent, stands_in = _people(conn, by, login), absences.colleague(conn, by.region, substitute)
        if stands_in is None:
            raise UserError("Выберите, кто замещает")
        if not fits(absent, stands_in):
            raise UserError("Замещать может тот, кто работает в тех же организациях и ведёт пациентов")
        for row in absences.lasting(conn, by.region, today, login):
            if row.first_day <= last and first <= row.last_day:
                raise Conflict(f"Отсутствие с {row.first_day:%d.%m.%Y} по {row.last_day:%d.%m.%Y} уже записано")
        id = absences.add(conn, by.region, login, substitute, first, last, on=today, author=by.user)
        detail = {"first": f"{first}", "last": f"{last}", "substitute": substitute}
        audit.note(conn, by.region, "absence.registered", author=by.user, object=login, detail=detail)
        return id


def remove(db: Database, id: int, *, by: Scope, today: date) -> None:
    """Calls an absence off. Raises NotFound."""
    with db.batch() as conn:
        absences.lock(conn, by.region)
        found = [row for row in absences.lasting(conn, by.region, today) if row.id == id]
        if not found:
            raise NotFound("Такого отсутствия нет")
        _people(conn, by, found[0].login)
        absences.withdraw(conn, by.region, id, on=today, by=by.user)
        audit.note(conn, by.region, "absence.removed", author=by.user, object=found[0].login)


def fits(absent: Colleague, substitute: Colleague) -> bool:
    """May the one stand in for the other without seeing more patients than before?"""
    if absent.login == substitute.login or substitute.role == "admin":
        return False
    if substitute.role in WIDE:
        return True
    return absent.role not in WIDE and set(absent.orgs) <= set(substitute.orgs)


def _people(conn: Connection, by: Scope, login: str) -> Colleague:
    """The absent person, if `by` may say so of them."""
    absent = absences.colleague(conn, by.region, login)
    if absent is None:
        raise NotFound("Такого сотрудника нет")
    own = by.user == login or by.role in KEEPERS
    if not own and not (by.role == "head" and absent.orgs and set(absent.orgs) <= set(by.orgs)):
        raise NotFound("Такого сотрудника нет")
    return absent
