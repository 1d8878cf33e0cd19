"""Claims and their file of persons become one list by whatever door and in whatever order they come (order 79)."""

import io
import zipfile
from datetime import UTC, datetime

import pytest

from oncor_cases.actions import ingest, list_drop
from oncor_cases.actions import lists as door
from oncor_cases.kernel.errors import Conflict
from oncor_cases.store import list_bytes, lists
from tests.lists.test_kinds import ORG, PERS, archive, bill
from tests.people.insured_list import ENPS

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
TAIL = "990001T99_2602.xml"
NAMES = [("HM", "LM"), ("CM", "LCM"), ("TM", "LTM"), ("DPM", "LPM"), ("DVM", "LDVM"), ("HM", "LHM")]
WITH_POLICY = bill().replace(b"<ID_PAC>P1</ID_PAC>", b"<ID_PAC>P1</ID_PAC><ENP>" + ENPS[0].encode() + b"</ENP>")


def rows(db, sql):
    with db.batch() as conn:
        return [tuple(row) for row in conn.execute(sql)]


def persons(db):
    return rows(db, "select family from person where merged_into is null")


def take(db, data, name, at=AT, **told):
    return door.take_bytes(db, data, name, region=1, author="t", received_at=at, **told)


def drop(db, folder, *files):
    """One pass of the drop folder as the schedule makes it; what became of its lists."""
    for name, data in files:
        (folder / name).write_bytes(data)
    list_drop.take_lists(db, folder, 1, received_at=AT)
    told = ingest.intake(db, folder, 1, received_at=AT)
    assert (told["received"], list(folder.iterdir())) == (0, [])
    return door.finish(db, region=1)


@pytest.mark.parametrize(("main", "person"), NAMES)
@pytest.mark.parametrize("order", ["together", "claims first", "persons first"])
def test_the_drop_folder_takes_them_in_any_order(database, region, tmp_path, main, person, order):
    claims_file, persons_file = (main + TAIL, bill()), (person + TAIL, PERS)
    if order == "together":
        done = drop(database, tmp_path, claims_file, persons_file)
    else:
        first, second = (claims_file, persons_file) if order == "claims first" else (persons_file, claims_file)
        assert [one.state for one in drop(database, tmp_path, first)] == ["failed" if order == "claims first" else "waiting"]
        assert persons(database) == []
        done = drop(database, tmp_path, second)
    assert [(one.state, one.counts["good"]) for one in done] == [("loaded", 1)]
    assert persons(database) == [("Рябова",)]
    assert rows(database, "select state, kind from list_load") == [("loaded", "claims")]


def test_claims_read_by_their_policies_are_replaced_when_their_persons_come(database, region):
    first = take(database, WITH_POLICY, "CM" + TAIL)
    assert (first.state, first.counts["good"]) == ("loaded", 1)
    assert persons(database) == [("",)]
    facts = rows(database, "select kind, on_text from fact where in_force order by 1, 2")
    done = take(database, PERS, "L" + "CM" + TAIL)
    assert (done.state, done.counts["good"]) == ("loaded", 1)
    assert ("Рябова",) in persons(database)
    assert rows(database, "select kind, on_text from fact where in_force order by 1, 2") == facts
    assert rows(database, "select state from list_load order by id") == [("replaced",), ("loaded",)]
    assert done.id == 2
    # the file of persons again, and the two as one archive of the sender: nothing new
    again = take(database, PERS, "LCM" + TAIL)
    assert (again.duplicate, again.id) == (True, done.id)
    corrected = take(
        database, PERS.replace("Рябова".encode("cp1251"), "Рябкова".encode("cp1251")), "LCM" + TAIL, AT.replace(day=5)
    )
    assert corrected.state == "loaded"
    assert ("Рябкова",) in persons(database)
    assert rows(database, "select kind, on_text from fact where in_force order by 1, 2") == facts


def test_an_archive_of_the_sender_takes_the_place_of_the_claims_alone(database, region):
    take(database, WITH_POLICY, "CM" + TAIL)
    done = take(database, archive(WITH_POLICY), "CM990001T99_2602.zip")
    assert done.state == "loaded"
    assert rows(database, "select state from list_load order by id") == [("replaced",), ("loaded",)]


