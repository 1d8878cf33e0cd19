"""The page of one list: its people, clinics, history, work given over it, rows nobody was found for."""

from dataclasses import dataclass
from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import Response
from pyroaring import BitMap

from oncor_cases.actions import assigning
from oncor_cases.actions import contingents as lists
from oncor_cases.contingents import query as queries
from oncor_cases.contingents.expression import Expression, Group, Named, parsed
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.errors import NotFound
from oncor_cases.kernel.numbers import LARGEST
from oncor_cases.store import assignments, contingents, inbox, members, subscriptions
from oncor_cases.store.contingents import ContingentRow
from oncor_cases.store.members import PAGE, MemberRow
from oncor_cases.store.session import Connection
from oncor_cases.web import contingent_rejects, words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, WriterNeeded, looked, need_role, public
from oncor_cases.web.contingent_builder import READERS, ClinicLine, _clinic_lines, build_address, work_address
from oncor_cases.web.contingent_rejects import RejectLine
from oncor_cases.web.contingent_words import KINDS, change, expression_words, people, query_words, titles
from oncor_cases.web.inbox_page import full_name
from oncor_cases.web.pages import Tag, go, render

routes = APIRouter()
TABS = {"people": "Люди", "clinics": "По клиникам", "history": "История", "work": "Поручения", "rejects": "Не найдены"}
ONCOLOGY = Named("register:oncology")


@dataclass(frozen=True, slots=True)
class MemberLine:
    """One person of the list; without a case there is no page to go to."""

    who: str
    href: str
    born: str
    snils: str
    place: str
    tag: Tag
    said: str


@dataclass(frozen=True, slots=True)
class DayLine:
    """The list on a day, and what changed against the count before."""

    id: int
    day: str
    count: str
    change: str
    href: str
    compare_href: str


@dataclass(frozen=True, slots=True)
class WorkLine:
    """One giving over the list."""

    text: str
    about: str
    persons: str
    open: str
    done: str
    not_needed: str
    withdrawn: str
    given_on: str
    can_withdraw: bool


@dataclass(frozen=True, slots=True)
class TabLink:
    """A part of the page."""

    title: str
    href: str
    count: str
    current: bool


@dataclass(frozen=True, slots=True)
class Difference:
    """Who entered and who left between two days; the first of each."""

    title: str
    entered: str
    gone: str
    came: tuple[MemberLine, ...]
    went: tuple[MemberLine, ...]


@dataclass(frozen=True, slots=True)
class Quick:
    """A comparison with the register, one press away."""

    text: str
    count: str
    href: str


@dataclass(frozen=True, slots=True)
class ContingentPage:
    """One list."""

    title: str
    base: str
    kind: str
    count: str
    about: str
    definition: str
    tab: str
    tabs: tuple[TabLink, ...]
    quick: tuple[Quick, ...]
    rows: tuple[MemberLine, ...]
    clinics: tuple[ClinicLine, ...]
    days: tuple[DayLine, ...]
    difference: Difference | None
    work: tuple[WorkLine, ...]
    rejects: tuple[RejectLine, ...]
    lost: str
    more_href: str
    asked: bool
    subscribed: bool
    may_change: bool
    may_give: bool
    shared: bool
    name: str
    work_href: str
    build_href: str


@routes.get("/contingents/{address}")
def show(
    request: Request, found: ReaderNeeded, p: PartsNeeded, address: str, tab: str = "people",
    start: Annotated[int, Query(le=LARGEST)] = 0,
    snapshot: int = 0, before: int = 0, after: int = 0,
) -> Response:  # fmt: skip
    """The list as it is now, or as it was in one of its snapshots."""
    need_role(found, *READERS)
    page = _page(found, p, public(address), tab if tab in TABS else "people", max(0, start), snapshot, (before, after))
    return render(request, "contingent.html", page, block="rows" if start else "")


@routes.post("/contingents/{address}/find")
def find(request: Request, found: WriterNeeded, p: PartsNeeded, address: str, q: Annotated[str, Form()] = "") -> Response:
    """Members by name or insurance number: what is asked never enters an address."""
    need_role(found, *READERS)
    page = _page(found, p, public(address), "people", 0, 0, (0, 0), asked=q.strip()[:100])
    return render(request, "contingent.html", page, block="list")


@routes.post("/contingents/{address}/subscription")
def subscription(found: WriterNeeded, p: PartsNeeded, address: str, wanted: Annotated[str, Form()] = "") -> Response:
    """Follow the list, or no longer."""
    need_role(found, *READERS)
    lists.subscribe(p.db, found.scope, public(address), bool(wanted))
    return go(f"/contingents/{public(address)}")


