"""Residents who become persons: a row of the insured list turns into a subject when something concerns it.

A resident has a number of the persons' own sequence from the start, so nothing that was kept by that number changes
when the `person` row is made. Callers hold the intake lock (documents.lock) where links are written."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from oncor_cases.store import persons
from oncor_cases.store.resident_list import told
from oncor_cases.store.session import Connection

AUTHOR = "insured"  # author of the facts a list states; no login is named so
_FINGERPRINT = "sha256(convert_to('insured|' || r.enp, 'UTF8'))"
_PHONES = "case when r.phone = '' then '{}'::text[] else array[r.phone] end"
_OLD_FINGERPRINT = "sha256(convert_to('insured_former|' || f.id::text, 'UTF8'))"

# Whom unlinked records name by a number that a resident without a subject has, or had.
_NAMED = """
    select r.enp from subject s join resident r on r.region_id = s.region_id and r.enp = s.enp
        where s.region_id = %(region)s and s.id = any(%(ids)s) and s.enp <> '' and r.subject_id is null
    union select r.enp from subject s join resident r on r.region_id = s.region_id and r.snils = s.snils and r.snils <> ''
        where s.region_id = %(region)s and s.id = any(%(ids)s) and s.snils <> '' and r.subject_id is null
    union select r.enp from subject s join resident_former f on f.region_id = s.region_id and f.enp = s.enp
        join resident r on r.region_id = f.region_id and r.person_id = f.person_id
        where s.region_id = %(region)s and s.id = any(%(ids)s) and s.enp <> '' and r.subject_id is null
    union select r.enp from subject s join resident_former f on f.region_id = s.region_id and f.snils = s.snils
        and f.snils <> '' join resident r on r.region_id = f.region_id and r.person_id = f.person_id
        where s.region_id = %(region)s and s.id = any(%(ids)s) and s.snils <> '' and r.subject_id is null"""


def named_by(conn: Connection, region: int, subjects: Sequence[int]) -> list[int]:
    """Makes persons of the residents whom these records name by SNILS or policy. One indexed query where there are
    none. Returns the records of the residents, to be connected with those that came."""
    found = [row.enp for row in conn.execute(_NAMED, {"region": region, "ids": list(subjects)})]
    return materialise(conn, region, found) if found else []


def materialise(conn: Connection, region: int, enps: Sequence[str]) -> list[int]:
    """`person`, `subject`, links and attachment for residents that have none yet. Returns their new records."""
    if not enps:
        return []
    conn.execute(
        """insert into person (region_id, id) select r.region_id, r.person_id from resident r
           where r.region_id = %s and r.enp = any(%s) and r.subject_id is null on conflict do nothing""",
        (region, list(enps)),
    )
    made = add_subjects(conn, region, enps, linked=True)
    state_attachment(conn, region, made)
    return made


def of_persons(conn: Connection, region: int, numbers: Sequence[int]) -> list[int]:
    """`person` rows for these numbers, wherever they are still only residents who have not left: before a task or a fact
    concerns them.

    Returns the persons made; nothing for those already there."""
    rows = conn.execute(
        """select enp, person_id from resident where region_id = %s and person_id = any(%s) and subject_id is null
             and gone_on is null""",
        (region, list(numbers)),
    ).fetchall()
    made = materialise(conn, region, [row.enp for row in rows])
    persons.refresh(conn, region, persons.of_subjects(conn, region, made))
    return sorted({row.person_id for row in rows})


def add_subjects(conn: Connection, region: int, enps: Sequence[str], *, linked: bool) -> list[int]:
    """The list's record of each resident as a subject, `linked` to the resident's own number or to nobody yet."""
    values = {"region": region, "enps": list(enps), "linked": linked}
    rows = conn.execute(
        f"""with made as (
                insert into subject (region_id, person_id, source, snils, enp, family, given, patronymic, birth_date, sex,
                    address, phones, fingerprint, first_seen_at)
                select r.region_id, case when %(linked)s then r.person_id end, 'insured', r.snils, r.enp, r.family, r.given,
                    r.patronymic, r.born, r.sex, r.address, {_PHONES}, {_FINGERPRINT}, l.received_at
                from resident r join list_load l on l.region_id = r.region_id and l.id = r.load_id
                where r.region_id = %(region)s and r.enp = any(%(enps)s) and r.subject_id is null
                returning region_id, id, enp, person_id, first_seen_at
            ), told as (
                update resident r set subject_id = m.id from made m where r.region_id = m.region_id and r.enp = m.enp
            ), link as (
                insert into subject_link (region_id, subject_id, person_id, valid_from, reason)
                select region_id, id, person_id, first_seen_at, 'insured' from made where person_id is not null
            )
            select id from made order by id""",
        values,
    ).fetchall()
    made = [row.id for row in rows]
    made += _add_former(conn, region, made, linked=linked)
    return made


def _add_former(conn: Connection, region: int, subjects: Sequence[int], *, linked: bool) -> list[int]:
    """Old policies and names of the same residents: records without birth date and sex, so they contradict nobody.

    The numbers are cast to the type of the column: of another one they would be compared with every resident in turn."""
    rows = conn.execute(
        f"""with made as (
                insert into subject (region_id, person_id, source, snils, enp, family, given, patronymic, fingerprint,
                    first_seen_at)
                select f.region_id, case when %(linked)s then f.person_id end, 'insured', f.snils, f.enp, f.family, f.given,
                    f.patronymic, {_OLD_FINGERPRINT}, (f.until_on - 1)::timestamp at time zone g.tz
                from resident r join resident_former f on f.region_id = r.region_id and f.person_id = r.person_id
                join region g on g.id = r.region_id
                where r.region_id = %(region)s and r.subject_id = any(%(ids)s::bigint[]) and f.subject_id is null
                returning region_id, id, fingerprint, person_id, first_seen_at
            ), told as (
                update resident_former f set subject_id = m.id from made m
                where f.region_id = m.region_id and m.fingerprint = {_OLD_FINGERPRINT}
                  and f.person_id in (select r.person_id from resident r
                                      where r.region_id = %(region)s and r.subject_id = any(%(ids)s::bigint[]))
            ), link as (
                insert into subject_link (region_id, subject_id, person_id, valid_from, reason)
                select region_id, id, person_id, first_seen_at, 'insured' from made where person_id is not null
            )
            select id from made order by id""",
        {"region": region, "ids": list(subjects), "linked": linked},
    ).fetchall()
    return [row.id for row in rows]


def state_attachment(conn: Connection, region: int, subjects: Sequence[int], at: datetime | None = None) -> None:
    """The clinic of attachment as the list has it, as a fact known since the list came (or since `at`, when another list
    was withdrawn); one that ended ceases."""
    values = {"region": region, "ids": list(subjects), "author": AUTHOR, "at": at}
    conn.execute(
        """update fact f set in_force = false, ceased_at = greatest(f.known_at, coalesce(%(at)s, l.received_at))
           from subject s join resident r on r.region_id = s.region_id and r.enp = s.enp and r.subject_id = s.id
           join list_load l on l.region_id = r.region_id and l.id = r.load_id
           where s.region_id = %(region)s and s.id = any(%(ids)s) and f.region_id = s.region_id
             and f.subject_id = s.id and f.in_force and f.kind = 'attached' and f.author = %(author)s
             and (r.gone_on is not null or f.attributes ->> 'org' <> r.org
                  or f.on_date is distinct from r.attached_since)""",
        values,
    )
    conn.execute(
        """insert into fact (region_id, subject_id, kind, on_date, known_at, evidence, attributes, author)
           select r.region_id, r.subject_id, 'attached', r.attached_since, coalesce(%(at)s, l.received_at), 'list',
                  jsonb_build_object('org', r.org), %(author)s
           from subject s join resident r on r.region_id = s.region_id and r.enp = s.enp and r.subject_id = s.id
           join list_load l on l.region_id = r.region_id and l.id = r.load_id
           where s.region_id = %(region)s and s.id = any(%(ids)s) and r.org <> '' and r.gone_on is null
             and not exists (select from fact f where f.region_id = r.region_id and f.subject_id = r.subject_id
                             and f.in_force and f.kind = 'attached' and f.author = %(author)s)
           order by r.subject_id""",  # sorted, so that no row is written while the facts are still being read
        values,
    )


def follow(conn: Connection, region: int, subjects: Sequence[int]) -> None:
    """After links moved: residents and what was written of them earlier carry the number of whom they are now."""
    values = (region, list(subjects))
    conn.execute(
        """update resident r set person_id = s.person_id from subject s
           where s.region_id = %s and s.id = any(%s) and s.source = 'insured' and s.person_id is not null
             and r.region_id = s.region_id and r.enp = s.enp and r.subject_id = s.id and r.person_id <> s.person_id""",
        values,
    )
    conn.execute(
        """update resident_former f set person_id = s.person_id from subject s
           where s.region_id = %s and s.id = any(%s) and s.source = 'insured' and s.person_id is not null
             and f.region_id = s.region_id and f.enp = s.enp and f.snils = s.snils and f.family = s.family
             and f.given = s.given and f.patronymic = s.patronymic and f.subject_id = s.id and f.person_id <> s.person_id""",
        values,
    )


def numbers(conn: Connection, region: int) -> Iterator[bytes]:
    """Policies and SNILS by which records name somebody, as CSV."""
    return told(
        conn,
        """select enp from subject where region_id = %s and enp <> ''
           union select snils from subject where region_id = %s and snils <> ''""",
        region,
        region,
    )


def known_before(conn: Connection, region: int, load: int) -> list[int]:
    """Residents of this load whom earlier documents name by a number: their records, not linked to anybody yet."""
    rows = conn.execute(
        """select r.enp from subject s join resident r on r.region_id = s.region_id and r.enp = s.enp
               where s.region_id = %(region)s and s.enp <> '' and r.subject_id is null and r.load_id = %(load)s
           union
           select r.enp from subject s join resident r on r.region_id = s.region_id and r.snils = s.snils and r.snils <> ''
               where s.region_id = %(region)s and s.snils <> '' and r.subject_id is null and r.load_id = %(load)s
           union
           select r.enp from resident_former f join subject s on s.region_id = f.region_id and s.enp = f.enp and s.enp <> ''
               join resident r on r.region_id = f.region_id and r.person_id = f.person_id
               where f.region_id = %(region)s and r.subject_id is null""",
        {"region": region, "load": load},
    ).fetchall()
    return add_subjects(conn, region, [row.enp for row in rows], linked=False) if rows else []


def corrected(conn: Connection, region: int, load: int) -> list[int]:
    """Subjects of residents this load changed, made equal to the list again. Returns them."""
    rows = conn.execute(
        f"""update subject s set snils = r.snils, enp = r.enp, family = r.family, given = r.given,
                patronymic = r.patronymic, birth_date = r.born, sex = r.sex, address = r.address,
                phones = {_PHONES}, fingerprint = {_FINGERPRINT},
                first_seen_at = l.received_at
            from resident r join list_load l on l.region_id = r.region_id and l.id = r.load_id
            where r.region_id = %(region)s and r.load_id = %(load)s and r.subject_id is not null
              and s.region_id = r.region_id and s.id = r.subject_id returning s.id""",
        {"region": region, "load": load},
    ).fetchall()
    changed = sorted(row.id for row in rows)
    changed += _add_former(conn, region, changed, linked=False)
    return changed


def late_former(conn: Connection, region: int) -> list[int]:
    """What an earlier list, loaded later, wrote of residents who are persons already: new records, linked to nobody yet."""
    rows = conn.execute(
        """select distinct r.subject_id from resident_former f
           join resident r on r.region_id = f.region_id and r.person_id = f.person_id
           where f.region_id = %s and f.subject_id is null and r.subject_id is not null""",
        (region,),
    ).fetchall()
    return _add_former(conn, region, [row.subject_id for row in rows], linked=False) if rows else []
