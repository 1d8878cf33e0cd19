"""A withdrawn list of insured leaves the rows of residents: what only it said, and whom an earlier list knows."""

from datetime import date

from oncor_cases.store.resident_list import SET
from oncor_cases.store.session import Connection


def set_aside(conn: Connection, region: int, load: int, as_of: date) -> None:
    """What only a withdrawn list said of residents counts no more: they are gone until another list says them, the names
    and numbers they lost to it are their own again. Records that persons were made of stay."""
    conn.execute(
        """update resident set gone_on = coalesce(gone_on, %s), row_hash = 0 where region_id = %s and load_id = %s""",
        (as_of, region, load),
    )
    conn.execute("delete from resident_former where region_id = %s and load_id = %s and subject_id is null", (region, load))


def confirmed(conn: Connection, region: int, load: int, as_of: date, by: int, since: date) -> None:
    """A list that is not the last one is withdrawn: who is in force was confirmed by the list after it (`by`), who was
    missing first in it is missing since that one's day (`since`)."""
    conn.execute("update resident set gone_on = %s where region_id = %s and gone_on = %s", (since, region, as_of))
    conn.execute(
        "update resident set load_id = %s where region_id = %s and load_id = %s and gone_on is null", (by, region, load)
    )
    conn.execute("delete from resident_former where region_id = %s and load_id = %s and subject_id is null", (region, load))


def stale_table(conn: Connection, region: int, load: int) -> tuple[int, list[int]]:
    """`staging.stale`: residents still as the withdrawn list left them. Returns how many, and the records of those who
    are persons."""
    conn.execute("drop table if exists staging.stale")
    left = conn.execute(
        f"""create unlogged table staging.stale as select enp, subject_id from resident
            where region_id = {int(region)} and load_id = {int(load)}"""
    ).rowcount
    rows = conn.execute("select subject_id from staging.stale where subject_id is not null order by 1").fetchall()
    return left, [row.subject_id for row in rows]


def as_before(conn: Connection, region: int, load: int, gone_on: date) -> int:
    """Stale residents whom an earlier list has are gone since the list after it, with the values of the earlier one."""
    found = conn.execute(
        f"""with back as (
                update resident r set {SET}, load_id = %(load)s, gone_on = %(gone)s
                from staging.met m join staging.clean c on c.line = m.line join staging.stale s on s.enp = m.was
                where r.region_id = %(region)s and r.enp = m.was returning m.was)
            delete from staging.stale s using back b where s.enp = b.was""",
        {"region": region, "load": load, "gone": gone_on},
    )
    return found.rowcount


def remove_stale(conn: Connection, region: int) -> None:
    """Residents no list says any more go; those who are persons stay, as gone."""
    conn.execute(
        """delete from resident r using staging.stale s
           where r.region_id = %s and r.enp = s.enp and r.subject_id is null""",
        (region,),
    )
    conn.execute("drop table staging.stale")
