"""Contingents: evaluated, saved, made anew each day, compared. Sets are whole inside and cut by the reader's scope at the
moment of showing; a list the reader may not see does not exist for them, not even inside an expression."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from time import monotonic
from typing import Any
from uuid import UUID

from pyroaring import BitMap

from oncor_cases.contingents import query as queries
from oncor_cases.contingents.algebra import evaluated
from oncor_cases.contingents.expression import names, parsed, plain
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.store import audit, contingent_query, contingents, population, subscriptions
from oncor_cases.store.contingents import ContingentRow
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.population import cut
from oncor_cases.store.session import Connection, Database, Scope, become_batch

log = logging.getLogger(__name__)
PREFIX = "c:"
LONGEST_NAME = 200


@dataclass(slots=True)
class Sets:
    """The sets behind names, whole, with the snapshot each came from; `seen` cuts what is shown (None: nothing), `joins`
    says who is another person now."""

    by_name: dict[str, BitMap] = field(default_factory=dict)
    snapshots: dict[str, int] = field(default_factory=dict)
    seen: BitMap | None = None
    joins: Mapping[int, int] = field(default_factory=dict)

    def shown(self, members: BitMap) -> BitMap:
        """What of a set the reader may know of."""
        return cut(population.followed(members, self.joins), self.seen)


def name_of(address: UUID) -> str:
    """How an expression names a list."""
    return f"{PREFIX}{address}"


def sets(conn: Connection, scope: Scope, wanted: list[str], today: date, *, fresh: bool = False) -> Sets:
    """The sets of these names, in a page's transaction that becomes batch's. Raises NotFound for a list out of scope.

    `fresh`: read everything now; else common sets may be minutes old, which is enough for counts while editing."""
    addresses = {name: _address(name) for name in wanted if name.startswith(PREFIX)}
    held = contingents.last_members(conn, scope.region, list(addresses.values()))
    become_batch(conn)
    since = monotonic() if fresh else 0.0
    found = Sets(seen=population.readable(conn, scope, fresh=fresh), joins=population.joined(conn, scope.region))
    for name in wanted:
        if name in addresses:
            if addresses[name] not in held:
                raise NotFound("Такого списка нет")
            found.snapshots[name], members = held[addresses[name]]
            found.by_name[name] = population.followed(members, found.joins)
        elif population.is_common(name):
            found.by_name[name] = population.common(conn, scope.region, name, today, since=since)
        else:
            raise UserError("В выражении назван список, которого нет")
    return found


def members_of(conn: Connection, scope: Scope, kind: str, definition: Mapping[str, Any], today: date) -> tuple[BitMap, Any]:
    """A list made anew by its definition: the members, and the snapshots it used."""
    if kind == "query":
        become_batch(conn)
        return contingent_query.found(conn, scope.region, queries.parsed(definition["query"]), today), {}
    if kind == "register":
        become_batch(conn)
        return population.common(conn, scope.region, f"register:{definition['register']}", today, fresh=True), {}
    expression = parsed(definition["expression"])
    used = sets(conn, scope, names(expression), today, fresh=True)
    return evaluated(expression, used.by_name), {"snapshots": used.snapshots}


def save(
    db: Database,
    scope: Scope,
    *,
    name: str,
    kind: str,
    definition: Mapping[str, Any],
    today: date,
    shared: bool = False,
    again: bool = False,
) -> UUID:
    """A new list from an expression, a query or a register, with its first snapshot; its address.

    `again`: an open list of the same owner made the same way is taken instead of a second one.
    Raises UserError (no name, a definition that cannot be read), NotFound (a list out of scope)."""
    clean = _checked(kind, definition)
    with db.web(scope) as conn:
        owner = owner_of(scope)
        known = contingents.same(conn, scope.region, owner, kind, clean) if again else None
        members, used = members_of(conn, scope, kind, clean, today)
        if known is not None:
            row = contingents.get(conn, scope.region, known)
            assert row is not None
            contingents.add_snapshot(conn, scope.region, row.id, members, today, definition=clean | used)
            return known
        id, address = contingents.create(
            conn, scope.region, name=_named(name), kind=kind, owner_user=scope.user, owner_org=owner, definition=clean,
            provenance="", made_on=today, shared=shared,
        )  # fmt: skip
        contingents.add_snapshot(conn, scope.region, id, members, today, definition=clean | used)
        audit.note(conn, scope.region, "contingent.save", author=scope.user, object=str(address), detail={"kind": kind})
        return address


def freeze(db: Database, scope: Scope, address: UUID, *, name: str, today: date) -> UUID:
    """A copy of a list as it is now that is never made anew."""
    with db.web(scope) as conn:
        row = visible(conn, scope, address)
        if row.snapshot is None:
            raise UserError("В списке ещё никого нет")
        members = contingents.snapshot_members(conn, scope.region, row.snapshot)
        become_batch(conn)
        told = {"of": str(address), "snapshot": row.snapshot}
        id, copy = contingents.create(
            conn, scope.region, name=_named(name), kind="snapshot", owner_user=scope.user, owner_org=owner_of(scope),
            definition=told, provenance=f"Копия списка «{row.name}» на {row.as_of:%d.%m.%Y}", made_on=today,
        )  # fmt: skip
        contingents.add_snapshot(conn, scope.region, id, members, row.as_of or today, definition=told)
        audit.note(conn, scope.region, "contingent.freeze", author=scope.user, object=str(copy))
        return copy


def rename(db: Database, scope: Scope, address: UUID, *, name: str, shared: bool) -> None:
    """Another name or circle of readers, by its owner. Raises NotFound for others."""
    with db.web(scope) as conn:
        row = owned(conn, scope, address)
        become_batch(conn)
        contingents.change(conn, scope.region, row.id, name=_named(name), shared=shared)
        audit.note(conn, scope.region, "contingent.change", author=scope.user, object=str(address))


def remove(db: Database, scope: Scope, address: UUID) -> None:
    """The list is closed; what was given over it and the expressions that use it stay."""
    with db.web(scope) as conn:
        row = owned(conn, scope, address)
        become_batch(conn)
        contingents.close(conn, scope.region, row.id)
        audit.note(conn, scope.region, "contingent.close", author=scope.user, object=str(address))


def subscribe(db: Database, scope: Scope, address: UUID, wanted: bool) -> None:
    """Tells the reader, or no longer, when somebody enters or leaves."""
    with db.web(scope) as conn:
        row = visible(conn, scope, address)
        become_batch(conn)
        subscriptions.subscribe(conn, scope.region, row.id, scope.user, wanted)


def refresh(db: Database, today: date, *, region: int = 1) -> dict[str, int]:
    """Every list with a definition is made anew as of `today` and subscribers are told; `{lists, changed, told, failed}`.

    A list that cannot be made is left as it was and counted; the others go on."""
    counts = {"lists": 0, "changed": 0, "told": 0, "failed": 0}
    with db.batch() as conn:
        due = contingents.made_daily(conn, region)
    for address in due:
        counts["lists"] += 1
        try:
            with db.batch() as conn:
                changed, told = _made_anew(conn, region, address, today)
            counts["changed"] += changed
            counts["told"] += told
        except Exception as error:  # isolated, counted, said by its class: its text may quote a patient (invariant 9)
            log.error("a contingent could not be made anew: %s", type(error).__name__)
            counts["failed"] += 1
    return counts


def tell_subscribers(
    conn: Connection, region: int, contingent: int, snapshots: tuple[int, int], members: BitMap, on: date, *, but: str = ""
) -> int:
    """Whoever follows a list is told how many of the persons they may see came and went; how many were told. `but`: the one
    who made the change knows of it. Runs as batch."""
    old = population.followed(contingents.snapshot_members(conn, region, snapshots[0]), population.joined(conn, region))
    told = 0
    for reader in subscriptions.subscribers(conn, region, contingent):
        if reader.user == but:
            continue
        seen = population.readable(conn, reader)
        came, went = len(cut(members - old, seen)), len(cut(old - members, seen))
        if came or went:
            subscriptions.tell(conn, region, contingent, reader.user, snapshots, on, (came, went))
            told += 1
    return told


def visible(conn: Connection, scope: Scope, address: UUID) -> ContingentRow:
    """A list in scope. Raises NotFound."""
    row = contingents.get(conn, scope.region, address)
    if row is None:
        raise NotFound("Такого списка нет")
    return row


def owned(conn: Connection, scope: Scope, address: UUID) -> ContingentRow:
    """A list the reader may change: of their own organisation, or of the region for those who answer for it."""
    row = visible(conn, scope, address)
    if not may_change(scope, row):
        raise NotFound("Такого списка нет")
    return row


def may_change(scope: Scope, row: ContingentRow) -> bool:
    """May the reader rename, share or close the list?"""
    return scope.role in WIDE or (row.owner_org != "" and row.owner_org in scope.orgs)


def owner_of(scope: Scope) -> str:
    """The organisation a reader's lists belong to; empty for those who answer for the region."""
    return "" if scope.role in WIDE or not scope.orgs else scope.orgs[0]


