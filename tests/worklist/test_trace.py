"""Before a person searches the system has looked: what each source says is kept, asked again daily, and weighed."""

from datetime import date, datetime, timedelta

import pytest

from oncor_cases.actions import decide, explain
from oncor_cases.actions.decide import About
from oncor_cases.actions.morning import ask_again, measure, morning
from oncor_cases.facts.fact import fact
from oncor_cases.store import traces
from oncor_cases.store.session import Scope
from oncor_cases.workflows.trace import SOURCES, source_of
from tests.worklist.conftest import CLINIC, MOSCOW

START, LOST = date(2026, 3, 2), date(2026, 3, 23)  # DX-01 due 5 March, 9 March is off: the threshold is 20 March
ANNA = Scope(1, "anna", "navigator", (CLINIC,))


def told(town, person):
    with town.db.batch() as conn:
        return {row.source: (row.state, row.found_on) for row in reversed(traces.read(conn, 1, person))}


def history(town, person, source):
    with town.db.batch() as conn:
        rows = traces.read(conn, 1, person)
    return [(row.state, row.found_on, row.first_on, row.last_on) for row in rows if row.source == source][::-1]


def papers(town, days, kind="consultation", sender=CLINIC, n=12, on=date(2026, 2, 2)):
    """Documents of a sender that each became known `days` after what they tell of."""
    with town.db.batch() as conn:
        for number in range(n):
            mark = f"{sender}{kind}{number}".encode()[-32:].rjust(32, b"0")
            at = datetime.combine(on + timedelta(days=days), datetime.min.time().replace(hour=12), MOSCOW)
            conn.execute(
                "insert into raw_document (region_id, sha256, received_at, size, content) values (1, %s, %s, 1, '')",
                (mark, at),
            )
            (document,) = conn.execute(
                """insert into document (region_id, sha256, known_at, status, sender_org, in_force)
                   values (1, %s, %s, 'read', %s, true) returning id""",
                (mark, at, sender),
            ).fetchone()
            (subject,) = conn.execute(
                "insert into subject (region_id, fingerprint, first_seen_at) values (1, %s, %s) returning id", (mark, at)
            ).fetchone()
            conn.execute(
                """insert into fact (region_id, subject_id, document_id, kind, on_date, known_at, attributes)
                   values (1, %s, %s, %s, %s, %s, '{}')""",
                (subject, document, kind, on, at),
            )


def test_every_fact_belongs_to_one_source_in_python_and_in_sql(town):
    said = [
        ("death", "document", {}), ("death", "list", {}), ("moved_away", "list", {}), ("attached", "list", {"org": CLINIC}),
        ("register_entry", "register", {}), ("register_exit", "register", {"reason": "died_of_disease"}),
        ("diagnosis", "claim", {"icd10": "C50.9"}), ("visit_planned", "list", {}), ("consultation", "document", {}),
        ("register_exit", "list", {"reason": "died_of_other"}), ("contact", "person", {}), ("attached", "document", {}),
    ]  # fmt: skip
    person = town.person()
    ids = {
        town.fact(person, START, kind, evidence=evidence, **about): (kind, evidence, about) for kind, evidence, about in said
    }
    rows = town.rows(f"select f.id, {traces._SOURCE} as source from fact f")
    for id, source in rows:
        kind, evidence, about = ids[id]
        assert source_of(fact("f", kind, START, START, about, evidence=evidence)) == source
    assert {source for _, source in rows} == set(SOURCES)


def test_when_a_patient_is_lost_every_source_has_been_looked_at(town):
    claimed = town.person()
    town.fact(claimed, date(2026, 1, 12), "diagnosis", evidence="claim", icd10="I10")  # claims do come to this region
    measure(town.db, date(2026, 1, 13))
    person = town.suspected(START)
    town.fact(person, date(2026, 3, 10), "attached", evidence="list", org=CLINIC)
    town.sweep(date(2026, 3, 20))
    assert told(town, person) == {}
    town.sweep(LOST)
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "LOST-2"}
    assert told(town, person) == {
        "deaths": ("not_loaded", None),
        "civil_registry": ("not_loaded", None),
        "attachment": ("found", date(2026, 3, 10)),
        "registers": ("not_loaded", None),
        "claims": ("nothing", None),
        "lists": ("not_loaded", None),
        "documents": ("nothing", START),  # the suspicion itself is no sign since it
        "contacts": ("nothing", None),
    }
    (because,) = town.rows("select because from task where rule = 'LOST-2'")[0]
    assert {row["source"] for row in because["trace"]} == set(SOURCES)
    assert (because["search"]["step"], because["missed"]) == ("call", "DX-01")


