"""What heads say of overdue tasks, who stands in for whom, who was told; the dates and places of cases for statistics."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Date, Index, Integer, SmallInteger, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import (
    big,
    day,
    moment,
    needed,
    one_of,
    person,
    refers,
    region,
    row_id,
    texts,
    words,
)


def _withdrawn() -> CheckConstraint:
    return CheckConstraint("(withdrawn_at is null) = (withdrawn_on is null)", name="withdrawn_pair")


class Acknowledgement(SQLModel, table=True):
    """A head's word on an overdue task: a coded reason, a comment, the day until which the level is held.

    In force from `on_day`; `level` is the one it stood at. Withdrawn ones stay with the day of their end."""

    __tablename__ = "acknowledgement"
    __table_args__ = (
        one_of("level", "reminder, navigator, head, coordinator"),
        CheckConstraint("until_day >= on_day", name="days"),
        _withdrawn(),
        refers("person", "person_id"),
        refers("task", "task_id"),
        Index(None, "region_id", "person_id"),
        Index(None, "region_id", "task_id"),
        Index(None, "region_id", "owner_org", "on_day"),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    task_id: int = big()
    pathway: str = needed()
    episode: str = words()
    rule: str = needed()
    subject: str = words()
    owner_org: str = needed()
    level: str = needed()
    reason: str = needed()
    note: str = words()
    on_day: date = day(null=False)
    until_day: date = day(null=False)
    at: datetime = moment(now=True)
    author: str = needed()
    withdrawn_on: date | None = day()
    withdrawn_at: datetime | None = moment()
    withdrawn_by: str = words()


class Absence(SQLModel, table=True):
    """An account's person is away from `first_day` to `last_day`; `substitute` sees and may take what is theirs."""

    __tablename__ = "absence"
    __table_args__ = (
        CheckConstraint("last_day >= first_day", name="days"),
        CheckConstraint("login <> substitute", name="another"),
        _withdrawn(),
        Index(None, "region_id", "login"),
        Index(None, "region_id", "substitute"),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    login: str = needed()
    substitute: str = needed()
    first_day: date = day(null=False)
    last_day: date = day(null=False)
    on_day: date = day(null=False)
    at: datetime = moment(now=True)
    author: str = needed()
    withdrawn_on: date | None = day()
    withdrawn_at: datetime | None = moment()
    withdrawn_by: str = words()


class NoticeRecipient(SQLModel, table=True):
    """Who was told of a notice, and when they read it. `stands_for`: the absent person it was meant for."""

    __tablename__ = "notice_recipient"
    __table_args__ = (
        UniqueConstraint("region_id", "notice_id", "login"),
        refers("notice", "notice_id"),
        Index(None, "region_id", "login", "id"),
        Index("ix_notice_recipient_unread", "region_id", "login", postgresql_where=text("read_at is null")),
    )
    region_id: int = region()
    id: int = row_id()
    notice_id: int = big()
    login: str = needed()
    stands_for: str = words()
    on_day: date = day(null=False)
    at: datetime = moment(now=True)
    read_at: datetime | None = moment()


def _number() -> Any:
    return Field(default=0, sa_type=Integer, nullable=False, sa_column_kwargs={"server_default": text("0")})


def _dates() -> Any:
    return Field(sa_type=ARRAY(Date), nullable=False, sa_column_kwargs={"server_default": text("'{}'::date[]")})


class CaseRoute(SQLModel, table=True):
    """One case as statistics count it: narrow, derived, written with its view (tasks/routed.py)."""

    __tablename__ = "case_route"
    __table_args__ = (
        refers("person", "person_id"),
        Index(None, "region_id", "pathway", "opened_on"),
        Index(None, "region_id", "org", "opened_on"),
    )
    region_id: int = region()
    person_id: int = person(key=True)
    pathway: str = needed(key=True)
    episode: str = words(key=True)
    icd10: str = words()
    site: str = words()
    org: str = words()
    state: str = needed()
    opened_on: date = day(null=False)
    excluded: date | None = day()
    told: date | None = day()
    first_exam: date | None = day()
    first_visit: date | None = day()
    referral: date | None = day()
    consultation: date | None = day()
    examined: date | None = day()
    diagnosis: date | None = day()
    plan: date | None = day()
    treatment: date | None = day()
    first_org: str = words()
    consultation_org: str = words()
    plan_org: str = words()
    treatment_org: str = words()
    workup: int | None = Field(default=None, sa_type=SmallInteger, nullable=True)
    visits: list[str] = texts()
    plain_visits: list[str] = texts()
    delay_days: int = _number()
    planned_days: int = _number()
    clocks: list[str] = texts()
    starts: list[date] = _dates()
    dues: list[date] = _dates()
