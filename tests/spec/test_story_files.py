"""Reading stories and the two commands: what a methodologist may write, and how a mistake is told."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from oncor_cases.cli import app
from oncor_cases.kernel.errors import UserError
from oncor_cases.sources.stories import Section, Story, read_chapter, read_stories

HEAD = "story: s\npatient: {sex: female, born: 1961-04-12}\n"


def one(facts: str, expect: str = "") -> Story:
    (story,) = read_stories(f"{HEAD}facts:\n{facts}\n" + (f"expect:\n{expect}\n" if expect else ""))
    return story


@pytest.mark.parametrize(
    ("line", "attributes"),
    [
        ("- {on: 2026-03-02, consultation: }", {"specialty": "oncologist"}),
        ("- {on: 2026-03-02, consultation: {}}", {"specialty": "oncologist"}),
        ("- {on: 2026-03-02, consultation: null}", {"specialty": "oncologist"}),
        ("- on: 2026-03-02\n  consultation:", {"specialty": "oncologist"}),
        ("- {on: 2026-03-02, consultation: haematologist}", {"specialty": "haematologist"}),
        ("- {on: 2026-03-02, suspicion: c50.9}", {"icd10": "C50.9"}),
        ("- {on: 2026-03-02, suspicion: {icd10: С50.9}}", {"icd10": "C50.9"}),  # a Cyrillic letter
        ("- {on: 2026-03-02, diagnosis: C509}", {"icd10": "C50.9", "status": "final"}),
        ("- {on: 2026-03-02, attached: clinic}", {"org": "clinic"}),
        ("- {on: 2026-03-02, consilium: [surgery, hormone]}", {"plan": ("surgery", "hormone")}),
        ("- {on: 2026-03-02, consilium: {plan: surgery}}", {"plan": ("surgery",)}),
        ("- {on: 2026-03-02, moved_away: }", {}),
    ],
)
def test_bodies_of_facts(line: str, attributes: dict[str, object]) -> None:
    (fact,) = one(line).timeline.facts
    assert fact.attributes == attributes


@pytest.mark.parametrize(
    ("on", "day", "partial"),
    [
        ("2026-03-02", "2026-03-02", ""),
        ("'2026-03-02'", "2026-03-02", ""),
        ("'2026-03-02T01:30:00+03:00'", "2026-03-02", ""),  # the date as written, no zone conversion
        ("'2026-03-02 23:59:59Z'", "2026-03-02", ""),
        ("2026-03", None, "2026-03"),
        ("2026", None, "2026"),
        ("null", None, ""),
    ],
)
def test_dates(on: str, day: str | None, partial: str) -> None:
    (fact,) = one(f"- {{on: {on}, suspicion: C50.9}}").timeline.facts
    assert (fact.on.isoformat() if fact.on else None, fact.partial) == (day, partial)


def test_a_partial_date_without_known_is_known_when_its_period_ends() -> None:
    (fact,) = one("- {on: 2026-02, suspicion: C50.9}").timeline.facts
    assert fact.known.isoformat() == "2026-02-28"


def test_several_documents_lists_and_sections_in_their_order() -> None:
    text = f"---\nsection: Раздел\ntext: Слова\n---\n{HEAD}---\n- story: a\n- story: b\n  facts: []\n---\n"
    items = read_chapter(text)
    assert [i.title for i in items] == ["Раздел", "s", "a", "b"]
    assert isinstance(items[0], Section)
    assert items[0].text == "Слова"
    assert [s.title for s in read_stories(text)] == ["s", "a", "b"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("a: [1", "не читается как YAML"),
        ("story: s\nstory: t", "не читается как YAML"),
        ("just words", "запись с полем story"),
        ("facts: []", "запись с полем story"),
        (f"{HEAD}fact: []", "нет поля fact"),
        ("story: s\npatient: {sex: f}", "male или female"),
        ("story: s\npatient: {age: 5}", "нет поля age"),
        ("story: s\npatient: adult", "patient"),
        ("story: s\npatient: {born: yesterday}", "patient.born"),
        (f"{HEAD}facts: {{on: 2026-03-02}}", "нужен список"),
        (f"{HEAD}facts: [suspicion]", "строка 1"),
        (f"{HEAD}facts: [{{on: 2026-03-02}}]", "ни одного"),
        (f"{HEAD}facts: [{{on: 2026-03-02, suspicion: C50, biopsy_taken: }}]", "ровно один факт"),
        (f"{HEAD}facts: [{{on: 2026-03-02, operashun: }}]", "нет в словаре"),
        (f"{HEAD}facts: [{{on: 2026-03-02, suspicion: {{icd: C50}}}}]", "нет признака «icd»"),
        (f"{HEAD}facts: [{{on: 2026-03-02, suspicion: {{icd10: cancer}}}}]", "не код МКБ-10"),
        (f"{HEAD}facts: [{{on: 2026-03-02, study_ordered: }}]", "обязательный признак «study»"),
        (f"{HEAD}facts: [{{on: 2026-03-02, operation: {{aim: cosmetic}}}}]", "принимает"),
        (f"{HEAD}facts: [{{on: 2026-02-30, suspicion: C50}}]", "нужна дата"),
        (f"{HEAD}facts: [{{on: 02.03.2026, suspicion: C50}}]", "нужна дата"),
        (f"{HEAD}facts: [{{on: 2026-03-02, known: soon, suspicion: C50}}]", "known"),
        (f"{HEAD}facts: [{{on: 2026-03-02, evidence: rumour, suspicion: C50}}]", "evidence принимает"),
        (f"{HEAD}facts: [{{on: 2026-03-02, replaces: x, suspicion: C50}}]", "replaces: x"),
        (f"{HEAD}facts: [{{known: 2026-03-02, withdraws: x}}]", "withdraws: x"),
        (f"{HEAD}facts: [{{withdraws: x}}]", "known"),
        (f"{HEAD}facts: [{{on: 2026-03-02, id: a, relapse: }}, {{on: 2026-03-03, id: a, relapse: }}]", "один id"),
        (f"{HEAD}expect: [{{state: suspected}}]", "не указан today"),
        (f"{HEAD}expect: [{{today: now}}]", "today"),
        (f"{HEAD}expect: [{{today: 2026-03-02, task: []}}]", "нет поля task"),
        (f"{HEAD}expect: [{{today: 2026-03-02, tasks: [{{rul: DX-01}}]}}]", "нет поля rul"),
        (f"{HEAD}expect: [{{today: 2026-03-02, has: [{{due: 2026-03-02}}]}}]", "не указан rule"),
        (f"{HEAD}expect: [{{today: 2026-03-02, has: [{{rule: DX-01, due: 5}}]}}]", "due"),
    ],
)
def test_a_mistake_is_told_in_words(text: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(UserError, match=said.replace(".", r"\.")):
        read_stories(text)
    file = tmp_path / "bad.yml"
    file.write_text(text, encoding="utf-8")
    done = CliRunner().invoke(app, ["story", "check", str(file), "--json"])
    assert done.exit_code == 2
    assert "bad.yml" in done.stderr
    assert "Traceback" not in done.output + done.stderr


def test_replacing_a_replacement_and_withdrawing_the_middle() -> None:
    story = one(
        "- {on: 2026-03-02, id: a, suspicion: C50.9}\n"
        "- {on: 2026-03-03, id: b, replaces: a, suspicion: C50.9}\n"
        "- {on: 2026-03-04, id: c, replaces: b, suspicion: C50.9}\n"
        "- {known: 2026-03-05, withdraws: c}\n"
        "- {known: 2026-03-06, withdraws: b}"
    )
    in_force = {
        day: [f.id for f in story.timeline.known_on(story.timeline.facts[0].known.replace(day=day))] for day in range(2, 8)
    }
    assert in_force == {2: ["a"], 3: ["b"], 4: ["c"], 5: ["b"], 6: ["a"], 7: ["a"]}


GOOD = """
story: good
patient: {sex: male, born: 1955-01-10}
facts:
  - {on: 2026-02-02, suspicion: {icd10: C34.1}}
