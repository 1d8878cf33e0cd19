"""What a validated list changes: newcomers, corrections, new policies, those who are in it no more.

A list is the state of its day. One with an earlier day (or version) than the list in force corrects nobody: it only adds
who was insured then, as gone, and the numbers and names they had; so the order of loading does not matter."""

from collections.abc import Iterator
from datetime import date

from oncor_cases.store.resident_judged import ROW, record
from oncor_cases.store.resident_list import SET, told
from oncor_cases.store.session import Connection

_DIFFERS = f"{record('r.')} is distinct from {record('c.')}"
_NAMED_DIFFERENTLY = (
    "(r.enp, r.snils, r.family, r.given, r.patronymic) is distinct from (c.enp, c.snils, c.family, c.given, c.patronymic)"
)


def who_is_known(conn: Connection, region: int) -> None:
    """`staging.met`: which line is which resident: by policy, else by SNILS and birth date where the old policy is not
    in the list any more, else by an earlier policy."""
    conn.execute("drop table if exists staging.met")
    conn.execute(
        """create unlogged table staging.met as
           select c.line, r.enp as was, c.enp as now from staging.clean c join resident r on r.enp = c.enp
           where r.region_id = """
        f"{int(region)}"
    )
    conn.execute(
        """insert into staging.met
           select distinct on (r.enp) c.line, r.enp, c.enp from staging.clean c
           join resident r on r.region_id = %(region)s and r.snils = c.snils and r.snils <> '' and r.born = c.born
           where c.snils <> '' and not exists (select from staging.met m where m.line = c.line or m.was = r.enp)
           order by r.enp, c.attached_since desc nulls last, c.line""",
        {"region": region},
    )
    conn.execute(
        """insert into staging.met
           select distinct on (r.enp) c.line, r.enp, c.enp from staging.clean c
           join resident_former f on f.region_id = %(region)s and f.enp = c.enp
           join resident r on r.region_id = f.region_id and r.person_id = f.person_id and r.born = c.born
           where not exists (select from staging.met m where m.line = c.line or m.was = r.enp)
           order by r.enp, c.attached_since desc nulls last, c.line""",
        {"region": region},
    )
    conn.execute("create index on staging.met (line)")
    conn.execute("analyze staging.met")


def replaced(conn: Connection) -> Iterator[bytes]:
    """Policies that would give way to another one, as CSV."""
    return told(conn, "select was from staging.met where was <> now")


def not_replaced(conn: Connection) -> None:
    """A person whose old policy is in the list too (`staging.listed`) was not given a new one: these lines stay two
    residents until a record joins them."""
    conn.execute("delete from staging.met m using staging.listed l where m.was <> m.now and l.enp = m.was")


def remember_former(conn: Connection, region: int, load: int, as_of: date, *, older: bool) -> int:
    """Numbers and names a resident had before this list (or, for an older list, in it)."""
    names = ", ".join(f"{'c' if older else 'r'}.{name}" for name in ("enp", "snils", "family", "given", "patronymic"))
    return conn.execute(
        f"""insert into resident_former (region_id, person_id, load_id, enp, snils, family, given, patronymic, until_on)
            select distinct on ({names}) r.region_id, r.person_id, %(load)s, {names}, %(as_of)s
            from staging.met m join staging.clean c on c.line = m.line
            join resident r on r.region_id = %(region)s and r.enp = m.was
            where {_NAMED_DIFFERENTLY} order by 4, 5, 6, 7, 8
            on conflict do nothing""",
        {"region": region, "load": load, "as_of": as_of},
    ).rowcount


def correct(conn: Connection, region: int, load: int) -> int:
    """Residents become what the list says of them. A line that says the same in another form is only remembered as it
    is written now."""
    met = "from staging.met m join staging.clean c on c.line = m.line where r.region_id = %(region)s and r.enp = m.was"
    values = {"region": region, "load": load}
    corrected = conn.execute(
        f"update resident r set {SET}, load_id = %(load)s, gone_on = null {met} and ({_DIFFERS} or r.gone_on is not null)",
        values,
    ).rowcount
    conn.execute(f"update resident r set row_hash = c.row_hash {met} and r.enp = c.enp and r.row_hash <> c.row_hash", values)
    return corrected


