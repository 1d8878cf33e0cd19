"""Diagnoses of a document: the five shapes they come in, and the places that only look like one.

1 act (certainty) over observation (rank) · 2 rank holds the code, certainty below · 3 field 838 holds the code ·
4 field 838 wraps the rank, certainty stands beside · 5 a reference: the reason of a study. What is said under suspicion
(6036), found pathology (808), relatives, past diseases, linked documents and earlier visits is nobody's diagnosis."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from oncor_cases.kernel.codes import CANCER, METASTASIS, IcdSet, icd10
from oncor_cases.sources.semd import labels
from oncor_cases.sources.semd.dates import NOTHING, Moment
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

SUSPICIOUS = IcdSet.parse("D37-D48, Z03.1")  # codes that say "suspected" by themselves
OBSERVED = "Z03.1"
TUMOUR = IcdSet.parse("C00-C97, D00-D48, Z03.1")

# Sections where a code is somebody else's, past, quoted or only the reason of a study.
ELSEWHERE = frozenset((
    "RESINFO", "LINKDOCS", "STAGETREATMENT", "RISKFACTOR", "PRVDS", "GENETICD", "LANAM", "SOCANAM", "DISABILITY", "RESCONS",
    "RESINSTR", "RESLAB", "RESMOR", "GISTRESULT", "DOCINFO", "ANAM", "SIGNSTUD", "OBSTETRICANAMN", "ORDER", "PATINFO",
    "PROC",
    "vimisEpicrisisDepartments", "vimisReferenceDocs", "CONSILIUMDECISION", "OBJECTINFO", "SERVICES", "TEMPORARYDISABILITY",
))  # fmt: skip
NOT_ONE = frozenset(("6036", "808", "800", "9011", "9012", "823", "4017", "4027", "12395"))
EXTERNAL, COMPLICATIONS = "5", ("2", "7")
FINAL, PRELIMINARY = frozenset(("3", "4", "5", "42", "52")), frozenset(("1", "2", "10", "41", "51"))


@dataclass(slots=True)
class Diagnosis:
    """One ICD-10 code a document gives the patient. `certainty`: a code or empty; `details`: oncology attributes."""

    node: Node
    icd10: str
    rank: str = ""
    certainty: str = ""
    on: Moment = NOTHING
    first_on: Moment = NOTHING
    character: str = ""
    details: dict[str, str] = field(default_factory=dict)
    group: tuple[str, Node] | None = None
    suspicions: list[tuple[Node, str, Moment]] = field(default_factory=list)  # place, code, day

    @property
    def tumour(self) -> bool:
        """True for codes an oncology pathway cares about."""
        return self.icd10 in TUMOUR


def diagnoses(sheet: Sheet, skip: frozenset[str] = ELSEWHERE) -> list[Diagnosis]:
    """Every diagnosis in document order; the same code twice is one, the richer."""
    found: list[Diagnosis] = []
    for node, code in _candidates(sheet, skip):
        found.append(_read(node, code))
    return _merged(found)


def reason(sheet: Sheet) -> str:
    """The ICD-10 code a document names as its reason (shape 5): never a diagnosis by itself."""
    for node in sheet.body.find("838", "809", "4017"):
        if "DOCINFO" in node.chain or node.chain[:1] == ("GISTCASE",) or node.code == "4017":
            for place in (node, *node.children):
                code = icd10(value.code) if (value := place.value("icd10")) else None
                if code:
                    return code
    return ""


def _candidates(sheet: Sheet, skip: frozenset[str]) -> Iterator[tuple[Node, str]]:
    for node in sheet.body.of("rank"):
        if node.values and not skip.intersection(node.chain) and (code := _icd(node)) and _own(node):
            yield node, code
    for node in sheet.body.find("838"):
        if skip.intersection(node.chain) or not _own(node):
            continue
        if code := _icd(node):
            yield node, code
        elif (inner := node.child("809")) is not None and (code := _icd(inner)):
            yield inner, code


def _icd(node: Node) -> str | None:
    value = node.value("icd10")
    return icd10(value.code) if value else None


def _own(node: Node) -> bool:
    return not any(above.system == "field" and above.code in NOT_ONE for above in node.above())


def _read(node: Node, code: str) -> Diagnosis:
    wrapper = node.parent if node.parent is not None and node.parent.is_("838") else None
    found = Diagnosis(node, code, node.code if node.system == "rank" else "")
    found.on = best(node.when(), wrapper.when() if wrapper else None) or NOTHING
    found.certainty = _certainty(node)
    for value in node.coded():  # VIMIS of the first version puts everything as sibling values
        _detail(found, node, value.system, value.code, value.text, "")
    for below in (wrapper or node).under():
        if below is node:
            continue
        if below.system == "character":
            found.character = found.character or below.code
        elif below.system == "field":
            _field(found, below)
        elif below.system == "vimis5":
            _vimis(found, below)
    if not found.on.on and not found.on.problem and found.first_on.on:
        found.on = found.first_on
    return found


def _certainty(node: Node) -> str:
    wrapper = node.parent if node.parent is not None and node.parent.is_("838") else node
    below = wrapper.find("7026")
    if below is not None and (value := below.value("certainty")):
        return value.code
    for above in node.above():
        if above.system == "certainty":
            return above.code
        beside = next((c for c in above.children if c.system == "certainty" and not c.children), None)
        if beside is not None and above.tag == "section":
            return beside.code
        if above.tag == "section":
            break
    return ""


def _field(found: Diagnosis, node: Node) -> None:
    code = node.code
    if code == "12120":
        found.first_on = best(node.when(), found.first_on) or NOTHING
    elif code == "12014" and (value := node.value("character")):
        found.character = value.code
    elif code == "6036":
        value = node.value("icd10")
        found.suspicions.append((node, (icd10(value.code) if value else None) or "", node.when()))
    elif code == "6050":
        _stage(found, node)
    elif code == "12399":
        if group := labels.clinical_group(node.words()):
            found.group = (group, node)
    elif code in ("9066", "9067"):
        return
    elif any(above.is_("9067") for above in node.above()):
        return  # dynamics of the process, not the stage at diagnosis
    else:
        for value in node.coded():
            _detail(found, node, value.system, value.code, value.text, code)


def _stage(found: Diagnosis, node: Node) -> None:
    """A dictionary value; in the federal consilium the reading of a scale, whose own number is the least exact."""
    below = [b for b in node.under() if b.code in ("8019", "8020") or b.system == "stage"]
    texts = [value.text for value in node.coded() if value.system == "stage"]
    texts += [text for b in below for text in (*(value.text or value.code for value in b.coded()), b.label)]
    stage = next((read for text in (*texts, node.words()) if text and (read := labels.stage(text))), "")
    if stage:
        found.details.setdefault("stage", stage)


def _detail(found: Diagnosis, node: Node, system: str, code: str, text: str, of: str) -> None:
    put = found.details.setdefault
    if system == "tnm":
        kind = {"6047": "t", "6048": "n", "6049": "m"}.get(of)
        for name in (kind,) if kind else ("t", "n", "m"):
            if value := labels.category(name, text):
                put(name, value)
        if of in ("", "12407", "9068") and (value := labels.grade("", text)):
            put("grade", value)
    elif system == "stage" and of in ("", "6050"):
        if value := labels.stage(text):
            put("stage", value)
    elif system == "morphology":
        if value := labels.morphology(code):
            put("morphology", value)
    elif system == "topography":
        if value := labels.topography(code):
            put("topography", value)
    elif system == "grade":
        if value := labels.grade(code, text):
            put("grade", value)
    elif system in ("laterality", "lesion_side"):
        if value := labels.side(code, system, text):
            put("side", value)
    elif system == "confirmation":
        if value := labels.BASIS.get(code):
            put("basis", value)
    elif system == "character" and not of:
        found.character = found.character or code
    elif system == "clinical_group" and not of and (value := labels.clinical_group(text)):
        found.group = (value, node)


def _vimis(found: Diagnosis, node: Node) -> None:
    """317: suspicion of a tumour (yes or no); 318: first in life, with its day."""
    if node.code == "318":
        found.first_on = best(node.when(), found.first_on) or NOTHING
    elif node.code == "317" and node.words().lower() == "true":
        found.suspicions.append((node, "", node.when()))


def _merged(found: list[Diagnosis]) -> list[Diagnosis]:
    kept: list[Diagnosis] = []
    for one in found:
        twin = next((k for k in kept if k.icd10 == one.icd10 and _final(k) == _final(one)), None)
        if twin is None:
            kept.append(one)
            continue
        for name, value in one.details.items():
            twin.details.setdefault(name, value)
        twin.on = best(twin.on, one.on) or NOTHING
        twin.first_on = best(twin.first_on, one.first_on) or NOTHING
        twin.character, twin.group = twin.character or one.character, twin.group or one.group
        twin.suspicions += one.suspicions
    finals = {k.icd10[:3] for k in kept if _final(k) is True}
    # the working diagnosis of admission beside the final one is history of the same stay
    return [k for k in kept if not (_final(k) is False and k.icd10[:3] in finals and not k.on.on)]


def _final(one: Diagnosis) -> bool | None:
    return True if one.certainty in FINAL else False if one.certainty in PRELIMINARY else None


def established(
    sheet: Sheet,
    *,
    default: str,
    first: bool = False,
    skip: frozenset[str] = ELSEWHERE,
    basis: str = "",
    suspects: bool = False,
) -> list[Diagnosis]:
    """Adds a fact for every diagnosis, its clinical group and its suspicion. `default`: status where no certainty is told;
    `first`: the kind of document itself says "first in life"; `basis`: how it was confirmed, told outside the diagnosis;
    `suspects`: a tumour this author calls preliminary is a written suspicion (a doctor of another field)."""
    found = diagnoses(sheet, skip)
    for one in found:
        if one.rank == EXTERNAL or (one.rank in COMPLICATIONS and one.icd10 not in CANCER and one.icd10 not in METASTASIS):
            continue
        suspected(sheet, one)
        if basis and one.tumour:
            one.details.setdefault("basis", basis)
        if one.icd10 == OBSERVED:  # "observed for a suspected tumour" is a suspicion by its very name
            if not one.suspicions:
                sheet.add("suspicion", best(one.on), one.node, certainty="suspected", icd10=one.icd10)
            continue
        if one.icd10[0] in "RZ":  # a symptom or a reason to come is no disease
            continue
        final = _final(one)
        status = "final" if final else default if final is None else "preliminary"
        sheet.add(
            "diagnosis", best(one.on, one.first_on), one.node, icd10=one.icd10, status=status,
            first_on=one.first_on.on, primacy="first" if first else primacy(one), **one.details,
        )  # fmt: skip
        doubted = one.icd10 in CANCER or one.icd10 in SUSPICIOUS
        if suspects and doubted and final is False and one.character != "2" and not one.suspicions:
            sheet.add("suspicion", best(one.on, one.first_on), one.node, certainty="suspected", icd10=one.icd10)
        if one.group:
            sheet.add("clinical_group", None, one.group[1], group=one.group[0], icd10=one.icd10)
    return found


def primacy(one: Diagnosis) -> str:
    """`first` or `known_before` where the document says so."""
    return {"1": "first", "2": "known_before"}.get(one.character, "")


def suspected(sheet: Sheet, one: Diagnosis) -> None:
    """Suspicions written beside a diagnosis. A bare yes beside an established tumour counts only if it came before it."""
    for node, code, on in one.suspicions:
        if not code and one.icd10 in CANCER and _final(one) is not False:
            if not (on.on and one.on.on and on.on <= one.on.on):
                continue
            code = one.icd10
        elif not code and one.tumour:
            code = one.icd10
        sheet.add("suspicion", best(on), node, certainty="suspected", icd10=code)
