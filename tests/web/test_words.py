"""Words: numbers with their forms, dates, and a phrase for everything the rules may say."""

import ast
import re
from datetime import date
from pathlib import Path

import pytest

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.sources.seeds import default_rulebook
from oncor_cases.web import attribute_words, words
from oncor_cases.web.clock_page import reason
from oncor_cases.web.diagram import draw
from oncor_cases.web.duties import DUTIES
from oncor_cases.web.fact_words import TITLES, describe
from oncor_cases.web.findings import FINDINGS
from oncor_cases.workflows.diagnosis import MACHINE

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize(
    ("n", "form"),
    [(0, "дней"), (1, "день"), (2, "дня"), (5, "дней"), (11, "дней"), (12, "дней"), (21, "день"),
     (22, "дня"), (112, "дней")]
)  # fmt: skip
def test_plural(n: int, form: str) -> None:
    assert words.plural(n, "день", "дня", "дней") == form


def test_dates_and_terms() -> None:
    today = date(2026, 3, 10)
    assert words.day(date(2026, 3, 5), today) == "5\u00a0марта"
    assert words.day(date(2025, 12, 31), today) == "31\u00a0декабря\u00a02025"
    assert words.past_or_left(3) == "просрочено на 3\u00a0раб.\u00a0дня"
    assert words.past_or_left(0) == "сегодня последний день"
    assert words.past_or_left(-1) == "осталось 1\u00a0раб.\u00a0день"
    assert words.partial_day("2026-03", today) == "март 2026"
    assert words.partial_day("", today) == "без даты"
    assert words.number(30000) == "30\u00a0000"
    assert words.age(date(1961, 4, 12), today) == "64\u00a0года"


def test_numbers_of_people() -> None:
    assert words.snils("11223344595") == "112-233-445 95"
    assert words.snils_masked("11223344595") == "•••-•••-445 95"
    assert words.phone("89123456789") == "+7\u00a0912\u00a0345-67-89"
    assert words.phone_link("8 (912) 345-67-89") == "+79123456789"
    assert words.phone_link("спросить у дочери") == ""


def test_abbreviations_stay_in_the_middle_of_a_sentence_and_at_its_beginning() -> None:
    assert words.lower_first("Подозрение на ЗНО") == "подозрение на ЗНО"
    assert words.lower_first("ЦАОП не ответил") == "ЦАОП не ответил"
    assert words.upper_first("по полису ОМС") == "По полису ОМС"
    assert words.lower_first("") == words.upper_first("") == ""


def test_every_fact_of_the_vocabulary_has_a_title() -> None:
    assert set(TITLES) == set(KINDS)
    for kind in KINDS.values():
        filled = {name: (a.values[0] if a.values else "1") for name, a in kind.attributes.items()}
        title, detail = describe(kind.name, filled)
        assert "_" not in title + detail, kind.name


def test_every_attribute_a_condition_may_name_has_words() -> None:
    for kind in KINDS:
        for name in attribute_words.offered(kind):
            assert name in attribute_words.TITLES, (kind, name)
            for value, text in attribute_words.values(kind, name).items():
                assert text, (kind, name, value)
                assert not re.fullmatch("[a-z_]+", text), (kind, name, value)
    assert attribute_words.attribute_words("diagnosis", "stage", "IV") == "стадия IV"
    assert attribute_words.attribute_words("diagnosis", "grade", "2") == "grade=2"


def test_tnm_is_written_once_however_the_source_wrote_it() -> None:
    for given in ({"t": "T1", "n": "N0", "m": "M0"}, {"t": "1", "n": "0", "m": "0"}):
        assert describe("diagnosis", given)[1].startswith("T1N0M0")


def test_every_duty_of_the_rule_book_says_what_to_do() -> None:
    assert set(default_rulebook().duties) <= set(DUTIES)


def codes(folder: str, call: str, position: int) -> set[str]:
    """String constants given to a call anywhere in a room of the house."""
    found = set()
    for path in (ROOT / "oncor_cases" / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == call:
                given = node.args[position] if len(node.args) > position else None
                if isinstance(given, ast.Constant) and isinstance(given.value, str):
                    found.add(given.value)
    return found


def test_every_finding_of_the_rules_has_words() -> None:
    told = codes("workflows", "Finding", 0)
    assert told
    assert told <= set(FINDINGS)


def test_every_end_of_a_clock_has_words() -> None:
    for code in codes("workflows", "Ended", 4) | {"met", "late", "passed", "no_longer_owed", "not_due_yet"}:
        assert "_" not in reason(code), code


def test_the_diagram_is_drawn_from_the_table_of_transitions() -> None:
    today = date(2026, 3, 10)
    drawn = draw(MACHINE, "investigating", {"suspected": date(2026, 3, 1), "investigating": date(2026, 3, 5)}, today)
    assert [" ".join(line.text for line in n.lines) for n in drawn.nodes] == list(MACHINE.states.values())
    tones = {" ".join(line.text for line in n.lines): n.tone for n in drawn.nodes}
    assert tones["Подозрение"] == "seen"
    assert tones["Обследуется"] == "now"
    assert tones["Диагноз подтверждён"] == "ahead"
    assert drawn.words == "Сейчас: Обследуется. Пройдено: Подозрение 1\u00a0марта."
    inside = [n for n in drawn.nodes if n.x >= 0 and n.x + n.w <= drawn.width and n.y + n.h <= drawn.height]
    assert len(inside) == len(drawn.nodes)
