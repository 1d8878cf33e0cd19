"""Changes laid over the shipped rule records: what replaces, what overlays, what goes first."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.kernel.errors import BadRuleRecord
from oncor_cases.regulations.amend import amended, touched
from oncor_cases.regulations.compare import differences
from oncor_cases.regulations.rulebook import Rulebook, rulebook
from oncor_cases.sources.seeds import base_records, base_version, change_records, default_rulebook

WHOLE = {"limit": 9, "unit": "working_days", "norm": "verified", "act": "Приказ"}


def book(*changes: list[dict]) -> Rulebook:
    return rulebook(amended(base_records(), list(enumerate(changes, 1))))


def test_a_new_edition_goes_first_from_its_day_on_and_only_then() -> None:
    found = book([{"rule": "DX-01", "editions": [{"from": "2026-07-01", **WHOLE}]}])
    assert found.term("DX-01", date(2026, 6, 30)).limit == 3
    assert found.term("DX-01", date(2026, 7, 1)).limit == 9
    assert found.edition("DX-01", date(2026, 7, 1)).id == "DX-01@2026-07-01~1"


def test_of_two_new_editions_the_later_change_goes_first() -> None:
    longer = [{"rule": "DX-01", "editions": [{"from": "2026-06-01", **WHOLE, "limit": 30}]}]
    found = book([{"rule": "DX-01", "editions": [{"from": "2026-07-01", **WHOLE}]}], longer)
    assert found.term("DX-01", date(2026, 8, 1)).limit == 30


def test_a_partial_row_keeps_what_it_does_not_name() -> None:
    found = book([{"rule": "DX-01", "editions": [{"from": "2026-01-01", "limit": 5}]}])
    edition = found.edition("DX-01", date(2026, 3, 2)).edition
    assert (edition.term.limit, edition.term.unit, edition.ages, edition.norm) == (5, "working_days", (18, 200), "verified")
    assert len(found.editions["DX-01"]) == len(default_rulebook().editions["DX-01"])


def test_a_confirmed_longer_term_does_not_beat_a_stricter_verified_one() -> None:
    change = [{"rule": "DX-03", "editions": [{"from": "2025-01-01", "limit": 30, "norm": "verified"}]}]
    assert book(change).term("DX-03", date(2025, 5, 5)).limit == 7


def test_a_threshold_of_research_stays_one_when_its_term_changes() -> None:
    row = {"limit": 10, "unit": "calendar_days", "norm": "verified", "act": "Клинический интервал (JNCCN 2015;13:1383)"}
    same = book([{"rule": "CH-02", "editions": [row]}]).editions["CH-02"][0]
    assert (same.term.limit, same.basis, same.term.roll) == (10, "clinical", False)
    act = book([{"rule": "CH-02", "editions": [{**row, "act": "Приказ региона"}]}]).editions["CH-02"][0]
    assert (act.basis, act.term.roll) == ("act", True)
    own = book([{"rule": "CH-02", "editions": [{"norm": "product"}]}]).editions["CH-02"][0]
    assert own.basis == "product"


@pytest.mark.parametrize("basis", ["product", "", "закон", None, 3])
def test_a_basis_nobody_knows_is_refused(basis: object) -> None:
    with pytest.raises(BadRuleRecord, match="DX-01, basis"):
        book([{"rule": "DX-01", "editions": [{"from": "2026-01-01", "basis": basis}]}])


def test_codes_and_ages_of_an_edition_may_change() -> None:
    found = book([{"rule": "DX-11", "editions": [{"from": "2022-01-01", "icd": "C50"}]}])
    assert [e.icd.text for e in found.editions["DX-11"]] == ["C50"]


def test_fields_of_the_duty_are_replaced_whole() -> None:
    duty = book([{"rule": "DX-01", "escalation": {"navigator": 0, "head": 1}, "lost_after": None}]).duties["DX-01"]
    assert [(s.level, s.after) for s in duty.escalation] == [("navigator", 0), ("head", 1)]
    assert duty.lost_after is None
    assert duty.title == default_rulebook().duties["DX-01"].title


def test_a_whole_shipped_file_changes_nothing() -> None:
    same = json.loads(json.dumps(base_records(), default=str))
    assert differences(base_records(), amended(base_records(), [(1, same)])) == []


def test_what_is_touched() -> None:
    change = [{"rule": "CH-02"}, {"switch": "follow_up_anchor", "value": "treatment"}]
    assert touched(base_records(), change).pathways == {"chemotherapy", "follow_up"}
    assert touched(base_records(), [{"rule": "LOST-1"}]).pathways == {"any"}


def test_the_shipped_book_is_left_as_it_was() -> None:
    version = base_version()
    before = json.dumps(base_records(), default=str)
    book([{"rule": "DX-01", "lost_after": 1, "editions": [{"from": "2026-01-01", "limit": 5}]}])
    assert json.dumps(base_records(), default=str) == before
    assert base_version() == version


def test_differences_are_told_by_field() -> None:
    change = [{"rule": "DX-01", "lost_after": 5, "editions": [{"from": "2026-01-01", "limit": 5}]}]
    told = differences(base_records(), amended(base_records(), [(1, change)]))
    assert [(d.field, d.before, d.after, d.new) for d in told] == [
        ("lost_after", 10, 5, None),
        ("term", (3, "working_days"), (5, "working_days"), None),
    ]


@pytest.mark.parametrize("text", ["", "- 5", "[", "rule: !!python/object:os.system x"])
def test_a_text_that_is_no_change(text: str) -> None:
    with pytest.raises(BadRuleRecord):
        change_records(text)


plain = st.sampled_from([None, True, -1, 0, 7, 10**9, "", "x", "2026-01-01", "2026-99-99", "verified", "months", "named"])
junk = plain | st.lists(plain, max_size=3) | st.dictionaries(st.sampled_from(["navigator", "head", "z"]), plain, max_size=2)
names = st.sampled_from(["limit", "unit", "norm", "basis", "act", "from", "to", "ages", "icd", "clause", "variant", "x"])
fields = st.sampled_from(["lost_after", "escalation", "owner", "calls", "active", "title", "danger", "y", "watch"])


@given(st.dictionaries(fields, junk, max_size=3), st.lists(st.dictionaries(names, junk, max_size=5), max_size=2))
def test_whatever_is_sent_is_a_book_or_words(duty: dict, editions: list[dict]) -> None:
    change = [{"rule": "DX-01", **duty, "editions": editions}]
    try:
        found = book(change)
    except BadRuleRecord:
        return  # in words; anything else that is raised fails the test
    assert found.term("DX-01", date(2026, 3, 2)).limit >= 0
