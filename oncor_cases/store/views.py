"""The last computed views of a person: a cache for pages, never a source of truth. At most 2 KB a case."""

from collections.abc import Sequence
from datetime import date

from oncor_cases.store import per_case
from oncor_cases.store.session import Connection
from oncor_cases.workflows.packed import packed, unpacked
from oncor_cases.workflows.view import RUNNING, View

_COLUMNS = {"person_id": "int", "pathway": "text", "episode": "text", "icd10": "text", "state": "text", "view": "jsonb",
            "next_due": "date", "wakes_on": "date", "computed_on": "date"}  # fmt: skip


def write(conn: Connection, region: int, today: date, views: Sequence[tuple[int, View]], persons: Sequence[int]) -> None:
    """Makes the stored views of the persons these: what is the same is left alone, what is gone is deleted."""
    rows = []
    for person, v in views:
        running = [c.due for c in v.clocks if c.status == RUNNING and not c.silent]
        rows.append(
            (person, v.pathway, v.episode, v.icd10, v.state, packed(v), min(running, default=None), v.wakes_on, today)
        )
    per_case.write(conn, "pathway_view", region, _COLUMNS, rows, persons)


def read(conn: Connection, region: int, person: int) -> list[View]:
    """The stored views of one person."""
    rows = conn.execute(
        """select pathway, episode, icd10, state, wakes_on, view from pathway_view
           where region_id = %s and person_id = %s order by pathway, episode""",
        (region, person),
    )
    return [unpacked(*row) for row in rows]
