"""Persons are components over strong identifiers; contradictions keep records apart; the order of arrival is nothing."""

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.facts.identity import Record, resolve


def ids(records):
    groups, conflicts = resolve(records)
    return sorted([r.id for r in group] for group in groups), [c.key for c in conflicts]


def record(id, keys="", born="1960-01-01", sex="female", pinned=None):
    return Record(id, frozenset(keys.split()), born, sex, pinned)


def test_a_chain_of_identifiers_is_one_person():
    assert ids([record(1, "s:1"), record(2, "s:1 e:1"), record(3, "e:1 l:1"), record(4, "s:9")]) == ([[1, 2, 3], [4]], [])


def test_no_identifier_no_join():
    assert ids([record(1), record(2)]) == ([[1], [2]], [])


def test_a_contradicting_birth_date_blocks_the_join_and_names_the_identifier():
    assert ids([record(1, "s:1"), record(2, "s:1", born="1961-01-01")]) == ([[1], [2]], ["s:1"])


def test_a_vague_record_joins_the_only_group_it_fits():
    vague = record(3, "s:1", born="", sex="male")
    assert ids([record(1, "s:1"), record(2, "s:1", sex="male"), vague]) == ([[1], [2, 3]], ["s:1"])


def test_a_vague_record_that_fits_two_stays_alone():
    vague = record(3, "s:1", born="", sex="")
    assert ids([record(1, "s:1"), record(2, "s:1", sex="male"), vague]) == ([[1], [2], [3]], ["s:1"])


def test_a_vague_record_does_not_bridge_a_contradiction():
    bridge = record(3, "s:1 e:1", born="", sex="")
    assert ids([record(1, "s:1"), record(2, "e:1", born="1961-01-01"), bridge])[0] == [[1], [2], [3]]


def test_a_pin_joins_what_contradicts_and_later_records_follow_it():
    records = [record(1, "s:1", pinned=7), record(2, "s:1", born="1961-01-01", pinned=7), record(3, "s:1")]
    assert ids(records) == ([[1, 2, 3]], [])


def test_two_pins_are_two_persons():
    assert ids([record(1, "s:1", pinned=7), record(2, "s:1", pinned=8)]) == ([[1], [2]], ["s:1"])


RECORDS = st.lists(
    st.tuples(
        st.sets(st.sampled_from(["s:1", "s:2", "e:1", "e:2", "l:1"]), max_size=3),
        st.sampled_from(["", "1960-01-01", "1961-01-01"]),
        st.sampled_from(["", "male", "female"]),
        st.sampled_from([None, None, None, 7, 8]),
    ),
    max_size=9,
)


@given(RECORDS, st.randoms())
def test_any_order_gives_the_same_persons(rows, random):
    records = [Record(i, frozenset(k), b, s, p) for i, (k, b, s, p) in enumerate(rows)]
    shuffled = records[:]
    random.shuffle(shuffled)
    assert ids(records) == ids(shuffled)
    # and the names of the records say nothing of their order either
    renamed = {r.id: 100 - r.id for r in records}
    groups, keys = ids([Record(renamed[r.id], r.keys, r.born, r.sex, r.pinned) for r in shuffled])
    assert (sorted(sorted(100 - i for i in g) for g in groups), keys) == ids(records)


@given(RECORDS)
def test_every_record_is_in_one_group_and_no_unpinned_group_contradicts_itself(rows):
    records = [Record(i, frozenset(k), b, s, p) for i, (k, b, s, p) in enumerate(rows)]
    groups, _ = resolve(records)
    assert sorted(r.id for g in groups for r in g) == [r.id for r in records]
    for group in groups:
        if all(r.pinned is None for r in group):
            assert len({r.born for r in group} - {""}) < 2
            assert len({r.sex for r in group} - {""}) < 2


def named(id, keys, given, born="", pinned=None, sex="female"):
    return Record(id, frozenset(keys.split()), born, sex, pinned, given)


MOTHER = named(1, "snils:1 enp:1", "Ольга", "1995-04-12")


def test_a_policy_alone_with_another_given_name_is_a_question():
    """A newborn is written with its mother's policy; without a birth date nothing else tells them apart."""
    child, again, twin = named(2, "enp:1", "Девочка"), named(3, "enp:1", "ДЕВОЧКА"), named(4, "enp:1", "Анна")
    assert ids([MOTHER, child, again, twin]) == ([[1], [2, 3], [4]], ["enp:1"])
    assert ids([MOTHER, named(2, "enp:1", "ольга")]) == ([[1, 2]], [])
    assert ids([MOTHER, named(2, "enp:1", "О.")]) == ([[1, 2]], [])
    assert ids([MOTHER, named(2, "enp:1", "")]) == ([[1, 2]], [])
    assert ids([MOTHER, named(2, "snils:1 enp:1", "Девочка")]) == ([[1, 2]], [])  # a SNILS is nobody else's
    assert ids([named(1, "enp:1", "Ольга"), named(2, "enp:1", "Девочка")]) == ([[1, 2]], [])  # nobody to contradict


def test_a_person_says_whose_policy_it_is():
    assert ids([MOTHER, named(2, "enp:1", "Лёля", pinned=7)]) == ([[1, 2]], [])
