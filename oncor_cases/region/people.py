"""Invented residents: names of matching gender, ages of a real population, numbers whose check digits hold.

Frequencies of names are our own rough guess (seeds/dictionaries). Phone numbers use the code 000, which nobody has."""

import csv
from bisect import bisect
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from importlib.resources import files
from itertools import accumulate
from random import Random

from stdnum import luhn

# share of each five-year group of ages, from 0-4 up; the bulge of those born in the 1980s and the loss after 75
AGES = (4.9, 6.1, 6.2, 5.3, 4.7, 5.0, 7.0, 8.5, 7.7, 7.2, 6.4, 6.3, 7.2, 6.5, 4.8, 2.6, 2.2, 1.0, 0.4)
MEN = (0.51, 0.51, 0.51, 0.51, 0.51, 0.51, 0.50, 0.50, 0.49, 0.48, 0.47, 0.46, 0.43, 0.40, 0.36, 0.31, 0.27, 0.24, 0.2)
ENP_REGION = "99"


@dataclass(frozen=True, slots=True)
class Resident:
    """An insured person; `number` is their place in the list, `attached` the clinic's OID (empty: not attached)."""

    number: int
    family: str
    given: str
    patronymic: str
    sex: str
    born: date
    snils: str
    enp: str
    district: str
    address: str
    postal: str
    phone: str
    attached: str

    def age_on(self, day: date) -> int:
        """Full years."""
        return day.year - self.born.year - ((day.month, day.day) < (self.born.month, self.born.day))


@lru_cache(maxsize=8)
def _table(name: str) -> tuple[dict[str, str], ...]:
    text = files("seeds").joinpath("dictionaries").joinpath(name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=32)
def _weighted(name: str, column: str, sex: str = "") -> tuple[tuple[dict[str, str], ...], tuple[int, ...]]:
    rows = tuple(r for r in _table(name) if not sex or r["sex"] == sex)
    return rows, tuple(accumulate(int(r[column]) for r in rows))


def _draw(chance: Random, name: str, column: str, sex: str = "") -> dict[str, str]:
    rows, weights = _weighted(name, column, sex)
    return rows[bisect(weights, chance.random() * weights[-1])]


def _era(year: int) -> str:
    return "before_1960" if year < 1960 else "from_1960" if year < 1990 else "from_1990"


def name_of(chance: Random, sex: str, born: int) -> tuple[str, str, str]:
    """Surname, given name and patronymic of one gender; the father's name is of his own generation."""
    surname = _draw(chance, "surnames.csv", "weight")[sex]
    given = _draw(chance, "given_names.csv", _era(born), sex)["name"]
    father = _draw(chance, "given_names.csv", _era(born - 27), "male")
    return surname, given, father[f"patronymic_{sex}"]


def number_of(chance: Random, below: int) -> int:
    """A number from 1 to `below`."""
    return 1 + int(chance.random() * below)


def snils_of(serial: int) -> str:
    """A SNILS with right check digits from a nine-digit serial, as `NNN-NNN-NNN CC`."""
    digits = f"{serial:09d}"
    check = sum(int(c) * w for c, w in zip(digits, range(9, 0, -1), strict=True)) % 101 % 100
    return f"{digits[:3]}-{digits[3:6]}-{digits[6:]} {check:02d}"


def enp_of(serial: int) -> str:
    """An insurance number of the invented region: 16 digits, the last one by Luhn."""
    body = f"{ENP_REGION}{serial:013d}"
    return body + str(luhn.calc_check_digit(body))


def _spread(number: int, modulus: int) -> int:
    """The list's order must not show in the numbers: a fixed permutation of 0..modulus-1."""
    return (number * 7_368_787 + 1_299_709) % modulus


def residents(seed: int, count: int, today: date, homes: dict[str, list[tuple[str, int]]]) -> Iterator[Resident]:
    """The people of the region, always the same for the same seed.

    `homes`: clinics with their weight by district; a clinic's district is where its people live."""
    chance = Random(f"residents {seed}")
    ages, places = tuple(accumulate(AGES)), [(d, oid, w) for d, each in homes.items() for oid, w in each]
    weights = tuple(accumulate(w for _, _, w in places))
    for number in range(1, count + 1):
        group = bisect(ages, chance.random() * ages[-1])
        days = int((group * 5 + chance.random() * 5) * 365.25)
        born = today - timedelta(days=days)
        sex = "male" if chance.random() < MEN[group] else "female"
        family, given, patronymic = name_of(chance, sex, born.year)
        district, oid, _ = places[bisect(weights, chance.random() * weights[-1])]
        street = _draw(chance, "streets.csv", "weight")["street"]
        town = TOWNS.get(district, "г. Речной")
        yield Resident(
            number, family, given, patronymic, sex, born,
            snils_of(150_000_000 + _spread(number, 97_000_003)),
            enp_of(_spread(number, 9_999_999_967)),
            district,
            f"{town}, {street}, д. {number_of(chance, 120)}, кв. {number_of(chance, 180)}",
            f"990{100 + sum(map(ord, district)) % 800}",
            f"+7000{_spread(number, 9_999_991):07d}" if chance.random() < 0.93 else "",
            oid if chance.random() < 0.985 else "",
        )  # fmt: skip


TOWNS = {"Приозёрный район": "п. Приозёрный", "Лесной район": "с. Лесное"}
