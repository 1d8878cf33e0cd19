"""An episode keeps its id while code, side and facts change."""

from hypothesis import given
from hypothesis import strategies as st

from oncor_cases.tasks.same_episode import Computed, Stored, match


def now(key, *facts):
    return Computed(key, frozenset(facts))


def then(id, key, *facts):
    return Stored(id, key, frozenset(facts))


def test_a_suspicion_that_found_its_site_is_the_same_episode():
    assert match([now("C34/-/1", "s", "d")], [then(7, "R91/-/1", "s")]) == {"C34/-/1": 7}


def test_a_corrected_document_with_new_facts_is_found_by_site_side_and_round():
    assert match([now("C50/left/1", "v2")], [then(7, "C50/left/1", "v1")]) == {"C50/left/1": 7}


def test_a_side_learnt_later_is_the_same_episode_but_the_other_side_is_not():
    assert match([now("C50/left/1", "b")], [then(7, "C50/-/1", "a")]) == {"C50/left/1": 7}
    assert match([now("C50/left/1", "b")], [then(7, "C50/right/1", "a")]) == {}


def test_the_next_round_is_a_new_episode():
    computed = [now("C50/-/1", "a", "b"), now("C50/-/2", "c")]
    assert match(computed, [then(7, "C50/-/1", "a", "b")]) == {"C50/-/1": 7}


def test_most_shared_facts_win_over_an_equal_key():
    computed = [now("C50/-/1", "z"), now("C50/-/2", "a", "b")]
    assert match(computed, [then(7, "C50/-/1", "a", "b", "z")]) == {"C50/-/2": 7}


def test_another_tumour_is_another_episode():
    assert match([now("C18/-/1", "q")], [then(7, "C50/-/1", "a")]) == {}


sites, sides = st.sampled_from(["C50", "C18", "?"]), st.sampled_from(["-", "left", "right"])
key = st.builds("{}/{}/{}".format, sites, sides, st.sampled_from("12"))
facts = st.frozensets(st.sampled_from("abcdef"), max_size=4)


@given(
    st.lists(st.builds(Computed, key, facts), max_size=5, unique_by=lambda c: c.key),
    st.lists(st.builds(Stored, st.integers(1, 9), key, facts), max_size=5, unique_by=lambda s: s.id),
    st.randoms(),
)
def test_the_match_is_one_to_one_and_knows_no_order(computed, stored, random):
    found = match(computed, stored)
    assert len(set(found.values())) == len(found)
    assert set(found.values()) <= {s.id for s in stored}
    random.shuffle(computed)
    random.shuffle(stored)
    assert match(computed, stored) == found
    again = [Stored(found[c.key], c.key, c.anchors) for c in computed if c.key in found]
    kept = match([c for c in computed if c.key in found and c.anchors], again)
    assert all(kept[k] == found[k] for k in kept)


def test_the_observation_of_a_tumour_never_takes_the_round_of_its_diagnosis():
    computed = [now("C34/-/0", "s", "d"), now("C34/-/1", "s", "d")]
    assert match(computed, [then(7, "?/-/1", "s")]) == {"C34/-/1": 7}
    stored = [then(7, "?/-/1", "s", "d"), then(8, "C34/-/0", "s", "d")]
    assert match(computed, stored) == {"C34/-/1": 7, "C34/-/0": 8}


def test_a_condition_and_a_programme_are_found_by_name_only():
    stored = [then(7, "PC-01/-/1", "k", "s")]
    assert match([now("C02/-/1", "s")], stored) == {}
    assert match([now("C02/-/1", "s"), now("PC-01/-/1", "k", "s")], stored) == {"PC-01/-/1": 7}
    assert match([now("RU-CRC-1/-/1", "t")], [then(9, "RU-BREAST/-/1", "t")]) == {}
