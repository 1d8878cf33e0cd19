"""Documents as read: into rows set-based, the highest version of a series in force.

A *series* is (sender, setId). Which version is in force is a pure function of the documents of the series, so nothing
depends on the order of arrival: withdrawn ones do not count; of two different documents with the same number the one
known first stays and the others wait in quarantine (`version_conflict`); the highest number left is in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, Protocol

from oncor_cases.facts.versions import CONFLICT, IN_FORCE, SUPERSEDED, Copy, standing
from oncor_cases.store import arrays, locks
from oncor_cases.store.locks import Lock
from oncor_cases.store.session import Connection

VERSION_CONFLICT = "version_conflict"
_CONFLICT_TEXT = "Тот же номер версии пришёл с другим содержанием: действует полученный раньше, этот ждёт решения"


class ReadRow(NamedTuple):
    """A document as read, without its patient and facts; `fingerprint` names its subject or is None."""

    sha256: bytes
    known_at: datetime
    status: str
    reason_code: str
    reason: str
    kind: str
    remd: str
    generation: str
    set_id: str
    version: int
    doc_date: str | None
    doc_uid: str
    title: str
    sender_org: str
    fingerprint: bytes | None
    problems: str  # JSON


class FactRow(NamedTuple):
    """A fact of a document; `attributes` is JSON."""

    sha256: bytes
    kind: str
    on_date: str | None
    on_text: str
    certainty: str
    evidence: str
    attributes: str
    path: str
    links: list[str]


class Written(NamedTuple):
    """What a batch did. `facts`: of documents not in quarantine; `added`, `moved`: documents new, and those that lost or
    regained their force; `subjects`: whom the new ones are about; `told`: those with news of attachment or death."""

    quarantined: int
    superseded: int
    facts: int
    added: list[int]
    moved: list[int]
    subjects: set[int]
    told: set[int]


class Read(Protocol):
    """One document as rows; actions/read_rows.py makes them."""

    document: ReadRow
    facts: list[FactRow]


def lock(conn: Connection, region: int) -> None:
    """Waits until no other transaction writes documents or links of this region; held until this one ends."""
    locks.hold(conn, Lock.DOCUMENTS, region)


_DOCUMENT = {
    "sha256": "bytea", "known_at": "timestamptz", "status": "text", "reason_code": "text", "reason": "text", "kind": "text",
    "remd": "text", "generation": "text", "set_id": "text", "version": "int", "doc_date": "date", "doc_uid": "text",
    "title": "text", "sender_org": "text", "subject_id": "bigint", "problems": "jsonb", "in_force": "boolean",
}  # fmt: skip
_FACT = {
    "document_id": "bigint", "subject_id": "bigint", "known_at": "timestamptz", "in_force": "boolean", "kind": "text",
    "on_date": "date", "on_text": "text", "certainty": "text", "evidence": "text", "attributes": "jsonb", "path": "text",
    "links": "text[]",
}  # fmt: skip


class _Version(NamedTuple):
    """A row of `document` as far as versions go. One not stored yet has a negative id."""

    id: int
    sender_org: str
    set_id: str
    version: int
    known_at: datetime
    sha256: bytes
    status: str
    reason_code: str
    in_force: bool


def write(conn: Connection, region: int, read: Sequence[Read], subjects: Mapping[bytes, int]) -> Written:
    """Documents and their facts from one batch of reading. Call `lock` first; a document already there is skipped.

    `subjects`: fingerprint → id of every subject the documents name."""
    rows, facts = _not_there(conn, region, read)
    new = [_Version(-1 - at, r.sender_org, r.set_id, r.version, r.known_at, r.sha256, r.status, r.reason_code, False)
           for at, r in enumerate(rows)]  # fmt: skip
    old = _series(conn, region, {(row.sender_org, row.set_id) for row in rows if row.set_id})
    wanted = _judge([*old, *new])
    moved, fell = _restand(conn, region, old, wanted)
    about = [subjects.get(row.fingerprint) if row.fingerprint else None for row in rows]
    values = [
        _document_values(row, subject, wanted[-1 - at]) for at, (row, subject) in enumerate(zip(rows, about, strict=True))
    ]
    table, columns = arrays.source(_DOCUMENT, values)
    names = ", ".join(_DOCUMENT)
    ids = {
        row.sha256: row.id
        for row in conn.execute(
            f"insert into document (region_id, {names}) select %s, {names} from {table} returning id, sha256",
            (region, *columns),
            binary=True,
        )
    }
    stored = [
        (ids[row.sha256], subject, row.known_at, wanted[-1 - at] == IN_FORCE, *fact[1:])
        for at, (row, subject) in enumerate(zip(rows, about, strict=True))
        if subject is not None
        for fact in facts[at]
    ]
    if stored:
        table, columns = arrays.source(_FACT, stored)
        names = ", ".join(_FACT)
        conn.execute(
            f"""insert into fact (region_id, ceased_at, {names})
                select %s, case when in_force then null else known_at end, {names.replace("links", _LINKS)} from {table}""",
            (region, *columns),
        )
    _follow(conn, region, moved)
    conn.execute(
        "delete from unread_document where region_id = %s and sha256 = any(%s)", (region, [r.document.sha256 for r in read])
    )
    aside = {at for at, row in enumerate(rows) if wanted[-1 - at] == CONFLICT or row.status == "quarantined"}
    return Written(
        quarantined=len(aside),
        superseded=len(fell) + sum(wanted[v.id] == SUPERSEDED for v in new),
        facts=sum(len(part) for at, part in enumerate(facts) if at not in aside and about[at] is not None),
        added=sorted(ids.values()),
        moved=moved,
        subjects={subject for subject in about if subject is not None},
        told={s for s, part in zip(about, facts, strict=True) if s and any(f.kind in ("attached", "death") for f in part)},
    )


_LINKS = "case when links = '' then '{}' else string_to_array(links, chr(31)) end"


def _not_there(conn: Connection, region: int, read: Sequence[Read]) -> tuple[list[ReadRow], list[list[FactRow]]]:
    """Without what another intake has written meanwhile, in an order of their own."""
    there = {
        row.sha256
        for row in conn.execute(
            "select sha256 from document where region_id = %s and sha256 = any(%s)",
            (region, [r.document.sha256 for r in read]),
        )
    }
    once = {r.document.sha256: r for r in read if r.document.sha256 not in there}
    kept = sorted(once.values(), key=lambda r: (r.document.known_at, r.document.sha256))
    return [r.document for r in kept], [r.facts for r in kept]


def _document_values(row: ReadRow, subject: int | None, wanted: str) -> tuple[Any, ...]:
    *head, _, problems = row
    if wanted == CONFLICT:
        head[2:5] = "quarantined", VERSION_CONFLICT, _CONFLICT_TEXT
    return (*head, subject, problems, wanted == IN_FORCE)


def settle(conn: Connection, region: int, ids: Sequence[int]) -> tuple[list[int], int]:
    """Puts the right versions in force in every series these documents belong to, and their facts with them.

    Returns the documents whose standing changed and how many were superseded by a higher version."""
    moved, superseded = _stand(conn, region, ids)
    _follow(conn, region, sorted({*ids, *moved}))
    return moved, superseded


_VERSION = "id, sender_org, set_id, version, known_at, sha256, status, reason_code, in_force"


def _series(conn: Connection, region: int, keys: Iterable[tuple[str, str]]) -> list[_Version]:
    """The stored versions of these series."""
    senders, sets = zip(*sorted(keys), strict=True) if keys else ((), ())
    rows = conn.execute(
        f"""select {", ".join(f"d.{name}" for name in _VERSION.split(", "))}
            from unnest(%s::text[], %s::text[]) as t(sender_org, set_id)
            join document d on d.region_id = %s and d.sender_org = t.sender_org and d.set_id = t.set_id""",
        (list(senders), list(sets), region),
    )
    return [_Version(*row) for row in rows]


def _stand(conn: Connection, region: int, ids: Sequence[int]) -> tuple[list[int], int]:
    asked = [
        _Version(*row)
        for row in conn.execute(
            f"select {_VERSION} from document where region_id = %s and id = any(%s)", (region, list(ids))
        )
    ]
    rows = _series(conn, region, {(row.sender_org, row.set_id) for row in asked if row.set_id})
    rows += [row for row in asked if not row.set_id]
    wanted = _judge(rows)
    moved, fell = _restand(conn, region, rows, wanted)
    known = {*ids, *fell}
    return moved, sum(row.id in known and wanted[row.id] == SUPERSEDED for row in rows)


def _restand(
    conn: Connection, region: int, rows: Sequence[_Version], wanted: Mapping[int, str]
) -> tuple[list[int], list[int]]:
    """Writes what differs from what is wanted; returns the documents that moved, and those superseded just now.

    Two updates, because at most one version may be in force at any moment (partial unique index)."""
    fell = [row.id for row in rows if row.in_force and wanted[row.id] != IN_FORCE]
    moved = [row.id for row in rows if _differs(row, wanted[row.id])]
    if fell:
        conn.execute("update document set in_force = false where region_id = %s and id = any(%s)", (region, fell))
    if moved:
        conn.execute(
            """update document d set in_force = w.standing = 'in_force',
                   status = case w.standing when 'conflict' then 'quarantined' when '' then d.status
                            else case d.kind when 'unknown' then 'unknown_kind' else 'read' end end,
                   reason_code = case w.standing when 'conflict' then %(code)s when '' then d.reason_code else '' end,
                   reason = case w.standing when 'conflict' then %(text)s when '' then d.reason else '' end
               from unnest(%(ids)s::bigint[], %(standings)s::text[]) as w(id, standing)
               where d.region_id = %(region)s and d.id = w.id""",
            {
                "region": region, "code": VERSION_CONFLICT, "text": _CONFLICT_TEXT, "ids": moved,
                "standings": [wanted[id] for id in moved],
            },
        )  # fmt: skip
    return moved, [id for id in fell if wanted[id] == SUPERSEDED]


def _counts(row: _Version) -> bool:
    return row.status in ("read", "unknown_kind") or (row.status == "quarantined" and row.reason_code == VERSION_CONFLICT)


def _judge(rows: Sequence[_Version]) -> dict[int, str]:
    """The standing of each row; empty for one that does not take part (withdrawn, unreadable)."""
    wanted = {row.id: "" for row in rows}
    series: dict[Any, list[Copy]] = {}
    for row in rows:
        if _counts(row):
            key = (row.sender_org, row.set_id) if row.set_id else row.id
            series.setdefault(key, []).append(Copy(row.id, row.version, row.known_at, row.sha256))
    for copies in series.values():
        wanted |= standing(copies)
    return wanted


def _differs(row: _Version, wanted: str) -> bool:
    waits = row.status == "quarantined" and row.reason_code == VERSION_CONFLICT
    return row.in_force != (wanted == IN_FORCE) or (wanted != "" and waits != (wanted == CONFLICT))


def _follow(conn: Connection, region: int, moved: Sequence[int]) -> None:
    """Facts stand as their document stands."""
    conn.execute(
        """update fact f set in_force = d.in_force, ceased_at = case when d.in_force then null else greatest(f.known_at,
               coalesce(d.withdrawn_at, (select max(o.known_at) from document o where o.region_id = d.region_id
                   and o.sender_org = d.sender_org and o.set_id = d.set_id and d.set_id <> ''), d.known_at)) end
           from document d where f.region_id = %(region)s and d.region_id = f.region_id and d.id = f.document_id
             and d.id = any(%(moved)s) and f.in_force <> d.in_force""",
        {"region": region, "moved": list(moved)},
    )


def find(conn: Connection, region: int, sha256: bytes) -> Any | None:
    """The document row of these bytes, or None."""
    return conn.execute("select * from document where region_id = %s and sha256 = %s", (region, sha256)).fetchone()


def withdraw(
    conn: Connection, region: int, ids: Sequence[int], *, reason: str, by: str, at: datetime | None = None
) -> list[int]:
    """The documents no longer count, from now on; their bytes stay. Returns those that were not withdrawn before."""
    return [
        row.id
        for row in conn.execute(
            """update document set status = 'withdrawn', in_force = false,
                   withdrawn_at = greatest(known_at, coalesce(%s, now())), withdrawn_by = %s, withdrawn_reason = %s
               where region_id = %s and id = any(%s) and status <> 'withdrawn' returning id""",
            (at, by, reason, region, list(ids)),
        )
    ]


def series(conn: Connection, region: int, document: Any) -> list[int]:
    """Every version of a document's series, itself among them."""
    if not document.set_id:
        return [document.id]
    rows = conn.execute(
        "select id from document where region_id = %s and sender_org = %s and set_id = %s order by version, id",
        (region, document.sender_org, document.set_id),
    )
    return [row.id for row in rows]


def subjects_of(conn: Connection, region: int, ids: Sequence[int]) -> list[int]:
    """The identity records these documents are about."""
    rows = conn.execute(
        "select distinct subject_id from document where region_id = %s and id = any(%s) and subject_id is not null",
        (region, list(ids)),
    )
    return [row.subject_id for row in rows]
