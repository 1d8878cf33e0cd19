"""The vocabulary of facts: every kind, its attributes and the order of kinds within one day.

One table is the contract for stories, documents, lists, decisions and the store; nothing else may invent a kind.
The first of an attribute's values is what is meant when it is left out."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from oncor_cases.kernel.errors import BadAttribute, UnknownFact

COMMON = ("icd10", "side", "org")  # every fact may carry them


@dataclass(frozen=True, slots=True)
class Attribute:
    """`values`: the allowed ones, the first is the default; empty means free. `many`: one value or an ordered list."""

    values: tuple[str, ...] = ()
    required: bool = False
    many: bool = False
    default: bool = True  # an absent attribute takes the first value


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of fact. `order` sorts facts of one day; `presence` shows the person was there; `plan` may lie ahead."""

    name: str
    attributes: Mapping[str, Attribute]
    order: int
    presence: bool = False
    plan: bool = False


def _values(text: str) -> tuple[str, ...]:
    return tuple(v.strip() for v in text.split(","))


FREE = Attribute()
NEEDED = Attribute(required=True)


def _one(text: str) -> Attribute:
    return Attribute(_values(text))


def _optional(text: str) -> Attribute:
    return Attribute(_values(text), default=False)


STEPS = "surgery, chemotherapy, radiotherapy, hormone, observation, palliative, symptomatic"
REGISTER = _one("oncology, precancer")

# Order of the lines is the order of facts within one day: the reason for care before the care, the care before its
# result, the result before the decision, the decision before the treatment, the end of life last.
_LINES: list[tuple[str, dict[str, Attribute], str]] = [
    ("attached", {}, ""),
    ("screening_invited", {"programme": NEEDED}, ""),
    ("screening_test", {"programme": NEEDED, "result": _one("normal, abnormal, suspicious, inadequate")}, "presence"),
    ("screening_done_earlier", {"programme": NEEDED}, ""),
    ("screening_refused", {"programme": NEEDED}, ""),
    ("screening_assessment", {"programme": NEEDED, "result": _one("normal, benign, precancer, suspicious")}, "presence"),
    ("suspicion", {}, ""),
    ("referral", {
        "to": _one("oncologist, haematologist, study, biopsy, consilium, hospital, palliative, federal_centre"),
        "care": _one("specialised, high_tech"), "place": _one("own, other_region, federal"), "study": FREE}, ""),
    ("consultation", {
        "specialty": _one("oncologist, haematologist, paediatric_oncologist, radiotherapist, other")}, "presence"),
    ("clinical_group", {"group": Attribute(_values("Ia, Ib, II, IIa, III, IV"), required=True)}, ""),
    ("study_ordered", {"study": NEEDED}, ""),
    ("study_performed", {"study": NEEDED, "result": FREE}, "presence"),
    ("biopsy_taken", {"specimen": FREE}, "presence"),
    ("biopsy_received", {"specimen": FREE, "work": _optional("simple, stains, ihc_5, ihc_more")}, ""),
    ("operation", {"aim": _one("radical, palliative, diagnostic, emergency")}, "presence"),
    ("pathology_report", {
        "result": _one("malignant, benign, inconclusive"),
        "kind": _one("biopsy, operation, cytology, ihc, molecular, haematology, revision"),
        "morphology": FREE, "specimen": FREE, "awaiting_ihc": FREE}, ""),
    ("diagnosis", {
        "icd10": NEEDED, "status": _one("final, preliminary, excluded"), "first_on": FREE,
        "primacy": _optional("first, known_before"), "stage": FREE, "t": FREE, "n": FREE, "m": FREE,
        "morphology": FREE, "topography": FREE, "grade": FREE, "basis": FREE}, ""),
    ("result_told", {"what": FREE}, ""),
    ("consilium", {"plan": Attribute(_values(STEPS), many=True, default=False), "intent": FREE}, ""),
    ("notice_090u", {}, ""),
    ("late_stage_protocol", {"phase": _one("published, drafted, reviewed")}, ""),
    ("vmp_ticket", {"status": FREE}, ""),
    ("register_entry", {"register": REGISTER}, ""),
    ("visit_planned", {"register": REGISTER}, "plan"),
    ("visit", {"register": REGISTER}, "presence"),
    ("admission", {"purpose": _one("treatment, diagnostics, other")}, "presence"),
    ("radiotherapy", {"phase": _one("start, end, interrupted")}, "presence"),
    ("hormone_therapy", {"drug": FREE, "valid_days": FREE}, "presence"),
    ("chemo_prescribed", {"regimen": FREE, "cycles": FREE, "cycle_days": FREE}, ""),
    ("chemo_cycle", {"regimen": FREE, "number": FREE}, "presence"),
    ("chemo_delayed", {"until": FREE, "reason": FREE}, ""),
    ("chemo_stopped", {"reason": _one("completed, toxicity, progression, refusal, other")}, ""),
    ("relapse", {}, ""),
    ("progression", {}, ""),
    ("palliative_care", {}, ""),
    ("discharge", {"outcome": FREE}, "presence"),
    ("contact", {
        "outcome": _one("reached, no_answer, wrong_number, letter_returned"),
        "channel": _one("phone, message, letter, home_visit"), "next_on": FREE}, "presence"),  # only if reached
    ("appointment", {
        "for": _one("oncologist, study, biopsy, consilium, admission, cycle, visit"), "at": FREE}, "plan"),
    ("no_show", {"of": FREE}, ""),
    ("done_elsewhere", {"step": FREE}, ""),
    ("refusal", {
        "of": _one("investigation, treatment, observation, screening"), "documented": _one("written, verbal")}, ""),
    ("contraindication", {"of": FREE}, ""),
    ("register_exit", {
        "register": REGISTER,
        "reason": _optional("left_region, not_confirmed, basal_cell, recovered, died_of_disease, "
                            "died_of_complication, died_of_other, died_cause_unknown, other")}, ""),
    ("moved_away", {"region": FREE}, ""),
    ("death", {"kind": _one("final, preliminary")}, ""),
]  # fmt: skip

