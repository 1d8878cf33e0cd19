"""The invented region's planted differences: the comparisons find every one of them and no other, in any order of loads."""

import csv
import json
import random
from collections import Counter
from datetime import date

import pytest

from oncor_cases.actions import comparing, list_deliveries
from oncor_cases.actions.sweep import sweep
from oncor_cases.checks.comparisons import COMPARISONS
from oncor_cases.ops import demo
from oncor_cases.region.generate import generate
from oncor_cases.sources.seeds import default_calendar
from oncor_cases.store import regions
from oncor_cases.store.session import Database

TODAY = date(2026, 6, 15)
TOLD = {  # comparison → where truth.json tells its differences
    "two_registers": "in_two_registers",
    "plan_not_kept": "plan_not_kept",
    "observed_not_registered": "in_tfoms_list_not_in_register",
    "registered_not_observed": "in_register_not_in_tfoms_list",
    "registered_without_document": "in_register_without_document",
    "documents_not_registered": "in_documents_without_register",
    "stage_differs": "stage_differs",
    "date_differs": "date_differs",
    "site_differs": "site_differs",
    "paid_chemo_without_document": "paid_chemo_without_document",
    "dead_on_list": "dead_on_list",
    "dead_on_register": "dead_on_register",
    "moved_away": "moved_away",
    "attachment_differs": "attachment_is_not_observing_clinic",
}
PLANTED = {  # three of each, as far as there are patients for them
    "observed_not_registered", "registered_without_document", "stage_differs", "date_differs", "site_differs",
    "paid_chemo_without_document", "moved_away", "attachment_differs", "two_registers", "plan_not_kept",
}  # fmt: skip


@pytest.fixture(scope="module", params=[11, 5])
def folder(tmp_path_factory, request):
    out = tmp_path_factory.mktemp("region") / "out"
    generate(out, residents_count=900, patients_count=90, seed=request.param, today=TODAY)
    return out


def store(url, folder, order):
    """A store with the documents and the lists of the region, lists in the given order, some before the documents."""
    db = Database(url)
    with db.batch() as conn:
        regions.ensure(conn, 1, observed_from=date(2025, 6, 1), demo=True)
    demo._clinics(db, 1, folder)
    list_deliveries.dictionaries(db, 1, folder)
    sent, early = list(list_deliveries.sent(folder)), 0
    if order:
        random.Random(order).shuffle(sent)
        early = len(sent) // 2
    for one in sent[:early]:
        list_deliveries.take(db, 1, one)
    demo._receive(db, 1, list(demo.posts(folder)))
    for one in sent[early:]:
        list_deliveries.take(db, 1, one)
    return db


def differences(db, folder):
    """(comparison, resident, site) as often as it was found; the site only where one person may have two."""
    with (folder / "residents.csv").open(encoding="utf-8") as file:
        numbers = {row["snils"].replace("-", "").replace(" ", ""): int(row["number"]) for row in csv.DictReader(file)}
    with db.batch() as conn:
        rows = conn.execute(
            """select d.comparison, d.thing, p.snils from difference d join person p on p.id = d.person_id
               where d.state = 'open'"""
        ).fetchall()
    several = "documents_not_registered"
    return Counter((r.comparison, numbers[r.snils], r.thing if r.comparison == several else "") for r in rows)


@pytest.mark.slow
def test_every_planted_difference_is_found_and_no_other(fresh_url, folder):
    truth = json.loads((folder / "truth.json").read_text(encoding="utf-8"))["lists"]["differences"]
    assert set(TOLD) == set(COMPARISONS)
    want = Counter((name, d["resident"], d.get("site", "")) for name, key in TOLD.items() for d in truth[key])
    planted = Counter(name for name, *_ in want if name in PLANTED)
    assert planted == dict.fromkeys(PLANTED, 3)
    assert truth["dead_on_list"]
    assert len(truth["in_documents_without_register"]) > len(truth["in_tfoms_list_not_in_register"])
    found = []
    for order in (None, 3, 4):
        db = store(fresh_url("oncor_template"), folder, order)
        done = comparing.run(db, 1, TODAY)
        assert done.skipped == []
        found.append(differences(db, folder))
        again = comparing.run(db, 1, TODAY).total()
        assert (again["new"], again["changed"], again["returned"], again["ended"], again["given"]) == (0, 0, 0, 0, 0)
        db.close()
    assert found[0] == want
    assert found[0] == found[1] == found[2]


@pytest.mark.slow
def test_only_suspicions_at_screening_nobody_answered_are_asked_for(fresh_url, tmp_path):
    """SC-14 over the documents and lists of a region: the referral in the patient's papers ends the clock of the list."""
    out = tmp_path / "out"
    generate(out, residents_count=3000, patients_count=120, seed=7, today=TODAY)
    told = json.loads((out / "truth.json").read_text(encoding="utf-8"))["lists"]["suspected_at_screening"]
    calendar = default_calendar()
    overdue = {
        (snils.replace("-", "").replace(" ", ""), on)
        for snils, _, on, referred in told
        if not referred and calendar.add_working_days(date.fromisoformat(on), 3) < TODAY
    }
    db = store(fresh_url("oncor_template"), out, None)
    sweep(db, TODAY)
    with db.batch() as conn:
        open_now = conn.execute(
            """select p.snils, t.because -> 'start' ->> 'on' as on from task t join person p on p.id = t.person_id
               where t.rule = 'SC-14' and t.closed_at is null"""
        ).fetchall()
        (answered,) = conn.execute(
            """select count(*) from pathway_view v cross join lateral jsonb_array_elements(v.view -> 'clocks') c
               where v.pathway = 'screening' and c ->> 'rule' = 'SC-14' and c ->> 'status' in ('met', 'late')"""
        ).fetchone()
    assert {tuple(row) for row in open_now} == overdue
    assert answered == sum(bool(referred) for *_, referred in told)
    assert answered > len(overdue) > 0
    db.close()
