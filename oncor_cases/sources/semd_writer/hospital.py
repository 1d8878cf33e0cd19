"""Hospital and closed cases: operation (189), discharge (147, 235), ambulatory case (92, 233)."""

from datetime import timedelta

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, every, first, icd_name, ranked, record_id, tumour
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said

OPERATIONS = {  # site: service
    "C50": ("A16.20.043", "Мастэктомия"), "C34": ("A16.09.009", "Лобэктомия"),
    "C18": ("A16.18.015", "Гемиколэктомия"), "C20": ("A16.19.019", "Резекция прямой кишки"),
    "C16": ("A16.16.015", "Гастрэктомия"), "C61": ("A16.21.006", "Радикальная простатэктомия"),
    "C64": ("A16.28.004", "Радикальная нефрэктомия"), "C54": ("A16.20.063", "Экстирпация матки с придатками"),
    "C73": ("A16.22.001", "Тиреоидэктомия"), "C56": ("A16.20.001", "Удаление кисты яичника"),
}  # fmt: skip
DEFAULT_OPERATION = ("A16.30.032", "Иссечение новообразования мягких тканей")
AIMS = {  # code and words of the kind of operation
    "radical": ("2", "Радикальная операция"), "palliative": ("3", "Паллиативная операция"),
    "diagnostic": ("4", "Диагностическая операция"), "emergency": ("2", "Операция по неотложным показаниям"),
}  # fmt: skip


def procedure(parent: x.Element, said: Said, icd10: str) -> None:
    """An operation: service, day, aim and urgency."""
    code, name = OPERATIONS.get(icd10[:3], DEFAULT_OPERATION)
    element = x.el(parent, "procedure", classCode="PROC", moodCode="EVN")
    x.coded(element, "code", code, d.SERVICES, name)
    x.el(element, "text", name)
    x.effective(element, said.on)
    aim, words = AIMS[said["aim"] or "radical"]
    kind = x.el(x.component(element), "procedure", classCode="PROC", moodCode="EVN")
    x.coded(kind, "code", aim, d.OPERATION_TYPE, words)
    urgent = said["aim"] == "emergency"
    speed = x.el(x.component(element), "observation", classCode="OBS", moodCode="EVN")
    x.coded(speed, "code", "1" if urgent else "3", d.URGENCY, "Экстренное" if urgent else "Плановое")
    text = x.observation(x.component(element), "6033", "Описание хирургической операции")
    x.value_st(text, f"{name}. Течение операции без особенностей.")


def operation(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
              links: tuple[Link, ...]) -> None:  # fmt: skip
    """189: the diagnosis before and after, the procedure between them."""
    icd10 = code_of(says)
    named = first(says, "diagnosis") or Said("diagnosis", None, {"icd10": icd10, "status": "preliminary"})
    part = x.section(body, "PATINFO", "Информация о пациенте", [("Группа крови", "II (A), Rh+")])
    blood = x.observation(x.entry(part), "11052", "Групповая принадлежность крови")
    value = x.el(blood, "value", code="201", codeSystem=d.P + "11.1061", codeSystemVersion="1.3",
                 codeSystemName="Группы крови", displayName="A(II)")  # fmt: skip
    value.set(x.TYPE, "CD")
    part = x.section(body, "BEFORESUR", "Состояние до оперативного вмешательства", [("Премедикация", "проведена")])
    x.value_of(x.observation(x.entry(part), "12387", "Премедикация"), "BL", value="true")
    before = x.section(part, "DGN", "Диагнозы", [("До операции", icd_name(icd10))])
    ranked(x.entry(before), Said("diagnosis", None, {"icd10": named["icd10"], "status": "preliminary"}))
    part = x.section(body, "SUR", "Оперативное вмешательство", [("Операция", "выполнена")], pad=True)
    _protocol(x.entry(part), named["icd10"])
    part = x.section(body, "AFTERSUR", "Состояние после оперативного вмешательства", [("Состояние", "удовлетворительное")])
    after = x.section(part, "DGN", "Диагнозы", [("После операции", icd_name(named["icd10"]))])
    tumour(ranked(x.entry(after), named), named, place=False)


def _protocol(parent: x.Element, icd10: str) -> None:
    """The procedure of 189: its day stands in the header, so does its urgency; the counts are part of the form."""
    code, name = OPERATIONS.get(icd10[:3], DEFAULT_OPERATION)
    element = x.el(parent, "procedure", classCode="PROC", moodCode="EVN")
    x.coded(element, "code", code, d.SERVICES, name)
    x.el(element, "text", name)
    x.value_st(x.observation(x.component(element), "6033", "Описание хирургической операции"), f"{name}. Без осложнений.")
    for number, label in (("11054", "салфетки"), ("11055", "инструменты")):
        counted = x.observation(x.component(element), number, f"Результат подсчета операционного материала ({label})")
        x.value_of(counted, "INT", value="24")
    lost = x.value_of(x.observation(x.component(element), "6063", "Объем кровопотери"), "PQ", value="150", unit="мл")
    x.el(lost, "translation", value="150", code="29", codeSystem=d.UNITS, codeSystemVersion="2.14",
         codeSystemName="Единицы измерения", displayName="мл")  # fmt: skip
    kept = x.observation(x.component(element), "12388",
                         "Описание операционного биоматериала, взятого на патоморфологическое исследование")  # fmt: skip
    x.value_st(kept, "Удалённый препарат в формалине")


