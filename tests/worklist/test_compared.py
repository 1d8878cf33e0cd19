"""What the comparisons of sources call a difference, and what they do not, on a real PostgreSQL."""

from datetime import date, timedelta

import pytest

from oncor_cases.actions import comparing
from oncor_cases.contingents.query import Query
from oncor_cases.facts.registers import OTHER_REGISTER
from oncor_cases.store import contingent_query, differences
from tests.worklist.compared import (
    FIRST,
    LATER,
    LONG_AGO,
    begun,
    complete,
    diagnosed,
    died,
    found,
    kinds,
    loaded,
    observed,
    registered,
    said,
)
from tests.worklist.conftest import CLINIC, ONCOLOGY


@pytest.fixture
def compared(town):
    return begun(town)


def test_sources_that_agree_differ_in_nothing(compared):
    complete(compared, stage="IIA", t="T2", n="N0", m="M0")
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == []


@pytest.mark.parametrize(
    ("register", "document", "differ"),
    [
        ("IIA", "IIA", False), ("II", "IIA", False), ("IIIA1", "IIIA", False), ("IV", "IVB", False), ("", "IIA", False),
        ("I", "IV", True), ("IV", "I", True), ("IIA", "IIB", True), ("II", "III", True), ("III", "II", True),
    ],
)  # fmt: skip
def test_a_stage_without_its_letter_is_no_difference(compared, register, document, differ):
    person = compared.person()
    registered(compared, person, LONG_AGO, stage=register)
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO, stage=document)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, person) == ({"stage_differs"} if differ else set())


def test_another_category_of_tnm_is_a_difference_of_the_stage_with_its_owner(compared):
    person = compared.person()
    registered(compared, person, LONG_AGO, stage="IIA", t="T2", n="N0", m="M0")
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO, stage="IIA", t="T2", n="N1", m="M0")
    comparing.run(compared.db, 1, LATER)
    assert found(compared, "comparison, thing, org, left_values ->> 'tnm' l, right_values ->> 'tnm' r") == [
        ("stage_differs", "C50", ONCOLOGY, "T2 N0 M0", "T2 N1 M0")
    ]


@pytest.mark.parametrize(("days", "differ"), [(0, False), (30, False), (31, True), (-31, True)])
def test_one_diagnosis_may_have_two_dates_within_a_month(compared, days, differ):
    person = compared.person()
    registered(compared, person, LONG_AGO + timedelta(days=days))
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, person) == ({"date_differs"} if differ else set())


def test_a_diagnosis_of_before_documents_came_has_no_date_to_compare_unless_they_tell_it(compared):
    person, other = compared.person(), compared.person()
    for who in (person, other):
        registered(compared, who, date(2018, 5, 4))
        observed(compared, who, date(2018, 5, 4))
    diagnosed(compared, person, LONG_AGO)
    diagnosed(compared, other, LONG_AGO, first_on="2019-05-04")
    comparing.run(compared.db, 1, LATER)
    assert (kinds(compared, person), kinds(compared, other)) == (set(), {"date_differs"})


def test_a_broken_date_inside_a_document_stops_nothing(compared):
    person = compared.person()
    registered(compared, person, LONG_AGO)
    observed(compared, person, LONG_AGO)
    diagnosed(compared, person, LONG_AGO, first_on="2025-02-31")
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == []


def test_codes_of_one_organ_are_one_site_and_another_organ_is_one_difference(compared):
    same, other = compared.person(), compared.person()
    for who, code in ((same, "D05.1"), (other, "C18.7")):
        registered(compared, who, LONG_AGO, "C50.4")
        observed(compared, who, LONG_AGO, "C50.4")
        diagnosed(compared, who, LONG_AGO, code)
    comparing.run(compared.db, 1, LATER)
    assert (kinds(compared, same), kinds(compared, other)) == (set(), {"site_differs"})


def test_a_second_tumour_that_the_register_lacks_is_no_other_site(compared):
    person = complete(compared)
    diagnosed(compared, person, LONG_AGO, "C18.7")
    diagnosed(compared, person, LONG_AGO, "C77.3")  # spread is no tumour of its own
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == [("documents_not_registered", "C18", "open")]


def test_an_excluded_diagnosis_is_owed_to_no_register(compared):
    person = compared.person()
    diagnosed(compared, person, LONG_AGO)
    said(compared, "document", person, LONG_AGO + timedelta(days=20), "diagnosis", icd10="C50.9", status="excluded")
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == []


