"""Who did what, appended in the transaction that did it."""

from collections.abc import Mapping
from typing import Any

from psycopg.types.json import Jsonb

from oncor_cases.store.session import Connection


def note(
    conn: Connection,
    region: int,
    action: str,
    *,
    author: str,
    person: int | None = None,
    object: str = "",
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Appends one line; `author` is a login, or the name of a command."""
    conn.execute(
        """insert into audit (region_id, user_id, author, action, person_id, object, detail)
           values (%s, (select id from user_account where login = %s), %s, %s, %s, %s, %s)""",
        (region, author, author, action, person, object, Jsonb(dict(detail or {}))),
    )
