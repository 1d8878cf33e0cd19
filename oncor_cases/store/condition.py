"""How the system is: the last sweep and intake, what waits, what failed. Counts only, no patient."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from oncor_cases.store.session import Connection, Scope


@dataclass(frozen=True, slots=True)
class Condition:
    """`sweep_*` and `intake_*` are of the last runs; counts of persons are of those in the reader's scope."""

    sweep_day: date | None
    sweep_started: datetime | None
    sweep_finished: datetime | None
    sweep_counts: Mapping[str, Any]
    sweep_error: str
    intake_started: datetime | None
    intake_finished: datetime | None
    intake_counts: Mapping[str, Any]
    quarantined: int
    failed: int


def condition(conn: Connection, scope: Scope, zone: str) -> Condition:
    """One query; moments in the region's zone."""
    row = conn.execute(
        """
        select s.day as sweep_day, s.started_at at time zone %(zone)s as sweep_started,
               s.finished_at at time zone %(zone)s as sweep_finished, coalesce(s.counts, '{}') as sweep_counts,
               coalesce(s.error, '') as sweep_error, i.started_at at time zone %(zone)s as intake_started,
               i.finished_at at time zone %(zone)s as intake_finished, coalesce(i.counts, '{}') as intake_counts,
               (select count(*) from document d where d.region_id = %(region)s and d.status = 'quarantined') as quarantined,
               (select count(*) from person_change c where c.region_id = %(region)s and c.failed_at is not null) as failed
        from (select 1) one
        left join lateral (select * from sweep_run where region_id = %(region)s order by id desc limit 1) s on true
        left join lateral (select * from intake_run where region_id = %(region)s order by id desc limit 1) i on true
        """,
        {"region": scope.region, "zone": zone},
    ).fetchone()
    return Condition(**row._asdict())
