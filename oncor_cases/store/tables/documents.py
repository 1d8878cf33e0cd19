"""The region, its organisations and the documents they send."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, LargeBinary, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import (
    big,
    day,
    flag,
    jsonb,
    moment,
    needed,
    one_of,
    refers,
    region,
    row_id,
    sorted,
    texts,
    words,
)

# --- the region and its organisations -------------------------------------------------------------------------------


class Region(SQLModel, table=True):
    """A tenant. `observed_from`: single duties due before it are history. `demo`: deliveries set the clock."""

    __tablename__ = "region"
    id: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = needed()
    tz: str = words("Europe/Moscow")
    observed_from: date | None = day()
    demo: bool = flag(False)
    settings: dict[str, Any] = jsonb()


class Organisation(SQLModel, table=True):
    """A clinic, hospital, laboratory. `roles`: attachment, oncology, hospital, laboratory, dispensary …"""

    __tablename__ = "organisation"
    __table_args__ = (Index(None, "region_id", "sort_key", "oid"),)
    region_id: int = region(own=True)
    oid: str = needed(key=True)
    name: str = needed()
    short_name: str = words()
    district: str = words()
    roles: list[str] = texts()
    parent_oid: str = words()  # the clinic a department belongs to
    sort_key: str = sorted()
    office_oid: str = words()  # the oncology office or centre that serves the clinic
    successor_oid: str = words()
    succeeded_on: date | None = day()


class CalendarRecord(SQLModel, table=True):
    """A region's dated correction of the production calendar."""

    __tablename__ = "calendar_record"
    region_id: int = region(own=True)
    day: date = day(key=True)
    known_at: datetime = moment(now=True, key=True)
    working: bool = Field(nullable=False)
    reason: str = needed()
    author: str = words()


# --- documents ------------------------------------------------------------------------------------------------------


class RawDocument(SQLModel, table=True):
    """The bytes as they came (zlib), once and for ever.

    `received_at` is what `known_at` of the document will be; `stored_at` the server's clock."""

    __tablename__ = "raw_document"
    region_id: int = region(own=True)
    sha256: bytes = Field(sa_type=LargeBinary, primary_key=True)
    received_at: datetime = moment(null=False)
    stored_at: datetime = moment(now=True)
    size: int = big()
    origin: str = words()
    content: bytes = Field(sa_type=LargeBinary, nullable=False)


class UnreadDocument(SQLModel, table=True):
    """Bytes stored and not read yet; what is left here after an intake was killed is read by the next one."""

    __tablename__ = "unread_document"
    __table_args__ = (refers("raw_document", "sha256", "sha256"),)
    region_id: int = region()
    sha256: bytes = Field(sa_type=LargeBinary, primary_key=True)


class Document(SQLModel, table=True):
    """What was read from one piece of bytes. At most one version of a series (sender, set) is in force."""

    __tablename__ = "document"
    __table_args__ = (
        one_of("status", "read, unknown_kind, quarantined, withdrawn"),
        CheckConstraint("(withdrawn_at is null) = (status <> 'withdrawn')", name="withdrawn_pair"),
        CheckConstraint("not in_force or status in ('read', 'unknown_kind')", name="in_force"),
        UniqueConstraint("region_id", "sha256"),
        refers("raw_document", "sha256", "sha256"),
        refers("subject", "subject_id"),
        Index(
            "uq_document_in_force",
            "region_id",
            "sender_org",
            "set_id",
            unique=True,
            postgresql_where=text("in_force and set_id <> ''"),
        ),
        Index(None, "region_id", "sender_org", "set_id", "version"),
        Index(None, "region_id", "subject_id"),
        Index("ix_document_quarantine", "region_id", "id", postgresql_where=text("status = 'quarantined'")),
    )
    region_id: int = region()
    id: int = row_id()
    sha256: bytes = Field(sa_type=LargeBinary, nullable=False)
    known_at: datetime = moment(null=False)
    status: str = needed()
    reason_code: str = words()
    reason: str = words()
    kind: str = words()
    remd: str = words()
    generation: str = words()
    set_id: str = words()
    version: int = Field(default=1, sa_type=Integer, nullable=False, sa_column_kwargs={"server_default": text("1")})
    doc_date: date | None = day()
    doc_uid: str = words()
    title: str = words()
    sender_org: str = words()
    subject_id: int | None = big(null=True)
    in_force: bool = flag(False)
    withdrawn_at: datetime | None = moment()
    withdrawn_by: str = words()
    withdrawn_reason: str = words()
    problems: list[Any] = Field(sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": text("'[]'::jsonb")})


class IntakeRun(SQLModel, table=True):
    """One call of the intake, for the page that shows what came and for the operator."""

    __tablename__ = "intake_run"
    region_id: int = region(own=True)
    id: int = row_id()
    started_at: datetime = moment(now=True)
    finished_at: datetime | None = moment()
    counts: dict[str, Any] = jsonb()
