"""What a finished case of the fund says as facts. Codes are of the named dictionaries and of no other (C11)."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from oncor_cases.sources.lists.schema import Values, fact
from oncor_cases.sources.reading import ReadFact
from oncor_cases.sources.seeds import tables, yaml_file

REFERRED = {"1": "oncologist", "2": "biopsy", "3": "study"}  # V028; 4 is recalled only, so it says nothing here
METHOD = {"1": "lab", "2": "other", "3": "xray", "4": "ct"}  # V029: laboratory, instrumental, radiological, costly
REFUSED = {
    "0": "investigation",
    "4": "treatment",
    "5": "treatment",
    "6": "treatment",
}  # N001: histology; surgery, drugs, rays
AGAINST = {"1": "surgery", "2": "chemotherapy", "3": "radiotherapy"}  # N001
HOSPITAL = ("1", "2")  # USL_OK: hospital, day hospital (recalled)


@lru_cache(maxsize=1)
def regimens() -> dict[str, str]:
    """sh-code of V024 → regimen of the rule data."""
    known = tables().cycle_days
    return {
        code.strip(): row["id"]
        for row in yaml_file("dictionaries", "regimens.yml")
        for code in str(row.get("codes") or "").split(",")
        if code.strip() and row["id"] in known
    }


def facts(values: Values) -> Iterator[ReadFact]:
    """Facts of a case, part by part."""
    org = values.get("org")
    for number, part in enumerate(values.get("parts") or (), 1):
        yield from _part(values, part, org, f"SL {number}")


def _part(case: Values, part: Values, org: str | None, path: str) -> Iterator[ReadFact]:
    code = part.get("icd10")
    told: dict[str, Any] = {"icd10": code, "org": org}
    on, end = part.get("begin_on") or case["begin_on"], part.get("end_on") or case.get("end_on")
    suspected = part.get("suspected") == "1"
    if suspected:
        yield fact("claim", "suspicion", on, told, certainty="suspected", path=f"{path} DS_ONK")
    elif code:
        known = {"stage": part.get("stage"), "status": "final", "icd10": code, "org": org}
        if part.get("first") == "1":
            known["primacy"] = "first"
        yield fact("claim", "diagnosis", end or on, known, path=f"{path} DS1")
    if part.get("onk") in ("1", "2"):  # N018: relapse, progression
        yield fact("claim", "relapse" if part["onk"] == "1" else "progression", on, told, path=f"{path} DS1_T")
    for referral in part.get("referrals") or ():
        yield from _referral(referral, code, path)
    for meeting in part.get("consilium") or ():
        if meeting.get("on") and meeting.get("purpose") in ("1", "2", "3"):  # N019; 0 no need, 4 not held
            yield fact("claim", "consilium", meeting["on"], told, path=f"{path} CONS")
    for biopsy in part.get("biopsies") or ():
        if biopsy.get("on") and biopsy.get("kind") == "1":
            yield fact("claim", "biopsy_taken", biopsy["on"], told, path=f"{path} B_DIAG")
    for refusal in part.get("refusals") or ():
        yield from _refusal(refusal, told, path)
    for treatment in part.get("treatments") or ():
        yield from _treatment(treatment, told, on, end, path)
    if case.get("conditions") in HOSPITAL and part.get("treatments"):
        yield fact("claim", "admission", on, told | {"purpose": "treatment"}, path=f"{path} DATE_1")
        if end:
            yield fact("claim", "discharge", end, told, path=f"{path} DATE_2")
    if part.get("purpose") == "1.3" and not suspected:
        yield fact("claim", "visit", on, told | {"register": "oncology"}, path=f"{path} P_CEL")
    if part.get("observation") == "2" and not suspected:  # DN: 2 taken, 4 and 6 removed; 6 covers death too
        yield fact("claim", "register_entry", end or on, told | {"register": "oncology"}, path=f"{path} DN")
    elif part.get("observation") in ("4", "6") and not suspected:
        reason = {"4": "recovered", "6": "other"}[part["observation"]]
        yield fact("claim", "register_exit", end or on, told | {"register": "oncology", "reason": reason}, path=f"{path} DN")


def _referral(referral: Values, code: str | None, path: str) -> Iterator[ReadFact]:
    to = REFERRED.get(str(referral.get("to")))
    if not to or not referral.get("on"):
        return
    told = {"to": to, "icd10": code, "org": referral.get("org")}
    if to == "study":
        told["study"] = referral.get("service") or METHOD.get(str(referral.get("method")), "other")
    yield fact("claim", "referral", referral["on"], told, path=f"{path} NAPR")
    if to == "study":
        yield fact("claim", "study_ordered", referral["on"],
                   {"study": told["study"], "icd10": code, "org": referral.get("org")}, path=f"{path} NAPR")  # fmt: skip


def _refusal(refusal: Values, told: Values, path: str) -> Iterator[ReadFact]:
    what, on = str(refusal.get("what")), refusal.get("on")
    if on and what in REFUSED:
        yield fact("claim", "refusal", on, {"icd10": told["icd10"], "of": REFUSED[what], "documented": "written"},
                   path=f"{path} B_PROT")  # fmt: skip
    elif on and what in AGAINST:
        yield fact("claim", "contraindication", on, {"icd10": told["icd10"], "of": AGAINST[what]}, path=f"{path} B_PROT")


def _treatment(treatment: Values, told: Values, on: str, end: str | None, path: str) -> Iterator[ReadFact]:
    kind = treatment.get("kind")  # N013
    place = f"{path} ONK_USL"
    if kind == "1":
        yield fact("claim", "operation", on, told, path=place)
    if kind in ("2", "4"):
        schemes = treatment.get("schemes") or [""]
        regimen = regimens().get(schemes[0]) or (schemes[0] if schemes[0].startswith("sh") else "")
        first = (treatment.get("days") or [on])[0]  # the first injection is day 1 of the cycle; older versions have none
        yield fact("claim", "chemo_cycle", first, told | {"regimen": regimen}, path=f"{place} DATE_INJ")
        if treatment.get("cycle") in ("3", "4"):  # N016: the last, interrupted or completed
            reason = "completed" if treatment["cycle"] == "4" else "other"
            yield fact("claim", "chemo_stopped", end or on, told | {"reason": reason}, path=f"{place} LEK_TIP_V")
    if kind in ("3", "4"):
        yield fact("claim", "radiotherapy", on, told | {"phase": "start"}, path=place)
        if end:
            yield fact("claim", "radiotherapy", end, told | {"phase": "end"}, path=place)
