"""A change of the rules that takes effect marks whom it may touch: set-based, in batches, each in its own transaction.

A run cut short goes on where it stopped: by the next approval, or by the next sweep of the region."""

from datetime import date

from oncor_cases.regulations.amend import touched
from oncor_cases.sources.seeds import base_records
from oncor_cases.store import rulebook
from oncor_cases.store.session import Database


def mark_changed(db: Database, region: int, today: date) -> None:
    """Marks the persons with a case of the pathways touched by changes that are in effect and not marked yet."""
    with db.batch() as conn:
        waiting = [
            (number, [*content, *(rulebook.content_of(conn, region, retires) if retires else ())])
            for number, content, retires in rulebook.unmarked(conn, region, today)
        ]
    for number, content in waiting:
        pathways = sorted(touched(base_records(), content).pathways)
        more = True
        while more:
            with db.batch() as conn:
                more = rulebook.mark_some(conn, region, number, pathways)
