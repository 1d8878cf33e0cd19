"""The rule of rows over lists is a pure function, and any order of loads and withdrawals ends in the same facts."""

from hypothesis import given, settings
from hypothesis import strategies as st

from oncor_cases.facts.listed import plan, standing

SAID = st.sampled_from([None, b"a", b"b"])


def settled(written, states):
    """What the documents are after one plan was carried out."""
    todo = plan(states, written)
    left = {slot: said for slot, said in written.items() if slot not in todo.withdraw}
    assert not left.keys() & todo.write.keys()
    return left | todo.write


@given(st.dictionaries(st.integers(1, 6), SAID), st.permutations(range(1, 7)), st.sets(st.integers(1, 6)))
def test_any_order_of_lists_and_withdrawals_ends_the_same(final, order, withdrawn_later):
    """Lists come in any order, some are withdrawn again in the end."""
    states, written = {}, {}
    for slot in order:
        if slot in final or slot in withdrawn_later:
            states[slot] = final.get(slot, b"w")
            written = settled(written, states)
            assert _in_force(written) == standing(states)
    for slot in sorted(withdrawn_later - final.keys()):
        del states[slot]
        written = settled(written, states)
    assert states == final
    assert _in_force(written) == standing(final)
    # as it was on the day of any list
    for day in range(1, 7):
        before = {slot: said for slot, said in final.items() if slot <= day}
        assert _in_force({slot: said for slot, said in written.items() if slot <= day}) == standing(before)


def _in_force(written):
    return written[max(written)] if written else None


@given(st.dictionaries(st.integers(1, 6), SAID))
@settings(max_examples=50)
def test_again_nothing_is_written(states):
    written = settled({}, states)
    assert plan(states, written) == ({}, [])


def test_a_list_that_repeats_its_neighbours_writes_nothing():
    assert plan({1: b"a", 2: b"a", 3: b"a"}, {}).write == {1: b"a"}
    assert plan({1: b"a", 2: b"b", 3: b"a"}, {1: b"a"}).write == {2: b"b", 3: b"a"}
    assert plan({1: b"a", 2: None}, {1: b"a"}).write == {2: None}
    assert plan({1: None, 2: None}, {}).write == {}
    assert plan({1: b"b"}, {1: b"a"}) == ({1: b"b"}, [1])
