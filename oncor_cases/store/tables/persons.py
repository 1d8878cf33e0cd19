"""Persons, the identity records of sources, facts, and who is due for a sweep."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Identity, Index, Integer, LargeBinary, UniqueConstraint, text
from sqlmodel import Field, SQLModel, Uuid

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
    person,
    refers,
    region,
    row_id,
    sorted,
    texts,
    words,
)

# --- persons --------------------------------------------------------------------------------------------------------


class Subject(SQLModel, table=True):
    """An identity record as one source wrote it. `person_id` repeats the open link, for policies and joins."""

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("region_id", "fingerprint"),
        refers("person", "person_id"),
        Index(None, "region_id", "person_id"),
        Index(None, "region_id", "snils", postgresql_where=text("snils <> ''")),
        Index(None, "region_id", "enp", postgresql_where=text("enp <> ''")),
        Index(None, "region_id", "organisation", "local_id", postgresql_where=text("local_id <> ''")),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    person_id: int | None = person(null=True)
    source: str = words("document")
    snils: str = words()
    enp: str = words()
    organisation: str = words()
    local_id: str = words()
    family: str = words()
    given: str = words()
    patronymic: str = words()
    birth_date: date | None = day()
    sex: str = words()
    address: str = words()
    phones: list[str] = texts()
    fingerprint: bytes = Field(sa_type=LargeBinary, nullable=False)
    first_seen_at: datetime = moment(null=False)
    pinned: int | None = person(null=True)  # the person somebody decided on; stronger than any identifier
    distrusted: list[str] = texts()  # identifiers (snils, enp, local) found wrong in this record: they join nothing


class SubjectLink(SQLModel, table=True):
    """Which person a subject was taken for, from when to when, why and by whom. One open link per subject."""

    __tablename__ = "subject_link"
    __table_args__ = (
        refers("subject", "subject_id"),
        refers("person", "person_id"),
        Index("uq_subject_link_open", "region_id", "subject_id", unique=True, postgresql_where=text("valid_to is null")),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = region()
    id: int = row_id()
    subject_id: int = big()
    person_id: int = person()
    valid_from: datetime = moment(null=False)
    valid_to: datetime | None = moment()
    reason: str = words()
    author: str = words()


class Person(SQLModel, table=True):
    """A human being. `public_id` is the only address outside; `merged_into` keeps old addresses alive after a join."""

    __tablename__ = "person"
    __table_args__ = (
        UniqueConstraint("public_id"),
        Index(None, "region_id", "sort_key", "id"),
        Index(None, "region_id", "search_key", "id"),
        Index(None, "region_id", "snils", postgresql_where=text("snils <> ''")),
        Index(None, "region_id", "enp", postgresql_where=text("enp <> ''")),
        Index(None, "region_id", "attached_org"),
        Index("ix_person_joined", "region_id", "id", postgresql_where=text("merged_into is not null")),
        Index("ix_person_merged_into", "region_id", "merged_into", postgresql_where=text("merged_into is not null")),
    )
    region_id: int = region(own=True)
    id: int = Field(default=None, sa_type=Integer, primary_key=True, sa_column_args=(Identity(always=False),))
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    family: str = words()
    given: str = words()
    patronymic: str = words()
    birth_date: date | None = day()
    sex: str = words()
    snils: str = words()
    enp: str = words()
    address: str = words()
    phones: list[str] = texts()
    attached_org: str = words()
    provisional: bool = flag(False)
    sort_key: str = sorted()
    search_key: str = sorted()
    died_on: date | None = day()
    merged_into: int | None = person(null=True)
    created_at: datetime = moment(now=True)


class PersonJoin(SQLModel, table=True):
    """`person_id` became `into_id`: what is needed to take it back (docs/adr/0020). Over when the person came back.

    `records`, `others`: the identity records of the one and of the other at that moment; `pins`: what people had decided
    about them before, where the join is a person's own; `carried`: rows that went along, by table, as they were."""

    __tablename__ = "person_join"
    __table_args__ = (
        refers("person", "person_id"),
        refers("person", "into_id"),
        Index("uq_person_join_open", "region_id", "person_id", unique=True, postgresql_where=text("ended_at is null")),
    )
    region_id: int = region()
    id: int = row_id()
    person_id: int = person()
    into_id: int = person()
    at: datetime = moment(null=False)
    records: list[int] = bigs()
    others: list[int] = bigs()
    pins: dict[str, Any] = jsonb()
    carried: dict[str, Any] = jsonb()
    ended_at: datetime | None = moment()


