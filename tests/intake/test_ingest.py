"""The intake: bytes first, once, nothing lost; versions by number; persons touched are marked changed."""

import random
import zlib
from datetime import UTC, date, datetime

import pytest

from oncor_cases.actions.deliveries import Delivery
from oncor_cases.actions.ingest import ingest, intake
from oncor_cases.actions.quarantine import look, retry
from oncor_cases.actions.withdraw import withdraw
from oncor_cases.kernel.errors import Conflict, NotFound, UserError
from oncor_cases.store import facts, quarantine
from tests.intake import fakes
from tests.intake.fakes import CLINIC, paper

MARCH = datetime(2026, 3, 3, 9, tzinfo=UTC)


def take(db, *papers, at=MARCH, **rest):
    items = [p if isinstance(p, Delivery) else Delivery(f"{n}.xml", p, at) for n, p in enumerate(papers)]
    return ingest(db, items, region=1, reader=fakes.read, **rest)


def in_force(db):
    with db.batch() as conn:
        rows = conn.execute("select attributes ->> 'icd10' code from fact where in_force order by 1").fetchall()
    return [row.code for row in rows]


def suspicion(code):
    return [["suspicion", "2026-03-02", {"icd10": code}]]


def row(db, sql, *values):
    with db.batch() as conn:
        return conn.execute(sql, values).fetchone()


def sha(data):
    import hashlib

    return hashlib.sha256(data).digest()


def test_bytes_are_kept_and_facts_committed(database, region):
    data = paper(snils="11223344595")
    assert take(database, data) == {
        "received": 1, "new": 1, "duplicates": 0, "superseded": 0, "quarantined": 0, "facts": 1,
    }  # fmt: skip
    raw = row(database, "select * from raw_document")
    assert (raw.sha256, zlib.decompress(raw.content), raw.size) == (sha(data), data, len(data))
    assert row(database, "select count(*) n from unread_document").n == 0
    found = row(database, "select * from fact")
    assert (found.kind, found.on_date, found.known_at, found.in_force) == ("suspicion", date(2026, 3, 2), MARCH, True)
    change = row(database, "select * from person_change")
    assert change.generation == 1
    assert change.swept_generation == 0


def test_the_same_bytes_twice_are_one_document_and_change_nothing(database, region):
    data = paper()
    assert take(database, data, data)["duplicates"] == 1
    counts = take(database, data)
    assert (counts["new"], counts["duplicates"], counts["facts"]) == (0, 1, 0)
    assert row(database, "select generation from person_change").generation == 1


def test_only_a_demo_store_believes_the_deliveries(database, region):
    take(database, paper("A", snils="11223344595"))
    with database.owner() as conn:
        conn.execute("update region set demo = false")
    take(database, paper("B", snils="11223344595"), received_at=MARCH)
    known = [
        r.known_at for r in [row(database, "select known_at from document where set_id = %s", name) for name in ("A", "B")]
    ]
    assert known[0] == MARCH
    assert known[1] > MARCH


def test_a_higher_version_supersedes_whatever_comes_first(database, region):
    first, second = paper(version=1, facts=suspicion("C50.1")), paper(version=2, facts=suspicion("C50.2"))
    counts = take(database, second)
    counts = take(database, first)
    assert counts["superseded"] == 1
    assert in_force(database) == ["C50.2"]
    assert take(database, paper(version=3, facts=suspicion("C50.3")))["superseded"] == 1
    assert in_force(database) == ["C50.3"]


def test_versions_are_counted_per_sender(database, region):
    take(database, paper(version=2, facts=suspicion("C50.2")), paper(version=1, facts=suspicion("C50.1"), org=fakes.OTHER))
    assert in_force(database) == ["C50.1", "C50.2"]


def test_an_equal_number_with_other_bytes_waits_in_quarantine_and_the_first_known_stays(database, region):
    late, early = paper(note="late", facts=suspicion("C50.2")), paper(note="early", facts=suspicion("C50.1"))
    take(database, late, at=datetime(2026, 3, 5, tzinfo=UTC))
    counts = take(database, early, at=MARCH)
    assert counts["quarantined"] == 0  # it is the one that was known first
    assert in_force(database) == ["C50.1"]
    waiting = row(database, "select * from document where status = 'quarantined'")
    assert (waiting.sha256, waiting.reason_code) == (sha(late), "version_conflict")


def test_withdrawing_one_of_two_contradicting_versions_settles_it(database, region):
    early, late = paper(note="early", facts=suspicion("C50.1")), paper(note="late", facts=suspicion("C50.2"))
    take(database, early)
    assert take(database, late, at=datetime(2026, 3, 5, tzinfo=UTC))["quarantined"] == 1
    withdraw(database, sha(early), "ошибка", by="cli", region=1)
    assert in_force(database) == ["C50.2"]
    assert row(database, "select count(*) n from document where status = 'quarantined'").n == 0


