"""A record of the interface is good only if it says something: its day, its code, its parts are looked at before."""

import io
import json
from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import lists as door
from oncor_cases.sources.lists import oncor
from oncor_cases.sources.lists.cells import Surroundings
from oncor_cases.sources.lists.rows import Good, Reject
from tests.lists.test_deaths import OCTOBER
from tests.lists.test_kinds import record

AROUND = Surroundings(date(2026, 3, 1), {"990001": "1.2.643.5.1.13.13.12.2.99.1"})
LATER = datetime(2025, 10, 25, 9, tzinfo=UTC)


def told(*records):
    items = list(oncor.read(io.BytesIO(json.dumps(list(records)).encode()), AROUND))
    return items, [(i.field, i.code) for i in items if isinstance(i, Reject) and not i.accepted]


WRONG = {
    "a day written otherwise": (record("RcDeath", death_date="05.02.2026"), ("death_date", "date_form")),
    "a day that is none": (record("RcDeath", death_date="2025-02-31"), ("death_date", "date_impossible")),
    "a number for a day": (record("RcDeath", death_date=45933), ("death_date", "date_form")),
    "a year": (record("RcDeath", death_date="2025"), ("death_date", "date_form")),
    "a death to come": (record("RcDeath", death_date="2026-10-05"), ("death_date", "date_ahead")),
    "another day wrong": (record("RcOper", time_rc_out="2026-02-30 10:00:00"), ("time_rc_out", "date_impossible")),
    "no day of the event": (record("RcOper", date=None, time_rc_out="2026-02-01"), ("date", "empty")),
    "a diagnosis without a code": (record("RcDz", icd10=None), ("icd10", "empty")),
    "a diagnosis in words": (record("RcDz", icd10="рак"), ("icd10", "icd10")),
    "a list of codes": (record("RcDz", icd10=["C50"]), ("icd10", "shape")),
    "tnm as a list": (record("RcDz", diagnosis={"tnm": [1]}), ("diagnosis.tnm", "shape")),
    "a diagnosis as a list": (record("RcDz", diagnosis=["C50"]), ("diagnosis", "shape")),
    "a status as a record": (record("RcDz", diagnosis={"status": {"a": 1}}), ("diagnosis.status", "shape")),
    "an unknown status": (record("RcDz", diagnosis={"status": 5}), ("diagnosis.status", "code")),
    "an unknown group": (record("RcClinicalGroup", group=9), ("group", "code")),
    "no group": (record("RcClinicalGroup"), ("", "nothing")),
    "an unknown reason": (record("RcRegOut", reason=8), ("reason", "code")),
    "a route as a text": (record("RcReferral", routing_list="x"), ("routing_list", "shape")),
    "a wrong day in a route": (record("RcReferral", routing_list={"admission_date": "12.01.2026"}),
                               ("routing_list.admission_date", "date_form")),
    "studies as a text": (record("RcReferral", routing_list={"diagnostics": "x"}), ("routing_list.diagnostics", "shape")),
    "a referral that says nothing": (record("RcReferral", date=None, on="2026-02-01"), ("", "nothing")),
    "a number that is none": (record("RcOper") | {"id": {"a": 1}}, ("id", "empty")),
}  # fmt: skip


@pytest.mark.parametrize("name", WRONG)
def test_a_record_that_says_nothing_right_is_rejected_and_the_next_is_good(name):
    wrong, reject = WRONG[name]
    items, rejects = told(wrong, record("RcOper"))
    assert rejects == [reject]
    assert [i.line for i in items if isinstance(i, Good)] == [2]
    assert all(any("а" <= c <= "я" for c in i.message) for i in items if isinstance(i, Reject))


def test_one_spoiled_sign_costs_its_record():
    spoiled = record("RcOper")
    spoiled["patient"] = spoiled["patient"] | {"name": "А\ud800"}
    items, rejects = told(spoiled, record("RcOper"))
    assert rejects == [("", "encoding")]
    assert isinstance(items[1], Good)
    items[0].raw[0].encode()  # may be stored and shown


def test_a_list_for_a_name_is_no_name():
    odd = record("RcOper")
    odd["patient"] = odd["patient"] | {"surname": ["Рябова"], "name": {"x": 1}}
    items, rejects = told(odd)
    assert rejects == []
    assert [(i.field, i.code) for i in items if isinstance(i, Reject)] == [("family", "shape"), ("given", "shape")]
    assert "family" not in items[-1].values


def test_what_is_right_stays_good():
    good = (
        record("RcDz", diagnosis={"status": 1, "tnm": {"t": "2", "n": 0}}), record("RcRegOut"),
        record("RcRegOut", reason="1"),
        record("RcAppointment", consulting_date="2026-03-20 10:00:00"), record("RcClinicalGroup", group="1"),
        record("RcReferral", routing_list=[]), record("RcDz", diagnosis="", routing_list={}),
        record("RcDeath", death_date="2026-02-01T00:00:00"),
    )  # fmt: skip
    items, rejects = told(*good)
    assert rejects == []
    assert len(items) == len(good)


# --- through the door -----------------------------------------------------------------------------------------------


def take(db, *records, at=OCTOBER, **told):
    data = json.dumps(list(records)).encode()
    told = {"name": "api:x.json", "kind": "oncor_records", "sender": "x"} | told
    return door.take_bytes(db, data, told.pop("name"), region=1, author="t", received_at=at, **told)


def dead(db):
    with db.batch() as conn:
        return {row.family: row.died_on for row in conn.execute("select family, died_on from person")}


def death(snils, family, born, **more):
    who = {"snils": snils, "surname": family, "name": "А", "birth_day": born}
    return {"type": "RcDeath", "id": 5, "date": "2025-10-03", "death_date": "2025-10-03", "patient": who} | more


ANNA, PETER = ("112-233-445 95", "Рябова", "1960-04-12"), ("161-234-567 40", "Белов", "1955-02-01")


def test_a_record_corrected_to_another_patient_lets_the_first_live(database, region):
    take(database, death(*ANNA))
    assert dead(database) == {"Рябова": date(2025, 10, 3)}
    done = take(database, death(*PETER), at=LATER)
    assert (done.state, done.counts["documents"]) == ("loaded", 1)
    assert dead(database) == {"Рябова": None, "Белов": date(2025, 10, 3)}


def test_the_correction_that_came_first_wins_all_the_same(database, region):
    take(database, death(*PETER), at=LATER, as_of=date(2025, 10, 25))
    take(database, death(*ANNA), as_of=date(2025, 10, 20))
    assert dead(database)["Белов"] == date(2025, 10, 3)
    assert dead(database).get("Рябова") is None


def test_two_types_and_two_senders_may_have_one_number(database, region):
    take(database, death(*ANNA), death(*PETER, type="RcRegIn"))
    take(database, death(*PETER), sender="y")
    assert dead(database) == {"Рябова": date(2025, 10, 3), "Белов": date(2025, 10, 3)}


def test_what_is_wrong_reaches_no_quarantine(database, region):
    done = take(database, record("RcDz", date="2025-10-01", diagnosis={"tnm": [1]}), record("RcOper", date="2025-10-01"))
    assert (done.counts["good"], done.counts["rejected"], done.counts["facts"]) == (1, 1, 1)
    with database.batch() as conn:
        assert [row.status for row in conn.execute("select status from document")] == ["read"]
