"""Histology (46/74/214, SMSV4) and cytology (93/176, SMSV9): receipt of the specimen and what the pathologist found.

The result goes by the behaviour digit of the morphology, then by the ICD-10 chapter of the conclusion; a conclusion in
words only is `inconclusive` with a problem: somebody must read it."""

import re

from oncor_cases.kernel.codes import CANCER, UNSITED, icd10
from oncor_cases.sources.semd import labels, services
from oncor_cases.sources.semd.diagnoses import SUSPICIOUS, reason
from oncor_cases.sources.semd.sheet import Sheet, best, identifiers, specimens_of, telling
from oncor_cases.sources.semd.walker import Node

_DENIES = re.compile(r"\bнет\b|не (?:выявлен|обнаружен|получен|найден)|без признаков|отсутств")
_INSUFFICIENT = re.compile(r"недостаточ|не ?информатив|не ?представляется возможн")
_MARGINS = re.compile(r"кра[йея]|резекц|лимфо|сосуд|инваз|подозр")
_RANKS = ("malignant", "inconclusive", "benign")  # the worst of several findings names the report


def read(sheet: Sheet) -> None:
    """`biopsy_received` where a day of receipt is written, and the report."""
    cytology = sheet.kind.kind.name == "cytology"
    numbers = [n.words() for n in sheet.body.find("4006", "4005", "7009") if n.words()]
    specimens = [*numbers, *specimens_of(sheet.body)]
    first = next(iter(specimens), "")
    for node in sheet.body.find("4001"):
        received = best(node.when(), *(below.when() for below in node.under()))
        number = node.words() if node.words() and not numbers else first
        if received is not None:
            sheet.add("biopsy_received", received, node, specimen=number, icd10=reason(sheet), links=telling(specimens))
    nodes = [n for s in sheet.body.section("GISTRESULT", "RESLAB", "RESINFO") for n in (s, *s.under())]
    report(sheet, nodes, cytology=cytology, specimen=first, links=telling(specimens))


def report(sheet: Sheet, nodes: list[Node], *, cytology: bool = False, specimen: str = "", links: list[str] | None = None,
           quoted: bool = False) -> None:  # fmt: skip
    """The report told by statements of a result section; `quoted` in another document: without a code nothing."""
    morphology, code, results = "", "", []
    for node in nodes:
        for value in node.coded():
            if value.system == "morphology" and labels.behaviour(value.code):
                results.append(labels.behaviour(value.code))
                if not morphology or results[-1] == "malignant":
                    morphology = labels.morphology(value.code)
            elif value.system == "icd10" and not node.is_("4017") and (found := icd10(value.code)):
                code = code or found
    result = next((r for r in _RANKS if r in results), "") or _by_code(code)
    if not results and (told := _in_words(nodes)):
        # a malignant code beside words of denial is usually the code of the referral, copied: a person decides
        result = "inconclusive" if result == "malignant" else told
        sheet.complain(
            "pathology_in_words", "Морфология не закодирована: результат распознан по словам заключения", nodes[0]
        )
    place = next((n for n in nodes if n.is_("4020")), nodes[0] if nodes else None)
    if not result:
        if quoted:
            return
        result = "inconclusive"
        sheet.complain("pathology_in_words", "Заключение патолога только словами: результат нужно прочитать", place or "")
    when = best(
        *(n.when() for n in nodes if n.is_("4020")),
        *(() if quoted else (sheet.head.event_to, sheet.head.written)),
        *(n.when() for n in nodes if n.when().full),
    )
    sheet.add(
        "pathology_report", when, place or "", result=result, kind=_kind(sheet, nodes, cytology), morphology=morphology,
        specimen=specimen, icd10=code or ("" if quoted else reason(sheet)), awaiting_ihc=_awaits(sheet, nodes),
        links=[*(links or ()), *_ids(nodes)],
    )  # fmt: skip


def _ids(nodes: list[Node]) -> list[str]:
    return [i for n in nodes if n.tag != "section" for i in identifiers(n)]


def _in_words(nodes: list[Node]) -> str:
    """`inconclusive` where the conclusion says the material does not suffice, `benign` where a sentence denies malignant
    growth in the material (not in its margins); empty otherwise."""
    words = " ".join(n.words().lower() for n in nodes if n.is_("4020") or n.is_("901"))
    if _INSUFFICIENT.search(words):
        return "inconclusive"
    for sentence in re.split(r"[.;\n]", words):
        if "злокачеств" in sentence and _DENIES.search(sentence) and not _MARGINS.search(sentence):
            return "benign"
    return ""


def _by_code(code: str) -> str:
    if not code:
        return ""
    if code in SUSPICIOUS or code in UNSITED:
        return "inconclusive"
    return "malignant" if code in CANCER else "benign"


def _services(sheet: Sheet, nodes: list[Node]) -> list[tuple[str, str]]:
    inside = [n for n in nodes if n.system == "service"]
    listed = [n for n in sheet.body.of("service") if n.section_is("SERVICES")]
    return [(services.normal(n.code), n.label.lower()) for n in (*inside, *listed)]


def _kind(sheet: Sheet, nodes: list[Node], cytology: bool) -> str:
    done = _services(sheet, nodes)
    words = " ".join(text for _, text in done)
    if "иммуногистохим" in words or "иммуноцитохим" in words:
        return "ihc"
    if "молекулярно-генетич" in words or "гибридизац" in words or "полимеразн" in words:
        return "molecular"
    if "костного мозга" in words or any(code.startswith("A08.05") for code, _ in done):
        return "haematology"
    if cytology or "цитологич" in words:
        return "cytology"
    if "пересмотр" in words or "пересмотр" in sheet.head.title.lower():
        return "revision"
    return "operation" if "операционного материала" in words and "биопсийного" not in words else "biopsy"


def _awaits(sheet: Sheet, nodes: list[Node]) -> bool | None:
    """The pathologist asks for immunohistochemistry that is not among the services done."""
    advice = " ".join(n.words().lower() for n in nodes if n.is_("807") or n.is_("4020"))
    asked = ("иммуногистохим" in advice or "игх" in advice) and (
        "рекоменд" in advice or "провод" in advice or "назнач" in advice
    )
    return True if asked and not any("иммуногистохим" in text for _, text in _services(sheet, nodes)) else None
