"""The region on disk: deliveries in order, versions and repetitions, lists, the same bytes for the same seed."""

import csv
import hashlib
from datetime import date, datetime
from pathlib import Path

import pytest

from oncor_cases.kernel.errors import UserError
from oncor_cases.region.corpus import documents
from oncor_cases.region.generate import generate
from oncor_cases.region.stories import stories
from oncor_cases.sources.semd import read
from tests.region.conftest import TODAY

# what a reader may remark on a sound document: free text it had to read, a date the sender left out
NOTES = {"result_in_words", "pathology_in_words", "document_date_missing"}


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def digest(folder: Path) -> str:
    whole = hashlib.sha256()
    for path in sorted(p for p in folder.rglob("*") if p.is_file()):
        whole.update(path.relative_to(folder).as_posix().encode() + path.read_bytes())
    return whole.hexdigest()


def test_every_story_is_told(made):
    _, summary = made
    assert set(summary.stories) == {s.name for s in stories()}
    assert summary.patients == 140


def test_deliveries_lie_in_the_past_in_order_and_name_files(made):
    out, summary = made
    posts = rows(out / "deliveries.csv")
    moments = [datetime.fromisoformat(p["received_at"]) for p in posts]
    assert moments == sorted(moments)
    assert all(m.tzinfo is not None and m.date() < TODAY for m in moments)
    assert {p["path"] for p in posts} == {f"documents/{p.name}" for p in (out / "documents").iterdir()}
    assert len(posts) == summary.deliveries
    assert {p["action"] for p in posts} == {"deliver", "withdraw"}
    assert all(p["reason"] for p in posts if p["action"] == "withdraw")


def test_some_come_twice_and_what_is_voided_came_before(made):
    posts = rows(made[0] / "deliveries.csv")
    told: dict[str, list[str]] = {}
    for post in posts:
        told.setdefault(post["path"], []).append(post["action"])
    assert any(actions == ["deliver", "deliver"] for actions in told.values())
    assert any(actions == ["deliver", "withdraw"] for actions in told.values())
    assert all(actions[0] == "deliver" for actions in told.values())


def test_every_document_is_read_without_a_problem(made):
    sets: dict[str, list[int]] = {}
    late = cut = 0
    received = {p["path"]: date.fromisoformat(p["received_at"][:10]) for p in reversed(rows(made[0] / "deliveries.csv"))}
    for path in (made[0] / "documents").iterdir():
        found = read(path.read_bytes())
        if not path.read_bytes().rstrip().endswith(b"</ClinicalDocument>"):  # planted: the file was cut off
            assert found.status == "unreadable"
            cut += 1
            continue
        assert found.status == "read"
        assert {p.code for p in found.problems} <= NOTES, found.problems
        assert found.facts, found.kind
        sets.setdefault(found.document.set_id, []).append(found.document.version)
        if found.document.date:
            late += (received[f"documents/{path.name}"] - date.fromisoformat(found.document.date)).days > 7
    assert any(sorted(versions) == [1, 2] for versions in sets.values())
    assert any(sorted(versions) == [1, 1] for versions in sets.values())  # planted: two documents under one number
    assert late >= 3
    assert cut >= 1


def test_lists_agree(made, truth):
    out, _ = made
    residents = {r["snils"]: r for r in rows(out / "residents.csv")}
    clinics = {c["oid"] for c in rows(out / "clinics.csv")}
    assert all(r["attached"] in clinics | {""} for r in residents.values())
    assert all(p["snils"] in residents for p in truth["patients"])
    dead = rows(out / "deaths.csv")
    assert dead
    assert {d["snils"] for d in dead} <= {p["snils"] for p in truth["patients"]}


def test_truth_speaks_of_both_the_late_and_the_well(truth):
    planted = [e for p in truth["patients"] for e in p["expected"]]
    assert any(e["open"] for e in planted)
    assert any(e["late"] and e["done"] for e in planted)
    assert sum(1 for p in truth["patients"] if not p["expected"]) > len(truth["patients"]) / 2


def test_most_suspicions_at_screening_are_answered_by_the_documents(made, truth):
    """The list tells of a suspicion, the patient's papers of the referral after it; a few are nobody's (SC-14)."""
    out, _ = made
    (path,) = out.glob("lists/screening_*_2.csv")
    with path.open(encoding="cp1251", newline="") as file:
        listed = [r for r in csv.DictReader(file, delimiter=";") if r["Результат"] == "подозрение на ЗНО"]
    told = truth["lists"]["suspected_at_screening"]
    assert sorted((r["СНИЛС"], r["Программа"]) for r in listed) == sorted((s, p) for s, p, *_ in told)
    papers = {p["snils"]: p["documents"] for p in truth["patients"]}
    for snils, _, on, referred in told:
        said = [f for name in papers.get(snils, ()) for f in read((out / name).read_bytes()).facts if f.kind == "referral"]
        asked = {f"{f.on}" for f in said if f.attributes["to"] in ("oncologist", "haematologist")}
        assert (referred in asked) if referred else not papers.get(snils), snils
        assert not referred or on < referred
    answered = sum(bool(referred) for *_, referred in told)
    assert len(told) >= 4
    assert len(told) > answered > len(told) / 2


def test_same_seed_and_day_give_the_same_bytes(tmp_path):
    for name in ("one", "two", "other"):
        generate(tmp_path / name, residents_count=300, patients_count=12, seed=5 if name != "other" else 6, today=TODAY)
    assert digest(tmp_path / "one") == digest(tmp_path / "two") != digest(tmp_path / "other")


def test_a_full_folder_is_not_written_into(tmp_path):
    (tmp_path / "mine.txt").write_text("x")
    with pytest.raises(UserError, match="не пуста"):
        generate(tmp_path, residents_count=10, patients_count=1, seed=1, today=TODAY)


def test_more_patients_than_people_is_refused(tmp_path):
    with pytest.raises(UserError, match="больше, чем жителей"):
        generate(tmp_path / "out", residents_count=3, patients_count=4, seed=1, today=TODAY)


def test_the_corpus_has_the_size_it_was_asked_for():
    sizes = [len(text) for text in documents(1, 200, mean_kb=42)]
    assert len(sizes) == 200
    assert 38 * 1024 < sum(sizes) / len(sizes) < 47 * 1024
    assert next(documents(1, 1, mean_kb=42)) == next(documents(1, 1, mean_kb=42))
