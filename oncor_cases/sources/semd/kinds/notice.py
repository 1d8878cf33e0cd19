"""Notice 090/у of a tumour found first in life (184) and the protocol of a late stage, form 027-2/у (211)."""

from oncor_cases.sources.semd import labels
from oncor_cases.sources.semd.diagnoses import Diagnosis, established
from oncor_cases.sources.semd.sheet import Sheet, best


def read_notice(sheet: Sheet) -> None:
    """The notice itself and the diagnosis it reports: first in life by the kind of the document."""
    found = established(sheet, default="final", first=True, basis=_basis(sheet))
    sheet.add("notice_090u", None, "section[DGN]", icd10=_main(found))


def read_late_stage(sheet: Sheet) -> None:
    """The signed protocol, its review at the conference where a day is written, and the diagnosis."""
    found = established(sheet, default="final", basis=_basis(sheet))
    sheet.add("late_stage_protocol", None, "section[DGN]", phase="published", icd10=_main(found))
    for node in sheet.body.find("12457"):
        held = best(node.when())
        if held is not None:
            sheet.add("late_stage_protocol", held, node, phase="reviewed", icd10=_main(found))


def _main(found: list[Diagnosis]) -> str:
    return next((one.icd10 for one in found if one.tumour), found[0].icd10 if found else "")


def _basis(sheet: Sheet) -> str:
    """How the diagnosis was confirmed: on these forms it stands in DOCINFO, not under the diagnosis."""
    method = sheet.body.first("12306")
    value = method.value("confirmation") if method is not None else None
    return labels.BASIS.get(value.code, "") if value else ""
