"""Who is at home in which group of records after a join."""

from oncor_cases.facts.coming_back import Join, at_home, homes, leading, separated, side


def join(id, person, into, records, others, survivor=1, pins=()):
    return Join(id, person, into, survivor, frozenset(records), frozenset(others), dict(pins))


# 2 became 1, then 3 became 1
BOTH = [join(1, 2, 1, {20}, {10}, pins={10: None, 20: None}), join(2, 3, 1, {30}, {10, 20}, pins={10: 1, 20: 1, 30: 3})]
# 3 became 2, then 2 became 1
CHAIN = [join(1, 3, 2, {30}, {20}, pins={20: None, 30: None}), join(2, 2, 1, {20, 30}, {10}, pins={10: None, 20: 2, 30: 2})]


def test_the_home_of_a_record_is_whom_it_was_before_its_first_join():
    assert homes(BOTH) == {10: 1, 20: 2, 30: 3}
    assert homes(CHAIN) == homes(CHAIN[::-1]) == {10: 1, 20: 2, 30: 3}


def test_whoever_is_wholly_in_a_group_is_there_and_a_late_record_is_nobodys():
    assert at_home([{10, 30}, {20, 99}], [None, None], BOTH) == [{1: None, 3: BOTH[1]}, {2: BOTH[0]}]


def test_half_of_a_person_does_not_come_back():
    halves = [join(1, 2, 1, {20, 21}, {10})]
    assert at_home([{10, 21}, {20}], [None, None], halves) == [{1: None}, {}]


def test_a_word_says_who_is_where_whatever_the_records_say():
    assert at_home([{10}, {20}], [None, 1], BOTH[:1]) == [{}, {1: None, 2: BOTH[0]}]


def test_who_became_another_one_of_the_same_group_does_not_lead():
    assert leading(at_home([{10}, {20, 30}], [None, None], CHAIN)[1]) == [2]
    assert leading(at_home([{10}, {20, 30}], [None, None], BOTH)[1]) == [2, 3]


def test_the_word_taken_back_is_the_one_whose_sides_part():
    assert separated(CHAIN, [20, 30], [10]) == {10: None, 20: 2, 30: 2}
    assert separated(CHAIN, [10], [20, 30]) == {10: None, 20: 2, 30: 2}
    assert separated(CHAIN, [30], [10, 20]) == {30: None}  # 20 is held by the later word
    assert separated([join(1, 2, 1, {20}, {10})], [20], [10]) is None  # identifiers joined them, nobody's word


def test_a_side_is_all_that_came_with_a_record():
    assert side(CHAIN, [30]) == {20, 30}
    assert side(CHAIN, [10]) == {10}
    assert side(CHAIN, [99]) == frozenset()