def test_withdrawal_brings_the_highest_remaining_version_back(database, region):
    papers = [paper(version=n, facts=suspicion(f"C50.{n}"), snils="11223344595") for n in (1, 2, 3)]
    take(database, *papers)
    before = row(database, "select generation from person_change").generation
    done = withdraw(database, sha(papers[2]), "аннулирован", by="cli", region=1)
    assert done == {"withdrawn": 1, "restored": 1, "persons": 1}
    assert in_force(database) == ["C50.2"]
    assert row(database, "select generation from person_change").generation == before + 1
    assert row(database, "select count(*) n from raw_document").n == 3
    withdraw(database, sha(papers[0]), "все версии", by="cli", region=1, whole_set=True)
    assert in_force(database) == []
    assert row(database, "select count(*) n from audit where action = 'document_withdrawn'").n == 2


def test_withdrawal_needs_a_document_a_reason_and_happens_once(database, region):
    data = paper()
    take(database, data)
    with pytest.raises(UserError):
        withdraw(database, sha(data), " ", by="cli", region=1)
    with pytest.raises(NotFound):
        withdraw(database, b"0" * 32, "нет такого", by="cli", region=1)
    withdraw(database, sha(data), "ошибка", by="cli", region=1)
    with pytest.raises(Conflict):
        withdraw(database, sha(data), "ошибка", by="cli", region=1)


def test_a_withdrawn_version_stays_withdrawn_when_an_older_one_arrives(database, region):
    take(database, paper(version=2, facts=suspicion("C50.2")))
    withdraw(database, sha(paper(version=2, facts=suspicion("C50.2"))), "ошибка", by="cli", region=1)
    take(database, paper(version=1, facts=suspicion("C50.1")))
    assert in_force(database) == ["C50.1"]


def test_what_cannot_be_read_waits_with_a_reason_and_others_go_on(database, region):
    counts = take(database, b"garbage", b"!boom", paper())
    assert (counts["quarantined"], counts["facts"]) == (2, 1)
    with database.batch() as conn:
        reasons = {q.reason_code: q.reason for q in quarantine.page(conn, 1)}
        assert look(conn, 1, sha(b"garbage")).text == "garbage"
    assert reasons == {"not_json": "Это не документ", "reader_error": "Ошибка программы при чтении (RuntimeError)"}


def test_retry_reads_again_after_a_fix(database, region):
    take(database, b"!boom", b"garbage")
    fixed = {b"!boom": fakes.read(paper())}
    done = retry(database, 1, by="cli", reader=lambda data: fixed.get(data) or fakes.read(data))
    assert done == {"retried": 2, "read": 1, "quarantined": 1, "facts": 1}
    assert in_force(database) == ["C50.9"]
    with pytest.raises(NotFound):
        retry(database, 1, [sha(b"!boom")], by="cli")


def test_a_fault_of_the_archive_is_quarantined_without_reading(database, region):
    counts = take(database, Delivery("a.zip", b"PK\x03\x04broken", MARCH, ("archive_broken", "Архив повреждён")))
    assert counts["quarantined"] == 1
    assert row(database, "select reason from document").reason == "Архив повреждён"
    assert retry(database, 1, by="cli", reader=fakes.read)["retried"] == 0


def test_a_fact_outside_the_vocabulary_is_a_problem_of_the_document(database, region):
    take(database, paper(facts=[["horoscope", "2026-03-02", {}], ["suspicion", "2026-03", {}]]))
    document = row(database, "select status, problems from document")
    assert (document.status, [p["code"] for p in document.problems]) == ("read", ["unknown_fact"])
    fact = row(database, "select on_date, on_text from fact")
    assert (fact.on_date, fact.on_text) == (None, "2026-03")


def test_an_unknown_kind_is_kept_with_its_header_and_supersedes_too(database, region):
    take(database, paper(version=1), paper(version=2, status="unknown_kind", facts=[]))
    assert in_force(database) == []
    assert row(database, "select count(*) n from document where status = 'unknown_kind' and in_force").n == 1


def test_bytes_left_unread_by_a_killed_intake_are_read_by_the_next(database, region):
    from oncor_cases.store import raw

    data = paper()
    with database.batch() as conn:
        raw.store(conn, 1, [raw.RawRow(sha(data), MARCH, len(data), "a.xml", zlib.compress(data))])
    counts = take(database)
    assert (counts["received"], counts["facts"]) == (0, 1)
    assert in_force(database) == ["C50.9"]


