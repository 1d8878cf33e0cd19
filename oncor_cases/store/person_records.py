"""Which identity records stand behind a person, since when and why: what joins and partings leave behind.

Read as `oncor_web`: a record that went to somebody outside the reader's scope is told without what it says."""

from datetime import date, datetime
from typing import NamedTuple

from oncor_cases.store.case import mine
from oncor_cases.store.session import Connection, Scope


class RecordRow(NamedTuple):
    """One stay of a record with a person. `source` is empty where the reader may not see the record any more; `reason` is a
    code or a person's words, `parted_*` say why the record left. `first`: the person began with it; `of`: how many stays
    there are in all."""

    since: datetime
    until: datetime | None
    source: str
    sender: str
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    snils: str
    reason: str
    author: str
    parted_reason: str
    parted_by: str
    first: bool
    of: int


def of_person(conn: Connection, scope: Scope, person: int, limit: int) -> list[RecordRow]:
    """The records of a person in scope, those that are still there first, the latest to come first."""
    rows = conn.execute(
        f"""select l.valid_from as since, l.valid_to as until, coalesce(s.source, '') as source,
                   coalesce(nullif(o.short_name, ''), o.name, d.sender_org, '') as sender,
                   coalesce(s.family, '') as family, coalesce(s.given, '') as given,
                   coalesce(s.patronymic, '') as patronymic, s.birth_date, coalesce(s.snils, '') as snils, l.reason,
                   coalesce(nullif(u.name, ''), l.author) as author,
                   coalesce(n.reason, '') as parted_reason, coalesce(nullif(v.name, ''), n.author, '') as parted_by,
                   row_number() over (order by l.valid_from, l.id) = 1 as first, count(*) over () as of
            from subject_link l
            left join subject s on s.region_id = l.region_id and s.id = l.subject_id
            left join lateral (
                select sender_org from document d where d.region_id = s.region_id and d.subject_id = s.id
                order by d.known_at, d.id limit 1) d on true
            left join organisation o on o.region_id = l.region_id
                and o.oid = coalesce(nullif(s.organisation, ''), d.sender_org)
            left join lateral (
                select e.reason, e.author from subject_link e
                where e.region_id = l.region_id and e.subject_id = l.subject_id and e.id > l.id and l.valid_to is not null
                order by e.id limit 1) n on true
            left join user_account u on u.region_id = l.region_id and u.login = l.author
            left join user_account v on v.region_id = l.region_id and v.login = n.author
            where l.region_id = %(region)s and l.person_id = %(person)s and coalesce(s.source, '') <> 'person'
              and l.valid_to is distinct from l.valid_from{mine(scope, "l.person_id")}
            order by l.valid_to is not null, l.valid_from desc, l.id desc limit %(limit)s""",
        {"region": scope.region, "person": person, "orgs": list(scope.orgs), "limit": limit},
    )
    return [RecordRow(*row) for row in rows]
