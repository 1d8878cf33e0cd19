"""Subjects become persons: by identifiers, by a person's word, dated and reversible."""

from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions import identity
from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import facts, persons
from tests.intake import fakes
from tests.intake.fakes import OTHER, paper

SNILS, ENP = "11223344595", "7700000000000019"
MARCH = datetime(2026, 3, 3, 9, tzinfo=UTC)
APRIL = datetime(2026, 4, 3, 9, tzinfo=UTC)


def take(db, *papers, at=MARCH):
    return ingest(db, [Delivery("x.xml", p, at) for p in papers], region=1, reader=fakes.read)


def rows(db, sql, *values):
    with db.batch() as conn:
        return conn.execute(sql, values).fetchall()


def people(db):
    """The sets in force of each person, as names of series."""
    found = rows(
        db,
        """select p.id, array_agg(d.set_id order by d.set_id) sets from person p join subject s on s.person_id = p.id
           join document d on d.subject_id = s.id group by p.id order by 2""",
    )
    return [row.sets for row in found]


def person_of(db, set_id):
    sql = "select s.person_id p from document d join subject s on s.id = d.subject_id where d.set_id = %s"
    return rows(db, sql, set_id)[0].p


def test_a_bridge_joins_two_persons_and_their_addresses(database, region):
    take(database, paper("A", snils=SNILS), paper("B", enp=ENP))
    assert people(database) == [["A"], ["B"]]
    addresses = {row.id: str(row.public_id) for row in rows(database, "select id, public_id from person")}
    take(database, paper("C", snils=SNILS, enp=ENP), at=APRIL)
    assert people(database) == [["A", "B", "C"]]
    stays = person_of(database, "C")
    with database.batch() as conn:
        assert {persons.find(conn, 1, address) for address in addresses.values()} == {stays}
    gone = next(id for id in addresses if id != stays)
    links = rows(database, "select person_id, valid_from, valid_to from subject_link order by id")
    assert (gone, MARCH, APRIL) in [tuple(link) for link in links]


def test_before_the_join_became_known_they_were_two(database, region):
    take(database, paper("A", snils=SNILS), paper("B", enp=ENP))
    take(database, paper("C", snils=SNILS, enp=ENP), at=APRIL)
    ids = [row.id for row in rows(database, "select id from person order by id")]
    with database.batch() as conn:
        march = {id: len(t.facts) for id, t in facts.timelines(conn, 1, ids, date(2026, 3, 10))}
        april = {id: len(t.facts) for id, t in facts.timelines(conn, 1, ids, date(2026, 4, 10))}
    assert sorted(march.values()) == [1, 1]
    assert sorted(april.values()) == [0, 3]


def test_a_contradiction_blocks_the_join_with_a_finding(database, region):
    take(database, paper("A", snils=SNILS), paper("B", snils=SNILS, born="1961-04-12"))
    assert people(database) == [["A"], ["B"]]
    (finding,) = rows(database, "select * from finding")
    assert (finding.code, finding.state, finding.detail["identifier"]) == ("identity_conflict", "open", "snils")


def test_without_an_identifier_a_person_is_provisional_and_the_senders_own(database, region):
    take(database, paper("A"), paper("B"), paper("C", org=OTHER), paper("D", family="", given="", born=""))
    take(database, paper("E", family="", given="", born=""))
    assert people(database) == [["A", "B"], ["C"], ["D"], ["E"]]
    assert {row.provisional for row in rows(database, "select provisional from person")} == {True}


def test_names_are_searched_and_sorted_by_keys(database, region):
    take(
        database,
        paper("A", family="Ёлкин", local_id="1"),
        paper("B", family="Абрамов", local_id="2"),
        paper("C", family="Елкин", local_id="3"),
        paper("D", family="Яшин", local_id="4"),
    )
    found = rows(database, "select family from person order by sort_key")
    assert [row.family for row in found] == ["Абрамов", "Елкин", "Ёлкин", "Яшин"]
    found = rows(database, "select family from person where search_key >= 'елк' and search_key < 'елл' order by sort_key")
    assert [row.family for row in found] == ["Елкин", "Ёлкин"]


def test_death_and_attachment_follow_the_facts_in_force(database, region):
    attached, death = ["attached", "2026-01-10", {"org": OTHER}], ["death", "2026-05-01", {}]
    take(database, paper("A", 1, [attached, death], snils=SNILS))
    (person,) = rows(database, "select attached_org, died_on from person")
    assert tuple(person) == (OTHER, date(2026, 5, 1))
    take(database, paper("A", 2, [attached], snils=SNILS))
    (person,) = rows(database, "select attached_org, died_on from person")
    assert tuple(person) == (OTHER, None)


