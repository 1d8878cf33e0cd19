"""Changing the region's organisations: a list, an edit, a new name, a merger.

Each is audited, and everybody whose owner may change is due for a sweep."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from oncor_cases.actions import new_day
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import audit, organisations
from oncor_cases.store.session import Connection

OWNING = frozenset({"roles", "parent_oid", "office_oid", "district", "successor_oid"})  # may change who owes a step


@dataclass(frozen=True, slots=True)
class Loaded:
    """What a list changed."""

    new: int
    changed: int
    renamed: int
    same: int
    waiting: int  # persons due for a sweep


def load(
    conn: Connection, region: int, rows: Sequence[Mapping[str, Any]], *, today: date, by: str, at: datetime | None = None
) -> Loaded:
    """Organisations of a list (`oid` and columns of the table): new ones added, known ones brought up to date.

    Nothing is removed. Another name of a known organisation is a new name from today."""
    new = changed = renamed = 0
    touched: set[str] = set()
    for row in rows:
        oid = row["oid"]
        said = {k: v for k, v in row.items() if k != "oid"}
        was = organisations.get(conn, region, oid)
        if was is None:
            organisations.write(conn, region, oid, said, kind="loaded", today=today, by=by, at=at)
            new += 1
            touched.add(oid)
            continue
        names = {k: v for k, v in said.items() if k in organisations.NAMES}
        named = organisations.write(
            conn, region, oid, names, kind="renamed", today=today, since=today, reason="список организаций", by=by, at=at
        )
        rest = {k: v for k, v in said.items() if k not in organisations.NAMES}
        differs = organisations.write(conn, region, oid, rest, kind="loaded", today=today, by=by, at=at)
        renamed += bool(named)
        changed += bool(differs)
        if differs.keys() & OWNING:
            touched |= {oid, *_places(was), *_places(said)}
    waiting = _wake(conn, region, touched)
    result = Loaded(new, changed, renamed, len(rows) - new - max(changed, renamed), waiting)
    audit.note(conn, region, "organisations_loaded", author=by, detail={"new": new, "changed": changed, "renamed": renamed})
    return result


def edit(conn: Connection, region: int, oid: str, values: Mapping[str, Any], *, today: date, by: str) -> int:
    """Puts the card right; how many persons are due for a sweep. Raises NotFound, UserError."""
    was = _known(conn, region, oid)
    if not str(values.get("name", was["name"])).strip():
        raise UserError("У организации должно быть название")
    for column, word in (("parent_oid", "головная организация"), ("office_oid", "онкологический кабинет")):
        other = values.get(column, "")
        if other and (other == oid or organisations.get(conn, region, other) is None):
            raise UserError(f"Такой организации нет: {word}")
    if values.get("parent_oid") and oid in _above(conn, region, values["parent_oid"]):
        raise UserError("Головная организация сама входит в эту: получился бы круг")
    differs = organisations.write(conn, region, oid, values, kind="edited", today=today, by=by)
    if not differs:
        return 0
    _audit(conn, region, "organisation_edited", oid, by, {"columns": sorted(differs)})
    return _wake(conn, region, {oid, *_places(was), *_places(values)}) if differs.keys() & OWNING else 0


def rename(
    conn: Connection, region: int, oid: str, *, name: str, short_name: str, since: date, reason: str, today: date, by: str
) -> None:
    """A new name from a day on; documents of before keep showing the old one. Raises NotFound, UserError."""
    was = _known(conn, region, oid)
    name, reason = _said(name, "Укажите новое название"), _said(reason, "Укажите основание")
    values = {"name": name, "short_name": short_name.strip()}
    if values == {k: was[k] for k in values}:
        raise UserError("Название не изменилось")
    organisations.write(conn, region, oid, values, kind="renamed", today=today, since=since, reason=reason, by=by)
    _audit(conn, region, "organisation_renamed", oid, by, {"since": since.isoformat(), "reason": reason})


def merge(conn: Connection, region: int, oid: str, successor: str, *, since: date, reason: str, today: date, by: str) -> int:
    """From a day on the successor owes what this organisation owed and sees whom it saw; documents keep its name.

    How many persons are due for a sweep, then or now. Raises NotFound, UserError, Conflict (already merged; a ring)."""
    was = _known(conn, region, oid)
    reason = _said(reason, "Укажите основание")
    heir = organisations.get(conn, region, successor)
    if heir is None or successor == oid:
        raise UserError("Выберите другую организацию — правопреемника")
    if was["successor_oid"]:
        raise Conflict("Эта организация уже реорганизована")
    if oid in _above(conn, region, successor):
        raise Conflict("Правопреемник сам входит в эту организацию: получился бы круг")
    organisations.write(
        conn, region, oid, {"successor_oid": successor, "succeeded_on": since.isoformat()}, kind="merged", today=today,
        since=since, reason=reason, by=by,
    )  # fmt: skip
    _audit(conn, region, "organisation_merged", oid, by, {"into": successor, "since": since.isoformat(), "reason": reason})
    waiting = organisations.wake(conn, region, [oid], None if since <= today else since)
    if since <= today:
        new_day.follow(conn, region, today, region_rules(conn, region).rules)
    return waiting


def cancel_merger(conn: Connection, region: int, oid: str, *, reason: str, today: date, by: str) -> int:
    """The merger was written by mistake: from now on it is as if there had been none; what was known stays readable.

    Accounts keep the organisations they got: that is for the administrator. Raises NotFound, UserError."""
    was = _known(conn, region, oid)
    reason = _said(reason, "Укажите основание")
    if not was["successor_oid"]:
        raise UserError("Эта организация не реорганизована")
    organisations.write(
        conn, region, oid, {"successor_oid": "", "succeeded_on": None}, kind="merged", today=today,
        since=was["succeeded_on"], reason=reason, by=by,
    )  # fmt: skip
    organisations.unfollow(conn, region, was["successor_oid"])
    _audit(conn, region, "organisation_merger_cancelled", oid, by, {"reason": reason})
    return organisations.wake(conn, region, [oid, was["successor_oid"]])


def _above(conn: Connection, region: int, oid: str) -> set[str]:
    """An organisation, its parents and successors."""
    seen: set[str] = set()
    waiting = [oid]
    while waiting:
        at = waiting.pop()
        if not at or at in seen:
            continue
        seen.add(at)
        row = organisations.get(conn, region, at)
        if row is not None:
            waiting += [row["parent_oid"], row["successor_oid"]]
    return seen


def _known(conn: Connection, region: int, oid: str) -> dict[str, Any]:
    row = organisations.get(conn, region, oid)
    if row is None:
        raise NotFound("Такой организации нет")
    return row


def _places(values: Mapping[str, Any]) -> set[str]:
    return {str(values[c]) for c in ("parent_oid", "office_oid") if values.get(c)}


def _said(text: str, otherwise: str) -> str:
    if not text.strip():
        raise UserError(otherwise)
    return text.strip()


def _wake(conn: Connection, region: int, oids: set[str]) -> int:
    """An office may serve a whole district: all clinics of the districts of these organisations are concerned."""
    if not oids:
        return 0
    return organisations.wake(conn, region, sorted(oids | set(organisations.neighbours(conn, region, sorted(oids)))))


def _audit(conn: Connection, region: int, action: str, oid: str, by: str, detail: Mapping[str, Any]) -> None:
    audit.note(conn, region, action, author=by, object=oid, detail=detail)
