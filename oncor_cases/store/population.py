"""Everybody the region knows, as one list for contingents, and sets of their numbers as bitmaps.

Numbers of persons are dense and of one sequence, whoever keeps the row: `person`, or `resident` for the insured whom
nothing has concerned yet and who have not left. Both are one list (`PEOPLE`)."""

import sys
from array import array
from collections import defaultdict
from collections.abc import Callable, Mapping
from threading import Lock
from time import monotonic
from typing import Any

from pyroaring import BitMap

from oncor_cases.contingents.query import REGISTERS
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.kernel.codes import is_oid
from oncor_cases.store import documents, residents
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.partial import day
from oncor_cases.store.session import Connection, Scope

COLUMNS = """region_id, id, family, given, patronymic, birth_date, sex, snils, enp, attached_org, died_on, sort_key,
    search_key"""
PERSONS = f"select {COLUMNS}, public_id from person where merged_into is null"
# As persons.refresh makes them: letter by letter, a managed server may know no Cyrillic.
_SEARCHED = """translate(concat_ws(' ', family, given, nullif(patronymic, '')),
    'АБВГДЕЁёЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯABCDEFGHIJKLMNOPQRSTUVWXYZ',
    'абвгдееежзийклмнопрстуфхцчшщъыьэюяabcdefghijklmnopqrstuvwxyz')"""
WAITING = "subject_id is null and gone_on is null"  # of `resident`: no person yet, and here
RESIDENTS = f"""select region_id, person_id as id, family, given, patronymic, born as birth_date, sex, snils, enp,
    org as attached_org, null::date as died_on, {_SEARCHED} as sort_key, {_SEARCHED} as search_key, null::uuid as public_id
    from resident where {WAITING}"""
PEOPLE = f"{PERSONS} union all {RESIDENTS}"
SCOPED = "select person_id as id from person_scope where region_id = %(region)s and org = any(%(orgs)s)"
SEEN_BY = f"""{SCOPED}
    union select person_id from resident where region_id = %(region)s and org = any(%(orgs)s) and {WAITING}"""
PERSONS_OF = "select id from person where region_id = %(region)s and attached_org = any(%(orgs)s)"
INSURED = "select r.person_id as id from resident r where r.region_id = %(region)s and r.gone_on is null"

DEAD = "select id from person where region_id = %(region)s and died_on is not null"

# Seconds for live counts: what everybody has (alive, a clinic, a register) changes by the night and takes seconds to read
# over four million; what a reader may see changes by a decision.
COMMON_KEPT, SCOPE_KEPT = 600.0, 60.0
LARGE = 200_000  # residents from which a reading takes so long that it is made before somebody asks
_kept: dict[tuple[Any, ...], tuple[float, BitMap]] = {}
_clinics: dict[tuple[Any, ...], tuple[float, dict[str, BitMap]]] = {}
_reading: defaultdict[tuple[Any, ...], Lock] = defaultdict(Lock)  # who asks for what is being read waits for that reading

# In the register on a day: entered, and not left on that day or later (an exit of the same day comes after the entry). The
# cancer register is what it says itself, as in the comparisons (store/compared.py): neither the fund's list of observation
# nor a document nor another region's register makes somebody registered. Precancers have no register of their own, so any
# source of the region counts.
REGISTERED = f"""
    select s.person_id as id
    from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id and s.person_id is not null
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where f.region_id = %(region)s and f.in_force and {day("f")} <= %(today)s
      and not starts_with(coalesce(d.sender_org, ''), %(other)s)
      and (f.kind in ('register_entry', 'register_exit') and f.attributes ->> 'register' = %(register)s
               and (%(register)s <> 'oncology' or f.evidence = 'register')
           or %(register)s = 'oncology' and f.kind = 'diagnosis' and f.evidence = 'register'
               and f.attributes ->> 'status' = 'final')
    group by s.person_id
    having max({day("f")}) filter (where f.kind <> 'register_exit')
         > coalesce(max({day("f")}) filter (where f.kind = 'register_exit'), '-infinity'::date)"""

