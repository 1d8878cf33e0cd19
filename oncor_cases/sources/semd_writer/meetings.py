"""Meetings with a doctor: consultation (119, 227), dispensary consultation (111), consilium (190)."""

from datetime import date

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, first, first_in_life, icd_name, ranked, reason, tumour
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said


def _words(says: tuple[Said, ...]) -> str:
    """What the doctor concludes, in words."""
    named = first(says, "diagnosis")
    if named and named["status"] == "excluded":
        return f"Данных за злокачественное новообразование нет. {icd_name(named['icd10'])}."
    if named:
        return f"{icd_name(named['icd10'])}."
    return f"Подозрение на заболевание: {icd_name(code_of(says)).lower()}. Требуется дообследование."


def _advice(says: tuple[Said, ...]) -> str:
    orders = [d.study(s["study"], code_of(says))[3] for s in says if s.kind == "study_ordered"]
    return "Назначено: " + ", ".join(orders) + "." if orders else "Явка к врачу по результатам обследования."


def consultation(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                 links: tuple[Link, ...]) -> None:  # fmt: skip
    """119: the code in DOCINFO is the reason of the visit; what the doctor found is text in RESCONS."""
    icd10 = code_of(says)
    words, advice = _words(says), _advice(says)
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Код по МКБ-10", icd10)])
    reason(x.entry(part), icd10, "809")
    x.value_cd(x.observation(x.entry(part), "800", "Обращение"), "1", d.VISIT, "Первичный")
    x.value_cd(x.observation(x.entry(part), "801", "Место проведения"), "1", d.PLACE,
               "Амбулаторно-поликлиническое учреждение")  # fmt: skip
    part = x.section(body, "RESCONS", "Результаты консультации/осмотра врача", [("Заключение", words)], pad=True)
    x.value_cd(x.observation(x.entry(part), "804", "Состояние пациента"), "1", d.STATE, "Удовлетворительное")
    x.value_st(x.observation(x.entry(part), "805", "Протокол консультации"), f"Осмотрен. {words}")
    x.value_st(x.observation(x.entry(part), "806", "Заключение консультации"), words)
    nested = x.section(part, "REGIME", "Режим и рекомендации", [("Рекомендации", advice)])
    x.value_st(x.observation(x.entry(nested), "807", "Рекомендации"), advice)
    _service(body, says, head.moment.date())


def consultation_5(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                   links: tuple[Link, ...]) -> None:  # fmt: skip
    """227: the diagnosis is established here, ranked, with certainty, date and the tumour below it."""
    words = _words(says)
    x.value_st(x.observation(x.entry(
        x.section(body, "COMPLNTS", "Жалобы", [("Жалобы", "на слабость, снижение массы тела")])),
        "835", "Жалобы пациента"), "На слабость, снижение массы тела")  # fmt: skip
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", words)], pad=True)
    for said in says:
        if said.kind in ("diagnosis", "suspicion"):
            element = ranked(x.entry(part), said if said.kind == "diagnosis" else
                             Said("diagnosis", said.on, {"icd10": said["icd10"], "status": "preliminary"}))  # fmt: skip
            if said.on:  # the schema wants the date before the value
                element.insert(1, x.el(element, "effectiveTime", value=x.day(said.on)))
            if said.kind == "diagnosis" and said["primacy"] == "first" and said["first_on"]:
                first_in_life(element, date.fromisoformat(str(said["first_on"])), person)
            tumour(element, said)
    part = x.section(body, "RESCONS", "Результаты консультации/осмотра врача", [("Заключение", words)])
    x.value_st(x.observation(x.entry(part), "806", "Заключение консультации"), words)
    nested = x.section(body, "REGIME", "Режим и рекомендации", [("Рекомендации", _advice(says))])
    x.value_st(x.observation(x.entry(nested), "807", "Рекомендации"), _advice(says))
    _service(body, says, head.moment.date())


def dispensary(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
               links: tuple[Link, ...]) -> None:  # fmt: skip
    """111: start of dispensary observation (7002), its end with a reason (7004), the next visit as free text (7005)."""
    icd10 = code_of(says)
    start, stop, planned = first(says, "register_entry"), first(says, "register_exit"), first(says, "visit_planned")
    words = _words(says)
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Код по МКБ-10", icd10)])
    reason(x.entry(part), icd10, "809")
    x.value_cd(x.observation(x.entry(part), "800", "Обращение"), "2", d.VISIT, "Повторный")
    if start or stop or planned:
        watch = x.observation(x.entry(part), "7002", "Начало диспансерного наблюдения")
        x.effective(watch, start.on if start else None)
        if stop:
            end = x.observation(x.component(watch, "RSON"), "7004", "Дата прекращения диспансерного наблюдения")
            x.effective(end, stop.on)
            code, label = EXITS.get(stop["reason"], ("9", "Другая причина"))
            x.value_cd(end, code, d.EXIT, label)
        if planned and planned.on:
            coming = x.observation(x.component(watch), "7005", "Следующая явка")
            x.value_st(coming, f"{planned.on:%d.%m.%Y}")
    part = x.section(body, "RESCONS", "Результаты консультации/осмотра врача", [("Заключение", words)], pad=True)
    x.value_cd(x.observation(x.entry(part), "804", "Состояние пациента"), "1", d.STATE, "Удовлетворительное")
    x.value_st(x.observation(x.entry(part), "806", "Заключение консультации"), words)
    _service(body, says, head.moment.date())


