"""What the texts beside oncology codes say. Stage and TNM codes are row numbers of dictionaries too large to carry,
but their texts begin with the name (`IVA`, `T4 - …`), in Latin or in look-alike Cyrillic letters."""

import re
from functools import lru_cache

_LOOKALIKE = str.maketrans("АВСЕНКМОРТХІабсеорхіѕ", "ABCEHKMOPTXIabceopxis")
_STAGE = re.compile(
    r"^(?:стадия|stage|ст\.?)?\s*((?:0|IV|I{1,3}|[1-4])\s?[ABCDabcd]?\d?(?:is|a)?)(?![A-Za-z])", re.IGNORECASE
)
_ARABIC = {"1": "I", "2": "II", "3": "III", "4": "IV"}
_CATEGORY = {
    "t": re.compile(r"^[cpyramu]*\s*(T(?:is|x|a|\d)(?:[a-d]|mi)?\d?)", re.IGNORECASE),
    "n": re.compile(r"^[cpyramu]*\s*(N(?:x|\d)(?:[a-d]|mi)?\d?)", re.IGNORECASE),
    "m": re.compile(r"^[cpyramu]*\s*(M(?:x|\d)(?:[a-d])?)", re.IGNORECASE),
}
_MORPHOLOGY = re.compile(r"^M?-?(\d{4}/\d)")
_TOPOGRAPHY = re.compile(r"^(C\d\d(?:\.\d)?)")
_GRADE = re.compile(r"\b(G[1-4X])\b", re.IGNORECASE)
_GROUP = re.compile(r"^(IV|III|II|I|[1-4])\s*([aбbа])?\b", re.IGNORECASE)


def latin(text: str) -> str:
    """The text with Cyrillic look-alikes in Latin letters."""
    return text.translate(_LOOKALIKE)


@lru_cache(maxsize=4096)
def stage(text: str) -> str:
    """`IVA` of `IVA`, `Стадия IVА`, `4a`; empty if the text names no stage."""
    match = _STAGE.match(latin(text.replace("Стадия", "").replace("стадия", "").strip()))
    if not match:
        return ""
    found = match[1].replace(" ", "").upper()
    return _ARABIC.get(found[0], found[0]) + found[1:] if found[0] in _ARABIC else found


@lru_cache(maxsize=4096)
def category(kind: str, text: str) -> str:
    """`T4b` of `T4b - Опухоль…` for kind `t`, the same for `n` and `m`; empty if the text begins otherwise."""
    match = _CATEGORY[kind].match(latin(text.strip()))
    if not match:
        return ""
    found = match[1]
    return found[0].upper() + found[1:].lower()


def morphology(code: str) -> str:
    """`8140/3` of `8140/3` and `M-8140/3`."""
    match = _MORPHOLOGY.match(code)
    return match[1] if match else ""


def topography(code: str) -> str:
    """`C18.1` of an ICD-O topography code."""
    match = _TOPOGRAPHY.match(latin(code.upper()))
    return match[1] if match else ""


def grade(code: str, text: str) -> str:
    """`G2` by code (the newer dictionary) or by text (the older one)."""
    match = _GRADE.search(latin(code)) or _GRADE.search(latin(text))
    return match[1].upper() if match else ""


@lru_cache(maxsize=256)
def clinical_group(text: str) -> str:
    """`IIa` of `IIа`, `2а`, `IIa - …`; one of the vocabulary's groups or empty."""
    match = _GROUP.match(text.strip().translate(str.maketrans("ІІ", "II")).replace("б", "b").replace("а", "a"))
    if not match:
        return ""
    roman = _ARABIC.get(match[1], match[1].upper())
    found = roman + (match[2] or "").lower()
    return found if found in ("Ia", "Ib", "II", "IIa", "III", "IV") else ""


