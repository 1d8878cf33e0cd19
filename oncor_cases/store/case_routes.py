"""Rows of cases for statistics: written with the views, read by statistics alone."""

from collections.abc import Sequence
from typing import Any

from oncor_cases.store import bulk
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
    names = ", ".join(COLUMNS)
    told = [name for name in COLUMNS if name not in ("person_id", "pathway", "episode")]
    new, old = (", ".join(f"{table}.{name}" for name in told) for table in ("excluded", "r"))
    conn.execute(
        f"""with new as materialized (select {names} from {bulk.recordset(COLUMNS, "n")}),
                 gone as (
                     delete from case_route r where region_id = %s and person_id = any(%s) and not exists (
                         select from new n
                         where (n.person_id, n.pathway, n.episode) = (r.person_id, r.pathway, r.episode)))
            insert into case_route as r (region_id, {names}) select %s, {names} from new
            on conflict (region_id, person_id, pathway, episode) do update
                set ({", ".join(told)}) = row({new}) where ({old}) is distinct from ({new})""",
        (bulk.packed(COLUMNS, [_values(person, r) for person, r in rows]), region, list(persons), region),
    )


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
