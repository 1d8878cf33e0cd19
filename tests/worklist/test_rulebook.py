"""A change of the rule book: proposed, computed, approved by a second person, in effect from that day and not before."""

from datetime import date

import pytest

from oncor_cases.actions import explain, rulebook, whatif
from oncor_cases.actions.region_rules import region_rules
from oncor_cases.kernel.errors import BadRuleRecord, Conflict, NotFound, UserError
from oncor_cases.store import rule_runs
from oncor_cases.store import rulebook as rows
from oncor_cases.store.session import Scope

DAY = date(2026, 3, 10)
OLGA, IRA = Scope(1, "olga", "methodologist"), Scope(1, "ira", "methodologist")
DENIS, ANNA = Scope(1, "denis", "coordinator"), Scope(1, "anna", "navigator", ("1.2.3",))
LONGER = [{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": 10, "clause": "п. 1"}]}]


def computed(db, content=LONGER, rule="DX-01", kind="edition", **rest):
    id = rulebook.propose(db, kind, rule, content, "проверка", by=OLGA, today=DAY, **rest)
    whatif.compute_waiting(db)
    return id


def run_of(db, id):
    with db.batch() as conn:
        return rule_runs.of_proposal(conn, 1, id)


def approved(db, content=LONGER, rule="DX-01", kind="edition", **rest):
    id = computed(db, content, rule, kind, **rest)
    rulebook.approve(db, id, "", by=IRA, today=DAY)
    return id


def test_an_approved_change_moves_tasks_at_the_next_sweep(demo_town):
    town = demo_town
    person = town.suspected()
    town.sweep(DAY)
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]
    id = computed(town.db)
    assert run_of(town.db, id).counts == {"vanishes": 1}
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]  # nothing has taken effect yet
    rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    assert town.sweep(DAY)["closed"] == 1
    assert town.tasks(person) == []
    (clock,) = explain.upcoming(town.db, DAY, 30).rows
    assert (clock["due"], clock["because"]["limit"], clock["because"]["clause"]) == ("2026-03-17", 10, "п. 1")
    assert clock["because"]["edition"] == "DX-01@2026-01-01~1"


def test_known_on_before_the_approval_gives_the_old_answer(demo_town):
    town = demo_town
    town.suspected()
    town.sweep(DAY)
    approved(town.db)
    town.sweep(date(2026, 3, 11))
    assert explain.tasks(town.db, date(2026, 3, 11)).rows == []
    (then,) = explain.tasks(town.db, date(2026, 3, 11), known_on=date(2026, 3, 9)).rows
    assert (then["rule"], then["due"]) == ("DX-01", "2026-03-05")
    with town.db.batch() as conn:
        assert region_rules(conn, 1, date(2026, 3, 9)).recipe.changes == ()


def test_a_demo_wound_back_has_the_old_rules_and_gets_the_new_ones_on_their_day(demo_town):
    town = demo_town
    person = town.suspected()
    town.sweep(DAY)
    approved(town.db)
    town.sweep(DAY)
    town.sweep(date(2026, 3, 9), rewind=True)
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]
    town.sweep(DAY)
    assert town.tasks(person) == []


def test_only_who_has_a_case_of_the_pathway_is_looked_at_again(town):
    touched = town.suspected()
    other = town.person()
    town.fact(other, date(2026, 3, 2), "screening_invited", programme="breast")
    town.sweep(DAY)
    approved(town.db)
    marked = [r[0] for r in town.rows("select person_id from person_change where generation <> swept_generation")]
    assert marked == [touched]


def test_marking_goes_on_where_it_was_cut_short(town, monkeypatch):
    people = [town.suspected() for _ in range(5)]
    town.sweep(DAY)
    monkeypatch.setattr(rows, "MARKED_AT_ONCE", 2)
    done = rows.mark_some
    calls = []

    def dies(*given):
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("killed")
        return done(*given)

    monkeypatch.setattr(rows, "mark_some", dies)
    id = computed(town.db)
    with pytest.raises(RuntimeError):
        rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    assert len(town.rows("select 1 from person_change where generation <> swept_generation")) == 2
    assert town.sweep(DAY)["persons"] == len(people)
    assert town.sweep(DAY)["persons"] == 0


