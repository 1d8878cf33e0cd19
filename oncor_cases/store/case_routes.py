"""Rows of cases for statistics: written with the views, read by statistics alone."""

from collections.abc import Sequence
from typing import Any

from oncor_cases.store import bulk, per_case
from oncor_cases.store.session import Connection
from oncor_cases.store.then import Source
from oncor_cases.tasks.routed import STEPS, Routed

COLUMNS = {
    "person_id": "int", "pathway": "text", "episode": "text", "icd10": "text", "site": "text", "org": "text",
    "state": "text", "opened_on": "date", "excluded": "date", "told": "date", "first_exam": "date",
    **dict.fromkeys(STEPS, "date"), "first_org": "text", "consultation_org": "text", "plan_org": "text",
    "treatment_org": "text", "workup": "smallint", "visits": "text[]", "plain_visits": "text[]", "delay_days": "int",
    "planned_days": "int", "clocks": "text[]", "starts": "date[]", "dues": "date[]",
}  # fmt: skip
NOW = Source("case_route")


def write(conn: Connection, region: int, rows: Sequence[tuple[int, Routed]], persons: Sequence[int]) -> None:
    """Makes the rows of the persons these: what is the same is left alone, what is gone is deleted (as in views.write)."""
    per_case.write(conn, "case_route", region, COLUMNS, [_values(person, r) for person, r in rows], persons)


def computed(region: int, rows: Sequence[tuple[int, Routed]]) -> Source:
    """Rows computed for a past day in place of the table."""
    fields = ", ".join(f"{name} {type}" for name, type in COLUMNS.items())
    sql = f"(select {region}::smallint as region_id, r.* from jsonb_to_recordset(%(computed)s::jsonb) r({fields}))"
    return Source(sql, {"computed": bulk.packed(COLUMNS, [_values(person, r) for person, r in rows])})


def _values(person: int, r: Routed) -> tuple[Any, ...]:
    return (
        person, r.pathway, r.episode, r.icd10, r.site, r.org, r.state, r.opened_on, r.excluded, r.told, r.first_exam,
        *r.days, *r.orgs, r.workup, r.visits, r.plain, r.delay, r.planned, r.clocks, r.starts, r.dues,
    )  # fmt: skip
