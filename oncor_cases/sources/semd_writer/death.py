"""The certificate of death (58, 125): the day, the kind of certificate, the causes as records of the alphabetic index."""

from datetime import timedelta

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, first, icd_name, record_id
from oncor_cases.sources.semd_writer.head import address
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said


def _coded(part: x.Element, rows: list[tuple[str, str, str, str, str]]) -> None:
    for element, name, code, system, words in rows:
        x.value_cd(x.observation(x.entry(part), element, name), code, system, words)


def _unknown(part: x.Element, element: str, name: str, kind: str, system: str, flavor: str) -> None:
    value = x.value_of(x.observation(x.entry(part), element, name), kind, nullFlavor=flavor)
    if kind == "CD":
        value.set("codeSystem", system)


def certificate(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                links: tuple[Link, ...]) -> None:  # fmt: skip
    """The ICD-10 code of the cause stands only in the narrative, beside the words the coded cause repeats."""
    died = first(says, "death") or Said("death", head.moment.date(), {"icd10": code_of(says)})
    on = died.on or head.moment.date()
    icd10 = died["icd10"] or code_of(says)
    final = died["kind"] != "preliminary"
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Серия и номер", f"9900 № {head.case}")])
    for element, name, words in (
        ("5013", "Серия медицинского свидетельства о смерти", "9900"),
        ("5014", "Номер медицинского свидетельства о смерти", "".join(c for c in head.case if c.isdigit())),
    ):
        x.value_st(x.observation(x.entry(part), element, name), words)
    issued = x.observation(x.entry(part), "111", "Дата выдачи медицинского свидетельства о смерти")
    x.value_of(issued, "TS", value=x.day(head.moment.date()))
    kind = ("1", "окончательное") if final else ("2", "предварительное")
    _coded(part, [("511", "Тип свидетельства о смерти", kind[0], d.DEATH_TYPE, kind[1])])
    for element, name in (
        ("5015", "Серия предшествующего медицинского свидетельства о смерти"),
        ("5016", "Номер предшествующего медицинского свидетельства о смерти"),
    ):
        x.value_st(x.observation(x.entry(part), element, name), "нет")
    _unknown(part, "112", "Дата выдачи предшествующего медицинского свидетельства о смерти", "TS", "", "NA")
    told = x.observation(x.entry(part), "12135",
                         "Наличие согласия на формирование медицинского свидетельства о смерти в форме электронного"
                         " документа")  # fmt: skip
    x.value_of(told, "BL", value="true")
    x.value_st(x.observation(x.entry(part), "6082", "Код ОКУД"), "5103835 2")
    _dead(body, on, person, head, org)
    part = x.section(body, "ABOUTDEAD", "Информация о причинах смерти", [(icd10, icd_name(icd10))], pad=True)
    _coded(part, [("551", "Род смерти", "1", d.DEATH_KIND, "от заболевания")])
    _unknown(part, "6019", "Дата и время происшествия для смерти от внешних причин", "TS", "", "NA")
    _coded(part, [
        ("571", "Тип медицинского работника, установившего причины смерти", "2", d.DEATH_WHO, "лечащий врач"),
        ("581", "Основания для определения причины смерти", "5", d.DEATH_WHY, "предшествующее наблюдение за пациентом"),
    ])  # fmt: skip
    _unknown(part, "4035", "Патологическое состояние, которое привело к возникновению непосредственной причины смерти",
             "CD", d.DEATH_CAUSE, "ASKU")  # fmt: skip
    _unknown(part, "601", "Варианты связи смерти с ДТП", "CD", d.P + "99.2.24", "NA")
    _unknown(part, "591", "Варианты связи смерти с беременностью", "CD", d.P + "99.2.25", "NA")
    for element, name, words, before in (
        ("4030", "Непосредственная причина смерти", "Интоксикация при злокачественном новообразовании", 3),
        ("4040", "Первоначальная причина смерти", icd_name(icd10), 200),
    ):
        cause = x.observation(x.entry(part), element, name)
        x.effective(cause, on - timedelta(days=before))
        x.value_cd(cause, f"10{record_id(words):0>6}", d.DEATH_CAUSE, words)


def _dead(body: x.Element, on: object, person: Person, head: Head, org: Organisation) -> None:
    part = x.section(body, "DEADPATINFO", "Информация об умершем", [("Дата смерти", f"{on:%d.%m.%Y}")])  # type: ignore[str-format]
    moment = x.observation(x.entry(part), "521", "Дата и время смерти")
    x.value_of(moment, "TS", value=f"{on:%Y%m%d}0615{head.zone}")  # type: ignore[str-format]
    _coded(part, [("6016", "Тип местности постоянного проживания (регистрации)", "1", d.LOCALITY, "городская")])
    place = x.observation(x.entry(part), "531", "Место смерти")
    address(place, person.address, person.postal, org)
    place[-1].tag = f"{{{x.HL7}}}value"
    place[-1].set(x.TYPE, "AD")
    _coded(part, [
        ("252", "Местность смерти", "1", d.LOCALITY, "городская"),
        ("541", "Место наступления смерти", "4", d.DEATH_PLACE, "дома"),
    ])  # fmt: skip
    _unknown(part, "612", "Доношенность умершего ребенка возрастом от 168 часов до 1 месяца жизни", "CD",
             d.P + "99.2.18", "NA")  # fmt: skip
    _unknown(part, "410", "Масса тела ребёнка при рождении (в граммах)", "PQ", "", "NA")
    _unknown(part, "370", "Которым по счёту ребёнок был рождён у матери", "INT", "", "NA")
    x.value_st(x.observation(x.entry(part), "5010", "Серия и номер полиса ОМС"), person.enp or "нет")
