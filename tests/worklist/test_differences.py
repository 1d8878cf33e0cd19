"""Differences between sources on a real PostgreSQL: confirmed, ended, given to whoever mends them."""

from datetime import timedelta

import pytest

from oncor_cases.actions import comparing
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import difference_pages, differences, rekey
from oncor_cases.store.session import Scope
from tests.worklist.compared import (
    FIRST,
    LATER,
    LONG_AGO,
    begun,
    complete,
    diagnosed,
    died,
    dispensary,
    found,
    gone,
    kinds,
    loaded,
    observed,
    registered,
    said,
)
from tests.worklist.conftest import CLINIC, ONCOLOGY

KEEPER = Scope(1, "olga", "coordinator")


@pytest.fixture
def compared(town):
    return begun(town)


def address(town, comparison):
    (row,) = town.rows("select public_id from difference where comparison = %s", comparison)
    return row.public_id


def events(town):
    return [r.kind for r in town.rows("select kind from difference_event order by id")]


def asked(town, columns):
    return [tuple(r) for r in town.rows(f"select {columns} from task where rule like 'REC%%' order by person_id, rule")]


# --- what becomes of a difference -------------------------------------------------------------------------------------


@pytest.fixture
def differing(compared):
    """(town, person, register's diagnosis) of a stage that differs."""
    person = compared.person()
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO, stage="IIA")
    tumour = registered(compared, person, LONG_AGO, stage="IV")
    comparing.run(compared.db, 1, LATER)
    return compared, person, tumour


def test_twice_is_once(differing):
    town, *_ = differing
    before = town.rows("select * from difference"), town.rows("select * from assignment"), events(town)
    done = comparing.run(town.db, 1, LATER)
    assert (town.rows("select * from difference"), town.rows("select * from assignment"), events(town)) == before
    assert done.total() == {
        "found": 1, "new": 0, "changed": 0, "returned": 0, "ended": 0, "open": 1, "given": 0, "closed": 0, "held": 0
    }  # fmt: skip


def test_a_confirmed_difference_stays_away_until_a_value_changes(differing):
    town, person, tumour = differing
    comparing.confirm(town.db, KEEPER, address(town, "stage_differs"), reason="cannot_mend", note="по архиву", today=LATER)
    comparing.run(town.db, 1, LATER)
    assert found(town) == [("stage_differs", "C50", "confirmed")]
    gone(town, tumour)
    restaged = said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IIIB")
    comparing.run(town.db, 1, LATER)
    assert found(town) == [("stage_differs", "C50", "open")]
    gone(town, restaged)
    said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IV")
    comparing.run(town.db, 1, LATER)
    assert found(town) == [("stage_differs", "C50", "confirmed")], "the values that were confirmed are back"
    assert events(town) == ["found", "given", "confirmed", "changed", "given", "changed"]


def test_a_confirmed_difference_that_went_and_came_back_the_same_is_still_confirmed(differing):
    town, person, tumour = differing
    comparing.confirm(town.db, KEEPER, address(town, "stage_differs"), reason="both_right", note="верно", today=LATER)
    gone(town, tumour)
    restaged = said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IIA")
    comparing.run(town.db, 1, LATER)
    assert found(town) == [("stage_differs", "C50", "fixed")]
    gone(town, restaged)
    said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IV")
    comparing.run(town.db, 1, LATER)
    assert found(town) == [("stage_differs", "C50", "confirmed")]


def test_a_confirmation_is_taken_back(differing):
    town, *_ = differing
    where = address(town, "stage_differs")
    comparing.confirm(town.db, KEEPER, where, reason="other", note="проверено", today=LATER)
    comparing.unconfirm(town.db, KEEPER, where, today=LATER)
    assert found(town, "state, confirmed_by, confirmed_note") == [("open", "", "")]
    with pytest.raises(Conflict):
        comparing.unconfirm(town.db, KEEPER, where, today=LATER)


@pytest.mark.parametrize(("reason", "note"), [("", "слова"), ("нет такой", "слова"), ("other", "  ")])
def test_a_confirmation_needs_a_reason_and_words(differing, reason, note):
    town, *_ = differing
    with pytest.raises(UserError):
        comparing.confirm(town.db, KEEPER, address(town, "stage_differs"), reason=reason, note=note, today=LATER)


def test_another_clinic_can_neither_confirm_nor_give(differing):
    town, *_ = differing
    stranger = Scope(1, "inna", "registrar", ("1.2.3",))
    with pytest.raises(NotFound):
        comparing.confirm(town.db, stranger, address(town, "stage_differs"), reason="other", note="x", today=LATER)
    with pytest.raises(NotFound):
        comparing.give(town.db, stranger, "stage_differs", clinic=CLINIC, number=5, today=LATER)
    with pytest.raises(UserError):
        comparing.give(town.db, Scope(1, "nina", "navigator", (CLINIC,)), "stage_differs", number=5, today=LATER)
    assert comparing.give(town.db, stranger, "stage_differs", number=5, today=LATER) == []