def gone_since(conn: Connection, region: int, as_of: date, until: date) -> Iterator[bytes]:
    """Policies of residents taken to be there until the next list (`until`), as CSV."""
    sql = "select enp from resident where region_id = %s and gone_on = %s and gone_on > %s"
    return told(conn, sql, region, until, as_of)


def between(conn: Connection, region: int, load: int, as_of: date, until: date) -> None:
    """An earlier list says since when residents are gone. Those in it: since the list after it (`until`), unless a later
    one had them; they are what it says of them. Those taken to be there until then, and not in it (`staging.listed`):
    since this one."""
    values = {"region": region, "load": load, "as_of": as_of, "until": until}
    conn.execute(
        f"""update resident r set {SET}, load_id = %(load)s, gone_on = %(until)s
            from staging.met m join staging.clean c on c.line = m.line
            where r.region_id = %(region)s and r.enp = m.was and (r.gone_on <= %(as_of)s or r.gone_on = %(until)s)""",
        values,
    )
    conn.execute(
        """update resident r set gone_on = %(as_of)s
           where r.region_id = %(region)s and r.gone_on = %(until)s and r.gone_on > %(as_of)s
             and not exists (select from staging.met m join staging.clean c on c.line = m.line where c.enp = r.enp)
             and not exists (select from staging.listed x where x.enp = r.enp)""",
        values,
    )


def present_names(conn: Connection, region: int) -> None:
    """What a resident is called now is not what they were called before."""
    conn.execute(
        """delete from resident_former f using resident r
           where f.region_id = %s and f.subject_id is null and r.region_id = f.region_id and r.person_id = f.person_id
             and (r.enp, r.snils, r.family, r.given, r.patronymic) = (f.enp, f.snils, f.family, f.given, f.patronymic)""",
        (region,),
    )


def add(conn: Connection, region: int, load: int, gone_on: date | None) -> int:
    """Lines nobody is known by become new residents."""
    return conn.execute(
        f"""insert into resident (region_id, person_id, load_id, gone_on, {ROW})
            select %(region)s, nextval('person_id_seq'), %(load)s, %(gone)s, {ROW} from staging.clean c
            where not exists (select from staging.met m where m.line = c.line)
            on conflict do nothing""",
        {"region": region, "load": load, "gone": gone_on},
    ).rowcount


def absent(conn: Connection) -> None:
    """Of `staging.absent`, residents in force whom the list has in no line: those who only have another policy now stay."""
    conn.execute("delete from staging.absent a using staging.met m where m.was = a.enp")


def count_absent(conn: Connection, region: int) -> tuple[int, int]:
    """(how many would be gone, how many are there now)."""
    row = conn.execute(
        """select (select count(*) from staging.absent) gone,
                  (select count(*) from resident where region_id = %s and gone_on is null) there""",
        (region,),
    ).fetchone()
    return row.gone, row.there


def leave(conn: Connection, region: int, as_of: date) -> int:
    """They are not insured here any more, since this list; `load_id` stays the list that said of them what they say."""
    return conn.execute(
        "update resident r set gone_on = %s from staging.absent a where r.region_id = %s and r.enp = a.enp", (as_of, region)
    ).rowcount


def who_left(conn: Connection, region: int) -> list[int]:
    """Records of those who are persons among `staging.absent`; none where nobody could be."""
    if conn.execute("select to_regclass('staging.absent') is null none").fetchone().none:
        return []
    rows = conn.execute(
        """select r.subject_id from staging.absent a join resident r on r.region_id = %s and r.enp = a.enp
           where r.subject_id is not null order by 1""",
        (region,),
    )
    return [row.subject_id for row in rows]
