"""Invented people: believable, always the same for a seed, with numbers that pass the check of the kernel."""

import csv
from datetime import date
from importlib.resources import files

import pytest

from oncor_cases.kernel import codes
from oncor_cases.region.clinics import clinics, place, with_role
from oncor_cases.region.generate import homes
from oncor_cases.region.people import enp_of, residents, snils_of

TODAY = date(2026, 6, 15)


@pytest.fixture(scope="module")
def people():
    return list(residents(3, 4000, TODAY, homes()))


def test_check_digits_hold_and_numbers_are_unique(people):
    assert all(codes.snils(p.snils) and codes.enp(p.enp) for p in people)
    assert len({p.snils for p in people}) == len({p.enp for p in people}) == len(people)


def test_a_wrong_check_digit_is_refused():
    good, policy = snils_of(158_668_496), enp_of(12_345)
    assert codes.snils(good[:-1] + str((int(good[-1]) + 1) % 10)) is None
    assert codes.enp(policy[:-1] + str((int(policy[-1]) + 1) % 10)) is None


def test_names_agree_with_sex(people):
    rows = {r["name"]: r["sex"] for r in csv.DictReader(
        files("seeds").joinpath("dictionaries/given_names.csv").read_text(encoding="utf-8").splitlines())}  # fmt: skip
    for p in people:
        assert rows[p.given] == p.sex
        assert p.patronymic.endswith(("на",) if p.sex == "female" else ("ич",)), p.patronymic
        if p.family.endswith(("ов", "ев", "ин", "ский")):
            assert p.sex == "male"
        if p.family.endswith(("ова", "ева", "ина", "ская")):
            assert p.sex == "female"


def test_ages_look_like_a_population(people):
    ages = [p.age_on(TODAY) for p in people]
    assert min(ages) >= 0
    assert max(ages) < 100
    assert 0.15 < sum(a < 18 for a in ages) / len(ages) < 0.28
    assert 0.13 < sum(a >= 65 for a in ages) / len(ages) < 0.26
    old = [p.sex for p in people if p.age_on(TODAY) >= 75]
    assert old.count("female") > 1.7 * old.count("male")


def test_no_phone_can_ring(people):
    assert {p.phone[:5] for p in people if p.phone} == {"+7000"}


def test_the_same_seed_gives_the_same_people(people):
    assert list(residents(3, 50, TODAY, homes())) == people[:50]
    assert next(iter(residents(4, 1, TODAY, homes()))) != people[0]


def test_clinics_cover_every_role_and_district():
    assert all(codes.is_oid(c.oid) for c in clinics())
    assert len({c.oid for c in clinics()}) == len(clinics()) >= 10
    for role in ("polyclinic", "oncology_office", "caop", "dispensary", "hospital", "emergency", "laboratory",
                 "diagnostics", "children", "federal"):  # fmt: skip
        assert with_role(role), role
    for polyclinic in with_role("polyclinic"):
        assert "oncology_office" in place("office", polyclinic).roles
    assert all(codes.snils(d.snils) for c in clinics() for staff in c.staff.values() for d in staff)