def test_a_difference_follows_a_person_who_turned_out_to_be_another(differing):
    town, person, _ = differing
    comparing.confirm(town.db, KEEPER, address(town, "stage_differs"), reason="other", note="x", today=LATER)
    into = town.person()
    with town.db.batch() as conn:
        rekey.joined(conn, 1, person, into, None)
        conn.execute("update subject set person_id = %s where person_id = %s", (into, person))
        conn.execute("update person set merged_into = %s where id = %s", (into, person))
    comparing.run(town.db, 1, LATER)
    assert found(town, "person_id, state") == [(into, "confirmed")]


def test_who_mends_a_difference_sees_whom_it_is_about_and_nobody_else(differing):
    town, person, _ = differing
    seen = {}
    for org in (ONCOLOGY, CLINIC, "1.2.3"):
        keeper = Scope(1, "vera", "registrar", (org,))
        with town.db.web(keeper) as conn:
            seen[org] = [r.person_id for r in difference_pages.page(conn, keeper, "stage_differs", ["open"])]
    assert seen == {ONCOLOGY: [person], CLINIC: [], "1.2.3": []}
    with town.db.batch() as conn:
        conn.execute("update organisation set roles = '{dispensary}', oid = '1.2.3' where oid = %s", (ONCOLOGY,))
    comparing.run(town.db, 1, LATER)
    assert [r.org for r in town.rows("select org from person_scope where reason = 'difference'")] == ["1.2.3"]


def test_only_one_run_at_a_time(compared):
    with compared.db.batch_session() as conn:
        assert differences.alone(conn, 1)
        with pytest.raises(Conflict):
            comparing.run(compared.db, 1, LATER)
        differences.done(conn, 1)
    comparing.run(compared.db, 1, LATER)


# --- work -------------------------------------------------------------------------------------------------------------


def test_what_appears_becomes_a_task_of_who_mends_it_and_ends_with_the_difference(differing):
    town, person, tumour = differing
    town.sweep(LATER)
    ((whose, pathway, owner, level, norm, text),) = asked(
        town, "person_id, pathway, owner_org, level, norm, because ->> 'text'"
    )
    assert (whose, pathway, owner, level, norm) == (person, "lists", ONCOLOGY, "navigator", "product")
    assert "Канцер-регистр: C50.9, IV; документы: C50.9, IIA" in text
    gone(town, tumour)
    said(town, "register", person, LONG_AGO, "diagnosis", icd10="C50.9", status="final", stage="IIA")
    done = comparing.run(town.db, 1, LATER)
    assert (done.closed, done.touched) == (1, {person})
    town.sweep(LATER)
    assert asked(town, "state, closed_reason") == [("closed", "difference_gone")]
    assert found(town) == [("stage_differs", "C50", "fixed")]


def test_confirming_ends_the_task_with_its_reason(differing):
    town, *_ = differing
    town.sweep(LATER)
    comparing.confirm(town.db, KEEPER, address(town, "stage_differs"), reason="both_right", note="верно", today=LATER)
    town.sweep(LATER)
    assert asked(town, "state, closed_reason") == [("closed", "difference_confirmed")]


def test_work_a_person_ended_is_not_given_again_by_itself(differing):
    town, *_ = differing
    with town.db.batch() as conn:
        conn.execute("update assignment set closed_on = %s, closed_at = now(), closed_reason = 'assignment_done'", (LATER,))
    assert comparing.run(town.db, 1, LATER + timedelta(days=1)).given == 0
    assert len(comparing.give(town.db, KEEPER, "stage_differs", number=5, today=LATER + timedelta(days=1))) == 1


def test_what_stood_there_when_the_comparison_was_new_is_given_in_portions(town):
    dispensary(town)
    loaded(town, LATER + timedelta(days=30))
    comparing.run(town.db, 1, FIRST)
    persons = [town.person() for _ in range(5)]
    for person in persons:
        observed(town, person, LONG_AGO)
    assert comparing.run(town.db, 1, FIRST + timedelta(days=3)).given == 0, "lists of a new region come one after another"
    assert comparing.run(town.db, 1, LATER).given == 0
    assert [n for *_, n in comparing.preview(town.db, KEEPER, "observed_not_registered")] == [5]
    head = Scope(1, "petr", "head", (CLINIC,))
    assert comparing.give(town.db, head, "observed_not_registered", number=2, today=LATER) == persons[:2]
    assert comparing.give(town.db, head, "observed_not_registered", number=2, today=LATER) == persons[2:4]
    town.sweep(LATER)
    assert asked(town, "person_id, rule, state") == [(person, "REC-06", "open") for person in persons[:4]]


