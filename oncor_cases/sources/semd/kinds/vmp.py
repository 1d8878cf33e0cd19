"""The ticket for high-tech care (132/229): its stage, as far as the document tells."""

from oncor_cases.sources.semd.diagnoses import diagnoses
from oncor_cases.sources.semd.sheet import Sheet, best, organisation_of


def read(sheet: Sheet) -> None:
    """`vmp_ticket` on the latest day of its stages; the diagnosis of a ticket is its reason."""
    found = diagnoses(sheet)
    icd10 = next((one.icd10 for one in found if one.tumour), found[0].icd10 if found else "")
    centre = sheet.body.first("7016")
    org = organisation_of(centre) if centre is not None else ""
    stages = [n for n in sheet.body.find("7022", "7018", "7019", "7023", "7024") if n.words() or n.when().on]
    if stages:
        last = max(stages, key=lambda n: (n.when().on or "", stages.index(n)))
        sheet.add("vmp_ticket", best(last.when()), last, status=(last.words() or last.label).lower(), icd10=icd10, org=org)
        return
    sent = sheet.body.first("7017")
    when = best(sent.when()) if sent is not None else None
    sheet.add(
        "vmp_ticket", when, sent or "section[DOCINFO]", status="documents_sent" if when else "issued", icd10=icd10, org=org
    )