@routes.post("/contingents/{address}/freeze")
def freeze(found: WriterNeeded, p: PartsNeeded, address: str, name: Annotated[str, Form()] = "") -> Response:
    """A copy that does not change any more."""
    need_role(found, *READERS)
    copy = lists.freeze(p.db, found.scope, public(address), name=name, today=found.today)
    return go(f"/contingents/{copy}")


@routes.post("/contingents/{address}/change")
def rename(
    found: WriterNeeded, p: PartsNeeded, address: str, name: Annotated[str, Form()] = "", shared: Annotated[str, Form()] = ""
) -> Response:
    """Another name or circle of readers."""
    need_role(found, *READERS)
    lists.rename(p.db, found.scope, public(address), name=name, shared=bool(shared))
    return go(f"/contingents/{public(address)}")


@routes.post("/contingents/{address}/close")
def close(found: WriterNeeded, p: PartsNeeded, address: str) -> Response:
    """The list is needed no more."""
    need_role(found, *READERS)
    lists.remove(p.db, found.scope, public(address))
    return go("/contingents")


@routes.post("/contingents/{address}/withdraw")
def withdraw(
    found: WriterNeeded, p: PartsNeeded, address: str, given_on: Annotated[str, Form()], text: Annotated[str, Form()]
) -> Response:
    """Takes back what is still open of a giving; the tasks go with the next sweep."""
    need_role(found, *READERS)
    try:
        day = date.fromisoformat(given_on)
    except ValueError as error:
        raise NotFound("Такого поручения нет") from error
    assigning.withdraw(p.db, found.scope, public(address), given_on=day, text=text, today=found.today)
    return go(f"/contingents/{public(address)}?tab=work")


def _page(
    found: Reader, p: PartsNeeded, address: UUID, tab: str, start: int, snapshot: int, pair: tuple[int, int], asked: str = ""
) -> ContingentPage:
    scope, base = found.scope, f"/contingents/{address}"
    with p.db.web(scope) as conn:
        row = lists.visible(conn, scope, address)
        history = contingents.snapshots(conn, scope.region, row.id)
        known = {s.id: s for s in history}
        at = known.get(snapshot or row.snapshot or 0)
        held = contingents.snapshot_members(conn, scope.region, at.id) if at else BitMap()
        old = {id: contingents.snapshot_members(conn, scope.region, id) for id in pair if id in known}
        called = titles(contingents.listed(conn, scope), inbox.clinics(conn, scope))
        subscribed = subscriptions.is_subscribed(conn, scope.region, row.id, scope.user)
        given = assignments.givings(conn, scope.region, assigning.source_of(row)) if tab == "work" else []
        lost = members.count_rejects(conn, scope.region, at.id) if at and row.kind == "file" else 0
        refused = members.rejects(conn, scope.region, at.id, start) if at and lost and tab == "rejects" else []
        looked(conn, found, f"contingent_{tab}", None, str(address))
    with p.db.web(scope) as conn:  # as batch: the sets, cut by scope; then rows as the reader
        name = Named(lists.name_of(address))
        sets = lists.sets(conn, scope, [name.name, ONCOLOGY.name, "alive"], found.today)
        shown = sets.shown(held)
        quick = _quick(name, sets) if not snapshot else ()
        clinics = members.clinics(conn, scope.region, shown) if tab == "clinics" else []
        if pair[0] in old and pair[1] in old:
            subscriptions.seen(conn, scope, row.id)
    with p.db.web(scope) as conn:
        rows, more = _rows(conn, found, shown, at.id if at else None, tab, start, asked)
        difference = _difference(conn, found, sets, old, pair, known)
    return ContingentPage(
        title=row.name,
        base=base,
        kind=KINDS[row.kind],
        count=people(len(shown)),
        about=words.joined([f"на {words.day(at.as_of)}" if at else "", row.org_name or found.around.region, row.owner_name]),
        definition=_definition(row, called),
        tab=tab,
        tabs=_tabs(base, tab, lost),
        quick=quick,
        rows=tuple(_line(m, found.today) for m in rows),
        clinics=_clinic_lines(name, clinics),
        days=_days(base, history, found.today, wide=sets.seen is None),
        difference=difference,
        work=tuple(_work(g, found) for g in given),
        rejects=contingent_rejects.shown(refused),
        lost=words.count(lost, "строка", "строки", "строк"),
        more_href=f"{base}?tab=rejects&start={refused[-1].line + 1}" if len(refused) == members.REJECTS
        else f"{base}?start={start + PAGE}" + (f"&snapshot={snapshot}" if snapshot else "") if more else "",
        asked=bool(asked),
        subscribed=subscribed,
        may_change=lists.may_change(scope, row),
        may_give=scope.role in assigning.GIVERS and len(shown) > 0 and not snapshot,
        shared=row.shared,
        name=row.name,
        work_href=work_address(Group("all", (name, Named("alive")))),
        build_href=build_address(name),
    )  # fmt: skip


