"""Releasing the backlog of a new region: now, or so many each working day. The sweep makes tasks of what is released."""

from datetime import date, datetime

from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import UserError
from oncor_cases.store import audit, backlog, regions, sweeps
from oncor_cases.store.session import Connection

LONG_AGO = date(1900, 1, 1)
LARGEST = 500  # at once or a day: more is not a portion


def live_from(conn: Connection, region: int) -> date | None:
    """The day the region went live with a backlog, None if it works without one."""
    return as_date(regions.get(conn, region).settings.get("live_from"))


def go_live(conn: Connection, region: int, day: date | None, *, by: str) -> int:
    """From this day on; what was overdue then by facts of before is the backlog. None ends the mode: all of it becomes
    tasks. Everybody is due for a sweep; how many that is."""
    settings = dict(regions.get(conn, region).settings)
    settings.pop("live_from", None)
    if day is None:
        backlog.close(conn, region)
    regions.change(conn, region, settings=settings | ({"live_from": day.isoformat()} if day else {}))
    audit.note(conn, region, "went_live", author=by, detail={"day": day.isoformat() if day else ""})
    return sweeps.wake_all(conn, region, day or LONG_AGO)


def release(
    conn: Connection, region: int, org: str, n: int, *, today: date, by: str, rule: str = "", at: datetime | None = None
) -> list[int]:
    """The n most dangerous of a clinic become tasks with the next sweep; the persons concerned. Raises UserError."""
    persons = backlog.release(conn, region, org, _portion(n, least=1), today, by=by, rule=rule, at=at)
    audit.note(conn, region, "backlog_released", author=by, object=org, detail={"rule": rule, "released": len(persons)})
    return persons


def set_pace(conn: Connection, region: int, org: str, per_day: int, *, by: str) -> None:
    """So many each working day with the morning's sweep; 0 stops it. Raises UserError."""
    backlog.set_pace(conn, region, org, _portion(per_day, least=0), by=by)
    audit.note(conn, region, "backlog_pace", author=by, object=org, detail={"per_day": per_day})


def _portion(n: int, *, least: int) -> int:
    if not least <= n <= LARGEST:
        raise UserError(f"Число от {least} до {LARGEST}")
    return n
