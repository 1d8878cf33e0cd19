"""Read models of documents: one to read, the quarantine, what a registrar may withdraw."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from oncor_cases.store.case import mine
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope

PAGE = 50
KEEPERS = ("registrar", "coordinator", "methodologist", "admin")


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A document as stored. `person` is empty where it has none, as in the quarantine."""

    id: int
    sha256: str
    status: str
    reason_code: str
    reason: str
    kind: str
    remd: str
    title: str
    set_id: str
    version: int
    doc_date: date | None
    known_at: datetime
    sender_org: str
    sender: str
    in_force: bool
    withdrawn_at: datetime | None
    withdrawn_by: str
    withdrawn_reason: str
    problems: tuple[Mapping[str, Any], ...]
    origin: str
    size: int
    person_id: int | None
    person: UUID | None
    family: str
    given: str
    patronymic: str


@dataclass(frozen=True, slots=True)
class PaperFact:
    """A fact read from a document."""

    kind: str
    on_date: date | None
    on_text: str
    certainty: str
    attributes: Mapping[str, Any]
    path: str
    in_force: bool


_COLUMNS = """
    d.id, encode(d.sha256, 'hex') as sha256, d.status, d.reason_code, d.reason, d.kind, d.remd, d.title, d.set_id,
    d.version, d.doc_date, d.known_at, d.sender_org,
    coalesce(oncor_org_name(d.region_id, d.sender_org, coalesce(d.doc_date, d.known_at::date)), d.sender_org) as sender,
    d.in_force, d.withdrawn_at, d.withdrawn_by, d.withdrawn_reason, d.problems, r.origin, r.size,
    p.id as person_id, p.public_id as person, coalesce(p.family, '') as family, coalesce(p.given, '') as given,
    coalesce(p.patronymic, '') as patronymic
"""
_FROM = """
    from document d
    left join raw_document r on r.region_id = d.region_id and r.sha256 = d.sha256
    left join subject s on s.region_id = d.region_id and s.id = d.subject_id
    left join person p on p.region_id = s.region_id and p.id = s.person_id
"""


def _seen(scope: Scope) -> str:
    """A document of a person in scope; one in quarantine for the keepers of the intake (its sender's, or nobody's)."""
    if scope.role in WIDE:
        return ""
    person = mine(scope, "s.person_id").removeprefix(" and ")
    waiting = "d.status = 'quarantined' and (d.sender_org = '' or d.sender_org = any(%(orgs)s))"
    return f" and ({person} or ({waiting}))" if scope.role in KEEPERS else f" and {person}"


def paper(conn: Connection, scope: Scope, sha256: bytes) -> PaperRow | None:
    """One document, or None where it does not exist for this reader."""
    row = conn.execute(
        f"select {_COLUMNS} {_FROM} where d.region_id = %(region)s and d.sha256 = %(sha256)s{_seen(scope)}",
        {"region": scope.region, "orgs": list(scope.orgs), "sha256": sha256},
    ).fetchone()
    return None if row is None else _paper(row)


def content(conn: Connection, scope: Scope, sha256: bytes) -> bytes | None:
    """The stored zlib bytes; row security repeats the scope that `paper` has checked."""
    row = conn.execute(
        "select content from raw_document where region_id = %s and sha256 = %s", (scope.region, sha256)
    ).fetchone()
    return None if row is None else bytes(row.content)


def facts(conn: Connection, scope: Scope, document: int) -> list[PaperFact]:
    """What was read from a document, in its order."""
    rows = conn.execute(
        "select kind, on_date, on_text, certainty, attributes, path, in_force from fact"
        " where region_id = %s and document_id = %s order by id limit 500",
        (scope.region, document),
    ).fetchall()
    return [PaperFact(**r._asdict()) for r in rows]


def quarantine(conn: Connection, scope: Scope, after: int | None, reason: str = "", limit: int = PAGE) -> list[PaperRow]:
    """Documents that wait for a person, the newest first; `after` is the id of the last one shown."""
    where = "d.region_id = %(region)s and d.status = 'quarantined'" + _seen(scope)
    if after is not None:
        where += " and d.id < %(after)s"
    if reason:
        where += " and d.reason_code = %(reason)s"
    rows = conn.execute(
        f"select {_COLUMNS} {_FROM} where {where} order by d.id desc limit %(limit)s",
        {"region": scope.region, "orgs": list(scope.orgs), "after": after, "reason": reason, "limit": limit},
    ).fetchall()
    return [_paper(r) for r in rows]


def quarantine_reasons(conn: Connection, scope: Scope) -> list[tuple[str, str, int]]:
    """(code, words, how many) of what waits."""
    rows = conn.execute(
        f"select d.reason_code, min(d.reason) as reason, count(*) as n {_FROM}"
        f" where d.region_id = %(region)s and d.status = 'quarantined'{_seen(scope)} group by 1 order by 3 desc, 1",
        {"region": scope.region, "orgs": list(scope.orgs)},
    ).fetchall()
    return [(r.reason_code, r.reason, r.n) for r in rows]


def _paper(r: Any) -> PaperRow:
    values = r._asdict() | {"problems": tuple(r.problems or ()), "origin": r.origin or "", "size": r.size or 0}
    return PaperRow(**values)


def of_person(conn: Connection, scope: Scope, person_id: int, limit: int) -> list[PaperRow]:
    """The last `limit` documents of one person, the newest first; the caller has checked that the person is in scope."""
    rows = conn.execute(
        f"select {_COLUMNS} {_FROM} where d.region_id = %(region)s and s.person_id = %(person)s and d.status <> 'withdrawn'"
        f"{_seen(scope)} order by d.doc_date desc nulls last, d.id desc limit %(limit)s",
        {"region": scope.region, "orgs": list(scope.orgs), "person": person_id, "limit": limit},
    ).fetchall()
    return [_paper(r) for r in rows]
