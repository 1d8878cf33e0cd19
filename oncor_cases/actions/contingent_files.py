"""A list from a file: rows are matched to the persons the loader may know of; the others are kept with the reason."""

import hashlib
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from pyroaring import BitMap

from oncor_cases.actions.contingents import owner_of, tell_subscribers
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources import person_list
from oncor_cases.store import audit, contingents, matching, population
from oncor_cases.store.matching import Wanted
from oncor_cases.store.session import Connection, Database, Scope, become_batch


@dataclass(frozen=True, slots=True)
class Loaded:
    """The list, how many rows the file had, how many persons were found, how many rows were left out."""

    address: UUID
    rows: int
    persons: int
    rejected: int


def load(
    db: Database, scope: Scope, *, name: str, file: str, data: bytes, as_of: date, today: date, shared: bool = False
) -> Loaded:
    """Reads, matches and saves; one transaction, so a half-loaded list is never seen. A list of the same owner and name
    gets a new snapshot, which replaces its members from `as_of` on. Raises UserError (no name, no table)."""
    title = " ".join(name.split())[:200]
    if not title:
        raise UserError("Назовите список")
    if as_of > today:
        raise UserError("День списка ещё не наступил")
    rows = person_list.read(data, today)
    mark = hashlib.sha256(data).hexdigest()
    with db.web(scope) as conn:
        become_batch(conn)
        within = population.readable(conn, scope, fresh=True)
        org = owner_of(scope)
        wanted = [
            Wanted(r.line, r.snils, r.enp, org if r.local_id else "", r.local_id if org else "", r.name, r.born)
            for r in rows if not r.problem
        ]  # fmt: skip
        persons, why = matching.matched(conn, scope.region, wanted, within)
        why |= {r.line: r.problem for r in rows if r.problem}
        told = {"file": file[:200], "sha256": mark, "rows": len(rows), "rejected": len(why)}
        known = contingents.named(conn, scope.region, org, "file", title)
        if known is None:
            id, address = contingents.create(
                conn, scope.region, name=title, kind="file", owner_user=scope.user, owner_org=org, definition={},
                provenance=f"Файл {file[:200]}", made_on=today, shared=shared,
            )  # fmt: skip
        else:
            id, address = known
        members = BitMap(list(persons.values()))
        before = _newest(conn, scope, address)
        snapshot = contingents.add_snapshot(conn, scope.region, id, members, as_of, provenance=told)
        if snapshot is not None:
            if before is not None and _newest(conn, scope, address) == snapshot:  # one of an earlier day changes nothing now
                tell_subscribers(conn, scope.region, id, (before, snapshot), members, as_of, but=scope.user)
            said = {persons[r.line]: r.attributes for r in rows if r.line in persons and r.attributes}
            refused = [(r.line, why[r.line], r.cells) for r in rows if r.line in why]
            contingents.add_rows(conn, scope.region, snapshot, said, refused)
        audit.note(conn, scope.region, "contingent.load", author=scope.user, object=str(address), detail=told | {"file": ""})
    return Loaded(address, len(rows), len(members), len(why))


def _newest(conn: Connection, scope: Scope, address: UUID) -> int | None:
    row = contingents.get(conn, scope.region, address)
    return row.snapshot if row else None
