"""Identity records and persons in rows: what a source wrote of somebody, and the columns that pages and policies read."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple
from uuid import UUID

from oncor_cases.store import arrays
from oncor_cases.store.facts import changed
from oncor_cases.store.session import Connection


class SubjectRow(NamedTuple):
    """An identity record as a source wrote it; `fingerprint` is the hash of all of it."""

    fingerprint: bytes
    snils: str
    enp: str
    organisation: str
    local_id: str
    family: str
    given: str
    patronymic: str
    birth_date: str | None
    sex: str
    address: str
    phones: list[str]
    first_seen_at: datetime


_SUBJECT = {
    "fingerprint": "bytea", "snils": "text", "enp": "text", "organisation": "text", "local_id": "text", "family": "text",
    "given": "text", "patronymic": "text", "birth_date": "date", "sex": "text", "address": "text", "phones": "text[]",
    "first_seen_at": "timestamptz",
}  # fmt: skip


def add_subjects(conn: Connection, region: int, rows: Sequence[SubjectRow]) -> tuple[dict[bytes, int], list[int]]:
    """Stores records not seen before. Returns fingerprint → id of all of them, and those that have no person yet."""
    first: dict[bytes, SubjectRow] = {}
    for row in rows:
        if row.fingerprint not in first or row.first_seen_at < first[row.fingerprint].first_seen_at:
            first[row.fingerprint] = row
    found = _subjects(conn, region, list(first))
    fresh = [row for mark, row in first.items() if mark not in found]
    if fresh:
        table, values = arrays.source(_SUBJECT, sorted(fresh))
        names = ", ".join(_SUBJECT)
        phones = names.replace("phones", "case when phones = '' then '{}' else string_to_array(phones, chr(31)) end")
        conn.execute(
            f"insert into subject (region_id, {names}) select %s, {phones} from {table} on conflict do nothing",
            (region, *values),
        )
        found |= _subjects(conn, region, [row.fingerprint for row in fresh])
    _seen_earlier(
        conn, region, {s.id: first[mark].first_seen_at for mark, s in found.items() if s.seen > first[mark].first_seen_at}
    )
    return {mark: s.id for mark, s in found.items()}, sorted(s.id for s in found.values() if s.person is None)


class _Subject(NamedTuple):
    id: int
    person: int | None
    seen: datetime


def _subjects(conn: Connection, region: int, marks: Sequence[bytes]) -> dict[bytes, _Subject]:
    rows = conn.execute(
        "select fingerprint, id, person_id, first_seen_at from subject where region_id = %s and fingerprint = any(%s)",
        (region, list(marks)),
    )
    return {row[0]: _Subject(*row[1:]) for row in rows}


def _seen_earlier(conn: Connection, region: int, moments: Mapping[int, datetime]) -> None:
    """A document known earlier came later: the record and its first link are as old as that document."""
    if not moments:
        return
    values = (list(moments), list(moments.values()), region)
    conn.execute(
        """update subject s set first_seen_at = m.at from unnest(%s::bigint[], %s::timestamptz[]) m(id, at)
           where s.region_id = %s and s.id = m.id""",
        values,
    )
    conn.execute(
        """update subject_link l set valid_from = least(l.valid_from, m.at)
           from unnest(%s::bigint[], %s::timestamptz[]) m(id, at)
           where l.region_id = %s and l.subject_id = m.id and not exists (
               select from subject_link e
               where e.region_id = l.region_id and e.subject_id = l.subject_id and e.id < l.id)""",
        values,
    )


def records_of(conn: Connection, region: int, people: Sequence[int]) -> list[int]:
    """The identity records taken for these persons, without what was said here."""
    rows = conn.execute(
        "select id from subject where region_id = %s and person_id = any(%s) and source <> 'person' order by id",
        (region, list(people)),
    )
    return [row.id for row in rows]


def survivor(conn: Connection, region: int, person: int, other: int) -> int | None:
    """Which of two persons keeps their number: the one with an identifier, then the older. None if one is not there."""
    rows = conn.execute(
        "select id, provisional from person where region_id = %s and id = any(%s) and merged_into is null",
        (region, [person, other]),
    ).fetchall()
    if {row.id for row in rows} != {person, other}:
        return None
    return min(rows, key=lambda row: (row.provisional, row.id)).id


class Candidate(NamedTuple):
    """Somebody a provisional person might be."""

    id: int
    public_id: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    snils: str
    same_birth_date: bool
    same_name: bool


def candidates(conn: Connection, region: int, person: int, limit: int) -> list[Candidate]:
    """Persons with the same birth date and a part of the name, or with the same name; the likeliest first."""
    rows = conn.execute(
        """select c.id, c.public_id, c.family, c.given, c.patronymic, c.birth_date, c.snils,
                  c.birth_date is not distinct from p.birth_date and p.birth_date is not null as same_birth_date,
                  c.search_key = p.search_key as same_name
           from person p join person c on c.region_id = p.region_id and c.id <> p.id and c.merged_into is null
               and c.search_key >= split_part(p.search_key, ' ', 1) || ' '
               and c.search_key < split_part(p.search_key, ' ', 1) || '!'
           where p.region_id = %s and p.id = %s and p.family <> ''
             and (c.birth_date = p.birth_date or c.given = p.given)
           order by same_birth_date desc, same_name desc, c.id limit %s""",
        (region, person, limit),
    )
    return [Candidate(*row) for row in rows]


def of_subjects(conn: Connection, region: int, subjects: Sequence[int]) -> set[int]:
    """The persons these records are taken for now."""
    rows = conn.execute(
        "select distinct person_id from subject where region_id = %s and id = any(%s) and person_id is not null",
        (region, list(subjects)),
    )
    return {row.person_id for row in rows}


_REFRESH = """
    with mine as (
        select s.* from subject s where s.region_id = %(region)s and s.person_id = any(%(persons)s) and s.source <> 'person'
    ), best as (
        -- Demographics that rules read (birth date, sex) do not depend on the order of arrival; names are the latest.
        select person_id,
            (array_agg(family order by first_seen_at desc, fingerprint) filter (where family <> ''))[1] family,
            (array_agg(given order by first_seen_at desc, fingerprint) filter (where family <> ''))[1] given,
            (array_agg(patronymic order by first_seen_at desc, fingerprint) filter (where family <> ''))[1] patronymic,
            mode() within group (order by birth_date) birth_date,
            mode() within group (order by nullif(sex, '')) sex,
            (array_agg(snils order by first_seen_at desc, fingerprint)
                filter (where snils <> '' and not 'snils' = any(distrusted)))[1] snils,
            (array_agg(enp order by first_seen_at desc, fingerprint)
                filter (where enp <> '' and not 'enp' = any(distrusted)))[1] enp,
            (array_agg(address order by first_seen_at desc, fingerprint) filter (where address <> ''))[1] address,
            bool_and((snils = '' or 'snils' = any(distrusted)) and (enp = '' or 'enp' = any(distrusted))
                and (local_id = '' or 'local' = any(distrusted)) and pinned is null) provisional
        from mine group by person_id
    ), phone as (
        select person_id, array_agg(phone order by seen desc, phone) phones
        from (select person_id, phone, max(first_seen_at) seen from mine, unnest(phones) phone group by 1, 2) x group by 1
    ), said as (
        select s.person_id,
            (array_agg(f.attributes ->> 'org' order by f.on_date desc nulls last, f.known_at desc, f.attributes ->> 'org')
                filter (where f.kind = 'attached' and f.attributes ->> 'org' <> ''))[1] attached,
            max(f.on_date) filter (where f.kind = 'death') died
        from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.in_force
            and f.kind in ('attached', 'death')
        where s.region_id = %(region)s and s.person_id = any(%(persons)s) group by 1
    )
    update person p set family = coalesce(b.family, ''), given = coalesce(b.given, ''),
        patronymic = coalesce(b.patronymic, ''), birth_date = b.birth_date, sex = coalesce(b.sex, ''),
        snils = coalesce(b.snils, ''), enp = coalesce(b.enp, ''), address = coalesce(b.address, ''),
        phones = coalesce(ph.phones, '{}'), provisional = b.provisional,
        attached_org = coalesce(d.attached, ''), died_on = d.died,
        sort_key = translate(k.name, 'ё', 'е') || ' ' || k.name, search_key = translate(k.name, 'ё', 'е')
    from best b cross join lateral (
        -- letter by letter: lower() of a managed server may know no Cyrillic
        select translate(regexp_replace(trim(concat_ws(' ', b.family, b.given, b.patronymic)), '\\s+', ' ', 'g'),
            'АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCDEFGHIJKLMNOPQRSTUVWXYZ',
            'абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz') as name
        offset 0) k  -- written out three times otherwise
        left join phone ph using (person_id) left join said d using (person_id)
    where p.region_id = %(region)s and p.id = b.person_id"""

# The sender of a document in force, the clinic of attachment, an organisation named by a fact in force.
_SCOPE = """
    select s.person_id, d.sender_org as org, 'sender' as reason
    from subject s join document d on d.region_id = s.region_id and d.subject_id = s.id and d.in_force
    where s.region_id = %(region)s and s.person_id = any(%(persons)s) and d.sender_org <> ''
    union
    select s.person_id, f.attributes ->> 'org', case f.kind when 'attached' then 'attached' else 'named' end
    from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.in_force
    where s.region_id = %(region)s and s.person_id = any(%(persons)s) and f.attributes ->> 'org' <> ''"""


def add_scope(conn: Connection, region: int, documents: Sequence[int]) -> None:
    """Senders and named organisations of new documents see their persons; nothing is taken away."""
    conn.execute(
        """insert into person_scope (region_id, person_id, org, reason)
           select * from (
               select d.region_id, s.person_id, d.sender_org, 'sender'
               from document d join subject s on s.region_id = d.region_id and s.id = d.subject_id
               where d.region_id = %(region)s and d.id = any(%(ids)s) and d.in_force and d.sender_org <> ''
               union
               select f.region_id, s.person_id, f.attributes ->> 'org', 'named'
               from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id
               where f.region_id = %(region)s and f.document_id = any(%(ids)s) and f.in_force and f.kind <> 'attached'
                 and f.attributes ->> 'org' <> ''
           ) x where person_id is not null order by 2, 3, 4 on conflict do nothing""",
        {"region": region, "ids": list(documents)},
    )


def refresh(conn: Connection, region: int, persons: Iterable[int]) -> None:
    """Everything kept beside the facts of these persons: names, clinic, scope; and raises their generation."""
    values = {"region": region, "persons": sorted(set(persons))}
    if not values["persons"]:
        return
    conn.execute(_REFRESH, values)
    conn.execute(
        f"""with wanted as ({_SCOPE})
            delete from person_scope p where p.region_id = %(region)s and p.person_id = any(%(persons)s)
              and p.reason in ('sender', 'attached', 'named')
              and not exists (select from wanted w
                              where w.person_id = p.person_id and w.org = p.org and w.reason = p.reason)""",
        values,
    )
    conn.execute(
        f"""insert into person_scope (region_id, person_id, org, reason)
            select %(region)s, person_id, org, reason from ({_SCOPE}) w order by 1, 2, 3 on conflict do nothing""",
        values,
    )
    changed(conn, region, values["persons"])


def refresh_death(conn: Connection, region: int, person: int) -> None:
    """The day of death kept beside the facts, after a person's word about it: no source told anything else."""
    conn.execute(
        """update person p set died_on = (
               select max(f.on_date) from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id
               where s.region_id = p.region_id and s.person_id = p.id and f.in_force and f.kind = 'death')
           where p.region_id = %s and p.id = %s""",
        (region, person),
    )


def find(conn: Connection, region: int, public_id: str) -> int | None:
    """The person behind an outside address, also an address from before a join; None if there is none in scope."""
    row = conn.execute(
        "select coalesce(merged_into, id) id from person where region_id = %s and public_id = %s", (region, public_id)
    ).fetchone()
    return row.id if row else None
