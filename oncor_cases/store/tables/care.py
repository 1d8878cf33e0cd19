"""What is kept beside the worklist: the trace of a lost patient, how late senders are, late-stage protocols."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Integer, UniqueConstraint, text
from sqlmodel import Field, SQLModel, Uuid

from oncor_cases.store.tables.columns import (
    big,
    day,
    jsonb,
    moment,
    needed,
    one_of,
    person,
    refers,
    region,
    row_id,
    words,
)


class Trace(SQLModel, table=True):
    """What one source said of a lost patient from `first_on` to `last_on`; another answer is another row: the history."""

    __tablename__ = "trace"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("state", "found, nothing, not_loaded"),
        Index(None, "region_id", "person_id", "source", "id"),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    source: str = needed()
    state: str = needed()
    found_on: date | None = day()
    kind: str = words()
    fact_id: int | None = big(null=True)
    first_on: date = day(null=False)
    last_on: date = day(null=False)


class SenderDelay(SQLModel, table=True):
    """How late a sender's documents of one kind become known, in days; a new row from the day the figures changed."""

    __tablename__ = "sender_delay"
    region_id: int = region(own=True)
    sender: str = needed(key=True)
    kind: str = needed(key=True)
    known_on: date = day(null=False, key=True)
    n: int = Field(sa_type=Integer, nullable=False)
    median: int = Field(sa_type=Integer, nullable=False)
    p90: int = Field(sa_type=Integer, nullable=False)


class SourceLoad(SQLModel, table=True):
    """The last day a source brought anything; `since`: measured from that day on, `asked_on`: measured last."""

    __tablename__ = "source_load"
    region_id: int = region(own=True)
    source: str = needed(key=True)
    since: date = day(null=False)
    asked_on: date = day(null=False)
    last_on: date | None = day()


class LateStageDraft(SQLModel, table=True):
    """A protocol 027-2/u composed from the facts of a case: `milestones` are its dates, `texts` the doctor's words."""

    __tablename__ = "late_stage_draft"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("state", "drafted, published, reviewed"),
        UniqueConstraint("public_id"),
        Index("uq_late_stage_draft_case", "region_id", "person_id", "episode", unique=True),
    )
    region_id: int = region()
    id: int = row_id()
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    person_id: int = person()
    episode: str = words()
    state: str = words("drafted")
    created_at: datetime = moment(now=True)
    created_by: str = needed()
    changed_at: datetime = moment(now=True)
    changed_by: str = needed()
    milestones: dict[str, Any] = jsonb()
    texts: dict[str, Any] = jsonb()
    published_on: date | None = day()
    reviewed_on: date | None = day()
