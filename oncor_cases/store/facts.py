"""Facts out of rows: the timelines of many persons in one query, and the facts people state themselves."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from itertools import groupby
from operator import itemgetter
from typing import Any

from psycopg.rows import tuple_row
from psycopg.types.json import Jsonb

from oncor_cases.facts.stored import stored
from oncor_cases.facts.timeline import Patient, Timeline, Version
from oncor_cases.facts.vocabulary import check
from oncor_cases.kernel.errors import NotFound
from oncor_cases.store.session import Connection

_COLUMNS = """f.id, f.kind, f.on_date, f.on_text, (f.known_at at time zone r.tz)::date, f.attributes::text, f.certainty,
    f.evidence, f.document_id, f.links, f.path, case when f.author <> '' then f.author else coalesce(d.sender_org, '') end,
    coalesce(d.set_id, ''), coalesce(d.version, 0), coalesce(d.sender_org, ''),
    (coalesce(d.withdrawn_at, case when d.id is null then f.ceased_at end) at time zone r.tz)::date"""

_IN_FORCE = f"""
    select s.person_id, {_COLUMNS}
    from subject s join region r on r.id = s.region_id
    join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.in_force
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where s.region_id = %(region)s and s.person_id = any(%(persons)s)
    order by s.person_id, f.id"""

# As known then: the links of that day; superseded and withdrawn facts too, the Timeline decides by versions.
_KNOWN_ON = f"""
    select l.person_id, {_COLUMNS}
    from subject_link l join region r on r.id = l.region_id
    join fact f on f.region_id = l.region_id and f.subject_id = l.subject_id
        and (f.known_at at time zone r.tz)::date <= %(day)s
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where l.region_id = %(region)s and l.person_id = any(%(persons)s) and d.status is distinct from 'quarantined'
      and (l.valid_from at time zone r.tz)::date <= %(day)s
      and (l.valid_to is null or (l.valid_to at time zone r.tz)::date > %(day)s)
    order by l.person_id, f.id"""

_VERSIONS = """
    select distinct l.person_id, o.sender_org, o.set_id, o.version, (o.known_at at time zone r.tz)::date,
           (o.withdrawn_at at time zone r.tz)::date
    from subject_link l join region r on r.id = l.region_id
    join document d on d.region_id = l.region_id and d.subject_id = l.subject_id and d.set_id <> ''
    join document o on o.region_id = d.region_id and o.sender_org = d.sender_org and o.set_id = d.set_id
    where l.region_id = %(region)s and l.person_id = any(%(persons)s) and o.status <> 'quarantined'
      and (o.known_at at time zone r.tz)::date <= %(day)s"""


def timelines(
    conn: Connection, region: int, persons: Sequence[int], known_on: date | None = None
) -> Iterator[tuple[int, Timeline]]:
    """(person, Timeline) for each of `persons`, ascending, also for those without a fact.

    Without `known_on` only the facts now in force are read (one index walk); with it everything learnt by that day.
    A fact's id is its row's id, `doc` the document's, `series` its sender and set; days are of the region's zone."""
    values = {"region": region, "persons": list(persons), "day": known_on}
    patients = _patients(conn, values)
    versions = _versions(conn, values) if known_on is not None else {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(_IN_FORCE if known_on is None else _KNOWN_ON, values)
        facts = {person: tuple(map(stored, rows)) for person, rows in groupby(cursor.fetchall(), key=itemgetter(0))}
    for person in sorted(patients):
        yield person, Timeline(patients[person], facts.get(person, ()), versions.get(person, ()))


def _patients(conn: Connection, values: Mapping[str, Any]) -> dict[int, Patient]:
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            "select id, sex, birth_date, attached_org from person where region_id = %(region)s and id = any(%(persons)s)",
            values,
        )
        return {row[0]: Patient(str(row[0]), *row[1:]) for row in cursor}


def _versions(conn: Connection, values: Mapping[str, Any]) -> dict[int, tuple[Version, ...]]:
    found: dict[int, list[Version]] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(_VERSIONS, values)
        for person, sender, set_id, version, known, withdrawn in cursor:
            found.setdefault(person, []).append(Version(f"{sender}|{set_id}", version, known, withdrawn))
    return {person: tuple(sorted(rows, key=lambda v: (v.series, v.version))) for person, rows in found.items()}


def state(
    conn: Connection,
    region: int,
    person: int,
    kind: str,
    on: date | None,
    attributes: Mapping[str, Any],
    *,
    author: str,
    at: datetime | None = None,
    evidence: str = "person",
    certainty: str = "established",
    links: Sequence[str] = (),
) -> int:
    """Stores what a person said as a fact without a document and raises the person's generation; returns the fact's id.

    `at` is the moment of knowledge (a demo's clock), the server's clock by default.
    Raises UnknownFact, BadAttribute, NotFound."""
    row = conn.execute(
        """insert into fact (region_id, subject_id, kind, on_date, known_at, certainty, evidence, attributes, links, author)
           values (%s, %s, %s, %s, coalesce(%s, now()), %s, %s, %s, %s, %s) returning id""",
        (
            region, own_subject(conn, region, person, at), kind, on, at, certainty, evidence,
            Jsonb(check(kind, attributes)), list(links), author,
        ),
    ).fetchone()  # fmt: skip
    changed(conn, region, [person])
    return row[0]


def tells_death(fact: str) -> str:
    """Does a fact of this alias say that the person has died? As in workflows/events.py (`reports_death`)."""
    return (
        f"({fact}.kind = 'death' or {fact}.kind = 'register_exit' and starts_with({fact}.attributes ->> 'reason', 'died'))"
    )


def take_back(conn: Connection, region: int, fact: int, *, at: datetime | None = None) -> None:
    """A fact somebody stated ceases from now; what was known before stays readable. Raises NotFound."""
    row = conn.execute(
        """update fact f set in_force = false, ceased_at = coalesce(%s, now())
           from subject s where f.region_id = %s and f.id = %s and f.document_id is null and f.in_force
             and s.region_id = f.region_id and s.id = f.subject_id returning s.person_id""",
        (at, region, fact),
    ).fetchone()
    if row is None:
        raise NotFound("Такой записи нет или она уже отменена")
    changed(conn, region, [row[0]])


def own_subject(conn: Connection, region: int, person: int, at: datetime | None = None) -> int:
    """The subject that carries what people here say of a person; moves with the person on a join."""
    mark = hashlib.sha256(f"own|{region}|{person}".encode()).digest()
    row = conn.execute("select id from subject where region_id = %s and fingerprint = %s", (region, mark)).fetchone()
    if row is not None:
        return row[0]
    if conn.execute("select 1 from person where region_id = %s and id = %s", (region, person)).fetchone() is None:
        raise NotFound("Пациент не найден")
    row = conn.execute(
        """insert into subject (region_id, person_id, source, fingerprint, first_seen_at)
           values (%s, %s, 'person', %s, coalesce(%s, now())) returning id""",
        (region, person, mark, at),
    ).fetchone()
    conn.execute(
        """insert into subject_link (region_id, subject_id, person_id, valid_from, reason)
           values (%s, %s, %s, coalesce(%s, now()), 'own')""",
        (region, row[0], person, at),
    )
    return row[0]


def changed(conn: Connection, region: int, persons: Sequence[int]) -> None:
    """Raises the generation of each person, in the writer's own transaction: the next sweep will look at them."""
    conn.execute(
        """insert into person_change (region_id, person_id, generation)
           select %s, p, 1 from (select distinct unnest(%s::int[]) p) x order by p
           on conflict (region_id, person_id) do update set generation = person_change.generation + 1""",
        (region, list(persons)),
    )
