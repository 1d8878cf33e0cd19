"""The what-if equals what really happens: two sweeps, one by the book as it is and one by the changed book."""

import json
import os
import subprocess
import sys
from datetime import timedelta

import pytest

from bench.cases import TODAY
from bench.sweep import fill
from oncor_cases.actions import rulebook, whatif
from oncor_cases.actions.sweep import sweep
from oncor_cases.store import regions, rule_runs
from oncor_cases.store.session import Database, Scope
from tests.worklist.conftest import CLINIC

OLGA, IRA = Scope(1, "olga", "methodologist"), Scope(1, "ira", "methodologist")
CHANGES = {
    "a longer limit": [{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": 20}]}],
    "a new edition": [
        {"rule": "DX-03", "editions": [
            {"from": "2026-06-01", "limit": 3, "unit": "calendar_days", "norm": "verified", "act": "Приказ региона"}]}
    ],
    "a confirmation": [{"rule": "DX-08", "editions": [{"from": "2022-01-01", "norm": "verified"}]}],
    "codes of a notice": [{"rule": "DX-11", "editions": [{"from": "2022-01-01", "icd": "C50"}]}],
    "the tolerance of a cycle": [{"rule": "CH-02", "editions": [{"limit": 30}]}],
    "when silence means lost": [{"rule": "DX-02", "lost_after": 3}, {"rule": "DX-03", "lost_after": None}],
    "the steps": [{"rule": "DX-03", "escalation": {"navigator": 0, "coordinator": 1}}],
    "a note turned on": [{"rule": "DX-09", "active": True}],
    "the search itself": [{"rule": "LOST-1", "escalation": {"navigator": 0, "head": 1}}],
    "a switch": [{"switch": "treatment_is_visit", "value": "no"}],
    "a visit": [{"rule": "FU-02", "editions": [{"from": "2020-06-04", "limit": 1}]},
                {"rule": "FU-01", "editions": [{"from": "2020-06-04", "limit": 60}]}],
}  # fmt: skip


@pytest.fixture
def town_of_160(database):
    """Invented cases at every stage, swept some days ago; some have been observed and some take tablets since."""
    with database.owner() as conn:
        regions.ensure(conn, 1, name="bench")
        fill(conn, 160)
        conn.execute(
            """insert into fact (region_id, subject_id, kind, on_date, known_at, attributes, author)
               select 1, f.subject_id, 'register_entry', f.on_date + 2, now(),
                      jsonb_build_object('register', 'oncology', 'icd10', f.attributes ->> 'icd10'), f.author
               from fact f where f.kind = 'diagnosis' and f.subject_id % 3 = 0"""
        )
        conn.execute(
            """delete from fact where (kind = 'notice_090u' and subject_id % 2 = 0)
               or (subject_id % 5 = 1 and kind not in ('suspicion', 'referral', 'biopsy_taken', 'study_ordered'))
               or (subject_id % 5 = 2 and kind in ('consilium', 'admission', 'operation', 'discharge', 'chemo_prescribed',
                                                   'chemo_cycle'))"""
        )
    sweep(database, TODAY - timedelta(days=3))
    return database


def open_tasks(db):
    with db.batch() as conn:
        rows = conn.execute(
            """select t.person_id, t.pathway, e.key, t.rule, t.subject, t.due, t.level, t.owner_org from task t
               join episode e on e.region_id = t.region_id and e.id::text = t.episode where t.closed_at is null"""
        )
        return {tuple(r[:5]): tuple(r[5:]) for r in rows}


def really(before, after):
    """The difference of two worklists in the words of the what-if."""
    told = set()
    for key in before.keys() | after.keys():
        old, new = before.get(key), after.get(key)
        if old is None or new is None or old[0] != new[0]:
            change = "appears" if old is None else "vanishes" if new is None else "moves"
        elif old[1] != new[1]:
            change = "level"
        else:
            continue
        org = (new or old)[2]
        told.add((change, *key, old and old[0], new and new[0], org))
    return told


def foretold(db, content, day):
    run = whatif.ask(db, content, day, author="test")
    done = whatif.compute(db, run)
    assert (done.state, done.failed) == ("done", 0)
    with db.batch() as conn:
        rows = conn.execute(
            """select c.change, c.person_id, c.pathway, coalesce(e.key, c.episode), c.rule, c.subject, c.due_from,
                      c.due_to, c.org
               from rule_run_change c
               left join episode e on e.region_id = c.region_id and e.id::text = c.episode where c.run_id = %s""",
            (run,),
        )
        return {tuple(r) for r in rows}, done


def test_a_what_if_is_what_two_sweeps_really_show(town_of_160, fresh_url):
    db = town_of_160
    name = db.url.split("?")[0].rsplit("/", 1)[1]
    expected = {what: foretold(db, content, TODAY) for what, content in CHANGES.items()}
    db.close()
    plain = Database(fresh_url(name))
    sweep(plain, TODAY)
    before = open_tasks(plain)
    plain.close()
    seen = {}
    for what, content in CHANGES.items():
        changed = Database(fresh_url(name))
        with changed.owner() as conn:
            conn.execute("update region set observed_from = null")
        id = rulebook.propose(changed, "edition", "X", content, "проверка", by=OLGA, today=TODAY)
        whatif.compute_waiting(changed)
        rulebook.approve(changed, id, "", by=IRA, today=TODAY)
        sweep(changed, TODAY)
        seen[what] = really(before, open_tasks(changed))
        changed.close()
    for what, (told, _) in expected.items():
        assert told == seen[what], what
    assert {what for what, found in seen.items() if not found} == set()
    persons = {what: done.persons for what, (_, done) in expected.items()}
    assert persons["a switch"] <= persons["the search itself"]


def test_two_processes_find_what_one_does(town_of_160, monkeypatch):
    monkeypatch.setattr(whatif, "ALONE_BELOW", 1)
    monkeypatch.setattr(whatif, "BATCH", 40)
    content = CHANGES["a new edition"] + CHANGES["a visit"]
    alone, _ = foretold(town_of_160, content, TODAY)
    run = whatif.ask(town_of_160, content, TODAY, author="test")
    whatif.compute(town_of_160, run, workers=2)
    assert sorted(map(str, whatif.lines(town_of_160, run))) == sorted(map(str, whatif.lines(town_of_160, run - 1)))
    assert len(alone) > 20


def test_what_is_written_meanwhile_is_on_neither_side(town, monkeypatch):
    people = [town.suspected() for _ in range(3)]
    town.sweep(TODAY)
    monkeypatch.setattr(whatif, "BATCH", 1)
    compared = whatif._compared
    calls = []

    def and_meanwhile(conn, *rest):
        if not calls:
            for person in people:
                town.fact(person, TODAY, "death", icd10="C50.9", kind="final")
        calls.append(1)
        return compared(conn, *rest)

    monkeypatch.setattr(whatif, "_compared", and_meanwhile)
    found, done = foretold(town.db, [{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": 200}]}], TODAY)
    assert len(calls) == done.done == 3
    assert {(f[0], f[4]) for f in found} >= {("vanishes", "DX-01")}
    assert len([f for f in found if f[4] == "DX-01"]) == 3


def test_one_bad_record_never_stops_a_run(town, monkeypatch):
    for _ in range(3):
        town.suspected()
    bad = town.suspected(birth_date=TODAY.replace(year=1900))
    town.sweep(TODAY)
    difference = whatif.difference

    def breaks(people, person, *rest):
        if person == bad:
            raise ZeroDivisionError("value of a patient")
        return difference(people, person, *rest)

    monkeypatch.setattr(whatif, "difference", breaks)
    run = whatif.ask(town.db, CHANGES["the steps"] + CHANGES["a longer limit"], TODAY, author="test")
    done = whatif.compute(town.db, run)
    assert (done.state, done.done, done.failed) == ("done", 4, 1)


def test_a_run_cut_short_begins_again_and_doubles_nothing(town, monkeypatch):
    for _ in range(4):
        town.suspected()
    town.sweep(TODAY)
    monkeypatch.setattr(whatif, "BATCH", 2)
    add, calls = rule_runs.add, []

    def dies(*given):
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        add(*given)

    monkeypatch.setattr(rule_runs, "add", dies)
    run = whatif.ask(town.db, [{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": 200}]}], TODAY, author="x")
    with pytest.raises(KeyboardInterrupt):
        whatif.compute(town.db, run)
    monkeypatch.undo()
    assert town.rows("select state from rule_run")[0][0] == "running"
    assert whatif.compute_waiting(town.db) == {"runs": 1, "persons": 4, "failed": 0}
    assert len([r for r in whatif.lines(town.db, run) if r["rule"] == "DX-01"]) == 4


@pytest.fixture
def oncor(town, tmp_path):
    def run(*arguments):
        env = os.environ | {"DATABASE_URL": town.db.url, "ONCOR_HOME": str(tmp_path), "PYTHONWARNINGS": "ignore"}
        command = [sys.executable, "-m", "oncor_cases", *arguments]
        return subprocess.run(command, env=env, capture_output=True, text=True, timeout=120, check=False)

    return run


def test_the_command_prints_one_line_per_task(town, oncor, tmp_path):
    from datetime import date

    late, soon = town.suspected(date(2026, 3, 2)), town.suspected(date(2026, 3, 5))
    town.sweep(date(2026, 3, 6))
    file = tmp_path / "change.yml"
    file.write_text("- {rule: DX-01, editions: [{from: 2026-01-01, limit: 1}]}\n", encoding="utf-8")
    ended = oncor("rules", "diff", "--with", str(file), "--today", "2026-03-10", "--json")
    assert ended.returncode == 0, ended.stderr
    assert [json.loads(line) for line in ended.stdout.splitlines()] == [
        {"change": "moves", "person": str(town.public(late)), "rule": "DX-01", "from": "2026-03-05", "to": "2026-03-03",
         "org": CLINIC},
        {"change": "appears", "person": str(town.public(soon)), "rule": "DX-01", "from": None, "to": "2026-03-06",
         "org": CLINIC},
    ]  # fmt: skip
    assert len(town.tasks()) == 1
    assert town.tasks(late)[0][1] == date(2026, 3, 5)
    shown = json.loads(oncor("rules", "show", "DX-01", "--json").stdout)
    assert shown["editions"][-1]["limit"] == 3
    listed = [json.loads(line) for line in oncor("rules", "list", "--json").stdout.splitlines()]
    assert {r["rule"] for r in listed if r["note"]} >= {"DX-05", "DX-06", "DX-07", "DX-09", "DX-17", "DX-22"}


def test_a_file_that_cannot_be_used_is_said_so_in_one_line(oncor, tmp_path):
    file = tmp_path / "bad.yml"
    for text in ("- {rule: DX-01, editions: [{limit: три}]}", "[[[", "просто текст"):
        file.write_text(text, encoding="utf-8")
        ended = oncor("rules", "diff", "--with", str(file), "--today", "2026-03-10", "--json")
        assert ended.returncode in (1, 2)
        assert ended.stderr.count("\n") == 1
        assert ended.stdout == ""
