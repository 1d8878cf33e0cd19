"""The insured population, and pairs of identity records that may be one person."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import CheckConstraint, Float, Index, LargeBinary, PrimaryKeyConstraint, Text, UniqueConstraint, text
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import (
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
    sorted,
    words,
)

_QUEUE = text("state in ('review', 'asked')")


class Resident(SQLModel, table=True):
    """An insured person. `person_id` is from the sequence of `person.id`, so it is the person's own number when a row
    of `person` is made; after a join it is the number of whom they are. `subject_id`: their record among subjects, once
    there is one. `load_id`: the list (`list_load`) that changed the row last. `gone_on`: the day of the first list that
    does not have them any more. `row_hash`: of the line as it came; 0 where a value of it was left out, so that the
    next list looks at it again. Without foreign keys: checked row by row they would double the time of a load, and only
    a load writes here. A region is a part of its own, in the schema `insured` (store/resident_parts.py)."""

    __tablename__ = "resident"
    __table_args__ = (
        PrimaryKeyConstraint("enp", "region_id"),  # what differs first: millions of keys are sorted by their first column
        Index(None, "person_id"),
        Index(None, "born"),
        Index(None, "snils", postgresql_where=text("snils <> ''")),
        {"postgresql_partition_by": "LIST (region_id)"},
    )
    region_id: int = region()
    person_id: int = person()
    load_id: int = big()
    subject_id: int | None = big(null=True)
    row_hash: int = big()
    born: date = day(null=False)
    attached_since: date | None = day()
    gone_on: date | None = day()
    sex: str = needed()
    enp: str = Field(sa_type=Text(collation="C"), primary_key=True)
    snils: str = sorted()
    family: str = needed()
    given: str = needed()
    patronymic: str = words()
    org: str = sorted()
    insurer: str = words()
    phone: str = words()
    address: str = words()


class ResidentFormer(SQLModel, table=True):
    """What another list (`load_id`: the one that told the difference) wrote of a resident: the number of an old policy,
    a former surname."""

    __tablename__ = "resident_former"
    __table_args__ = (
        UniqueConstraint("region_id", "enp", "snils", "family", "given", "patronymic"),
        Index(None, "region_id", "person_id"),
        Index(None, "region_id", "snils", postgresql_where=text("snils <> ''")),
    )
    region_id: int = region(own=True)
    id: int = row_id()
    person_id: int = person()
    load_id: int = big()
    subject_id: int | None = big(null=True)
    enp: str = sorted()
    snils: str = sorted()
    family: str = words()
    given: str = words()
    patronymic: str = words()
    until_on: date = day(null=False)


class Likeness(SQLModel, table=True):
    """Two identity records that may be one person: `equal` by normalised name, birth date and sex, or `scored`.

    `linked` joins like an identifier; `review` and `asked` wait for a person; `different` is not asked again while
    `values_hash` (of both records) stays. `detail` holds what the reviewer compares, field by field, with its weight."""

    __tablename__ = "likeness"
    __table_args__ = (
        refers("subject", "subject_id"),
        refers("subject", "other_id"),
        one_of("method", "equal, scored"),
        one_of("state", "linked, review, asked, same, different"),
        CheckConstraint("(decided_at is null) = (decided_by = '')", name="decided_pair"),
        UniqueConstraint("region_id", "subject_id", "other_id"),
        Index("ix_likeness_linked", "region_id", "other_id", postgresql_where=text("state = 'linked'")),
        Index("ix_likeness_queue", "region_id", "org", "id", postgresql_where=_QUEUE),
    )
    region_id: int = region()
    id: int = row_id()
    subject_id: int = big()
    other_id: int = big()
    org: str = words()
    method: str = needed()
    state: str = needed()
    score: float = Field(default=0, sa_type=Float(53), nullable=False, sa_column_kwargs={"server_default": text("'0'")})
    values_hash: bytes = Field(sa_type=LargeBinary, nullable=False)
    detail: dict[str, Any] = jsonb()
    found_at: datetime = moment(now=True)
    decided_at: datetime | None = moment()
    decided_by: str = words()
    reason: str = words()
