"""The invented region's lists: loading them gives the truth, in whatever form and order, and again changes nothing."""

import json
import random
from collections import Counter
from datetime import date

import pytest

from oncor_cases.actions import list_deliveries
from oncor_cases.actions import lists as door
from oncor_cases.region.generate import generate
from oncor_cases.store import regions
from oncor_cases.store.session import Database

TODAY = date(2026, 6, 15)
FORMS = {"csv": "csv", "xlsx": "xlsx", "dbf": "dbf", "xml": "xml", "zip": "zip", "json": "json", "jsonl": "json"}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    out = tmp_path_factory.mktemp("region") / "out"
    generate(out, residents_count=900, patients_count=90, seed=11, today=TODAY)
    return out


@pytest.fixture(scope="module")
def truth(folder):
    return json.loads((folder / "truth.json").read_text(encoding="utf-8"))["lists"]


def made(url, folder):
    db = Database(url)
    with db.batch() as conn:
        regions.ensure(conn, 1, observed_from=date(2025, 6, 1), demo=True)
    list_deliveries.dictionaries(db, 1, folder)
    return db


def load(db, sent):
    done = [list_deliveries.take(db, 1, one) for one in sent]
    assert {(d.name, d.state, d.error) for d in done if d.state not in ("loaded", "replaced")} == set()
    return done


def facts(db):
    """Facts in force, without what depends on the order of arrival."""
    with db.batch() as conn:
        rows = conn.execute(
            """select s.snils, f.kind, f.on_date::text, f.on_text, f.evidence, f.attributes::text, d.sender_org, d.kind of
               from fact f join subject s on s.id = f.subject_id left join document d on d.id = f.document_id
               where f.in_force"""
        ).fetchall()
    return Counter(tuple(row) for row in rows)


@pytest.fixture
def loaded(fresh_url, folder):
    db = made(fresh_url("oncor_template"), folder)
    done = load(db, list_deliveries.sent(folder))
    yield db, done
    db.close()