expect:
  - {today: 2026-02-06, tasks: [DX-01]}
"""
WRONG = """
story: wrong
facts:
  - {on: 2026-02-02, suspicion: {icd10: C34.1}}
expect:
  - {today: 2026-02-06, pathway: diagnosis, state: referred, tasks: [{rule: DX-01, due: 2026-02-09}], hasnt: [DX-01]}
  - {today: 2026-02-06, pathway: follow_up, tasks: []}
"""


def test_check_prints_differences_and_exits_with_one(tmp_path: Path) -> None:
    good, wrong = tmp_path / "good.yml", tmp_path / "wrong.yaml"
    good.write_text(GOOD, encoding="utf-8")
    wrong.write_text(WRONG, encoding="utf-8")
    done = CliRunner().invoke(app, ["story", "check", str(good), "--json"])
    assert (done.exit_code, json.loads(done.stdout)) == (0, [{"story": "good", "ok": True, "differences": []}])
    done = CliRunner().invoke(app, ["story", "check", str(good), str(wrong), "--json"])
    assert done.exit_code == 1
    results = json.loads(done.stdout)
    task = {"rule": "DX-01", "due": "2026-02-05", "level": "navigator"}
    same = {"today": "2026-02-06", "pathway": "diagnosis"}
    assert [r["ok"] for r in results] == [True, False]
    assert results[1]["differences"] == [
        same | {"field": "state", "expected": "referred", "actual": "suspected"},
        same | {"field": "tasks", "expected": [{"rule": "DX-01", "due": "2026-02-09"}], "actual": [task]},
        same | {"field": "hasnt", "expected": "DX-01", "actual": [task]},
    ]
    assert CliRunner().invoke(app, ["story", "check", str(tmp_path)]).exit_code == 1


def test_run_tells_where_the_patient_stands(tmp_path: Path) -> None:
    file = tmp_path / "good.yml"
    file.write_text(GOOD, encoding="utf-8")
    done = CliRunner().invoke(app, ["story", "run", str(file), "--today", "2026-02-06", "--json"])
    assert done.exit_code == 0
    (row,) = json.loads(done.stdout)["pathways"]
    assert {"pathway", "episode", "state", "clocks", "tasks", "wakes_on"} <= row.keys()
    assert (row["pathway"], row["state"], row["wakes_on"]) == ("diagnosis", "suspected", "2026-02-11")
    assert row["tasks"] == [{"rule": "DX-01", "due": "2026-02-05", "level": "navigator"}]
    assert CliRunner().invoke(app, ["story", "run", str(file), "--today", "06.02.2026"]).exit_code == 2
    assert CliRunner().invoke(app, ["story", "run", str(tmp_path / "none.yml"), "--today", "2026-02-06"]).exit_code == 2


def test_an_unquoted_timestamp_keeps_its_own_date() -> None:
    (fact,) = one("- on: 2026-03-02T01:30:00+03:00\n  suspicion: C50.9").timeline.facts
    assert fact.on is not None
    assert fact.on.isoformat() == "2026-03-02"


def test_levels_may_be_written_in_full() -> None:
    story = one(
        "", "- {today: 2026-03-02, has: [{rule: DX-01, level: clinic_head}, {rule: DX-01, level: regional_coordinator}]}"
    )
    assert [i["level"] for i in story.expect[0]["has"]] == ["head", "coordinator"]


def test_a_file_that_cannot_be_read_keeps_nobody_from_hearing_about_the_others(tmp_path: Path) -> None:
    good = (
        HEAD
        + "facts:\n- {on: 2026-03-02, suspicion: C50.9}\nexpect: [{today: 2026-03-10, pathway: diagnosis, has: [DX-01]}]\n"
    )
    (tmp_path / "a.yml").write_text("story: [", encoding="utf-8")
    (tmp_path / "b.yml").write_text(good, encoding="utf-8")
    for given in ([str(tmp_path)], [str(tmp_path / "a.yml"), str(tmp_path / "b.yml")]):
        ended = CliRunner().invoke(app, ["story", "check", *given, "--json"])
        assert ended.exit_code == 2
        assert [one["ok"] for one in json.loads(ended.stdout)] == [True]
        assert "a.yml" in ended.stderr
