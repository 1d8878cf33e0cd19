"""Two persons joined by mistake and parted again are who they were: number, address, words, tasks, scope."""

from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import identity, matching
from oncor_cases.store import facts, persons, places, then
from tests.intake.fakes import OTHER, paper
from tests.people.insured_list import ENPS, NUMBERS, load, row, write
from tests.people.test_joins import take
from tests.worklist.conftest import Town

TODAY, MOMENT = date(2026, 3, 10), datetime(2026, 3, 10, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 12, 9, tzinfo=UTC)


@pytest.fixture
def town(database):
    return Town(database, demo=False)


@pytest.fixture
def demo_town(database):
    """Only what was known on the day counts."""
    return Town(database, demo=True)


def two(town, **second):
    """Two patients with a suspicion each: their numbers."""
    take(town.db, paper("A", snils=NUMBERS[0]))
    take(town.db, paper("B", snils=NUMBERS[1], family="Котова", born="1970-01-01", **second))
    a, b = (r[0] for r in town.rows("select id from person order by id"))
    return a, b


def records(town, set_id):
    return [r[0] for r in town.rows("select subject_id from document where set_id = %s", set_id)]


def join(town, a, b, at=MOMENT):
    with town.db.batch() as conn:
        return identity.link(conn, 1, a, b, reason="один человек", by="nina", at=at).person


def part(town, person, set_id, at=LATER, **to):
    with town.db.batch() as conn:
        return identity.unlink(conn, 1, person, records(town, set_id), reason="ошибка", by="nina", at=at, **to).person


def stood(town):
    """What a person is on the outside and on the worklist, without moments and numbers of rows."""
    return {
        "persons": town.rows(
            "select id, public_id, family, born, snils, died, merged from (select id, public_id, family, birth_date born,"
            " snils, died_on died, merged_into merged from person) x order by id"),
        "tasks": town.rows("select id, person_id, rule, due, episode from task where closed_at is null order by id"),
        "episodes": town.rows("select id, person_id, key, icd10, anchors from episode where key not like '~%%' order by id"),
        "facts": town.rows("select s.person_id, f.id, f.kind, f.in_force from fact f join subject s on s.id = f.subject_id"
                           " order by f.id"),
        "scope": town.rows("select person_id, org, reason from person_scope order by 1, 2, 3"),
        "records": town.rows("select id, person_id, pinned, distrusted from subject order by id"),
        "views": town.rows("select person_id, pathway, episode, state from pathway_view order by 1, 2, 3"),
        "acknowledged": town.rows("select id, person_id, episode from acknowledgement order by id"),
        "attached": town.rows("select id, person_id, org from attachment order by id"),
        "work": town.rows("select id, person_id, closed_reason from assignment order by id"),
    }  # fmt: skip


def same(after, before):
    for name in before:
        assert sorted(map(tuple, after[name]), key=repr) == sorted(map(tuple, before[name]), key=repr), name


def test_a_refusal_and_a_death_go_back_to_whom_they_were_said_of(town):
    a, b = two(town)
    town.fact(b, date(2026, 3, 4), "refusal", of="investigation", documented="written", evidence="person", icd10="C50.9")
    town.fact(b, date(2026, 3, 5), "death", kind="preliminary", evidence="person")
    with town.db.batch() as conn:
        persons.refresh(conn, 1, [b])
    town.sweep(TODAY)
    before = stood(town)
    assert [t.person_id for t in before["tasks"]] == [a]
    assert join(town, a, b) == a
    town.sweep(TODAY)
    assert town.tasks() == []
    assert part(town, a, "B") == b
    town.sweep(TODAY)
    same(stood(town), before)
    with town.db.batch() as conn:
        assert [persons.find(conn, 1, str(town.public(p))) for p in (a, b)] == [a, b]