def test_who_has_to_mend_a_missing_tumour_depends_on_the_notice(compared):
    silent, sent = compared.person(), compared.person()
    for who in (silent, sent):
        diagnosed(compared, who, LONG_AGO)
    said(compared, "document", sent, LONG_AGO, "notice_090u")
    comparing.run(compared.db, 1, LATER)
    assert found(compared, "comparison, org") == [
        ("documents_not_registered", CLINIC), ("documents_not_registered", ONCOLOGY)
    ]  # fmt: skip


def test_the_lists_of_observation_and_of_the_register_are_compared_both_ways(compared):
    only_list, only_register = compared.person(), compared.person()
    observed(compared, only_list, LONG_AGO)
    registered(compared, only_register, LONG_AGO)
    diagnosed(compared, only_register, LONG_AGO)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, only_list) == {"observed_not_registered"}
    assert kinds(compared, only_register) == {"registered_not_observed"}


def test_who_left_the_register_or_the_list_is_missed_by_nobody(compared):
    person, other = compared.person(), compared.person()
    for who in (person, other):
        registered(compared, who, LONG_AGO)
        diagnosed(compared, who, LONG_AGO)
        observed(compared, who, LONG_AGO)
    said(compared, "register", person, LATER - timedelta(days=40), "register_exit", register="oncology", icd10="C50.9")
    said(compared, "observed", person, LATER - timedelta(days=40), "register_exit", register="oncology", icd10="C50.9")
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == []


def test_a_registered_person_without_a_document_is_told_once_a_document_was_due(compared):
    diagnosed_lately, of_old = compared.person(), compared.person()
    for who, on in ((diagnosed_lately, LONG_AGO), (of_old, date(2019, 1, 1))):
        registered(compared, who, on)
        observed(compared, who, on)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, diagnosed_lately) == kinds(compared, of_old) == {"registered_without_document"}
    with compared.db.owner() as conn:
        conn.execute("update region set observed_from = %s", (date(2025, 8, 1),))  # documents come for half a year only
    comparing.run(compared.db, 1, LATER)
    assert (kinds(compared, diagnosed_lately), kinds(compared, of_old)) == ({"registered_without_document"}, set())


@pytest.mark.parametrize(("days", "differ"), [(0, False), (10, False), (-10, False), (11, True)])
def test_a_paid_course_needs_a_document_of_about_the_same_day(compared, days, differ):
    person = complete(compared)
    paid = LATER - timedelta(days=60)
    said(compared, "claim", person, paid, "chemo_cycle", icd10="C50.9", org=ONCOLOGY)
    said(compared, "document", person, paid + timedelta(days=days), "chemo_cycle", icd10="C50.9")
    comparing.run(compared.db, 1, LATER)
    assert found(compared, "comparison, thing, org") == (
        [("paid_chemo_without_document", f"{paid}", ONCOLOGY)] if differ else []
    )


def test_a_course_paid_yesterday_may_still_get_its_document(compared):
    person = complete(compared)
    said(compared, "claim", person, LATER - timedelta(days=13), "chemo_cycle", icd10="C50.9")
    comparing.run(compared.db, 1, LATER)
    assert found(compared) == []


def test_the_dead_are_told_to_both_keepers_with_the_cause(compared):
    person = complete(compared)
    died(compared, person, LATER - timedelta(days=30), "C50.9")
    comparing.run(compared.db, 1, LATER)
    assert found(compared, "comparison, org, left_values ->> 'cause'") == [
        ("dead_on_list", CLINIC, "C50.9"), ("dead_on_register", ONCOLOGY, "C50.9")
    ]  # fmt: skip


def test_who_moved_away_is_told_and_who_came_back_is_not(compared):
    away, back = complete(compared), complete(compared)
    for who in (away, back):
        said(compared, "left", who, LATER - timedelta(days=30), "moved_away", region="Соседняя область")
    registered(compared, back, LATER - timedelta(days=5))
    observed(compared, back, LATER - timedelta(days=5))
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, away) == {"moved_away"}
    assert kinds(compared, back) - {"date_differs"} == set()


def test_two_registers_of_two_regions_hold_one_person(compared):
    person = complete(compared)
    registered(compared, person, LONG_AGO + timedelta(days=20), sender="Соседний регистр")
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, person) == {"two_registers"}


