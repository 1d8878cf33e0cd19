"""Who a record is about, decided by a person: "wrong patient", "who is this?", "these two are one".

Records never change and nothing is copied: links are closed and opened, with reason and author, and both persons are
marked changed. What a person decided is stronger than any identifier and holds for later documents too."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from oncor_cases.facts.coming_back import separated, side
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import audit, documents, joins, likeness, links, persons, raw
from oncor_cases.store.persons import Candidate
from oncor_cases.store.session import Connection


class Moved(NamedTuple):
    """`person`: where the records are now; `changed`: everybody a sweep should look at."""

    person: int
    changed: frozenset[int]


def candidates(conn: Connection, region: int, person: int, limit: int = 10) -> list[Candidate]:
    """Persons a provisional one might be: equal birth date or equal names, the likeliest first."""
    return persons.candidates(conn, region, person, limit)


def link(
    conn: Connection, region: int, person: int, other: int, *, reason: str, by: str, at: datetime | None = None
) -> Moved:
    """These two are one human being. The older known one stays, open tasks of the other are re-keyed to it.

    Raises NotFound, UserError (the same person, no reason)."""
    _why(reason)
    if person == other:
        raise UserError("Выбран тот же пациент")
    documents.lock(conn, region)
    stays = persons.survivor(conn, region, person, other)
    if stays is None:
        raise NotFound("Пациент не найден")
    records = persons.records_of(conn, region, [person, other])
    before = joins.pins(conn, region, records)
    links.pin(conn, region, records, stays)
    changed = links.connect(conn, region, records, _at(conn, at), reason=reason.strip(), author=by)
    joins.decided(conn, region, [person, other], before)
    persons.refresh(conn, region, changed)
    audit.note(
        conn, region, "persons_linked", author=by, person=stays, detail={"persons": [person, other], "reason": reason}
    )
    return Moved(stays, frozenset(changed))


def unlink(
    conn: Connection,
    region: int,
    person: int,
    records: Sequence[int],
    *,
    reason: str,
    by: str,
    to: int | None = None,
    at: datetime | None = None,
) -> Moved:
    """These records are about somebody else: `to`, or whoever their remaining identifiers say, or an unknown person.

    An identifier they share with the records that stay is distrusted in them from now on.
    Raises NotFound (no such record of this person), Conflict (nothing would stay), UserError (no reason)."""
    _why(reason)
    documents.lock(conn, region)
    everything = set(persons.records_of(conn, region, [person]))
    leaving = sorted(set(records))
    if not leaving or not set(leaving) <= everything:
        raise NotFound("У пациента нет такой записи")
    if to is not None and persons.survivor(conn, region, to, to) is None:
        raise NotFound("Пациент не найден")
    staying = sorted(everything - set(leaving))
    if not staying and to is None:
        raise Conflict("Это единственная запись пациента: укажите, кто это")
    changed = _apart(conn, region, person, leaving, staying, to, reason.strip(), by, _at(conn, at))
    persons.refresh(conn, region, changed | {person})
    went = sorted(persons.of_subjects(conn, region, leaving))
    audit.note(
        conn, region, "records_unlinked", author=by, person=person,
        detail={"records": leaving, "persons": went, "reason": reason.strip()},
    )  # fmt: skip
    return Moved(went[0], frozenset(changed | {person}))


def wrong_patient(
    conn: Connection,
    region: int,
    document: int,
    *,
    reason: str,
    by: str,
    to: int | None = None,
    at: datetime | None = None,
) -> Moved:
    """The document is about somebody else, and with it every document that names its patient the same way.

    Where a word here brought its record to this patient, that word is taken back: all that came with it leaves with it, and
    who had been joined comes back (docs/adr/0020). Raises as `unlink`."""
    records = documents.subjects_of(conn, region, [document])
    owners = persons.of_subjects(conn, region, records)
    if not owners:
        raise NotFound("Документ не найден")
    person = next(iter(owners))
    with_them = side(joins.into(conn, region, [person]), records) & set(persons.records_of(conn, region, [person]))
    return unlink(conn, region, person, sorted({*records, *with_them}), reason=reason, by=by, to=to, at=at)


def _apart(
    conn: Connection, region: int, person: int, leaving: Sequence[int], staying: Sequence[int], to: int | None,
    reason: str, by: str, at: datetime,
) -> set[int]:  # fmt: skip
    """Where somebody's word had made the two sides one, taking it back may be enough: identifiers are judged as they were
    before it, and nothing is distrusted. Else, and when they are one still, the shared identifiers are at fault."""
    likeness.part(conn, region, leaving, staying, by, reason, at)
    changed: set[int] = set()
    everything = sorted({*leaving, *staying})
    made = joins.into(conn, region, [person])
    known = {id for join in made for id in join.records | join.others}
    word = separated(made, leaving, staying) if to is None else None
    if word is not None:
        links.repin(conn, region, word)
        changed = links.connect(conn, region, everything, at, reason=reason, author=by)
        named = [id for id in staying if id in known] or staying
        if not persons.of_subjects(conn, region, leaving) & persons.of_subjects(conn, region, named):
            return changed
    links.pin(conn, region, leaving, to)
    links.distrust(conn, region, leaving, staying)
    return changed | links.connect(conn, region, everything, at, reason=reason, author=by)


def _why(reason: str) -> None:
    if not reason.strip():
        raise UserError("Укажите причину")


def _at(conn: Connection, at: datetime | None) -> datetime:
    return at or raw.now(conn)
