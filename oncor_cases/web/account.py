"""Signing in and out."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.store import signin
from oncor_cases.store.session import Scope
from oncor_cases.web import access, background, words
from oncor_cases.web.access import COOKIE, HOURS, PartsNeeded, WriterNeeded
from oncor_cases.web.pages import first_page, go, render

routes = APIRouter()


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login that a demonstration shows on its sign-in page."""

    login: str
    about: str


@dataclass(frozen=True, slots=True)
class LoginPage:
    """The sign-in form; `next` is where to go after it."""

    title: str = "Вход"
    complaint: str = ""
    login: str = ""
    next: str = "/"
    accounts: tuple[DemoAccount, ...] = ()


@routes.get("/login")
def ask(request: Request, p: PartsNeeded, next: str = "/") -> Response:
    """The sign-in page."""
    return render(request, "login.html", LoginPage(next=own(next), accounts=_shown(p)))


@routes.post("/login")
def enter(
    request: Request, p: PartsNeeded,
    login: Annotated[str, Form()] = "", password: Annotated[str, Form()] = "", next: Annotated[str, Form()] = "/",
) -> Response:  # fmt: skip
    """Opens a session, or says that the pair does not fit without saying which half."""
    name = login.strip()[:100]
    result = access.sign_in(p.db, name, password[:500], request.client.host if request.client else "")
    if not result.token:
        page = LoginPage(complaint=result.complaint, login=name, next=own(next), accounts=_shown(p))
        return render(request, "login.html", page, status=422)
    background.read_ahead(p.db, p.settings.region, p.settings.now().date())  # while the first page is looked at
    back = own(next)
    answer = go(first_page(result.role) if back == "/" else back)
    secure = request.url.scheme == "https" or request.headers.get("x-forwarded-proto") == "https"
    answer.set_cookie(COOKIE, result.token, max_age=HOURS * 3600, httponly=True, samesite="lax", secure=secure)
    return answer


@routes.post("/logout")
def leave(request: Request, p: PartsNeeded, found: WriterNeeded) -> Response:
    """Ends the session on the server too."""
    with p.db.web(None) as conn:
        signin.end_session(conn, access.hashed(request.cookies.get(COOKIE, "")))
    answer = go("/login")
    answer.delete_cookie(COOKIE)
    return answer


def own(address: str) -> str:
    """Only an address of this system; anything else leads to the list."""
    return address if address.startswith("/") and not address.startswith(("//", "/\\", "/login")) else "/"


def _shown(p: access.Parts) -> tuple[DemoAccount, ...]:
    """Accounts of a demonstration; a real installation shows none."""
    region = Scope(region=p.settings.region, user="", role="")
    with p.db.web(region) as conn:
        accounts = signin.demo_accounts(conn) if signin.surroundings(conn, region).demo else []
    return tuple(DemoAccount(login, words.joined([name, words.ROLES.get(role, role)])) for login, name, role in accounts)