def test_the_register_of_another_region_is_compared_with_the_own_one_alone(compared):
    """What it says of a tumour is not ours to mend, and it makes nobody registered here."""
    other = f"{OTHER_REGISTER}: Соседний край"
    both = complete(compared, stage="IIA")
    registered(compared, both, LONG_AGO + timedelta(days=90), sender=other, stage="IV")
    theirs = compared.person()
    registered(compared, theirs, LONG_AGO, sender=other)
    registered(compared, theirs, LONG_AGO, sender=f"{OTHER_REGISTER}: Дальний край")
    ours = compared.person()
    observed(compared, ours, LONG_AGO)
    diagnosed(compared, ours, LONG_AGO)
    registered(compared, ours, LONG_AGO, sender=other)
    comparing.run(compared.db, 1, LATER)
    assert kinds(compared, both) == {"two_registers"}
    assert kinds(compared, theirs) == set()
    assert kinds(compared, ours) == {"observed_not_registered", "documents_not_registered"}
    with compared.db.batch() as conn:
        assert set(contingent_query.found(conn, 1, Query(registered="oncology"), LATER)) == {both}


def test_the_pathway_the_contingents_and_the_comparisons_agree_who_is_registered_here(compared):
    other = f"{OTHER_REGISTER}: Соседний край"
    here, there, listed = compared.person(), compared.person(), compared.person()
    registered(compared, here, LONG_AGO)
    registered(compared, there, LONG_AGO, sender=other)
    said(compared, "observed", listed, LONG_AGO, "register_entry", sender=other, icd10="C50.9", register="oncology")
    said(compared, "observed", listed, LONG_AGO, "register_entry", sender=other, icd10="N60.2", register="precancer")
    with compared.db.batch() as conn:
        conn.execute("update fact set author = '' where document_id is not null")  # a line of a list speaks for its sender
    compared.sweep(LATER)
    comparing.run(compared.db, 1, LATER)
    follow_up = [{rule for (rule,) in compared.tasks(who, "rule")} & {"FU-01", "FU-02"} for who in (here, there, listed)]
    assert follow_up == [{"FU-02"}, {"FU-01"}, set()]
    assert kinds(compared, here) == {"registered_not_observed", "registered_without_document"}
    assert kinds(compared, there) == kinds(compared, listed) == set()
    with compared.db.batch() as conn:
        queries = Query(registered="oncology"), Query(registered="precancer"), Query(observed=True)
        assert [set(contingent_query.found(conn, 1, q, LATER)) for q in queries] == [{here}, set(), set()]


def test_an_office_and_a_department_observe_by_right(compared):
    office, department, strange = ONCOLOGY, f"{CLINIC}.1", "1.2.643.5.1.13.13.12.2.1.777"
    with compared.db.batch() as conn:
        conn.execute("update organisation set office_oid = %s where oid = %s", (office, CLINIC))
        conn.execute(
            """insert into organisation (region_id, oid, name, parent_oid)
               values (1, %s, 'Отделение', %s), (1, %s, 'Чужая', '')""",
            (department, CLINIC, strange),
        )
    persons = []
    for org in (office, department, strange):
        person = compared.person()
        registered(compared, person, LONG_AGO)
        diagnosed(compared, person, LONG_AGO)
        observed(compared, person, LONG_AGO, org=org)
        persons.append(person)
    comparing.run(compared.db, 1, LATER)
    assert [kinds(compared, p) for p in persons] == [set(), set(), {"attachment_differs"}]


def test_a_list_that_never_came_accuses_nobody(town):
    person = town.person()
    registered(town, person, LONG_AGO)
    diagnosed(town, person, LONG_AGO)
    loaded(town, LATER, "register_tumours")
    done = comparing.run(town.db, 1, LATER)
    assert found(town) == []
    assert {"registered_not_observed", "dead_on_list", "paid_chemo_without_document"} <= set(done.skipped)


def test_weekly_courses_need_a_document_each(compared):
    person = complete(compared)
    paid = [FIRST + timedelta(days=n) for n in (-21, -14, -7)]
    for on in paid:
        said(compared, "claim", person, on, "chemo_cycle", icd10="C50.9", org=ONCOLOGY)
    said(compared, "document", person, paid[1], "chemo_cycle", icd10="C50.9")
    nobody = complete(compared)
    said(compared, "claim", nobody, paid[0], "chemo_cycle", icd10="C50.9", org=ONCOLOGY)
    comparing.run(compared.db, 1, LATER)
    assert found(compared, "comparison, person_id, thing") == [
        ("paid_chemo_without_document", person, f"{paid[0]}"), ("paid_chemo_without_document", person, f"{paid[2]}"),
        ("paid_chemo_without_document", nobody, f"{paid[0]}"),
    ]  # fmt: skip