def test_twins_of_tasks_and_what_was_kept_beside_them_come_back(town):

    a, b = two(town, org=OTHER)
    town.sweep(TODAY)
    with town.db.batch() as conn:
        places.attach(conn, 1, b, "residence", OTHER, date(2026, 1, 1), source="manual", by="nina")
        for person in (a, b):
            conn.execute(
                """insert into assignment (region_id, person_id, rule, source_kind, source_key, given_on, due, text, author)
                   values (1, %s, 'AS-01', 'contingent', '7', %s, %s, 'позвонить', 'nina')""",
                (person, TODAY, date(2026, 4, 1)),
            )
        facts.changed(conn, 1, [a, b])
    town.sweep(TODAY)
    before = stood(town)
    assert [t.person_id for t in before["tasks"] if t.rule == "DX-01"] == [a, b]
    join(town, a, b)
    town.sweep(TODAY)
    assert {r.person_id for r in town.rows("select person_id from task where closed_at is null")} == {a}
    assert len(town.rows("select 1 from task where closed_at is null and rule = 'DX-01'")) == 1
    part(town, a, "B")
    town.sweep(TODAY)
    same(stood(town), before)


def test_it_does_not_matter_which_side_is_taken_away(town):
    a, b = two(town)
    town.sweep(TODAY)
    before = stood(town)
    join(town, a, b)
    part(town, a, "A")
    town.sweep(TODAY)
    same(stood(town), before)


def test_what_was_said_while_they_were_one_stays_with_the_number_it_was_said_of(town):
    a, b = two(town)
    town.fact(b, date(2026, 3, 4), "contact", outcome="reached", evidence="person")
    join(town, a, b)
    town.fact(a, date(2026, 3, 11), "contact", outcome="no_answer", evidence="person")
    take(town.db, paper("C", snils=NUMBERS[1], family="Котова", born="1970-01-01", address="новый"), at=MOMENT)
    part(town, a, "B")
    found = town.rows("select s.person_id, f.attributes ->> 'outcome' o from fact f join subject s on s.id = f.subject_id"
                      " where f.kind = 'contact' order by f.id")  # fmt: skip
    assert [tuple(r) for r in found] == [(b, "reached"), (a, "no_answer")]
    sets = town.rows("select s.person_id, d.set_id from document d join subject s on s.id = d.subject_id order by 2")
    assert [tuple(r) for r in sets] == [(a, "A"), (b, "B"), (b, "C")]  # its number says whose it is


def test_before_during_and_after_the_join_are_as_they_were_known(demo_town):
    town = demo_town
    a, b = two(town)
    town.fact(b, date(2026, 3, 4), "contact", outcome="reached", evidence="person")
    town.sweep(date(2026, 3, 9))
    join(town, a, b, at=datetime(2026, 3, 10, 9, tzinfo=UTC))
    town.sweep(date(2026, 3, 10))
    part(town, a, "B", at=datetime(2026, 3, 12, 9, tzinfo=UTC))
    town.sweep(date(2026, 3, 12))

    def known(day):
        with town.db.batch() as conn:
            return {p: sorted(f.kind for f in t.facts) for p, t in facts.timelines(conn, 1, [a, b], day)}

    def shown(day):

        source = then.shown(day)
        with town.db.batch() as conn:
            found = conn.execute(f"select person_id, rule from {source.sql} t order by 1, 2", {"region": 1, **source.values})
            return [tuple(r) for r in found]

    apart = {a: ["suspicion"], b: ["contact", "suspicion"]}
    assert known(date(2026, 3, 9)) == apart
    assert known(date(2026, 3, 11)) == {a: ["contact", "suspicion", "suspicion"], b: []}
    assert known(date(2026, 3, 12)) == apart
    assert shown(date(2026, 3, 9)) == [(a, "DX-01"), (b, "DX-01")]
    assert shown(date(2026, 3, 11)) == [(a, "DX-01")]
    assert shown(date(2026, 3, 12)) == [(a, "DX-01"), (b, "DX-01")]


