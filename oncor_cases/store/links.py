"""Who a record is taken for: links with dates, reasons and authors, joins and conflicts, for a whole batch at once.

The decision itself is pure (facts/identity.py); here its answer is written. Callers hold the intake lock
(documents.lock): links have one writer at a time."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain
from typing import NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.facts.coming_back import Join, at_home, leading
from oncor_cases.facts.identity import Conflict, Record, resolve
from oncor_cases.store import joins, rekey, residents
from oncor_cases.store.session import Connection

IDENTITY_CONFLICT = "identity_conflict"


class _Known(NamedTuple):
    record: Record
    person: int | None
    seen: datetime


def connect(
    conn: Connection, region: int, subjects: Sequence[int], at: datetime, *, reason: str = "identifiers", author: str = ""
) -> set[int]:
    """Decides anew who these records and everybody connected with them are; writes links, joins and conflicts.

    `at`: from when the new links hold. Returns every person that gained or lost a record."""
    known = _closure(conn, region, subjects)
    groups, conflicts = resolve(k.record for k in known.values())
    owners, there = _owners(conn, region, groups, known)
    moves = [
        (record.id, person, known[record.id].person, known[record.id].seen if known[record.id].person is None else at)
        for group, person in zip(groups, owners, strict=True)
        for record in group
        if known[record.id].person != person
    ]
    touched = _relink(conn, region, moves, at, reason, author)
    touched |= _follow(conn, region, known, owners, groups, there, at)
    _tell_conflicts(conn, region, known, conflicts)
    return touched


# Repetitions stay: to take them out the server would lay out memory for the millions it guesses.
_CLOSURE = """
    with asked as (select * from subject where region_id = %(region)s and id = any(%(ids)s))
    select b.id from asked a join subject b on b.region_id = a.region_id and b.snils = a.snils
        where a.snils <> '' and b.snils <> ''
    union all select b.id from asked a join subject b on b.region_id = a.region_id and b.enp = a.enp
        where a.enp <> '' and b.enp <> ''
    union all select b.id from asked a join subject b on b.region_id = a.region_id and b.organisation = a.organisation
        and b.local_id = a.local_id where a.local_id <> '' and b.local_id <> ''
    union all select b.id from asked a join subject b on b.region_id = a.region_id and b.person_id = a.person_id
    union all select k.other_id from likeness k where k.region_id = %(region)s and k.subject_id = any(%(ids)s)
        and k.state = 'linked'
    union all select k.subject_id from likeness k where k.region_id = %(region)s and k.other_id = any(%(ids)s)
        and k.state = 'linked'
    union all select id from asked"""


def _closure(conn: Connection, region: int, subjects: Sequence[int]) -> dict[int, _Known]:
    """Everything reachable from these records by identifiers and persons; own records of persons stay out."""
    found: set[int] = set()
    edge = sorted(set(subjects))
    while edge:
        reached = {row.id for row in conn.execute(_CLOSURE, {"region": region, "ids": edge})}
        found |= set(edge)
        edge = sorted(reached - found)
    rows = conn.execute(
        """select id, person_id, snils, enp, organisation, local_id, coalesce(birth_date::text, '') born, sex, given, pinned,
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
        known[row.id] = _Known(
            Record(row.id, trusted, row.born, row.sex, row.pinned, row.given), row.person_id, row.first_seen_at
        )
    return _likened(conn, region, known)


def _likened(conn: Connection, region: int, known: dict[int, _Known]) -> dict[int, _Known]:
    """An automatic match joins like an identifier. Its weight was told with the birth date, so a date that differs is
    the slip it was taken for and contradicts nobody."""
    rows = conn.execute(
        "select id, subject_id, other_id from likeness where region_id = %s and subject_id = any(%s) and state = 'linked'",
        (region, list(known)),
    )
    for row in rows:
        if row.subject_id in known and row.other_id in known:
            key, a, b = f"likeness:{row.id}", known[row.subject_id], known[row.other_id]
            born = a.record.born if a.record.born == b.record.born else ""
            known[row.subject_id] = a._replace(record=replace(a.record, keys=a.record.keys | {key}, born=born))
            b = known[row.other_id]
            known[row.other_id] = b._replace(record=replace(b.record, keys=b.record.keys | {key}))
    return known


def _owners(
    conn: Connection, region: int, groups: Sequence[tuple[Record, ...]], known: dict[int, _Known]
) -> tuple[list[int], list[dict[int, Join | None]]]:
    """A person for each group: the pinned one, else whoever is wholly in it again after a join, else the oldest the group
    already has and nobody else took, else new. And, where persons part, who is at home in which group."""
    owners: list[int | None] = [next((r.pinned for r in group if r.pinned is not None), None) for group in groups]
    taken = {owner for owner in owners if owner is not None}
    has = [{p for r in group if (p := known[r.id].person) is not None} for group in groups]
    split = {p for p, n in Counter(chain.from_iterable(has)).items() if n > 1}
    there = _at_home(conn, region, groups, owners, split)
    placed = {person for persons in there for person in persons}
    for at, persons in enumerate(there):
        if owners[at] is None and persons:
            fits = ({*leading(persons)} | has[at] - split - placed) - taken
            if fits:
                owners[at] = min(fits)
                taken.add(min(fits))
    for at in range(len(groups)):
        if owners[at] is None and (left := has[at] - taken - placed):
            owners[at] = min(left)
            taken.add(min(left))
    missing = owners.count(None)
    rows = conn.execute(
        "insert into person (region_id) select %s from generate_series(1, %s) returning id", (region, missing)
    ).fetchall() if missing else []  # fmt: skip
    fresh = iter(row.id for row in rows)
    return [owner if owner is not None else next(fresh) for owner in owners], there