@pytest.mark.parametrize("sign", ["attached", "visit"])
def test_who_came_back_is_compared_again(compared, sign):
    """Departed in 2019 and here since 2024: in the comparisons of the living, and no more a departed one."""
    about = {"org": CLINIC} if sign == "attached" else {}
    back, away = compared.person(), compared.person()
    for who in (back, away):
        said(compared, "left", who, date(2025, 10, 1), "moved_away", region="Соседняя область")
        observed(compared, who, LONG_AGO)
    compared.fact(away, date(2025, 12, 1), "contact", outcome="reached", channel="phone")  # by telephone, from anywhere
    compared.fact(back, date(2025, 12, 1), sign, evidence="list" if sign == "attached" else "document", **about)
    comparing.run(compared.db, 1, LATER + timedelta(days=15))
    assert kinds(compared, back) == {"observed_not_registered"}
    assert kinds(compared, away) == {"moved_away"}


@pytest.mark.parametrize("comparison", ["observed_not_registered", "registered_not_observed"])
def test_a_second_tumour_makes_a_confirmed_difference_a_new_one(compared, comparison):
    person, tell = compared.person(), observed if comparison.startswith("observed") else registered
    tell(compared, person, LONG_AGO)
    if tell is registered:
        diagnosed(compared, person, LONG_AGO)
    comparing.run(compared.db, 1, LATER)
    rows = compared.rows("select id from difference where person_id = %s and comparison = %s", person, comparison)
    with compared.db.batch() as conn:
        differences.confirm(conn, 1, rows[0].id, reason="both_right", note_="x", by="n", day=LATER, at=None)
    comparing.run(compared.db, 1, LATER)
    state = "select state, left_values -> 'codes' codes from difference where comparison = %s"
    assert [tuple(r) for r in compared.rows(state, comparison)] == [("confirmed", None)]
    tell(compared, person, LONG_AGO + timedelta(days=90), "C34.1")
    comparing.run(compared.db, 1, LATER + timedelta(days=1))
    assert [tuple(r) for r in compared.rows(state, comparison)] == [("open", ["C34.1", "C50.9"])]


def test_whoever_is_registered_since_a_year_is_registered(town):
    """A partial date starts no clock, but presence in a list is presence; no day is compared that nobody wrote."""
    begun(town)
    register, fund = complete(town), complete(town)
    other = town.person()
    observed(town, other, LONG_AGO)
    with town.db.owner() as conn:
        conn.execute(
            """update fact f set on_date = null, on_text = '2019' from subject s
               where s.id = f.subject_id and f.kind in ('register_entry', 'diagnosis')
                 and (s.person_id = %s and f.evidence = 'register' or s.person_id = any(%s) and f.evidence = 'list')""",
            (register, [fund, other]),
        )
    comparing.run(town.db, 1, LATER)
    assert (kinds(town, register), kinds(town, fund)) == (set(), set())
    assert kinds(town, other) == {"observed_not_registered"}
    (shown,) = town.rows("select left_values from difference where person_id = %s", other)
    assert "on" not in shown.left_values


@pytest.mark.parametrize(("left", "there"), [("2024-05", False), ("2024", False), ("2018", True), (str(LATER.year), False)])
def test_whoever_left_in_some_month_has_left_and_the_contingents_agree(town, left, there):
    """The last day of the period stands in: a person who entered within it has left since."""
    begun(town)
    register, fund = complete(town), complete(town)
    for who, source in ((register, "register"), (fund, "observed")):
        said(town, source, who, LONG_AGO, "register_exit", register="oncology", icd10="C50.9", reason="other")
    with town.db.owner() as conn:
        conn.execute("update fact set on_date = null, on_text = '2019' where kind = 'register_entry'")
        conn.execute("update fact set on_date = null, on_text = '2019' where kind = 'diagnosis' and evidence = 'register'")
        conn.execute("update fact set on_date = null, on_text = %s where kind = 'register_exit'", (left,))
        conn.execute("update fact set author = '' where document_id is not null")
    with town.db.batch() as conn:
        of = lambda query: set(contingent_query.found(conn, 1, query, LATER))  # noqa: E731
        assert of(Query(registered="oncology")) == ({register, fund} if there else {fund})
        assert of(Query(observed=True)) == ({register, fund} if there else {register})
    for who in (register, fund):
        died(town, who, LATER - timedelta(days=5))
    comparing.run(town.db, 1, LATER)
    assert kinds(town, register) == {"dead_on_list"} | ({"dead_on_register"} if there else set())
    assert kinds(town, fund) == {"dead_on_register"} | ({"dead_on_list"} if there else set())
