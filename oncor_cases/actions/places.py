"""Saying where a person belongs, and who owes what: attachments, categories, territories, routes, default owners."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from oncor_cases.facts.places import CATEGORIES, KINDS
from oncor_cases.kernel.codes import enp as read_enp
from oncor_cases.kernel.codes import snils as read_snils
from oncor_cases.kernel.dates import as_date
from oncor_cases.kernel.errors import NotFound, UserError
from oncor_cases.regulations.routing import WORDS
from oncor_cases.store import audit, decisions, facts, persons, places, routing
from oncor_cases.store.session import Connection


def attach(
    conn: Connection, region: int, person: int, kind: str, org: str, since: date, *, by: str, at: datetime | None = None
) -> None:
    """A clinic from a day on. The clinic of the policy is a fact of the person's word, as any decision; the others are
    records of attachment. Raises UserError."""
    if kind not in KINDS:
        raise UserError("Выберите вид прикрепления")
    if not decisions.is_organisation(conn, region, org):
        raise UserError("Такой организации нет")
    if kind == "insurance":
        facts.state(conn, region, person, "attached", since, {"org": org}, author=by, at=at)
        persons.refresh(conn, region, [person])
    else:
        places.attach(conn, region, person, kind, org, since, source="person", by=by, at=at)
    audit.note(conn, region, "attached", author=by, person=person, object=org, detail={"kind": kind})


def categorise(
    conn: Connection, region: int, person: int, category: str, since: date, *, by: str, at: datetime | None = None
) -> None:
    """Care home, prison, military service … from a day on; `none` ends it. Raises UserError."""
    if category not in CATEGORIES:
        raise UserError("Выберите категорию")
    places.categorise(conn, region, [(person, category, since)], source="person", by=by, at=at)
    audit.note(conn, region, "categorised", author=by, person=person, detail={"category": category})


class Listed(NamedTuple):
    """A list of categories: how many records are new; lines without a person or a category, with the reason."""

    written: int
    rejects: list[tuple[int, str]]


def categories(
    conn: Connection, region: int, rows: Sequence[tuple[int, Mapping[str, str]]], *, words: Mapping[str, str], today: date,
    by: str,
) -> Listed:  # fmt: skip
    """A list of persons by SNILS or policy with their category. `words`: Russian name → category."""
    good: list[tuple[int, str, date | None]] = []
    rejects: list[tuple[int, str]] = []
    numbers = {line: (read_snils(r.get("snils", "")) or "", read_enp(r.get("enp", "")) or "") for line, r in rows}
    known = places.by_numbers(conn, region, sorted({n for pair in numbers.values() for n in pair if n}))
    for line, row in rows:
        said = row["category"].strip().lower()
        category = words.get(said, said)
        person = next((known[n] for n in numbers[line] if n in known), None)
        since = as_date(row.get("since") or today)
        if category not in CATEGORIES:
            rejects.append((line, "неизвестная категория"))
        elif since is None:
            rejects.append((line, "дата не читается: нужна ГГГГ-ММ-ДД"))
        elif person is None:
            rejects.append((line, "человека с таким номером нет"))
        else:
            good.append((person, category, since))
    written = places.categorise(conn, region, good, source="list", by=by)
    audit.note(conn, region, "categories_loaded", author=by, detail={"written": written, "rejected": len(rejects)})
    return Listed(written, rejects)


def add_route(
    conn: Connection, region: int, rule: str, chain: Sequence[str], since: date | None, *, rules: Sequence[str], reason: str,
    by: str,
) -> int:  # fmt: skip
    """A row of routing; how many persons are due for a sweep. `rules`: ids and pathways there are. Raises UserError."""
    if rule and rule not in rules:
        raise UserError("Такого правила нет")
    bad = [word for word in chain if word not in WORDS and not word.startswith("org:")]
    if bad or not chain:
        raise UserError("Укажите, кто отвечает")
    for word in chain:
        if word.startswith("org:") and not decisions.is_organisation(conn, region, word.removeprefix("org:")):
            raise UserError("Такой организации нет")
    if not reason.strip():
        raise UserError("Укажите основание")
    routing.add_route(conn, region, rule, chain, since, reason=reason.strip(), by=by)
    audit.note(conn, region, "route_added", author=by, object=rule, detail={"chain": list(chain)})
    return routing.wake_rule(conn, region, rule)


def add_default(
    conn: Connection, region: int, org: str, *, category: str, district: str, instead: bool, since: date | None,
    reason: str, by: str,
) -> int:  # fmt: skip
    """A default owner; how many persons are due for a sweep. Raises UserError."""
    if category and category not in CATEGORIES:
        raise UserError("Выберите категорию")
    if instead and not category:
        raise UserError("Вместо поликлиники прикрепления отвечать можно только за категорию")
    if not decisions.is_organisation(conn, region, org):
        raise UserError("Такой организации нет")
    if not reason.strip():
        raise UserError("Укажите основание")
    routing.add_default(
        conn, region, org, category=category, district=district, instead=instead, since=since, reason=reason.strip(), by=by
    )
    audit.note(
        conn, region, "default_owner_added", author=by, object=org, detail={"category": category, "district": district}
    )
    return routing.wake_unplaced(conn, region, category)


def end(conn: Connection, region: int, table: str, id: int, *, by: str) -> int:
    """Ends a route or a default owner; how many persons are due for a sweep. Raises NotFound."""
    about = routing.end(conn, region, table, id)
    if about is None:
        raise NotFound("Такой строки нет или она уже снята")
    audit.note(conn, region, f"{table}_ended", author=by, object=about)
    return routing.wake_rule(conn, region, about) if table == "route" else routing.wake_unplaced(conn, region, about)


def territories(conn: Connection, region: int, rows: Sequence[Mapping[str, str]], *, by: str) -> tuple[int, int]:
    """Replaces the region's territories; how many there are, and how many persons got another clinic of residence."""
    number = places.territories(conn, region, rows)
    touched = places.settle(conn, region)
    audit.note(conn, region, "territories_loaded", author=by, detail={"territories": number, "persons": touched})
    return number, touched
