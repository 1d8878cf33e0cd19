"""Protocols of instrumental studies (15/90/110/174/224, SMSV2) and of the laboratory (17/75/186, SMSV3)."""

from oncor_cases.sources.semd import services
from oncor_cases.sources.semd.diagnoses import reason
from oncor_cases.sources.semd.sheet import Sheet, best, identifiers
from oncor_cases.sources.semd.walker import Node


def read(sheet: Sheet) -> None:
    """One fact a study done, with the reason of the study as its code; nothing here is a diagnosis."""
    icd10, result = reason(sheet), _category(sheet)
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
        sheet.add("study_performed", best(sheet.head.event_to), "", study=_by_title(sheet), result=result, icd10=icd10)
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
    for node in sheet.body:
        for value in node.coded() if node.section_is("vimisInformation", "RESINFO") else ():
            if value.system == "birads":
                return f"BI-RADS {value.text.upper().replace('BI-RADS', '').strip() or value.code}"
    return ""


def read_laboratory(sheet: Sheet) -> None:
    """One fact a protocol: which day the laboratory answered which order."""
    results = [n.when() for n in sheet.body.of("laboratory_test") if n.when().full]
    last = max(results, key=lambda m: m.on or "") if results else None
    place = next(iter(sheet.body.section("RESLAB")), "")
    sheet.add("study_performed", best(sheet.head.event_to, last), place, study="lab", icd10=reason(sheet))
