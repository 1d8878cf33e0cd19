"""Bytes and documents: stored once, read into rows set-based, the highest version of a series in force.

A *series* is (sender, setId). Which version is in force is a pure function of the documents of the series, so nothing
depends on the order of arrival: withdrawn ones do not count; of two different documents with the same number the one
known first stays and the others wait in quarantine (`version_conflict`); the highest number left is in force."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store.session import Connection

VERSION_CONFLICT = "version_conflict"
_CONFLICT_TEXT = "Тот же номер версии пришёл с другим содержанием: действует полученный раньше, этот ждёт решения"
INTAKE = 7_042_002  # advisory lock, with the region: one writer of documents at a time keeps identity consistent


class RawRow(NamedTuple):
    """Bytes to store. `content` is zlib, `size` of the bytes as they came."""

    sha256: bytes
    received_at: datetime
    size: int
    origin: str
    content: bytes


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
    """What a batch did. `facts`: of documents not in quarantine; `subjects`: of those new or of a changed standing."""

    documents: int
    quarantined: int
    superseded: int
    facts: int
    subjects: list[int]


def lock(conn: Connection, region: int) -> None:
    """Waits until no other transaction writes documents or links of this region; held until this one ends."""
    conn.execute("select pg_advisory_xact_lock(%s, %s)", (INTAKE, region))


def store_raw(conn: Connection, region: int, rows: Sequence[RawRow]) -> set[bytes]:
    """Stores bytes not seen before and marks them unread; returns the hashes of those. `rows` has no hash twice."""
    if len(rows) == 1:  # one document at the door: a round trip, not a staging table
        source, values = "(values (%s::bytea, %s::timestamptz, %s::bigint, %s, %s::bytea))", rows[0]
    else:
        source, values = "new_raw", ()
        conn.execute(
            "create temp table if not exists new_raw (sha256 bytea, received_at timestamptz, size bigint, origin text,"
            " content bytea) on commit delete rows"
        )
        with conn.cursor() as cursor, cursor.copy("copy new_raw from stdin (format binary)") as copy:
            copy.set_types(["bytea", "timestamptz", "int8", "text", "bytea"])
            for row in rows:
                copy.write_row(row)
    done = conn.execute(
        f"""with stored as (
                insert into raw_document (region_id, sha256, received_at, size, origin, content)
                select %s, x.* from {source} x order by 2 on conflict do nothing returning region_id, sha256
            )
            insert into unread_document (region_id, sha256) select * from stored returning sha256""",
        (region, *values),
    )
    return {row.sha256 for row in done}


class Unread(NamedTuple):
    """Stored bytes still to be read."""

    sha256: bytes
    received_at: datetime
    content: bytes


def unread(conn: Connection, region: int, limit: int) -> list[Unread]:
    """Bytes an intake stored and did not live to read."""
    rows = conn.execute(
        """select r.sha256, r.received_at, r.content from unread_document u
           join raw_document r on r.region_id = u.region_id and r.sha256 = u.sha256
           where u.region_id = %s order by r.received_at, r.sha256 limit %s""",
        (region, limit),
    )
    return [Unread(*row) for row in rows]


def alone(conn: Connection, region: int) -> bool:
    """Says that an intake runs on this connection, until it closes. True if no other does: what is unread is left over."""
    mine = (INTAKE + 1, region)
    first = conn.execute("select pg_try_advisory_lock(%s, %s) as it", mine).fetchone().it
    conn.execute("select pg_advisory_lock_shared(%s, %s)", mine)
    if first:
        conn.execute("select pg_advisory_unlock(%s, %s)", mine)
    return first


_STAGING = """
    create temp table if not exists new_document (sha256 bytea, known_at timestamptz, status text, reason_code text,
        reason text, kind text, remd text, generation text, set_id text, version int, doc_date date, doc_uid text,
        title text, sender_org text, fingerprint bytea, problems jsonb) on commit delete rows;
    create temp table if not exists new_fact (sha256 bytea, kind text, on_date date, on_text text, certainty text,
        evidence text, attributes jsonb, path text, links text[]) on commit delete rows"""


def write(conn: Connection, region: int, documents: Iterable[ReadRow], facts: Iterable[FactRow]) -> Written:
    """Documents and their facts from one batch of reading. Call `lock` first; a document already there is skipped."""
    conn.execute(_STAGING)
    with conn.cursor() as cursor:
        with cursor.copy("copy new_document from stdin") as copy:
            for document in documents:
                copy.write_row(document)
        with cursor.copy("copy new_fact from stdin") as copy:
            for fact in facts:
                copy.write_row(fact)
    added = conn.execute(
        """insert into document (region_id, sha256, known_at, status, reason_code, reason, kind, remd, generation, set_id,
               version, doc_date, doc_uid, title, sender_org, subject_id, problems)
           select %(region)s, n.sha256, n.known_at, n.status, n.reason_code, n.reason, n.kind, n.remd, n.generation,
               n.set_id, n.version, n.doc_date, n.doc_uid, n.title, n.sender_org, s.id, n.problems
           from new_document n
           left join subject s on s.region_id = %(region)s and s.fingerprint = n.fingerprint
           where not exists (select from document d where d.region_id = %(region)s and d.sha256 = n.sha256)
           order by n.known_at, n.sha256
           returning id, status""",
        {"region": region},
    ).fetchall()
    ids = [row.id for row in added]
    moved, superseded = _stand(conn, region, ids)
    stored = conn.execute(
        """insert into fact (region_id, subject_id, document_id, kind, on_date, on_text, known_at, certainty, evidence,
               attributes, path, links, in_force, ceased_at)
           select d.region_id, d.subject_id, d.id, f.kind, f.on_date, f.on_text, d.known_at, f.certainty, f.evidence,
               f.attributes, f.path, f.links, d.in_force, case when d.in_force then null else d.known_at end
           from document d join new_fact f on f.sha256 = d.sha256
           where d.region_id = %(region)s and d.id = any(%(ids)s) and d.subject_id is not null""",
        {"region": region, "ids": ids},
    ).rowcount
    _follow(conn, region, moved)
    conn.execute(
        "delete from unread_document u using new_document n where u.region_id = %s and u.sha256 = n.sha256", (region,)
    )
    subjects = conn.execute(
        "select distinct subject_id from document where region_id = %s and id = any(%s) and subject_id is not null",
        (region, sorted({*ids, *moved})),
    ).fetchall()
    aside = conn.execute(
        """select count(distinct d.id) as documents, count(f.sha256) as facts
           from document d left join new_fact f on f.sha256 = d.sha256 and d.subject_id is not null
           where d.region_id = %s and d.id = any(%s) and d.status = 'quarantined'""",
        (region, ids),
    ).fetchone()
    subjects = [row.subject_id for row in subjects]
    return Written(len(added), aside.documents, superseded, stored - aside.facts, subjects)


_STANDING = """
    with touched as (
        select distinct sender_org, set_id from document
        where region_id = %(region)s and id = any(%(ids)s) and set_id <> ''
    ), ranked as (
        select d.id, d.version, d.status, d.kind,
               row_number() over (partition by d.sender_org, d.set_id, d.version order by d.known_at, d.sha256) as place,
               d.sender_org, d.set_id
        from document d join touched using (sender_org, set_id)
        where d.region_id = %(region)s
          and (d.status in ('read', 'unknown_kind') or (d.status = 'quarantined' and d.reason_code = %(conflict)s))
    ), standing as (
        select id, place > 1 as conflict, kind,
               place = 1 and version = max(version) over (partition by sender_org, set_id) as in_force
        from ranked
        union all
        select id, false, kind, status in ('read', 'unknown_kind') from document
        where region_id = %(region)s and id = any(%(ids)s) and (set_id = '' or status in ('withdrawn', 'quarantined'))
          and not (status = 'quarantined' and reason_code = %(conflict)s)
    )"""


def settle(conn: Connection, region: int, ids: Sequence[int]) -> tuple[list[int], int]:
    """Puts the right versions in force in every series these documents belong to, and their facts with them.

    Returns the documents whose standing changed and how many were superseded by a higher version."""
    moved, superseded = _stand(conn, region, ids)
    _follow(conn, region, sorted({*ids, *moved}))
    return moved, superseded


def _stand(conn: Connection, region: int, ids: Sequence[int]) -> tuple[list[int], int]:
    values = {"region": region, "ids": list(ids), "conflict": VERSION_CONFLICT, "text": _CONFLICT_TEXT}
    fell = conn.execute(
        _STANDING
        + """update document d set in_force = false,
                 status = case when s.conflict then 'quarantined' else d.status end,
                 reason_code = case when s.conflict then %(conflict)s else d.reason_code end,
                 reason = case when s.conflict then %(text)s else d.reason end
             from standing s where d.region_id = %(region)s and d.id = s.id
               and (d.in_force and not s.in_force or s.conflict and d.status <> 'quarantined')
             returning d.id, d.in_force, s.conflict, d.status""",
        values,
    ).fetchall()
    rose = conn.execute(
        _STANDING
        + """update document d set in_force = s.in_force,
                 status = case when d.status <> 'quarantined' then d.status
                               when d.kind = 'unknown' then 'unknown_kind' else 'read' end,
                 reason_code = case when d.status = 'quarantined' then '' else d.reason_code end,
                 reason = case when d.status = 'quarantined' then '' else d.reason end
             from standing s where d.region_id = %(region)s and d.id = s.id and not s.conflict
               and (s.in_force and not d.in_force or d.status = 'quarantined' and d.reason_code = %(conflict)s)
             returning d.id""",
        values,
    ).fetchall()
    moved = sorted({row.id for row in fell} | {row.id for row in rose})
    superseded = conn.execute(
        """select count(*) n from document d where d.region_id = %(region)s and d.id = any(%(asked)s)
             and d.status in ('read', 'unknown_kind') and not d.in_force""",
        {"region": region, "asked": sorted({*ids, *(row.id for row in fell)})},
    ).fetchone()
    return moved, superseded.n


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


def now(conn: Connection) -> datetime:
    """The server's clock."""
    return conn.execute("select clock_timestamp() as now").fetchone().now


def note_run(conn: Connection, region: int, started: datetime, counts: Mapping[str, int]) -> None:
    """Writes down one intake for the page that shows what came."""
    conn.execute(
        "insert into intake_run (region_id, started_at, finished_at, counts) values (%s, %s, clock_timestamp(), %s)",
        (region, started, Jsonb(dict(counts))),
    )


def content(conn: Connection, region: int, sha256: bytes) -> bytes | None:
    """The stored zlib bytes of a document; None if there are none in this region (or in this scope)."""
    row = conn.execute("select content from raw_document where region_id = %s and sha256 = %s", (region, sha256)).fetchone()
    return row.content if row else None


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
