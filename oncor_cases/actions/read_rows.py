"""From bytes to rows ready for the store: the part of the intake that runs in worker processes, without a database."""

import hashlib
import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import NamedTuple

from oncor_cases.facts.vocabulary import check
from oncor_cases.kernel.errors import OncorError
from oncor_cases.sources.reading import Identity, Problem, Reading
from oncor_cases.store.documents import FactRow, ReadRow
from oncor_cases.store.persons import SubjectRow

Reader = Callable[[bytes], Reading]
_json = json.JSONEncoder(ensure_ascii=False).encode  # made once: `json.dumps` would make one for every fact


class Incoming(NamedTuple):
    """Stored bytes to be read."""

    sha256: bytes
    known_at: datetime
    data: bytes


class ReadRows(NamedTuple):
    """One document as rows; without a subject when the document names no patient."""

    document: ReadRow
    subject: SubjectRow | None
    facts: list[FactRow]


def read_all(reader: Reader, batch: Sequence[Incoming]) -> list[ReadRows]:
    """The rows of a batch; a document that breaks the reader is a quarantined document, never a broken batch."""
    return [read_one(reader, *item) for item in batch]


def read_one(reader: Reader, sha256: bytes, known_at: datetime, data: bytes) -> ReadRows:
    """The rows of one document."""
    try:
        reading = reader(data)
    except Exception as error:  # a bug of ours: visible in quarantine, retried after the fix, others go on
        return refused(sha256, known_at, "reader_error", f"Ошибка программы при чтении ({type(error).__name__})")
    if reading.status == "unreadable":
        first = reading.problems[0] if reading.problems else Problem("unreadable", "Документ не читается")
        return _rows(sha256, known_at, reading, "quarantined", first.code, first.message, None, [], list(reading.problems))
    problems = list(reading.problems)
    facts = _facts(sha256, reading, problems)
    subject = _subject(sha256, known_at, reading, bool(facts))
    return _rows(sha256, known_at, reading, reading.status, "", "", subject, facts, problems)


def refused(sha256: bytes, known_at: datetime, code: str, reason: str) -> ReadRows:
    """A document nobody read: a broken archive, a reader that died."""
    return _rows(sha256, known_at, Reading("", "unreadable"), "quarantined", code, reason, None, [], [])


def _rows(
    sha256: bytes,
    known_at: datetime,
    reading: Reading,
    status: str,
    code: str,
    reason: str,
    subject: SubjectRow | None,
    facts: list[FactRow],
    problems: list[Problem],
) -> ReadRows:
    kind, head = reading.kind, reading.document
    known = status != "quarantined"  # what could not be read belongs to no series
    told = _json([{"code": p.code, "message": p.message, "path": p.path} for p in problems]) if problems else "[]"
    return ReadRows(
        ReadRow(
            sha256, known_at, status, code, reason, kind.name if status != "unknown_kind" else "unknown", kind.remd,
            kind.generation, head.set_id if known else "", _int4(head.version), _day(head.date), head.id, head.title,
            reading.organisation, subject.fingerprint if subject else None, _clean(told),
        ),
        subject, facts,
    )  # fmt: skip


def _facts(sha256: bytes, reading: Reading, problems: list[Problem]) -> list[FactRow]:
    rows = []
    for fact in reading.facts:
        try:
            attributes = check(fact.kind, fact.attributes)
        except OncorError as error:
            problems.append(Problem(error.code, error.message, fact.path))
            continue
        on = _day(fact.on)
        rows.append(
            FactRow(
                sha256, fact.kind, on, "" if on else fact.on or "", fact.certainty, fact.evidence,
                _clean(_json(attributes)), fact.path, list(fact.links),
            )
        )  # fmt: skip
    return rows


def _subject(sha256: bytes, known_at: datetime, reading: Reading, needed: bool) -> SubjectRow | None:
    """The identity record. Two records are one only if every field is equal, and a nameless one is nobody else's:
    without a strong identifier it is at most this sender's person, without a name and birth date this document's."""
    who = reading.patient
    organisation = who.organisation or reading.organisation
    local_id = who.local_id if organisation else ""  # a local number means nothing without the place that gave it
    strong = bool(who.snils or who.enp or local_id)
    if not needed and who == Identity(organisation=who.organisation):
        return None
    apart = "" if strong else reading.organisation
    if not strong and not (who.family and who.birth_date):
        apart += "|" + (f"{reading.document.set_id}" or sha256.hex())
    parts = (
        who.snils, who.enp, organisation if local_id else "", local_id, who.family, who.given, who.patronymic,
        who.birth_date, who.sex, who.address, *who.phones, apart,
    )  # fmt: skip
    mark = hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).digest()
    return SubjectRow(
        mark, who.snils, who.enp, organisation, local_id, who.family, who.given, who.patronymic,
        _day(who.birth_date), who.sex, who.address, list(who.phones), known_at,
    )  # fmt: skip


def _day(text: str | None) -> str | None:
    """The text if it is a full calendar date, else None."""
    try:
        return date.fromisoformat(text).isoformat() if text and len(text) == 10 else None
    except ValueError:
        return None


def _int4(version: int) -> int:
    return version if 0 <= version < 2**31 else 1


def _clean(text: str) -> str:
    """PostgreSQL's json takes no zero character; XML has none, other sources may."""
    return text.replace("\\u0000", "")
