"""Rendering: one template serves the page and its htmx block. Own environment: everything is escaped, nothing undefined."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block

from oncor_cases.ops import status as parts
from oncor_cases.web import words

HERE = Path(__file__).parent
STATIC = HERE / "static"
ENVIRONMENT = Environment(
    loader=FileSystemLoader(HERE.parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)
VERSION = sha256(b"".join(p.read_bytes() for p in sorted(STATIC.glob("*.*")))).hexdigest()[:8]


@dataclass(frozen=True, slots=True)
class NavItem:
    """A section in the header; `key` is its access key."""

    title: str
    href: str
    key: str
    current: bool = False


@dataclass(frozen=True, slots=True)
class Shell:
    """What every page has around it."""

    version: str = VERSION
    signed_in: bool = False
    csrf: str = ""
    user_name: str = ""
    user_role: str = ""
    org: str = ""
    today: str = ""
    banner: str = ""
    scheduler: str = ""
    nav: tuple[NavItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Tag:
    """A short label with a tone: late, soon, fine, wait or plain."""

    text: str
    tone: str = ""


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a select or a radio group."""

    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """A page that says what went wrong and what to do; never how it looks inside."""

    title: str
    message: str
    reference: str = ""


@dataclass(frozen=True, slots=True)
class Sections:
    """Which sections a role sees, in order: title, address, access key, roles (empty: everyone)."""

    rows: tuple[tuple[str, str, str, tuple[str, ...]], ...] = field(
        default=(
            ("Список", "/", "2", ()),
            ("Просрочено по правилам", "/overdue", "3", ("head", "coordinator", "methodologist", "navigator")),
            ("Исправить", "/fix", "6", ("registrar", "head", "coordinator", "methodologist")),
            ("Совпадения", "/likeness", "7", ("registrar", "coordinator", "methodologist")),
            ("Карантин", "/quarantine", "4", ("registrar", "coordinator", "methodologist", "admin")),
            ("Отзыв документа", "/withdraw", "5", ("registrar", "coordinator", "methodologist")),
        )
    )

    def of(self, role: str, path: str) -> tuple[NavItem, ...]:
        """The sections of a role with the current one marked."""
        return tuple(
            NavItem(title, href, key, path == href or (href != "/" and path.startswith(href)))
            for title, href, key, roles in self.rows
            if not roles or role in roles
        )


SECTIONS = Sections()
SCHEDULER = {parts.STARTING: ": расписание запускается", parts.DOWN: ": расписание не работает"}


def shell(request: Request) -> Shell:
    """The frame for the reader of this request; the bare one before sign-in."""
    reader = getattr(request.state, "reader", None)
    if reader is None:
        return Shell()
    orgs = [name for _, name in reader.around.orgs]
    place = orgs[0] if len(orgs) == 1 else reader.around.region if not orgs else f"{orgs[0]} и ещё {len(orgs) - 1}"
    return Shell(
        signed_in=True,
        csrf=reader.account.csrf,
        user_name=reader.account.name or reader.account.login,
        user_role=words.ROLES.get(reader.account.role, reader.account.role),
        org=place,
        today=f"{words.day(reader.today)}, {words.weekday(reader.today)}",
        banner=_demo(reader.today) if reader.around.demo else "",
        scheduler=SCHEDULER.get(parts.scheduler(request.app.state.parts.settings.home), ""),
        nav=SECTIONS.of(reader.account.role, request.url.path),
    )


def _demo(today: date) -> str:
    return f"Демонстрация: люди и документы вымышлены. День системы: {words.day(today)}."


def is_htmx(request: Request) -> bool:
    """A block is asked for, not a page. A restored history entry needs the whole page."""
    return request.headers.get("hx-request") == "true" and request.headers.get("hx-history-restore-request") != "true"


def render(
    request: Request,
    template: str,
    page: Any,
    *,
    block: str = "",
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The page, or only its block when htmx asks for one."""
    fragment = bool(block) and is_htmx(request)
    context = {"page": page, "shell": shell(request), "fragment": fragment}
    if fragment:
        html = render_block(ENVIRONMENT, template, block, context)
    else:
        html = ENVIRONMENT.get_template(template).render(context)
    return HTMLResponse(html, status, headers=dict(headers or {}) | {"Vary": "HX-Request"})


def go(address: str) -> Response:
    """After a form: look at the result by GET."""
    return RedirectResponse(address, 303)
