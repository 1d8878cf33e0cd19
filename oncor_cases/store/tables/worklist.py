"""Episodes, views, tasks with their history, notices, sweeps."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint, text
from sqlmodel import Field, SQLModel, Uuid

from oncor_cases.store.tables.columns import (
    STILL_OPEN,
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
    small,
    texts,
    words,
)

# --- worklist -------------------------------------------------------------------------------------------------------


class Episode(SQLModel, table=True):
    """One round of care of one tumour site; `id` is permanent, the code may change. `key` is the rules' own name."""

    __tablename__ = "episode"
    __table_args__ = (refers("person", "person_id"), UniqueConstraint("region_id", "person_id", "key"))
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    key: str = needed()
    site: str = words()
    side: str = words()
    round: int = small(1)
    icd10: str = words()
    anchor_fact: int | None = big(null=True)
    anchors: list[str] = texts()  # facts of the episode when it was last computed: how it is known again
    opened_on: date | None = day()


class PathwayView(SQLModel, table=True):
    """The last computed view of an episode: a cache for pages, never a source of truth."""

    __tablename__ = "pathway_view"
    __table_args__ = (
        refers("person", "person_id"),
        Index(None, "region_id", "pathway", "state"),
        Index(None, "region_id", "next_due"),
    )
    region_id: int = region()
    person_id: int = person(key=True)
    pathway: str = needed(key=True)
    episode: str = words(key=True)
    icd10: str = words()
    state: str = needed()
    view: dict[str, Any] = jsonb()
    next_due: date | None = day()
    wakes_on: date | None = day()
    computed_on: date = day(null=False)


class Task(SQLModel, table=True):
    """A wish made real. At most one open task per (person, pathway, episode, rule, subject)."""

    __tablename__ = "task"
    __table_args__ = (
        refers("person", "person_id"),
        one_of("state", "open, taken, waiting, closed"),
        one_of("level", "reminder, navigator, head, coordinator"),
        one_of("norm", "verified, recalled, product"),
        CheckConstraint("(closed_at is null) = (state <> 'closed')", name="closed_state"),
        CheckConstraint("(closed_at is null) = (closed_on is null)", name="closed_pair"),
        CheckConstraint(
            "closed_at is not null or (closed_by = '' and closed_reason = '' and closing_fact is null)", name="closed_why"
        ),
        CheckConstraint("state <> 'waiting' or waiting_until is not null", name="waiting_pair"),
        CheckConstraint("state <> 'taken' or assignee <> ''", name="taken_pair"),
        CheckConstraint("owner_org <> ''", name="owner"),
        UniqueConstraint("public_id"),
        Index(
            "uq_task_open", "region_id", "person_id", "pathway", "episode", "rule", "subject",
            unique=True, postgresql_where=text("closed_at is null"),
        ),
        Index("ix_task_inbox", "region_id", "owner_org", "state", "due", "danger", "id", postgresql_where=STILL_OPEN),
        Index("ix_task_due", "region_id", "due", "danger", "id", postgresql_where=STILL_OPEN),
        Index(
            "ix_task_mine", "region_id", "assignee", "due", "id",
            postgresql_where=text("closed_at is null and assignee <> ''"),
        ),
        Index("ix_task_done", "region_id", "owner_org", "closed_at", "id", postgresql_where=text("closed_at is not null")),
        Index("ix_task_person", "region_id", "person_id"),
    )  # fmt: skip
    region_id: int = region()
    id: int = row_id()
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    person_id: int = person()
    pathway: str = needed()
    episode: str = words()
    rule: str = needed()
    subject: str = words()
    icd10: str = words()
    due: date = day(null=False)
    level: str = needed()
    state: str = words("open")
    waiting_until: date | None = day()
    snoozed_until: date | None = day()  # a person's doing, kept by reconcile; an agreed visit comes with the wish
    handed_to: str = words()  # an organisation a person gave it to; the owner while it is set
    owner_org: str = needed()
    assignee: str = words()
    danger: int = small()
    opened_on: date = day(null=False)
    opened_at: datetime = moment(now=True)
    closed_on: date | None = day()
    closed_at: datetime | None = moment()
    closed_by: str = words()
    closed_reason: str = words()
    closing_fact: int | None = big(null=True)
    because: dict[str, Any] = jsonb()
    edition: str = words()
    norm: str = words("verified")


class TaskEvent(SQLModel, table=True):
    """Append-only history: who did what, and the task's row as it stood afterwards.

    A row is valid from its `on_day`/`id` to the next event of the task; *shown then* reads the last one up to a day."""

    __tablename__ = "task_event"
    __table_args__ = (
        refers("task", "task_id"),
        Index(None, "region_id", "task_id", "id"),
    )
    region_id: int = region()
    id: int = row_id()
    task_id: int = big()
    at: datetime = moment(now=True)
    on_day: date = day(null=False)
    author: str = needed()
    kind: str = needed()
    person_id: int = person()
    state: str = needed()
    level: str = needed()
    due: date = day(null=False)
    waiting_until: date | None = day()
    owner_org: str = needed()
    assignee: str = words()
    icd10: str = words()
    edition: str = words()
    data: dict[str, Any] = jsonb()


class ClockEvent(SQLModel, table=True):
    """What a person did with a clock that was no task yet: took it, snoozed it, handed it over, wrote a comment.

    Append-only but for `task_id` (the task that took it over when it opened) and the key, when two persons are joined."""

    __tablename__ = "clock_event"
    __table_args__ = (
        refers("person", "person_id"),
        refers("task", "task_id"),
        one_of("kind", "took, snoozed, handed_over, commented"),
        Index("ix_clock_event_waiting", "region_id", "person_id", postgresql_where=text("task_id is null")),
        Index(None, "region_id", "person_id", "id"),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    pathway: str = needed()
    episode: str = words()
    rule: str = needed()
    subject: str = words()
    at: datetime = moment(now=True)
    on_day: date = day(null=False)
    author: str = needed()
    kind: str = needed()
    data: dict[str, Any] = jsonb()
    task_id: int | None = big(null=True)


class Notice(SQLModel, table=True):
    """Outbox of messages to people: unique per task and level, so an escalation is told once."""

    __tablename__ = "notice"
    __table_args__ = (
        refers("task", "task_id"),
        UniqueConstraint("region_id", "task_id", "level"),
        Index("ix_notice_waiting", "region_id", "id", postgresql_where=text("delivered_at is null")),
    )
    region_id: int = region()
    id: int = row_id()
    task_id: int = big()
    level: str = needed()
    owner_org: str = words()
    created_at: datetime = moment(now=True)
    delivered_at: datetime | None = moment()


class SweepRun(SQLModel, table=True):
    """One sweep: of which day, what it changed, how it ended."""

    __tablename__ = "sweep_run"
    __table_args__ = (Index(None, "region_id", "day"),)
    region_id: int = region(own=True)
    id: int = row_id()
    day: date = day(null=False)
    started_at: datetime = moment(now=True)
    finished_at: datetime | None = moment()
    counts: dict[str, Any] = jsonb()
    error: str = words()
