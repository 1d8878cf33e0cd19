"""Who falls ill: by age, and by sex only where the site says so."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from oncor_cases.region.generate import homes
from oncor_cases.region.patients import Wanted
from oncor_cases.region.people import residents
from oncor_cases.region.stories import sites

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def people():
    return list(residents(3, 20_000, TODAY, homes()))


@pytest.mark.parametrize("name", ["thyroid", "colon", "lung"])
def test_a_tumour_of_both_sexes_falls_on_them_as_people_of_its_age_are(people, name):
    site, chance = sites()[name], Random(name)
    wanted = Wanted(people, TODAY)
    taken = [wanted.take(site, chance) for _ in range(2000)]
    old = [p for p in people if site.ages[0] <= p.age_on(TODAY) <= site.ages[1]]
    share = Counter(p.sex for p in taken)["female"] / len(taken)
    among = Counter(p.sex for p in old)["female"] / len(old)
    assert abs(share - among) < 0.08, f"{share:.2f} of the ill are women, {among:.2f} of their age"
    assert sum(p.age_on(TODAY) for p in taken) / len(taken) > sum(p.age_on(TODAY) for p in old) / len(old) + 1


def test_a_tumour_of_one_sex_falls_on_it(people):
    wanted, chance = Wanted(people, TODAY), Random(1)
    assert {wanted.take(sites()["prostate"], chance).sex for _ in range(50)} == {"male"}
    assert {wanted.take(sites()["ovary"], chance).sex for _ in range(50)} == {"female"}
