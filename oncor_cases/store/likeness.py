"""Records that may be one person, in rows: whom to compare with whom, what was found, what people answered."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.kernel.names import normal
from oncor_cases.store.session import Connection

Names = list[list[str]]


class Left(NamedTuple):
    """A person whom no row of the insured list is known to be. `records`: their identity records, the first one speaks
    for them; `org`: whose registrar may be asked."""

    person: int
    records: list[int]
    org: str
    names: Names
    born: date | None
    sex: str
    snils: str
    enp: str
    phones: list[str]
    address: str


def linked_lefts(conn: Connection, region: int, after: int, limit: int) -> list[Left]:
    """Records joined by an earlier run, without those they were joined to: would they be joined today?"""
    rows = conn.execute(
        """select s.person_id as person, array_agg(distinct s.id) as records, min(k.org) as org,
                  jsonb_agg(distinct jsonb_build_array(s.family, s.given, s.patronymic)) as names,
                  mode() within group (order by s.birth_date) as born,
                  coalesce(mode() within group (order by nullif(s.sex, '')), '') as sex,
                  max(s.snils) as snils, max(s.enp) as enp,
                  array(select distinct unnest(
                      string_to_array(string_agg(array_to_string(s.phones, chr(31)), chr(31)), chr(31)))) as phones,
                  max(s.address) as address
           from likeness k join subject s on s.region_id = k.region_id and s.id = k.subject_id
           where k.region_id = %(region)s and k.state = 'linked' and s.person_id > %(after)s and s.family <> ''
           group by s.person_id order by 1 limit %(limit)s""",
        {"region": region, "after": after, "limit": limit},
    ).fetchall()
    return [Left(*row) for row in rows]


class Candidate(NamedTuple):
    """Whom a person may be: a resident (`enp` tells which) or another person without a row of the list."""

    left: int
    person: int
    resident: str
    names: Names
    born: date | None
    sex: str
    snils: str
    enp: str
    phones: list[str]
    address: str


def lefts(conn: Connection, region: int, after: int, limit: int) -> list[Left]:
    """Persons with a name whom no resident is, in the order of numbers, beyond `after`."""
    rows = conn.execute(
        """select p.id as person, s.records, coalesce(o.org, '') as org, s.names, p.birth_date as born, p.sex,
                  p.snils, p.enp, p.phones, p.address
           from person p
           cross join lateral (
               select array_agg(s.id order by s.id) records,
                      jsonb_agg(distinct jsonb_build_array(s.family, s.given, s.patronymic))
                          filter (where s.family <> '') names
               from subject s where s.region_id = p.region_id and s.person_id = p.id and s.source <> 'person') s
           left join lateral (
               select x.org from person_scope x where x.region_id = p.region_id and x.person_id = p.id
               order by x.reason <> 'sender', x.org limit 1) o on true
           where p.region_id = %(region)s and p.merged_into is null and p.id > %(after)s and p.family <> ''
             and s.names is not null
             and not exists (select from resident r where r.region_id = p.region_id and r.person_id = p.id)
           order by p.id limit %(limit)s""",
        {"region": region, "after": after, "limit": limit},
    ).fetchall()
    return [Left(*row) for row in rows]


_RESIDENT = """select l.person as left, r.person_id, r.enp as resident, r.family, r.given, r.patronymic, r.born, r.sex,
                      r.snils, r.enp"""
_ASKED = """unnest(%(persons)s::int[], %(born)s::date[], %(snils)s::text[], %(enp)s::text[], %(keys)s::text[])
            as l(person, born, snils, enp, key)"""
_UPPER = "translate(upper({0} collate \"C\"), 'абвгдеёжзийклмнопрстуфхцчшщъыьэюяЁ', 'АБВГДЕЕЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯЕ')"

_BLOCKS = f"""
    {_RESIDENT} from {_ASKED} join resident r on r.region_id = %(region)s and r.born = l.born
    union {_RESIDENT} from {_ASKED} join resident r on r.region_id = %(region)s and r.snils = l.snils and r.snils <> ''
    union {_RESIDENT} from {_ASKED} join resident r on r.region_id = %(region)s and r.enp = l.enp"""

# A wrong birth date: the same surname and name, and the year or the day and month are right. One walk over the list.
_BY_NAME = f"""
    {_RESIDENT} from {_ASKED} join resident r on r.region_id = %(region)s
        and {_UPPER.format("r.family || ' ' || r.given")} = l.key
        and (date_part('year', r.born) = date_part('year', l.born)
             or to_char(r.born, 'MMDD') in (to_char(l.born, 'MMDD'), to_char(l.born, 'DDMM')))"""

_PERSONS = f"""
    select l.person as left, c.id, '' as resident, c.family, c.given, c.patronymic, c.birth_date, c.sex, c.snils, c.enp,
           c.phones, c.address
    from {_ASKED} join person c on c.region_id = %(region)s and c.id <> l.person and c.birth_date = l.born
    where c.merged_into is null and c.family <> ''
      and not exists (select from resident r where r.region_id = c.region_id and r.person_id = c.id)"""


def candidates(conn: Connection, region: int, asked: Sequence[Left]) -> Iterator[Candidate]:
    """Everybody with the same birth date or number; of residents, also those of the same name and nearly that date."""
    values = {
        "region": region, "persons": [a.person for a in asked], "born": [a.born for a in asked],
        "snils": [a.snils for a in asked], "enp": [a.enp for a in asked],
        "keys": [f"{a.names[0][0]} {a.names[0][1]}".upper().replace("Ё", "Е") for a in asked],
    }  # fmt: skip
    for sql in (_BLOCKS, _BY_NAME):
        for r in conn.execute(sql, values):
            yield Candidate(r[0], r[1], r[2], [[r[3], r[4], r[5]]], r[6], r[7], r[8], r[9], [], "")
    for r in conn.execute(_PERSONS, values):
        yield Candidate(r[0], r[1], "", [[r[3], r[4], r[5]]], r[6], r[7], r[8], r[9], r[10], r[11])


def former_names(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, Names]:
    """Names residents had in earlier lists, and every name their records have."""
    rows = conn.execute(
        """select person_id, family, given, patronymic from resident_former
               where region_id = %(r)s and person_id = any(%(p)s)
           union select person_id, family, given, patronymic from subject
               where region_id = %(r)s and person_id = any(%(p)s) and family <> ''""",
        {"r": region, "p": list(persons)},
    )
    found: dict[int, Names] = {}
    for row in rows:
        found.setdefault(row[0], []).append(list(row[1:]))
    return found


def frequencies(conn: Connection, region: int) -> tuple[dict[str, dict[str, float]], int]:
    """Share of each name as compared in the region, by field; and how many people there are."""
    (count,) = conn.execute("select count(*) from resident where region_id = %s", (region,)).fetchone()
    table, where = ("resident", "") if count else ("person", " and merged_into is null")
    found: dict[str, dict[str, float]] = {}
    total = 0
    for field in ("family", "given", "patronymic"):
        counts: dict[str, int] = {}
        sql = f"select {field}, count(*) from {table} where region_id = %s{where} group by 1"
        for text, n in conn.execute(sql, (region,)):
            counts[normal(text)] = counts.get(normal(text), 0) + n
        total = sum(counts.values())
        found[field] = {name: n / total for name, n in counts.items()} if total else {}
    return found, total


def answered(conn: Connection, region: int, records: Sequence[int]) -> dict[tuple[int, int], tuple[str, bytes]]:
    """(record, other) → (state, hash of the values) of pairs met before."""
    rows = conn.execute(
        """select subject_id, other_id, state, values_hash from likeness
           where region_id = %s and (subject_id = any(%s) or other_id = any(%s))""",
        (region, list(records), list(records)),
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in rows}


def first_records(conn: Connection, region: int, persons: Sequence[int]) -> dict[int, int]:
    """The record that speaks for a person: that of the insured list, else the oldest."""
    rows = conn.execute(
        """select distinct on (person_id) person_id, id from subject
           where region_id = %s and person_id = any(%s) and source <> 'person'
           order by person_id, source <> 'insured', birth_date is null, id""",
        (region, list(persons)),
    )
    return {row[0]: row[1] for row in rows}


class Pair(NamedTuple):
    """What is stored of a pair."""

    subject: int
    other: int
    org: str
    method: str
    state: str
    score: float
    values_hash: bytes
    detail: Mapping[str, Any]


def write(conn: Connection, region: int, pairs: Sequence[Pair]) -> None:
    """New pairs, and those whose values changed since; what a person answered about the same values stays."""
    with conn.cursor() as cursor:
        cursor.executemany(
            """insert into likeness as k (region_id, subject_id, other_id, org, method, state, score, values_hash, detail)
               values (%s, %s, %s, %s, %s, %s, %s, %s, %s)
               on conflict (region_id, subject_id, other_id) do update set org = excluded.org, method = excluded.method,
                   state = excluded.state, score = excluded.score, values_hash = excluded.values_hash,
                   detail = excluded.detail, found_at = now(), decided_at = null, decided_by = '', reason = ''
               where k.decided_by = '' or k.values_hash <> excluded.values_hash""",
            [(region, *p[:7], Jsonb(dict(p.detail))) for p in pairs],
        )


def forget(conn: Connection, region: int, records: Sequence[int], keep: Sequence[tuple[int, int]]) -> list[int]:
    """Automatic links and questions about these records that are no more what they would be today. Returns the records
    of links that ended."""
    kept = [f"{a}/{b}" for a, b in keep]
    rows = conn.execute(
        """delete from likeness where region_id = %s and subject_id = any(%s) and decided_by = ''
             and state in ('linked', 'review') and not (subject_id || '/' || other_id) = any(%s)
           returning subject_id, other_id, state""",
        (region, list(records), kept),
    ).fetchall()
    return sorted({id for row in rows if row.state == "linked" for id in (row.subject_id, row.other_id)})


class Held(NamedTuple):
    """A pair as it stands, for a decision."""

    id: int
    subject: int
    other: int
    person: int
    other_person: int
    state: str
    org: str


def held(conn: Connection, region: int, id: int) -> Held | None:
    """One pair with whom its records are taken for now, None if there is none (or outside the reader's scope)."""
    row = conn.execute(
        """select k.id, k.subject_id, k.other_id, a.person_id as person, b.person_id as other, k.state, k.org from likeness k
           join subject a on a.region_id = k.region_id and a.id = k.subject_id
           join subject b on b.region_id = k.region_id and b.id = k.other_id
           where k.region_id = %s and k.id = %s""",
        (region, id),
    ).fetchone()
    return Held(*row) if row else None


def decide(conn: Connection, region: int, id: int, state: str, by: str, reason: str, at: datetime | None) -> None:
    """Writes a person's answer."""
    conn.execute(
        """update likeness set state = %s, decided_at = coalesce(%s, now()), decided_by = %s, reason = %s
           where region_id = %s and id = %s""",
        (state, at, by, reason, region, id),
    )


def part(
    conn: Connection, region: int, records: Sequence[int], others: Sequence[int], by: str, reason: str, at: datetime
) -> None:
    """Somebody said that these are not those: pairs of them join nothing any more and are not asked again."""
    conn.execute(
        """update likeness set state = 'different', decided_at = %(at)s, decided_by = %(by)s, reason = %(reason)s
           where region_id = %(region)s and state in ('linked', 'same')
             and (subject_id = any(%(a)s) and other_id = any(%(b)s) or subject_id = any(%(b)s) and other_id = any(%(a)s))""",
        {"region": region, "a": list(records), "b": list(others), "by": by, "reason": reason, "at": at},
    )


def of_person(conn: Connection, region: int, person: int) -> list[int]:
    """Pairs in force that made these records one person, the newest first."""
    rows = conn.execute(
        """select k.id from likeness k join subject a on a.region_id = k.region_id and a.id = k.subject_id
           where k.region_id = %s and a.person_id = %s and k.state in ('linked', 'same') order by k.id desc""",
        (region, person),
    )
    return [row.id for row in rows]


def question(conn: Connection, region: int, person: int, org: str, key: int) -> None:
    """A question to the registrar of the clinic that wrote the record: its line on the page «Исправить»."""
    conn.execute(
        """insert into finding (region_id, code, key, person_id, detail) values (%s, 'who_is_this', %s, %s, %s)
           on conflict (region_id, code, key) do update set state = 'open', settled_at = null, settled_by = ''""",
        (region, f"likeness:{key}", person, Jsonb({"org": org})),
    )


def question_answered(conn: Connection, region: int, key: int, by: str) -> None:
    """The question is settled with the pair."""
    conn.execute(
        """update finding set state = 'settled', settled_at = now(), settled_by = %s
           where region_id = %s and code = 'who_is_this' and key = %s and state = 'open'""",
        (by, region, f"likeness:{key}"),
    )
