"""Lists of people: all the reader may see, what happened to those they follow, and the question asked most often: who is in
one list and not in another."""

from collections.abc import Collection
from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.actions import contingents as lists
from oncor_cases.store import compared, contingents, inbox, population, subscriptions
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, become_batch
from oncor_cases.web import background, words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, looked, need_role
from oncor_cases.web.contingent_builder import READERS, Choices
from oncor_cases.web.contingent_words import COMMON, KINDS, change
from oncor_cases.web.pages import Option, render

routes = APIRouter()
# Common sets worth comparing, with the kind of list that fills each; the first that is loaded is proposed.
LOADED = {"insured": "tfoms_insured", "observed": "observed", "register:oncology": "register_tumours"}


@dataclass(frozen=True, slots=True)
class ListLine:
    """One list with its last count and what changed since the count before."""

    name: str
    href: str
    kind: str
    owner: str
    as_of: str
    count: str
    change: str


@dataclass(frozen=True, slots=True)
class News:
    """Somebody entered or left a list the reader follows."""

    text: str
    href: str


@dataclass(frozen=True, slots=True)
class Ask:
    """Two lists side by side: what may stand in the first and in the second place, and whose people."""

    first: tuple[Choices, ...]
    second: tuple[Choices, ...]
    clinics: tuple[Option, ...]


@dataclass(frozen=True, slots=True)
class ContingentsPage:
    """All lists, the newest first. `ask` is None while there are no two lists to compare."""

    title: str
    ask: Ask | None
    summary: str
    news: tuple[News, ...]
    rows: tuple[ListLine, ...]


@routes.get("/contingents")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """Counts only; of a clinic's reader, of their own persons."""
    need_role(found, *READERS)
    background.read_ahead(p.db, found.scope.region, found.today)
    with p.db.web(found.scope) as conn:
        rows = contingents.listed(conn, found.scope)
        news = subscriptions.unseen(conn, found.scope)
        clinics = inbox.clinics(conn, found.scope)
        counts = _counts(conn, found, rows)
        become_batch(conn)  # which kinds of lists are loaded tells of nobody
        ask = _ask(compared.loaded(conn, found.scope.region), rows, clinics)
        looked(conn, found, "contingents", None)
    lines = tuple(
        ListLine(
            name=row.name,
            href=f"/contingents/{row.public_id}",
            kind=KINDS[row.kind],
            owner=words.joined([row.org_name or found.around.region, row.owner_name]),
            as_of=words.day(row.as_of, found.today),
            count=words.number(counts[row.id][0]),
            change=change(*counts[row.id][1:]),
        )
        for row in rows
    )
    told = tuple(
        News(
            f"«{n.name}», {words.day(n.as_of, found.today)}: {change(n.entered, n.gone)}",
            f"/contingents/{n.contingent}?tab=history&before={n.before_id}&after={n.after_id}",
        )
        for n in news
    )
    page = ContingentsPage("Контингенты", ask, words.count(len(lines), "список", "списка", "списков"), told, lines)
    return render(request, "contingents.html", page)


def _ask(
    loaded: Collection[str], rows: list[contingents.ContingentRow], clinics: list[tuple[str, str]]
) -> Ask | None:  # fmt: skip
    """Lists that are loaded and the reader's own; the builder reads the same names."""
    common = tuple(Option(name, COMMON[name]) for name, kind in LOADED.items() if kind in loaded)
    own = tuple(Option(lists.name_of(row.public_id), row.name) for row in rows)
    if len(common) + len(own) < 2:
        return None

    def choices(chosen: str) -> tuple[Choices, ...]:
        marked = tuple(
            (title, tuple(Option(o.value, o.title, o.value == chosen) for o in options))
            for title, options in (("Загруженные", common), ("Контингенты", own))
        )
        return tuple(Choices(title, options) for title, options in marked if options)

    values = [o.value for o in (*common, *own)]
    second = "register:oncology" if "register:oncology" in values else values[1]
    first = next(value for value in values if value != second)
    return Ask(choices(first), choices(second), tuple(Option(f"clinic:{oid}", name) for oid, name in clinics))


def _counts(conn: Connection, found: Reader, rows: list[contingents.ContingentRow]) -> dict[int, tuple[int, int, int]]:
    """List → how many, entered, left since the count before. A region's reader is told what is stored; a clinic's counts
    are made from the sets cut to its own persons."""
    region = found.scope.region
    if found.account.role in WIDE:
        return contingents.stored_counts(conn, region, [row.id for row in rows])
    pairs = contingents.last_two(conn, region, [row.id for row in rows])
    become_batch(conn)
    seen, joins = population.readable(conn, found.scope), population.joined(conn, region)
    counts = {row.id: (0, 0, 0) for row in rows}
    for id, (now, before) in pairs.items():
        mine = population.cut(population.followed(now, joins), seen)
        old = mine if before is None else population.cut(population.followed(before, joins), seen)
        counts[id] = (len(mine), len(mine - old), len(old - mine))
    return counts