# Under observation with a tumour by the fund's list: of each tumour that the list has not ended.
OBSERVED = f"""
    select s.person_id as id
    from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id and s.person_id is not null
    left join document d on d.region_id = f.region_id and d.id = f.document_id
    where f.region_id = %(region)s and f.in_force and f.kind = 'register_entry' and f.evidence = 'list'
      and f.attributes ->> 'register' = 'oncology' and {day("f")} <= %(today)s
      and not starts_with(coalesce(d.sender_org, ''), %(other)s)
      and not exists (select from subject t join fact e on e.region_id = t.region_id and e.subject_id = t.id
          left join document l on l.region_id = e.region_id and l.id = e.document_id
          where t.region_id = s.region_id and t.person_id = s.person_id and e.in_force and e.kind = 'register_exit'
            and e.evidence = 'list' and e.attributes ->> 'register' = 'oncology'
            and not starts_with(coalesce(l.sender_org, ''), %(other)s)
            and {day("e")} between {day("f")} and %(today)s
            and left(coalesce(e.attributes ->> 'icd10', ''), 3) in ('', left(f.attributes ->> 'icd10', 3)))
    group by s.person_id"""


def bitmap(conn: Connection, query: str, values: Mapping[str, Any]) -> BitMap:
    """The set of the column `id` of a query. The server packs the numbers: four bytes a person on the way, no rows."""
    with conn.cursor(binary=True) as cursor:
        row = cursor.execute(f"select string_agg(int4send(n.id), ''::bytea) from ({query}) n", values).fetchone()
    return unpacked(row[0] if row else None)


def unpacked(numbers: bytes | None) -> BitMap:
    """A set out of big-endian int4 numbers in any order."""
    ids = array("I")
    ids.frombytes(numbers or b"")
    if sys.byteorder == "little":
        ids.byteswap()
    found = BitMap(ids)
    found.run_optimize()
    return found


def is_common(name: str) -> bool:
    """Is it the name of a set everybody has? `alive`, `everybody`, `insured`, `observed`, `sex:female`,
    `register:oncology`, `clinic:OID`."""
    kind, _, value = name.partition(":")
    if kind in ("alive", "everybody", "insured", "observed"):
        return value == "" and ":" not in name
    return (
        (kind == "sex" and value in ("male", "female"))
        or (kind == "register" and value in REGISTERS)
        or (kind == "clinic" and (value == "" or is_oid(value)))
    )


def common(conn: Connection, region: int, name: str, today: Any, *, fresh: bool = False, since: float = 0.0) -> BitMap:
    """A set everybody has, read by batch; for live counts from memory for some minutes. Do not change what comes back.

    `since` (monotonic seconds): what was read from that moment on is good enough; `fresh`: only what is read now."""
    since = monotonic() if fresh else since
    kind, _, value = name.partition(":")
    if kind in ("clinic", "everybody", "alive"):
        places = by_clinic(conn, region, since=since)
        if kind == "clinic":
            return places.get(value, BitMap())
        everybody = BitMap.union(*places.values()) if places else BitMap()
        return everybody if kind == "everybody" else everybody - bitmap(conn, DEAD, {"region": region})
    values = {"region": region, "today": today, "value": value, "register": value, "other": OTHER_REGISTER}
    queries = {"register": REGISTERED, "insured": INSURED, "observed": OBSERVED}
    sex = f"select p.id from ({PEOPLE}) p where p.region_id = %(region)s and p.sex = %(value)s"
    query = queries.get(kind, sex)
    return _remembered(conn, (region, name, today), lambda: bitmap(conn, query, values), COMMON_KEPT, since)


def by_clinic(conn: Connection, region: int, *, since: float = 0.0) -> dict[str, BitMap]:
    """Everybody by clinic of attachment (empty for none), read by batch at one go and kept like `common`."""
    key = _key(conn, (region, "by clinic"))
    with _reading[key]:
        kept = _clinics.get(key)
        if kept is None or kept[0] < max(since, monotonic() - COMMON_KEPT):
            began = monotonic()
            with conn.cursor(binary=True) as cursor:
                cursor.execute(
                    f"""select p.attached_org, string_agg(int4send(p.id), ''::bytea) from ({PEOPLE}) p
                        where p.region_id = %s group by 1""",
                    (region,),
                )
                kept = _clinics[key] = (began, {row[0]: unpacked(row[1]) for row in cursor})
    return kept[1]


