"""Finding a person by what a caller says: the beginning of a name, or the insurance number. Stored keys, range operators."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from oncor_cases.store.case import mine
from oncor_cases.store.session import Connection, Scope

FOUND = 50
_LAST = chr(0x10FFFF)  # sorts after every letter


@dataclass(frozen=True, slots=True)
class FoundRow:
    """One person of a search result."""

    id: int
    public_id: UUID
    family: str
    given: str
    patronymic: str
    birth_date: date | None
    snils: str
    attached_name: str
    tasks: int


def key(text: str) -> str:
    """What `person.search_key` begins with for a name as typed: lower case, ё as е, single spaces."""
    return " ".join(text.lower().replace("ё", "е").split())


def search(conn: Connection, scope: Scope, text: str, snils: str, enp: str = "", limit: int = FOUND) -> list[FoundRow]:
    """Persons in scope, at most `limit`, in the order of names. `snils` or `enp` (digits) win over the text."""
    begins = key(text)
    condition = "p.snils = %(snils)s" if snils else "p.search_key >= %(low)s and p.search_key < %(high)s"
    if enp and not snils:
        condition = "p.enp = %(enp)s"
    rows = conn.execute(
        "select p.id, p.public_id, p.family, p.given, p.patronymic, p.birth_date, p.snils,"
        " coalesce(nullif(o.short_name, ''), o.name, p.attached_org) as attached_name,"
        " (select count(*) from task t where t.region_id = p.region_id and t.person_id = p.id and t.closed_at is null)"
        " as tasks"
        " from person p left join organisation o on o.region_id = p.region_id and o.oid = p.attached_org"
        f" where p.region_id = %(region)s and p.merged_into is null and {condition}{mine(scope, 'p.id')}"
        " order by p.sort_key, p.id limit %(limit)s",
        {
            "region": scope.region, "orgs": list(scope.orgs), "snils": snils, "enp": enp, "low": begins,
            "high": begins + _LAST, "limit": limit,
        },
    ).fetchall()  # fmt: skip
    return [FoundRow(**r._asdict()) for r in rows]
