"""Epicrisis of a closed ambulatory case (42/92/233, SMSV12): its visits, diagnoses, studies and operations."""

from oncor_cases.sources.semd import services, treatments
from oncor_cases.sources.semd.diagnoses import ELSEWHERE, established
from oncor_cases.sources.semd.kinds import pathology
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node


def read(sheet: Sheet) -> None:
    """Each visit is a consultation of its doctor's specialty; without visits the case itself is one."""
    found = established(
        sheet, default="final", skip=ELSEWHERE - {"PROC"}, suspects=treatments.specialty_of(sheet) == "other"
    )
    main = next((one.icd10 for one in found if one.tumour), found[0].icd10 if found else "")
    visits = [n for n in sheet.body if n.tag == "encounter" and {"AMBSV", "AMBS"}.intersection(n.chain)]
    visits = [n for n in visits if "AMBSV" in n.chain] or visits
    for node in visits:
        if node.when().on:
            sheet.add("consultation", node.when(), node, specialty=_specialty(sheet, node), icd10=main)
    if not treatments.visits_listed(sheet, ("SERVICES", "AMBSV"), main) and not visits:
        on = best(sheet.head.case_to, sheet.head.written)
        sheet.add(
            "consultation", on, "componentOf/encompassingEncounter", specialty=treatments.specialty_of(sheet), icd10=main
        )
    treatments.operations(sheet, sheet.body.section("SUR"), main)
    treatments.studies_listed(sheet, ("RESINSTR", "SERVICES", "AMBSV"))
    for section in sheet.body.section("GISTRESULT", "RESMOR"):
        pathology.report(sheet, list(section.under()), quoted=True)


def _specialty(sheet: Sheet, visit: Node) -> str:
    told = treatments.performer_specialty(visit)
    for below in visit.under():
        if told != "other":
            break
        told = services.specialty_of_service(below.code) if below.system == "service" else told
        told = told or "other"
    return told if told != "other" else treatments.specialty_of(sheet)