KINDS: dict[str, Kind] = {
    name: Kind(
        name, attributes | {c: FREE for c in COMMON if c not in attributes}, order, "presence" in flags, "plan" in flags
    )
    for order, (name, attributes, flags) in enumerate(_LINES)
}

STUDIES = _values("ct, mri, pet, ultrasound, xray, mammography, endoscopy, colonoscopy, lab, histology, ihc, other")
EVIDENCE = _values("document, register, claim, list, person")  # strongest first
CERTAINTY = _values("established, suspected, planned")


def check(kind: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """The attributes of a fact with defaults filled in, in the table's order.

    Raises UnknownFact, or BadAttribute naming the attribute (never its value: it may be a patient's)."""
    if kind not in KINDS:
        raise UnknownFact(f"Факта «{kind}» нет в словаре")
    known = KINDS[kind].attributes
    for name in given:
        if name not in known:
            raise BadAttribute(f"У факта «{kind}» нет признака «{name}»; есть: {', '.join(known)}")
    full: dict[str, Any] = {}
    for name, attribute in known.items():
        value = given.get(name)
        if value is None or value == "":
            if attribute.required and not (
                name == "icd10" and given.get("status") == "excluded"
            ):  # what was excluded is clear
                raise BadAttribute(f"У факта «{kind}» не указан обязательный признак «{name}»")
            if attribute.values and attribute.default:
                full[name] = attribute.values[0]
            continue
        if attribute.many:
            value = tuple(value) if isinstance(value, list | tuple) else (value,)
        for part in value if attribute.many else (value,):
            if attribute.values and part not in attribute.values:
                raise BadAttribute(f"Признак «{name}» факта «{kind}» принимает: {', '.join(attribute.values)}")
        full[name] = value
    return full
