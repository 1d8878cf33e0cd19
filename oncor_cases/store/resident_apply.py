"""What a validated list changes: newcomers, corrections, new policies, those who are in it no more.

A list is the state of its day. One with an earlier day (or version) than the list in force corrects nobody: it only adds
who was insured then, as gone, and the numbers and names they had; so the order of loading does not matter."""

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

from psycopg.types.json import Jsonb

from oncor_cases.store.resident_list import FIELDS, hash_of, text_of
from oncor_cases.store.session import Connection

_FIELDS = "row_hash, born, attached_since, sex, enp, snils, family, given, patronymic, org, insurer"
_SET = ", ".join(f"{name} = c.{name}" for name in _FIELDS.split(", "))
_NAMED_DIFFERENTLY = (
    "(r.enp, r.snils, r.family, r.given, r.patronymic) is distinct from (c.enp, c.snils, c.family, c.given, c.patronymic)"
)


class InForce(NamedTuple):
    """The list that says how things are."""

    id: int
    as_of: date
    version: int


def in_force(conn: Connection, region: int) -> InForce | None:
    """The latest list by its own day and version, whenever it was loaded."""
    row = conn.execute(
        """select id, as_of, version from resident_load where region_id = %s and finished_at is not null
           order by as_of desc, version desc, id desc limit 1""",
        (region,),
    ).fetchone()
    return InForce(*row) if row else None


def next_version(conn: Connection, region: int, as_of: date) -> int:
    """The version a corrected list of this day gets when its sender gives none."""
    row = conn.execute(
        "select coalesce(max(version), 0) + 1 n from resident_load where region_id = %s and as_of = %s", (region, as_of)
    ).fetchone()
    return row.n


def known_load(conn: Connection, region: int, sha256: bytes) -> Any | None:
    """The last load of the same bytes, None if they are new."""
    return conn.execute(
        """select * from resident_load where region_id = %s and sha256 = %s and finished_at is not null
           order by id desc limit 1""",
        (region, sha256),
    ).fetchone()


def open_load(
    conn: Connection, region: int, as_of: date, version: int, sha256: bytes, origin: str, author: str, known_at: Any
) -> int:
    """A new load; it is seen with its rows, at the end of the transaction."""
    row = conn.execute(
        """insert into resident_load (region_id, as_of, version, sha256, origin, author, known_at)
           values (%s, %s, %s, %s, %s, %s, coalesce(%s, now())) returning id""",
        (region, as_of, version, sha256, origin, author, known_at),
    ).fetchone()
    return row.id


def close_load(conn: Connection, region: int, load: int, counts: Any) -> None:
    """The load is complete."""
    conn.execute(
        "update resident_load set finished_at = clock_timestamp(), counts = %s where region_id = %s and id = %s",
        (Jsonb(counts), region, load),
    )


def who_is_known(conn: Connection, region: int) -> None:
    """`staging.met`: which line is which resident: by policy, else by SNILS and birth date where the old policy is not
    in the list any more, else by an earlier policy."""
    conn.execute("drop table if exists staging.met")
    conn.execute(
        """create unlogged table staging.met as
           select c.line, r.enp as was, c.enp as now from staging.clean c join resident r on r.enp = c.enp
           where c.why is null and r.region_id = """
        f"{int(region)}"
    )
    conn.execute(
        """insert into staging.met
           select distinct on (r.enp) c.line, r.enp, c.enp from staging.clean c
           join resident r on r.region_id = %(region)s and r.snils = c.snils and r.snils <> '' and r.born = c.born
           where c.why is null and c.snils <> ''
             and not exists (select from staging.met m where m.line = c.line or m.was = r.enp)
           order by r.enp, c.attached_since desc nulls last, c.line""",
        {"region": region},
    )
    conn.execute(
        """insert into staging.met
           select distinct on (r.enp) c.line, r.enp, c.enp from staging.clean c
           join resident_former f on f.region_id = %(region)s and f.enp = c.enp
           join resident r on r.region_id = f.region_id and r.person_id = f.person_id and r.born = c.born
           where c.why is null and not exists (select from staging.met m where m.line = c.line or m.was = r.enp)
           order by r.enp, c.attached_since desc nulls last, c.line""",
        {"region": region},
    )
    conn.execute("create index on staging.met (line)")
    conn.execute("analyze staging.met")