def test_a_third_record_goes_its_own_way_and_the_chain_comes_apart_in_any_order(town):
    a, b = two(town)
    take(town.db, paper("C", snils=NUMBERS[2], family="Белова", born="1980-01-01"))
    (c,) = (r[0] for r in town.rows("select id from person where family = 'Белова'"))
    for person in (b, c):
        town.fact(person, date(2026, 3, 4), "contact", outcome="reached", evidence="person")
    town.sweep(TODAY)
    before = stood(town)
    for first, last in (("B", "C"), ("C", "B")):
        assert join(town, b, c) == b
        assert join(town, a, b) == a
        town.sweep(TODAY)
        part(town, a, first)
        part(town, a, last)
        town.sweep(TODAY)
        after = stood(town)
        for name in before.keys() - {"records"}:  # a word that was said of a record by name stays: it is the same person
            assert after[name] == before[name], (first, name)
    join(town, b, c)
    both = stood(town)
    join(town, a, b)
    with town.db.batch() as conn:
        identity.unlink(conn, 1, a, records(town, "B") + records(town, "C"), reason="ошибка", by="nina", at=LATER)
    after = stood(town)
    for name in ("persons", "facts", "records"):
        assert after[name] == both[name], name


def test_given_to_a_third_person_the_words_go_with_the_records(town):
    a, b = two(town)
    take(town.db, paper("C", snils=NUMBERS[2], family="Белова", born="1980-01-01"))
    (c,) = (r[0] for r in town.rows("select id from person where family = 'Белова'"))
    said = town.fact(b, date(2026, 3, 4), "contact", outcome="reached", evidence="person")
    join(town, a, b)
    part(town, a, "B", to=c)
    assert town.rows("select s.person_id from fact f join subject s on s.id = f.subject_id where f.id = %s", said)[0][0] == c
    with town.db.batch() as conn:
        assert persons.find(conn, 1, str(town.public(b))) == c


def test_of_a_likeness_taken_back_the_resident_keeps_the_number_and_the_policy(town, tmp_path):
    from tests.people.test_matching import crowd

    take(town.db, paper("A"))
    (a,) = (r[0] for r in town.rows("select id from person"))
    town.fact(a, date(2026, 3, 4), "refusal", of="investigation", documented="written", evidence="person", icd10="C50.9")
    take(town.db, paper("R", snils=NUMBERS[0], enp=ENPS[0], org=OTHER))
    load(town.db, write(tmp_path / "a.csv", row(ENPS[0], NUMBERS[0]), *crowd()), date(2026, 3, 1))
    town.sweep(TODAY)
    before = stood(town)
    matching.run(town.db, 1)
    town.sweep(TODAY)
    assert stood(town)["tasks"] == []
    pairs = [r[0] for r in town.rows("select id from likeness where state = 'linked'")]
    with town.db.batch() as conn:
        for pair in pairs:
            matching.different(conn, 1, pair, by="nina", reason="разные")
    matching.run(town.db, 1)
    town.sweep(TODAY)
    after = stood(town)
    for name in ("tasks", "facts", "persons", "scope"):
        assert after[name] == before[name], name


def test_an_answer_same_taken_back_on_the_page_of_likenesses_brings_both_back(town):
    take(town.db, paper("A", snils=NUMBERS[0]), paper("B", local_id="7", org=OTHER))
    _, b = (r[0] for r in town.rows("select id from person order by id"))
    town.fact(b, date(2026, 3, 4), "contact", outcome="reached", evidence="person")
    town.sweep(TODAY)
    with town.db.batch() as conn:
        (x,), (y,) = records(town, "A"), records(town, "B")
        conn.execute(
            """insert into likeness (region_id, subject_id, other_id, method, state, values_hash)
               values (1, %s, %s, 'scored', 'review', 'x')""",
            (y, x),
        )
    (pair,) = (r[0] for r in town.rows("select id from likeness"))
    before = stood(town)
    with town.db.batch() as conn:
        matching.same(conn, 1, pair, by="nina", reason="спросили")
    town.sweep(TODAY)
    with town.db.batch() as conn:
        matching.different(conn, 1, pair, by="nina", reason="ошибка")
    town.sweep(TODAY)
    same(stood(town), before)
