"""Walking the calendar: a sweep looks only at who changed or woke, and must never miss a day on which somebody should."""

import os
import random
import signal
import subprocess
import sys
from datetime import date, timedelta

import pytest

from oncor_cases.actions import explain
from oncor_cases.store.session import Database
from tests.worklist.conftest import ONCOLOGY, Town

FIRST = date(2026, 2, 2)
LATER = [
    ("referral", {"to": "oncologist"}), ("consultation", {}), ("study_ordered", {"study": "ct"}), ("biopsy_taken", {}),
    ("study_performed", {"study": "ct"}), ("pathology_report", {"result": "malignant"}), ("diagnosis", {"stage": "II"}),
    ("consilium", {"plan": ("surgery", "chemotherapy")}), ("admission", {"purpose": "treatment"}), ("operation", {}),
    ("refusal", {"of": "treatment", "documented": "verbal"}), ("result_told", {}), ("notice_090u", {}),
    ("clinical_group", {"group": "Ia"}), ("contact", {"outcome": "reached"}), ("death", {"kind": "preliminary"}),
    ("moved_away", {}), ("appointment", {"for": "oncologist"}), ("contact", {"outcome": "no_answer"}),
]  # fmt: skip
PERSONAL = ("contact", "death", "moved_away", "appointment")


def told(rng: random.Random, n: int) -> list[tuple[date, date, str, dict]]:
    """Facts of one invented person: (on, known, kind, attributes), some of them late, some dated ahead."""
    day, said = FIRST + timedelta(days=rng.randrange(20)), []
    code = rng.choice(["C50.9", "C34.1", "R91", "C18.7"])
    said.append((day, day, "suspicion", {"icd10": code, "org": ONCOLOGY}))
    for kind, attributes in sorted(rng.sample(LATER, n), key=lambda _: rng.random()):
        on = day + timedelta(days=rng.randrange(45))
        known = on + timedelta(days=rng.choice([0, 0, 1, 4, 20]))
        about = dict(attributes) if kind in PERSONAL else attributes | {"icd10": code}
        if kind == "appointment":
            about["at"] = (on + timedelta(days=rng.randrange(1, 15))).isoformat()
        if attributes.get("outcome") == "no_answer":
            about["next_on"] = (on + timedelta(days=rng.randrange(1, 8))).isoformat()
        said.append((on, known, kind, about))
    return said


def _plain(rows):
    return [{k: v for k, v in r.items() if k not in ("because", "danger", "id")} for r in rows]


def test_no_day_is_missed_by_looking_only_at_who_changed_or_woke(demo_town):
    town, rng = demo_town, random.Random(7)
    arriving: dict[date, list] = {}
    for _ in range(25):
        person = town.person()
        for on, known, kind, about in told(rng, rng.randrange(2, 9)):
            arriving.setdefault(known, []).append((person, on, known, kind, about))
    looked = everyone = shown = 0
    for n in range(90):
        day = FIRST + timedelta(days=n)
        if day in arriving:
            town.tell(arriving[day])
        counts = town.sweep(day)
        assert counts["failed"] == 0
        looked, everyone = looked + counts["persons"], everyone + 25
        if n % 3:
            continue
        rows = _plain(explain.tasks(town.db, day, known_on=day).rows)  # computed for everybody
        assert _plain(explain.shown(town.db, day).rows) == rows, day
        shown += len(rows)
    assert shown > 100
    assert looked < everyone / 2


def _open(town):
    return town.rows(
        """select t.person_id, t.pathway, e.key, t.rule, t.icd10, t.due, t.level, t.owner_org, t.waiting_until
           from task t join episode e on e.id::text = t.episode where t.closed_at is null order by 1, 2, 3, 4, 6, 5"""
    )


@pytest.mark.parametrize("seed", range(2))
def test_any_order_of_arrival_gives_the_same_tasks(fresh_url, seed):
    rng, today = random.Random(seed), FIRST + timedelta(days=60)
    people = [told(rng, rng.randrange(3, 10)) for _ in range(15)]
    found = []
    for order in range(3):
        town = Town(Database(fresh_url("oncor_template")), demo=False)
        numbers = [town.person() for _ in people]
        everything = [
            (number, on, today, kind, about)
            for number, said in zip(numbers, people, strict=True)
            for on, _, kind, about in said
        ]
        random.Random(f"{seed}/{order}").shuffle(everything)
        step = 20 if order else len(everything)
        for n in range(0, len(everything), step):
            town.tell(everything[n : n + step])
            town.sweep(today)
        found.append(_open(town))
    assert found[0] == found[1] == found[2]
    assert len(found[0]) > 2


SWEEP = """
import sys, time
from datetime import date
from oncor_cases.actions import sweep as module, sweep_batch
from oncor_cases.store.session import Database

room, name = sys.argv[3].split(".")
place, calls = getattr(sweep_batch, room), []
write = getattr(place, name)

def stops_in_the_fourth_batch(*args, **kwargs):
    told = write(*args, **kwargs)
    calls.append(1)
    if len(calls) == 4:
        print("middle", flush=True)
        time.sleep(600)
    return told

setattr(place, name, stops_in_the_fourth_batch)
module.BATCH = 5
module.sweep(Database(sys.argv[1]), date.fromisoformat(sys.argv[2]))
"""


@pytest.mark.slow
@pytest.mark.parametrize("written", ["episodes.write", "reconciled.write", "views.write", "sweeps.settle"])
def test_a_sweep_killed_in_the_middle_and_run_again_writes_what_one_sweep_would(fresh_url, written):
    """Three batches are committed, the fourth is written but not committed when the process dies."""
    rng, today = random.Random(3), FIRST + timedelta(days=60)
    url = fresh_url("oncor_template")
    town = Town(Database(url), demo=False)
    people = [(town.person(), told(rng, rng.randrange(3, 9))) for _ in range(100)]
    town.tell([(person, on, today, kind, about) for person, said in people for on, _, kind, about in said])
    town.db.close()
    twin = Town(Database(fresh_url(url.partition("?")[0].rpartition("/")[2])), demo=False)
    twin.sweep(today)
    script = [sys.executable, "-c", SWEEP, url, today.isoformat(), written]
    process = subprocess.Popen(script, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout.readline() == "middle\n"
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        process.stdout.close()
    assert town.rows("select count(distinct person_id) from pathway_view") == [(15,)]
    town.sweep(today)
    assert town.snapshot() == twin.snapshot()
    assert town.rows("select kind, count(*) from task_event group by 1 order by 1") == twin.rows(
        "select kind, count(*) from task_event group by 1 order by 1"
    )
