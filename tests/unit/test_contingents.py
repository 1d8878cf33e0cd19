"""The algebra of contingents: bitmaps and the plain reference say the same, and the laws hold."""

import json
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from oncor_cases.contingents import query
from oncor_cases.contingents.algebra import at_least, combined, evaluated, reference
from oncor_cases.contingents.expression import OPERATIONS, Group, Named, holds, names, parsed, plain, renamed, within
from oncor_cases.contingents.overlap import cells
from oncor_cases.contingents.query import FactWanted, Query
from oncor_cases.kernel.errors import UserError

NAMES = ("a", "b", "c", "d", "e")
people = st.frozensets(st.integers(1, 60) | st.integers(65_530, 65_550) | st.integers(2**31 - 5, 2**31 - 1), max_size=30)
worlds = st.fixed_dictionaries(dict.fromkeys(NAMES, people))


def group(parts):
    return st.builds(
        lambda op, of, k: Group(op, tuple(of), min(k, len(of)) if op == "least" else 0),
        st.sampled_from(OPERATIONS), st.lists(parts, min_size=1, max_size=4), st.integers(1, 4),
    )  # fmt: skip


expressions = st.recursive(st.sampled_from(NAMES).map(Named), group, max_leaves=10)


@given(expressions, worlds)
def test_bitmaps_and_the_plain_reference_agree(expression, world):
    sets = {name: BitMap(members) for name, members in world.items()}
    assert set(evaluated(expression, sets)) == reference(expression, world)
    assert {name: frozenset(bits) for name, bits in sets.items()} == world, "what came in is never changed"


@given(expressions)
def test_an_expression_survives_json(expression):
    told = json.loads(json.dumps(plain(expression)))
    assert parsed(told) == expression
    assert set(names(expression)) <= set(NAMES)
    swapped = renamed(expression, {"a": "z"})
    assert [n.replace("z", "a") for n in names(swapped)] == names(expression)


@given(expressions, worlds, st.sampled_from(NAMES))
def test_what_is_within_a_set_is_in_it_whatever_the_sets_hold(expression, world, name):
    if within(expression, name):
        assert reference(expression, world) <= world[name]


def test_everybody_of_a_list_cut_by_the_living_is_known_to_live():
    alive = Group("all", (Named("a"), Named("b")))
    assert within(Group("minus", (alive, Named("c"))), "b")
    assert within(Group("any", (alive, Named("b"))), "b")
    assert not within(Group("minus", (alive, Named("c"))), "c")
    assert not within(Group("odd", (alive, alive)), "b")


@given(people, people, people)
def test_laws(a, b, c):
    x, y, z = BitMap(a), BitMap(b), BitMap(c)
    assert combined("any", [x, y]) == combined("any", [y, x])
    assert combined("all", [x, combined("any", [y, z])]) == combined(
        "any", [combined("all", [x, y]), combined("all", [x, z])]
    )
    assert combined("minus", [x, y, z]) == combined("minus", [combined("minus", [x, y]), z])
    assert combined("odd", [x, y]) == combined("minus", [combined("any", [x, y]), combined("all", [x, y])])
    assert at_least(1, [x, y, z]) == combined("any", [x, y, z])
    assert at_least(3, [x, y, z]) == combined("all", [x, y, z])
    assert at_least(2, [x, x, y]) == x  # the same list twice counts twice
    assert combined("minus", [x]) == x


@given(st.lists(people, min_size=1, max_size=4))
def test_the_cells_are_the_whole_picture(sets):
    found = cells([BitMap(s) for s in sets])
    assert len(found) == 2 ** len(sets) - 1
    everybody = frozenset().union(*sets)
    assert sum(c.count for c in found) == len(everybody)
    for cell in found:
        assert cell.count == sum(tuple(p in s for s in sets) == cell.among for p in everybody)


def test_there_are_one_to_four_sets_in_a_picture():
    for n in (0, 5):
        with pytest.raises(ValueError, match="four"):
            cells([BitMap()] * n)


@pytest.mark.parametrize(
    ("told", "word"),
    [
        ("", "не читается"), ({"op": "xor", "of": ["a"]}, "не читается"), ({"op": "any", "of": []}, "от одной"),
        ({"op": "least", "of": ["a"], "k": 2}, "не меньше"), ({"op": "least", "of": ["a"], "k": True}, "не меньше"),
        (["a"], "не читается"), ({"op": "any", "of": ["a"] * 13}, "от одной"),
        ({"op": "any", "of": [{"op": "any", "of": ["a"] * 12}] * 6}, "больше 60"),
    ],
)  # fmt: skip
def test_a_bad_expression_is_refused_in_words(told, word):
    with pytest.raises(UserError) as said:
        parsed(told)
    assert word in said.value.message.lower()


def test_groups_may_not_be_nested_without_end():
    told = "a"
    for _ in range(7):
        told = {"op": "any", "of": [told]}
    with pytest.raises(UserError, match="глубже"):
        parsed(told)


def test_an_unknown_operation_has_no_meaning():
    with pytest.raises(UserError):
        holds("nand", (True,))


def test_a_query_survives_json_and_says_nothing_of_what_is_not_asked():
    asked = Query(
        alive=True, age_from=40, attached=("1.2.3",), icd10="C50, D05", overdue="DX-01",
        lacks=(FactWanted("visit", (("register", "oncology"),), since=date(2025, 1, 1)),),
    )  # fmt: skip
    told = query.plain(asked)
    assert query.parsed(json.loads(json.dumps(told))) == asked
    assert set(told) == {"alive", "age_from", "attached", "icd10", "overdue", "lacks"}
    assert query.plain(Query()) == {}


@pytest.mark.parametrize(
    "told",
    [
        {"sql": "drop table person"}, {"sex": "x"}, {"age_from": "старый"}, {"age_from": 80, "age_to": 40},
        {"icd10": "рак"}, {"icd10": "C99-C10"}, {"has": [{"kind": "nothing"}]}, {"has": ["visit"]}, {"alive": "maybe"},
        {"has": [{"kind": "visit", "attributes": {"colour": "red"}}]}, {"attached": "1.2.3"}, {"registered": "club"},
        {"has": [{"kind": "visit", "attributes": {"register": "club"}}]},
        {"has": [{"kind": "visit", "since": "вчера"}]},
        {"has": [{"kind": "visit", "since": "2026-02-01", "until": "2026-01-01"}]},
    ],
)  # fmt: skip
def test_a_query_that_says_what_it_cannot_mean_is_refused(told):
    with pytest.raises(UserError):
        query.parsed(told)