def _at_home(
    conn: Connection, region: int, groups: Sequence[tuple[Record, ...]], pinned: Sequence[int | None], split: set[int]
) -> list[dict[int, Join | None]]:
    """Asks for joins only where somebody's records part: nobody else can come back."""
    made = joins.into(conn, region, split) if split else []
    if not made:
        return [{} for _ in groups]
    return at_home([{r.id for r in group} for group in groups], pinned, made)


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
    rows = conn.execute(
        """update subject s set person_id = x.p from unnest(%s::bigint[], %s::int[]) x(s, p)
           where s.region_id = %s and s.id = x.s returning s.source""",
        (ids, persons, region),
    )
    if any(row.source == "insured" for row in rows):
        residents.follow(conn, region, ids)
    return set(persons) | {p for p in before if p is not None}


def _follow(
    conn: Connection,
    region: int,
    known: dict[int, _Known],
    owners: Sequence[int],
    groups: Sequence[tuple[Record, ...]],
    there: Sequence[dict[int, Join | None]],
    at: datetime,
) -> set[int]:
    """A person whose every record went to one other person is that person now: what people said here goes along. Who had
    been joined and is apart again comes back with what the join carried over."""
    went: dict[int, set[int]] = {}
    for group, owner in zip(groups, owners, strict=True):
        for record in group:
            before = known[record.id].person
            if before is not None:
                went.setdefault(before, set()).add(owner)
    joined = {before: next(iter(to)) for before, to in went.items() if len(to) == 1 and before not in to}
    records: dict[int, set[int]] = {person: set() for pair in joined.items() for person in pair}
    for id, k in known.items() if joined else ():
        if k.person in records:
            records[k.person].add(id)
    for group, owner, persons in zip(groups, owners, there, strict=True):
        for person in leading(persons):
            join = persons[person]
            if join is not None and join.survivor != owner:
                _come_back(conn, region, join, persons, at)
            if person != owner and (join.survivor != owner if join else person not in owners):
                joined[person] = owner
                home = {r.id for r in group}
                records[person] = (join.records if join else {id for id in home if known[id].person == person}) & home
                records.setdefault(owner, {id for id in home if known[id].person == owner})
    for before, into in joined.items():
        merge_rows(conn, region, before, into, at, records[before], records[into] - records[before])
    alive = sorted(set(owners))
    conn.execute("update person set merged_into = null where region_id = %s and id = any(%s) and merged_into is not null",
                 (region, alive))  # fmt: skip
    return set(joined) | set(joined.values()) | {person for persons in there for person in persons}


def _come_back(conn: Connection, region: int, join: Join, there: dict[int, Join | None], at: datetime) -> None:
    """The person of a join with what it carried over. Those who had become this person before and are here too stay so."""
    became = {join.person}
    before = sorted((j for j in joins.into(conn, region, [join.survivor]) if j.id != join.id), key=lambda j: -j.id)
    for other in before:
        if other.into in became:
            became.add(other.person)
    along = [j for j in before if j.person in became and j.person in there]
    staying = [j for j in before if j.person in became and j.person not in there]
    own = joins.end(conn, region, join, along, staying, at)
    _relink(conn, region, [(record, join.person, join.survivor, at) for record in own], at, "parted", "")


def merge_rows(
    conn: Connection, region: int, before: int, into: int, at: datetime, records: Collection[int] = (),
    others: Collection[int] = (),
) -> None:  # fmt: skip
    """`before` lives on as `into`: its own record, its old addresses, its episodes and tasks. `records`, `others`: the
    identity records of both, so that it can be taken back."""
    carried = rekey.joined(conn, region, before, into, at)
    joins.write(conn, region, before, into, at, records, others, carried)
    _relink(conn, region, [(id, into, before, at) for (id,) in carried["own"]], at, "joined", "")
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


def pin(conn: Connection, region: int, subjects: Sequence[int], person: int | None) -> None:
    """A person's decision about these records; None takes an earlier one back."""
    conn.execute("update subject set pinned = %s where region_id = %s and id = any(%s)", (person, region, list(subjects)))


def repin(conn: Connection, region: int, pins: Mapping[int, int | None]) -> None:
    """What had been decided about each record before somebody's word is so again."""
    conn.execute(
        """update subject s set pinned = p.person from unnest(%s::bigint[], %s::int[]) p(id, person)
           where s.region_id = %s and s.id = p.id""",
        (list(pins), list(pins.values()), region),
    )


def distrust(conn: Connection, region: int, subjects: Sequence[int], others: Sequence[int]) -> None:
    """Identifiers these records share with the others join nothing any more, in these records."""
    conn.execute(
        """update subject s set distrusted = array(
               select distinct word from (
                   select unnest(s.distrusted) word
                   union select 'snils' from subject o where o.region_id = s.region_id and o.id = any(%(others)s)
                       and o.snils = s.snils and s.snils <> ''
                   union select 'enp' from subject o where o.region_id = s.region_id and o.id = any(%(others)s)
                       and o.enp = s.enp and s.enp <> ''
                   union select 'local' from subject o where o.region_id = s.region_id and o.id = any(%(others)s)
                       and o.organisation = s.organisation and o.local_id = s.local_id and s.local_id <> ''
               ) x order by word)
           where s.region_id = %(region)s and s.id = any(%(subjects)s)""",
        {"region": region, "subjects": list(subjects), "others": list(others)},
    )
