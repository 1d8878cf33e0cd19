"""Protocol of an operation (189, VIMIS 108, SMSV10): what was done, why, and the diagnosis after it."""

from oncor_cases.sources.semd import services, treatments
from oncor_cases.sources.semd.dates import Moment
from oncor_cases.sources.semd.diagnoses import established
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

EMERGENCY = "2"  # form of care in the header (…11.1551)


def read(sheet: Sheet) -> None:
    """One operation a protocol, or a biopsy where the service is one; the diagnosis after the operation leads."""
    found = established(sheet, default="preliminary")
    after = [one for one in found if "BEFORESUR" not in one.node.chain and "PLANSUR" not in one.node.chain]
    main = next((one.icd10 for one in (*after, *found) if one.tumour), found[0].icd10 if found else "")
    when = best(sheet.head.event_from, sheet.head.event_to, sheet.head.written)
    done = [n for s in sheet.body.section("SUR", "SERVICES") for n in s.under() if n.system == "service"]
    biopsies = [n for n in done if services.is_biopsy(n.code, n.label)]
    surgery = [n for n in done if services.is_operation(n.code)]
    for node in biopsies:
        sheet.add("biopsy_taken", best(_when(node), when), node, icd10=main)
    if biopsies and not surgery:
        return
    place = surgery[0] if surgery else next((n for s in sheet.body.section("SUR") for n in s.children), None)
    scope = [n for s in sheet.body.section("SUR") for n in s.under()]
    aim = treatments.aim_of(place, scope) if place is not None else ""
    if sheet.head.form == EMERGENCY and aim in ("", "radical"):
        aim = "emergency"
    sheet.add("operation", best(_when(place) if place else None, when), place or "section[SUR]", aim=aim, icd10=main)


def _when(node: Node) -> Moment | None:
    return next((n.when() for n in (node, *node.above()) if n.tag != "section" and n.when().on), None)