def test_a_sweep_that_began_with_the_old_book_leaves_its_persons_due(town):
    from oncor_cases.actions.sweep_batch import sweep_persons

    town.suspected()
    town.sweep(DAY)
    with town.db.batch() as conn:
        old = region_rules(conn, 1).rules
    approved(town.db)
    with town.db.batch() as conn:
        counts, held = sweep_persons(conn, DAY, 1, old, [1])
    assert (counts.persons, held) == (0, [1])
    assert town.sweep(DAY)["closed"] == 1


def test_the_author_never_decides(town):
    town.suspected()
    town.sweep(DAY)
    id = computed(town.db)
    with pytest.raises(Conflict):
        rulebook.approve(town.db, id, "", by=OLGA, today=DAY)
    with pytest.raises(Conflict):
        rulebook.decline(town.db, id, "нет", by=OLGA, today=DAY)
    with pytest.raises(NotFound):
        rulebook.approve(town.db, id, "", by=ANNA, today=DAY)
    with pytest.raises(Conflict):
        rulebook.withdraw(town.db, id, by=IRA, today=DAY)
    rulebook.decline(town.db, id, "акт не открыт", by=DENIS, today=DAY)
    with pytest.raises(Conflict):
        rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    assert town.rows("select count(*) from rule_record")[0][0] == 0


def test_the_database_itself_wants_a_second_person(town):
    import psycopg

    id = computed(town.db)
    with pytest.raises(psycopg.errors.CheckViolation), town.db.batch() as conn:
        rows.decide(conn, 1, id, "approved", "olga", "", None)
    rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    for statement in ("update rule_record set content = '[]'", "delete from rule_record"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege), town.db.batch() as conn:
            conn.execute(statement)


def test_nothing_is_approved_without_a_what_if_of_the_book_in_force(town):
    id = rulebook.propose(town.db, "edition", "DX-01", LONGER, "проверка", by=OLGA, today=DAY)
    with pytest.raises(Conflict):
        rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    whatif.compute_waiting(town.db)
    approved(town.db, [{"rule": "DX-02", "lost_after": 20}], "DX-02", "escalation")
    with pytest.raises(Conflict, match="посчитайте ещё раз"):
        rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    rulebook.compute_again(town.db, id, by=IRA, today=DAY)
    whatif.compute_waiting(town.db)
    assert rulebook.approve(town.db, id, "", by=IRA, today=DAY) == 2


def test_a_confirmed_reminder_escalates(town):
    person = town.person()
    town.fact(person, date(2026, 1, 12), "suspicion", icd10="C50.9")
    town.fact(person, date(2026, 1, 12), "biopsy_taken", icd10="C50.9")
    town.sweep(DAY)
    assert ("DX-08", "reminder") in {(t[0], t[2]) for t in town.tasks(person)}
    confirm = [{"rule": "DX-08", "editions": [{"from": "2022-01-01", "norm": "verified", "clause": "п. 14"}]}]
    id = computed(town.db, confirm, "DX-08", "confirm")
    assert run_of(town.db, id).counts == {"level": 1}
    rulebook.approve(town.db, id, "", by=DENIS, today=DAY)
    town.sweep(DAY)
    assert ("DX-08", "coordinator") in {(t[0], t[2]) for t in town.tasks(person)}


def test_a_retired_record_gives_the_shipped_rule_back_and_stays_listed(town):
    person = town.suspected()
    town.sweep(DAY)
    approved(town.db)
    town.sweep(DAY)
    assert town.tasks(person) == []
    id = computed(town.db, [], "DX-01", "retire", retires=1)
    assert run_of(town.db, id).counts == {"appears": 1}
    rulebook.approve(town.db, id, "", by=IRA, today=DAY)
    town.sweep(DAY)
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]
    with town.db.batch() as conn:
        assert [(r.number, r.retired_by) for r in rows.records(conn, 1)] == [(1, 2), (2, None)]
    with pytest.raises(Conflict):
        rulebook.propose(town.db, "retire", "DX-01", [], "ещё раз", by=OLGA, today=DAY, retires=1)


