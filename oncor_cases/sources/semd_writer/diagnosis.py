"""A diagnosis in the shapes of the РЭМД kinds (reference/semd.md section 2.2) with the oncology elements of 2.3."""

import zlib
from datetime import date

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.values import Person, Said

CERTAINTIES = {
    "preliminary": ("1", "Предварительный клинический диагноз"),
    "final": ("3", "Заключительный клинический диагноз"),
    "excluded": ("3", "Заключительный клинический диагноз"),
}


def icd_name(code: str) -> str:
    """The wording of a code; a code outside our short list is named by itself."""
    return d.ICD_NAMES.get(code) or d.ICD_NAMES.get(code[:3]) or f"Заболевание {code}"


def record_id(label: str) -> str:
    """Stage and TNM are coded by record ids of large tables; the label carries the meaning, the id only looks like one."""
    return str(1000 + zlib.crc32(label.encode()) % 60000)


def ranked(parent: x.Element, said: Said, rank: str = "1", full: bool = True) -> x.Element:
    """Shape 2: the observation's code is the rank, its value the disease; certainty and first date below it."""
    name = "Основное заболевание" if rank == "1" else "Сопутствующее заболевание"
    element = x.observation(parent, rank, name, system=d.RANK)
    x.value_cd(element, said["icd10"], d.ICD, icd_name(said["icd10"]))
    if full:
        code, label = CERTAINTIES[said["status"] or "final"]
        _child(element, "7026", "Степень обоснованности диагноза", code, d.CERTAINTY, label)
        if said["primacy"]:
            new = said["primacy"] == "first"
            label = "Впервые в жизни установленное хроническое" if new else "Ранее установленное хроническое"
            _child(element, "12014", "Характер заболевания", "1" if new else "2", d.COURSE, label)
    return element


def disease(parent: x.Element, said: Said) -> x.Element:
    """Shape 3: element 838 holds the disease itself (notice 090/у, late stage)."""
    element = x.observation(parent, "838", "Диагноз")
    x.el(element, "text", icd_name(said["icd10"]))
    x.value_cd(element, said["icd10"], d.ICD, icd_name(said["icd10"]))
    return element


def reason(parent: x.Element, icd10: str, code: str = "838") -> None:
    """Shape 5: why a study was done; not a diagnosis anybody established."""
    element = x.observation(parent, code, "Диагноз" if code == "838" else "Шифр по МКБ-10")
    x.value_cd(element, icd10, d.ICD, icd_name(icd10))


def _child(parent: x.Element, code: str, name: str, value: str, system: str, label: str) -> x.Element:
    element = x.observation(x.component(parent), code, name)
    x.value_cd(element, value, system, label)
    return element


def first_in_life(parent: x.Element, on: date, person: Person) -> None:
    """E12120 with the date, and the age on that day below it."""
    element = x.observation(x.component(parent), "12120", "Дата установления диагноза впервые в жизни")
    x.effective(element, on)
    x.value_cd(element, "2", d.SOURCE_OF_DATE, "На основании медицинской документации")
    age = x.observation(x.component(element), "12393",
                        "Возраст пациента на дату установления диагноза впервые в жизни")  # fmt: skip
    years = on.year - person.born.year - ((on.month, on.day) < (person.born.month, person.born.day))
    x.value_of(age, "INT", value=str(years))


def tumour(
    parent: x.Element, said: Said, *, grouped: bool = False, stage_by_scale: bool = False, place: bool = True
) -> None:
    """Topography, morphology, grade, TNM and stage under a diagnosis; what is not known is left out.

    `place=False`: only TNM and stage, as the operation protocol has it. `grouped`: TNM inside E9062 (190, 235).
    `stage_by_scale`: the stage as a scale with its reading (190)."""
    if place and said["topography"]:
        organ = _child(parent, "12303", "Топография опухоли", said["topography"], d.TOPOGRAPHY, said["topography"])
        if said["side"]:
            code, label = d.SIDES[said["side"]]
            _child(organ, "6034", "Латеральность", code, d.SIDE, label)
    if place and said["morphology"]:
        _child(parent, "12302", "Морфологический тип опухоли", said["morphology"], d.MORPHOLOGY, said["morphology"])
    if place and said["grade"]:
        _child(parent, "12407", "Степень дифференцировки опухоли", said["grade"], d.GRADE, d.GRADES[said["grade"]])
    if said["t"]:
        holder = x.observation(x.component(parent), "9062", "Категории TNM") if grouped else parent
        for code, name, letter in (("6047", "Tumor", "t"), ("6048", "Nodus", "n"), ("6049", "Metastasis", "m")):
            label = f"{letter.upper()}{said[letter]}"
            _child(holder, code, name, record_id(label), d.TNM, label)
    if said["stage"]:
        if stage_by_scale:
            scale = x.observation(x.component(parent), "6050", "Стадия опухолевого заболевания")
            x.value_of(scale, "PQ", value=str(_number(said["stage"])), unit="1")
            reading = x.observation(x.component(scale), "8019",
                                    "Интерпретация результатов расчета клинической шкалы или опросника")  # fmt: skip
            x.value_cd(reading, record_id(said["stage"]), d.STAGE, said["stage"])
        else:
            _child(parent, "6050", "Стадия опухолевого заболевания", record_id(said["stage"]), d.STAGE, said["stage"])


def _number(stage: str) -> int:
    return {"I": 1, "II": 2, "III": 3, "IV": 4}.get(stage.rstrip("ABC"), 0)


def first(says: tuple[Said, ...], *kinds: str) -> Said | None:
    """The first thing of one of these kinds the document says."""
    return next((said for kind in kinds for said in says if said.kind == kind), None)


def every(says: tuple[Said, ...], kind: str) -> list[Said]:
    """All things of a kind."""
    return [said for said in says if said.kind == kind]


def code_of(says: tuple[Said, ...]) -> str:
    """The ICD-10 code the document is about: of the diagnosis, the suspicion, or any fact that names one."""
    named = first(says, "diagnosis", "suspicion")
    return (named and named["icd10"]) or next((s["icd10"] for s in says if s["icd10"]), "Z03.1")
