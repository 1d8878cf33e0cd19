"""The region against the rule book: what a story plants as late is a task, and whoever is well cared for makes none.

Documents are read by the real reader and judged by the pure core, with the day each one arrived as the day of knowledge."""

import csv
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from oncor_cases.facts.fact import fact
from oncor_cases.facts.timeline import Patient, Timeline, Version
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.semd import read
from oncor_cases.tasks.wishes import wishes
from oncor_cases.workflows.catalogue import follow
from tests.region.conftest import TODAY

WELL = {"smooth path", "cytology", "adult haematology", "sent twice", "corrected referral", "watchful waiting",
        "palliative plan", "known from a certificate", "survivor"}  # fmt: skip
SHARP = {"DX-01", "DX-02", "DX-03", "DX-08", "LOST-1", "LOST-2"}


def arrivals(folder: Path) -> tuple[dict[str, date], dict[str, date]]:
    came: dict[str, date] = {}
    voided: dict[str, date] = {}
    with (folder / "deliveries.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            day = date.fromisoformat(row["received_at"][:10])
            (came if row["action"] == "deliver" else voided).setdefault(row["path"], day)
    return came, voided


def timeline(folder: Path, person: dict, came: dict[str, date], voided: dict[str, date]) -> Timeline:
    facts, versions = [], []
    for path in person["documents"]:
        found = read((folder / path).read_bytes())
        document = found.document
        if found.status != "read":
            continue
        common = {"series": document.set_id, "version": document.version, "withdrawn": voided.get(path),
                  "doc": document.id, "author": found.organisation}  # fmt: skip
        versions.append(Version(document.set_id, document.version, came[path], voided.get(path)))
        for number, one in enumerate(found.facts):
            full = one.on is not None and len(one.on) == 10
            facts.append(fact(f"{path}#{number}", one.kind, date.fromisoformat(one.on) if full else None, came[path],
                              one.attributes, partial="" if full else one.on or "", certainty=one.certainty,
                              links=one.links, **common))  # fmt: skip
    return Timeline(Patient(str(person["resident"]), "", None, person["attached"]), tuple(facts), tuple(versions))


@pytest.fixture(scope="module")
def judged(made, truth):
    """Per patient: what was planted and the rules of the tasks wished on the last day."""
    came, voided = arrivals(made[0])
    rules, calendar = default_rulebook(), default_calendar()
    found = []
    for person in truth["patients"]:
        line = timeline(made[0], person, came, voided)
        views, who = follow(line, TODAY, rules, calendar, observed_from=TODAY - timedelta(days=270))
        tasks = [w for view in views for w in wishes(view, who, TODAY, rules, calendar)]
        found.append((person, Counter(w.key.rule for w in tasks)))
    return found


def test_what_was_planted_is_a_task(judged):
    seen = Counter()
    for person, tasks in judged:
        for planted in person["expected"]:
            settled = date.fromisoformat(planted["due"]) < TODAY - timedelta(days=9)  # a plain result before it has longer
            if planted["open"] and settled:
                assert tasks[planted["rule"]], (person["story"], planted)
                seen[planted["rule"]] += 1
    assert {"DX-01", "DX-02", "DX-03", "DX-30"} <= set(seen)
    assert {"LOST-1", "LOST-2"} & set(seen)


def test_what_was_done_late_is_no_task_any_more(judged):
    closed = [(person["story"], planted["rule"]) for person, tasks in judged for planted in person["expected"]
              if planted["done"] and planted["late"] and tasks[planted["rule"]]]  # fmt: skip
    assert closed == []


def test_good_care_makes_hardly_a_task(judged):
    troubled = [person["story"] for person, tasks in judged if person["story"] in WELL and SHARP & set(tasks)]
    assert len(troubled) <= 0.1 * sum(person["story"] in WELL for person, _ in judged), troubled


def test_old_patients_open_nothing_for_old_duties(judged):
    old = [tasks for person, tasks in judged if person["story"] == "survivor" and person["start"] < f"{TODAY.year - 2}"]
    assert old
    assert sum((+t for t in old), Counter()) == Counter()