EXITS = {  # code and words of the reason a patient left the register
    "left_region": ("1", "Выезд за пределы субъекта"), "not_confirmed": ("2", "Диагноз не подтвердился"),
    "basal_cell": ("3", "Базалиома, 5 лет без рецидива"), "recovered": ("4", "Выздоровление"),
    "died_of_disease": ("5", "Умер от основного заболевания"), "died_of_complication": ("6", "Умер от осложнений"),
    "died_of_other": ("7", "Умер от другого заболевания"), "died_cause_unknown": ("8", "Умер, причина не установлена"),
}  # fmt: skip


def _service(body: x.Element, says: tuple[Said, ...], on: date) -> None:
    meeting = first(says, "consultation", "visit")
    code, name, _ = d.SPECIALTY[(meeting["specialty"] if meeting else "") or "oncologist"]
    part = x.section(body, "SERVICES", "Оказанные услуги", [(code, name)])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", code, d.SERVICES, name)
    x.effective(act, (meeting.on if meeting else None) or on)


def consilium(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
              links: tuple[Link, ...]) -> None:  # fmt: skip
    """190: who met is in the header; here the goal, the decision, the diagnosis and the plan step by step."""
    meeting = first(says, "consilium") or Said("consilium", head.moment.date())
    plan = meeting["plan"]
    steps = list(plan) if isinstance(plan, list | tuple) else [plan] if plan else []
    named = first(says, "diagnosis") or Said("diagnosis", None, {"icd10": code_of(says), "status": "final"})
    decision = "Рекомендовано: " + (", ".join(d.STEP_NAMES[s][1].lower() for s in steps) or "дообследование") + "."
    part = x.section(body, "ANAM", "Анамнез заболевания", [("Анамнез", "Заболевание выявлено при обследовании.")], pad=True)
    x.value_st(x.observation(x.entry(part), "7006", "Текстовое описание"), "Заболевание выявлено при обследовании.")
    part = x.section(body, "PATOBJ", "Объективные данные", [("Состояние", "Удовлетворительное")])
    state = x.observation(x.entry(part), "804", "Состояние пациента")
    x.el(state, "text", "Состояние удовлетворительное")
    x.value_cd(state, "1", d.STATE, "Удовлетворительное")
    part = x.section(body, "CONSILIUM", "Консилиум", [("Решение", decision)])
    for code, name, system, value, label in (
        ("9058", "Тип консилиума", d.CONSILIUM_TYPE, "2", "Онкологический"),
        ("6057", "Форма консилиума", d.CONSILIUM_FORM, "1", "Очно"),
    ):
        x.value_cd(x.observation(x.entry(part), code, name), value, system, label)
    x.value_st(x.observation(x.entry(part), "9059", "Причины проведения консилиума"), "Определение тактики лечения")
    goal = x.observation(x.entry(part), "6026", "Цель консилиума")
    x.el(goal, "text", "Определение тактики лечения")
    x.value_cd(goal, "5", d.CONSILIUM_GOAL, "Определение тактики лечения")
    x.value_st(x.observation(x.entry(part), "6030", "Решение консилиума"), decision)
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(named["icd10"]))])
    element = ranked(x.entry(part), named)
    if named["primacy"] == "first" and named["first_on"]:
        first_in_life(element, date.fromisoformat(str(named["first_on"])), person)
    tumour(element, named, grouped=True, stage_by_scale=True)
    group = first(says, "clinical_group")
    if group:
        code, label = d.GROUP_NAMES[group["group"]]
        part = x.section(body, "DISPENSOBS", "Диспансерное наблюдение", [("Клиническая группа", label)])
        x.value_cd(x.observation(x.entry(part), "12399", "Клиническая группа"), code, d.GROUP, label)
    part = x.section(body, "REGIME", "Режим и рекомендации", [("План", decision)])
    if steps:
        treat = x.section(part, "RECTREAT", "Рекомендованное лечение", [("План лечения", decision)])
        for place, step in enumerate(steps, 1):
            code, label = d.STEP_NAMES[step]
            line = x.observation(x.entry(treat), "807", "Рекомендации")
            x.effective(line, meeting.on)
            x.value_st(line, label)
            x.value_cd(x.observation(x.component(line), "12419", "Метод лечения"), code, d.METHOD, label)
            x.value_of(x.observation(x.component(line), "9057", "Этап лечения"), "INT", value=str(place))
    else:
        other = x.section(part, "RECEXAM", "Рекомендованные диагностические исследования", [("План", decision)])
        x.value_st(x.observation(x.entry(other), "807", "Рекомендации"), decision)
