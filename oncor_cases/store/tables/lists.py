"""Lists as they came and what was read from them: loads, rejects, remembered rows, saved mappings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import (
    big,
    bigs,
    count,
    day,
    flag,
    jsonb,
    moment,
    needed,
    one_of,
    refers,
    region,
    row_id,
    texts,
    words,
)


def _number(key: bool = False, zero: bool = False) -> Any:
    rest: dict[str, Any] = {"server_default": text("0")} if zero else {"autoincrement": False} if key else {}
    return Field(default=0, sa_type=Integer, nullable=False, primary_key=key, sa_column_kwargs=rest)


def _binary(key: bool = False) -> Any:
    return Field(sa_type=LargeBinary, nullable=False, primary_key=key)


def _load_key() -> Any:
    return Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})


class ListBytes(SQLModel, table=True):
    """A list exactly as received, in zlib chunks of some megabytes; append-only."""

    __tablename__ = "list_bytes"
    region_id: int = region(own=True)
    sha256: bytes = _binary(key=True)
    seq: int = _number(key=True)
    content: bytes = _binary()


class ListLoad(SQLModel, table=True):
    """One load of one list. `series`: loads compared with each other; `part`: loads of one day and part replace each
    other; `version` orders the documents made of its rows; `stages`: by name of a step since when it runs and how far it
    is (`done`, `of`); `along`: numbers of loads taken together with it or repeating it, which are no more. Visible to
    others once `loaded`."""

    __tablename__ = "list_load"
    __table_args__ = (
        one_of("state", "waiting, stored, reading, loaded, replaced, failed, withdrawn"),
        CheckConstraint("(withdrawn_at is null) = (state <> 'withdrawn')", name="withdrawn_pair"),
        Index(None, "region_id", "series", "as_of", "part"),
        Index(None, "region_id", "series", "version"),
        Index(None, "region_id", "sha256"),
    )
    region_id: int = region(own=True)
    id: int | None = row_id()
    sha256: bytes = _binary()
    name: str = needed()
    size: int = count()
    kind: str = words()
    sender_org: str = words()
    series: str = words()
    part: str = words()
    as_of: date | None = day()
    version: int = _number(zero=True)
    mapping: dict[str, Any] = jsonb()
    mapping_name: str = words()
    state: str = needed()
    counts: dict[str, Any] = jsonb()
    progress: int = count()
    stages: dict[str, Any] = jsonb()
    error: str = words()
    author: str = needed()
    received_at: datetime = moment(null=False)
    started_at: datetime | None = moment()
    finished_at: datetime | None = moment()
    withdrawn_at: datetime | None = moment()
    withdrawn_by: str = words()
    withdrawn_reason: str = words()
    reading: dict[str, Any] = jsonb()
    along: list[int] = bigs()


class ListReject(SQLModel, table=True):
    """A row that was not taken, or taken without one value (`accepted`), with the reason in words."""

    __tablename__ = "list_reject"
    __table_args__ = (refers("list_load", "load_id"),)
    region_id: int = region()
    load_id: int = _load_key()
    seq: int = _number(key=True)
    line: int = big()
    field: str = words()
    code: str = needed()
    message: str = needed()
    accepted: bool = flag(False)
    raw: list[str] = texts()


class ListRow(SQLModel, table=True):
    """Which row, known by its key, stood in which load, and what it said (`hash` of its values)."""

    __tablename__ = "list_row"
    __table_args__ = (refers("list_load", "load_id"), Index(None, "region_id", "key"))
    region_id: int = region()
    load_id: int = _load_key()
    key: bytes = _binary(key=True)
    hash: bytes = _binary()
    line: int = big()


class ListContent(SQLModel, table=True):
    """The values of a row, once for all loads that repeat it."""

    __tablename__ = "list_content"
    region_id: int = region(own=True)
    hash: bytes = _binary(key=True)
    content: str = needed()


class ListMapping(SQLModel, table=True):
    """Columns of a foreign table as somebody matched them; found again by the fingerprint of the header."""

    __tablename__ = "list_mapping"
    __table_args__ = (UniqueConstraint("region_id", "name"), Index(None, "region_id", "fingerprint"))
    region_id: int = region(own=True)
    id: int | None = row_id()
    name: str = needed()
    kind: str = needed()
    fingerprint: str = words()
    sender_org: str = words()
    columns: dict[str, Any] = jsonb()
    author: str = words()
    created_at: datetime = moment(now=True)