def test_persons_without_claims_wait_in_words_and_no_mapping_is_asked(database, region):
    done = take(database, PERS, "LCM" + TAIL)
    assert (done.state, done.kind, done.counts) == ("waiting", "claims", {})
    assert "файл персон" in done.error
    assert door.load(database, done.id, region=1).state == "waiting"
    assert take(database, bill(), "HM" + TAIL).state == "failed"  # other claims of the same clinic and month
    assert rows(database, "select state from list_load order by id") == [("waiting",), ("failed",)]


def test_a_clinic_completes_its_own_claims_only(database, region):
    take(database, WITH_POLICY, "CM" + TAIL, sender=ORG)
    other = take(database, PERS, "LCM" + TAIL, sender="1.2.643.5.1.13.13.12.2.99.2")
    assert other.state == "waiting"
    assert persons(database) == [("",)]
    assert take(database, PERS, "LCM" + TAIL, sender=ORG).state == "loaded"


def test_persons_of_claims_that_are_being_read_come_after_them(database, region):
    number = door.receive(database, io.BytesIO(bill()), "CM" + TAIL, region=1, author="t", received_at=AT)
    with pytest.raises(Conflict):
        take(database, PERS, "LCM" + TAIL)
    assert {one.state for one in door.finish(database, region=1)} == {"loaded"}
    assert persons(database) == [("Рябова",)]
    assert rows(database, f"select id from list_load where id = {number}") == [(number,)]


def test_both_are_kept_as_they_came(database, region):
    take(database, PERS, "LCM" + TAIL)
    done = take(database, bill(), "CM" + TAIL)
    with database.batch() as conn, list_bytes.opened(conn, 1, lists.get(conn, 1, done.id).sha256) as stored:
        data = stored.read()
    with zipfile.ZipFile(io.BytesIO(data)) as both:
        assert {name: both.read(name) for name in both.namelist()} == {"CM" + TAIL: bill(), "LCM" + TAIL: PERS}


def test_persons_received_before_claims_that_were_read_first_still_count(database, region):
    number = door.receive(database, io.BytesIO(PERS), "LCM" + TAIL, region=1, author="t", received_at=AT)
    with database.batch_session() as conn:  # somebody is at the file of persons while its claims are read
        assert lists.alone(conn, 1, number)
        assert take(database, WITH_POLICY, "CM" + TAIL, AT.replace(hour=10)).state == "loaded"
    assert [one.state for one in door.finish(database, region=1)] == ["loaded"]
    assert rows(database, "select id, state from list_load order by id") == [(1, "loaded"), (2, "replaced")]
    assert ("Рябова",) in persons(database)


def test_what_waits_in_vain_is_put_aside(database, region):
    """A wrong file of persons would otherwise go with the next claims of that name."""
    wrong = take(database, PERS, "LCM" + TAIL)
    assert door.withdraw(database, wrong.id, "не тот файл", region=1, by="t")["withdrawn"] == 0
    assert rows(database, "select state, error, withdrawn_reason from list_load") == [("withdrawn", "", "не тот файл")]
    assert take(database, WITH_POLICY, "CM" + TAIL).counts["good"] == 1
    assert persons(database) == [("",)]
    with pytest.raises(Conflict):
        door.withdraw(database, wrong.id, "ещё раз", region=1, by="t")
    with pytest.raises(Conflict):
        door.load(database, wrong.id, region=1)
    failed = take(database, bill(), "HM" + TAIL)
    assert failed.state == "failed"
    with database.batch_session() as conn:
        assert lists.alone(conn, 1, failed.id)  # somebody tries it once more
        with pytest.raises(Conflict):
            door.withdraw(database, failed.id, "не нужен", region=1, by="t")
    door.withdraw(database, failed.id, "не нужен", region=1, by="t")


def test_claims_another_process_reads_are_not_packed_away(database, region):
    """Claims that failed may be read anew at this very moment; their state says so a moment later."""
    failed = take(database, bill(), "CM" + TAIL)
    assert failed.state == "failed"
    waits = door.receive(database, io.BytesIO(PERS), "LCM" + TAIL, region=1, author="t", received_at=AT)
    with database.batch_session() as other:
        assert lists.alone(other, 1, failed.id)
        with pytest.raises(Conflict):
            door.load(database, waits, region=1)
        assert rows(database, f"select state from list_load where id = {failed.id}") == [("failed",)]
    assert door.load(database, waits, region=1).state == "loaded"
    assert persons(database) == [("Рябова",)]
