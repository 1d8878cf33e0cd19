"""Subjects and persons in rows: who a record is taken for, dated links, and the columns pages read.

The decision itself is pure (facts/identity.py); here its answer is written for a whole batch at once. Callers hold the
intake lock (documents.lock): links have one writer at a time."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.facts.identity import Conflict, Record, resolve
from oncor_cases.store import rekey
from oncor_cases.store.facts import changed
from oncor_cases.store.session import Connection

IDENTITY_CONFLICT = "identity_conflict"


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


class _Known(NamedTuple):
    record: Record
    person: int | None
    seen: datetime


def add_subjects(conn: Connection, region: int, rows: Iterable[SubjectRow]) -> list[int]:
    """Stores records not seen before; returns those that have no person yet."""
    conn.execute(
        """create temp table if not exists new_subject (fingerprint bytea, snils text, enp text, organisation text,
               local_id text, family text, given text, patronymic text, birth_date date, sex text, address text,
               phones text[], first_seen_at timestamptz) on commit delete rows"""
    )
    with conn.cursor() as cursor, cursor.copy("copy new_subject from stdin") as copy:
        for row in rows:
            copy.write_row(row)
    conn.execute(
        """insert into subject (region_id, fingerprint, snils, enp, organisation, local_id, family, given, patronymic,
               birth_date, sex, address, phones, first_seen_at)
           select distinct on (fingerprint) %s, fingerprint, snils, enp, organisation, local_id, family, given, patronymic,
               birth_date, sex, address, phones, first_seen_at
           from new_subject order by fingerprint, first_seen_at
           on conflict (region_id, fingerprint) do update set first_seen_at = excluded.first_seen_at
               where subject.first_seen_at > excluded.first_seen_at""",
        (region,),
    )
    conn.execute(
        """update subject_link l set valid_from = s.first_seen_at
           from subject s join new_subject n using (fingerprint)
           where s.region_id = %s and l.region_id = s.region_id and l.subject_id = s.id and l.valid_from > s.first_seen_at
             and not exists (select from subject_link e
                             where e.region_id = l.region_id and e.subject_id = s.id and e.id < l.id)""",
        (region,),
    )
    return [
        row.id
        for row in conn.execute(
            """select s.id from subject s join (select distinct fingerprint from new_subject) n using (fingerprint)
               where s.region_id = %s and s.person_id is null order by s.id""",
            (region,),
        )
    ]


def connect(
    conn: Connection, region: int, subjects: Sequence[int], at: datetime, *, reason: str = "identifiers", author: str = ""
) -> set[int]:
    """Decides anew who these records and everybody connected with them are; writes links, joins and conflicts.

    `at`: from when the new links hold. Returns every person that gained or lost a record."""
    known = _closure(conn, region, subjects)
    groups, conflicts = resolve(k.record for k in known.values())
    owners = _owners(conn, region, groups, known)
    moves = [
        (record.id, person, known[record.id].person, known[record.id].seen if known[record.id].person is None else at)
        for group, person in zip(groups, owners, strict=True)
        for record in group
        if known[record.id].person != person
    ]
    touched = _relink(conn, region, moves, at, reason, author)
    touched |= _follow(conn, region, known, owners, groups, at)
    _tell_conflicts(conn, region, known, conflicts)
    return touched


_CLOSURE = """
    with asked as (select * from subject where region_id = %(region)s and id = any(%(ids)s))
    select b.id from asked a join subject b on b.region_id = a.region_id and b.snils = a.snils
        where a.snils <> '' and b.snils <> ''
    union select b.id from asked a join subject b on b.region_id = a.region_id and b.enp = a.enp
        where a.enp <> '' and b.enp <> ''
    union select b.id from asked a join subject b on b.region_id = a.region_id and b.organisation = a.organisation
        and b.local_id = a.local_id where a.local_id <> '' and b.local_id <> ''
    union select b.id from asked a join subject b on b.region_id = a.region_id and b.person_id = a.person_id
    union select id from asked"""


def _closure(conn: Connection, region: int, subjects: Sequence[int]) -> dict[int, _Known]:
    """Everything reachable from these records by identifiers and persons; own records of persons stay out."""
    found: set[int] = set()
    edge = sorted(set(subjects))
    while edge:
        reached = {row.id for row in conn.execute(_CLOSURE, {"region": region, "ids": edge})}
        found |= set(edge)
        edge = sorted(reached - found)
    rows = conn.execute(
        """select id, person_id, snils, enp, organisation, local_id, coalesce(birth_date::text, '') born, sex, pinned,
               distrusted, first_seen_at from subject where region_id = %s and id = any(%s) and source <> 'person'""",
        (region, sorted(found)),
    )
    known = {}
    for row in rows:
        keys = {
            "snils": row.snils and f"snils:{row.snils}",
            "enp": row.enp and f"enp:{row.enp}",
            "local": row.local_id and f"local:{row.organisation}|{row.local_id}",
        }
        trusted = frozenset(value for name, value in keys.items() if value and name not in row.distrusted)
        known[row.id] = _Known(Record(row.id, trusted, row.born, row.sex, row.pinned), row.person_id, row.first_seen_at)
    return known


def _owners(conn: Connection, region: int, groups: Sequence[tuple[Record, ...]], known: dict[int, _Known]) -> list[int]:
    """A person for each group: the pinned one, else the oldest the group already has and nobody else took, else new."""
    owners: list[int | None] = [next((r.pinned for r in group if r.pinned is not None), None) for group in groups]
    taken = {owner for owner in owners if owner is not None}
    for at, group in enumerate(groups):
        if owners[at] is None:
            has = sorted({p for r in group if (p := known[r.id].person) is not None} - taken)
            if has:
                owners[at] = has[0]
                taken.add(has[0])
    missing = owners.count(None)
    rows = conn.execute(
        "insert into person (region_id) select %s from generate_series(1, %s) returning id", (region, missing)
    ).fetchall() if missing else []  # fmt: skip
    fresh = iter(row.id for row in rows)
    return [owner if owner is not None else next(fresh) for owner in owners]


def _relink(
    conn: Connection,
    region: int,
    moves: Sequence[tuple[int, int, int | None, datetime]],
    at: datetime,
    reason: str,
    author: str,
) -> set[int]:
    """Closes the open links of moved records and opens new ones."""
    if not moves:
        return set()
    ids, persons, before, since = (list(column) for column in zip(*moves, strict=True))
    conn.execute(
        """update subject_link set valid_to = greatest(valid_from, %s)
           where region_id = %s and subject_id = any(%s) and valid_to is null""",
        (at, region, ids),
    )
    conn.execute(
        """insert into subject_link (region_id, subject_id, person_id, valid_from, reason, author)
           select %s, s, p, f, %s, %s from unnest(%s::bigint[], %s::int[], %s::timestamptz[]) x(s, p, f)""",
        (region, reason, author, ids, persons, since),
    )
    conn.execute(
        """update subject s set person_id = x.p from unnest(%s::bigint[], %s::int[]) x(s, p)
           where s.region_id = %s and s.id = x.s""",
        (ids, persons, region),
    )
    return set(persons) | {p for p in before if p is not None}


def _follow(
    conn: Connection,
    region: int,
    known: dict[int, _Known],
    owners: Sequence[int],
    groups: Sequence[tuple[Record, ...]],
    at: datetime,
) -> set[int]:
    """A person whose every record went to one other person is that person now: what people said here goes along."""
    went: dict[int, set[int]] = {}
    for group, owner in zip(groups, owners, strict=True):
        for record in group:
            before = known[record.id].person
            if before is not None:
                went.setdefault(before, set()).add(owner)
    joined = {before: next(iter(to)) for before, to in went.items() if len(to) == 1 and before not in to}
    for before, into in joined.items():
        merge_rows(conn, region, before, into, at)
    alive = sorted(set(owners))
    conn.execute("update person set merged_into = null where region_id = %s and id = any(%s) and merged_into is not null",
                 (region, alive))  # fmt: skip
    return set(joined) | set(joined.values())


def merge_rows(conn: Connection, region: int, before: int, into: int, at: datetime) -> None:
    """`before` lives on as `into`: its own record, its old addresses, its episodes and tasks."""
    rekey.joined(conn, region, before, into, at)
    own = conn.execute(
        "select id, person_id from subject where region_id = %s and person_id = %s and source = 'person'", (region, before)
    ).fetchall()
    _relink(conn, region, [(row.id, into, before, at) for row in own], at, "joined", "")
    conn.execute(
        "update person set merged_into = %s where region_id = %s and (id = %s or merged_into = %s)",
        (into, region, before, before),
    )


def _tell_conflicts(conn: Connection, region: int, known: dict[int, _Known], conflicts: Sequence[Conflict]) -> None:
    """A finding per identifier that two persons share; settled by itself when the contradiction is gone."""
    now = {conflict.key: conflict for conflict in conflicts}
    keys = sorted({key for k in known.values() for key in k.record.keys})
    conn.execute(
        """update finding set state = 'settled', settled_at = now() where region_id = %s and code = %s and state = 'open'
           and key = any(%s) and not key = any(%s)""",
        (region, IDENTITY_CONFLICT, keys, list(now)),
    )
    for conflict in now.values():
        person = conn.execute(
            "select min(person_id) p from subject where region_id = %s and id = any(%s)", (region, list(conflict.records))
        ).fetchone()
        conn.execute(
            """insert into finding (region_id, code, key, person_id, detail) values (%s, %s, %s, %s, %s)
               on conflict (region_id, code, key) do update set person_id = excluded.person_id, detail = excluded.detail,
                   state = case when finding.detail = excluded.detail then finding.state else 'open' end""",
            (region, IDENTITY_CONFLICT, conflict.key, person.p,
             Jsonb({"identifier": conflict.key.partition(":")[0], "subjects": list(conflict.records)})),
        )  # fmt: skip


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
            (array_agg(f.attributes ->> 'org' order by f.on_date desc nulls last, f.known_at desc, f.id desc)
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
            'абвгдеёжзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz') as name) k
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


def find(conn: Connection, region: int, public_id: str) -> int | None:
    """The person behind an outside address, also an address from before a join; None if there is none in scope."""
    row = conn.execute(
        "select coalesce(merged_into, id) id from person where region_id = %s and public_id = %s", (region, public_id)
    ).fetchone()
    return row.id if row else None
