"""Sources are compared over the whole region: differences found, stored, ended; work about them given and taken back.

    one moment of facts ──► both sides ──► what differs ──► stored differences ──► work ended, work of new ones given

Work is an assignment, so the sweep alone makes tasks of it (invariant 6). What the first runs find is given by a person
in portions; what appears later is given by itself, unless so much appears at once that a source must be wrong."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from time import perf_counter
from typing import Any
from uuid import UUID

from oncor_cases.actions.region_rules import region_rules
from oncor_cases.checks.comparisons import COMPARISONS, REASONS, Comparison, asked
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import (
    assignments,
    audit,
    compared,
    compared_found,
    compared_plan,
    decisions,
    difference_pages,
    differences,
    organisations,
    regions,
)
from oncor_cases.store.assignments import Ask, Renewal, Source
from oncor_cases.store.difference_pages import DifferenceRow
from oncor_cases.store.differences import Work
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Database, Scope, again_on_deadlock, become_batch

ROLES = ("registrar", "head", "coordinator", "methodologist")
AT_ONCE = 100  # new differences of one comparison that become work by themselves; more is a source to be looked at
SETTLES = timedelta(days=14)  # from the first run of a comparison: a new region loads its lists one after another
LARGEST = 500  # of one portion given by a person
AUTHOR = "сверка"
LONGEST = 1000


@dataclass(slots=True)
class Compared:
    """What a run did. `counts` by comparison; `skipped`: comparisons that lack a list; `touched`: persons to be swept."""

    counts: dict[str, dict[str, int]]
    skipped: list[str]
    given: int = 0
    closed: int = 0
    held: int = 0  # appeared, but too many at once: given by hand
    seconds: float = 0.0
    touched: set[int] = field(default_factory=set)

    def total(self) -> dict[str, int]:
        """For the flow: numbers only."""
        summed = {name: sum(c.get(name, 0) for c in self.counts.values()) for name in differences.COUNTS}
        return summed | {"given": self.given, "closed": self.closed, "held": self.held}


def run(db: Database, region: int, today: date, *, author: str = AUTHOR) -> Compared:
    """Compares everything as of now. Twice changes nothing. Raises Conflict if somebody is comparing, NotFound."""
    began = perf_counter()
    with db.batch_session() as conn:
        if not differences.alone(conn, region):
            raise Conflict("Сверка уже идёт")
        try:
            done = again_on_deadlock(lambda: _compare(conn, region, today, author))
            again_on_deadlock(lambda: _work(conn, region, today, author, done))
        finally:
            differences.done(conn, region)
    done.seconds = round(perf_counter() - began, 3)
    return done


def _compare(conn: Connection, region: int, today: date, author: str) -> Compared:
    with conn.transaction():
        differences.one_moment(conn)
        since = regions.get(conn, region).observed_from
        at = decisions.moment(conn, region, today)
        lists = compared.loaded(conn, region)
        compared.gather(conn, region, today)
        compared_plan.gather(conn, region, since, today)
        made = compared_found.find(conn, region, lists, since, today)
        began = differences.made_since(conn, region)
        first = [name for name in made if today < began.get(name, today) + SETTLES]
        number = differences.start(conn, region, today, author)
        counts = differences.settle(conn, region, made, first, day=today, author=author, at=at)
        differences.finish(conn, region, number, counts)
    return Compared(counts, [name for name in COMPARISONS if name not in made])


def _work(conn: Connection, region: int, today: date, author: str, done: Compared) -> None:
    with conn.transaction():
        at = decisions.moment(conn, region, today)
        ended = differences.close_ended(conn, region, day=today, author=author, at=at)
        moved = _renew(conn, region, today, author, at)
        done.closed, done.given, done.held, done.touched = len(ended), 0, 0, {*ended, *moved}
        for name in done.counts:
            fresh = differences.free(conn, region, name, fresh=True, limit=AT_ONCE + 1)
            if len(fresh) > AT_ONCE:
                done.held += done.counts[name]["new"]
                continue
            persons = _give(conn, region, COMPARISONS[name], fresh, today, author, at)
            done.given += len(persons)
            done.touched |= set(persons)


def _renew(conn: Connection, region: int, today: date, author: str, at: datetime | None) -> list[int]:
    """Open work goes with whoever has to mend its difference and tells the values of today; the persons it is about."""
    found = differences.stale(conn, region)
    names = dict(organisations.names(conn, region)) if found else {}
    renewals = [
        Renewal(w.id, w.org, _words(COMPARISONS[w.comparison], w.left_values, w.right_values, names), {"values": w.mark})
        for w in found
    ]
    for w in found:
        if w.owner != w.org:
            told = {"from": w.owner, "to": w.org}
            differences.note(conn, region, [w.difference_id], "handed", day=today, author=author, data=told, at=at)
    return assignments.renew(conn, region, renewals, on=today, by=author, at=at)


def _words(comparison: Comparison, left: dict[str, Any], right: dict[str, Any], names: dict[str, str]) -> str:
    return asked(comparison, left, right, names)[:LONGEST]


def _give(
    conn: Connection,
    region: int,
    comparison: Comparison,
    work: Sequence[Work],
    today: date,
    author: str,
    at: datetime | None,
) -> list[int]:
    """Assignments about these differences; the persons who got one."""
    if not work:
        return []
    judged = region_rules(conn, region, told=today)
    due = judged.rules.calendar.due(today, judged.rules.book.edition(comparison.rule, today).edition.term)
    names = dict(organisations.names(conn, region))
    asks = [
        Ask(
            w.person_id, comparison.rule, due, _words(comparison, w.left_values, w.right_values, names), w.org,
            w.thing, {"difference": str(w.public_id), "values": w.mark},
        )
        for w in work
    ]  # fmt: skip
    source = Source("comparison", comparison.name, f"сверка «{comparison.title}» на {today:%d.%m.%Y}")
    given = assignments.give(conn, region, source, asks, given_on=today, author=author, at=at)
    differences.note(conn, region, [w.id for w in work], "given", day=today, author=author, at=at)
    return given


# --- what people do ---------------------------------------------------------------------------------------------------


def known(name: str) -> Comparison:
    """The comparison of that name. Raises NotFound."""
    if name not in COMPARISONS:
        raise NotFound("Такой сверки нет")
    return COMPARISONS[name]


def orgs_of(scope: Scope, clinic: str = "") -> list[str] | None:
    """Whose differences a reader works on: their organisations', or everybody's (None); of them one `clinic`.

    Raises NotFound for a clinic of others."""
    if clinic and scope.role not in WIDE and clinic not in scope.orgs:
        raise NotFound("Такой клиники нет")
    if clinic:
        return [clinic]
    return None if scope.role in WIDE else list(scope.orgs)


def preview(db: Database, scope: Scope, name: str, clinic: str = "") -> list[tuple[str, str, int]]:
    """(organisation, name, differences without work) that giving would reach. Raises NotFound, UserError (role)."""
    _may(scope)
    with db.web(scope) as conn:
        become_batch(conn)  # the work of others about the same person counts too; only numbers leave
        return differences.free_by_org(conn, scope.region, known(name).name, orgs_of(scope, clinic))


def give(db: Database, scope: Scope, name: str, *, clinic: str = "", number: int, today: date) -> list[int]:
    """The oldest `number` of them become work now; the persons concerned. Raises UserError, NotFound."""
    _may(scope)
    if not 1 <= number <= LARGEST:
        raise UserError(f"Число от 1 до {LARGEST}")
    comparison, orgs = known(name), orgs_of(scope, clinic)
    with db.batch() as conn:
        at = decisions.moment(conn, scope.region, today)
        work = differences.free(conn, scope.region, name, orgs=orgs, limit=number)
        persons = _give(conn, scope.region, comparison, work, today, scope.user, at)
        detail = {"comparison": name, "clinic": clinic, "given": len(persons)}
        audit.note(conn, scope.region, "differences.give", author=scope.user, object=name, detail=detail)
    return persons


def confirm(db: Database, scope: Scope, address: UUID, *, reason: str, note: str, today: date) -> int:
    """The difference is right as it is and stays away until a value changes; the person it is about.

    Raises UserError (reason, role), NotFound, Conflict (ended or answered meanwhile)."""
    _may(scope)
    if reason not in REASONS:
        raise UserError("Выберите причину")
    words = " ".join(note.split())[:LONGEST]
    if not words:
        raise UserError("Напишите, как это установлено")
    with db.web(scope) as conn:
        found = _mine(conn, scope, address)
        become_batch(conn)
        at = decisions.moment(conn, scope.region, today)
        if not differences.confirm(
            conn, scope.region, found.id, reason=reason, note_=words, by=scope.user, day=today, at=at
        ):
            raise Conflict("Расхождения больше нет или на него уже ответили: обновите страницу")
        _noted(conn, scope, "difference.confirm", found, {"reason": reason})
    return found.person_id


def unconfirm(db: Database, scope: Scope, address: UUID, *, today: date) -> int:
    """Takes a confirmation back. Raises NotFound, Conflict, UserError (role)."""
    _may(scope)
    with db.web(scope) as conn:
        found = _mine(conn, scope, address)
        become_batch(conn)
        at = decisions.moment(conn, scope.region, today)
        if not differences.unconfirm(conn, scope.region, found.id, by=scope.user, day=today, at=at):
            raise Conflict("Подтверждения уже нет: обновите страницу")
        _noted(conn, scope, "difference.unconfirm", found, {})
    return found.person_id


def _mine(conn: Connection, scope: Scope, address: UUID) -> DifferenceRow:
    found = difference_pages.one(conn, scope, address)
    if found is None:
        raise NotFound("Такого расхождения нет")
    return found


def _noted(conn: Connection, scope: Scope, action: str, found: DifferenceRow, detail: dict[str, str]) -> None:
    about = {"comparison": found.comparison} | detail
    audit.note(
        conn, scope.region, action, author=scope.user, person=found.person_id, object=str(found.public_id), detail=about
    )


def _may(scope: Scope) -> None:
    if scope.role not in ROLES:
        raise UserError("Со сверкой работают регистратор, заведующий, координатор и методолог")
