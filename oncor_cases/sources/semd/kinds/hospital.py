"""Hospital epicrises: discharge (41/77/147/235, SMSV8), transfer (234), posthumous (236), stage (133/200), 134.

An admission has the purpose of treatment only where treatment is found in it: only such an admission may stop a treatment
clock."""

from oncor_cases.sources.semd import services, treatments
from oncor_cases.sources.semd.dates import NOTHING, Moment, moment
from oncor_cases.sources.semd.diagnoses import ELSEWHERE, Diagnosis, established
from oncor_cases.sources.semd.kinds import pathology
from oncor_cases.sources.semd.sheet import Sheet, best
from oncor_cases.sources.semd.walker import Node

_NONE = ("не провод", "не выполн", "не назнач", "отсутств", "нет")
_CLOSED = ("discharge", "transfer_epicrisis", "posthumous_epicrisis")


def read(sheet: Sheet) -> None:
    """The stay, its diagnoses, treatment, studies and outcome."""
    name = sheet.kind.kind.name
    start, end = _stay(sheet)
    default = "final" if name in _CLOSED else "preliminary"
    suspects = name in _CLOSED and treatments.specialty_of(sheet) == "other"
    found = established(sheet, default=default, skip=ELSEWHERE - {"PROC"}, suspects=suspects)
    main = _main(found)
    treated = _treatment(sheet, main)
    if name != "preoperative_epicrisis" and (start.on or start.problem):
        sheet.add("admission", start, "componentOf/encompassingEncounter", purpose=_purpose(treated, found), icd10=main)
    _results(sheet)
    died = _death(sheet, main)
    if name in _CLOSED and not died and (end.on or end.problem or sheet.day.on):
        outcome = "transfer" if name == "transfer_epicrisis" else _outcome(sheet)
        sheet.add("discharge", best(end), "componentOf/encompassingEncounter", outcome=outcome, icd10=main)


def _main(found: list[Diagnosis]) -> str:
    for one in found:
        if one.tumour and one.rank in ("", "1", "4", "8"):
            return one.icd10
    return next((one.icd10 for one in found if one.tumour), found[0].icd10 if found else "")


def _stay(sheet: Sheet) -> tuple[Moment, Moment]:
    """First and last day: the dates of the stay where coded (11018), else the case, else the encounter of HOSP."""
    stays = [n for n in sheet.body if n.tag == "encounter" and "HOSP" in n.chain]
    coded = sheet.body.find("11018")
    start = best(*(n.when() for n in coded), sheet.head.case_from, *(n.when() for n in stays), sheet.head.event_from)
    end = best(*(n.until() for n in coded), sheet.head.case_to, *(n.until() for n in stays), sheet.head.event_to)
    return start or NOTHING, end or NOTHING


def _treatment(sheet: Sheet, main: str) -> set[str]:
    """Kinds of treatment given: coded ones become facts, those in words only tell the purpose of the stay."""
    done: set[str] = set()
    body = sheet.body
    aims = treatments.operations(sheet, body.section("SUR"), main)
    done |= {"diagnostic" if aim == "diagnostic" else "surgery" for aim in aims}
    drug = [n for n in body.of("scheme") if "LINKDOCS" not in n.chain and "TRTMPLAN" not in n.chain]
    drug += body.of("chemotherapy_v1")
    drug += [n for s in body.section("POLT") for n in s.under() if n.value("scheme")]
    if treatments.chemotherapy(sheet, drug, main):
        done.add("chemotherapy")
    elif cycles := [n for s in body.section("POLT") for n in s.children if n.when().on]:
        given = [n for n in cycles if n.tag != "substanceAdministration"]
        # drugs of one stay are one cycle: its day 1 is the first day anything was given
        for node in given or [min(cycles, key=lambda n: n.when().on or "")]:
            sheet.add("chemo_cycle", node.when(), node, icd10=main)
        done.add("chemotherapy")
    courses = (
        [n for s in body.section("RADIOTHERAPY") for n in s.children] + body.of("irradiated") + body.of("radiotherapy_v1")
    )
    if treatments.radiotherapy(sheet, [n for n in courses if "TRTMPLAN" not in n.chain], main):
        done.add("radiotherapy")
    if treatments.hormones(sheet, body.of("hormone_v1"), main):
        done.add("hormone")
    done |= {kind for n in body.of("service") if n.section_is("SERVICES") and (kind := services.treatment(n.code, n.label))}
    for code in ("POLT", "RADIOTHERAPY", "SUR"):
        if any(_says(section) for section in body.section(code) if not section.children):
            done.add(code.lower())
    return done


def _says(section: Node) -> bool:
    """A narrative section that tells something was done."""
    text = " ".join(
        " ".join(part.itertext()) for part in section.element if isinstance(part.tag, str) and part.tag.endswith("text")
    )
    words = " ".join(text.lower().split())
    return len(words) > 12 and not any(sign in words for sign in _NONE)


def _purpose(treated: set[str], found: list[Diagnosis]) -> str:
    if treated - {"diagnostic"}:
        return "treatment"
    return "diagnostics" if treated or any(one.tumour for one in found) else "other"


def _results(sheet: Sheet) -> None:
    treatments.studies_listed(sheet, ("RESINSTR", "SERVICES"))
    for section in sheet.body.section("GISTRESULT", "RESMOR"):
        pathology.report(sheet, list(section.under()), quoted=True)
    treatments.visits_listed(sheet, ("RESCONS",))


def _outcome(sheet: Sheet) -> str:
    node = next(iter(sheet.body.of("hospital_outcome")), None)
    return (node.label if node is not None else sheet.head.case_outcome).lower()


def _death(sheet: Sheet, main: str) -> bool:
    """A death told by the epicrisis: a day in E521, or the outcome. Preliminary until the certificate."""
    told = sheet.body.first("521")
    fatal = any("леталь" in n.label.lower() or "умер" in n.label.lower() for n in sheet.body.of("hospital_outcome"))
    if told is None and not fatal and sheet.kind.kind.name != "posthumous_epicrisis":
        return False
    on = best(told.when(), *_times(told)) if told is not None else None
    _, end = _stay(sheet)
    sheet.add("death", on or end, told or "componentOf/encompassingEncounter", kind="preliminary", icd10=main)
    return True


def _times(node: Node) -> list[Moment]:
    return [moment(value.text) for value in node.coded() if not value.code]
