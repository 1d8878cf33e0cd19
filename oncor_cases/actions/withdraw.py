"""A document voided by its sender: its facts cease, its bytes stay, the highest remaining version comes in force."""

from datetime import datetime
from typing import TypedDict

from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import audit, documents, persons
from oncor_cases.store.session import Connection, Database, again_on_deadlock


class Withdrawn(TypedDict):
    """What `oncor withdraw --json` prints: documents withdrawn, facts' documents restored, persons to be swept."""

    withdrawn: int
    restored: int
    persons: int


def withdraw(
    db: Database, sha256: bytes, reason: str, *, by: str, region: int, whole_set: bool = False, at: datetime | None = None
) -> Withdrawn:
    """Withdraws one version, or with `whole_set` every version of its series. `at`: the demo's clock.

    Raises NotFound, Conflict (already withdrawn), UserError (no reason)."""

    def once() -> Withdrawn:
        with db.batch() as conn:
            return within(conn, sha256, reason, by=by, region=region, whole_set=whole_set, at=at)

    return again_on_deadlock(once)


def within(
    conn: Connection,
    sha256: bytes,
    reason: str,
    *,
    by: str,
    region: int,
    whole_set: bool = False,
    at: datetime | None = None,
) -> Withdrawn:
    """The same in the caller's transaction."""
    if not reason.strip():
        raise UserError("Укажите причину отзыва документа")
    documents.lock(conn, region)
    document = documents.find(conn, region, sha256)
    if document is None:
        raise NotFound("Документ не найден")
    asked = documents.series(conn, region, document) if whole_set else [document.id]
    gone = documents.withdraw(conn, region, asked, reason=reason.strip(), by=by, at=at)
    if not gone:
        raise Conflict("Документ уже отозван")
    moved, _ = documents.settle(conn, region, gone)
    touched = persons.of_subjects(conn, region, documents.subjects_of(conn, region, [*gone, *moved]))
    persons.refresh(conn, region, touched)
    audit.note(
        conn, region, "document_withdrawn", author=by, object=sha256.hex(),
        detail={"reason": reason.strip(), "documents": len(gone), "whole_set": whole_set},
    )  # fmt: skip
    return Withdrawn(withdrawn=len(gone), restored=len(set(moved) - set(gone)), persons=len(touched))
