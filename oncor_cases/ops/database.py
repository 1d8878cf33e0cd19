"""The database of this installation: the external one of DATABASE_URL, or the embedded one under the data folder."""

from collections.abc import Iterator
from contextlib import contextmanager

from oncor_cases.config import Settings
from oncor_cases.store import embedded, migrate
from oncor_cases.store.session import Database


def prepare(settings: Settings) -> str:
    """Starts the embedded server if it is needed and is not running, migrates forward, returns the URL."""
    settings.home.mkdir(parents=True, exist_ok=True)
    url = settings.database_url or embedded.ensure(settings.home)
    migrate.upgrade(url)
    return url


@contextmanager
def opened(settings: Settings) -> Iterator[Database]:
    """A database ready for work; at the end the embedded server stops if nobody else uses it."""
    db = Database(prepare(settings))
    try:
        yield db
    finally:
        db.close()
        if not settings.database_url:
            embedded.release(settings.home)
