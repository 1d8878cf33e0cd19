"""Every table as a class: the readable form of the schema. The migrations make it; tests/store proves they agree.

House rules kept here: a patient table leads with `region_id` (regions are the natural partition), ids are bigint,
a person is a dense int4 (bitmaps of the contingents need it), moments are timestamptz, lists of allowed words are
CHECKs on text, never native enums (SQLModel table classes validate nothing, and enums are hard to migrate)."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Index,
    Integer,
    LargeBinary,
    SmallInteger,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel, Uuid

SQLModel.metadata.naming_convention = {
    "pk": "pk_%(table_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
}
metadata = SQLModel.metadata

NOW, EMPTY, TRUE, FALSE = text("now()"), text("''"), text("true"), text("false")
STILL_OPEN = text("closed_at is null")
NO_JSON, NO_TEXTS = text("'{}'::jsonb"), text("'{}'::text[]")


def _region(key: bool = True, own: bool = False) -> Any:
    """`own`: the table points to the region itself; others are held to it by their composite foreign key."""
    rest = {"foreign_key": "region.id"} if own else {}
    return Field(sa_type=SmallInteger, primary_key=key, nullable=False, sa_column_kwargs={"autoincrement": False}, **rest)


def _id() -> Any:
    return Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(always=False),))


def _big(null: bool = False) -> Any:
    return Field(default=None, sa_type=BigInteger, nullable=null)


def _person(null: bool = False, key: bool = False) -> Any:
    return Field(
        default=None,
        sa_type=Integer,
        nullable=null,
        primary_key=key,
        sa_column_kwargs={"autoincrement": False} if key else {},
    )


def _text(default: str | None = "", key: bool = False) -> Any:
    if default is None:
        return Field(default=None, sa_type=Text, nullable=not key, primary_key=key)
    rest = {"server_default": text(f"'{default}'")}
    return Field(default=default, sa_type=Text, nullable=False, primary_key=key, sa_column_kwargs=rest)


def _sorted() -> Any:
    """A key compared by code points on every server: the order of Russian names is in the key, never in a collation."""
    kind = Text(collation="C")
    return Field(default="", sa_type=kind, nullable=False, sa_column_kwargs={"server_default": EMPTY})


def _needed(key: bool = False) -> Any:
    return Field(sa_type=Text, nullable=False, primary_key=key)


def _texts() -> Any:
    return Field(sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": NO_TEXTS})


def _json(null: bool = False) -> Any:
    return Field(sa_type=JSONB, nullable=null, sa_column_kwargs={} if null else {"server_default": NO_JSON})


def _at(null: bool = True, now: bool = False, key: bool = False) -> Any:
    rest = {"server_default": NOW} if now else {}
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=null and not now and not key,
        primary_key=key,
        sa_column_kwargs=rest,
    )


def _day(null: bool = True, key: bool = False) -> Any:
    return Field(default=None, sa_type=Date, nullable=null and not key, primary_key=key)


def _flag(default: bool) -> Any:
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": TRUE if default else FALSE})


def _small(default: int = 0) -> Any:
    return Field(
        default=default, sa_type=SmallInteger, nullable=False, sa_column_kwargs={"server_default": text(str(default))}
    )


def _count() -> Any:
    return Field(default=0, sa_type=BigInteger, nullable=False, sa_column_kwargs={"server_default": text("0")})


def _one_of(column: str, words: str) -> CheckConstraint:
    listed = ", ".join(f"'{word.strip()}'" for word in words.split(","))
    return CheckConstraint(f"{column} in ({listed})", name=column)


def _to(table: str, column: str, target: str = "id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["region_id", column], [f"{table}.region_id", f"{table}.{target}"])


# --- the region and its organisations -------------------------------------------------------------------------------


class Region(SQLModel, table=True):
    """A tenant. `observed_from`: single duties due before it are history. `demo`: deliveries set the clock."""

    __tablename__ = "region"
    id: int = Field(sa_type=SmallInteger, primary_key=True, sa_column_kwargs={"autoincrement": False})
    name: str = _needed()
    tz: str = _text("Europe/Moscow")
    observed_from: date | None = _day()
    demo: bool = _flag(False)
    settings: dict[str, Any] = _json()


class Organisation(SQLModel, table=True):
    """A clinic, hospital, laboratory. `roles`: attachment, oncology, hospital, laboratory, dispensary …"""

    __tablename__ = "organisation"
    __table_args__ = (Index(None, "region_id", "sort_key", "oid"),)
    region_id: int = _region(own=True)
    oid: str = _needed(key=True)
    name: str = _needed()
    short_name: str = _text()
    district: str = _text()
    roles: list[str] = _texts()
    parent_oid: str = _text()
    sort_key: str = _sorted()


class CalendarRecord(SQLModel, table=True):
    """A region's dated correction of the production calendar."""

    __tablename__ = "calendar_record"
    region_id: int = _region(own=True)
    day: date = _day(key=True)
    known_at: datetime = _at(now=True, key=True)
    working: bool = Field(nullable=False)
    reason: str = _needed()
    author: str = _text()


