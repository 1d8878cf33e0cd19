"""Names as compared, not as shown: one spelling for the many in which sources write one name.

Letters: ё as е, Latin letters that look Cyrillic, names written in Latin, hyphens and blanks of double names, the
many spellings of й, ы, ь and э. Parts: name and patronymic that changed places, words that stand for "none".
Pure; the pairs are in tests/unit/test_names.py."""

import re
import unicodedata
from functools import lru_cache
from typing import NamedTuple

_LOOKS = str.maketrans("abcehkmoptxyiё", "авсенкмортхуие")  # beside Cyrillic letters a Latin one is a slip of the keyboard
_NONE = {"", "-", "нет", "отсутствует", "неизвестно", "неизвестна", "неизвестен", "бп", "б/о", "без отчества", "null"}
_TITLES = {"огли", "оглу", "кизи", "гизи", "угли"}  # as compared: son of, daughter of
# Longest first: how passports, timetables and people write Russian in Latin letters.
_LATIN = (
    ("shch", "щ"), ("sch", "щ"), ("tsch", "ч"), ("iia", "ия"), ("iya", "ия"), ("yo", "е"), ("jo", "е"), ("zh", "ж"),
    ("kh", "х"), ("ts", "ц"), ("tc", "ц"), ("tz", "ц"), ("ch", "ч"), ("sh", "ш"), ("yu", "ю"), ("iu", "ю"), ("ju", "ю"),
    ("ya", "я"), ("ia", "я"), ("ja", "я"), ("ye", "е"), ("je", "е"), ("ie", "е"), ("ck", "к"), ("ph", "ф"), ("x", "кс"),
    ("a", "а"), ("b", "б"), ("v", "в"), ("w", "в"), ("g", "г"), ("d", "д"), ("e", "е"), ("z", "з"), ("i", "и"), ("j", "и"),
    ("k", "к"), ("l", "л"), ("m", "м"), ("n", "н"), ("o", "о"), ("p", "п"), ("r", "р"), ("s", "с"), ("t", "т"), ("u", "у"),
    ("f", "ф"), ("h", "х"), ("c", "к"), ("y", "и"), ("q", "к"),
)  # fmt: skip
_SOFT = str.maketrans({"й": "и", "ы": "и", "э": "е", "ё": "е", "ь": "", "ъ": "", "'": "", "`": "", "’": ""})
_SAME = {"наталя": "наталия", "софя": "софия", "даниил": "данила", "данил": "данила", "артемии": "артем"}  # one name
_FATHERS = re.compile(r"(?:ович|евич|ич|овна|евна|ична|инична)$")

# An entry of an index of the server holds some 2,700 bytes. What is longer is no name and no address: lines ran together.
NAME_BYTES = 2_000  # of family, given name and patronymic together, and of a number by which a sender knows somebody
TEXT_BYTES = 4_000  # of another text about a person


class Name(NamedTuple):
    """A name as compared: small Cyrillic letters, parts joined without blanks."""

    family: str
    given: str
    patronymic: str


@lru_cache(maxsize=262_144)
def normal(text: str) -> str:
    """One part of a name as compared: `Ёлкина - Петрова` and `ЕЛКИНА-ПЕТРОВА` are `елкина петрова`; "нет" is empty."""
    low = unicodedata.normalize("NFC", text).casefold().strip(" .")
    if low in _NONE:
        return ""
    words = [_word(w) for w in re.split(r"[\s\-‐‑–—_.]+", low) if w]
    return " ".join(w for w in words if w and w not in _TITLES)


def _word(word: str) -> str:
    cyrillic = any("а" <= c <= "я" or c == "ё" for c in word)
    latin = any("a" <= c <= "z" for c in word)
    if cyrillic and latin:
        word = word.translate(_LOOKS)
    elif latin:
        for written, letter in _LATIN:
            word = word.replace(written, letter)
    return re.sub(r"[^а-яё'`’]", "", word).translate(_SOFT)


@lru_cache(maxsize=262_144)
def name_of(family: str, given: str, patronymic: str) -> Name:
    """The name as compared; a patronymic in the place of the name goes back to its own."""
    f, g, p = normal(family), normal(given), normal(patronymic)
    if not p and " " in g and _FATHERS.search(g):  # both written in one field
        g, p = g.split(" ", 1)
    if g and p and _FATHERS.search(g) and not _FATHERS.search(p):
        g, p = p, g
    return Name(f, _SAME.get(g, g), p)


def parts(family: str) -> frozenset[str]:
    """The parts of a double surname as compared."""
    return frozenset(family.split())


def alike(a: Name, b: Name) -> str:
    """How two names relate: `equal`, `no_patronymic` (equal but for one missing), `part` (of a double surname), or ''."""
    if a.given != b.given or not a.given or not a.family or not b.family:
        return ""
    if a.patronymic != b.patronymic and a.patronymic and b.patronymic:
        return ""
    if a.family == b.family:
        return "equal" if a.patronymic == b.patronymic else "no_patronymic"
    if a.patronymic == b.patronymic and (parts(a.family) < parts(b.family) or parts(b.family) < parts(a.family)):
        return "part"
    return ""
