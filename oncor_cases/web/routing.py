"""Who owes what: the region's rows of routing, its default owners, and those who fell to them."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated

from fastapi import APIRouter, Form, Request
from fastapi.responses import Response

from oncor_cases.actions import places as action
from oncor_cases.actions.evaluation import REGION
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import organisations, places, routing
from oncor_cases.store.places import UnplacedRow
from oncor_cases.web import words
from oncor_cases.web.access import Parts, PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role
from oncor_cases.web.duties import duty
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.organisations import day_of, tabs
from oncor_cases.web.pages import Option, go, render
from oncor_cases.web.place_words import CATEGORY_WORDS, PATHWAYS, WHO
from oncor_cases.web.rules import rules

routes = APIRouter()
MAY = ("coordinator", "methodologist")
PAGE = 50
CHOICES = ("named", "attached", "residence", "observing", "office", "dispensary", "sender")
DONE = {"added": "Строка записана, задачи пересчитает ближайший разбор.", "ended": "Строка снята."}


@dataclass(frozen=True, slots=True)
class Row:
    """One row of routing or one default owner."""

    what: str
    who: str
    note: str
    end_href: str


@dataclass(frozen=True, slots=True)
class RoutingPage:
    """Rows in force and the forms for new ones."""

    title: str
    said: str
    complaint: str
    tabs: tuple[Option, ...]
    routes: tuple[Row, ...]
    defaults: tuple[Row, ...]
    rules: tuple[Option, ...]
    choices: tuple[Option, ...]
    organisations: tuple[Option, ...]
    categories: tuple[Option, ...]
    districts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unplaced:
    """A person nobody answers for by attachment."""

    href: str
    places_href: str
    who: str
    born: str
    why: str
    owner: str
    what: str
    address: str


@dataclass(frozen=True, slots=True)
class UnplacedPage:
    """Those who fell to a default owner, with the reason."""

    title: str
    tabs: tuple[Option, ...]
    rows: tuple[Unplaced, ...]
    more_href: str


@routes.get("/organisations/routing")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded, done: str = "") -> Response:
    """What the region decided, and the order that holds where it decided nothing."""
    need_role(found, *MAY)
    return _page(request, found, p, said=DONE.get(done, ""))


def _page(request: Request, found: Reader, p: Parts, *, said: str = "", complaint: str = "", status: int = 200) -> Response:
    book = rules(p, found).book
    with p.db.web(found.scope) as conn:
        rows = routing.routes(conn, found.scope)
        defaults = routing.defaults(conn, found.scope)
        names = organisations.names(conn, found.scope.region)
        districts = organisations.districts(conn, found.scope.region)
    named = dict(names)
    duties = [Option(r, f"{r} {duty(r, d.title).title}") for r, d in sorted(book.duties.items()) if r in book.editions]
    page = RoutingPage(
        title="Кто отвечает за шаг",
        said=said,
        complaint=complaint,
        tabs=tabs("/organisations/routing"),
        routes=tuple(
            Row(
                _rule(r.rule), ", затем ".join(_who(w, named) for w in r.chain),
                _note(r.since, r.reason, r.author, found.today),
                f"/organisations/routing/route/{r.id}/end",
            )
            for r in rows
        ),
        defaults=tuple(
            Row(
                words.joined([CATEGORY_WORDS.get(d.category, ""), d.district]) or "все остальные",
                d.name + (" (вместо поликлиники прикрепления)" if d.instead else ""),
                _note(d.since, d.reason, d.author, found.today),
                f"/organisations/routing/default_owner/{d.id}/end",
            )
            for d in defaults
        ),
        rules=(Option("", "все обязанности"), *(Option(k, v) for k, v in PATHWAYS.items()), *duties),
        choices=tuple(Option(w, WHO[w]) for w in CHOICES),
        organisations=tuple(Option(oid, name) for oid, name in names),
        categories=tuple(Option(c, w) for c, w in CATEGORY_WORDS.items() if c != "none"),
        districts=tuple(districts),
    )  # fmt: skip
    return render(request, "routing.html", page, status=status)


def _rule(rule: str) -> str:
    return PATHWAYS.get(rule) or (f"{rule} {duty(rule).title}" if rule else "все обязанности")


def _who(word: str, named: dict[str, str]) -> str:
    oid = word.removeprefix("org:")
    return named.get(oid, oid) if word.startswith("org:") else WHO.get(word, word)


def _note(since: date | None, reason: str, author: str, today: date) -> str:
    return words.joined([f"с {words.day(since, today)}" if since else "", reason, author], "; ")


@routes.post("/organisations/routing/route")
def add_route(
    request: Request, found: WriterNeeded, p: PartsNeeded, rule: Annotated[str, Form()] = "",
    first: Annotated[str, Form()] = "", second: Annotated[str, Form()] = "", org: Annotated[str, Form()] = "",
    since: Annotated[str, Form()] = "", reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A row of routing: first, then second, then a fixed organisation; after them the usual order."""
    need_role(found, *MAY)
    chain = [word for word in (first, second, f"org:{org}" if org else "") if word]
    book = rules(p, found).book
    try:
        with p.db.batch() as conn:
            action.add_route(
                conn, found.scope.region, rule, chain, day_of(since) if since else None, rules=[*book.duties, *PATHWAYS],
                reason=reason[:500], by=found.account.login,
            )  # fmt: skip
    except (UserError, Conflict) as error:
        return _page(request, found, p, complaint=error.message, status=422)
    return go("/organisations/routing?done=added")


