"""What services and posts mean to a pathway: the short name of a study, the specialty of a doctor, whom a referral asks."""

import re
from functools import lru_cache

_FORM = re.compile(r"[ABАВ]\d\d(\.\d+)*", re.IGNORECASE)
_LATIN = str.maketrans("АВав", "ABAB")

_BY_WORDS = (
    ("mammography", ("маммограф", "рентгенография молочн")),
    ("pet", ("позитрон", "пэт")),
    ("mri", ("магнитно-резонанс", "мрт")),
    ("ct", ("компьютерная томограф", "компьютерно-томограф", "компьютерной томограф", "мскт", "спиральная компьютерн")),
    ("colonoscopy", ("колоноскоп", "эндоскопическое исследование толстой кишки")),
    ("ihc", ("иммуногистохим", "иммуноцитохим")),
    ("histology", ("патолого-анатомическое исслед", "патологоанатомическое исслед", "гистологическое исслед")),
    ("ultrasound", ("ультразвук", "эхокардиограф", "дуплексн", "допплер", "узи")),
    ("endoscopy", ("эзофагогастр", "бронхоскоп", "цистоскоп", "гастроскоп", "ларингоскоп", "гистероскоп", "кольпоскоп",
                   "эндоскоп", "ректоскоп", "ректороманоскоп", "торакоскоп", "лапароскоп", "сигмоскоп", "дуоденоскоп")),
    ("xray", ("рентген", "флюорограф", "томосинтез", "урограф", "ирригоскоп")),
)  # fmt: skip


def normal(code: str) -> str:
    """The service code with Latin letters: people type Cyrillic А and В."""
    return code.strip().upper().translate(_LATIN) if _FORM.match(code) else code.strip()


@lru_cache(maxsize=8192)
def study(code: str, text: str) -> str:
    """The short name of a study where service code or name make it clear, else the national code itself."""
    code = normal(code)
    low = text.lower()
    if code.startswith(("A11", "A16", "A18", "A24", "A25")):  # an intervention, whatever guides the needle
        return code
    for name, signs in _BY_WORDS:
        if any(sign in low for sign in signs):
            return name
    head = code[:3]
    if head == "A03":
        return "colonoscopy" if code.startswith("A03.18.001") else "endoscopy"
    if head == "A04":
        return "ultrasound"
    if head == "A06":
        return "mammography" if code == "A06.20.004" else "xray"
    if head == "A08":
        return "histology"
    if head in ("A09", "A12", "A26", "A27") or code.startswith("B03.016"):
        return "lab"
    return code or "other"


def is_study(code: str) -> bool:
    """True for diagnostic services: examination of the patient or of a specimen, not an intervention or a visit."""
    return normal(code)[:3] in ("A03", "A04", "A05", "A06", "A07", "A08", "A09", "A12", "A26", "A27", "B03")


def is_imaging(code: str) -> bool:
    """Studies worth a fact where they are only listed among services: images and endoscopy, not every blood count."""
    return normal(code)[:3] in ("A03", "A04", "A05", "A06", "A07")


def is_biopsy(code: str, text: str = "") -> bool:
    """Taking of tissue or cells."""
    low = text.lower()
    return normal(code).startswith("A11") and ("биопси" in low or ("пункци" in low and "диагност" in low))


def is_operation(code: str) -> bool:
    """A surgical intervention."""
    return normal(code).startswith("A16")


def treatment(code: str, text: str) -> str:
    """The kind of tumour treatment a service is; empty for everything else."""
    low = text.lower()
    if is_operation(code) and "биопси" not in low:
        return "surgery"
    if any(sign in low for sign in ("противоопухолев", "химиотерап", "при онкологическом заболевании")):
        return "chemotherapy"
    if any(sign in low for sign in ("лучевая терапия", "гамма-терапия", "брахитерапия", "дистанционное облучение")):
        return "radiotherapy"
    return ""


# Posts of ~11.1002 and services B01/B02/B04 of the specialists who carry oncology.
_POSTS = {
    "50": "oncologist", "20": "haematologist", "26": "paediatric_oncologist", "517": "paediatric_oncologist",
    "92": "radiotherapist",
}  # fmt: skip
_SPECIALTY_OF_SERVICE = {
    "027": "oncologist", "005": "haematologist", "009": "paediatric_oncologist", "038": "radiotherapist",
}  # fmt: skip
_SPECIALTY_WORDS = (
    ("paediatric_oncologist", ("детск", "онколог")),
    ("oncologist", ("онколог",)),
    ("haematologist", ("гематолог",)),
    ("radiotherapist", ("радиотерапевт",)),
)


def specialty_of_post(code: str, text: str = "") -> str:
    """The specialty of an author or performer; `other` for every post that does not carry oncology."""
    return _POSTS.get(code) or specialty_in(text) or "other"


def specialty_of_service(code: str) -> str:
    """The specialty of a visit service `B01.027.001`; `other` for another doctor's, empty for no visit at all."""
    code = normal(code)
    if code[:3] not in ("B01", "B02", "B04") or len(code) < 7:
        return ""
    return _SPECIALTY_OF_SERVICE.get(code[4:7], "other")


def specialty_in(text: str) -> str:
    """A specialty named in words."""
    low = text.lower()
    return next((name for name, signs in _SPECIALTY_WORDS if all(sign in low for sign in signs)), "")


def asks_for(specialty: str) -> str:
    """Whom a referral to this specialist asks: `to` of a referral, empty for a doctor who does not carry oncology."""
    return {
        "oncologist": "oncologist", "paediatric_oncologist": "oncologist", "radiotherapist": "oncologist",
        "haematologist": "haematologist",
    }.get(specialty, "")  # fmt: skip