def not_replaced(conn: Connection, columns: Sequence[str]) -> None:
    """A person whose old policy is in the list too was not given a new one: these lines stay two residents until
    a record joins them."""
    conn.execute(
        f"""delete from staging.met m where m.was <> m.now and exists (
                select from staging.raw r where {text_of("enp", frozenset(columns))} = m.was)"""
    )


def remember_former(conn: Connection, region: int, as_of: date, *, older: bool) -> int:
    """Numbers and names a resident had before this list (or, for an older list, in it)."""
    side = "c" if older else "r"
    return conn.execute(
        f"""insert into resident_former (region_id, person_id, enp, snils, family, given, patronymic, until_on)
            select distinct on ({side}.enp, {side}.snils, {side}.family, {side}.given, {side}.patronymic)
                r.region_id, r.person_id, {side}.enp, {side}.snils, {side}.family, {side}.given, {side}.patronymic, %(as_of)s
            from staging.met m join staging.clean c on c.line = m.line
            join resident r on r.region_id = %(region)s and r.enp = m.was
            where {_NAMED_DIFFERENTLY} order by 3, 4, 5, 6, 7
            on conflict do nothing""",
        {"region": region, "as_of": as_of},
    ).rowcount


def correct(conn: Connection, region: int, load: int) -> int:
    """Residents become what the list says of them."""
    return conn.execute(
        f"""update resident r set {_SET}, load_id = %(load)s, gone_on = null
            from staging.met m join staging.clean c on c.line = m.line
            where r.region_id = %(region)s and r.enp = m.was""",
        {"region": region, "load": load},
    ).rowcount


def add(conn: Connection, region: int, load: int, gone_on: date | None) -> int:
    """Lines nobody is known by become new residents."""
    return conn.execute(
        f"""insert into resident (region_id, person_id, load_id, gone_on, {_FIELDS})
            select %(region)s, nextval('person_id_seq'), %(load)s, %(gone)s, {_FIELDS} from staging.clean c
            where c.why is null and not exists (select from staging.met m where m.line = c.line)
            on conflict do nothing""",
        {"region": region, "load": load, "gone": gone_on},
    ).rowcount


def absent(conn: Connection, region: int, columns: Sequence[str]) -> None:
    """`staging.absent`: residents in force whom the list has in no line, taken or not."""
    have = frozenset(columns) & set(FIELDS)
    conn.execute("drop table if exists staging.absent")
    conn.execute(
        f"""create unlogged table staging.absent as
            select r.enp from resident r where r.region_id = {int(region)} and r.gone_on is null
              and not exists (select from (select {hash_of(have)} as h from staging.raw r) x where x.h = r.row_hash)"""
    )
    conn.execute(f"delete from staging.absent a using staging.fresh r where {text_of('enp', have)} = a.enp")
    conn.execute("delete from staging.absent a using staging.met m where m.was = a.enp")


def count_absent(conn: Connection, region: int) -> tuple[int, int]:
    """(how many would be gone, how many are there now)."""
    row = conn.execute(
        """select (select count(*) from staging.absent) gone,
                  (select count(*) from resident where region_id = %s and gone_on is null) there""",
        (region,),
    ).fetchone()
    return row.gone, row.there


def leave(conn: Connection, region: int, load: int, as_of: date) -> int:
    """They are not insured here any more, since this list."""
    return conn.execute(
        """update resident r set gone_on = %s, load_id = %s from staging.absent a
           where r.region_id = %s and r.enp = a.enp""",
        (as_of, load, region),
    ).rowcount


def drop_tables(conn: Connection) -> None:
    """Nothing of the work stays."""
    conn.execute("drop table if exists staging.met, staging.absent")
