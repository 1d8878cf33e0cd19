"""The shape of a claim: which tags of those we read hold tags, which hold text, and which may repeat.

A record of another shape (text in place of a patient, two patients, tags inside a date) is told and left out; without
this a reader would stumble over it in the middle of the file (tests/lists/test_malformed.py)."""

from collections.abc import Mapping
from typing import Any

from oncor_cases.sources.lists.rows import Reject

# Tags that hold tags, each with its tags; those of MANY may repeat.
_DRUG = {"INJ": {}}
_SERVICE = {"LEK_PR": _DRUG}
_PART: dict[str, Any] = {
    "NAPR": {},
    "CONS": {},
    "USL": {},
    "ONK_SL": {"B_DIAG": {}, "B_PROT": {}, "ONK_USL": _SERVICE},
}
RECORD: dict[str, Any] = {"PACIENT": {}, "Z_SL": {"SL": _PART}}
MANY = frozenset(("Z_SL", "SL", "NAPR", "CONS", "USL", "B_DIAG", "B_PROT", "ONK_USL", "LEK_PR", "INJ"))
# Texts we read; others may be of any shape. DATE_INJ of older versions repeats.
TEXTS = frozenset(
    (
        "ID_PAC", "ENP", "NPOLIS", "IDCASE", "LPU", "USL_OK", "DATE_Z_1", "DATE_Z_2", "NPR_DATE", "NPR_MO", "OPLATA",
        "NHISTORY", "DS1", "DS1_PR", "P_CEL", "DS_ONK", "DN", "DATE_1", "DATE_2", "PROFIL", "DS1_T", "STAD", "MTSTZ",
        "NAPR_DATE", "NAPR_V", "MET_ISSL", "NAPR_USL", "NAPR_MO", "PR_CONS", "DT_CONS", "DIAG_DATE", "DIAG_TIP", "REC_RSLT",
        "PROT", "D_PROT", "USL_TIP", "HIR_TIP", "LEK_TIP_L", "LEK_TIP_V", "CODE_SH", "VID_VME", "CODE_USL", "DATE_OUT",
        "DATE_IN",
    )
)  # fmt: skip


def misshapen(line: int, record: Mapping[str, Any]) -> Reject | None:
    """The reject of a record (`ZAP`) that is not of the shape we can read; None for a good one."""
    tag = _wrong(record, RECORD)
    if not tag:
        return None
    words = "Тег повторён или заполнен не по форме приказа: запись не читается"
    return Reject(line, tag, "shape", words, (f"N_ZAP={line}",))


def _wrong(node: Mapping[str, Any], inner: Mapping[str, Any]) -> str:
    """The first tag of another shape; empty where there is none."""
    for tag, value in node.items():
        if tag in TEXTS:
            if not isinstance(value, str):
                return tag
        elif tag == "DATE_INJ":
            if not all(isinstance(one, str) for one in (value if isinstance(value, list) else [value])):
                return tag
        elif tag in inner:
            for one in value if isinstance(value, list) and tag in MANY else [value]:
                if one == "":  # an empty tag says nothing
                    continue
                if not isinstance(one, Mapping):
                    return tag
                if deeper := _wrong(one, inner[tag]):
                    return deeper
    return ""
