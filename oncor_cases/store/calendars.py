"""A region's own corrections of the production calendar, each with the day it was entered."""

from zoneinfo import ZoneInfo

from oncor_cases.kernel.calendar import CalendarRecord
from oncor_cases.store.session import Connection


def records(conn: Connection, region: int, zone: ZoneInfo) -> tuple[CalendarRecord, ...]:
    """All records in the order they were entered; the last one of a day counts."""
    rows = conn.execute(
        "select day, working, reason, known_at from calendar_record where region_id = %s order by known_at, day", (region,)
    )
    return tuple(CalendarRecord(day, working, reason, known.astimezone(zone).date()) for day, working, reason, known in rows)
