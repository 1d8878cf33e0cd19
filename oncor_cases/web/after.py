"""After a document came, went or was read again: whoever it speaks of is swept at once, so the open inbox is true."""

from collections.abc import Sequence
from datetime import date

from oncor_cases.actions.sweep import sweep
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import documents, persons
from oncor_cases.store.session import Database


def sweep_documents(db: Database, region: int, hashes: Sequence[bytes], today: date) -> None:
    """Sweeps the persons these documents speak of; a store whose day is ahead leaves them to its own sweep."""
    with db.batch() as conn:
        found = [documents.find(conn, region, sha256) for sha256 in hashes]
        subjects = [d.subject_id for d in found if d is not None and d.subject_id is not None]
        touched = persons.of_subjects(conn, region, subjects)
    sweep_persons(db, region, sorted(touched), today)


def sweep_persons(db: Database, region: int, touched: Sequence[int], today: date) -> None:
    """The same for persons already known."""
    if not touched:
        return
    try:
        sweep(db, today, region=region, persons=list(touched))
    except Conflict:
        return  # the last sweep was for a later day: they stay marked and the next one takes them