@routes.post("/organisations/routing/default")
def add_default(
    request: Request, found: WriterNeeded, p: PartsNeeded, org: Annotated[str, Form()] = "",
    category: Annotated[str, Form()] = "", district: Annotated[str, Form()] = "", instead: Annotated[str, Form()] = "",
    reason: Annotated[str, Form()] = "",
) -> Response:  # fmt: skip
    """A default owner of a category, of a district, or of everything else."""
    need_role(found, *MAY)
    try:
        with p.db.batch() as conn:
            action.add_default(
                conn, found.scope.region, org, category=category, district=district[:200], instead=bool(instead), since=None,
                reason=reason[:500], by=found.account.login,
            )  # fmt: skip
    except (UserError, Conflict) as error:
        return _page(request, found, p, complaint=error.message, status=422)
    return go("/organisations/routing?done=added")


@routes.post("/organisations/routing/{table}/{id}/end")
def end(found: WriterNeeded, p: PartsNeeded, table: str, id: int) -> Response:
    """The row holds no longer; what was shown by it stays explained by it."""
    need_role(found, *MAY)
    if table not in ("route", "default_owner"):
        raise UserError("Такой строки нет")
    with p.db.batch() as conn:
        action.end(conn, found.scope.region, table, id, by=found.account.login)
    return go("/organisations/routing?done=ended")


@routes.get("/organisations/unplaced")
def unplaced(request: Request, found: ReaderNeeded, p: PartsNeeded, after: int = 0) -> Response:
    """Persons whose task fell to a default owner or to nobody, so that they can be attached."""
    need_role(found, *MAY)
    with p.db.web(found.scope) as conn:
        rows = places.unplaced(conn, found.scope, REGION, after, PAGE)
        looked(conn, found, "unplaced", None)
    page = UnplacedPage(
        title="Без поликлиники",
        tabs=tabs("/organisations/unplaced"),
        rows=tuple(_unplaced(r, found) for r in rows),
        more_href=f"/organisations/unplaced?after={rows[-1].task_id}" if len(rows) >= PAGE else "",
    )
    return render(request, "unplaced.html", page)


def _unplaced(r: UnplacedRow, found: Reader) -> Unplaced:
    category = CATEGORY_WORDS.get(r.category, "") if r.category not in ("", "none") else ""
    return Unplaced(
        href=f"/case/{r.public_id}",
        places_href=f"/case/{r.public_id}/places",
        who=full_name(r.family, r.given, r.patronymic) or "Личность не установлена",
        born=words.day(r.birth_date) if r.birth_date else "",
        why=words.joined(["" if r.attached else "прикрепления нет", category, WHO.get(r.by or "", "")], "; "),
        owner="никто" if r.owner == REGION else r.owner,
        what=words.joined([duty(r.rule).title, f"и ещё {r.tasks - 1}" if r.tasks > 1 else ""], " "),
        address=r.address,
    )
