"""Consultations (16/68/119/227), examinations (191, 341, SMSV5) and dispensary consultations (94/111).

Only S:DGN establishes; found pathology and codes of DOCINFO and RESCONS are the reason and context of the visit."""

from oncor_cases.kernel.codes import icd10 as icd_code
from oncor_cases.sources.semd import labels, services, treatments
from oncor_cases.sources.semd.dates import NOTHING, Moment, in_words
from oncor_cases.sources.semd.diagnoses import SUSPICIOUS, TUMOUR, established, reason
from oncor_cases.sources.semd.kinds import referral
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

ONCOLOGY = ("oncologist", "haematologist", "paediatric_oncologist", "radiotherapist")


def read(sheet: Sheet) -> None:
    """The visit, what it established or suspects, where it sends next, and the dispensary block."""
    specialty = treatments.specialty_of(sheet)
    found = established(sheet, default="preliminary", suspects=specialty not in ONCOLOGY)
    main = next((one.icd10 for one in found if one.tumour), found[0].icd10 if found else "")
    named, place = _named(sheet)
    code = main if main in TUMOUR else named or main
    when = best(_seen(sheet), sheet.head.event_to, sheet.head.written) or sheet.day
    sheet.add("consultation", when, "documentationOf/serviceEvent", specialty=specialty, icd10=code)
    if place is not None and not found and code in SUSPICIOUS and specialty not in ONCOLOGY:
        sheet.add("suspicion", when, place, certainty="suspected", icd10=code)
    _relapse(sheet, code)
    _ordered(sheet, code)
    treatments.prescribed(sheet, when, code)
    treatments.ordered(sheet, code)
    _dispensary(sheet, specialty, code, when)
    treatments.studies_listed(sheet, ("RESINSTR", "SERVICES"))


def _seen(sheet: Sheet) -> Moment | None:
    """The day of the visit service itself: a corrected document keeps it while its own stamp moves on."""
    days = {
        node.when()
        for node in sheet.body.of("service")
        if services.specialty_of_service(node.code) and node.when().full and {"SERVICES", "DOCINFO"}.intersection(node.chain)
    }
    return days.pop() if len(days) == 1 else None


def _named(sheet: Sheet) -> tuple[str, Node | None]:
    """The code of the visit where nothing is established: found pathology, else the reason."""
    for node in sheet.body.find("808", "809"):
        if (
            {"RESCONS", "RESINFO"}.intersection(node.chain)
            and (value := node.value("icd10"))
            and (code := icd_code(value.code))
        ):
            return code, node
    return reason(sheet), sheet.body.first("809", "838")


def _relapse(sheet: Sheet, code: str) -> None:
    """12278: the day a relapse or progression began, told by the patient's history; only with a day."""
    for node in sheet.body.find("12278"):
        if node.when().on:
            sheet.add("relapse", node.when(), node, certainty="suspected", icd10=code)


def _ordered(sheet: Sheet, code: str) -> None:
    """Where the visit sends the patient: the result of the consultation (810), issued referrals."""
    for node in sheet.body.find("810"):
        value = node.value("referral_kind")
        to = {"1": "hospital", "2": "hospital", "3": "hospital", "11": "biopsy"}.get(value.code) if value else None
        if to:
            sheet.add("referral", None, node, to=to, icd10=code)
    if sheet.body.section("SCOPORG") and any("SCOPORG" in n.chain for n in sheet.body.of("referral_kind")):
        referral._referrals(sheet, code)


def _dispensary(sheet: Sheet, specialty: str, code: str, when: Moment) -> None:
    """Start, stop and next visit of dispensary observation; a dispensary visit is one on the register of its specialist."""
    starts = sheet.body.find("7002")
    observed = bool(starts) or sheet.kind.kind.name == "dispensary_consultation" or sheet.head.event == "11"
    register = "oncology" if specialty in ONCOLOGY else "precancer" if code in _PRECANCER and specialty != "other" else ""
    if not register and specialty == "other" and code in TUMOUR and starts:
        register = "oncology" if code[0] == "C" else "precancer"
    if not observed or not register:
        return
    sheet.add("visit", when, starts[0] if starts else "documentationOf/serviceEvent", register=register, icd10=code)
    for node in starts:
        stop, following = node.find("7004"), node.find("7005")
        if node.when().on:
            sheet.add("register_entry", node.when(), node, register=register, icd10=code)
        if stop is not None and (stop.when().on or stop.values):
            why = stop.value("exit_reason")
            words = why.text if why else stop.words()
            sheet.add("register_exit", stop.when(), stop, register=register, reason=labels.exit_reason(words), icd10=code)
        if following is not None:
            day = best(following.when(), in_words(following.words())) or NOTHING
            if day.on:
                sheet.add("visit_planned", day, following, certainty="planned", register=register, icd10=code)
            elif following.words():
                sheet.complain("next_visit_in_words", "Следующая явка записана словами, дата не распознана", following)


class _Precancer:
    """Anything but an established malignant code may stand on the register of precancer."""

    def __contains__(self, code: str) -> bool:
        return bool(code) and code[0] != "C"


_PRECANCER = _Precancer()