class PersonScope(SQLModel, table=True):
    """Who may see a person, kept by batch: `attached`, `sender`, `named` (referral or order), `task`,
    `attachment` (said here), `difference` (has to mend one),
    `successor` (answers for an organisation that sees the person)."""

    __tablename__ = "person_scope"
    __table_args__ = (
        refers("person", "person_id"),
        Index(None, "region_id", "org", "person_id"),
        Index("ix_person_scope_successor", "region_id", "org", "person_id", postgresql_where=text("reason = 'successor'")),
    )
    region_id: int = region()
    person_id: int = person(key=True)
    org: str = needed(key=True)
    reason: str = needed(key=True)


class Finding(SQLModel, table=True):
    """Something a person must put right: a blocked join, a contradiction, a missing date."""

    __tablename__ = "finding"
    __table_args__ = (
        one_of("state", "open, settled"),
        UniqueConstraint("region_id", "code", "key"),
        Index("ix_finding_open", "region_id", "code", "id", postgresql_where=text("state = 'open'")),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    code: str = needed()
    key: str = needed()
    person_id: int | None = person(null=True)
    document_id: int | None = big(null=True)
    detail: dict[str, Any] = jsonb()
    state: str = words("open")
    created_at: datetime = moment(now=True)
    settled_at: datetime | None = moment()
    settled_by: str = words()


# --- facts ----------------------------------------------------------------------------------------------------------


class Fact(SQLModel, table=True):
    """One thing one source said. Never changes; only `in_force` and `ceased_at` follow its document or its author.

    A decision is a fact without a document whose `author` is the user's login. `on_text` keeps a partial date."""

    __tablename__ = "fact"
    __table_args__ = (
        refers("subject", "subject_id"),
        refers("document", "document_id"),
        CheckConstraint("document_id is not null or author <> ''", name="source"),
        CheckConstraint("in_force = (ceased_at is null)", name="in_force_pair"),
        Index(None, "region_id", "subject_id"),
        Index(None, "region_id", "document_id", postgresql_where=text("document_id is not null")),
    )
    region_id: int = region()
    id: int = row_id()
    subject_id: int = big()
    document_id: int | None = big(null=True)
    kind: str = needed()
    on_date: date | None = day()
    on_text: str = words()
    known_at: datetime = moment(null=False)
    certainty: str = words("established")
    evidence: str = words("document")
    attributes: dict[str, Any] = jsonb()
    path: str = words()
    links: list[str] = texts()
    author: str = words()
    in_force: bool = flag(True)
    ceased_at: datetime | None = moment()


class PersonChange(SQLModel, table=True):
    """Writers raise `generation` in their own transaction; a sweep clears only the one it saw, and says when it wakes."""

    __tablename__ = "person_change"
    __table_args__ = (
        refers("person", "person_id"),
        Index("ix_person_change_dirty", "region_id", "person_id", postgresql_where=text("generation <> swept_generation")),
        Index("ix_person_change_wakes", "region_id", "wakes_on", "person_id", postgresql_where=text("wakes_on is not null")),
    )
    region_id: int = region()
    person_id: int = person(key=True)
    generation: int = count()
    swept_generation: int = count()
    wakes_on: date | None = day()
    failed_at: datetime | None = moment()
    failure: str = words()  # class of the error and place, never a value
