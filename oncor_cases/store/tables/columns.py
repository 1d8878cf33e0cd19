"""What columns of one meaning look like everywhere, and how constraints are named."""

from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    DateTime,
    ForeignKeyConstraint,
    Identity,
    Integer,
    SmallInteger,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlmodel import Field, SQLModel

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


def region(key: bool = True, own: bool = False) -> Any:
    """`own`: the table points to the region itself; others are held to it by their composite foreign key."""
    rest = {"foreign_key": "region.id"} if own else {}
    return Field(sa_type=SmallInteger, primary_key=key, nullable=False, sa_column_kwargs={"autoincrement": False}, **rest)


def row_id() -> Any:
    return Field(default=None, sa_type=BigInteger, primary_key=True, sa_column_args=(Identity(always=False),))


def big(null: bool = False) -> Any:
    return Field(default=None, sa_type=BigInteger, nullable=null)


def person(null: bool = False, key: bool = False) -> Any:
    return Field(
        default=None,
        sa_type=Integer,
        nullable=null,
        primary_key=key,
        sa_column_kwargs={"autoincrement": False} if key else {},
    )


def words(default: str | None = "", key: bool = False) -> Any:
    if default is None:
        return Field(default=None, sa_type=Text, nullable=not key, primary_key=key)
    rest = {"server_default": text(f"'{default}'")}
    return Field(default=default, sa_type=Text, nullable=False, primary_key=key, sa_column_kwargs=rest)


def sorted() -> Any:
    """A key compared by code points on every server: the order of Russian names is in the key, never in a collation."""
    kind = Text(collation="C")
    return Field(default="", sa_type=kind, nullable=False, sa_column_kwargs={"server_default": EMPTY})


def needed(key: bool = False) -> Any:
    return Field(sa_type=Text, nullable=False, primary_key=key)


def texts() -> Any:
    return Field(sa_type=ARRAY(Text), nullable=False, sa_column_kwargs={"server_default": NO_TEXTS})


def bigs() -> Any:
    return Field(sa_type=ARRAY(BigInteger), nullable=False, sa_column_kwargs={"server_default": text("'{}'::bigint[]")})


def jsonb(null: bool = False) -> Any:
    return Field(sa_type=JSONB, nullable=null, sa_column_kwargs={} if null else {"server_default": NO_JSON})


def moment(null: bool = True, now: bool = False, key: bool = False) -> Any:
    rest = {"server_default": NOW} if now else {}
    return Field(
        default=None,
        sa_type=DateTime(timezone=True),
        nullable=null and not now and not key,
        primary_key=key,
        sa_column_kwargs=rest,
    )


def day(null: bool = True, key: bool = False) -> Any:
    return Field(default=None, sa_type=Date, nullable=null and not key, primary_key=key)


def flag(default: bool) -> Any:
    return Field(default=default, nullable=False, sa_column_kwargs={"server_default": TRUE if default else FALSE})


def small(default: int = 0) -> Any:
    return Field(
        default=default, sa_type=SmallInteger, nullable=False, sa_column_kwargs={"server_default": text(str(default))}
    )


def count() -> Any:
    return Field(default=0, sa_type=BigInteger, nullable=False, sa_column_kwargs={"server_default": text("0")})


def one_of(column: str, words: str) -> CheckConstraint:
    listed = ", ".join(f"'{word.strip()}'" for word in words.split(","))
    return CheckConstraint(f"{column} in ({listed})", name=column)


def refers(table: str, column: str, target: str = "id") -> ForeignKeyConstraint:
    return ForeignKeyConstraint(["region_id", column], [f"{table}.region_id", f"{table}.{target}"])
