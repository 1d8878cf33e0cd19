"""Lists of people: all the reader may see, and what happened to those they follow."""

from dataclasses import dataclass

from fastapi import APIRouter, Request
from fastapi.responses import Response

from oncor_cases.store import contingents, population, subscriptions
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, become_batch
from oncor_cases.web import words
from oncor_cases.web.access import PartsNeeded, Reader, ReaderNeeded, looked, need_role
from oncor_cases.web.contingent_builder import READERS
from oncor_cases.web.contingent_words import KINDS, change
from oncor_cases.web.pages import render

routes = APIRouter()


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
class ContingentsPage:
    """All lists, the newest first."""

    title: str
    summary: str
    news: tuple[News, ...]
    rows: tuple[ListLine, ...]


@routes.get("/contingents")
def show(request: Request, found: ReaderNeeded, p: PartsNeeded) -> Response:
    """Counts only; of a clinic's reader, of their own persons."""
    need_role(found, *READERS)
    with p.db.web(found.scope) as conn:
        rows = contingents.listed(conn, found.scope)
        news = subscriptions.unseen(conn, found.scope)
        counts = _counts(conn, found, rows)
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
    page = ContingentsPage("Контингенты", words.count(len(lines), "список", "списка", "списков"), told, lines)
    return render(request, "contingents.html", page)


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
