"""Attributes of facts in words, and which of them a condition of a list may name (tests/web/test_words.py keeps both whole).

A condition compares whole values, so ordered lists (a plan of steps), days, counts and numbers of things are not offered."""

from collections.abc import Mapping

from oncor_cases.facts.vocabulary import KINDS
from oncor_cases.web import fact_words as said
from oncor_cases.web.duties import STUDIES
from oncor_cases.web.pages import Option
from oncor_cases.web.words import SIDES

TITLES = {
    "aim": "цель", "care": "вид помощи", "channel": "способ", "documented": "чем оформлен", "drug": "препарат",
    "for": "на что", "group": "группа", "kind": "вид", "morphology": "морфология", "of": "от чего", "outcome": "исход",
    "phase": "этап", "place": "где", "primacy": "впервые или известен ранее", "programme": "программа",
    "purpose": "цель", "reason": "причина", "regimen": "схема", "region": "куда", "register": "регистр",
    "result": "результат", "side": "сторона", "specialty": "врач", "stage": "стадия", "status": "статус",
    "study": "исследование", "to": "куда", "work": "сложность",
}  # fmt: skip
FREE = ("drug", "morphology", "programme", "regimen", "region")  # written, not chosen
SIDED = ("diagnosis", "operation", "suspicion")
STAGES = (
    "0", "I", "IA", "IB", "IC", "II", "IIA", "IIB", "IIC", "III", "IIIA", "IIIB", "IIIC", "IV", "IVA", "IVB", "IVC",
)  # fmt: skip
_WORDS: dict[str, Mapping[str, str]] = {
    "aim": said.AIMS, "channel": said.CHANNELS, "documented": said.DOCUMENTED, "outcome": said.OUTCOMES,
    "phase": said.PHASES, "purpose": said.PURPOSES, "reason": said.REASONS, "result": said.RESULTS,
    "specialty": said.SPECIALTIES, "side": SIDES, "study": STUDIES, "to": said.VALUES, "for": said.VALUES,
    "of": said.REFUSALS, "stage": {stage: stage for stage in STAGES},
    "care": {"specialised": "специализированная", "high_tech": "высокотехнологичная"},
    "place": {"own": "в своём регионе", "other_region": "в другом регионе", "federal": "в федеральном центре"},
    "primacy": {"first": "впервые", "known_before": "известен ранее"},
    "register": {"oncology": "онкологический", "precancer": "предопухолевых"},
    "status": said.STATUSES | {"final": "окончательный"},
    "work": {"simple": "простой материал", "stains": "дополнительные окраски", "ihc_5": "ИГХ до 5 маркёров",
             "ihc_more": "ИГХ более 5 маркёров"},
}  # fmt: skip
_OF_KIND: dict[tuple[str, str], Mapping[str, str]] = {
    ("pathology_report", "kind"): said.PATHOLOGY | {"biopsy": "биопсия"},
    ("death", "kind"): {"final": "окончательное", "preliminary": "предварительное"},
}


def values(kind: str, name: str) -> Mapping[str, str]:
    """The values a condition may choose from in words; empty where it is written, and for what is not offered."""
    if name in FREE:
        return {}
    allowed = KINDS[kind].attributes[name].values
    words = _OF_KIND.get((kind, name)) or _WORDS.get(name, {})
    if allowed:
        return {value: words.get(value, value) for value in allowed}
    return words if name in ("stage", "study", "side") else {}


def offered(kind: str) -> list[str]:
    """Attributes a condition about facts of this kind may name, in the order of the vocabulary; none for no kind."""
    if kind not in KINDS:
        return []
    found = [name for name, told in KINDS[kind].attributes.items() if not told.many and (name in FREE or values(kind, name))]
    return [name for name in found if name != "side" or kind in SIDED]


def chosen(kind: str, given: Mapping[str, str]) -> dict[str, str]:
    """Of the values of a form those this kind knows: what was chosen for another kind before is left out."""
    told = {name: given[name] for name in offered(kind) if given.get(name)}
    return {name: value for name, value in told.items() if name in FREE or value in values(kind, name)}


def options(kind: str, name: str) -> tuple[Option, ...]:
    """The same as choices of a select."""
    return tuple(Option(value, text) for value, text in values(kind, name).items())


def attribute_words(kind: str, name: str, value: str) -> str:
    """`стадия IV`; what nobody offers is shown as it is written."""
    if name not in TITLES or kind not in KINDS:
        return f"{name}={value}"
    return f"{TITLES[name]} {values(kind, name).get(value, value)}" if name in KINDS[kind].attributes else f"{name}={value}"
