"""Death certificates (58/125, editions 2-4, paper 113/126) and autopsies (181/242).

Since edition 4 causes are records of the alphabetic index, not ICD-10: the code is then taken from the narrative row with
the same words, and left out where no such row is found."""

import re

from oncor_cases.kernel.codes import icd10
from oncor_cases.sources.semd.dates import Moment, moment
from oncor_cases.sources.semd.diagnoses import ELSEWHERE, diagnoses
from oncor_cases.sources.semd.elements import local
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

PRELIMINARY = "2"
_CODE = re.compile(r"^[A-Z]\d\d(\.\d{1,3})?$")


def read(sheet: Sheet) -> None:
    """One death: the day written, the original cause, final or preliminary."""
    told = sheet.body.first("521")
    on = best(told.when(), *_points(told)) if told is not None else None
    kind = next((v.code for n in sheet.body.find("511") for v in n.coded() if v.system == "certificate_kind"), "")
    if sheet.kind.kind.name == "autopsy":
        cause, place = _autopsy(sheet)
    else:
        cause, place = _cause(sheet)
    if told is None:
        sheet.complain("death_date_missing", "Дата смерти не указана", "section[DEADPATINFO]")
    sheet.add(
        "death", on if on is not None else moment(None), told or place or "", icd10=cause,
        kind="preliminary" if kind == PRELIMINARY else "final",
    )  # fmt: skip


def _points(node: Node) -> list[Moment]:
    return [moment(value.text) for value in node.coded() if not value.code]


def _cause(sheet: Sheet) -> tuple[str, Node | None]:
    """The original cause (4040), else the state that led to death (4035), else the direct one (4030)."""
    for code in ("4040", "4035", "4030"):
        node = sheet.body.first(code)
        value = next((v for v in node.coded() if v.code), None) if node is not None else None
        if node is None or value is None:
            continue
        found = icd10(value.code) if value.system == "icd10" else _in_narrative(node, value.text)
        if not found:
            sheet.complain("death_cause_not_icd", "Причина смерти закодирована не по МКБ-10: код не найден", node)
        return found or "", node
    return "", None


def _in_narrative(node: Node, words: str) -> str | None:
    """The ICD-10 code in the narrative row that ends with the same words."""
    if node.section is None or not words:
        return None
    wanted = " ".join(words.lower().split())
    for row in node.section.element.iter():
        if isinstance(row.tag, str) and local(row) == "tr":
            cells = [" ".join("".join(cell.itertext()).split()) for cell in row]
            if any(cell.lower().endswith(wanted) for cell in cells):
                return next((icd10(cell) for cell in cells if _CODE.match(cell)), None)
    return None


def _autopsy(sheet: Sheet) -> tuple[str, Node | None]:
    """The main disease of the pathologist's diagnosis; the clinicians' one stands beside it and does not count."""
    found = [d for d in diagnoses(sheet, ELSEWHERE) if d.rank in ("", "1")]
    anatomical = [d for d in found if d.certainty.startswith("4") or "PATHANATDGN" in d.node.chain]
    chosen = next(iter(anatomical or found), None)
    return (chosen.icd10, chosen.node) if chosen else ("", None)