def test_every_list_has_two_forms(folder):
    import csv

    with (folder / "lists" / "lists.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    forms = {}
    for row in rows:
        forms.setdefault(row["kind"], set()).add(row["path"].rsplit(".", 1)[1])
    from oncor_cases.sources.lists import KINDS

    assert set(forms) == set(KINDS)
    bills = {row["path"].split("/")[1].split("M999")[0] for row in rows if row["kind"] == "claims"}
    assert bills == {"H", "C", "T", "DP"}
    assert {row["sender"] for row in rows if row["kind"] == "register_tumours"} == {
        "Канцер-регистр", "Канцер-регистр другого региона: Соседняя область",
    }  # fmt: skip
    assert all(len(found) >= 2 for found in forms.values()), forms


@pytest.mark.slow
def test_loading_reproduces_the_truth(loaded, truth, folder):
    db, done = loaded
    refused = {d.name: d.counts["rejected"] for d in done if d.counts.get("rejected")}
    with db.batch() as conn:
        told = conn.execute("select distinct field, message from list_reject where not accepted").fetchall()
    assert refused == {}, told
    with db.batch() as conn:
        plain = lambda text: text.replace("-", "").replace(" ", "")  # noqa: E731
        registered = conn.execute(
            """select distinct s.snils, p.attached_org from fact f join subject s on s.id = f.subject_id
               join person p on p.id = s.person_id
               where f.in_force and f.kind = 'register_entry' and f.evidence = 'register'"""
        ).fetchall()
        assert {r.snils for r in registered if r.snils} == {plain(s) for s in truth["register"]}
        want = {plain(s): org for s, org in truth["attached"].items()}
        assert conn.execute("select count(*) n from resident where gone_on is null").fetchone().n == truth["insured"]
        gone = {plain(s) for s, _ in truth["deaths"]}
        moved = {str(d["resident"]) for d in truth["differences"]["moved_away"]}
        assert moved
        wrong = {r.snils: r.attached_org for r in registered if r.snils in want and r.attached_org != want[r.snils]}
        assert set(wrong) <= gone | departed(folder, truth), wrong
        died = conn.execute("select snils, died_on::text from person where died_on is not null").fetchall()
        assert {(r.snils, r.died_on) for r in died} == {(plain(s), on) for s, on in truth["deaths"]}
        tumours = conn.execute(
            """select s.snils, f.attributes ->> 'icd10' c, f.on_date::text o, f.attributes ->> 'stage' st
               from fact f join subject s on s.id = f.subject_id join document d on d.id = f.document_id
               where f.in_force and f.kind = 'diagnosis' and d.kind = 'list_register_tumours'
                 and d.sender_org = 'Канцер-регистр'"""
        ).fetchall()
        assert {(r.snils, r.c, r.o, r.st or "") for r in tumours} == {(plain(a), b, c, d) for a, b, c, d in truth["tumours"]}
        said = """select s.snils, f.on_date::text d, f.on_text from fact f join subject s on s.id = f.subject_id
            join document d on d.id = f.document_id
            where f.in_force and f.kind = %s and d.kind = %s and d.sender_org like %s"""
        ended = conn.execute(said, ("register_exit", "list_observation_ended", "%")).fetchall()
        assert {(r.snils, r.d) for r in ended} == {(plain(s), on) for s, on in truth["observation_ended"]}
        assert ended
        planned = conn.execute(said, ("visit_planned", "list_observation_plan", "%")).fetchall()
        assert {(r.snils, r.on_text) for r in planned} == {(plain(s), month) for s, month in truth["planned"]}
        other = conn.execute(said, ("register_entry", "list_register_tumours", "%другого региона%")).fetchall()
        assert sorted(r.snils for r in other) == sorted(plain(s) for s in truth["other_register"])
        assert len(other) == len(truth["differences"]["in_two_registers"]) == 3
        twice = conn.execute("select snils from person where snils <> '' group by 1 having count(*) > 1").fetchall()
        assert twice == []
        former = conn.execute(
            """select count(distinct s.person_id) n from subject s join subject o on o.person_id = s.person_id
               and o.family <> s.family where s.local_id like 'name-change%%'"""
        ).fetchone()
        assert former.n == len(truth["differences"]["name_changed"])


def departed(folder, truth):
    import csv

    with (folder / "residents.csv").open(encoding="utf-8") as file:
        numbers = {row["number"]: row["snils"].replace("-", "").replace(" ", "") for row in csv.DictReader(file)}
    return {numbers[str(d["resident"])] for d in truth["differences"]["moved_away"]}


@pytest.mark.slow
def test_again_and_in_the_other_form_nothing_changes(loaded, folder):
    db, _ = loaded
    before = facts(db)
    with db.batch() as conn:
        documents = conn.execute("select count(*) n from document").fetchone().n
    again = load(db, list_deliveries.sent(folder))
    assert all(d.duplicate for d in again), [d.name for d in again if not d.duplicate]
    import csv

    with (folder / "lists" / "lists.csv").open(encoding="utf-8") as file:
        second = [row for row in csv.DictReader(file) if not row["received_at"]]
    assert len(second) >= 15
    for row in second:
        if row["path"].endswith(".xml"):
            continue  # without its file of persons a case is known by the policy alone
        done = door.take(
            db, folder / row["path"], region=1, author="t", as_of=date.fromisoformat(row["as_of"]), sender=row["sender"]
        )
        assert (done.state, done.kind) == ("loaded", row["kind"]), (row["path"], done)
        changed = ("documents", "gone", "withdrawn", "added", "corrected")
        assert not any(done.counts.get(name, 0) for name in changed), (row["path"], done.counts)
    assert facts(db) == before
    with db.batch() as conn:
        assert conn.execute("select count(*) n from document").fetchone().n == documents


@pytest.mark.slow
def test_the_order_of_lists_does_not_matter(fresh_url, folder):
    sent = list(list_deliveries.sent(folder))
    found = []
    for seed in (None, 3, 4):
        db = made(fresh_url("oncor_template"), folder)
        mixed = list(sent)
        if seed is not None:
            random.Random(seed).shuffle(mixed)
        load(db, mixed)
        with db.batch() as conn:
            persons = conn.execute(
                """select array_agg(distinct s.snils order by s.snils)::text a, min(p.died_on)::text d,
                       min(p.attached_org) o from subject s join person p on p.id = s.person_id group by p.id"""
            ).fetchall()
            insured = conn.execute(
                """select enp, snils, born, sex, org, gone_on is null here, family, phone, subject_id is null waits
                   from resident order by enp"""
            ).fetchall()
        found.append((facts(db), Counter(map(tuple, persons)), [tuple(row) for row in insured]))
        db.close()
    for one in found[1:]:
        assert one[0] == found[0][0]
        assert one[1] == found[0][1]
        assert one[2] == found[0][2]
    assert sum(row[-1] for row in found[0][2]) > 500  # most residents are no persons