def _quick(name: Named, sets: lists.Sets) -> tuple[Quick, ...]:
    """The list against the cancer register and the deaths: each leads to the set, its clinics and its work."""
    mine, register, alive = (sets.shown(sets.by_name[n]) for n in (name.name, ONCOLOGY.name, "alive"))
    asked: list[tuple[str, Any, Expression]] = [
        ("нет в онкологическом регистре, живы", (mine - register) & alive,
         Group("all", (Group("minus", (name, ONCOLOGY)), Named("alive")))),
        ("есть в регистре, живы", mine & register & alive, Group("all", (name, ONCOLOGY, Named("alive")))),
        ("умерли", mine - alive, Group("minus", (name, Named("alive")))),
    ]  # fmt: skip
    return tuple(Quick(text, words.number(len(who)), build_address(e)) for text, who, e in asked)


def _rows(
    conn: Connection, found: Reader, shown: BitMap, snapshot: int | None, tab: str, start: int, asked: str
) -> tuple[list[MemberRow], bool]:
    if tab != "people":
        return [], False
    if asked:
        digits = read_snils(asked) or ""
        return members.find(conn, found.scope, shown, snapshot, asked, digits), False
    rows = members.page(conn, found.scope, shown, snapshot, start)
    return rows, start + PAGE < len(shown)


def _difference(
    conn: Connection, found: Reader, sets: lists.Sets, old: dict[int, BitMap], pair: tuple[int, int], known: dict[int, Any]
) -> Difference | None:
    if pair[0] not in old or pair[1] not in old:
        return None
    before, after = sets.shown(old[pair[0]]), sets.shown(old[pair[1]])
    came, went = after - before, before - after
    lines = [
        tuple(_line(m, found.today) for m in members.page(conn, found.scope, who, None, 0)) for who in (came, went)
    ]  # fmt: skip
    days = f"{words.day(known[pair[0]].as_of)} → {words.day(known[pair[1]].as_of)}"
    return Difference(days, people(len(came)), people(len(went)), lines[0], lines[1])


def _line(m: MemberRow, today: date) -> MemberLine:
    tag = Tag(f"умер{'ла' if m.sex == 'female' else ''} {words.day(m.died_on, today)}") if m.died_on else Tag("")
    return MemberLine(
        who=full_name(m.family, m.given, m.patronymic),
        href=f"/case/{m.address}" if m.address else "",
        born=words.day(m.birth_date),
        snils=words.snils_masked(m.snils),
        place=m.attached_name or "не прикреплён",
        tag=tag,
        said=words.joined([f"{k}: {v}" for k, v in m.attributes.items()]),
    )


def _days(base: str, history: list[Any], today: date, *, wide: bool) -> tuple[DayLine, ...]:
    """For a clinic the sizes of the whole list are not told: the page of the day counts its own persons."""
    found = []
    for n, s in enumerate(history):
        older = history[n + 1] if n + 1 < len(history) else None
        found.append(
            DayLine(
                id=s.id,
                day=words.day(s.as_of, today),
                count=words.number(s.size) if wide else "",
                change=change(s.provenance.get("entered", 0), s.provenance.get("gone", 0)) if wide else "",
                href=f"{base}?snapshot={s.id}",
                compare_href=f"{base}?tab=history&before={older.id}&after={s.id}" if older else "",
            )
        )
    return tuple(found)


def _work(g: assignments.Giving, found: Reader) -> WorkLine:
    return WorkLine(
        text=g.text, about=words.joined([g.author_name, f"срок {words.day(g.due, found.today)}"]),
        persons=words.number(g.persons),
        open=words.number(g.open), done=words.number(g.done), not_needed=words.number(g.not_needed),
        withdrawn=words.number(g.withdrawn), given_on=g.given_on.isoformat(),
        can_withdraw=g.open > 0 and assigning.may_withdraw(found.scope, g),
    )  # fmt: skip


def _tabs(base: str, tab: str, lost: int) -> tuple[TabLink, ...]:
    return tuple(
        TabLink(
            title, base if name == "people" else f"{base}?tab={name}", words.number(lost) if name == "rejects" else "",
            name == tab,
        )
        for name, title in TABS.items()
        if name != "rejects" or lost
    )  # fmt: skip


def _definition(row: ContingentRow, called: Any) -> str:
    if row.kind == "expression":
        return expression_words(parsed(row.definition["expression"]), called)
    if row.kind == "query":
        clinics = {
            n.removeprefix("clinic:"): t.removeprefix("прикреплены: ") for n, t in called.items() if n[:7] == "clinic:"
        }
        return "; ".join(query_words(queries.parsed(row.definition["query"]), clinics)) or "все, кто есть в базе"
    return row.provenance
