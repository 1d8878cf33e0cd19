"""Two persons turn out to be one, or a record to be about somebody else: the worklist follows, nothing is doubled."""

from datetime import date

from oncor_cases.actions import identity
from tests.worklist.conftest import CLINIC

TODAY = date(2026, 3, 10)


def recorded(town) -> tuple[int, int]:
    """A person with a suspicion that a document's record of them tells: (person, record)."""
    person = town.suspected()
    with town.db.owner() as conn:
        (record,) = conn.execute(
            """insert into subject (region_id, person_id, organisation, local_id, fingerprint, first_seen_at)
               values (1, %s, %s, %s, sha256(%s::text::bytea), now()) returning id""",
            (person, CLINIC, f"card-{person}", person),
        ).fetchone()
        conn.execute(
            "insert into subject_link (region_id, subject_id, person_id, valid_from) values (1, %s, %s, now())",
            (record, person),
        )
        conn.execute(
            "update fact f set subject_id = %s from subject s where s.id = f.subject_id and s.person_id = %s",
            (record, person),
        )
    return person, record


def test_a_join_leaves_one_open_task_with_its_history(town):
    (first, _), (second, _) = recorded(town), recorded(town)
    town.sweep(TODAY)
    oldest = town.rows("select min(id) from task")[0][0]
    assert len(town.tasks()) == 2
    with town.db.batch() as conn:
        moved = identity.link(conn, 1, first, second, reason="один человек", by="anna")
    counts = town.sweep(TODAY)
    assert counts["failed"] == 0
    rows = town.rows("select id, person_id, rule from task where closed_at is null")
    assert [tuple(row) for row in rows] == [(oldest, moved.person, "DX-01")]
    assert town.rows("select closed_reason from task where closed_at is not null")[0][0] == "joined"
    assert town.sweep(date(2026, 3, 11))["opened"] == 0
    assert len(town.rows("select 1 from episode where key not like '~%%'")) == 1


def test_a_fact_taken_from_one_person_to_another_moves_the_task(town):
    (wrong, record), (right, _) = recorded(town), recorded(town)
    town.fact(right, date(2026, 3, 3), "consultation", icd10="C50.9")
    with town.db.owner() as conn:  # the other record of the wrong person, which stays
        conn.execute(
            "insert into subject (region_id, person_id, fingerprint, first_seen_at) values (1, %s, 'x', now())", (wrong,)
        )
        conn.execute("insert into subject_link (region_id, subject_id, person_id, valid_from)"
                     " select 1, id, person_id, now() from subject where fingerprint = 'x'")  # fmt: skip
    town.sweep(TODAY)
    assert [t[0] for t in town.tasks(wrong)] == ["DX-01"]
    assert town.tasks(right) == []
    with town.db.batch() as conn:
        moved = identity.unlink(conn, 1, wrong, [record], reason="не тот пациент", by="anna", to=right)
    assert {wrong, right} <= set(moved.changed)
    counts = town.sweep(TODAY)
    assert counts["failed"] == 0
    assert town.tasks(wrong) == []
    assert town.tasks(right) == []  # the consultation answers the suspicion that came over
    assert town.rows("select closed_reason from task where person_id = %s", wrong)[0][0] == "no_longer_owed"
