"""Who is asking: sign-in, server-side sessions, tokens against forged forms, and the reader of a request."""

import hmac
import secrets
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import sha256
from threading import BoundedSemaphore
from time import monotonic
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from fastapi import Depends, Request
from starlette.exceptions import HTTPException

from oncor_cases.config import Settings
from oncor_cases.kernel.errors import NotFound
from oncor_cases.store import signin
from oncor_cases.store.session import Connection, Database, Scope
from oncor_cases.tasks.absences import stood_for

COOKIE = "oncor_session"
HOURS = 12
WINDOW, OF_LOGIN, OF_ADDRESS = 15, 5, 30  # minutes; failures before a pause
HASHER = PasswordHasher()
NOBODY = HASHER.hash(secrets.token_hex(8))  # an unknown login takes as long as a wrong password
HASHING = BoundedSemaphore(2)  # 64 MB each


FRESH = 60.0  # seconds
_known: dict[tuple[str, int, tuple[str, ...]], tuple[float, signin.Surroundings]] = {}


@dataclass(frozen=True, slots=True)
class Reader:
    """A signed-in person with the day of the system and what is around them."""

    account: signin.Account
    around: signin.Surroundings
    today: date

    @property
    def scope(self) -> Scope:
        return replace(self.account.scope, stands_for=stood_for(self.account.absences, self.account.login, self.today))

    def scope_on(self, day: date, known_on: date | None = None) -> Scope:
        """The scope of a past day: for whom this reader stood in then."""
        away = stood_for(self.account.absences, self.account.login, day, known_on or day)
        return replace(self.account.scope, stands_for=away)

    @property
    def speaks(self) -> bool:
        """May this reader answer for overdue tasks: a head, or who stands in for one today?"""
        return self.account.role == "head" or not set(self.scope.stands_for).isdisjoint(self.account.heads)

    def local(self, moment: datetime) -> datetime:
        """A moment by the clocks of the region."""
        return moment.astimezone(ZoneInfo(self.around.tz))


class NotSignedIn(Exception):
    """The page needs a session: the answer is a redirect to the sign-in page."""


@dataclass(frozen=True, slots=True)
class Parts:
    """What the application is made of; hung on `app.state.parts`."""

    settings: Settings
    db: Database


def parts(request: Request) -> Parts:
    """The application's database and settings."""
    found: Parts = request.app.state.parts
    return found


def hashed(token: str) -> bytes:
    """What is stored instead of a session token or a machine's key."""
    return sha256(token.encode()).digest()


def reader(request: Request) -> Reader:
    """The signed-in reader; raises NotSignedIn. Puts it on the request for the frame of the page."""
    p, token = parts(request), request.cookies.get(COOKIE, "")
    if not token:
        raise NotSignedIn
    with p.db.web(None) as conn:
        account = signin.session_account(conn, hashed(token))
    if account is None:
        raise NotSignedIn
    around = _around(p, account)
    found = Reader(account, around, p.settings.day(demo=around.demo))
    request.state.reader = found
    return found


def _around(p: Parts, account: signin.Account) -> signin.Surroundings:
    """Region and clinics of the account, asked for once a minute."""
    key = (p.db.url, account.region, account.orgs)
    kept = _known.get(key)
    if kept is None or monotonic() - kept[0] > FRESH:
        with p.db.web(account.scope) as conn:
            kept = _known[key] = (monotonic(), signin.surroundings(conn, account.scope))
    return kept[1]


async def genuine(request: Request) -> None:
    """A form came from our own page: the session's token is in the form or in a header."""
    token = request.cookies.get(COOKIE, "")
    request.state.csrf_given = request.headers.get("x-csrf-token") or str((await request.form()).get("csrf", ""))
    if not token:
        raise NotSignedIn


def writer(request: Request, _: Annotated[None, Depends(genuine)], found: Annotated[Reader, Depends(reader)]) -> Reader:
    """The reader of a POST whose token matches; 403 otherwise."""
    if not hmac.compare_digest(found.account.csrf.encode(), request.state.csrf_given.encode()):
        raise HTTPException(403, "Форма устарела. Обновите страницу и повторите.")
    return found


ReaderNeeded = Annotated[Reader, Depends(reader)]
WriterNeeded = Annotated[Reader, Depends(writer)]
PartsNeeded = Annotated[Parts, Depends(parts)]


def need_role(found: Reader, *roles: str) -> None:
    """403 for others."""
    if found.account.role not in roles:
        raise HTTPException(403, "Этот раздел вашей роли не открыт.")


@dataclass(frozen=True, slots=True)
class SignIn:
    """The outcome: a session token for the cookie with the role it is for, or a complaint to show."""

    token: str = ""
    complaint: str = ""
    role: str = ""


def sign_in(db: Database, login: str, password: str, address: str) -> SignIn:
    """Checks a password, slows guessing down, opens a session."""
    with db.web(None) as conn:
        of_login, of_address = signin.failures(conn, login, address, WINDOW)
        account = signin.account(conn, login)
    if of_login >= OF_LOGIN or of_address >= OF_ADDRESS:
        return SignIn(complaint="Слишком много неудачных попыток. Подождите 15 минут или обратитесь к администратору.")
    with HASHING:
        right = _matches(account.password_hash if account else NOBODY, password) and account is not None
    with db.web(None) as conn:
        signin.note_attempt(conn, login, address, right)
        if not right or account is None:
            return SignIn(complaint="Имя пользователя или пароль не подходят.")
        token = secrets.token_urlsafe(32)
        signin.open_session(conn, account.id, hashed(token), secrets.token_urlsafe(24), HOURS)
    with db.web(account.scope) as conn:
        signin.audit(conn, account.scope, account.id, "sign_in")
    return SignIn(token=token, role=account.role)


def _matches(stored: str, password: str) -> bool:
    try:
        return HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def looked(conn: Connection, found: Reader, action: str, person: int | None, about: str = "") -> None:
    """Every look at a patient leaves a line in the audit, in the transaction of the look."""
    signin.audit(conn, found.scope, found.account.id, action, person, about)


def public(text: str) -> UUID:
    """An outside address; anything else is a page that does not exist."""
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFound("Такой страницы нет.") from error
