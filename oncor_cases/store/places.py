"""Where people belong: attachments of residence and observation, categories, territories. Set-based."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from psycopg.rows import tuple_row

from oncor_cases.facts.places import Attachment, Category
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.store import arrays
from oncor_cases.store.facts import changed
from oncor_cases.store.session import Connection, Scope

TERRITORY = "territory"  # source of a residence found by the address
_KIND_OF_PLACE = re.compile(
    r"\b(г|гор|город|с|село|п|пос|поселок|д|деревня|пгт|рп|ул|улица|пр|пр-т|просп|проспект|пер|переулок|пл|площадь|б-р|бульвар|ш|шоссе)\b\.?",
)


def key(text: str) -> str:
    """A settlement or street as it is compared: `г. Речной` and `Речной` are one, ё is е."""
    plain = _KIND_OF_PLACE.sub(" ", text.lower().replace("ё", "е"))
    return " ".join(re.sub(r"[^\w\s-]", " ", plain).split())


def whereabouts(
    conn: Connection, region: int, persons: Sequence[int], known_on: date | None = None
) -> dict[int, tuple[tuple[Attachment, ...], tuple[Category, ...]]]:
    """Attachments and categories of the persons who have any, as known on a day."""
    values = {"region": region, "persons": list(persons), "day": known_on}
    found: dict[int, tuple[list[Attachment], list[Category]]] = {}
    with conn.cursor(row_factory=tuple_row) as cursor:
        cursor.execute(
            """select a.person_id, a.kind, a.org, a.since, a.until, (a.known_at at time zone r.tz)::date,
                      a.district
               from attachment a join region r on r.id = a.region_id
               where a.region_id = %(region)s and a.person_id = any(%(persons)s)
                 and (a.ended_at is null or (%(day)s::date is not null and (a.ended_at at time zone r.tz)::date > %(day)s))
               order by a.person_id, a.id""",
            values,
        )
        for person, *rest in cursor:
            found.setdefault(person, ([], []))[0].append(Attachment(*rest))
        cursor.execute(
            """select c.person_id, c.category, c.since, (c.known_at at time zone r.tz)::date
               from person_category c join region r on r.id = c.region_id
               where c.region_id = %(region)s and c.person_id = any(%(persons)s) order by c.person_id, c.id""",
            values,
        )
        for person, *rest in cursor:
            found.setdefault(person, ([], []))[1].append(Category(*rest))
    return {person: (tuple(a), tuple(c)) for person, (a, c) in found.items()}


@dataclass(frozen=True, slots=True)
class PlaceRow:
    """One line of where a person belongs: an attachment or a category, with its source."""

    kind: str
    what: str
    since: date | None
    until: date | None
    known_on: date
    source: str
    author: str
    ended: bool


_OF_PERSON = """
    select 'insurance' as kind, coalesce(oncor_org_name(f.region_id, f.attributes ->> 'org', f.on_date),
           f.attributes ->> 'org') as what, f.on_date as since, null::date as until,
           (f.known_at at time zone r.tz)::date as known_on, f.evidence as source,
           coalesce(u.name, f.author) as author, not f.in_force as ended
    from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.kind = 'attached'
    join region r on r.id = s.region_id left join user_account u on u.login = f.author
    where s.region_id = %(region)s and s.person_id = %(person)s and f.attributes ->> 'org' <> ''
    union all
    select 'observing', coalesce(oncor_org_name(f.region_id, x.org, f.on_date), x.org), f.on_date, null,
           (f.known_at at time zone r.tz)::date, f.kind, coalesce(u.name, f.author), not f.in_force
    from subject s join fact f on f.region_id = s.region_id and f.subject_id = s.id and f.kind in ('visit', 'register_entry')
    join region r on r.id = s.region_id left join document d on d.region_id = f.region_id and d.id = f.document_id
    left join user_account u on u.login = f.author
    cross join lateral (select coalesce(nullif(f.attributes ->> 'org', ''), d.sender_org) as org) x
    where s.region_id = %(region)s and s.person_id = %(person)s and x.org <> ''
      and not starts_with(coalesce(d.sender_org, ''), %(other)s)
    union all
    select a.kind, coalesce(oncor_org_name(a.region_id, a.org, a.since), a.org), a.since, a.until,
           (a.known_at at time zone r.tz)::date, a.source, coalesce(u.name, a.author), a.ended_at is not null
    from attachment a join region r on r.id = a.region_id left join user_account u on u.login = a.author
    where a.region_id = %(region)s and a.person_id = %(person)s
    union all
    select 'category', c.category, c.since, null, (c.known_at at time zone r.tz)::date, c.source,
           coalesce(u.name, c.author), false
    from person_category c join region r on r.id = c.region_id left join user_account u on u.login = c.author
    where c.region_id = %(region)s and c.person_id = %(person)s
    order by 1, 8, 3 desc nulls last, 5 desc"""


def of_person(conn: Connection, scope: Scope, person: int) -> list[PlaceRow]:
    """All that says where a person belongs, by kind, the latest first."""
    rows = conn.execute(_OF_PERSON, {"region": scope.region, "person": person, "other": OTHER_REGISTER})
    return [PlaceRow(**r._asdict()) for r in rows]


def attach(
    conn: Connection, region: int, person: int, kind: str, org: str, since: date | None, *, source: str, by: str,
    at: datetime | None = None,
) -> None:  # fmt: skip
    """A clinic of residence or observation from a day on; an earlier one of the kind ends there."""
    conn.execute(
        """insert into attachment (region_id, person_id, kind, org, since, known_at, source, author)
           values (%s, %s, %s, %s, %s, coalesce(%s, now()), %s, %s)""",
        (region, person, kind, org, since, at, source, by),
    )
    conn.execute(
        """insert into person_scope (region_id, person_id, org, reason) values (%s, %s, %s, 'attachment')
           on conflict do nothing""",
        (region, person, org),
    )
    changed(conn, region, [person])


def categorise(
    conn: Connection, region: int, rows: Sequence[tuple[int, str, date | None]], *, source: str, by: str,
    at: datetime | None = None,
) -> int:  # fmt: skip
    """(person, category, since): new records where the last one differs; the same list twice is once."""
    if not rows:
        return 0
    table, values = arrays.source({"person_id": "int", "category": "text", "since": "date"}, sorted(rows, key=str), "g")
    found = conn.execute(
        f"""insert into person_category (region_id, person_id, category, since, known_at, source, author)
            select %s, g.person_id, g.category, g.since, coalesce(%s, now()), %s, %s from {table}
            left join lateral (
                select c.category, c.since from person_category c where c.region_id = %s and c.person_id = g.person_id
                order by c.id desc limit 1) last on true
            where (g.category, g.since) is distinct from (last.category, last.since)
            returning person_id""",
        (region, at, source, by, *values, region),
    ).fetchall()
    if found:
        changed(conn, region, [row[0] for row in found])
    return len(found)


def any_category(conn: Connection, region: int) -> bool:
    """Was a category of anybody ever written?"""
    return bool(conn.execute("select exists (select from person_category where region_id = %s)", (region,)).fetchone()[0])


def oldest_with_tasks(conn: Connection, region: int, limit: int) -> list[int]:
    """The oldest living persons with an open task."""
    rows = conn.execute(
        """select p.id from person p where p.region_id = %s and p.birth_date is not null and p.died_on is null
             and exists (select from task t where t.region_id = p.region_id and t.person_id = p.id and t.closed_at is null)
           order by p.birth_date, p.id limit %s""",
        (region, limit),
    )
    return [row[0] for row in rows]


def by_numbers(conn: Connection, region: int, numbers: Sequence[str]) -> dict[str, int]:
    """Persons by SNILS or policy, digits only."""
    rows = conn.execute(
        """select snils as number, id from person
           where region_id = %(region)s and snils = any(%(numbers)s) and snils <> '' and merged_into is null
           union all
           select enp, id from person
           where region_id = %(region)s and enp = any(%(numbers)s) and enp <> '' and merged_into is null""",
        {"region": region, "numbers": list(numbers)},
    )
    return {row[0]: row[1] for row in rows}


def territories(conn: Connection, region: int, rows: Sequence[Mapping[str, str]]) -> int:
    """Replaces the territories of the region; returns how many there are."""
    conn.execute("delete from territory where region_id = %s", (region,))
    kept = {(key(r["settlement"]), key(r.get("street", ""))): r for r in rows}
    values = [
        (r["settlement"], r.get("street", ""), k[0], k[1], r.get("district", ""), r["org"]) for k, r in sorted(kept.items())
    ]
    names = ("settlement", "street", "settlement_key", "street_key", "district", "org")
    if values:
        table, given = arrays.source(dict.fromkeys(names, "text"), values)
        conn.execute(
            f"insert into territory (region_id, {', '.join(names)}) select %s, {', '.join(names)} from {table}",
            (region, *given),
        )
    return len(values)


def settle(conn: Connection, region: int, *, only_changed: bool = False) -> int:
    """The clinic of residence of everybody by address and territory; returns how many persons it changed.

    `only_changed`: of those due for a sweep, as each morning: somebody new, or with a new address.
    The keys of a region's addresses are many, those of its territories few: addresses are cut at commas and each piece
    is looked up. A street says more than a settlement."""
    if conn.execute("select 1 from territory where region_id = %s limit 1", (region,)).fetchone() is None and only_changed:
        return 0
    due = """ and {0} in (select c.person_id from person_change c
        where c.region_id = %(region)s and c.generation <> c.swept_generation)""" if only_changed else ""  # fmt: skip
    by_address = _BY_ADDRESS.format(due=due.format("p.id"))
    values = {"region": region, "source": TERRITORY}
    ended = conn.execute(
        f"""with {by_address}, gone as (
               update attachment a set ended_at = now()
               where a.region_id = %(region)s and a.kind = 'residence' and a.source = %(source)s and a.ended_at is null
                 {due.format("a.person_id")}
                 and not exists (select from wanted w where w.person_id = a.person_id
                                 and (w.org, w.district) = (a.org, a.district))
               returning a.person_id)
           select person_id from gone""",
        values,
    ).fetchall()
    added = conn.execute(
        f"""with {by_address}
            insert into attachment (region_id, person_id, kind, org, district, known_at, source)
            select %(region)s, w.person_id, 'residence', w.org, w.district, now(), %(source)s
            from wanted w
            where not exists (select from attachment a where a.region_id = %(region)s and a.person_id = w.person_id
                              and a.kind = 'residence' and a.source = %(source)s and a.ended_at is null)
            order by 2 returning person_id""",
        values,
    ).fetchall()
    touched = {row[0] for row in (*ended, *added)}
    conn.execute(
        """update person_change set generation = generation + 1 where region_id = %s and person_id = any(%s)""",
        (region, sorted(touched)),
    )
    return len(touched)


_CLEAN = (
    "trim(regexp_replace(regexp_replace(regexp_replace(translate(lower(x.piece), 'ё', 'е'), "
    r"'\m(г|гор|город|с|село|п|пос|поселок|д|деревня|пгт|рп|ул|улица|пр|пр-т|просп|проспект|пер|переулок|пл|площадь|б-р|бульвар|ш|шоссе)\M\.?',"
    r" ' ', 'g'), '[^\w\s-]', ' ', 'g'), '\s+', ' ', 'g'))"
)
_BY_ADDRESS = f"""
    piece as (
        select p.id, {_CLEAN} as key from person p, unnest(string_to_array(p.address, ',')) x(piece)
        where p.region_id = %(region)s and p.address <> '' and p.merged_into is null{{due}}
    ), wanted as (
        select distinct on (a.id) a.id as person_id, t.org, t.district
        from territory t join piece a on a.key = t.settlement_key
        left join piece b on b.id = a.id and b.key = t.street_key and t.street_key <> ''
        where t.region_id = %(region)s and (t.street_key = '' or b.id is not null)
        order by a.id, t.street_key = '', t.id
    )"""


@dataclass(frozen=True, slots=True)
class UnplacedRow:
    """A person whose task fell to a default owner, with the reason."""

    task_id: int
    public_id: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    address: str
    category: str
    attached: str
    by: str
    owner: str
    rule: str
    tasks: int


def unplaced(conn: Connection, scope: Scope, nobody: str, after: int, limit: int) -> list[UnplacedRow]:
    """Persons with an open task that a default owner took, or that nobody owns; by the first such task."""
    rows = conn.execute(
        """select min(t.id) as task_id, p.public_id, p.family, p.given, p.patronymic, p.birth_date, p.address,
                  coalesce((select c.category from person_category c where c.region_id = p.region_id and c.person_id = p.id
                            order by c.since desc nulls last, c.id desc limit 1), '') as category,
                  p.attached_org as attached,
                  case when bool_or(t.owner_org = %(nobody)s) then 'nobody' else max(t.because ->> 'owner_by') end as by,
                  max(coalesce(nullif(o.short_name, ''), o.name, t.owner_org)) as owner,
                  (array_agg(t.rule order by t.id))[1] as rule, count(*) as tasks
           from task t join person p on p.region_id = t.region_id and p.id = t.person_id
           left join organisation o on o.region_id = t.region_id and o.oid = t.owner_org
           where t.region_id = %(region)s and t.closed_at is null and t.handed_to = ''
             and (t.owner_org = %(nobody)s or t.because ->> 'owner_by' in ('category', 'district', 'default'))
           group by p.region_id, p.id having min(t.id) > %(after)s order by 1 limit %(limit)s""",
        {"region": scope.region, "nobody": nobody, "after": after, "limit": limit},
    )
    return [UnplacedRow(**r._asdict()) for r in rows]
