"""Protocols of instrumental studies (15/90/110/174/224, SMSV2) and of the laboratory (17/75/186, SMSV3)."""

import re

from oncor_cases.sources.semd import services
from oncor_cases.sources.semd.diagnoses import reason
from oncor_cases.sources.semd.elements import local
from oncor_cases.sources.semd.sheet import Sheet, best, identifiers
from oncor_cases.sources.semd.walker import Node

_TUMOUR = r"(?:злокач|зно\b|рак|опухол|неоплас|бластом|новообраз|c-?r\b|tumor|mts|метаст)"
_SUSPECTS = re.compile(r"подозр\w*\s+(?:на|в отношении)\s+(?:\w+\s+){0,2}" + _TUMOUR)
_ASKS = re.compile(
    r"требу\w+\s+(?:дообслед|дополнительн\w+\s+обслед|морфолог|верифик)|консультаци\w+\s+(?:врача-?\s?)?онколог"
)
_DENIES = re.compile(r"\bне\b|\bнет\b|без |исключ|отсутств|сня[тл]")


def read(sheet: Sheet) -> None:
    """One fact a study done, with the reason of the study as its code; nothing here is a diagnosis."""
    icd10, result = reason(sheet), _category(sheet) or _in_words(sheet)
    studies = [n for n in sheet.body.of("study") if "LINKDOCS" not in n.chain and not n.section_is("RESINFO")]
    if not studies:
        studies = [n for n in sheet.body.of("service") if n.section_is("SERVICES", "DOCINFO") and services.is_study(n.code)]
    for node in studies:
        code, name = _named(node)
        sheet.add(
            "study_performed", best(node.when(), sheet.head.event_to), node, study=services.study(code, name), result=result,
            icd10=icd10, links=identifiers(node),
        )  # fmt: skip
    for node in sheet.body.of("service"):
        if services.is_biopsy(node.code, node.label) and node.section_is("SERVICES", "DOCINFO", "SUR"):
            sheet.add("biopsy_taken", best(node.when(), sheet.head.event_to), node, icd10=icd10)
    if not studies:
        at = sheet.somewhere("RESINFO", "DOCINFO")
        sheet.add("study_performed", best(sheet.head.event_to), at, study=_by_title(sheet), result=result, icd10=icd10)
        sheet.complain("study_not_coded", "Исследование в протоколе не закодировано", "section[DOCINFO]")


def _named(node: Node) -> tuple[str, str]:
    """Service code (of the service the study refers to) and the name of the study."""
    if node.system == "service":
        return node.code, node.label
    service = next((below.code for below in node.under() if below.system == "service" and services.is_study(below.code)), "")
    return service or node.code, node.label


def _by_title(sheet: Sheet) -> str:
    return services.study("", sheet.head.title) or "other"


def _category(sheet: Sheet) -> str:
    """BI-RADS where given as a code: the only conclusion of these protocols that is not free text."""
    meaning = {"0": "abnormal", "1": "normal", "2": "normal", "3": "abnormal", "4": "suspicious", "5": "suspicious"}
    for node in sheet.body:
        for value in node.coded() if node.section_is("vimisInformation", "RESINFO") else ():
            if value.system == "birads":
                digit = next((c for c in value.text if c.isdigit()), value.code[:1])
                return meaning.get(digit, "malignant" if digit == "6" else "")
    return ""


def _in_words(sheet: Sheet) -> str:
    """`suspicious` where a sentence of the conclusion says so without denying it, `abnormal` where it asks for more
    examination or for the oncologist; nothing else is read from words."""
    found = ""
    for node in sheet.body.find("1806", "807"):
        for sentence in re.split(r"[.;\n]", node.words().lower()):
            if _DENIES.search(sentence):
                continue
            if _SUSPECTS.search(sentence):
                found = "suspicious"
            elif not found and _ASKS.search(sentence):
                found = "abnormal"
        if found:
            sheet.complain("result_in_words", "Результат исследования распознан по словам заключения", node)
            return found
    return ""


def read_laboratory(sheet: Sheet) -> None:
    """One fact a protocol: which day the laboratory answered which order."""
    results = [n.when() for n in sheet.body.of("laboratory_test") if n.when().full]
    last = max(results, key=lambda m: m.on or "") if results else None
    place = next(iter(sheet.body.section("RESLAB")), "")
    result = "normal" if _all_normal(sheet) else ""
    sheet.add("study_performed", best(sheet.head.event_to, last), place, study="lab", result=result, icd10=reason(sheet))


def _all_normal(sheet: Sheet) -> bool:
    """Every test is marked as normal. A single mark of "high" means little, so it is told to nobody as a result."""
    marks = [
        part.get("code")
        for node in sheet.body.of("laboratory_test")
        for part in node.element
        if local(part) == "interpretationCode"
    ]
    return bool(marks) and all(mark == "N" for mark in marks)