def attached(conn: Connection, region: int) -> dict[str, int]:
    """Clinic → how many living people are attached to it, residents nothing has concerned yet among them. Read by batch."""
    dead = bitmap(conn, DEAD, {"region": region})
    return {org: len(people - dead) for org, people in by_clinic(conn, region).items()}


def is_due(conn: Connection, region: int) -> bool:
    """Is the region so large that its common sets are read ahead, and were they not read lately?"""
    kept = _clinics.get(_key(conn, (region, "by clinic")))
    if kept is not None and kept[0] > monotonic() - COMMON_KEPT / 2:
        return False
    row = conn.execute("select reltuples as n from pg_class where oid = 'resident'::regclass").fetchone()
    return row.n >= LARGE


def read_ahead(conn: Connection, region: int, today: Any) -> None:
    """Reads what nearly every count needs, by batch, so that nobody waits for it."""
    since = monotonic()
    by_clinic(conn, region, since=since)
    for name in ("insured", "register:oncology"):
        common(conn, region, name, today, since=since)


def with_rows(conn: Connection, region: int, members: BitMap) -> BitMap:
    """Those of the members who have a row in `person`, which a task needs. Whoever is known only as a resident is made a
    person here, under the same number; in the transaction of what concerns them."""
    asked = {"region": region, "ids": list(members)}
    waiting = f"select 1 from resident where region_id = %(region)s and person_id = any(%(ids)s) and {WAITING} limit 1"
    if conn.execute(waiting, asked).fetchone() is not None:
        documents.lock(conn, region)
        residents.of_persons(conn, region, asked["ids"])
    query = "select p.id from person p where p.region_id = %(region)s and p.merged_into is null and p.id = any(%(ids)s)"
    return bitmap(conn, query, asked)


def readable(conn: Connection, scope: Scope, *, fresh: bool = False) -> BitMap | None:
    """The persons the reader may see; None for everybody. Counts are cut by it, rows once more by row security."""
    if scope.role in WIDE:
        return None
    values = {"region": scope.region, "orgs": list(scope.orgs)}
    kept = _clinics.get(_key(conn, (scope.region, "by clinic")))
    since = monotonic() if fresh else 0.0

    def read() -> BitMap:
        if fresh or kept is None or kept[0] < monotonic() - COMMON_KEPT:
            return bitmap(conn, SEEN_BY, values)
        theirs = [kept[1][org] for org in scope.orgs if org in kept[1]]  # residents among them: the rest is told anew
        waiting = BitMap.union(*theirs) - bitmap(conn, PERSONS_OF, values) if theirs else BitMap()
        return waiting | bitmap(conn, SCOPED, values)

    return _remembered(conn, (scope.region, tuple(sorted(scope.orgs))), read, SCOPE_KEPT, since)


def joined(conn: Connection, region: int) -> dict[int, int]:
    """Persons who turned out to be another one: their number → whose it is now. Read by batch."""
    rows = conn.execute(
        "select id, merged_into from person where region_id = %s and merged_into is not null", (region,)
    ).fetchall()
    return {row.id: row.merged_into for row in rows}


def followed(members: BitMap, joins: Mapping[int, int]) -> BitMap:
    """A frozen set under today's numbers: whoever was joined into another is that one."""
    gone = members & BitMap(list(joins))
    return (members - gone) | BitMap([joins[id] for id in gone]) if gone else members


def cut(members: BitMap, seen: BitMap | None) -> BitMap:
    """What of a set the reader may know of."""
    return members if seen is None else members & seen


def _key(conn: Connection, about: tuple[Any, ...]) -> tuple[Any, ...]:
    return (conn.info.host, conn.info.port, conn.info.dbname, *about)


def _remembered(
    conn: Connection, about: tuple[Any, ...], make: Callable[[], BitMap], seconds: float, since: float
) -> BitMap:
    key = _key(conn, about)
    with _reading[key]:
        kept = _kept.get(key)
        if kept is None or kept[0] < max(since, monotonic() - seconds):
            for old in [k for k, (at, _) in list(_kept.items()) if monotonic() - at > COMMON_KEPT]:
                _kept.pop(old, None)
            began = monotonic()
            kept = _kept[key] = (began, make())
    return kept[1]
