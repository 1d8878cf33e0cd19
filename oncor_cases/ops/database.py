"""The database of this installation with its region in it."""

from collections.abc import Iterator
from contextlib import contextmanager

from oncor_cases.config import Settings
from oncor_cases.store import opening, regions
from oncor_cases.store.session import Database


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """Up, migrated, and with the region of the settings; an embedded server stops with its last user."""
    with opening.opened(settings.database_url, settings.home) as db:
        ensure_region(db, settings)
        yield db


def ensure_region(db: Database, settings: Settings) -> regions.Region:
    """The region's row; its zone follows ONCOR_TIMEZONE, so that the schedules and the store agree which day it is."""
    with db.owner() as conn:
        found = regions.ensure(conn, settings.region, tz=settings.timezone)
        if found.tz != settings.timezone and not found.demo:
            regions.change(conn, settings.region, tz=settings.timezone)
    return found
