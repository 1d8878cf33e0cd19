"""Oncology claims of the order 79 family: H, C, T, D* files with their L file of persons, alone or in one archive.

One row is one finished case (Z_SL) with its parts. Tags: reference list of the product, checked against a public
implementation; a claim is weaker evidence than a document. Streamed: cases leave memory as they are read."""

import io
import re
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, suppress
from datetime import date
from typing import IO, Any

from lxml import etree

from oncor_cases.kernel.codes import CANCER
from oncor_cases.sources.lists import cells
from oncor_cases.sources.lists.cells import Bad, Surroundings
from oncor_cases.sources.lists.claim_facts import facts
from oncor_cases.sources.lists.claim_shape import misshapen
from oncor_cases.sources.lists.rows import Good, Reject
from oncor_cases.sources.lists.schema import PERSON, Kind, Values, column, too_long
from oncor_cases.sources.lists.table import NotATable

MAIN = re.compile(r"^(?:[CHTX]|D[A-Z])[MST]\d+[MST]\d+_\d{4}\d*\.xml$", re.I)
PERSONS = re.compile(r"^L[CHTX]?(?:D[A-Z])?[A-Z]?[MST]\d+[MST]\d+_\d{4}\d*\.xml$", re.I)
MEMBER_LIMIT = 4 << 30  # bytes one file of the archive may unpack to

CLAIMS = Kind(
    name="claims",
    title="Счета ОМС по онкологии (XML приказа № 79)",
    about="Файлы H, C, T, D* с файлом персон L, по одному или в архиве",
    columns=(
        *PERSON,
        column("case", "Случай"),
        column("org", "Где лечили", cells.org),
        column("icd10", "Диагноз", cells.icd10),
    ),
    facts=facts,
    evidence="claim",
    key=("lpu", "history", "conditions", "begin_on"),
    files=r"^(?:[chtx]|d[a-z])[mst]\d+[mst]\d+_\d{4}",
    concerns=lambda values: bool(values.get("ours")),
)


def is_claims(name: str, start: bytes) -> bool:
    """By the name of the file, or by its root: `ZL_LIST`."""
    return bool(MAIN.match(name.rsplit("/", 1)[-1].split("!")[-1])) or b"<ZL_LIST" in start[:2000]


def read(file: IO[bytes], around: Surroundings) -> Iterator[Good | Reject]:
    """Cases and rejects of one file of claims, or of an archive with its L file. Raises NotATable."""
    if file.read(4) in (b"PK\x03\x04", b"PK\x05\x06"):
        file.seek(0)
        yield from _archive(file, around)
    else:
        file.seek(0)
        yield from _cases(file, {}, around)


def persons_of(main: str) -> tuple[str, ...]:
    """How the file of persons of a file of claims may be called: L before the name, or in the place of H or D (order 79)."""
    return (f"L{main}", f"L{main[1:]}") if main[:1].upper() in ("H", "D") else (f"L{main}",)


def mains_of(persons: str) -> tuple[str, ...]:
    """How the file of claims of a file of persons may be called: the other way round."""
    return tuple(name for name in (persons[1:], f"H{persons[1:]}", f"D{persons[1:]}") if MAIN.match(name))


def main_of(file: IO[bytes], stack: ExitStack) -> tuple[str, int, IO[bytes]]:
    """The claims of an archive (name, size in bytes, content), open as long as `stack`. Raises NotATable."""
    archive = stack.enter_context(_opened(file))
    info = _main(archive)
    return info.filename.rsplit("/", 1)[-1], info.file_size, stack.enter_context(archive.open(info))


def head(file: IO[bytes]) -> dict[str, str]:
    """The head and the bill of a register: DATA, FILENAME, CODE_MO, NSCHET, YEAR, MONTH, PLAT. Raises NotATable."""
    start = file.read(4)
    file.seek(0)
    if start in (b"PK\x03\x04", b"PK\x05\x06"):
        with _opened(file) as archive, archive.open(_main(archive)) as member:
            return _head(member)
    return _head(file)


