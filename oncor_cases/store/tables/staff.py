"""Users, sessions, keys of machines, the audit."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Index, LargeBinary, UniqueConstraint
from sqlmodel import Field, SQLModel

from oncor_cases.store.tables.columns import big, flag, jsonb, moment, needed, one_of, person, region, row_id, texts, words

# --- people who work here -------------------------------------------------------------------------------------------


class UserAccount(SQLModel, table=True):
    """A user. `orgs` is the scope of a clinic's user; coordinators and methodologists see their region."""

    __tablename__ = "user_account"
    __table_args__ = (
        one_of("role", "navigator, head, coordinator, methodologist, registrar, admin"),
        UniqueConstraint("login"),
    )
    region_id: int = region(key=False, own=True)
    id: int = row_id()
    login: str = needed()
    name: str = words()
    password_hash: str = needed()
    role: str = needed()
    orgs: list[str] = texts()
    active: bool = flag(True)


class Session(SQLModel, table=True):
    """A server-side session; the cookie holds the token, the row its hash."""

    __tablename__ = "session"
    token_hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    user_id: int = Field(sa_type=BigInteger, nullable=False, foreign_key="user_account.id", index=True)
    created_at: datetime = moment(now=True)
    expires_at: datetime = moment(null=False)
    csrf: str = needed()


class LoginAttempt(SQLModel, table=True):
    """Failed and successful sign-ins, to slow guessing down."""

    __tablename__ = "login_attempt"
    __table_args__ = (Index(None, "login", "at"), Index(None, "address", "at"))
    id: int = row_id()
    login: str = needed()
    address: str = words()
    at: datetime = moment(now=True)
    success: bool = Field(nullable=False)


class ApiToken(SQLModel, table=True):
    """A machine's key to the documents door; only the hash is kept."""

    __tablename__ = "api_token"
    region_id: int = region(key=False, own=True)
    hash: bytes = Field(sa_type=LargeBinary, primary_key=True)
    name: str = needed()
    created_at: datetime = moment(now=True)
    active: bool = flag(True)


class Audit(SQLModel, table=True):
    """Append-only: who looked at whom and who did what."""

    __tablename__ = "audit"
    __table_args__ = (Index(None, "region_id", "person_id", "id"), Index(None, "region_id", "at"))
    region_id: int = region(own=True)
    id: int = row_id()
    at: datetime = moment(now=True)
    user_id: int | None = big(null=True)
    author: str = words()
    action: str = needed()
    person_id: int | None = person(null=True)
    object: str = words()
    detail: dict[str, Any] = jsonb()
