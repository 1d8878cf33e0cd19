"""The register card of an oncology patient (VIMIS SMSV7) and the certificate of standing on a register (73/172/252)."""

from oncor_cases.sources.semd import labels, treatments
from oncor_cases.sources.semd.dates import NOTHING, Moment, moment
from oncor_cases.sources.semd.diagnoses import established
from oncor_cases.sources.semd.elements import local
from oncor_cases.sources.semd.sheet import Sheet, best, identifiers
from oncor_cases.sources.semd.walker import Node

ON_REGISTER = "1"
STARTED, NOTIFIED, STOPPED, DIED = "1", "2", "3", "4"  # codes of the dates on the card


def read(sheet: Sheet) -> None:
    """Diagnosis, entry and exit, visits due and kept, yearly groups, treatment."""
    found = established(sheet, default="final")
    main = next((one.icd10 for one in found if one.tumour), "")
    for node in sheet.body.of("register_status"):
        _card(sheet, node, main)
    for section in sheet.body.section("vimisDispensaryObservationCheck"):
        for node in section.children:
            _visit(sheet, node, main)
    for section in sheet.body.section("vimisDispensaryObservationPeriod"):
        for node in section.children:
            if node.system == "clinical_group" and (group := labels.clinical_group(node.label)):
                sheet.add("clinical_group", node.when(), node, group=group, icd10=main)
    body = sheet.body
    treatments.operations(sheet, body.section("SUR"), main)
    treatments.chemotherapy(sheet, body.of("chemotherapy_v1"), main)
    treatments.radiotherapy(sheet, body.of("radiotherapy_v1"), main)
    treatments.hormones(sheet, body.of("hormone_v1"), main)
    treatments.studies_listed(sheet, ("SERVICES",))
    treatments.visits_listed(sheet, ("SERVICES",), main)


def _card(sheet: Sheet, node: Node, main: str) -> None:
    dates = _dates(node)
    started, stopped, died = dates.get(STARTED), dates.get(STOPPED), dates.get(DIED)
    if started is not None:
        sheet.add("register_entry", started, node, register="oncology", icd10=main, links=identifiers(node))
    if DIED in dates:
        sheet.add("death", died, node, kind="preliminary")  # the card names no cause
    if stopped is not None or node.code != ON_REGISTER:
        why = node.value("death_of_registered") if died else node.value("exit_reason")
        reason = labels.exit_reason(why.text) if why else "died_cause_unknown" if died else None
        sheet.add("register_exit", stopped or NOTHING, node, register="oncology", reason=reason, icd10=main)


def _dates(node: Node) -> dict[str, Moment]:
    """Dates of the card: `effectiveTime/width/translation` with a code each."""
    if node.time is None:
        return {}
    found = {
        part.get("code") or "": moment(part.get("value"))
        for part in node.time.iter()
        if isinstance(part.tag, str) and local(part) == "translation" and part.get("value")
    }
    if STARTED not in found and node.when().on:
        found[STARTED] = node.when()
    return found


def _visit(sheet: Sheet, node: Node, main: str) -> None:
    """Low: the day the patient was told to come; high: the day they came."""
    if node.time is None:
        return
    links = identifiers(node)
    due, kept = node.when(), node.until()
    if due.on or due.problem:
        sheet.add("visit_planned", due, node, certainty="planned", register="oncology", icd10=main, links=links)
    if kept.on or kept.problem:
        sheet.add("visit", kept, node, register="oncology", icd10=main, links=links)


def read_certificate(sheet: Sheet) -> None:
    """On the register at the latest on the day of the certificate; "not on it" is no exit and gives no fact."""
    dispensaries = [n.words().lower() for n in sheet.body.find("9017")] + [
        n.label.lower() for n in sheet.body.of("dispensary")
    ]
    place = sheet.body.first("837")
    value = place.value("register_conclusion") if place is not None else None
    if place is None or value is None or value.code != "9":
        return
    if dispensaries and not any("онколог" in words for words in dispensaries):
        return
    sheet.add("register_entry", best(place.when()), place, register="oncology")
