"""What a term rests on: an act, a clinical threshold, an exchange format, our own default. Only an act makes a norm."""

from datetime import date

import pytest

from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.rulebook import rulebook
from oncor_cases.sources.seeds import default_calendar, default_rulebook
from oncor_cases.sources.stories import read_stories
from oncor_cases.store.board import RuleRow
from oncor_cases.tasks.because import kept, told
from oncor_cases.tasks.wishes import wishes
from oncor_cases.web import board_page, rule_words
from oncor_cases.web.then import Then
from oncor_cases.workflows.catalogue import follow

MONDAY = date(2026, 7, 6)
LINE = """
story: линия брошена
facts:
  - {on: 2026-06-01, suspicion: {icd10: C34.1}}
  - {on: 2026-04-13, chemo_prescribed: {regimen: AC, cycles: 4, cycle_days: 21, icd10: C50.4}}
  - {on: 2026-04-13, chemo_cycle: {icd10: C50.4}}
"""


def test_a_verified_edition_without_an_act_says_so() -> None:
    book = default_rulebook()
    named = {rule: {e.basis for e in rows} for rule, rows in book.editions.items()}
    assert named["CH-02"] == {"clinical"}
    assert named["CH-05"] == {"format"}
    assert all(e.basis == "product" for rows in book.editions.values() for e in rows if e.norm == "product")
    foreign = [e.id for rows in book.editions.values() for e in rows if e.basis == "act" and "JNCCN" in e.act + e.source]
    assert foreign == []
    assert all(not e.term.roll for rule in ("CH-02", "CH-05") for e in book.editions[rule])  # DESIGN: CH-* do not move


def test_a_task_explains_what_its_term_rests_on() -> None:
    (story,) = read_stories(LINE)
    rules, calendar = default_rulebook(), default_calendar()
    views, person = follow(story.timeline, MONDAY, rules, calendar)
    said = {
        w.key.rule: told(kept(w, v, {f.id: f for f in story.timeline.facts}, rules, calendar))
        for v in views
        for w in wishes(v, person, MONDAY, rules, calendar)
    }
    assert said["CH-02"]["basis"] == "clinical"
    assert "Порог из клинической практики, а не норма закона" in said["CH-02"]["text"]
    assert said["CH-05"]["basis"] == "format"
    assert "Признак из формата обмена данными, а не норма закона" in said["CH-05"]["text"]
    assert said["DX-01"]["basis"] == "act"
    assert "не норма закона" not in said["DX-01"]["text"]


@pytest.mark.parametrize(
    ("rule", "norm", "tag", "tone"),
    [
        ("DX-01", "verified", "норма", "late"),
        ("CH-02", "verified", "клинический порог", ""),
        ("CH-05", "verified", "формат обмена", ""),
        ("DX-08", "recalled", "не сверено", ""),
        ("LOST-1", "product", "правило системы", ""),
        ("WHO", "product", "правило системы", ""),
    ],
)
def test_the_board_calls_only_a_term_of_an_act_a_norm(rule: str, norm: str, tag: str, tone: str) -> None:
    row = RuleRow(rule=rule, norm=norm, tasks=1, persons=1, untaken=0, raised=0, silent=0, oldest=date(2026, 7, 1))
    line = board_page._rule(row, "", Then(MONDAY), default_calendar(), default_rulebook())
    assert (line.tag.text, line.tag.tone) == (tag, tone)


def test_one_clock_says_it_in_full() -> None:
    assert "норма сверена" in rule_words.meaning("verified", "act")
    assert "не норма закона" in rule_words.meaning("verified", "clinical")
    assert "только напоминание" in rule_words.meaning("recalled", "clinical")


def test_a_basis_nobody_knows_is_no_record() -> None:
    row = {"limit": 3, "unit": "months", "norm": "verified", "act": "Приказ", "basis": "закон"}
    with pytest.raises(BadRuleRecord, match="basis=закон"):
        rulebook([{"rule": "X-01", "pathway": "any", "title": "т", "starts": "н", "stops": "к", "editions": [row]}])
