"""Consilium: the federal oncology protocol (190) and VIMIS (349, SMSV6). The plan is an ordered list of steps."""

from oncor_cases.sources.semd import labels, treatments
from oncor_cases.sources.semd.diagnoses import ELSEWHERE, established
from oncor_cases.sources.semd.kinds import pathology
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

_PLANS = frozenset(("RECTREAT", "TRTMPLAN", "REGIME", "CONSILIUM"))
_PAST = frozenset(("SUM", "LINKDOCS", "ANAM", "LANAM"))
_INTENTS = (
    ("neoadjuvant", ("неоадъювант", "неоадьювант", "предоперац")),
    ("adjuvant", ("адъювант", "адьювант")),
    ("palliative", ("паллиатив", "симптоматич")),
    ("curative", ("радикал", "излечен", "самостоятельн")),
)


def read(sheet: Sheet) -> None:
    """Diagnoses, the decision with its plan, prescribed schemes, what was done before, quoted results."""
    found = established(sheet, default="final", skip=ELSEWHERE)
    main = next((one.icd10 for one in found if one.tumour and one.rank in ("", "1")), "")
    main = main or next((one.icd10 for one in found if one.tumour), "")
    plan, place = _plan(sheet)
    intent = _intent(sheet)
    held = best(sheet.head.event_to, sheet.head.written)
    where = place or next(iter(sheet.body.section("CONSILIUM")), "")
    sheet.add("consilium", held, where, plan=plan, intent=intent, icd10=main)
    treatments.prescribed(sheet, held, main)
    treatments.ordered(sheet, main)
    _groups(sheet, main)
    _done_before(sheet, main)
    treatments.operations(sheet, sheet.body.section("SUR"), main)
    treatments.studies_listed(sheet, ("RESINSTR", "SIGNSTUD"))
    for section in sheet.body.section("GISTRESULT"):
        pathology.report(sheet, list(section.under()), quoted=True)


def _plan(sheet: Sheet) -> tuple[list[str], Node | None]:
    """Steps by stage number where written, else in document order; words of the decision where nothing is coded."""
    steps: list[tuple[int, int, str, Node]] = []
    for node in sheet.body.of("method") + [n for n in sheet.body.find("12419") if n.value("method")]:
        if not {"RECTREAT", "TRTMPLAN", "REGIME", "CONSILIUM"}.intersection(node.chain) or {"SUM", "LINKDOCS"}.intersection(
            node.chain
        ):
            continue
        value = node.value("method")
        code, text = (value.code, value.text) if value else (node.code, node.label)
        step = labels.step_of(code, text)
        if step:
            steps.append((_number(node), len(steps), step, node))
    if steps:
        steps.sort(key=lambda s: s[:2])
        return list(dict.fromkeys(s[2] for s in steps)), steps[0][3]
    told = [n for n in sheet.body.find("807") if "RECTREAT" in n.chain] + sheet.body.find("6030")
    for node in told:
        found = labels.steps_in(" ".join(value.text for value in node.coded()))
        if found:
            sheet.complain("plan_in_words", "План лечения записан словами: шаги распознаны по словам", node)
            return found, node
    sheet.complain("plan_missing", "В решении консилиума не найден план лечения", "section[CONSILIUM]")
    return [], None


def _number(node: Node) -> int:
    """The number of the stage (9057) beside or around a method."""
    for above in (node, *node.above()):
        if above.tag == "section":
            break
        number = above.child("9057")
        if number is not None and number.words().isdigit():
            return int(number.words())
    return 999


def _intent(sheet: Sheet) -> str:
    words = " ".join(v.text.lower() for n in sheet.body.find("12403", "12374") for v in n.coded())
    return next((intent for intent, signs in _INTENTS if any(sign in words for sign in signs)), "")


def _groups(sheet: Sheet, icd10: str) -> None:
    for node in sheet.body.find("12399"):
        if "DGN" not in node.chain and (group := labels.clinical_group(node.words())):
            sheet.add("clinical_group", best(node.when()), node, group=group, icd10=icd10)


def _done_before(sheet: Sheet, icd10: str) -> None:
    """9038: treatment the consilium knows of, by method, with its dates."""
    for node in sheet.body.find("9038"):
        method = node.child("12419")
        value = method.value("method") if method is not None else None
        step = labels.step_of(value.code, value.text) if value else ""
        if not node.when().on or "SUM" not in node.chain:
            continue
        if step == "surgery":
            sheet.add("operation", node.when(), node, icd10=icd10)
        elif step == "radiotherapy":
            treatments.radiotherapy(sheet, [node], icd10)
        elif step == "chemotherapy":
            sheet.add("chemo_cycle", node.when(), node, icd10=icd10)
        elif step == "hormone":
            sheet.add("hormone_therapy", node.when(), node, icd10=icd10)
