"""The backlog in rows: what waits, what was released, and the portions of a day. Nothing here opens a task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from oncor_cases.store import arrays
from oncor_cases.store.facts import changed
from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope
from oncor_cases.tasks.wish import Key, Wish

PORTION = "portion"  # who released what came with the morning's portion
_WAITS = "b.released_on is null and b.left_on is null"


def released(
    conn: Connection, region: int, persons: Sequence[int], known_on: date | None = None
) -> dict[int, dict[Key, date]]:
    """What was ever released of these persons: key → day; as known on a day."""
    rows = conn.execute(
        """select person_id, pathway, episode, rule, subject, released_on from backlog
           where region_id = %(region)s and person_id = any(%(persons)s) and released_on is not null
             and (%(day)s::date is null or released_on <= %(day)s)""",
        {"region": region, "persons": list(persons), "day": known_on},
    )
    found: dict[int, dict[Key, date]] = {}
    for person, pathway, episode, rule, subject, day in rows:
        found.setdefault(person, {})[Key(pathway, episode, rule, subject)] = day
    return found


_HELD = {
    "person_id": "int", "pathway": "text", "episode": "text", "rule": "text", "subject": "text", "icd10": "text",
    "due": "date", "danger": "smallint", "norm": "text", "owner_org": "text",
}  # fmt: skip


def write(conn: Connection, region: int, today: date, held: Mapping[int, Sequence[Wish]], persons: Sequence[int]) -> None:
    """Makes the waiting rows of these persons equal to what is held back today: new ones enter, others leave."""
    rows = sorted(
        (person, *w.key, w.icd10, w.due, w.danger, w.norm, w.owner) for person, wishes in held.items() for w in wishes
    )
    names = ", ".join(_HELD)
    if rows:
        table, values = arrays.source(_HELD, rows)
        conn.execute(
            f"""insert into backlog (region_id, {names}, entered_on) select %s, {names}, %s from {table}
                on conflict (region_id, person_id, pathway, episode, rule, subject) do update
                set icd10 = excluded.icd10, due = excluded.due, danger = excluded.danger, norm = excluded.norm,
                    owner_org = excluded.owner_org, left_on = null
                where (backlog.icd10, backlog.due, backlog.danger, backlog.norm, backlog.owner_org, backlog.left_on)
                    is distinct from (excluded.icd10, excluded.due, excluded.danger, excluded.norm, excluded.owner_org,
                                      null::date)""",
            (region, today, *values),
        )
    still = [(r[0], *r[1:5]) for r in rows]
    table, values = arrays.source({name: _HELD[name] for name in list(_HELD)[:5]}, still, "h")
    conn.execute(
        f"""update backlog b set left_on = %s where b.region_id = %s and b.person_id = any(%s) and {_WAITS}
            and not exists (select from {table} where (h.person_id, h.pathway, h.episode, h.rule, h.subject)
                            = (b.person_id, b.pathway, b.episode, b.rule, b.subject))""",
        (today, region, list(persons), *values),
    )


@dataclass(frozen=True, slots=True)
class DutyRow:
    """What waits of one duty."""

    rule: str
    norm: str
    waiting: int
    persons: int
    danger: int
    oldest: date


@dataclass(frozen=True, slots=True)
class ClinicRow:
    """A clinic's backlog: what waits, what was released, how many a working day."""

    org: str
    name: str
    waiting: int
    released: int
    per_day: int
    oldest: date | None


def _mine(scope: Scope, clinic: str) -> str:
    return ("" if scope.role in WIDE else " and b.owner_org = any(%(orgs)s)") + (
        " and b.owner_org = %(clinic)s" if clinic else ""
    )


def by_duty(conn: Connection, scope: Scope, clinic: str = "") -> list[DutyRow]:
    """What waits by duty, the most dangerous and the oldest first."""
    rows = conn.execute(
        f"""select b.rule, max(b.norm) as norm, count(*) as waiting, count(distinct b.person_id) as persons,
                   min(b.danger) as danger, min(b.due) as oldest
            from backlog b where b.region_id = %(region)s and {_WAITS}{_mine(scope, clinic)}
            group by b.rule order by min(b.danger), min(b.due), b.rule""",
        {"region": scope.region, "orgs": list(scope.orgs), "clinic": clinic},
    )
    return [DutyRow(**r._asdict()) for r in rows]


