"""Referrals: 057/у (43/177/206/255), to a consultation (85/185), to the laboratory (202), to histology (222), VIMIS SMSV1,
to high-tech and specialised hospital care (97/98/123/124).

The diagnosis of a referral is its reason. It is a suspicion where it is written as one, and a final diagnosis only where
the document says "final" and of which day."""

from collections.abc import Iterator

from oncor_cases.kernel.codes import CANCER, HAEMATOLOGY
from oncor_cases.sources.semd import services
from oncor_cases.sources.semd.diagnoses import (
    FINAL,
    PRELIMINARY,
    SUSPICIOUS,
    TUMOUR,
    Diagnosis,
    diagnoses,
    established,
    suspected,
)  # fmt: skip
from oncor_cases.sources.semd.sheet import Sheet, best, organisation_named, organisation_of, specimens_of, telling
from oncor_cases.sources.semd.walker import Node

_SKIP = frozenset(
    ("LINKDOCS", "PRVDS", "GENETICD", "LANAM", "SOCANAM", "RESINFO", "RESCONS", "RESINSTR", "RESLAB", "GISTRESULT")
)
_SEEKS = {"oncologist", "haematologist", "biopsy", "study", "consilium"}  # referrals that look for a tumour
_PURPOSES = {"1": "hospital", "2": "hospital", "3": "hospital", "4": "study", "6": "consultation", "11": "biopsy"}


def read(sheet: Sheet) -> None:
    """Referral, ordered studies, specimens sent, and the reason as the document words it."""
    found = [one for one in diagnoses(sheet, _SKIP) if one.rank in ("", "1", "4", "8")] or diagnoses(sheet, _SKIP)
    main = next((one for one in found if one.tumour), found[0] if found else None)
    asked = _referrals(sheet, main.icd10 if main else "")
    for one in found:
        suspected(sheet, one)
    if main is not None and main.tumour:
        _reason(sheet, main, asked)


def _referrals(sheet: Sheet, icd10: str) -> set[str]:
    name = sheet.kind.kind.name
    if name == "biopsy_referral":
        return _biopsy(sheet, icd10)
    if name == "laboratory_referral":
        place = sheet.body.first("7028") or next(iter(sheet.body.section("SCOPORG")), "")
        target = _target(sheet)
        sheet.add("referral", None, place, to="study", study="lab", icd10=icd10, org=target, place=_place(sheet, target))
        sheet.add("study_ordered", None, place, study="lab", icd10=icd10, org=target)
        return {"study"}
    if name in ("high_tech_referral", "specialised_referral"):
        care = "high_tech" if name == "high_tech_referral" else "specialised"
        target = _target(sheet)
        at, to = sheet.somewhere("SCOPORG", "DOCINFO", "DGN"), _hospital(sheet)
        sheet.add("referral", None, at, to=to, care=care, icd10=icd10, org=target, place=_place(sheet, target))
        return {"hospital"}
    asked: set[str] = set()
    purposes = list(_purposes(sheet))
    ordered = list(_services(sheet))
    for place, purpose in purposes or [(None, "")]:
        asked |= _one(sheet, place, purpose, ordered, icd10)
    return asked


def _purposes(sheet: Sheet) -> Iterator[tuple[Node, str]]:
    for node in sheet.body.of("referral_kind"):
        if "SCOPORG" in node.chain:
            yield node, _PURPOSES.get(node.code, "")


def _services(sheet: Sheet) -> Iterator[tuple[Node, str, str]]:
    """Services asked for, with place, code and name."""
    for node in sheet.body.find("833", "7028") + sheet.body.find("additionalData", system="vimis1"):
        if "SCOPORG" in node.chain:
            for value in node.coded():
                if value.system in ("service", "study", "consultation_kind", "laboratory_test"):
                    yield node, _code(value.code, value.system), value.text
                elif node.code == "833" and value.text and not value.code:
                    yield node, "", value.text
    for node in sheet.body.of("service") + sheet.body.of("study"):
        if {"SCOPORG", "SERVICES"}.intersection(node.chain):
            yield node, _code(node.code, node.system), node.label


def _code(code: str, system: str) -> str:
    """Codes of services and studies; a laboratory test is told as the group of services it belongs to."""
    return {"service": code, "study": code, "laboratory_test": "A09"}.get(system, "")


def _one(sheet: Sheet, place: Node | None, purpose: str, ordered: list[tuple[Node, str, str]], icd10: str) -> set[str]:
    target = (organisation_of(place) if place else "") or _target(sheet)
    own = [o for o in ordered if place is not None and place in o[0].above()]
    ordered = own or ordered
    at: Node | str = place or sheet.somewhere("SCOPORG", "SERVICES")
    common = {"icd10": icd10, "org": target, "place": _place(sheet, target)}
    words = " ".join(text for _, _, text in ordered) + " " + _comment(sheet)
    if "паллиатив" in words.lower():
        sheet.add("referral", None, at, to="palliative", **common)
        return {"palliative"}
    if purpose == "hospital":
        sheet.add("referral", None, at, to=_hospital(sheet), **common)
        return {"hospital"}
    if purpose == "biopsy" or any(services.is_biopsy(code, text) for _, code, text in ordered):
        sheet.add("referral", None, at, to="biopsy", **common)
        return {"biopsy"}
    asked: set[str] = set()
    studies = dict.fromkeys(
        (services.study(code, text), node)
        for node, code, text in ordered
        if services.is_study(code) or code.isdigit() or _names_study(code, text)
    )
    if purpose == "consultation" or (not purpose and not studies):
        to = "consilium" if "консилиум" in words.lower() else _specialist(sheet, ordered, words, icd10)
        if to:
            sheet.add("referral", None, at, to=to, **common)
            asked.add(to)
    if studies:
        first = next(iter(studies))[0]
        sheet.add("referral", None, at, to="study", study=first, **common)
        for name, node in studies:
            sheet.add("study_ordered", None, node, study=name, icd10=icd10, org=target)
        asked.add("study")
    elif purpose == "study":
        sheet.add("referral", None, at, to="study", study="other", **common)
        sheet.add("study_ordered", None, at, study="other", icd10=icd10, org=target)
        asked.add("study")
    return asked