def test_too_many_at_once_are_given_by_nobody(compared, monkeypatch):
    monkeypatch.setattr(comparing, "AT_ONCE", 2)
    for _ in range(3):
        observed(compared, compared.person(), LONG_AGO)
    done = comparing.run(compared.db, 1, LATER)
    assert (done.given, done.held) == (0, 3)


def test_one_fault_is_one_task(compared):
    person = compared.person()
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, person) == {"observed_not_registered", "documents_not_registered"}
    assert [r.rule for r in compared.rows("select rule from assignment")] == ["REC-05"]


def test_a_notice_that_dx_11_asks_for_is_not_asked_for_twice(compared):
    person = compared.person()
    diagnosed(compared, person, LATER - timedelta(days=30), primacy="first")
    compared.sweep(LATER)
    assert "DX-11" in [row[0] for row in compared.tasks(person)]
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, person) == {"documents_not_registered"}
    assert compared.rows("select 1 from assignment") == []


def test_the_dead_leave_the_worklist_with_the_reason_and_the_removal_is_asked_for(compared):
    person = complete(compared)
    compared.sweep(LATER)
    open_before = compared.tasks(person)
    assert open_before, "somebody under observation for half a year is owed a visit"
    died(compared, person, LATER - timedelta(days=20), "I21.9")
    compared.sweep(LATER + timedelta(days=1))
    comparing.run(compared.db, 1, LATER + timedelta(days=1))
    compared.sweep(LATER + timedelta(days=1))
    assert {row[0] for row in compared.tasks(person)} == {"REC-01", "REC-02"}
    closed = dict(compared.rows("select rule, closed_reason from task where closed_at is not null"))
    assert {closed[rule] for rule, *_ in open_before} == {"death"}
    assert set(closed) >= {rule for rule, *_ in open_before}


# --- another day -----------------------------------------------------------------------------------------------------


STOOD = """comparison, person_id, thing, left_values, right_values, values_hash, state, found_on, changed_on, ended_on,
    confirmed_by, confirmed_reason, confirmed_note, confirmed_hash"""
WORK = "person_id, rule, owner_org, text, given_on, closed_on, closed_reason"


def stood(town):
    """Everything a run keeps, as values."""
    return (
        found(town, STOOD), events(town), [tuple(r) for r in town.rows(f"select {WORK} from assignment order by id")],
        town.rows("select day from comparison_run order by id"),
        town.rows("select person_id, org from person_scope where reason = 'difference' order by 1, 2"),
    )  # fmt: skip


def test_a_demo_wound_back_has_the_differences_of_that_day(demo_town):
    """Every kind of later change is undone: values, an end, a return, a confirmation and its taking back, hand-overs."""
    town = begun(demo_town)
    day = lambda n: LATER + timedelta(days=n)  # noqa: E731
    stays, ends, changes, confirmed, handed = (town.person() for _ in range(5))
    tumours = {}
    for person in (stays, ends, changes, confirmed):
        observed(town, person, LONG_AGO)
        diagnosed(town, person, LONG_AGO, stage="IIA")
        tumours[person] = registered(town, person, LONG_AGO, stage="IV")
    entry = observed(town, handed, LONG_AGO)
    registered(town, handed, LONG_AGO)
    diagnosed(town, handed, LONG_AGO)
    died(town, handed, LONG_AGO + timedelta(days=30))
    comparing.run(town.db, 1, day(0))
    by_person = {r.person_id: r.public_id for r in town.rows("select person_id, public_id from difference")}
    comparing.confirm(town.db, KEEPER, by_person[confirmed], reason="cannot_mend", note="по архиву", today=day(1))
    town.sweep(day(1))
    states = {1: stood(town)}

    gone(town, tumours[ends], tumours[changes], tumours[confirmed], entry)
    registered(town, ends, LONG_AGO, stage="IIA")
    registered(town, changes, LONG_AGO, stage="III")
    registered(town, confirmed, LONG_AGO, stage="III")
    observed(town, handed, LONG_AGO, org=ONCOLOGY)
    comparing.run(town.db, 1, day(2))
    comparing.confirm(town.db, KEEPER, by_person[stays], reason="other", note="так и есть", today=day(2))
    town.sweep(day(2))
    states[2] = stood(town)
    comparing.unconfirm(town.db, KEEPER, by_person[stays], today=day(3))
    new = town.person()
    observed(town, new, LONG_AGO)
    diagnosed(town, new, LONG_AGO, stage="IIA")
    registered(town, new, LONG_AGO, stage="IV")
    comparing.run(town.db, 1, day(3))
    town.sweep(day(3))
    assert len({str(s) for s in (*states.values(), stood(town))}) == 3
    assert {"changed", "fixed", "handed", "unconfirmed"} <= set(events(town))

    town.sweep(day(2), rewind=True)
    assert stood(town) == states[2]
    town.sweep(day(1), rewind=True)
    assert stood(town) == states[1]
    done = comparing.run(town.db, 1, day(4))
    assert done.counts["stage_differs"]["new"] == 1, "what was found after that day is found again"
