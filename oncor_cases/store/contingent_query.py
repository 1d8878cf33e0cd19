"""A saved query compiled to set-based SQL: each condition is one statement that gives a set, sets are combined as bitmaps.

So no plan depends on how conditions meet, and four million people are read once for all that is asked of a person."""

from datetime import date
from typing import Any

from pyroaring import BitMap

from oncor_cases.contingents.query import FactWanted, Query
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.kernel.codes import IcdSet
from oncor_cases.store.population import INSURED, OBSERVED, PEOPLE, REGISTERED, bitmap
from oncor_cases.store.session import Connection


def found(conn: Connection, region: int, query: Query, today: date) -> BitMap:
    """The persons all conditions hold for on `today`. Runs as batch: who reads is cut by scope afterwards."""
    values: dict[str, Any] = {"region": region, "today": today, "other": OTHER_REGISTER}
    wanted = [
        *_about_people(conn, query, values),
        *_about_cases(conn, query, values),
        *([bitmap(conn, INSURED, values)] if query.insured else []),
        *([bitmap(conn, OBSERVED, values)] if query.observed else []),
        *([bitmap(conn, REGISTERED, values | {"register": query.registered})] if query.registered else []),
        *(_fact(conn, fact, values) for fact in query.has),
    ]
    if not wanted:
        wanted = [bitmap(conn, f"select p.id from ({PEOPLE}) p where p.region_id = %(region)s", values)]
    members = BitMap.intersection(*wanted)
    for fact in query.lacks:
        members -= _fact(conn, fact, values)
    if query.insured is False:
        members -= bitmap(conn, INSURED, values)
    if query.observed is False:
        members -= bitmap(conn, OBSERVED, values)
    if query.unregistered:
        members -= bitmap(conn, REGISTERED, values | {"register": query.unregistered})
    return members


def _about_people(conn: Connection, query: Query, values: dict[str, Any]) -> list[BitMap]:
    parts: list[str] = []
    if query.alive is not None:
        parts.append(f"p.died_on is {'null' if query.alive else 'not null'}")
    if query.sex:
        parts.append("p.sex = %(sex)s")
    if query.age_from is not None:  # full years on the day: born on or before that day so many years ago
        parts.append("p.birth_date <= (%(today)s::date - make_interval(years => %(age_from)s))::date")
    if query.age_to is not None:
        parts.append("p.birth_date > (%(today)s::date - make_interval(years => %(age_to)s + 1))::date")
    if query.attached:
        parts.append("p.attached_org = any(%(attached)s)")
    if not parts:
        return []
    asked = {
        "sex": query.sex, "age_from": query.age_from, "age_to": query.age_to, "attached": list(query.attached),
    }  # fmt: skip
    text = f"select p.id from ({PEOPLE}) p where p.region_id = %(region)s and {' and '.join(parts)}"
    return [bitmap(conn, text, values | asked)]


def _about_cases(conn: Connection, query: Query, values: dict[str, Any]) -> list[BitMap]:
    sets: list[BitMap] = []
    if query.pathway or query.states or query.icd10:
        codes, given = _in_codes("v.icd10", query.icd10)
        parts = ["v.region_id = %(region)s", codes]
        parts += ["v.pathway = %(pathway)s"] if query.pathway else []
        parts += ["v.state = any(%(states)s)"] if query.states else []
        asked = {"pathway": query.pathway, "states": list(query.states)} | given
        text = f"select distinct v.person_id as id from pathway_view v where {' and '.join(parts)}"
        sets.append(bitmap(conn, text, values | asked))
    if query.overdue:
        rule = "" if query.overdue == "*" else " and t.rule = %(rule)s"
        text = f"""select distinct t.person_id as id from task t
                   where t.region_id = %(region)s and t.closed_at is null and t.due < %(today)s{rule}"""
        sets.append(bitmap(conn, text, values | {"rule": query.overdue}))
    return sets


# A month or a year (a plan by month, a diagnosis of long ago) is meant by every day of it.
_VAGUE = """f.on_date is null and f.on_text ~ '^[0-9]{{4}}(-[0-9]{{2}})?$'
    and f.on_text collate "C" {0} left(%({1})s::date::text, length(f.on_text)) collate "C\""""


def _fact(conn: Connection, fact: FactWanted, values: dict[str, Any]) -> BitMap:
    codes, given = _in_codes("f.attributes ->> 'icd10'", fact.icd10)
    parts = ["f.region_id = %(region)s", "f.in_force", "f.kind = %(kind)s", codes]
    asked: dict[str, Any] = {"kind": fact.kind, "since": fact.since, "until": fact.until}
    parts += [f"(f.on_date >= %(since)s or {_VAGUE.format('>=', 'since')})"] if fact.since else []
    parts += [f"(f.on_date <= %(until)s or {_VAGUE.format('<=', 'until')})"] if fact.until else []
    for n, (name, value) in enumerate(fact.attributes):
        parts.append(f"f.attributes ->> %(name{n})s = %(value{n})s")
        asked |= {f"name{n}": name, f"value{n}": value}
    text = f"""select distinct s.person_id as id
               from fact f join subject s on s.region_id = f.region_id and s.id = f.subject_id and s.person_id is not null
               where {" and ".join(parts)}"""
    return bitmap(conn, text, values | asked | given)


def _in_codes(column: str, codes: str) -> tuple[str, dict[str, str]]:
    """A condition that a column holds a code of the set, as `IcdSet` means it: a category holds its subcategories."""
    ranges = IcdSet.parse(codes).ranges
    if not ranges:
        return "true", {}
    parts: list[str] = []
    given: dict[str, str] = {}
    for n, (low, high) in enumerate(ranges):
        parts.append(
            f'({column} collate "C" >= %(low{n})s and left({column}, length(%(high{n})s)) collate "C" <= %(high{n})s)'
        )
        given |= {f"low{n}": low, f"high{n}": high}
    return f"({' or '.join(parts)})", given
