"""Owners over the years on a real PostgreSQL: departments, mergers, names of their day, routes, defaults, known then."""

from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import explain, organisations, places
from oncor_cases.kernel.errors import Conflict, UserError
from oncor_cases.store import persons
from oncor_cases.store.session import Scope
from tests.worklist.conftest import CLINIC, ONCOLOGY

OVERDUE = date(2026, 3, 6)
LONG_KNOWN = datetime(2025, 1, 1, tzinfo=UTC)
COORDINATOR = Scope(1, "olga", "coordinator")
ROWS = [
    {"oid": CLINIC, "name": "Поликлиника № 1", "short_name": "П 1", "district": "Север", "roles": ["polyclinic"]},
    {"oid": ONCOLOGY, "name": "Онкокабинет", "short_name": "ПОК", "district": "Север", "roles": ["oncology_office"]},
    {"oid": "1.2.9", "name": "Диспансер", "short_name": "ОД", "district": "Центр", "roles": ["dispensary"]},
]


@pytest.fixture
def listed(town):
    """The town with its three organisations."""
    with town.db.batch() as conn:
        organisations.load(conn, 1, ROWS, today=date(2025, 1, 1), by="list", at=LONG_KNOWN)
    return town


def owners(town, person: int) -> list[str]:
    return [row[0] for row in town.tasks(person, "owner_org")]


def act(town, do, *given, **said):
    with town.db.batch() as conn:
        return do(conn, 1, *given, **said)


def merge(town, since: date, today: date, oid: str = CLINIC, into: str = ONCOLOGY) -> int:
    return act(town, organisations.merge, oid, into, since=since, reason="приказ", today=today, by="olga")


def test_a_list_loaded_twice_changes_nothing_and_a_new_name_begins_today(listed):
    again = act(listed, organisations.load, ROWS, today=date(2026, 3, 1), by="list")
    assert (again.new, again.changed, again.renamed, again.waiting) == (0, 0, 0, 0)
    other = [ROWS[0] | {"short_name": "ГП 1"}]
    done = act(listed, organisations.load, other, today=date(2026, 3, 1), by="list")
    assert (done.new, done.changed, done.renamed) == (0, 0, 1)
    named = "select oncor_org_name(1::smallint, %s, %s)"
    assert listed.rows(named, CLINIC, date(2026, 2, 28))[0][0] == "П 1"
    assert listed.rows(named, CLINIC, date(2026, 3, 1))[0][0] == "ГП 1"


def test_a_name_of_a_later_day_is_in_the_list_from_that_day(listed):
    act(listed, organisations.rename, CLINIC, name="Новая", short_name="Н", since=date(2026, 3, 5), reason="устав",
        today=date(2026, 3, 1), by="olga")  # fmt: skip
    short = "select short_name from organisation where oid = %s"
    listed.sweep(date(2026, 3, 4))
    assert listed.rows(short, CLINIC)[0][0] == "П 1"
    listed.sweep(date(2026, 3, 5))
    assert listed.rows(short, CLINIC)[0][0] == "Н"
    assert listed.rows("select oncor_org_name(1::smallint, %s, %s)", CLINIC, date(2026, 3, 4))[0][0] == "П 1"


def test_a_department_named_by_a_referral_is_owned_and_seen_by_its_clinic(listed):
    person = listed.person(attached="")
    listed.fact(person, date(2026, 3, 2), "suspicion", icd10="C50.9")
    listed.fact(person, date(2026, 3, 2), "referral", to="oncologist", org=f"{ONCOLOGY}.0.55", icd10="C50.9")
    with listed.db.batch() as conn:
        persons.refresh(conn, 1, [person])
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [ONCOLOGY]
    assert (ONCOLOGY,) in [tuple(r) for r in listed.rows("select org from person_scope where person_id = %s", person)]