def test_a_note_turned_on_opens_tasks_and_turned_off_closes_them(town):
    person = town.person()
    town.fact(person, date(2026, 1, 12), "suspicion", icd10="C50.9")
    town.fact(person, date(2026, 1, 12), "referral", icd10="C50.9", to="oncologist")
    town.sweep(DAY)
    approved(town.db, [{"rule": "DX-06", "active": True}], "DX-06", "note")
    town.sweep(DAY)
    assert ("DX-06", date(2026, 1, 19), "reminder", "open") in town.tasks(person)
    approved(town.db, [{"rule": "DX-06", "active": False}], "DX-06", "note")
    town.sweep(DAY)
    assert "DX-06" not in {t[0] for t in town.tasks(person)}


def test_stories_are_checked_by_the_changed_book(town):
    text = """
story: ten days
patient: {sex: female, born: 1961-04-12}
facts:
  - {on: 2026-03-02, suspicion: {icd10: C50.9}}
expect:
  - {today: 2026-03-10, pathway: diagnosis, tasks: []}
  - {today: 2026-03-17, pathway: diagnosis, has: [DX-01]}
"""
    id = rulebook.propose(town.db, "edition", "DX-01", LONGER, "проверка", by=OLGA, today=DAY, stories=text)
    with town.db.batch() as conn:
        (told,) = rows.proposal(conn, 1, id).checked
    assert told["ok"] is False
    assert [(d["today"], d["field"]) for d in told["differences"]] == [("2026-03-17", "has")]


@pytest.mark.parametrize(
    ("content", "error"),
    [
        ([{"rule": "DX-99", "lost_after": 3}], BadRuleRecord),
        ([{"rule": "DX-01", "limit": 3}], BadRuleRecord),
        ([{"rule": "DX-01", "editions": [{"from": "2027-01-01", "limit": 3}]}], BadRuleRecord),
        ([{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": "три"}]}], BadRuleRecord),
        ([{"rule": "DX-01", "escalation": {"navigator": 3}}], BadRuleRecord),
        ([{"rule": "DX-01", "active": False}], BadRuleRecord),
        ([{"rule": "DX-05", "active": True}], BadRuleRecord),
        ([{"switch": "follow_up_anchor", "value": "moon"}], BadRuleRecord),
        ([], UserError),
    ],
)
def test_a_change_that_does_not_fit_is_refused_in_words(town, content, error):
    with pytest.raises(error) as said:
        rulebook.propose(town.db, "edition", "DX-01", content, "проверка", by=OLGA, today=DAY)
    assert any("а" <= c <= "я" for c in said.value.message)


def test_a_reason_and_the_right_role_are_needed(town):
    with pytest.raises(UserError):
        rulebook.propose(town.db, "edition", "DX-01", LONGER, " ", by=OLGA, today=DAY)
    for who in (ANNA, DENIS):
        with pytest.raises(NotFound):
            rulebook.propose(town.db, "edition", "DX-01", LONGER, "проверка", by=who, today=DAY)


def test_a_stored_change_that_no_longer_fits_stops_nothing_and_is_shown(town):
    person = town.suspected()
    approved(town.db, [{"rule": "DX-02", "lost_after": 20}], "DX-02", "escalation")
    with town.db.owner() as conn:  # as if a later release had dropped the rule it speaks of
        conn.execute("""update rule_record set content = '[{"rule": "DX-99", "lost_after": 3}]'""")
    assert town.sweep(DAY)["failed"] == 0
    assert [t[0] for t in town.tasks(person)] == ["DX-01"]
    with town.db.batch() as conn:
        assert [number for number, _ in region_rules(conn, 1).rules.book.unfit] == [1]
