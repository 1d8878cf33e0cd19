"""How a person ends work that was given over a list: done, not needed, taken back. Each closes the assignment, and the
sweep of the same transaction closes its task."""

from datetime import date

from oncor_cases.actions.deciding import About, Desk, deciding
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import assignments
from oncor_cases.store.session import Database, Scope
from oncor_cases.tasks.assigned import PATHWAY


def done(db: Database, about: About, *, note: str = "", by: Scope, today: date) -> None:
    """The work is done."""
    with deciding(db, about, "assignment_done", by=by, today=today) as desk:
        _end(desk, assignments.DONE, note)


def not_needed(db: Database, about: About, *, reason: str, by: Scope, today: date) -> None:
    """It turned out that nothing is to be done; the reason is kept."""
    if not reason.strip():
        raise UserError("Напишите, почему не требуется")
    with deciding(db, about, "assignment_not_needed", by=by, today=today) as desk:
        _end(desk, assignments.NOT_NEEDED, reason.strip())


def _end(desk: Desk, reason: str, note: str) -> None:
    if desk.repeated:
        return
    key = desk.target.key
    if key is None or key.pathway != PATHWAY:
        raise UserError("Так завершаются только поручения по списку")
    ended = assignments.close(
        desk.conn, desk.by.region, int(key.subject), on=desk.today, by=desk.by.user, reason=reason, note=note, at=desk.at
    )
    if ended is None:
        raise Conflict("Поручение уже завершено: обновите страницу")
    desk.act(reason, {"note": note})
