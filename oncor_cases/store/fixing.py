"""What the registrar puts right: questions of the rules about documents, and findings people and intake wrote down.

The rules' questions are read from the cached views, so they go by themselves when the document comes."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from oncor_cases.store.inbox import WIDE
from oncor_cases.store.session import Connection, Scope

PAGE = 50


@dataclass(frozen=True, slots=True)
class FixRow:
    """One thing to put right, with the patient it concerns. `id` is the key of the next page."""

    id: int
    person: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    code: str
    rule: str
    icd10: str
    since: date | None
    detail: Mapping[str, Any]


_FOUND = """
    select v.person_id, f ->> 'code' as code, coalesce(f ->> 'rule', '') as rule, v.icd10,
           (v.view ->> 'opened_on')::date as since, '{{}}'::jsonb as detail
    from pathway_view v cross join lateral jsonb_array_elements(v.view -> 'findings') f
    where v.region_id = %(region)s and {persons} and jsonb_array_length(v.view -> 'findings') > 0
    union
    select f.person_id, f.code, coalesce(f.detail ->> 'rule', ''), '', f.created_at::date, f.detail
    from finding f where f.region_id = %(region)s and f.state = 'open' and f.person_id is not null
"""


_OF_CLINIC = (
    "v.person_id = any(array(select distinct s.person_id from person_scope s"
    " where s.region_id = %(region)s and s.org = any(%(orgs)s)))"
)


def _found(scope: Scope) -> str:
    """A clinic's rows are reached through its persons, a region's by reading every view."""
    return _FOUND.format(persons="true" if scope.role in WIDE else _OF_CLINIC)


def _scope(scope: Scope) -> str:
    if scope.role in WIDE:
        return ""
    return (
        " and exists (select from person_scope s where s.region_id = %(region)s and s.person_id = x.person_id"
        " and s.org = any(%(orgs)s))"
    )


def page(conn: Connection, scope: Scope, code: str, after: int, limit: int = PAGE) -> list[FixRow]:
    """Up to `limit` rows and the rest of the last patient's, in the order of patients; `after` is the last one shown."""
    rows = conn.execute(
        f"""
        with page as materialized (
            select x.* from ({_found(scope)}) x
            where x.person_id > %(after)s and (%(code)s = '' or x.code = %(code)s){_scope(scope)}
            order by x.person_id fetch first {int(limit)} rows with ties)
        select x.person_id as id, p.public_id as person, p.family, p.given, p.patronymic, p.birth_date, x.code, x.rule,
               x.icd10, x.since, x.detail
        from page x join person p on p.region_id = %(region)s and p.id = x.person_id
        order by x.person_id, x.code, x.rule
        """,
        {"region": scope.region, "orgs": list(scope.orgs), "code": code, "after": after},
    ).fetchall()
    return [FixRow(**r._asdict()) for r in rows]


def counts(conn: Connection, scope: Scope) -> list[tuple[str, int]]:
    """(code, how many), the fullest first."""
    rows = conn.execute(
        f"select x.code, count(*) as n from ({_found(scope)}) x where true{_scope(scope)}"
        " group by x.code order by 2 desc, 1",
        {"region": scope.region, "orgs": list(scope.orgs)},
    ).fetchall()
    return [(r.code, r.n) for r in rows]
