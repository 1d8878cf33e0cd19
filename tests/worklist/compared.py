"""Rows of lists and documents as the comparisons meet them, in a few words."""

import hashlib
from datetime import date, timedelta
from typing import Any

from oncor_cases.actions import comparing
from tests.worklist.conftest import CLINIC, ONCOLOGY, Town

LISTED = {
    "register": "list_register_tumours",
    "observed": "list_observed",
    "claim": "list_claims",
    "left": "list_departures",
}
EVIDENCE = {"register": "register", "observed": "list", "claim": "claim", "left": "list", "document": "document"}
FIRST = date(2026, 3, 2)
LATER = FIRST + timedelta(days=20)  # a comparison is new for two weeks
LONG_AGO = date(2025, 9, 1)


def begun(town: Town) -> Town:
    """The lists are loaded and the comparisons old enough to give work by themselves."""
    dispensary(town)
    loaded(town, LATER + timedelta(days=30))
    comparing.run(town.db, 1, FIRST)
    return town


def loaded(town: Town, as_of: date, *kinds: str) -> None:
    """These lists are in force as of a day."""
    with town.db.batch() as conn:
        for kind in kinds or ("register_tumours", "observed", "claims"):
            conn.execute(
                """insert into list_load (region_id, sha256, name, kind, state, as_of, author, received_at)
                   values (1, %s, %s, %s, 'loaded', %s, 't', %s)""",
                (kind.encode(), kind, kind, as_of, as_of),
            )


def said(town: Town, source: str, person: int, on: date, kind: str, /, *, sender: str = "", **about: Any) -> int:
    """One fact of a source in a document of its own; the fact."""
    fact = town.fact(person, on, kind, evidence=EVIDENCE[source], **about)
    mark = hashlib.sha256(f"{source} {fact}".encode()).digest()
    with town.db.batch() as conn:
        conn.execute(
            """insert into raw_document (region_id, sha256, received_at, size, origin, content)
               values (1, %s, %s, 1, 't', '')""",
            (mark, on),
        )
        (document,) = conn.execute(
            """insert into document (region_id, sha256, known_at, status, kind, set_id, doc_date, title, sender_org,
                   subject_id, in_force)
               select 1, %s, %s, 'read', %s, %s, %s, 'Строка', %s, f.subject_id, true from fact f where f.id = %s
               returning id""",
            (mark, on, LISTED.get(source, "consultation"), f"{source} {fact}", on, sender or source, fact),
        ).fetchone()
        conn.execute("update fact set document_id = %s where id = %s", (document, fact))
    return fact


def registered(town: Town, person: int, on: date, icd10: str = "C50.9", *, sender: str = "", **about: Any) -> int:
    """A tumour of the register with its entry; the diagnosis."""
    said(town, "register", person, on, "register_entry", sender=sender, icd10=icd10, register="oncology", org=CLINIC)
    return said(town, "register", person, on, "diagnosis", sender=sender, icd10=icd10, status="final", **about)


def observed(town: Town, person: int, on: date, icd10: str = "C50.9", org: str = CLINIC) -> int:
    """A row of the fund's list of observation."""
    return said(town, "observed", person, on, "register_entry", icd10=icd10, register="oncology", org=org)


def diagnosed(town: Town, person: int, on: date, icd10: str = "C50.9", **about: Any) -> int:
    """A final diagnosis by a document of the clinic."""
    return said(town, "document", person, on, "diagnosis", sender=CLINIC, icd10=icd10, status="final", **about)


def gone(town: Town, *facts: int) -> None:
    """The facts are in force no more, as after a corrected list."""
    with town.db.batch() as conn:
        conn.execute("update fact set in_force = false, ceased_at = now() where id = any(%s)", (list(facts),))


def died(town: Town, person: int, on: date, icd10: str = "") -> None:
    """A death, as the intake writes it."""
    town.fact(person, on, "death", evidence="list", icd10=icd10)
    with town.db.batch() as conn:
        conn.execute("update person set died_on = %s where id = %s", (on, person))


def dispensary(town: Town) -> None:
    """The region has a cancer centre and a clinic."""
    with town.db.batch() as conn:
        conn.execute(
            """insert into organisation (region_id, oid, name, roles) values
               (1, %s, 'Онкодиспансер', '{dispensary}'), (1, %s, 'Поликлиника', '{polyclinic}')""",
            (ONCOLOGY, CLINIC),
        )


def found(town: Town, columns: str = "comparison, thing, state") -> list[Any]:
    """The stored differences."""
    return [tuple(row) for row in town.rows(f"select {columns} from difference order by person_id, comparison, thing")]


def kinds(town: Town, person: int) -> set[str]:
    """The comparisons in which a person differs."""
    return {
        r.comparison for r in town.rows("select comparison from difference where person_id = %s and state = 'open'", person)
    }


def complete(town: Town, on: date = LONG_AGO, icd10: str = "C50.9", **about: Any) -> int:
    """A person all sources agree about."""
    person = town.person()
    registered(town, person, on, icd10, **about)
    observed(town, person, on, icd10)
    diagnosed(town, person, on, icd10, **about)
    return person
