"""Codes as types: ICD-10, SNILS, ENP, OID. Validated once at the door, compared without surprises inside."""

import re
from dataclasses import dataclass
from functools import lru_cache

from stdnum import luhn

_ICD = re.compile(r"^([A-Z])(\d{2})(?:\.?(\d{1,3}))?[+*]?$")
_LATIN = str.maketrans("АВСЕНКМОРТХ", "ABCEHKMOPTX")  # Cyrillic look-alikes typed instead of Latin letters
_OID = re.compile(r"^[0-2](\.(0|[1-9]\d*))+$")


@lru_cache(maxsize=65536)
def icd10(text: str | None) -> str | None:
    """`C50.9` from what people and systems write (`с50.9`, `C509`, the register's zero-padded `C50.04`), else None."""
    match = _ICD.match((text or "").strip().upper().translate(_LATIN))
    if not match:
        return None
    letter, category, sub = match.groups()
    if sub and len(sub) >= 2 and sub[0] == "0" and letter in "CD":
        sub = sub[1:]  # register padding: C50.04 is C50.4
    return f"{letter}{category}" + (f".{sub}" if sub else "")


@dataclass(frozen=True, slots=True)
class IcdSet:
    """A named set of ICD-10 codes: `C00-C97, D00-D09, Z03.1`. A category holds all its subcategories."""

    text: str
    ranges: tuple[tuple[str, str], ...]

    @classmethod
    def parse(cls, text: str) -> "IcdSet":
        """Reads comma-separated codes and ranges; an empty text is the set of everything."""
        ranges = []
        for part in filter(None, (p.strip() for p in text.split(","))):
            low, _, high = part.partition("-")
            ranges.append((low.strip(), (high or low).strip()))
        return cls(text, tuple(ranges))

    def __contains__(self, code: object) -> bool:
        if not self.ranges:
            return True
        if not isinstance(code, str) or not code:
            return False
        known = _ASKED.get((self.text, code))  # the same few codes are asked for millions of times
        if known is None:
            known = any(low <= code and code[: len(high)] <= high for low, high in self.ranges)
            if len(_ASKED) < 200_000:
                _ASKED[self.text, code] = known
        return known


_ASKED: dict[tuple[str, str], bool] = {}


CANCER = IcdSet.parse("C00-C97, D00-D09, D45-D47")
MALIGNANT = IcdSet.parse("C00-C76, C80-C97, D00-D09, D45-D47")  # a tumour of its own; C77-C79 are its spread
METASTASIS = IcdSet.parse("C77-C79")
HAEMATOLOGY = IcdSet.parse("C81-C96, D45-D47")
BENIGN = IcdSet.parse("D10-D36")
UNSITED = IcdSet.parse("Z03, R00-R99, D37-D44, D48, C76, C80, C97, N63, Z12")  # a suspicion that names no site yet

# In-situ and benign blocks told by the organ of their malignant neighbour; the rest keep their own category.
_ORGAN = {
    "D03": "C43", "D04": "C44", "D05": "C50", "D06": "C53", "D22": "C43", "D23": "C44", "D24": "C50", "D26": "C53",
    "D27": "C56", "D34": "C73",
    "D01.0": "C18", "D01.1": "C19", "D01.2": "C20", "D00.2": "C16", "D00.1": "C15", "D02.2": "C34", "D07.5": "C61",
    "D09.0": "C67", "D12": "C18", "D12.8": "C20", "D13.1": "C16", "D14.3": "C34", "D29.1": "C61", "D30.3": "C67",
    "D07.0": "C54", "D30.0": "C64", "D25": "C54", "D02.0": "C32", "D14.1": "C32",
}  # fmt: skip


@lru_cache(maxsize=65536)
def site_group(code: str | None) -> str | None:
    """The tumour site a code speaks of (`C50` for C50.9 and D05.1), None if it names no site or is a metastasis."""
    if not code or code in UNSITED or code in METASTASIS:
        return None
    if code in HAEMATOLOGY:
        return "C81-C96"
    if code[0] == "C":
        return code[:3]
    return _ORGAN.get(code) or _ORGAN.get(code[:3]) or (code[:3] if code[0] == "D" and code[1:3] <= "36" else None)


@lru_cache(maxsize=65536)
def snils(text: str | None) -> str | None:
    """Eleven digits if the number is well formed and its check digits hold, else None.

    Sum of digit times weight 9..1, modulo 101, 100 becomes 0; checked only above 001-001-998."""
    digits = re.sub(r"[\s-]", "", text or "")
    if not re.fullmatch(r"\d{11}", digits) or digits[:9] == "000000000":
        return None
    if int(digits[:9]) <= 1001998:
        return digits
    check = sum(int(d) * w for d, w in zip(digits[:9], range(9, 0, -1), strict=True)) % 101 % 100
    return digits if check == int(digits[9:]) else None


@lru_cache(maxsize=65536)
def enp(text: str | None) -> str | None:
    """Sixteen digits of the insurance number if its Luhn check digit holds, else None."""
    digits = re.sub(r"\s", "", text or "")
    return digits if re.fullmatch(r"\d{16}", digits) and luhn.is_valid(digits) else None


def is_oid(text: str | None) -> bool:
    """True for a dotted object identifier such as 1.2.643.5.1.13.13.12.2.66.6873."""
    return bool(_OID.match(text or ""))