def discharge(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
              links: tuple[Link, ...]) -> None:  # fmt: skip
    """147, 235: the stay in the header, the diagnosis with TNM as a group, each kind of treatment in its section."""
    left = first(says, "discharge")
    named = first(says, "diagnosis") or Said("diagnosis", None, {"icd10": code_of(says), "status": "final"})
    part = x.section(body, "PATIENTROUTE", "Сведения о пребывании пациента по отделениям", [("Отделение", "онкологическое")])
    outcome = x.el(x.entry(part), "observation", classCode="OBS", moodCode="EVN")
    x.coded(outcome, "code", "2", d.OUTCOME, (left and left["outcome"]) or "улучшение")
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(named["icd10"])), ("Код", named["icd10"])], pad=True)
    tumour(ranked(x.entry(part), named), named, grouped=True)
    cut = every(says, "operation")
    if cut:
        part = x.section(body, "SUR", "Оперативное вмешательство", [("Операция", f"{s.on}") for s in cut])
        for said in cut:
            procedure(x.entry(part), said, named["icd10"])
    cycles = every(says, "chemo_cycle")
    if cycles:
        part = x.section(body, "POLT", "Противоопухолевая лекарственная терапия",
                         [(s["regimen"] or "лекарственная терапия", f"{s.on}") for s in cycles])  # fmt: skip
        for said in cycles:
            scheme(x.entry(part), said)
    rays = every(says, "radiotherapy")
    if rays:
        part = x.section(body, "RADIOTHERAPY", "Лучевая терапия", [(s["phase"], f"{s.on}") for s in rays])
        course(x.entry(part), rays)
    part = x.section(body, "STATEDIS", "Состояние при выписке", [("Состояние", "Удовлетворительное")])
    x.value_cd(x.observation(x.entry(part), "804", "Состояние пациента"), "1", d.STATE, "Удовлетворительное")


def scheme(parent: x.Element, said: Said) -> None:
    """A cycle: the scheme is the observation's code, day 1 the start of its interval."""
    name = said["regimen"] or "другая схема"
    element = x.el(parent, "observation", classCode="OBS", moodCode="EVN")
    x.coded(element, "code", record_id(name), d.SCHEME, name)
    if said.on:
        span = x.el(element, "effectiveTime")
        x.el(span, "low", value=x.day(said.on))
        x.el(span, "high", value=x.day(said.on + timedelta(days=1)))


def course(parent: x.Element, rays: list[Said]) -> None:
    """A course of radiotherapy with its start and, once over, its end."""
    start = next((s.on for s in rays if s["phase"] != "end"), None)
    end = next((s.on for s in rays if s["phase"] == "end"), None)
    element = x.observation(parent, "2", "Лучевая терапия", system=d.METHOD)
    span = x.el(element, "effectiveTime")
    if start:
        x.el(span, "low", value=x.day(start))
    if end:
        x.el(span, "high", value=x.day(end))
    dose = x.observation(x.component(element), "6044", "Суммарная очаговая доза")
    x.value_of(dose, "PQ", value="50", unit="Гр")


def ambulatory(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
               links: tuple[Link, ...]) -> None:  # fmt: skip
    """92, 233: the diagnosis of the case as an act over an observation, each visit an encounter with its service."""
    named = first(says, "diagnosis")
    part = x.section(body, "AMBS", "Сведения амбулаторно-поликлинического обращения",
                     [("Диагноз", icd_name(code_of(says)))], pad=True)  # fmt: skip
    if named:
        final = named["status"] != "preliminary"
        act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
        x.coded(act, "code", "3" if final else "1", d.CERTAINTY_OLD,
                "Заключительный клинический диагноз" if final else "Предварительный диагноз")  # fmt: skip
        main = x.observation(x.component(act), "1", "Основное заболевание", system=d.RANK)
        x.effective(main, named.on)
        x.value_cd(main, named["icd10"], d.ICD, icd_name(named["icd10"]))
    visits = x.section(part, "AMBSV", "Сведения амбулаторно-поликлинического посещения", [("Посещения", "по записям")])
    for said in every(says, "consultation"):
        meeting = x.el(x.entry(visits), "encounter", classCode="ENC", moodCode="EVN")
        x.effective(meeting, said.on)
        code, name, _ = d.SPECIALTY[said["specialty"] or "oncologist"]
        act = x.el(x.component(meeting), "act", classCode="ACT", moodCode="EVN")
        x.coded(act, "code", code, d.SERVICES, name)
        x.effective(act, said.on)
        x.value_st(x.observation(x.component(meeting), "837", "Заключение"), "Осмотрен, рекомендации даны.")