def test_after_a_merger_the_successor_owns_and_sees_and_nobody_waits_twice(listed):
    person = listed.suspected()
    with listed.db.batch() as conn:
        conn.execute(
            "insert into person_scope (region_id, person_id, org, reason) values (1, %s, %s, 'sender')", (person, CLINIC)
        )
        conn.execute(
            "insert into user_account (region_id, login, password_hash, role, orgs) values (1, 'n', '', 'navigator', %s)",
            ([CLINIC],),
        )
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [CLINIC]
    assert merge(listed, date(2026, 3, 11), date(2026, 3, 9)) == 1
    listed.sweep(date(2026, 3, 10))
    assert owners(listed, person)[0] == CLINIC  # not yet
    listed.sweep(date(2026, 3, 11))
    assert set(owners(listed, person)) == {ONCOLOGY}
    assert "moved" in listed.events(person)
    scopes = {r[0] for r in listed.rows("select org from person_scope where person_id = %s", person)}
    assert {CLINIC, ONCOLOGY} <= scopes
    assert listed.rows("select orgs from user_account where login = 'n'")[0][0] == [CLINIC, ONCOLOGY]
    before = listed.snapshot()
    with listed.db.batch() as conn:  # the sender's document was about somebody else
        conn.execute("delete from person_scope where person_id = %s and org = %s", (person, CLINIC))
    listed.sweep(date(2026, 3, 11))
    gone = "select 1 from person_scope where person_id = %s and reason = 'successor'"
    assert listed.rows(gone, person) == []
    assert listed.snapshot() == before


def test_a_merger_is_told_as_it_was_known(listed):
    person = listed.suspected()
    listed.sweep(OVERDUE)
    merge(listed, date(2026, 3, 1), OVERDUE)
    listed.sweep(date(2026, 3, 10))
    then = [r["owner_org"] for r in explain.tasks(listed.db, OVERDUE, known_on=OVERDUE).rows]
    now = [r["owner_org"] for r in explain.tasks(listed.db, date(2026, 3, 10)).rows]
    assert then == [CLINIC]
    assert set(now) == {ONCOLOGY}
    assert listed.rows("select count(*) from audit where action = 'organisation_merged'")[0][0] == 1
    assert person


def test_a_merger_written_by_mistake_is_cancelled(listed):
    person = listed.suspected()
    listed.sweep(OVERDUE)
    merge(listed, date(2026, 3, 1), OVERDUE)
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [ONCOLOGY]
    act(listed, organisations.cancel_merger, CLINIC, reason="ошибка", today=OVERDUE, by="olga")
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [CLINIC]
    assert listed.rows("select successor_oid, succeeded_on from organisation where oid = %s", CLINIC)[0] == ("", None)


def test_a_ring_and_a_second_merger_are_refused(listed):
    merge(listed, date(2026, 3, 1), OVERDUE)
    with pytest.raises(Conflict):
        merge(listed, date(2026, 3, 1), OVERDUE)
    with pytest.raises(Conflict):
        merge(listed, date(2026, 3, 1), OVERDUE, ONCOLOGY, CLINIC)
    with pytest.raises(UserError):
        act(listed, organisations.edit, ONCOLOGY, {"parent_oid": "9.9.9"}, today=OVERDUE, by="olga")


def test_what_was_handed_to_a_merged_clinic_is_its_successors(listed):
    person = listed.suspected(attached="1.2.9")
    listed.sweep(OVERDUE)
    listed.rows("update task set handed_to = %s, owner_org = %s where person_id = %s returning id", CLINIC, CLINIC, person)
    merge(listed, OVERDUE, OVERDUE)
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [ONCOLOGY]


def test_a_route_moves_the_tasks_of_its_rule_and_ends_again(listed):
    person = listed.suspected()
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [CLINIC]
    woken = act(listed, places.add_route, "DX-01", ["office"], None, rules=["DX-01"], reason="приказ", by="olga")
    assert woken == 1
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [ONCOLOGY]
    assert listed.rows("select because ->> 'owner_by' from task where rule = 'DX-01'")[0][0] == "office"
    (id,) = listed.rows("select id from route")[0]
    act(listed, places.end, "route", id, by="olga")
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [CLINIC]


