"""Operations, drug and radiation therapy, studies and visits wherever a document lists them as done."""

from collections.abc import Iterable

from oncor_cases.sources.semd import labels, services
from oncor_cases.sources.semd.dates import Moment
from oncor_cases.sources.semd.header import posts
from oncor_cases.sources.semd.sheet import Sheet, best, identifiers, organisation_of, specimens_of
from oncor_cases.sources.semd.walker import Node

_PLANNED = frozenset(("LINKDOCS", "SCOPORG", "OBSPLAN", "REGIME", "SUR"))
_AIMS = (
    ("palliative", ("паллиатив", "симптоматич", "циторедукт")),
    ("diagnostic", ("диагност", "эксплорат", "пробн", "биопс")),
    ("radical", ("радикал",)),
)


def aim_of(procedure: Node, nodes: Iterable[Node]) -> str:
    """The aim of an operation by its oncology specification and urgency; empty if nothing tells."""
    words = urgency = ""
    for node in (procedure, *nodes):
        if node.system == "operation_aim":
            words = words or node.label
        elif node.system == "urgency" and node.code == "1" and "экстр" in node.label.lower():
            urgency = "emergency"
        for value in node.coded():
            if value.system == "operation_aim":
                words = words or value.text
            elif value.system == "urgency" and value.code == "1" and "план" not in value.text.lower():
                urgency = "emergency"
    low = words.lower()
    named = next((aim for aim, signs in _AIMS if any(sign in low for sign in signs)), "")
    return named if named in ("palliative", "diagnostic") else urgency or named


def operations(sheet: Sheet, sections: Iterable[Node], icd10: str = "", on: Moment | None = None) -> list[str]:
    """Operations and biopsies of surgery sections; the aims found. Anaesthesia and devices are not operations."""
    aims: list[str] = []
    for section in sections:
        if {"LANAM", "ANAM", "SUMPRESUR", "LINKDOCS"}.intersection(section.chain):
            continue
        for node in section.children:
            service = _service(node)
            if service is None:
                continue
            code, text = service
            when = best(node.when(), on)
            if services.is_biopsy(code, text):
                specimen = next(iter(specimens_of((node, *node.under()))), "")
                sheet.add("biopsy_taken", when, node, specimen=specimen, icd10=icd10, links=[*identifiers(node), specimen])
                aims.append("diagnostic")
            elif services.is_operation(code) or (node.tag == "procedure" and not code.startswith(("A11", "B"))):
                aim = aim_of(node, node.under())
                aims.append(aim or "radical")
                sheet.add("operation", when, node, aim=aim, icd10=icd10, links=identifiers(node), org=organisation_of(node))
    return aims


def _service(node: Node) -> tuple[str, str] | None:
    """Code and name of the service a statement performs: its own code or a service below it."""
    if node.tag not in ("procedure", "act", "observation"):
        return None
    if node.system == "service":
        return services.normal(node.code), node.label
    for below in node.under():
        if below.system == "service":
            return services.normal(below.code), below.label
    value = node.value("service")
    if value:
        return services.normal(value.code), value.text
    return ("", node.label) if node.tag == "procedure" and (node.code or node.when().on) else None


def chemotherapy(sheet: Sheet, nodes: Iterable[Node], icd10: str = "") -> int:
    """One cycle for every scheme with a start: day 1 is the start of its interval. How many were found."""
    found = 0
    for node in nodes:
        values = [value for value in node.coded() if value.system == "scheme"]
        text = node.label if node.system == "scheme" else values[0].text or values[0].code if values else ""
        if not text and node.system != "chemotherapy_v1":
            continue
        sheet.add("chemo_cycle", node.when(), node, regimen=labels.regimen(text), icd10=icd10)
        found += 1
    return found


def radiotherapy(sheet: Sheet, nodes: Iterable[Node], icd10: str = "") -> int:
    """Start and, where written, end of a course. How many courses were found."""
    found = 0
    for node in nodes:
        start, end = node.when(), node.until()
        if not (start.on or end.on or start.problem):
            continue
        found += 1
        if start.on or start.problem:
            sheet.add("radiotherapy", start, node, phase="start", icd10=icd10)
        if end.on:
            sheet.add("radiotherapy", end, node, phase="end", icd10=icd10)
    return found