def by_clinic(conn: Connection, scope: Scope) -> list[ClinicRow]:
    """Clinics with a backlog, the fullest first."""
    rows = conn.execute(
        f"""select b.owner_org as org, coalesce(nullif(max(o.short_name), ''), max(o.name), b.owner_org) as name,
                   count(*) filter (where {_WAITS}) as waiting, count(b.released_on) as released,
                   coalesce((select p.per_day from backlog_pace p where p.region_id = %(region)s and p.org = b.owner_org
                             order by p.id desc limit 1), 0) as per_day,
                   min(b.due) filter (where {_WAITS}) as oldest
            from backlog b left join organisation o on o.region_id = b.region_id and o.oid = b.owner_org
            where b.region_id = %(region)s{_mine(scope, "")}
            group by b.owner_org order by 3 desc, 1 limit 500""",
        {"region": scope.region, "orgs": list(scope.orgs), "clinic": ""},
    )
    return [ClinicRow(**r._asdict()) for r in rows]


def release(
    conn: Connection, region: int, org: str, n: int, day: date, *, by: str, rule: str = "", at: datetime | None = None
) -> list[int]:
    """Releases the n most dangerous of a clinic, the oldest first, of one duty if named; the persons concerned.

    Rows another release holds are left to it."""
    rows = conn.execute(
        f"""with chosen as (
                select b.id from backlog b
                where b.region_id = %(region)s and b.owner_org = %(org)s and {_WAITS}
                  and (%(rule)s = '' or b.rule = %(rule)s)
                order by b.danger, b.due, b.id limit %(n)s for update skip locked)
            update backlog b set released_on = %(day)s, released_at = coalesce(%(at)s, now()), released_by = %(by)s
            from chosen c where b.region_id = %(region)s and b.id = c.id returning b.person_id""",
        {"region": region, "org": org, "n": n, "rule": rule, "day": day, "at": at, "by": by},
    ).fetchall()
    persons = sorted({row[0] for row in rows})
    if persons:
        changed(conn, region, persons)
    return [row[0] for row in rows]


def close(conn: Connection, region: int) -> None:
    """The region works without a backlog from now on: nothing waits in it."""
    conn.execute(
        """update backlog b set left_on = (now() at time zone r.tz)::date from region r
           where b.region_id = %s and r.id = b.region_id and b.released_on is null and b.left_on is null""",
        (region,),
    )


def set_pace(conn: Connection, region: int, org: str, per_day: int, *, by: str) -> None:
    """From now on so many a working day; 0 stops the portions."""
    conn.execute(
        "insert into backlog_pace (region_id, org, per_day, author) values (%s, %s, %s, %s)", (region, org, per_day, by)
    )


def paces(conn: Connection, region: int, day: date) -> list[tuple[str, int]]:
    """(clinic, portion) of those whose portion of the day is not released yet."""
    rows = conn.execute(
        """select p.org, p.per_day from (
               select distinct on (org) org, per_day from backlog_pace where region_id = %(region)s order by org, id desc) p
           where p.per_day > 0 and not exists (
               select from backlog_portion x where x.region_id = %(region)s and x.org = p.org and x.day = %(day)s)
           order by p.org""",
        {"region": region, "day": day},
    )
    return [(row[0], row[1]) for row in rows]


def portion(conn: Connection, region: int, org: str, n: int, day: date) -> int:
    """The portion of a day, once; returns how many were released."""
    row = conn.execute(
        """insert into backlog_portion (region_id, org, day) values (%s, %s, %s) on conflict do nothing returning org""",
        (region, org, day),
    ).fetchone()
    if row is None:
        return 0
    number = len(release(conn, region, org, n, day, by=PORTION))
    conn.execute(
        "update backlog_portion set released = %s where region_id = %s and org = %s and day = %s", (number, region, org, day)
    )
    return number
