"""Referrals: to a consultation (85, 185), 057/у to a study, a consultation or hospital (43, 177, 206), biopsy (222)."""

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, every, first, icd_name, ranked
from oncor_cases.sources.semd_writer.head import address
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said

PURPOSES = {
    "hospital": ("1", "На плановую госпитализацию"),
    "study": ("4", "На обследование"),
    "palliative": ("1", "На плановую госпитализацию"),
    "federal_centre": ("1", "На плановую госпитализацию"),
    "biopsy": ("11", "На прижизненное патолого-анатомическое исследование биопсийного (операционного) материала"),
}
CONSULTATION = ("6", "На консультацию")


def service(referral: Said, icd10: str) -> tuple[str, str]:
    """Code and name of the service asked for."""
    match referral["to"]:
        case "study":
            _, _, code, name = d.study(referral["study"], icd10)
            return code, name
        case "hospital" | "federal_centre":
            return "B01.027.003", ("Ежедневный осмотр врачом-онкологом с наблюдением и уходом среднего и младшего"
                                   " медицинского персонала в отделении стационара")  # fmt: skip
        case "palliative":
            return "B01.070.010", "Прием (осмотр, консультация) врача по паллиативной медицинской помощи первичный"
        case "consilium":
            return "B01.027.006", "Проведение консилиума врачей"
        case to:
            return d.SPECIALTY.get(to, d.SPECIALTY["oncologist"])[:2]


def _performer(act: x.Element, where: Organisation) -> None:
    entity = x.el(x.el(act, "performer"), "assignedEntity")
    x.el(entity, "id", nullFlavor="NI")
    represented = x.el(entity, "representedOrganization", classCode="ORG")
    x.el(represented, "id", root=where.oid)
    x.el(represented, "name", where.name)
    x.el(represented, "telecom", value=f"tel:{where.phone}")
    address(represented, where.address, where.postal, where)


def to_consultation(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                    links: tuple[Link, ...]) -> None:  # fmt: skip
    """85, 185: the clinic in act 8038, the service in 833 at entry level, the diagnosis without children."""
    referral = first(says, "referral") or Said("referral", None)
    icd10 = code_of(says)
    where = referral.org or org
    code, name = service(referral, icd10)
    part = x.section(body, "SCOPORG", "Цель направления и медицинская организация, куда направлен",
                     [("Направляется", name), ("Медицинская организация", where.name)])  # fmt: skip
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="RQO")
    x.coded(act, "code", "8038", d.ELEMENTS, "Медицинская организация, в которую направлен пациент")
    _performer(act, where)
    asked = x.observation(x.entry(part), "833", "Медицинская услуга", mood="RQO")
    x.value_cd(asked, code, d.SERVICES, name)
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(icd10)), ("Код", icd10)], pad=True)
    ranked(x.entry(part), Said("diagnosis", None, {"icd10": icd10}), full=False)


def form_057(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
             links: tuple[Link, ...]) -> None:  # fmt: skip
    """43, 177, 206: the purpose is the act, the service sits below it, the grounds in ELU."""
    referral = first(says, "referral") or Said("referral", None)
    icd10 = code_of(says)
    where = referral.org or org
    code, name = service(referral, icd10)
    purpose, label = PURPOSES.get(referral["to"], CONSULTATION)
    part = x.section(body, "SCOPORG", "Цель направления и медицинская организация, куда направлен",
                     [("Цель", label), ("Услуга", name), ("Медицинская организация", where.name)])  # fmt: skip
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="RQO")
    x.coded(act, "code", purpose, d.PURPOSE, label)
    _performer(act, where)
    asked = x.observation(x.component(act), "833", "Медицинская услуга", mood="RQO")
    x.value_cd(asked, code, d.SERVICES, name)
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(icd10)), ("Код", icd10)])
    named = first(says, "diagnosis")
    suspected = Said("diagnosis", None, {"icd10": icd10, "status": "preliminary"})
    ranked(x.entry(part), named or suspected)
    grounds = f"{icd_name(icd10)}. Направляется: {name.lower()}."
    part = x.section(body, "ELU", "Описание и обоснование направления", [("Обоснование", grounds)], pad=True)
    x.value_st(x.observation(x.entry(part), "8103", "Обоснование направления"), grounds)


def of_biopsy(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
              links: tuple[Link, ...]) -> None:  # fmt: skip
    """222 (form 014/у): the task, the vials with the day the material was taken, the diagnosis suspected."""
    referral = first(says, "referral") or Said("referral", None)
    taken = every(says, "biopsy_taken")
    icd10 = code_of(says)
    _, _, code, name = d.study("histology", icd10)
    where = referral.org or org
    part = x.section(body, "SCOPORG", "Цель направления и медицинская организация, куда направлен",
                     [("Медицинская организация", where.name), ("Услуга", name)])  # fmt: skip
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="RQO")
    x.coded(act, "code", "11", d.PURPOSE, PURPOSES["biopsy"][1])
    _performer(act, where)
    asked = x.observation(x.component(act), "833", "Медицинская услуга", mood="RQO")
    x.value_cd(asked, code, d.SERVICES, name)
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Задача", "Уточнение диагноза")])
    x.value_st(x.observation(x.entry(part), "7033",
                             "Задача прижизненного патолого-анатомического исследования"), "Уточнение диагноза")  # fmt: skip
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз направления", icd_name(icd10))])
    named = first(says, "diagnosis")
    ranked(x.entry(part), named or Said("diagnosis", None, {"icd10": icd10, "status": "preliminary"}))
    rows = [(f"Флакон {n}", t["specimen"] or "фрагмент ткани") for n, t in enumerate(taken, 1)]
    part = x.section(body, "GISTSPECIMENS", "Информация об исследованных биоматериалах", rows, pad=True)
    for number, sample in enumerate(taken, 1):
        vial = x.observation(x.entry(part), "4005", "Номер флакона (пробы)")
        x.effective(vial, sample.on)
        x.value_st(vial, sample["specimen"] or str(number))
        fixed = x.observation(x.component(vial), "4002",
                              "Материал доставлен в 10%-ном растворе нейтрального формалина")  # fmt: skip
        x.value_of(fixed, "BL", value="true")
