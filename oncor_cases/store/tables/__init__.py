"""Every table as a class: the readable form of the schema. The migrations make it; tests/store proves they agree.

House rules kept here: a patient table leads with `region_id` (regions are the natural partition), ids are bigint,
a person is a dense int4 (bitmaps of the contingents need it), moments are timestamptz, lists of allowed words are
CHECKs on text, never native enums (SQLModel table classes validate nothing, and enums are hard to migrate)."""

from oncor_cases.store.tables.columns import metadata
from oncor_cases.store.tables.documents import (
    CalendarRecord,
    Document,
    IntakeRun,
    Organisation,
    RawDocument,
    Region,
    UnreadDocument,
)
from oncor_cases.store.tables.persons import Fact, Finding, Person, PersonChange, PersonScope, Subject, SubjectLink
from oncor_cases.store.tables.residents import Likeness, Resident, ResidentFormer, ResidentLoad, ResidentReject
from oncor_cases.store.tables.staff import ApiToken, Audit, LoginAttempt, Session, UserAccount
from oncor_cases.store.tables.worklist import ClockEvent, Episode, Notice, PathwayView, SweepRun, Task, TaskEvent

__all__ = [
    "ApiToken",
    "Audit",
    "CalendarRecord",
    "ClockEvent",
    "Document",
    "Episode",
    "Fact",
    "Finding",
    "IntakeRun",
    "Likeness",
    "LoginAttempt",
    "Notice",
    "Organisation",
    "PathwayView",
    "Person",
    "PersonChange",
    "PersonScope",
    "RawDocument",
    "Region",
    "Resident",
    "ResidentFormer",
    "ResidentLoad",
    "ResidentReject",
    "Session",
    "Subject",
    "SubjectLink",
    "SweepRun",
    "Task",
    "TaskEvent",
    "UnreadDocument",
    "UserAccount",
    "metadata",
]
