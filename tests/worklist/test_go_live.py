"""Going live: a region is loaded with its old patients, and nobody is called about what was due before it was observed."""

import json
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from oncor_cases.facts.vocabulary import check
from oncor_cases.store.session import Database
from tests.worklist.conftest import CLINIC, Town

OBSERVED = date(2025, 1, 1)
TODAY = date(2026, 3, 10)
WAY = [
    ("suspicion", {}), ("referral", {"to": "oncologist"}), ("study_ordered", {"study": "ct"}), ("biopsy_taken", {}),
    ("pathology_report", {"result": "malignant"}), ("diagnosis", {"stage": "IV"}), ("clinical_group", {"group": "II"}),
    ("consilium", {"plan": ["surgery"]}), ("operation", {"aim": "radical"}), ("discharge", {}), ("visit", {}),
]  # fmt: skip


def loaded(town: Town, n: int) -> int:
    """Old patients, each stopped somewhere on the way years ago; all of it learnt today. Returns how many facts."""
    rng, facts = random.Random(5), []
    for person in range(1, n + 1):
        code = rng.choice(["C50.4", "C34.1", "C18.7", "C61"])
        day = OBSERVED - timedelta(days=rng.randrange(400, 4000))
        for kind, said in WAY[: rng.randrange(1, len(WAY) + 1)]:
            facts.append((person, kind, day, json.dumps(check(kind, said | {"icd10": code}))))
            day += timedelta(days=rng.randrange(0, 25))
    at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    with town.db.owner() as conn:
        conn.execute(
            """insert into person (region_id, id, sex, birth_date, attached_org)
               select 1, g, 'female', '1950-05-05', %s from generate_series(1, %s) g""",
            (CLINIC, n),
        )
        conn.execute(
            """insert into subject (region_id, id, person_id, fingerprint, first_seen_at)
               select 1, id, id, sha256(id::text::bytea), %s from person""",
            (at,),
        )
        conn.execute("select setval(pg_get_serial_sequence('subject', 'id'), %s)", (n,))
        with conn.cursor().copy(
            "copy fact (region_id, subject_id, kind, on_date, attributes, known_at, author) from stdin"
        ) as copy:
            for person, kind, day, said in facts:
                copy.write_row((1, person, kind, day, said, at, CLINIC))
        conn.execute("insert into person_change (region_id, person_id, generation) select 1, id, 1 from person")
    return len(facts)


@pytest.mark.parametrize("n", [200, pytest.param(10_000, marks=pytest.mark.slow)])
def test_old_patients_open_no_task_for_what_was_due_before(database: Database, n):
    town = Town(database, demo=False)
    facts = loaded(town, n)
    counts = town.sweep(TODAY, workers=2)
    assert facts > n
    assert (counts["persons"], counts["failed"]) == (n, 0)
    assert town.rows("select rule, due from task where due < %s limit 5", OBSERVED) == []
    assert counts["opened"] == 0
    assert town.rows("select count(*) from pathway_view where state <> 'excluded'")[0][0] > n / 2  # they are known, though


def test_the_same_patients_are_called_about_what_happens_from_then_on(town):
    loaded(town, 20)
    town.sweep(TODAY)
    treated = "select subject_id, attributes ->> 'icd10' from fact where kind = 'operation' order by 1 limit 1"
    person, code = town.rows(treated)[0]
    town.fact(person, date(2026, 3, 2), "relapse", icd10=code)
    assert town.sweep(TODAY)["opened"] == 1
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]