def _head(file: IO[bytes]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, element in _parts(file, ("ZGLV", "SCHET")):
        found |= {k: v for k, v in _flat(element).items() if isinstance(v, str)}
        if name == "SCHET":
            break
    return found


def _archive(file: IO[bytes], around: Surroundings) -> Iterator[Good | Reject]:
    with _opened(file) as archive:
        persons: dict[str, dict[str, Any]] = {}
        for info in archive.infolist():
            if PERSONS.match(info.filename.rsplit("/", 1)[-1]):
                with archive.open(info) as member:
                    persons |= {p["ID_PAC"]: p for _, e in _parts(member, ("PERS",)) if (p := _flat(e)).get("ID_PAC")}
        try:
            with archive.open(_main(archive)) as member:
                yield from _cases(member, persons, around)
        except (zipfile.BadZipFile, EOFError, OSError) as error:
            raise NotATable("broken", "Архив обрезан или повреждён: файл пришёл не целиком") from error


def _opened(file: IO[bytes]) -> zipfile.ZipFile:
    try:
        archive = zipfile.ZipFile(file)
        if any(info.flag_bits & 1 for info in archive.infolist()):
            raise NotATable("encrypted", "Архив закрыт паролем")
        if sum(info.file_size for info in archive.infolist()) > MEMBER_LIMIT:
            raise NotATable("bomb", "Архив раскрывается в подозрительно большой объём")
        return archive
    except zipfile.BadZipFile as error:
        raise NotATable("broken", "Архив обрезан или повреждён: файл пришёл не целиком") from error


def _main(archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    found = [i for i in archive.infolist() if MAIN.match(i.filename.rsplit("/", 1)[-1])]
    if len(found) != 1:
        raise NotATable("no_claims", "В архиве ждём один файл счетов (H, C, T, D*) и его файл персон (L)")
    return found[0]


def _cases(file: IO[bytes], persons: dict[str, dict[str, Any]], around: Surroundings) -> Iterator[Good | Reject]:
    bill: dict[str, Any] = {}
    number = 0
    for name, element in _parts(file, ("SCHET", "ZAP")):
        if name == "SCHET":
            bill = _flat(element)
            continue
        number += 1
        record = _tree(element)
        if wrong := misshapen(number, record):
            yield wrong
            continue
        patient = record.get("PACIENT") or {}
        for case in _many(record.get("Z_SL")):
            yield from _case(number, bill, patient, persons.get(patient.get("ID_PAC", ""), {}), case, around)


def _case(
    line: int, bill: Values, patient: Values, person: Values, case: Values, around: Surroundings
) -> Iterator[Good | Reject]:
    parts = _many(case.get("SL"))
    raw = tuple(f"{tag}={v}" for tag, v in (("N_ZAP", line), ("IDCASE", case.get("IDCASE")), ("LPU", case.get("LPU"))))
    values: dict[str, Any] = {"ours": any(_ours(part) for part in parts)}
    if not values["ours"]:
        yield Good(line, {"ours": False, "snils": "", "enp": "", "family": ""})
        return
    policy = patient.get("ENP") or patient.get("NPOLIS")
    child = _newborn(str(patient.get("NOVOR") or ""), str(policy or ""))
    if child:
        if "born" not in child or person.get("DR") != child["born"]:
            person = {}  # of the mother, or of nobody knows whom
        policy, person = None, {**person, "SNILS": None, "TEL": None}  # of the mother or another representative
    told = (
        ("snils", person.get("SNILS"), cells.snils),
        ("enp", policy, cells.enp),
        ("family", person.get("FAM"), cells.text),
        ("given", person.get("IM"), cells.text),
        ("patronymic", person.get("OT"), cells.text),
        ("sex", person.get("W"), cells.sex),
        ("born", person.get("DR"), cells.past_day),
        ("phone", person.get("TEL"), cells.phone),
        ("org", case.get("LPU") or bill.get("CODE_MO"), cells.org),
        ("begin_on", case.get("DATE_Z_1"), cells.past_day),
        ("end_on", case.get("DATE_Z_2"), cells.past_day),
        ("referred_on", case.get("NPR_DATE"), cells.past_day),
        ("referred_by", case.get("NPR_MO"), cells.org),
    )
    for name, cell, convert in told:
        try:
            values[name] = convert(cell, around)
        except Bad as bad:
            required = name in ("begin_on", "end_on")
            yield Reject(line, name, bad.code, bad.message, raw, accepted=not required)
            if required:
                return
    values |= child
    if not (values.get("snils") or values.get("enp") or child or (values.get("family") and values.get("born"))):
        yield Reject(line, "", "nobody", "Неясно, о ком случай: нет верного полиса, СНИЛС или персоны в файле L", raw)
        return
    if not values.get("begin_on"):
        yield Reject(line, "DATE_Z_1", "empty", "Нет даты начала случая", raw)
        return
    if long := too_long(values):
        yield Reject(line, *long, raw)
        return
    if case.get("OPLATA") == "2":  # refused in full: no proof of care
        yield Reject(line, "OPLATA", "refused", "Случай отклонён при экспертизе: как свидетельство не учитывается", raw)
        return
    values |= {
        "lpu": case.get("LPU") or bill.get("CODE_MO"),
        "history": next((p.get("NHISTORY") for p in parts), None),
        "conditions": case.get("USL_OK"),
        "parts": [_part(part, around) for part in parts if _ours(part)],
    }
    values["icd10"] = values["parts"][0].get("icd10")
    yield Good(line, {k: v for k, v in values.items() if v not in (None, "", [])})


_NOVOR = re.compile(r"([12])(\d\d)(\d\d)(\d\d)\d{1,2}")


def _newborn(novor: str, policy: str) -> dict[str, str]:
    """Who a case with NOVOR is about: a child without a policy of its own, written with its mother's (NOVOR is its sex,
    day of birth and number among those born together). Known again by both within the sender; empty for `0`."""
    if not novor.strip("0 "):
        return {}
    told = {"local_id": f"novor:{policy}:{novor}"}
    if found := _NOVOR.fullmatch(novor):
        sex, on, month, year = found.groups()
        with suppress(ValueError):
            told |= {
                "sex": {"1": "male", "2": "female"}[sex],
                "born": date(2000 + int(year), int(month), int(on)).isoformat(),
            }
    return told


def _ours(part: Values) -> bool:
    """Oncology as the checks of the fund tell it: C00.0 <= DS1 < D10 or D45 <= DS1 < D48, or a suspicion (C10)."""
    code = str(part.get("DS1") or "")
    return part.get("DS_ONK") == "1" or "C00" <= code < "D10" or "D45" <= code < "D48"


def _part(part: Values, around: Surroundings) -> dict[str, Any]:
    """What a part of the case says, with dates and codes checked; what cannot be read is left out."""
    onk = part.get("ONK_SL") or {}
    told: dict[str, Any] = {
        "icd10": _safe(cells.icd10, part.get("DS1"), around),
        "first": part.get("DS1_PR"),
        "purpose": part.get("P_CEL"),
        "suspected": part.get("DS_ONK"),
        "observation": part.get("DN"),
        "begin_on": _safe(cells.past_day, part.get("DATE_1"), around),
        "end_on": _safe(cells.past_day, part.get("DATE_2"), around),
        "profile": part.get("PROFIL"),
        "onk": onk.get("DS1_T"),
        "stage": around.stages.get(str(onk.get("STAD"))),
        "metastases": onk.get("MTSTZ"),
        "referrals": [
            {
                "on": _safe(cells.past_day, n.get("NAPR_DATE"), around),
                "to": n.get("NAPR_V"),
                "method": n.get("MET_ISSL"),
                "service": n.get("NAPR_USL"),
                "org": _safe(cells.org, n.get("NAPR_MO"), around),
            }
            for n in _many(part.get("NAPR"))
        ],
        "consilium": [
            {"purpose": c.get("PR_CONS"), "on": _safe(cells.past_day, c.get("DT_CONS"), around)}
            for c in _many(part.get("CONS"))
        ],
        "biopsies": [
            {
                "on": _safe(cells.past_day, b.get("DIAG_DATE"), around),
                "kind": b.get("DIAG_TIP"),
                "received": b.get("REC_RSLT"),
            }
            for b in _many(onk.get("B_DIAG"))
        ],
        "refusals": [
            {"what": p.get("PROT"), "on": _safe(cells.past_day, p.get("D_PROT"), around)} for p in _many(onk.get("B_PROT"))
        ],
        "treatments": [_treatment(u, around) for u in _many(onk.get("ONK_USL"))],
        "services": [
            {
                "code": u.get("VID_VME") or u.get("CODE_USL"),
                "on": _safe(cells.past_day, u.get("DATE_OUT") or u.get("DATE_IN"), around),
            }
            for u in _many(part.get("USL"))
        ],
    }
    return {k: v for k, v in told.items() if v not in (None, "", [])}


def _treatment(service: Values, around: Surroundings) -> dict[str, Any]:
    days, schemes = set(), []
    for drug in _many(service.get("LEK_PR")):
        if drug.get("CODE_SH") and drug["CODE_SH"] not in schemes:
            schemes.append(drug["CODE_SH"])
        written = [i.get("DATE_INJ") for i in _many(drug.get("INJ"))]
        for value in [*written, *_values(drug.get("DATE_INJ"))]:
            days.add(_safe(cells.past_day, value, around))
    told = {
        "kind": service.get("USL_TIP"),
        "surgery": service.get("HIR_TIP"),
        "line": service.get("LEK_TIP_L"),
        "cycle": service.get("LEK_TIP_V"),
        "schemes": schemes,
        "days": sorted(d for d in days if d),
    }
    return {k: v for k, v in told.items() if v not in (None, "", [])}


def _safe(convert: Any, cell: Any, around: Surroundings) -> Any:
    try:
        return convert(cell, around)
    except Bad:
        return None


# --- XML ------------------------------------------------------------------------------------------------------------


def _parts(file: IO[bytes], names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """The named elements as they end, each freed after use."""
    wanted = frozenset(names)
    file = io.BufferedReader(file, 1 << 16) if isinstance(file, io.RawIOBase) else file
    try:
        for _, element in etree.iterparse(
            file,
            events=("end",),
            tag=tuple(wanted),
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
        ):
            yield element.tag, element
            element.clear()
            while element.getprevious() is not None:
                del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise NotATable("broken", "XML повреждён или обрезан: файл пришёл не целиком") from error


def _tree(element: Any) -> dict[str, Any]:
    """Nested mappings; a tag that repeats becomes a list."""
    told: dict[str, Any] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        value = _tree(child) if len(child) else (child.text or "").strip()
        if child.tag in told:
            held = told[child.tag]
            told[child.tag] = [*held, value] if isinstance(held, list) else [held, value]
        else:
            told[child.tag] = value
    return told


def _flat(element: Any) -> dict[str, Any]:
    return {child.tag: (child.text or "").strip() for child in element if isinstance(child.tag, str) and not len(child)}


def _many(value: Any) -> list[dict[str, Any]]:
    return [v for v in _values(value) if isinstance(v, dict)]


def _values(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value in (None, "") else [value]


__all__ = ["CANCER", "CLAIMS", "head", "is_claims", "read"]