def _names_study(code: str, text: str) -> bool:
    return not code and services.study("", text) not in ("", "other")


def _specialist(sheet: Sheet, ordered: list[tuple[Node, str, str]], words: str, icd10: str) -> str:
    """Whom the consultation asks. A specialist of another field gives nothing; an unnamed one is told by the reason."""
    named = [services.specialty_of_service(code) for _, code, _ in ordered]
    named = [s for s in named if s] or [services.specialty_in(words)]
    told = next((to for s in named if (to := services.asks_for(s))), "")
    if told or "other" in named or any("консультация" in text.lower() for _, _, text in ordered):
        return told
    if icd10 in TUMOUR:
        sheet.complain(
            "specialist_assumed", "Специалист в направлении не назван: принят онколог по диагнозу", "section[SCOPORG]"
        )
        return "haematologist" if icd10 in HAEMATOLOGY else "oncologist"
    return ""


def _comment(sheet: Sheet) -> str:
    return " ".join(n.words() for n in sheet.body.find("10000") if "SCOPORG" in n.chain)


def _target(sheet: Sheet) -> str:
    for node in [
        *sheet.body.find("8038", "7028", "7016", "12016"),
        *(n for s in sheet.body.section("SCOPORG") for n in s.under()),
    ]:
        if node.performers and (org := organisation_of(node)):
            return org
    return ""


_FEDERAL = ("фгбу", "фгбоу", "фгау", "фгаоу", "фгбну", "федеральн", "нмиц", "национальный медицинский исследовательский")


def _is_federal(sheet: Sheet) -> bool:
    """The organisation asked is a federal centre by its name."""
    inside = [n for s in sheet.body.section("SCOPORG", "DOCINFO") for n in s.under()]
    names = " ".join(organisation_named(node)[1].lower() for node in inside if node.performers)
    return any(sign in names for sign in _FEDERAL)


def _hospital(sheet: Sheet) -> str:
    return "federal_centre" if _is_federal(sheet) else "hospital"


def _place(sheet: Sheet, target: str) -> str:
    """Own or other region: identifiers of organisations carry the region's number (…12.2.REGION.N)."""
    if target and _is_federal(sheet):
        return "federal"
    here, there = _region(sheet.head.organisation), _region(target)
    return "other_region" if here and there and here != there else ""


def _region(oid: str) -> str:
    head = "1.2.643.5.1.13.13.12.2."
    return oid.removeprefix(head).partition(".")[0] if oid.startswith(head) else ""


def _biopsy(sheet: Sheet, icd10: str) -> set[str]:
    """Material sent with the form: the day it was taken where written, and the numbers the laboratory will answer with."""
    at = sheet.somewhere("GISTSPECIMENS", "DOCINFO", "DGN")
    sheet.add("referral", None, at, to="biopsy", icd10=icd10, org=_target(sheet))
    taken = [n for s in sheet.body.section("GISTSPECIMENS") for n in s.under()]
    numbers = [*specimens_of(taken), *(n.words() for n in sheet.body.find("4006", "4005") if n.words())]
    when = best(*(n.when() for n in taken if n.tag in ("procedure", "organizer", "observation", "act")))
    if taken and when is not None:
        sheet.add("biopsy_taken", when, taken[0], specimen=next(iter(numbers), ""), icd10=icd10, links=telling(numbers))
    return {"biopsy"}


def _reason(sheet: Sheet, one: Diagnosis, asked: set[str]) -> None:
    if one.certainty in FINAL:
        if one.icd10 in CANCER:
            established(sheet, default="preliminary", skip=_SKIP)
        return
    doubtful = one.certainty in PRELIMINARY or (not one.certainty and _first_visit(sheet))
    told = one.icd10 in SUSPICIOUS or (one.icd10 in CANCER and doubtful)
    if not one.suspicions and told and one.character != "2" and asked & _SEEKS:
        side = one.details.get("side")
        sheet.add("suspicion", best(one.on), one.node, certainty="suspected", icd10=one.icd10, side=side)


def _first_visit(sheet: Sheet) -> bool:
    """Asks another doctor for a first visit to the oncologist: where the form has no room for certainty (85, 185), a
    tumour code then is what the sender suspects."""
    sender = services.specialty_of_post(sheet.head.author_post, sheet.head.author_post_label)
    asked = [code for _, code, _ in _services(sheet) if services.asks_for(services.specialty_of_service(code))]
    return sender == "other" and bool(asked) and all(services.normal(code).endswith(".001") for code in asked)
