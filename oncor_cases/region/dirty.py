"""How clinics spoil the names, dates and numbers of people: copies of invented residents with known truth.

For the training and the measuring of matching: typos of the keyboard, ё and е, Latin letters, married names, swapped and
missing parts, other dates, numbers left out."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from random import Random

from oncor_cases.region.people import Resident, name_of

NEAR = {
    "а": "впк", "б": "ьюл", "в": "ыаф", "г": "нш", "д": "лж", "е": "кн", "и": "мт", "к": "уе", "л": "од", "м": "си",
    "н": "ег", "о": "рл", "п": "ар", "р": "по", "с": "чм", "т": "иь", "у": "цк", "ц": "йу", "ш": "гщ", "я": "чф",
}  # fmt: skip
LATIN = {
    "а": "a", "б": "b", "в": "v", "г": "g", "д": "d", "е": "e", "ё": "e", "ж": "zh", "з": "z", "и": "i", "й": "y", "к": "k",
    "л": "l", "м": "m", "н": "n", "о": "o", "п": "p", "р": "r", "с": "s", "т": "t", "у": "u", "ф": "f", "х": "kh", "ц": "ts",
    "ч": "ch", "ш": "sh", "щ": "shch", "ъ": "", "ы": "y", "ь": "", "э": "e", "ю": "yu", "я": "ya",
}  # fmt: skip
LOOKS = str.maketrans("аеорсухАЕОРСУХ", "aeopcyxAEOPCYX")


@dataclass(frozen=True, slots=True)
class Dirty:
    """A record a clinic wrote of resident `truth`."""

    truth: int
    family: str
    given: str
    patronymic: str
    sex: str
    born: date
    snils: str
    enp: str
    phone: str
    address: str


def typo(chance: Random, text: str) -> str:
    """One slip of the keyboard: a letter beside, left out, doubled, or two that changed places."""
    if len(text) < 3:
        return text
    at = chance.randrange(1, len(text))
    kind = chance.random()
    if kind < 0.4:
        near = NEAR.get(text[at].lower(), "о")
        return text[:at] + chance.choice(near) + text[at + 1 :]
    if kind < 0.65:
        return text[:at] + text[at + 1 :]
    if kind < 0.8:
        return text[:at] + text[at] + text[at:]
    return text[: at - 1] + text[at] + text[at - 1] + text[at + 1 :]


def latin(text: str) -> str:
    """The text as a passport would write it."""
    told = "".join(LATIN.get(c, c) for c in text.lower())
    return told.title()


def _digit(chance: Random, day: date) -> date:
    """A birth date written wrongly: a neighbouring digit, or day and month in each other's place."""
    if chance.random() < 0.3 and day.day <= 12:
        return date(day.year, day.day, day.month)
    if chance.random() < 0.4:
        return date(day.year + chance.choice((-10, -1, 1, 10)), day.month, min(day.day, 28))
    return day + timedelta(days=chance.choice((-10, -1, 1, 10)))


def spoiled(chance: Random, r: Resident, *, numbers: float = 0.7) -> Dirty:
    """A copy as a clinic writes it. `numbers`: how often SNILS and policy are there at all (each on its own)."""
    d = Dirty(
        r.number, r.family, r.given, r.patronymic, r.sex, r.born,
        r.snils.replace("-", "").replace(" ", "") if chance.random() < numbers else "",
        r.enp if chance.random() < numbers else "", r.phone if chance.random() < 0.6 else "",
        r.address if chance.random() < 0.8 else "",
    )  # fmt: skip
    if chance.random() < 0.5:
        d = replace(
            d, family=d.family.replace("ё", "е").replace("Ё", "Е"), given=d.given.replace("ё", "е").replace("Ё", "Е")
        )
    if chance.random() < 0.3:
        d = replace(d, family=d.family.upper(), given=d.given.upper(), patronymic=d.patronymic.upper())
    kind = chance.random()
    if kind < 0.06:
        part = chance.choice(("family", "given", "patronymic"))
        d = replace(d, **{part: typo(chance, getattr(d, part))})
    elif kind < 0.08:
        d = replace(d, family=d.family.translate(LOOKS))
    elif kind < 0.10:
        d = replace(d, family=latin(d.family), given=latin(d.given), patronymic=latin(d.patronymic))
    elif kind < 0.12:
        d = replace(d, given=d.patronymic, patronymic=d.given)
    elif kind < 0.15:
        d = replace(d, patronymic="" if chance.random() < 0.7 else "нет")
    elif kind < 0.18 and d.sex == "female":
        maiden = name_of(chance, "female", d.born.year)[0]
        d = replace(d, family=maiden if chance.random() < 0.6 else f"{d.family}-{maiden}")
    elif kind < 0.21:
        d = replace(d, born=_digit(chance, d.born))
    elif kind < 0.22:
        d = replace(d, family=typo(chance, d.family), given=typo(chance, d.given))
    if d.address and chance.random() < 0.15:  # moved since
        d = replace(d, address=f"{d.address.split(',')[0]}, ул. Новая, д. {chance.randrange(1, 99)}")
    return d
