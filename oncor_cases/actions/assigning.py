"""Work over a list: previewed, given, taken back. Only assignments are written; the sweep makes them tasks (invariant 6)."""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from oncor_cases.actions import contingents as lists
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.contingents.algebra import evaluated
from oncor_cases.contingents.expression import names, parsed, plain
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store import assignment_preview, assignments, audit, contingents, decisions, population
from oncor_cases.store.assignment_preview import ClinicPreview
from oncor_cases.store.assignments import Ask, Source
from oncor_cases.store.contingents import ContingentRow
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Database, Scope, become_batch
from oncor_cases.tasks.assigned import RULE

GIVERS = ("head", "registrar", "coordinator", "methodologist")
MOST = 50_000  # persons of one giving: more is a portion too large for anybody to work through
LONGEST = 500


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be given. `unknown`: numbers of a list of whom nothing is known any more; `due`: the proposed day."""

    persons: int
    fresh: int
    have: int
    dead: int
    unknown: int
    clinics: tuple[ClinicPreview, ...]
    due: date


def preview(db: Database, scope: Scope, expression: Any, today: date) -> Preview:
    """How many persons of an expression would get work, by clinic. Raises UserError for more than MOST."""
    _may_give(scope)
    with db.web(scope) as conn:
        judged = region_rules(conn, scope.region).rules
        members, address = _members(conn, scope, expression, today, fresh=False)
        rows = assignment_preview.by_clinic(conn, scope.region, list(members), _source(address, ""))
    edition = judged.book.edition(RULE, today).edition
    return Preview(
        persons=len(members),
        fresh=sum(r.fresh for r in rows),
        have=sum(r.have for r in rows),
        dead=sum(r.dead for r in rows),
        unknown=len(members) - sum(r.fresh + r.have + r.dead for r in rows),
        clinics=tuple(rows),
        due=judged.calendar.due(today, edition.term),
    )


@dataclass(frozen=True, slots=True)
class Given:
    """What was given: the list it stands over, and the persons who got it."""

    address: UUID
    persons: list[int]


def give(db: Database, scope: Scope, expression: Any, *, name: str, owner: str, due: date, text: str, today: date) -> Given:
    """Gives the work: to the clinic of attachment of each, or to one organisation (`owner`). An expression that is not a
    saved list yet is saved under `name`, so that giving it again finds who has it. Giving twice gives nothing twice.

    Raises UserError (role, words, days, too many), NotFound (a list or an organisation out of scope)."""
    _may_give(scope)
    words = " ".join(text.split())
    if not words:
        raise UserError("Напишите, что сделать")
    if due < today:
        raise UserError("Срок не может быть в прошлом")
    address = _saved(db, scope, expression, name, today)
    with db.web(scope) as conn:
        row = lists.visible(conn, scope, address)
        members, _ = _members(conn, scope, lists.name_of(address), today)
        _may_own(conn, scope, owner)
        having = population.with_rows(conn, scope.region, members)
        persons = assignment_preview.living(conn, scope.region, list(having))
        source = source_of(row)
        asks = [Ask(person, RULE, due, words[:LONGEST], owner, "", {"snapshot": row.snapshot}) for person in persons]
        at = decisions.moment(conn, scope.region, today)
        written = assignments.give(conn, scope.region, source, asks, given_on=today, author=scope.user, at=at)
        detail = {"persons": len(written), "owner": owner, "due": due.isoformat()}
        audit.note(conn, scope.region, "assignments.give", author=scope.user, object=str(address), detail=detail)
    return Given(address, written)


def withdraw(db: Database, scope: Scope, address: UUID, *, given_on: date, text: str, today: date) -> int:
    """Takes back what is still open of one giving over a list; how many. Raises NotFound for a list of others."""
    _may_give(scope)
    with db.web(scope) as conn:
        row = lists.visible(conn, scope, address)
        given = assignments.givings(conn, scope.region, source_of(row))
        mine = [g for g in given if (g.given_on, g.text) == (given_on, text) and may_withdraw(scope, g)]
        if not mine:
            raise NotFound("Такого поручения нет")
        become_batch(conn)
        at = decisions.moment(conn, scope.region, today)
        n = assignments.withdraw(conn, scope.region, source_of(row), given_on, text, on=today, by=scope.user, at=at)
        audit.note(conn, scope.region, "assignments.withdraw", author=scope.user, object=str(address), detail={"persons": n})
        return n


def may_withdraw(scope: Scope, giving: assignments.Giving) -> bool:
    """Who gave the work takes it back, or who answers for the region."""
    return giving.author == scope.user or scope.role in WIDE


def source_of(row: ContingentRow) -> Source:
    """A list as the source of assignments."""
    return _source(row.public_id, row.name)


def _members(
    conn: Connection, scope: Scope, expression: Any, today: date, *, fresh: bool = True
) -> tuple[BitMap, UUID | None]:
    """The persons of an expression the reader may give work about, in a transaction that becomes batch's; and the saved
    list it is, if it is one."""
    tree = parsed(expression)
    sets = lists.sets(conn, scope, names(tree), today, fresh=fresh)
    members = sets.shown(evaluated(tree, sets.by_name))
    if len(members) > MOST:
        raise UserError(f"В списке больше {MOST:,} человек: сузьте его, например одной клиникой".replace(",", " "))
    told = plain(tree)
    if isinstance(told, str) and told.startswith(lists.PREFIX):
        return members, UUID(told.removeprefix(lists.PREFIX))
    known = contingents.same(conn, scope.region, lists.owner_of(scope), "expression", {"expression": told})
    return members, known


def _saved(db: Database, scope: Scope, expression: Any, name: str, today: date) -> UUID:
    told = plain(parsed(expression))
    if isinstance(told, str) and told.startswith(lists.PREFIX):
        with db.web(scope) as conn:
            return lists.visible(conn, scope, UUID(told.removeprefix(lists.PREFIX))).public_id
    definition = {"expression": told}
    return lists.save(db, scope, name=name, kind="expression", definition=definition, today=today, again=True)


def _may_give(scope: Scope) -> None:
    if scope.role not in GIVERS:
        raise UserError("Поручения по списку дают заведующий, регистратор или координатор")


def _may_own(conn: Connection, scope: Scope, owner: str) -> None:
    if not owner:
        return
    if not decisions.is_organisation(conn, scope.region, owner) or (scope.role not in WIDE and owner not in scope.orgs):
        raise NotFound("Такой организации нет")


def _source(address: UUID | None, title: str) -> Source:
    return Source("contingent", str(address or ""), title)
