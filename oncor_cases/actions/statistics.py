"""Statistics of time and routing for a reader: plain values for the page and the command line. Writes nothing.

Of a past day they are computed from what was known then, over the same queries (DESIGN invariant 8)."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from oncor_cases.actions import explain
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.actions.then import MOST
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.sources.seeds import acknowledgement_reasons, route_levels
from oncor_cases.store import acknowledgements, case_routes, inbox, statistics, then
from oncor_cases.store.session import Connection, Database, Scope
from oncor_cases.store.statistics import BY, Chosen, PersonRow
from oncor_cases.tasks.bypass import level_of, way

Row = dict[str, Any]
NHS = "NHS England, Cancer Waiting Times v12.1 (07.2025)"
DENMARK = "Дания, предельные сроки ожидания 14 + 14 дней"
SOURCES = {
    "nhs_28": NHS, "nhs_31": NHS, "nhs_62": NHS, "dk_14_examination": DENMARK, "dk_14_treatment": DENMARK,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked: cases opened from `first` to `last`, grouped `by` clinic, month or site; of a past day with
    `known_on` for what was known."""

    first: date
    last: date
    today: date
    by: str = "clinic"
    clinic: str = ""
    site: str = ""
    known_on: date | None = None

    def __post_init__(self) -> None:
        if self.last < self.first:
            raise UserError("Конец периода раньше начала")
        if self.by not in BY:
            raise UserError(f"Разрез: {', '.join(BY)}")


def ask(db: Database, scope: Scope, question: Question) -> Row:
    """Everything the page shows. Raises UserError for too many persons of a past day."""
    chosen, failed = _chosen(db, scope, question)
    q = question
    with db.web(scope) as conn:
        roles = statistics.roles(conn, scope.region)
        names = _names(conn, scope)
        counts = statistics.shares(conn, scope, chosen, _with_role(roles, "dispensary"))
        duties = statistics.duties(conn, scope, chosen)
        by_key = statistics.times(conn, scope, chosen, q.by)
        reasons = acknowledgements.reasons(conn, scope, q.first, min(q.last, q.today), q.clinic)
        went = _ways(statistics.ways(conn, scope, chosen), roles)
        sites = statistics.sites(conn, scope, chosen)
        book = region_rules(conn, scope.region, told=q.today).rules.book.duties
    known = acknowledgement_reasons()
    shares = asdict(counts)
    foreign = shares.pop("foreign")
    return {
        "from": q.first.isoformat(), "to": q.last.isoformat(), "today": q.today.isoformat(),
        "known_on": q.known_on.isoformat() if q.known_on else None, "by": q.by, "clinic": q.clinic, "site": q.site,
        "times": [asdict(r) | {"name": names.get(r.key, r.key)} for r in by_key],
        "duties": [_kept(r, renews=r.rule in book and book[r.rule].renews) for r in duties],
        "missing": {"step": sum(r.overdue for r in duties), "document": sum(r.passed for r in duties)},
        "reasons": [asdict(r) | {"title": known[r.reason].title if r.reason in known else r.reason} for r in reasons],
        "routes": went,
        "shares": shares,
        "foreign": [
            {"id": name, "days": statistics.FOREIGN[name][0], "within": within, "of": of, "share": _percent(within, of),
             "source": SOURCES[name], "norm": "foreign"}
            for name, (within, of) in foreign.items()
        ],
        "sites": sites,
        "failed": failed,
    }  # fmt: skip


def _kept(r: statistics.DutyRow, *, renews: bool) -> Row:
    """The share in time, unless only what runs now is known: past rounds kept in time would be missing from it."""
    judged = 0 if renews else r.judged
    return asdict(r) | {"renews": renews, "judged": judged, "share": _percent(r.met, judged)}


def people(
    db: Database, scope: Scope, question: Question, what: str, *, month: str = "", conn: Connection | None = None
) -> list[PersonRow]:
    """The people behind a number of the page, in the reader's scope. Raises NotFound for a number that does not exist.

    `conn`: the reader's own transaction, so that the look and its audit are one."""
    if conn is None:
        with db.web(scope) as mine:
            return people(db, scope, question, what, month=month, conn=mine)
    chosen, _ = _chosen(db, scope, question)
    roles = statistics.roles(conn, scope.region)
    ways: Sequence[Sequence[str]] = ()
    if what.startswith("way:"):
        levels = _levels(roles)
        rows = statistics.ways(conn, scope, chosen)
        ways = [row[:4] for row in rows if _named(way(*row[:4], levels), what.removeprefix("way:"))]
    dispensaries = _with_role(roles, "dispensary")
    found = statistics.people(conn, scope, chosen, what, month=month, ways=ways, dispensaries=dispensaries)
    if found is None:
        raise NotFound("Такого показателя нет")
    return found


def _chosen(db: Database, scope: Scope, q: Question) -> tuple[Chosen, int]:
    chosen = Chosen(q.first, q.last, q.today, q.clinic, q.site)
    if q.known_on is None:
        return chosen, 0
    with db.web(scope) as conn:
        persons = then.persons(conn, scope, q.clinic, MOST + 1)
    if len(persons) > MOST:
        raise UserError(f"Пересчёт за прошлый день — не больше чем на {MOST} пациентов: выберите клинику")
    rows, failed = explain.routed_of(db, persons, q.today, region=scope.region, known_on=q.known_on)
    return replace(chosen, source=case_routes.computed(scope.region, rows)), failed


def _ways(rows: Sequence[tuple[str, str, str, str, int]], roles: Mapping[str, tuple[str, ...]]) -> Row:
    """Ways by levels with their counts; `bypassed`: the office was passed over."""
    levels = _levels(roles)
    titles = {step.level: step.title for step in route_levels()}
    paths: dict[tuple[int, ...], Row] = {}
    cases = bypassed = unknown = 0
    for *orgs, n in rows:
        went = way(*orgs, levels)
        cases, bypassed, unknown = cases + n, bypassed + n * went.bypassed, unknown + n * went.unknown
        path = "-".join(map(str, went.path))
        row = paths.setdefault(
            went.path, {"path": path, "title": " → ".join(titles[step] for step in went.path), "cases": 0,
                        "bypassed": went.bypassed},
        )  # fmt: skip
        row["cases"] += n
    listed = sorted((r for r in paths.values() if r["path"]), key=lambda r: (-r["cases"], r["path"]))
    return {"cases": cases, "bypassed": bypassed, "unknown": unknown, "paths": listed}


def _named(went: Any, name: str) -> bool:
    return went.bypassed if name == "bypassed" else "-".join(map(str, went.path)) == name


def _levels(roles: Mapping[str, tuple[str, ...]]) -> dict[str, int]:
    return {oid: level_of(mine, route_levels()) for oid, mine in roles.items()}


def _with_role(roles: Mapping[str, tuple[str, ...]], role: str) -> list[str]:
    return [oid for oid, mine in roles.items() if role in mine]


def _names(conn: Connection, scope: Scope) -> dict[str, str]:
    return dict(inbox.clinics(conn, scope))


def _percent(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 1) if whole else None