def _made_anew(conn: Connection, region: int, address: UUID, today: date) -> tuple[int, int]:
    row = contingents.get(conn, region, address)
    if row is None:
        return 0, 0
    everybody = Scope(region, "refresh", "coordinator")
    members, used = members_of(conn, everybody, row.kind, row.definition, today)
    before = row.snapshot
    after = contingents.add_snapshot(conn, region, row.id, members, today, definition=dict(row.definition) | used)
    if after is None or before is None:
        return 0, 0
    return 1, tell_subscribers(conn, region, row.id, (before, after), members, today)


def _checked(kind: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """The definition in its one normal form, so that equal ones are equal. Raises UserError."""
    if kind == "expression":
        return {"expression": plain(parsed(definition.get("expression")))}
    if kind == "query":
        return {"query": queries.plain(queries.parsed(definition.get("query") or {}))}
    if kind == "register" and definition.get("register") in queries.REGISTERS:
        return {"register": definition["register"]}
    raise UserError("Список можно сохранить из выражения, запроса или регистра")


def _named(name: str) -> str:
    clean = " ".join(name.split())
    if not clean:
        raise UserError("Назовите список")
    return clean[:LONGEST_NAME]


def _address(name: str) -> UUID:
    try:
        return UUID(name.removeprefix(PREFIX))
    except ValueError as error:
        raise NotFound("Такого списка нет") from error
