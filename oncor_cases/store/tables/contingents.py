"""Contingents (lists of persons) with their history, and assignments: work that comes from a list or a comparison."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel, Uuid

from oncor_cases.store.tables.columns import (
    STILL_OPEN,
    big,
    count,
    day,
    flag,
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


def address() -> Any:
    return Field(default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")})


class Contingent(SQLModel, table=True):
    """A named list of persons with an owner and a way it is made: from a file, a query, a register, an expression over
    other lists, or a frozen copy. `shared`: other organisations see it too, each its own persons."""

    __tablename__ = "contingent"
    __table_args__ = (
        one_of("kind", "file, query, register, expression, snapshot"),
        CheckConstraint("name <> ''", name="named"),
        UniqueConstraint("public_id"),
        Index("ix_contingent_listed", "region_id", "id", postgresql_where=STILL_OPEN),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    public_id: UUID = address()
    name: str = needed()
    kind: str = needed()
    owner_user: str = needed()
    owner_org: str = words()  # empty: the region's
    shared: bool = flag(False)
    definition: dict[str, Any] = jsonb()
    provenance: str = words()
    made_on: date = day(null=False)
    made_at: datetime = moment(now=True)
    checked_on: date | None = day()  # the day it was last made anew, whether or not anybody entered or left
    closed_at: datetime | None = moment()


class ContingentSnapshot(SQLModel, table=True):
    """The members on a day, frozen: a roaring bitmap of person numbers with its hash. Written only when it differs."""

    __tablename__ = "contingent_snapshot"
    __table_args__ = (refers("contingent", "contingent_id"), Index(None, "region_id", "contingent_id", "as_of", "id"))
    region_id: int = region()
    id: int = row_id()
    contingent_id: int = big()
    as_of: date = day(null=False)
    taken_at: datetime = moment(now=True)
    members: bytes = Field(sa_type=LargeBinary, nullable=False)
    size: int = count()
    hash: bytes = Field(sa_type=LargeBinary, nullable=False)
    definition: dict[str, Any] = jsonb()  # what it was made by: a query, an expression with the snapshots it used
    provenance: dict[str, Any] = jsonb()


class ContingentMember(SQLModel, table=True):
    """What a list says of a member besides that they are on it."""

    __tablename__ = "contingent_member"
    __table_args__ = (refers("contingent_snapshot", "snapshot_id"),)
    region_id: int = region()
    snapshot_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    person_id: int = person(key=True)
    attributes: dict[str, Any] = jsonb()


class ContingentReject(SQLModel, table=True):
    """A row of a file nobody was found for: its line, why, and what it said."""

    __tablename__ = "contingent_reject"
    __table_args__ = (refers("contingent_snapshot", "snapshot_id"),)
    region_id: int = region()
    snapshot_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    line: int = Field(sa_type=Integer, primary_key=True, sa_column_kwargs={"autoincrement": False})
    reason: str = needed()
    cells: dict[str, Any] = jsonb()


class ContingentSubscription(SQLModel, table=True):
    """Who wants to be told when somebody enters or leaves."""

    __tablename__ = "contingent_subscription"
    __table_args__ = (refers("contingent", "contingent_id"),)
    region_id: int = region()
    contingent_id: int = Field(sa_type=BigInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    login: str = needed(key=True)
    since: datetime = moment(now=True)


class ContingentChange(SQLModel, table=True):
    """A notice to a subscriber: how many of the persons they may see entered or left between two snapshots."""

    __tablename__ = "contingent_change"
    __table_args__ = (
        refers("contingent", "contingent_id"),
        refers("contingent_snapshot", "before_id"),
        refers("contingent_snapshot", "after_id"),
        UniqueConstraint("region_id", "after_id", "login"),
        Index("ix_contingent_change_unseen", "region_id", "login", "id", postgresql_where=text("seen_at is null")),
    )
    region_id: int = region()
    id: int = row_id()
    contingent_id: int = big()
    login: str = needed()
    before_id: int = big()
    after_id: int = big()
    as_of: date = day(null=False)
    entered: int = count()
    gone: int = count()
    noted_at: datetime = moment(now=True)
    seen_at: datetime | None = moment()


class Assignment(SQLModel, table=True):
    """Work somebody gave about a person, as a dated record: reconciliation makes it a task while it is open.

    `source_kind` with `source_key` says where it came from (a contingent, a comparison), `item` tells several things of
    one source about one person apart. `owner_org` empty: the clinic of attachment, whichever it is on the day."""

    __tablename__ = "assignment"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("source_kind", "contingent, comparison"),
        CheckConstraint("(closed_on is null) = (closed_at is null)", name="closed_pair"),
        CheckConstraint("(closed_on is null) = (closed_reason = '')", name="closed_why"),
        CheckConstraint("due >= given_on", name="days"),
        UniqueConstraint("public_id"),
        Index(
            "uq_assignment_open", "region_id", "source_kind", "source_key", "person_id", "item",
            unique=True, postgresql_where=STILL_OPEN,
        ),
        Index(None, "region_id", "person_id"),
    )  # fmt: skip
    region_id: int = region()
    id: int = row_id()
    public_id: UUID = address()
    person_id: int = person()
    rule: str = needed()
    source_kind: str = needed()
    source_key: str = needed()
    item: str = words()
    given_on: date = day(null=False)
    due: date = day(null=False)
    owner_org: str = words()
    text: str = needed()
    detail: dict[str, Any] = jsonb()
    author: str = needed()
    known_at: datetime = moment(now=True)
    closed_on: date | None = day()
    closed_at: datetime | None = moment()
    closed_by: str = words()
    closed_reason: str = words()
    closed_note: str = words()


class AssignmentChange(SQLModel, table=True):
    """Given work went to somebody else or asks for something else, appended only: `owner_org` and `text` are those before.

    Whose it is and what it asks for now stands in the assignment."""

    __tablename__ = "assignment_change"
    __table_args__ = (refers("assignment", "assignment_id"), Index(None, "region_id", "assignment_id", "id"))
    region_id: int = region()
    id: int = row_id()
    assignment_id: int = big()
    at: datetime = moment(now=True)
    on_day: date = day(null=False)
    author: str = needed()
    owner_org: str = words()
    text: str = needed()