def hormones(sheet: Sheet, nodes: Iterable[Node], icd10: str = "") -> int:
    """Hormone therapy with the drug's name. How many were found."""
    found = 0
    for node in nodes:
        drug = next((drug_of(below) for below in node.under() if below.tag == "substanceAdministration"), "")
        sheet.add("hormone_therapy", best(node.when()), node, drug=drug, icd10=icd10)
        found += 1
    return found


def drug_of(node: Node) -> str:
    """The name of a drug given."""
    for part in node.element.iter():
        if isinstance(part.tag, str) and part.tag.endswith("}code") and part.get("displayName"):
            return " ".join((part.get("displayName") or "").split())
    return ""


def prescribed(sheet: Sheet, held: Moment | None, icd10: str) -> None:
    """Schemes of a plan of treatment: a prescription dated on the first day planned, else on the day of the plan."""
    for scheme in sheet.body.of("scheme"):
        if "LINKDOCS" not in scheme.chain and "SUM" not in scheme.chain:
            name, on = labels.regimen(scheme.label), best(scheme.when(), held)
            sheet.add("chemo_prescribed", on, scheme, certainty="planned", regimen=name, icd10=icd10)


def ordered(sheet: Sheet, icd10: str) -> None:
    """Images (12422) and pathology (12423) of a plan of examination: orders of this document, one for each study."""
    for plan in sheet.body.find("12422", "12423"):
        coded = [n for n in plan.under() if n.system in ("service", "study")]
        named = [n for n in coded if n.system == "service"] or coded
        for node in named:
            sheet.add("study_ordered", None, node, study=services.study(node.code, node.label), icd10=icd10)


def studies_listed(sheet: Sheet, chain: Iterable[str]) -> int:
    """Studies quoted or listed with their day: results of instrumental examination, services done. How many."""
    wanted = set(chain)
    found = 0
    for node in [*sheet.body.of("study"), *sheet.body.of("service")]:
        if not wanted.intersection(node.chain) or {"LINKDOCS", "SCOPORG", "OBSPLAN", "REGIME", "SUR"}.intersection(
            node.chain
        ):
            continue
        if node.system == "service" and not services.is_imaging(node.code):
            continue
        when = _when_done(node)
        if when is None:
            continue
        sheet.add("study_performed", when, node, study=services.study(node.code, node.label), links=identifiers(node))
        found += 1
    return found


def _when_done(node: Node) -> Moment | None:
    if node.when().on:
        return node.when()
    return next((above.when() for above in node.above() if above.tag != "section" and above.when().on), None)


def visits_listed(sheet: Sheet, chain: Iterable[str], icd10: str = "") -> int:
    """Consultations of oncology specialists among the services done. How many."""
    wanted = set(chain)
    found = 0
    for node in sheet.body.of("service"):
        specialty = services.specialty_of_service(node.code)
        if specialty in ("", "other") or not wanted.intersection(node.chain):
            continue
        when = _when_done(node)
        if when is not None:
            sheet.add("consultation", when, node, specialty=specialty, icd10=icd10)
            found += 1
    return found


def specialty_of(sheet: Sheet) -> str:
    """The specialty that saw the patient: the author's post, then performers of the event, then the services done."""
    head = sheet.head
    found = services.specialty_of_post(head.author_post, head.author_post_label)
    for performer in head.performers:
        if found != "other":
            break
        found = services.specialty_of_post(*posts(performer))
    if found == "other":
        told = [*(services.specialty_of_service(n.code) for n in sheet.body.of("service") if _done(n)),
                *(services.specialty_in(v.text) for n in sheet.body.find("4071") for v in n.coded())]  # fmt: skip
        found = next((s for s in told if s not in ("", "other")), "other")
    return found


def _done(node: Node) -> bool:
    return bool({"DOCINFO", "SERVICES"}.intersection(node.chain)) and "LINKDOCS" not in node.chain


def performer_specialty(node: Node) -> str:
    """The specialty of whoever performed a statement."""
    return next((s for p in node.performers if (s := services.specialty_of_post(*posts(p))) != "other"), "other")
