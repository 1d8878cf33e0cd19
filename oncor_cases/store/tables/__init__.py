"""Every table as a class: the readable form of the schema. The migrations make it; tests/store proves they agree.

House rules kept here: a patient table leads with `region_id` (regions are the natural partition), ids are bigint,
a person is a dense int4 (bitmaps of the contingents need it), moments are timestamptz, lists of allowed words are
CHECKs on text, never native enums (SQLModel table classes validate nothing, and enums are hard to migrate)."""

from oncor_cases.store.tables.care import LateStageDraft, SenderDelay, SourceLoad, Trace
from oncor_cases.store.tables.columns import metadata
from oncor_cases.store.tables.contingents import (
    Assignment,
    Contingent,
    ContingentChange,
    ContingentMember,
    ContingentReject,
    ContingentSnapshot,
    ContingentSubscription,
)
from oncor_cases.store.tables.differences import ComparisonRun, Difference, DifferenceEvent
from oncor_cases.store.tables.documents import (
    CalendarRecord,
    Document,
    IntakeRun,
    Organisation,
    RawDocument,
    Region,
    UnreadDocument,
)
from oncor_cases.store.tables.lists import ListBytes, ListContent, ListLoad, ListMapping, ListReject, ListRow
from oncor_cases.store.tables.persons import (
    Fact,
    Finding,
    Person,
    PersonChange,
    PersonJoin,
    PersonScope,
    Subject,
    SubjectLink,
)
from oncor_cases.store.tables.places import (
    Attachment,
    Backlog,
    BacklogPace,
    BacklogPortion,
    DefaultOwner,
    OrganisationRecord,
    PersonCategory,
    Route,
    Territory,
)
from oncor_cases.store.tables.residents import Likeness, Resident, ResidentFormer
from oncor_cases.store.tables.rules import RuleProposal, RuleRecord, RuleRun, RuleRunChange
from oncor_cases.store.tables.staff import ApiToken, Audit, LoginAttempt, Session, UserAccount
from oncor_cases.store.tables.standing import Absence, Acknowledgement, CaseRoute, NoticeRecipient
from oncor_cases.store.tables.worklist import ClockEvent, Episode, Notice, PathwayView, SweepRun, Task, TaskEvent

__all__ = [
    "Absence",
    "Acknowledgement",
    "ApiToken",
    "Assignment",
    "Attachment",
    "Audit",
    "Backlog",
    "BacklogPace",
    "BacklogPortion",
    "CalendarRecord",
    "CaseRoute",
    "ClockEvent",
    "ComparisonRun",
    "Contingent",
    "ContingentChange",
    "ContingentMember",
    "ContingentReject",
    "ContingentSnapshot",
    "ContingentSubscription",
    "DefaultOwner",
    "Difference",
    "DifferenceEvent",
    "Document",
    "Episode",
    "Fact",
    "Finding",
    "IntakeRun",
    "LateStageDraft",
    "Likeness",
    "ListBytes",
    "ListContent",
    "ListLoad",
    "ListMapping",
    "ListReject",
    "ListRow",
    "LoginAttempt",
    "Notice",
    "NoticeRecipient",
    "Organisation",
    "OrganisationRecord",
    "PathwayView",
    "Person",
    "PersonCategory",
    "PersonChange",
    "PersonJoin",
    "PersonScope",
    "RawDocument",
    "Region",
    "Resident",
    "ResidentFormer",
    "Route",
    "RuleProposal",
    "RuleRecord",
    "RuleRun",
    "RuleRunChange",
    "SenderDelay",
    "Session",
    "SourceLoad",
    "Subject",
    "SubjectLink",
    "SweepRun",
    "Task",
    "TaskEvent",
    "Territory",
    "Trace",
    "UnreadDocument",
    "UserAccount",
    "metadata",
]
