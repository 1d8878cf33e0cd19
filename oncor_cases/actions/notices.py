"""A reader has read what they were told."""

from collections.abc import Sequence

from oncor_cases.store import notices
from oncor_cases.store.session import Database, Scope


def read(db: Database, ids: Sequence[int] | None, *, by: Scope) -> int:
    """Marks notices of the reader read, all of them where `ids` is None; how many were unread."""
    with db.batch() as conn:
        return notices.read(conn, by, None if ids is None else list(ids))