def test_sources_are_asked_again_daily_and_the_history_stays(town):
    person = town.suspected(START)
    morning(town.db, LOST)
    morning(town.db, date(2026, 3, 24))
    assert history(town, person, "claims") == [("not_loaded", None, LOST, date(2026, 3, 24))]
    # a claim comes in that shows no presence: the search goes on, and the trace knows
    town.fact(person, date(2026, 3, 18), "clinical_group", known=date(2026, 3, 25), evidence="claim", group="Ia")
    morning(town.db, date(2026, 3, 25))
    assert history(town, person, "claims") == [
        ("not_loaded", None, LOST, date(2026, 3, 24)),
        ("found", date(2026, 3, 18), date(2026, 3, 25), date(2026, 3, 25)),
    ]
    assert ask_again(town.db, date(2026, 3, 25)) == 0  # once a day


def test_a_second_sweep_writes_no_second_trace(town):
    person = town.suspected(START)
    town.sweep(LOST)
    with town.db.batch() as conn:
        conn.execute("update person_change set generation = generation + 1")
    town.sweep(LOST)
    assert [len(history(town, person, source)) for source in SOURCES] == [1] * len(SOURCES)


def test_usual_delays_are_measured_by_sender_and_kind_and_kept_as_known(town):
    papers(town, 3, n=9)
    papers(town, 40, n=1, sender="x" * 20)
    papers(town, 30, kind="visit", n=11, on=date(2026, 2, 6))
    assert measure(town.db, date(2026, 3, 10)) == [CLINIC]
    with town.db.batch() as conn:
        assert {k: (u.n, u.median, u.p90) for k, u in traces.delays(conn, 1).items()} == {(CLINIC, "visit"): (11, 30, 30)}
        assert traces.delays(conn, 1, date(2026, 3, 9)) is None  # nobody had measured it by then
    assert measure(town.db, date(2026, 3, 10)) is None  # once a day
    assert measure(town.db, date(2026, 3, 11)) == []


def test_where_documents_come_late_the_registrar_is_asked_first_and_then_the_patient_is_searched(town):
    papers(town, 0, n=1, sender="first")  # documents have been coming since then
    papers(town, 25)
    person = town.suspected(START)
    morning(town.db, date(2026, 3, 20))
    morning(town.db, LOST)
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "DOC-01"}
    assert town.tasks(person, "rule, owner_org")[0] == ("DOC-01", CLINIC)
    (because,) = town.rows("select because from task where rule = 'DOC-01'")[0]
    assert because["weighed"]["gap"] == "document"
    assert [r["code"] for r in because["weighed"]["reasons"]] == ["slow_sender"]
    morning(town.db, date(2026, 3, 27))
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "DOC-01"}
    morning(town.db, date(2026, 3, 28))  # five working days after the 20th it is still undone
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "DOC-01", "LOST-2"}


def test_the_registrar_says_there_was_no_visit_and_the_search_begins_at_once(town):
    papers(town, 0, n=1, sender="first")  # documents have been coming since then
    papers(town, 25)
    person = town.suspected(START)
    morning(town.db, LOST)
    task = town.rows("select public_id from task where rule = 'DOC-01'")[0][0]
    decide.no_document(
        town.db, About(town.public(person), task), on=date(2026, 3, 10), note="не приходила", by=ANNA, today=LOST
    )
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "LOST-2"}


def test_measured_figures_that_change_make_the_patients_due(town):
    person = town.suspected(START)
    morning(town.db, LOST)
    assert "LOST-2" in {t[0] for t in town.tasks(person)}
    papers(town, 0, n=1, sender="first")  # documents have been coming since then
    papers(town, 25)
    morning(town.db, date(2026, 3, 24))
    assert {t[0] for t in town.tasks(person)} == {"DX-01", "DOC-01"}
    assert town.rows("select closed_reason from task where rule = 'LOST-2'")[0][0] == "no_longer_owed"


@pytest.mark.parametrize("kind", ["death", "moved_away"])
def test_a_list_that_reports_a_death_or_departure_silences_calls(town, kind):
    person = town.suspected(START)
    town.sweep(LOST)
    town.fact(person, date(2026, 3, 12), kind, known=LOST, evidence="list")
    town.sweep(LOST)
    assert town.tasks(person) == []
    assert dict(town.rows("select rule, closed_reason from task")) == {"DX-01": kind, "LOST-2": kind}


def test_explain_tells_the_trace_and_the_next_step(town):
    person = town.suspected(START)
    town.sweep(LOST)
    answer = explain.explain(town.db, town.public(person), LOST)
    assert {row["source"] for row in answer["trace"]} == set(SOURCES)
    (view,) = [p for p in answer["pathways"] if p["pathway"] == "diagnosis"]
    assert view["notes"]["search"]["step"] == "call"
    assert explain.explain(town.db, town.public(town.person()), LOST)["trace"] == []
