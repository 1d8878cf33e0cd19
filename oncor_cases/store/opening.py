"""From settings to a database that is up, migrated and knows its region."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from oncor_cases.store import embedded, migrate
from oncor_cases.store.session import Database


def start(database_url: str, home: Path) -> Database:
    """The external server when a URL is given, else the embedded one of this data folder; migrated forward.

    Who started the embedded server ends with `embedded.release(home)`; `opened` does so by itself."""
    url = database_url or embedded.ensure(home)
    migrate.upgrade(url)
    return Database(url)


@contextmanager
def opened(database_url: str, home: Path) -> Iterator[Database]:
    """`start` for one command: at the end the embedded server stops if nobody else uses it."""
    database = start(database_url, home)
    try:
        yield database
    finally:
        database.close()
        if not database_url:
            embedded.release(home)