def test_processes_read_what_one_process_reads(fresh_url):
    from oncor_cases.store import regions
    from oncor_cases.store.session import Database
    from tests.intake.store_state import state

    papers = [
        paper(f"S{n}", facts=suspicion(f"C50.{n % 9}"), local_id=str(n % 40), given=f"Имя{n % 40}") for n in range(120)
    ]
    seen = []
    for workers in (1, 2):
        db = Database(fresh_url("oncor_template"))
        with db.batch() as conn:
            regions.ensure(conn, 1, demo=True)
        steps: list[int] = []
        counts = take(db, *papers, b"!boom", workers=workers, progress=steps.append)
        assert counts["facts"] == 120
        assert steps[-1] == 121
        seen.append(state(db))
    assert seen[0] == seen[1]


def test_a_document_that_kills_its_reader_is_quarantined_and_the_rest_is_read(database, region):
    papers = [paper(f"S{n}", local_id="1") for n in range(60)]
    counts = take(database, *papers[:30], b"!die", *papers[30:])
    assert (counts["facts"], counts["quarantined"]) == (60, 1)
    assert row(database, "select reason_code c from document where status = 'quarantined'").c == "reader_died"


def test_the_drop_folder_is_emptied_when_bytes_are_stored(database, region, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.xml").write_bytes(paper())
    (tmp_path / ".half.xml").write_bytes(b"still coming")
    (tmp_path / "b.xml.part").write_bytes(b"still coming")
    assert intake(database, tmp_path, 1, reader=fakes.read)["new"] == 1
    assert sorted(p.name for p in tmp_path.rglob("*") if p.is_file()) == [".half.xml", "b.xml.part"]


def test_a_timeline_answers_what_was_known_when(database, region):
    first = paper(version=1, facts=suspicion("C50.1"), snils="11223344595")
    second = paper(version=2, facts=suspicion("C50.2"), snils="11223344595")
    take(database, first, at=datetime(2026, 3, 3, 22, 30, tzinfo=UTC))  # already the 4th in Moscow
    take(database, second, at=datetime(2026, 3, 9, 9, tzinfo=UTC))
    withdraw(database, sha(second), "ошибка", by="cli", region=1, at=datetime(2026, 3, 12, 9, tzinfo=UTC))
    person = row(database, "select id from person").id

    def codes(day):
        with database.batch() as conn:
            ((_, timeline),) = facts.timelines(conn, 1, [person], day)
        return [f.icd10 for f in timeline.known_on(day)]

    assert [codes(date(2026, 3, d)) for d in (3, 4, 9, 11, 12)] == [[], ["C50.1"], ["C50.2"], ["C50.2"], ["C50.1"]]
    with database.batch() as conn:
        ((_, now),) = facts.timelines(conn, 1, [person])
    (fact,) = now.facts
    assert (fact.icd10, fact.author, fact.series, fact.known) == ("C50.1", CLINIC, f"{CLINIC}|S1", date(2026, 3, 4))


def test_a_stated_fact_and_its_taking_back_are_dated(database, region):
    take(database, paper(snils="11223344595"))
    person = row(database, "select id from person").id
    with database.batch() as conn:
        id = facts.state(conn, 1, person, "contact", date(2026, 3, 5), {"outcome": "reached"}, author="nina", at=MARCH)
    with database.batch() as conn:
        facts.take_back(conn, 1, id, at=datetime(2026, 3, 7, tzinfo=UTC))
    with database.batch() as conn, pytest.raises(NotFound):
        facts.take_back(conn, 1, id)
    for day, kinds in ((date(2026, 3, 6), ["suspicion", "contact"]), (date(2026, 3, 7), ["suspicion"])):
        with database.batch() as conn:
            ((_, timeline),) = facts.timelines(conn, 1, [person], day)
        assert [f.kind for f in timeline.known_on(day)] == kinds


def test_a_first_load_tells_the_planner_how_large_the_tables_have_become(database, region):
    take(database, *[paper(f"S{n}", local_id=str(n)) for n in range(300)], workers=1)
    known = row(database, "select reltuples n from pg_class where oid = 'fact'::regclass").n
    assert known >= 250


def test_a_document_the_store_cannot_take_is_quarantined_and_its_batch_goes_on(database, region):
    noise = "".join(random.Random(7).choices([chr(n) for n in range(0x400, 0x500)], k=9000))
    endless = paper(noise, snils="11223344595")  # a setId no index takes
    counts = take(database, paper("A"), endless, paper("B"))
    assert (counts["facts"], counts["quarantined"]) == (2, 1)
    assert row(database, "select reason_code c from document where status = 'quarantined'").c == "not_storable"
    assert row(database, "select count(*) n from unread_document").n == 0


def test_an_empty_file_and_a_name_that_is_no_text_are_stored(database, region):
    counts = take(database, Delivery("a\udcff.xml", b"", MARCH))
    assert (counts["new"], counts["quarantined"]) == (1, 1)
    assert row(database, "select sha256 from raw_document").sha256 == sha(b"")