def test_a_person_without_attachment_falls_to_the_default_of_the_category_and_is_listed(listed):
    person = listed.person(attached="", address="г. Светлый")
    with listed.db.batch() as conn:
        from oncor_cases.store import facts

        facts.state(conn, 1, person, "suspicion", date(2026, 3, 2), {"icd10": "C50.9"}, author="anna")
    listed.sweep(OVERDUE)
    assert owners(listed, person) == ["регион"]  # nothing configured
    act(listed, places.categorise, person, "care_home", date(2025, 5, 1), by="olga")
    act(listed, places.add_default, "1.2.9", category="care_home", district="", instead=False, since=None, reason="приказ",
        by="olga")  # fmt: skip
    listed.sweep(OVERDUE)
    assert owners(listed, person) == ["1.2.9"]
    from oncor_cases.store import places as rows

    with listed.db.web(COORDINATOR) as conn:
        (row,) = rows.unplaced(conn, COORDINATOR, "регион", 0, 50)
    assert (row.by, row.category, row.owner) == ("category", "care_home", "ОД")
    act(listed, places.attach, person, "insurance", CLINIC, date(2026, 3, 6), by="olga")
    act(listed, places.categorise, person, "none", date(2026, 3, 6), by="olga")
    listed.sweep(OVERDUE)
    assert owners(listed, person) == [CLINIC]
    with listed.db.web(COORDINATOR) as conn:
        assert rows.unplaced(conn, COORDINATOR, "регион", 0, 50) == []
        kinds = {(r.kind, r.what) for r in rows.of_person(conn, COORDINATOR, person)}
    assert {("insurance", "П 1"), ("category", "care_home"), ("category", "none")} <= kinds


def test_a_territory_finds_the_clinic_of_residence_by_the_address(listed):
    here = listed.suspected(address="990123, Речная область, г. Речной, ул. Ленина, д. 14, кв. 5", attached="")
    there = listed.suspected(address="г. Речной, пр. Победы, д. 1", attached="")
    rows = [
        {"settlement": "Речной", "street": "", "org": ONCOLOGY},
        {"settlement": "г. Речной", "street": "улица Ленина", "org": CLINIC, "district": "Север"},
    ]
    assert act(listed, places.territories, rows, by="olga") == (2, 2)
    assert act(listed, places.territories, rows, by="olga") == (2, 0)
    found = dict(tuple(r) for r in listed.rows("select person_id, org from attachment where ended_at is null"))
    assert found == {here: CLINIC, there: ONCOLOGY}
    act(listed, places.add_route, "diagnosis", ["residence"], None, rules=["diagnosis"], reason="приказ", by="olga")
    listed.sweep(OVERDUE)
    assert owners(listed, here) == [CLINIC]
    assert owners(listed, there) == [ONCOLOGY]
    moved = "update person set address = 'с. Дальнее' where id = %s returning id"
    listed.rows(moved, there)
    late = listed.suspected(address="Речной, Ленинская, 3", attached="")  # a person nobody knew when the list was loaded
    also = listed.suspected(address="Речной, улица Ленина, 3", attached="")
    with listed.db.batch() as conn:
        conn.execute("update person_change set generation = generation + 1 where person_id = %s", (there,))
    listed.sweep(date(2026, 3, 10))
    found = dict(tuple(r) for r in listed.rows("select person_id, org from attachment where ended_at is null"))
    assert found == {here: CLINIC, late: ONCOLOGY, also: CLINIC}


def test_a_clinic_of_another_organisation_sees_no_attachment_and_no_category(listed):
    person = listed.suspected()
    act(listed, places.attach, person, "residence", CLINIC, date(2026, 1, 1), by="olga")
    act(listed, places.categorise, person, "prison", date(2026, 1, 1), by="olga")
    mine, other = Scope(1, "a", "navigator", (CLINIC,)), Scope(1, "b", "navigator", ("1.2.9",))
    for scope, seen in ((mine, 1), (other, 0), (COORDINATOR, 1)):
        with listed.db.web(scope) as conn:
            assert conn.execute("select count(*) from attachment").fetchone()[0] == seen
            assert conn.execute("select count(*) from person_category").fetchone()[0] == seen
            assert conn.execute("select count(*) from organisation_record").fetchone()[0] == 3  # no patient in it
