"""Differences between the sources, what became of each, and the runs of the comparisons."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel, Uuid

from oncor_cases.store.tables.columns import (
    big,
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


class ComparisonRun(SQLModel, table=True):
    """One run of all comparisons. `counts`: by name of the comparison: found, new, changed, returned, ended, open, given;
    a comparison that lacks a list is not in it."""

    __tablename__ = "comparison_run"
    region_id: int = region(own=True)
    id: int = row_id()
    day: date = day(null=False)
    started_at: datetime = moment(now=True)
    finished_at: datetime | None = moment()
    author: str = needed()
    counts: dict[str, Any] = jsonb()


class Difference(SQLModel, table=True):
    """One difference between two sources about one person: `thing` tells several of a comparison apart (a site, a day).

    The hash is of both values. `confirmed`: somebody found it right as it is; it comes back only with other values,
    which `confirmed_hash` remembers even when it goes and returns. `fixed`: ended after work was given about it,
    `gone`: by itself. `org` mends it. `baseline`: appeared while the comparison was new, so nobody gets work
    about it by itself."""

    __tablename__ = "difference"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("state", "open, confirmed, fixed, gone"),
        CheckConstraint("(ended_on is null) = (state in ('open', 'confirmed'))", name="ended"),
        CheckConstraint("(confirmed_at is null) = (confirmed_by = '')", name="confirmed_pair"),
        CheckConstraint("state <> 'confirmed' or confirmed_by <> ''", name="confirmed"),
        UniqueConstraint("public_id"),
        UniqueConstraint("region_id", "comparison", "person_id", "thing"),
        Index("ix_difference_listed", "region_id", "comparison", "state", "org", "id"),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = region()
    id: int = row_id()
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    comparison: str = needed()
    person_id: int = person()
    thing: str = words()
    org: str = words()
    left_values: dict[str, Any] = jsonb()
    right_values: dict[str, Any] = jsonb()
    left_fact: int | None = big(null=True)
    right_fact: int | None = big(null=True)
    values_hash: bytes = Field(sa_type=LargeBinary, nullable=False)
    state: str = words("open")
    baseline: bool = flag(False)
    found_on: date = day(null=False)
    changed_on: date = day(null=False)
    ended_on: date | None = day()
    confirmed_at: datetime | None = moment()
    confirmed_by: str = words()
    confirmed_reason: str = words()
    confirmed_note: str = words()
    confirmed_hash: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)


class DifferenceEvent(SQLModel, table=True):
    """What happened to a difference, appended only; `data`: the values it had before, the reason a person gave.

    Without a foreign key: the first run of a region writes a hundred thousand rows in one statement, and each would be
    looked for in a table whose plan was made when it was empty."""

    __tablename__ = "difference_event"
    __table_args__ = (
        one_of("kind", "found, changed, returned, confirmed, unconfirmed, given, handed, fixed, gone"),
        Index(None, "region_id", "difference_id", "id"),
    )
    region_id: int = region()
    id: int = row_id()
    difference_id: int = big()
    at: datetime = moment(now=True)
    on_day: date = day(null=False)
    author: str = needed()
    kind: str = needed()
    data: dict[str, Any] = jsonb()