# --- documents ------------------------------------------------------------------------------------------------------


class RawDocument(SQLModel, table=True):
    """The bytes as they came (zlib), once and for ever.

    `received_at` is what `known_at` of the document will be; `stored_at` the server's clock."""

    __tablename__ = "raw_document"
    __table_args__ = (Index(None, "region_id", "stored_at"),)
    region_id: int = _region(own=True)
    sha256: bytes = Field(sa_type=LargeBinary, primary_key=True)
    received_at: datetime = _at(null=False)
    stored_at: datetime = _at(now=True)
    size: int = _big()
    origin: str = _text()
    content: bytes = Field(sa_type=LargeBinary, nullable=False)


class UnreadDocument(SQLModel, table=True):
    """Bytes stored and not read yet; what is left here after an intake was killed is read by the next one."""

    __tablename__ = "unread_document"
    __table_args__ = (_to("raw_document", "sha256", "sha256"),)
    region_id: int = _region()
    sha256: bytes = Field(sa_type=LargeBinary, primary_key=True)


class Document(SQLModel, table=True):
    """What was read from one piece of bytes. At most one version of a series (sender, set) is in force."""

    __tablename__ = "document"
    __table_args__ = (
        _one_of("status", "read, unknown_kind, quarantined, withdrawn"),
        CheckConstraint("(withdrawn_at is null) = (status <> 'withdrawn')", name="withdrawn_pair"),
        CheckConstraint("not in_force or status in ('read', 'unknown_kind')", name="in_force"),
        UniqueConstraint("region_id", "sha256"),
        _to("raw_document", "sha256", "sha256"),
        _to("subject", "subject_id"),
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
    region_id: int = _region()
    id: int = _id()
    sha256: bytes = Field(sa_type=LargeBinary, nullable=False)
    known_at: datetime = _at(null=False)
    status: str = _needed()
    reason_code: str = _text()
    reason: str = _text()
    kind: str = _text()
    remd: str = _text()
    generation: str = _text()
    set_id: str = _text()
    version: int = Field(default=1, sa_type=Integer, nullable=False, sa_column_kwargs={"server_default": text("1")})
    doc_date: date | None = _day()
    doc_uid: str = _text()
    title: str = _text()
    sender_org: str = _text()
    subject_id: int | None = _big(null=True)
    in_force: bool = _flag(False)
    withdrawn_at: datetime | None = _at()
    withdrawn_by: str = _text()
    withdrawn_reason: str = _text()
    problems: list[Any] = Field(sa_type=JSONB, nullable=False, sa_column_kwargs={"server_default": text("'[]'::jsonb")})


class IntakeRun(SQLModel, table=True):
    """One call of the intake, for the page that shows what came and for the operator."""

    __tablename__ = "intake_run"
    region_id: int = _region(own=True)
    id: int = _id()
    started_at: datetime = _at(now=True)
    finished_at: datetime | None = _at()
    counts: dict[str, Any] = _json()


# --- persons --------------------------------------------------------------------------------------------------------


class Subject(SQLModel, table=True):
    """An identity record as one source wrote it. `person_id` repeats the open link, for policies and joins."""

    __tablename__ = "subject"
    __table_args__ = (
        UniqueConstraint("region_id", "fingerprint"),
        _to("person", "person_id"),
        Index(None, "region_id", "person_id"),
        Index(None, "region_id", "snils", postgresql_where=text("snils <> ''")),
        Index(None, "region_id", "enp", postgresql_where=text("enp <> ''")),
        Index(None, "region_id", "organisation", "local_id", postgresql_where=text("local_id <> ''")),
    )
    region_id: int = _region(own=True)
    id: int = _id()
    person_id: int | None = _person(null=True)
    source: str = _text("document")
    snils: str = _text()
    enp: str = _text()
    organisation: str = _text()
    local_id: str = _text()
    family: str = _text()
    given: str = _text()
    patronymic: str = _text()
    birth_date: date | None = _day()
    sex: str = _text()
    address: str = _text()
    phones: list[str] = _texts()
    fingerprint: bytes = Field(sa_type=LargeBinary, nullable=False)
    first_seen_at: datetime = _at(null=False)
    pinned: int | None = _person(null=True)  # the person somebody decided on; stronger than any identifier
    distrusted: list[str] = _texts()  # identifiers (snils, enp, local) found wrong in this record: they join nothing


class SubjectLink(SQLModel, table=True):
    """Which person a subject was taken for, from when to when, why and by whom. One open link per subject."""

    __tablename__ = "subject_link"
    __table_args__ = (
        _to("subject", "subject_id"),
        _to("person", "person_id"),
        Index("uq_subject_link_open", "region_id", "subject_id", unique=True, postgresql_where=text("valid_to is null")),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = _region()
    id: int = _id()
    subject_id: int = _big()
    person_id: int = _person()
    valid_from: datetime = _at(null=False)
    valid_to: datetime | None = _at()
    reason: str = _text()
    author: str = _text()


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
    )
    region_id: int = _region(own=True)
    id: int = Field(default=None, sa_type=Integer, primary_key=True, sa_column_args=(Identity(always=False),))
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    family: str = _text()
    given: str = _text()
    patronymic: str = _text()
    birth_date: date | None = _day()
    sex: str = _text()
    snils: str = _text()
    enp: str = _text()
    address: str = _text()
    phones: list[str] = _texts()
    attached_org: str = _text()
    provisional: bool = _flag(False)
    sort_key: str = _sorted()
    search_key: str = _sorted()
    died_on: date | None = _day()
    merged_into: int | None = _person(null=True)
    created_at: datetime = _at(now=True)


class PersonScope(SQLModel, table=True):
    """Who may see a person, kept by batch: `attached`, `sender`, `named` (referral or order), `task`."""

    __tablename__ = "person_scope"
    __table_args__ = (_to("person", "person_id"), Index(None, "region_id", "org", "person_id"))
    region_id: int = _region()
    person_id: int = _person(key=True)
    org: str = _needed(key=True)
    reason: str = _needed(key=True)


class Finding(SQLModel, table=True):
    """Something a person must put right: a blocked join, a contradiction, a missing date."""

    __tablename__ = "finding"
    __table_args__ = (
        _one_of("state", "open, settled"),
        UniqueConstraint("region_id", "code", "key"),
        Index("ix_finding_open", "region_id", "code", "id", postgresql_where=text("state = 'open'")),
        Index(None, "region_id", "person_id"),
    )
    region_id: int = _region(own=True)
    id: int = _id()
    code: str = _needed()
    key: str = _needed()
    person_id: int | None = _person(null=True)
    document_id: int | None = _big(null=True)
    detail: dict[str, Any] = _json()
    state: str = _text("open")
    created_at: datetime = _at(now=True)
    settled_at: datetime | None = _at()
    settled_by: str = _text()


# --- facts ----------------------------------------------------------------------------------------------------------


class Fact(SQLModel, table=True):
    """One thing one source said. Never changes; only `in_force` and `ceased_at` follow its document or its author.

    A decision is a fact without a document whose `author` is the user's login. `on_text` keeps a partial date."""

    __tablename__ = "fact"
    __table_args__ = (
        _to("subject", "subject_id"),
        _to("document", "document_id"),
        CheckConstraint("document_id is not null or author <> ''", name="source"),
        CheckConstraint("in_force = (ceased_at is null)", name="in_force_pair"),
        Index(None, "region_id", "subject_id"),
        Index(None, "region_id", "document_id", postgresql_where=text("document_id is not null")),
    )
    region_id: int = _region()
    id: int = _id()
    subject_id: int = _big()
    document_id: int | None = _big(null=True)
    kind: str = _needed()
    on_date: date | None = _day()
    on_text: str = _text()
    known_at: datetime = _at(null=False)
    certainty: str = _text("established")
    evidence: str = _text("document")
    attributes: dict[str, Any] = _json()
    path: str = _text()
    links: list[str] = _texts()
    author: str = _text()
    in_force: bool = _flag(True)
    ceased_at: datetime | None = _at()


class PersonChange(SQLModel, table=True):
    """Writers raise `generation` in their own transaction; a sweep clears only the one it saw, and says when it wakes."""

    __tablename__ = "person_change"
    __table_args__ = (
        _to("person", "person_id"),
        Index("ix_person_change_dirty", "region_id", "person_id", postgresql_where=text("generation <> swept_generation")),
        Index("ix_person_change_wakes", "region_id", "wakes_on", "person_id", postgresql_where=text("wakes_on is not null")),
    )
    region_id: int = _region()
    person_id: int = _person(key=True)
    generation: int = _count()
    swept_generation: int = _count()
    wakes_on: date | None = _day()
    failed_at: datetime | None = _at()
    failure: str = _text()  # class of the error and place, never a value


# --- worklist -------------------------------------------------------------------------------------------------------


class Episode(SQLModel, table=True):
    """One round of care of one tumour site; `id` is permanent, the code may change. `key` is the rules' own name."""

    __tablename__ = "episode"
    __table_args__ = (_to("person", "person_id"), UniqueConstraint("region_id", "person_id", "key"))
    region_id: int = _region()
    id: int = _id()
    person_id: int = _person()
    key: str = _needed()
    site: str = _text()
    side: str = _text()
    round: int = _small(1)
    icd10: str = _text()
    anchor_fact: int | None = _big(null=True)
    anchors: list[str] = _texts()  # facts of the episode when it was last computed: how it is known again
    opened_on: date | None = _day()


class PathwayView(SQLModel, table=True):
    """The last computed view of an episode: a cache for pages, never a source of truth."""

    __tablename__ = "pathway_view"
    __table_args__ = (_to("person", "person_id"), Index(None, "region_id", "pathway", "state"))
    region_id: int = _region()
    person_id: int = _person(key=True)
    pathway: str = _needed(key=True)
    episode: str = _text(key=True)
    icd10: str = _text()
    state: str = _needed()
    view: dict[str, Any] = _json()
    next_due: date | None = _day()
    wakes_on: date | None = _day()
    computed_on: date = _day(null=False)


class Task(SQLModel, table=True):
    """A wish made real. At most one open task per (person, pathway, episode, rule, subject)."""

    __tablename__ = "task"
    __table_args__ = (
        _to("person", "person_id"),
        _one_of("state", "open, taken, waiting, closed"),
        _one_of("level", "reminder, navigator, head, coordinator"),
        _one_of("norm", "verified, recalled, product"),
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
        Index("ix_task_person", "region_id", "person_id", "pathway", "episode", "rule", "subject"),
    )  # fmt: skip
    region_id: int = _region()
    id: int = _id()
    public_id: UUID = Field(
        default=None, sa_type=Uuid, nullable=False, sa_column_kwargs={"server_default": text("gen_random_uuid()")}
    )
    person_id: int = _person()
    pathway: str = _needed()
    episode: str = _text()
    rule: str = _needed()
    subject: str = _text()
    icd10: str = _text()
    due: date = _day(null=False)
    level: str = _needed()
    state: str = _text("open")
    waiting_until: date | None = _day()
    snoozed_until: date | None = _day()  # a person's doing, kept by reconcile; an agreed visit comes with the wish
    handed_to: str = _text()  # an organisation a person gave it to; the owner while it is set
    owner_org: str = _needed()
    assignee: str = _text()
    danger: int = _small()
    opened_on: date = _day(null=False)
    opened_at: datetime = _at(now=True)
    closed_on: date | None = _day()
    closed_at: datetime | None = _at()
    closed_by: str = _text()
    closed_reason: str = _text()
    closing_fact: int | None = _big(null=True)
    because: dict[str, Any] = _json()
    edition: str = _text()
    norm: str = _text("verified")


class TaskEvent(SQLModel, table=True):
    """Append-only history: who did what, and the task's row as it stood afterwards.

    A row is valid from its `on_day`/`id` to the next event of the task; *shown then* reads the last one up to a day."""

    __tablename__ = "task_event"
    __table_args__ = (
        _to("task", "task_id"),
        Index(None, "region_id", "task_id", "id"),
        Index(None, "region_id", "on_day", "task_id"),
    )
    region_id: int = _region()
    id: int = _id()
    task_id: int = _big()
    at: datetime = _at(now=True)
    on_day: date = _day(null=False)
    author: str = _needed()
    kind: str = _needed()
    person_id: int = _person()
    state: str = _needed()
    level: str = _needed()
    due: date = _day(null=False)
    waiting_until: date | None = _day()
    owner_org: str = _needed()
    assignee: str = _text()
    icd10: str = _text()
    edition: str = _text()
    data: dict[str, Any] = _json()


class ClockEvent(SQLModel, table=True):
    """What a person did with a clock that was no task yet: took it, snoozed it, handed it over, wrote a comment.

    Append-only but for `task_id` (the task that took it over when it opened) and the key, when two persons are joined."""

    __tablename__ = "clock_event"
    __table_args__ = (
        _to("person", "person_id"),
        _to("task", "task_id"),
        _one_of("kind", "took, snoozed, handed_over, commented"),
        Index("ix_clock_event_waiting", "region_id", "person_id", postgresql_where=text("task_id is null")),
        Index(None, "region_id", "person_id", "id"),
    )
    region_id: int = _region()
    id: int = _id()
    person_id: int = _person()
    pathway: str = _needed()
    episode: str = _text()
    rule: str = _needed()
    subject: str = _text()
    at: datetime = _at(now=True)
    on_day: date = _day(null=False)
    author: str = _needed()
    kind: str = _needed()
    data: dict[str, Any] = _json()
    task_id: int | None = _big(null=True)


class Notice(SQLModel, table=True):
    """Outbox of messages to people: unique per task and level, so an escalation is told once."""

    __tablename__ = "notice"
    __table_args__ = (
        _to("task", "task_id"),
        UniqueConstraint("region_id", "task_id", "level"),
        Index("ix_notice_waiting", "region_id", "id", postgresql_where=text("delivered_at is null")),
    )
    region_id: int = _region()
    id: int = _id()
    task_id: int = _big()
    level: str = _needed()
    owner_org: str = _text()
    created_at: datetime = _at(now=True)
    delivered_at: datetime | None = _at()


class SweepRun(SQLModel, table=True):
    """One sweep: of which day, what it changed, how it ended."""

    __tablename__ = "sweep_run"
    __table_args__ = (Index(None, "region_id", "day"),)
    region_id: int = _region(own=True)
    id: int = _id()
    day: date = _day(null=False)
    started_at: datetime = _at(now=True)
    finished_at: datetime | None = _at()
    counts: dict[str, Any] = _json()
    error: str = _text()


# --- people who work here -------------------------------------------------------------------------------------------


class UserAccount(SQLModel, table=True):
    """A user. `orgs` is the scope of a clinic's user; coordinators and methodologists see their region."""

    __tablename__ = "user_account"
    __table_args__ = (
        _one_of("role", "navigator, head, coordinator, methodologist, registrar, admin"),
        UniqueConstraint("login"),
    )
    region_id: int = _region(key=False, own=True)
    id: int = _id()
    login: str = _needed()
    name: str = _text()
    password_hash: str = _needed()
    role: str = _needed()
    orgs: list[str] = _texts()
    active: bool = _flag(True)


class Session(SQLModel, table=True):
    """A server-side session; the cookie holds the token, the row its hash."""

    __tablename__ = "session"
    token_hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    user_id: int = Field(sa_type=BigInteger, nullable=False, foreign_key="user_account.id", index=True)
    created_at: datetime = _at(now=True)
    expires_at: datetime = _at(null=False)
    csrf: str = _needed()


class LoginAttempt(SQLModel, table=True):
    """Failed and successful sign-ins, to slow guessing down."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "login", "at"), Index(None, "address", "at"))
    id: int = _id()
    login: str = _needed()
    address: str = _text()
    at: datetime = _at(now=True)
    success: bool = Field(nullable=False)


class ApiToken(SQLModel, table=True):
    """A machine's key to the documents door; only the hash is kept."""

    __tablename__ = "api_token"
    region_id: int = _region(key=False, own=True)
    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    name: str = _needed()
    created_at: datetime = _at(now=True)
    active: bool = _flag(True)


class Audit(SQLModel, table=True):
    """Append-only: who looked at whom and who did what."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "region_id", "person_id", "id"), Index(None, "region_id", "at"))
    region_id: int = _region(own=True)
    id: int = _id()
    at: datetime = _at(now=True)
    user_id: int | None = _big(null=True)
    author: str = _text()
    action: str = _needed()
    person_id: int | None = _person(null=True)
    object: str = _text()
    detail: dict[str, Any] = _json()