def test_wrong_patient_takes_the_record_away_and_later_documents_follow_both(database, region):
    take(database, paper("A", snils=SNILS, local_id="1"), paper("B", snils=SNILS, family="Котова", local_id="2"))
    assert people(database) == [["A", "B"]]
    person = person_of(database, "A")
    (document,) = rows(database, "select id from document where set_id = 'B'")
    with database.batch() as conn:
        moved = identity.wrong_patient(conn, 1, document.id, reason="чужой СНИЛС", by="nina", at=APRIL)
    assert people(database) == [["A"], ["B"]]
    assert moved.changed == {person, moved.person}
    take(database, paper("C", snils=SNILS, local_id="3"), paper("D", family="Котова", local_id="2"))
    assert people(database) == [["A", "C"], ["B", "D"]]
    (link,) = rows(database, "select reason, author, valid_from from subject_link where author <> ''")
    assert tuple(link) == ("чужой СНИЛС", "nina", APRIL)
    assert rows(database, "select action from audit")[0].action == "records_unlinked"


def test_who_is_this_links_a_provisional_person_for_good(database, region):
    take(database, paper("A", snils=SNILS), paper("B"))
    person, stranger = person_of(database, "A"), person_of(database, "B")
    with database.batch() as conn:
        found = identity.candidates(conn, 1, stranger)
        assert [(c.id, c.same_birth_date, c.same_name) for c in found] == [(person, True, True)]
        assert identity.link(conn, 1, stranger, person, reason="тот же человек", by="nina").person == person
    take(database, paper("C"), paper("D", snils=SNILS, address="новый"))
    assert people(database) == [["A", "B", "C", "D"]]


def test_a_wrong_join_is_undone(database, region):
    take(database, paper("A", snils=SNILS), paper("B", enp=ENP, family="Котова"))
    first, second = person_of(database, "A"), person_of(database, "B")
    with database.batch() as conn:
        identity.link(conn, 1, first, second, reason="показалось", by="nina")
    assert people(database) == [["A", "B"]]
    (document,) = rows(database, "select id from document where set_id = 'B'")
    with database.batch() as conn:
        identity.wrong_patient(conn, 1, document.id, reason="ошибка", by="nina")
    assert people(database) == [["A"], ["B"]]
    take(database, paper("C", enp=ENP, family="Котова", address="новый"))
    assert people(database) == [["A"], ["B", "C"]]


def test_decisions_about_identity_are_checked(database, region):
    take(database, paper("A", snils=SNILS))
    person = person_of(database, "A")
    (document,) = rows(database, "select id from document")
    with database.batch() as conn:
        with pytest.raises(UserError):
            identity.link(conn, 1, person, person, reason="сам с собой", by="nina")
        with pytest.raises(NotFound):
            identity.link(conn, 1, person, 9999, reason="нет такого", by="nina")
        with pytest.raises(Conflict):
            identity.wrong_patient(conn, 1, document.id, reason="единственный", by="nina")
        with pytest.raises(UserError):
            identity.wrong_patient(conn, 1, document.id, reason=" ", by="nina")
        with pytest.raises(NotFound):
            identity.unlink(conn, 1, person, [9999], reason="нет такой записи", by="nina")


def _task(conn, person, opened_on, episode):
    return conn.execute(
        """insert into task (region_id, person_id, pathway, episode, rule, due, level, owner_org, opened_on)
           values (1, %s, 'diagnosis', %s, 'DX-01', %s, 'navigator', 'o', %s) returning id""",
        (person, episode, opened_on, opened_on),
    ).fetchone()[0]


def test_a_join_rekeys_open_tasks_and_closes_the_younger_twin(database, region):
    take(database, paper("A", snils=SNILS), paper("B", enp=ENP))
    first, second = person_of(database, "A"), person_of(database, "B")
    with database.batch() as conn:
        made = {}
        for person, day in ((first, date(2026, 3, 9)), (second, date(2026, 3, 6))):
            (episode,) = conn.execute(
                "insert into episode (region_id, person_id, key) values (1, %s, 'C50/-/1') returning id", (person,)
            ).fetchone()
            made[person] = (_task(conn, person, day, str(episode)), _task(conn, person, day, f"x{person}"), episode)
        said = facts.state(conn, 1, second, "contact", date(2026, 3, 5), {"outcome": "reached"}, author="nina", at=MARCH)
    take(database, paper("C", snils=SNILS, enp=ENP), at=APRIL)
    stays = min(first, second)
    gone = max(first, second)
    tasks = {row.id: row for row in rows(database, "select * from task")}
    assert {row.person_id for row in tasks.values()} == {stays}
    younger, older = tasks[made[first][0]], tasks[made[second][0]]
    assert (younger.state, younger.closed_by, younger.closed_reason) == ("closed", "identity", "joined")
    assert (older.state, older.episode) == ("open", str(made[stays][2]))
    assert {tasks[made[p][1]].state for p in (first, second)} == {"open"}
    assert [r.id for r in rows(database, "select id from episode")] == [made[stays][2]]
    events = rows(database, "select task_id, kind, author, person_id from task_event order by id")
    assert [tuple(e) for e in events] == [
        (younger.id, "closed", "identity", first),
        *((id, "rekeyed", "identity", stays) for id in made[gone][:2] if id != younger.id),
    ]
    with database.batch() as conn:
        ((_, timeline),) = facts.timelines(conn, 1, [stays])
    assert str(said) in {f.id for f in timeline.facts}
    assert {r.person_id for r in rows(database, "select person_id from person_scope")} == {stays}
    generations = {r.person_id: r.generation for r in rows(database, "select * from person_change")}
    assert generations[gone] > 1
