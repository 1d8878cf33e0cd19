"""The rule book of a region: proposals, approved records, what-if runs with the tasks they would touch."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import (
    big,
    count,
    day,
    jsonb,
    moment,
    needed,
    one_of,
    person,
    refers,
    region,
    row_id,
    small,
    words,
)

# --- rule book ------------------------------------------------------------------------------------------------------


class RuleProposal(SQLModel, table=True):
    """A change somebody wants: it takes effect only when a second person has approved it on a finished what-if.

    `content`: records in the format of seeds/regulations; `checked`: the differences its stories showed."""

    __tablename__ = "rule_proposal"
    __table_args__ = (
        one_of("state", "draft, computed, approved, declined, withdrawn"),
        CheckConstraint("(decided_at is null) = (state in ('draft', 'computed'))", name="decided"),
        CheckConstraint("(decided_at is null) = (decided_by = '')", name="decided_pair"),
        CheckConstraint("state not in ('approved', 'declined') or decided_by <> author", name="second_person"),
        Index(None, "region_id", "state", "id"),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    kind: str = needed()
    rule: str = needed()
    content: list[Any] = jsonb()
    retires: int | None = Field(default=None)  # number of the record it ends
    stories: str = words()
    checked: list[Any] = jsonb()
    reason: str = needed()
    author: str = needed()
    created_at: datetime = moment(now=True)
    state: str = words("draft")
    decided_by: str = words()
    decided_at: datetime | None = moment()
    decision_reason: str = words()


class RuleRecord(SQLModel, table=True):
    """An approved change, never rewritten: the book of a day is the seeds with every record known by then laid on them.

    `number` counts a region's changes; `retires`: an earlier record this one ends. Persons who may be touched are marked
    in batches, `marked_to` is the last of them, `marked_at` says that all are."""

    __tablename__ = "rule_record"
    __table_args__ = (
        refers("rule_proposal", "proposal_id"),
        UniqueConstraint("region_id", "number"),
        CheckConstraint("approver <> author", name="second_person"),
        Index("ix_rule_record_marking", "region_id", "id", postgresql_where=text("marked_at is null")),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    number: int = Field(nullable=False)
    rule: str = needed()
    content: list[Any] = jsonb()
    retires: int | None = Field(default=None)
    known_at: datetime = moment(null=False)
    author: str = needed()
    approver: str = needed()
    reason: str = needed()
    proposal_id: int = big()
    marked_to: int = Field(default=0, nullable=False, sa_column_kwargs={"server_default": text("0")})
    marked_at: datetime | None = moment()


class RuleRun(SQLModel, table=True):
    """A what-if: `content` against the book as it stood (`base`: number of its last record), on one snapshot."""

    __tablename__ = "rule_run"
    __table_args__ = (
        refers("rule_proposal", "proposal_id"),
        one_of("state", "waiting, running, done, failed"),
        CheckConstraint("(finished_at is null) = (state in ('waiting', 'running'))", name="finished"),
        Index("ix_rule_run_waiting", "region_id", "id", postgresql_where=text("finished_at is null")),
        Index(None, "region_id", "proposal_id", "id"),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    proposal_id: int | None = big(null=True)
    day: date = day(null=False)
    content: list[Any] = jsonb()
    retires: int | None = Field(default=None)
    base: int = Field(default=0, nullable=False, sa_column_kwargs={"server_default": text("0")})
    author: str = needed()
    state: str = words("waiting")
    asked_at: datetime = moment(now=True)
    started_at: datetime | None = moment()
    finished_at: datetime | None = moment()
    persons: int = count()
    done: int = count()
    failed: int = count()
    counts: dict[str, Any] = jsonb()
    error: str = words()


class RuleRunChange(SQLModel, table=True):
    """One task that would appear, vanish, move to another day, or stand at another level."""

    __tablename__ = "rule_run_change"
    __table_args__ = (
        refers("rule_run", "run_id"),
        refers("person", "person_id"),
        one_of("change", "appears, vanishes, moves, level"),
        Index(None, "region_id", "run_id", "change", "org", "id"),
    )
    region_id: int = region()
    id: int = row_id()
    run_id: int = big()
    change: str = needed()
    person_id: int = person()
    pathway: str = needed()
    episode: str = words()
    rule: str = needed()
    subject: str = words()
    icd10: str = words()
    due_from: date | None = day()
    due_to: date | None = day()
    level_from: str = words()
    level_to: str = words()
    org: str = words()
    danger: int = small()
