"""Rendering: one template serves the page and its htmx block. Own environment: everything is escaped, nothing undefined."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

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
class Menu:
    """Sections of one kind behind one word of the header."""

    title: str
    items: tuple[NavItem, ...]

    @property
    def current(self) -> bool:
        """The reader is in one of its sections."""
        return any(item.current for item in self.items)


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
    unread: int = 0
    home: str = "/"
    nav: tuple[NavItem, ...] = ()
    menus: tuple[Menu, ...] = ()


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


class Section(NamedTuple):
    """A section of the header. `roles`: who sees it, empty is everyone; `group`: the menu it stands in, empty is the bar."""

    title: str
    href: str
    key: str = ""
    roles: tuple[str, ...] = ()
    group: str = ""

    def at(self, path: str) -> NavItem:
        """The section as it looks from a page."""
        return NavItem(
            self.title, self.href, self.key, path == self.href or (self.href != "/" and path.startswith(self.href))
        )


DATA, GOVERN = "Данные", "Управление"
SECTIONS = (
    Section("Список", "/", "2", ("navigator", "head", "registrar", "coordinator", "methodologist")),
    Section("Состояние", "/status", "2", ("admin",)),
    Section("Просрочено по правилам", "/overdue", "3", ("head", "coordinator", "methodologist", "navigator")),
    Section("Исправить", "/fix", "6", ("registrar", "head", "coordinator", "methodologist")),
    Section("Контингенты", "/contingents", "7", ("navigator", "registrar", "head", "coordinator", "methodologist")),
    Section("Статистика", "/statistics", "9", ("head", "coordinator", "methodologist"), GOVERN),
    Section("Правила", "/rules", "8", ("methodologist", "coordinator"), GOVERN),
    Section("Организации", "/organisations", "", ("coordinator", "methodologist", "admin"), GOVERN),
    Section("Очередь ввода", "/backlog", "", ("head", "coordinator", "methodologist"), GOVERN),
    Section("Списки", "/lists", "", ("registrar", "coordinator", "methodologist", "admin"), DATA),
    Section("Сверка", "/comparisons", "", ("registrar", "head", "coordinator", "methodologist"), DATA),
    Section("Совпадения", "/likeness", "", ("registrar", "coordinator", "methodologist"), DATA),
    Section("Карантин", "/quarantine", "4", ("registrar", "coordinator", "methodologist", "admin"), DATA),
    Section("Отзыв документа", "/withdraw", "5", ("registrar", "coordinator", "methodologist"), DATA),
)


# Where the day of a role begins; of the others with the list of tasks.
FIRST = {"admin": "/status", "methodologist": "/rules", "registrar": "/fix"}


def first_page(role: str) -> str:
    """Where a role comes after sign-in, and by the name of the system."""
    return FIRST.get(role, "/")


def sections(role: str, path: str) -> tuple[tuple[NavItem, ...], tuple[Menu, ...]]:
    """What a role sees from a page: the sections of the bar and the menus beside them, both in the order of SECTIONS."""
    mine = [s for s in SECTIONS if not s.roles or role in s.roles]
    groups = dict.fromkeys(s.group for s in mine if s.group)
    menus = tuple(Menu(group, tuple(s.at(path) for s in mine if s.group == group)) for group in groups)
    return tuple(s.at(path) for s in mine if not s.group), menus


SCHEDULER = {parts.STARTING: ": расписание запускается", parts.DOWN: ": расписание не работает"}


def shell(request: Request) -> Shell:
    """The frame for the reader of this request; the bare one before sign-in."""
    reader = getattr(request.state, "reader", None)
    if reader is None:
        return Shell()
    orgs = [name for _, name in reader.around.orgs]
    place = orgs[0] if len(orgs) == 1 else reader.around.region if not orgs else f"{orgs[0]} и ещё {len(orgs) - 1}"
    nav, menus = sections(reader.account.role, request.url.path)
    return Shell(
        signed_in=True,
        csrf=reader.account.csrf,
        user_name=reader.account.name or reader.account.login,
        user_role=words.ROLES.get(reader.account.role, reader.account.role),
        org=place,
        today=f"{words.day(reader.today)}, {words.weekday(reader.today)}",
        unread=reader.account.unread,
        banner=_demo(reader.today) if reader.around.demo else "",
        scheduler=SCHEDULER.get(parts.scheduler(request.app.state.parts.settings.home), ""),
        home=first_page(reader.account.role),
        nav=nav,
        menus=menus,
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