def side(code: str, system: str, text: str) -> str:
    """`left`, `right`, `both` of laterality, by code where the dictionary is known, else by its words."""
    if system == "laterality" and code in ("1", "2", "3"):
        return ("left", "right", "both")[int(code) - 1]
    low = text.lower()
    if "двух сторон" in low or "двусторон" in low or "обе" in low:
        return "both"
    if "слева" in low or "лева" in low or "левый" in low:
        return "left"
    if "справа" in low or "права" in low or "правый" in low:
        return "right"
    return ""


BASIS = {
    "1": "morphological", "2": "cytological", "3": "explorative_surgery", "4": "instrumental", "5": "clinical",
    "6": "unknown",
}  # fmt: skip

# Names of schemes in documents against regimen_id of the rule data; a name without a row is kept as written.
_REGIMENS = {
    "CAPOX": "XELOX", "CAPEOX": "XELOX", "MFOLFOX6": "FOLFOX6", "MFOLFOX-6": "FOLFOX6", "FOLFOX-6": "FOLFOX6",
    "R-CHOP": "RCHOP", "DD-MVAC": "DDMVAC", "M-VAC": "MVAC", "T-DM1": "TDM1", "MFOLFIRINOX": "FOLFIRINOX",
}  # fmt: skip


@lru_cache(maxsize=1024)
def regimen(text: str) -> str:
    """The name a scheme starts with: `XELOX` of `XELOX (CAPOX, CapeOx): (…)`, `CAPOX: …`."""
    head = re.split(r"[(:;,]", text, maxsplit=1)[0].strip().rstrip(".")
    return _REGIMENS.get(latin(head).upper(), head or text.strip())


def behaviour(code: str) -> str:
    """What a morphology code says of a specimen by its fifth digit; /6 and /9 are spread of a malignant tumour."""
    digit = morphology(code)[-1:]
    return {"0": "benign", "1": "inconclusive", "2": "malignant", "3": "malignant", "6": "malignant", "9": "malignant"}.get(
        digit, ""
    )


_STEPS = (
    ("surgery", ("хирург", "операц", "резекц", "эктоми", "оперативн")),
    ("radiotherapy", ("лучев", "облучен", "радиотерап", "брахитерап")),
    ("hormone", ("гормон",)),
    ("chemotherapy", ("химио", "лекарствен", "таргет", "иммунотерап", "полт", "полихимио")),
    ("palliative", ("паллиатив",)),
    ("symptomatic", ("симптоматич",)),
    ("observation", ("наблюден",)),
)
METHODS = {"1": "surgery", "2": "radiotherapy", "41": "chemotherapy", "42": "hormone"}


def step_of(code: str, text: str) -> str:
    """A step of a plan by the code of the method of treatment, else by the words beside it; empty if neither tells."""
    low = text.lower()
    by_words = next((step for step, signs in _STEPS if any(sign in low for sign in signs)), "")
    return by_words or METHODS.get(code, "")


def steps_in(text: str) -> list[str]:
    """Steps named by a free text, in the order of their first mention."""
    low = text.lower()
    found = {step: min((low.find(s) for s in signs if s in low), default=-1) for step, signs in _STEPS}
    return sorted((step for step, at in found.items() if at >= 0), key=lambda step: found[step])


_EXITS = (
    ("basal_cell", ("базал",)),
    ("not_confirmed", ("не подтверд", "неподтверд", "ошибочн")),
    ("left_region", ("выезд", "выехал", "перемена места", "смена места", "убыл", "переезд")),
    ("died_of_complication", ("осложнен",)),
    (
        "died_of_other",
        ("другого заболев", "других заболев", "другой причин", "иного заболев", "иных причин", "других причин"),
    ),
    ("died_of_disease", ("от основного", "от злокачеств", "от онколог", "от зно", "от рака")),
    ("died_cause_unknown", ("смерть", "умер")),
    ("recovered", ("выздоровл", "излечен")),
)


def exit_reason(text: str) -> str:
    """Why a patient left the register, by the words beside the code."""
    low = text.lower()
    return next((reason for reason, signs in _EXITS if any(sign in low for sign in signs)), "other")
