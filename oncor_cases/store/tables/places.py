"""Organisations over the years, where people belong, who owes what, and the backlog of a region that goes live."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import SQLModel

from oncor_cases.store.tables.columns import (
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
    small,
    texts,
    words,
)

# --- organisations and routing: no patient in them ------------------------------------------------------------------


class OrganisationRecord(SQLModel, table=True):
    """What changed in an organisation, append-only. `changes`: column → new value; `since`: from which day it holds."""

    __tablename__ = "organisation_record"
    __table_args__ = (
        one_of("kind", "loaded, edited, renamed, merged"),
        Index(None, "region_id", "oid", "id"),
        Index("ix_organisation_record_merged", "region_id", "since", postgresql_where=text("kind = 'merged'")),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    oid: str = needed()
    since: date | None = day()
    known_at: datetime = moment(now=True)
    kind: str = needed()
    changes: dict[str, Any] = jsonb()
    reason: str = words()
    author: str = words()


class Route(SQLModel, table=True):
    """In which order the owner of a step is looked for. `rule`: a rule, a pathway, or empty for all."""

    __tablename__ = "route"
    __table_args__ = (CheckConstraint("cardinality(chain) > 0", name="chain"),)
    region_id: int = region(own=True)
    id: int = row_id()
    rule: str = words()
    chain: list[str] = texts()
    since: date | None = day()
    until: date | None = day()
    known_at: datetime = moment(now=True)
    ended_at: datetime | None = moment()
    reason: str = words()
    author: str = words()


class DefaultOwner(SQLModel, table=True):
    """Who takes what nobody owes: for a category of residence, a district, or the whole region (both empty)."""

    __tablename__ = "default_owner"
    __table_args__ = (
        CheckConstraint(
            "category in ('', 'care_home', 'prison', 'military', 'no_policy', 'homeless')", name="category"
        ),
    )  # fmt: skip
    region_id: int = region(own=True)
    id: int = row_id()
    org: str = needed()
    category: str = words()
    district: str = words()
    instead: bool = flag(False)  # also in place of the clinic of attachment
    since: date | None = day()
    until: date | None = day()
    known_at: datetime = moment(now=True)
    ended_at: datetime | None = moment()
    reason: str = words()
    author: str = words()


class Territory(SQLModel, table=True):
    """Which clinic serves a settlement, or a street of it; keys are without `г.`, `ул.` and letter case."""

    __tablename__ = "territory"
    __table_args__ = (UniqueConstraint("region_id", "settlement_key", "street_key"),)
    region_id: int = region(own=True)
    id: int = row_id()
    settlement: str = needed()
    street: str = words()
    settlement_key: str = needed()
    street_key: str = words()
    district: str = words()
    org: str = needed()


# --- where people belong --------------------------------------------------------------------------------------------


class Attachment(SQLModel, table=True):
    """A clinic of residence or observation; the clinic of the policy comes with `attached` facts. Ended, never changed."""

    __tablename__ = "attachment"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("kind", "insurance, residence, observing"),
        Index(None, "region_id", "person_id"),
        Index("ix_attachment_org", "region_id", "org", postgresql_where=text("ended_at is null")),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    kind: str = needed()
    org: str = needed()
    since: date | None = day()
    until: date | None = day()
    known_at: datetime = moment(now=True)
    ended_at: datetime | None = moment()
    source: str = needed()
    author: str = words()
    district: str = words()  # of the territory the address lies in


class PersonCategory(SQLModel, table=True):
    """Care home, prison, military service … from a day on; `none` ends it. Append-only."""

    __tablename__ = "person_category"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("category", "care_home, prison, military, no_policy, homeless, none"),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    category: str = needed()
    since: date | None = day()
    known_at: datetime = moment(now=True)
    source: str = needed()
    author: str = words()


# --- the backlog of a new region ------------------------------------------------------------------------------------


class Backlog(SQLModel, table=True):
    """A wish that was overdue when the region went live. Released: a task; left: nothing is owed any more, or a new fact
    made it an ordinary task."""

    __tablename__ = "backlog"
    __table_args__ = (
        refers("person", "person_id"),
        CheckConstraint("(released_on is null) = (released_at is null)", name="released_pair"),
        UniqueConstraint("region_id", "person_id", "pathway", "episode", "rule", "subject"),
        Index(
            "ix_backlog_waiting", "region_id", "owner_org", "danger", "due", "id",
            postgresql_where=text("released_on is null and left_on is null"),
        ),
    )  # fmt: skip
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    pathway: str = needed()
    episode: str = words()
    rule: str = needed()
    subject: str = words()
    icd10: str = words()
    due: date = day(null=False)
    danger: int = small()
    norm: str = words("verified")
    owner_org: str = needed()
    entered_on: date = day(null=False)
    left_on: date | None = day()
    released_on: date | None = day()
    released_at: datetime | None = moment()
    released_by: str = words()


class BacklogPace(SQLModel, table=True):
    """How many a clinic takes each working day; the last row of an organisation counts. Append-only."""

    __tablename__ = "backlog_pace"
    __table_args__ = (Index(None, "region_id", "org", "id"),)
    region_id: int = region(own=True)
    id: int = row_id()
    org: str = needed()
    per_day: int = small()
    known_at: datetime = moment(now=True)
    author: str = words()


class BacklogPortion(SQLModel, table=True):
    """The portion of a day was released: a sweep done twice releases nothing twice."""

    __tablename__ = "backlog_portion"
    region_id: int = region(own=True)
    org: str = needed(key=True)
    day: date = day(key=True)
    released: int = count()
