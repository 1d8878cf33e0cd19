"""Regions (tenants): created once, read everywhere."""

from datetime import date
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from psycopg.types.json import Jsonb

from oncor_cases.kernel.errors import NotFound
from oncor_cases.store.session import Connection


class Region(NamedTuple):
    """A tenant: its zone says which day it is, `observed_from` where its history ends, `demo` who sets the clock."""

    id: int
    name: str
    tz: str
    observed_from: date | None
    demo: bool
    settings: dict[str, Any]

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.tz)


def find(conn: Connection, region: int) -> Region | None:
    """The region, or None if it was never created."""
    row = conn.execute("select id, name, tz, observed_from, demo, settings from region where id = %s", (region,)).fetchone()
    return Region(*row) if row else None


def get(conn: Connection, region: int) -> Region:
    """The region. Raises NotFound."""
    found = find(conn, region)
    if found is None:
        raise NotFound("Регион не создан")
    return found


def ensure(
    conn: Connection,
    region: int,
    *,
    name: str = "",
    tz: str = "Europe/Moscow",
    observed_from: date | None = None,
    demo: bool = False,
) -> Region:
    """Creates the region if it is not there; an existing one is left as it is."""
    conn.execute(
        "insert into region (id, name, tz, observed_from, demo) values (%s, %s, %s, %s, %s) on conflict do nothing",
        (region, name or f"Регион {region}", tz, observed_from, demo),
    )
    return get(conn, region)


def change(conn: Connection, region: int, **values: Any) -> None:
    """Sets any of name, tz, observed_from, demo, settings."""
    for column in values.keys() & {"name", "tz", "observed_from", "demo", "settings"}:
        value = Jsonb(values[column]) if column == "settings" else values[column]
        conn.execute(f"update region set {column} = %s where id = %s", (value, region))
