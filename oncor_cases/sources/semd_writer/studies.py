"""Results of studies: instrumental (110, 174, 224), laboratory (186), histology (214), cytology (176)."""

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, every, first, icd_name, reason
from oncor_cases.sources.semd_writer.head import VENDOR
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said

FINDINGS = {
    "normal": "Патологических изменений не выявлено.",
    "suspicious": "Выявлено образование, подозрительное на злокачественное.",
    "abnormal": "Выявлены изменения, требующие дообследования.",
}
SERVICE_OF = {  # what the laboratory did with the material
    "ihc": ("A08.30.013", "Патолого-анатомическое исследование с применением иммуногистохимических методов"),
    "operation": ("A08.30.046.004", "Патолого-анатомическое исследование операционного материала четвертой категории"
                  " сложности"),
    "haematology": ("A08.05.002", "Патолого-анатомическое исследование биопсийного (операционного) материала костного"
                    " мозга"),
}  # fmt: skip
REPORTS = {
    "malignant": "Морфологическая картина злокачественной опухоли.",
    "benign": "Данных за злокачественный рост в исследованном материале нет.",
    "inconclusive": "Материал недостаточен для заключения, рекомендована повторная биопсия.",
}


def instrumental(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                 links: tuple[Link, ...]) -> None:  # fmt: skip
    """The study is an act with its day; the diagnosis in DOCINFO is only the reason of the study."""
    done = first(says, "study_performed") or Said("study_performed", head.moment.date(), {"study": "ct"})
    icd10 = code_of(says)
    number, name, code, nmu_name = d.study(done["study"], icd10)
    result = FINDINGS.get(done["result"] or "suspicious", FINDINGS["suspicious"])
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Исследование", name), ("Диагноз направления", icd10)])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    if number:
        x.coded(act, "code", number, d.STUDIES, name)
    else:
        x.coded(act, "code", code, d.SERVICES, nmu_name)
    x.effective(act, done.on)
    for element, label, system, value, words in (
        ("800", "Обращение", d.VISIT, "1", "Первичный"),
        ("801", "Место проведения", d.PLACE, "1", "Амбулаторно-поликлиническое учреждение"),
    ):
        x.value_cd(x.observation(x.entry(part), element, label), value, system, words)
    reason(x.entry(part), icd10)
    part = x.section(body, "RESINFO", "Заключение", [("Протокол", result), ("Заключение", result)], pad=True)
    for element, label, words in (
        ("1805", "Протокол инструментального исследования", f"{name}. {result}"),
        ("1806", "Заключение инструментального исследования", result),
        ("807", "Рекомендации", "Консультация направившего врача."),
    ):
        x.value_st(x.observation(x.entry(part), element, label), words)
    part = x.section(body, "SERVICES", "Оказанные услуги", [(code, nmu_name)])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", code, d.SERVICES, nmu_name)
    x.effective(act, done.on)


def histology(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
              links: tuple[Link, ...]) -> None:  # fmt: skip
    """214: the day the material came in GISTCASE, the conclusion and the morphology in GISTRESULT."""
    report = first(says, "pathology_report") or Said("pathology_report", head.moment.date(), {"result": "malignant"})
    received = first(says, "biopsy_received")
    icd10 = code_of(says)
    words = REPORTS[report["result"] or "malignant"]
    part = x.section(body, "GISTCASE", "Регистрационные данные прижизненного патолого-анатомического исследования",
                     [("Материал", "операционный" if report["kind"] == "operation" else "биопсийный")])  # fmt: skip
    case = x.observation(x.entry(part), "4001",
                         "Регистрация прижизненного паталого-анатомического исследования")  # fmt: skip
    x.effective(case, received.on if received else None)
    x.value_st(case, head.case)
    part = x.section(body, "GISTSPECIMENS", "Информация об исследованных биоматериалах", [("Флакон 1", "фрагмент ткани")])
    vial = x.observation(x.entry(part), "4005", "Номер флакона (пробы)")
    specimen = report["specimen"] or (received["specimen"] if received else "")
    x.value_st(vial, specimen or "1")
    part = x.section(body, "GISTRESULT", "Результаты прижизненного патолого-анатомического исследования",
                     [("Заключение", words), ("Код", icd10)], pad=True)  # fmt: skip
    result = x.observation(x.entry(part), "4020", "Морфологическое заключение")
    x.effective(result, report.on)
    x.value_st(result, words)
    if not (report["result"] == "benign" and icd10.startswith("C")):  # the suspected code is not what was found
        act = x.el(x.component(result), "act", classCode="ACT", moodCode="EVN")
        x.coded(act, "code", "4027", d.ELEMENTS, "Диагноз заболевания (состояния) по результатам исследования")
        reason(x.component(act), icd10, "809")
    if report["morphology"]:
        kind = x.observation(x.component(result), "12302", "Морфологический тип опухоли")
        x.value_cd(kind, report["morphology"], d.MORPHOLOGY, report["morphology"])
    code, name = SERVICE_OF.get(report["kind"], d.study("histology", icd10)[2:])
    _services(body, code, name, report)


def cytology(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
             links: tuple[Link, ...]) -> None:  # fmt: skip
    """176: the conclusion is a text in RESLAB, the ICD code in DOCINFO the reason of the study."""
    report = first(says, "pathology_report") or Said("pathology_report", head.moment.date(), {"result": "malignant"})
    icd10 = code_of(says)
    words = REPORTS[report["result"] or "malignant"]
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Номер исследования", head.case)])
    x.value_st(x.observation(x.entry(part), "7009", "Номер цитологического исследования"), head.case)
    reason(x.entry(part), icd10, "809")
    part = x.section(body, "RESLAB", "Результаты лабораторного исследования", [("Заключение", words)], pad=True)
    result = x.observation(x.entry(part), "901", "Текстовое заключение по проведенным лабораторным исследованиям")
    x.effective(result, report.on)
    x.value_st(result, words)
    if report["morphology"]:
        kind = x.observation(x.component(result), "12302", "Морфологический тип опухоли")
        x.value_cd(kind, report["morphology"], d.MORPHOLOGY, report["morphology"])
    _services(body, "A08.30.032", "Цитологическое исследование биологического материала", report)


def _services(body: x.Element, code: str, name: str, report: Said) -> None:
    part = x.section(body, "SERVICES", "Оказанные услуги", [(code, name)])
    count = x.observation(x.entry(part), "6035", "Количество выполненных медицинских услуг")
    x.effective(count, report.on)
    x.value_of(count, "INT", value="1")
    act = x.el(x.component(count), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", code, d.SERVICES, name)
    x.effective(act, report.on)


# name of the test, its code, unit, the interval a healthy adult has
TESTS = [
    ("Гемоглобин", "1017232", "г/л", 120, 160), ("Эритроциты", "1017151", "10*12/л", 4, 5),
    ("Лейкоциты", "1013884", "10*9/л", 4, 9), ("Тромбоциты", "1015917", "10*9/л", 180, 320),
    ("СОЭ", "1012180", "мм/ч", 2, 15), ("Глюкоза", "1028502", "ммоль/л", 4, 6),
    ("Креатинин", "1022417", "мкмоль/л", 62, 106),
    ("Мочевина", "1025110", "ммоль/л", 3, 8),
    ("АЛТ", "1021126", "Ед/л", 5, 40), ("АСТ", "1022043", "Ед/л", 5, 40),
    ("Билирубин общий", "1020219", "мкмоль/л", 3, 20), ("Общий белок", "1029011", "г/л", 65, 85),
]  # fmt: skip


def laboratory(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
               links: tuple[Link, ...]) -> None:  # fmt: skip
    """186: batteries of tests with value, range and reading; the sample in SPECIMENS, the order's services beside."""
    done = first(says, "study_performed") or Said("study_performed", head.moment.date(), {"study": "lab"})
    on = done.on or head.moment.date()
    at = x.minute(head.moment, head.zone)
    number = f"{head.case}-1"
    part = x.section(body, "SPECIMENS", "Информация об исследованных материалах", [("Материал", "кровь венозная")])
    cluster = x.el(x.entry(part), "organizer", classCode="CLUSTER", moodCode="EVN")
    x.el(cluster, "statusCode", code="completed")
    taking = x.el(x.el(cluster, "component", typeCode="COMP"), "procedure", classCode="PROC", moodCode="EVN")
    x.el(taking, "code", nullFlavor="NI")
    x.el(taking, "statusCode", code="completed")
    x.el(taking, "effectiveTime", value=x.day(on))
    role = x.el(x.el(taking, "specimen"), "specimenRole")
    x.el(role, "id", root=f"{org.oid}{VENDOR}.66", extension=number)
    thing = x.el(role, "specimenPlayingEntity", classCode="ENT", determinerCode="INSTANCE")
    x.el(thing, "code", code="112", codeSystem=d.P + "99.2.1019", codeSystemVersion="1.2",
         codeSystemName="Типы биологических материалов", displayName="Кровь венозная")  # fmt: skip
    quantity = x.el(thing, "quantity", value="5", unit="мл")
    x.el(quantity, "translation", value="5", code="29", codeSystem=d.UNITS, codeSystemVersion="2.14",
         codeSystemName="Единицы измерения", displayName="мл")  # fmt: skip
    part = x.section(body, "RESLAB", "Результаты лабораторного исследования",
                     [(f"{name}, {unit}", f"{(low + high) / 2:g}") for name, _, unit, low, high in TESTS],
                     pad=True)  # fmt: skip
    cluster = x.el(x.entry(part), "organizer", classCode="CLUSTER", moodCode="EVN")
    x.el(cluster, "statusCode", code="completed")
    battery = x.el(x.el(cluster, "component", typeCode="COMP"), "organizer", classCode="BATTERY", moodCode="EVN")
    code = x.el(battery, "code", nullFlavor="NI")
    x.el(code, "originalText", "Общий и биохимический анализ крови")
    x.el(battery, "statusCode", code="completed")
    for place, (name, test, unit, low, high) in enumerate(TESTS):
        value = f"{low + (high - low) * ((int(head.version) + place * 7 + on.day) % 10) / 10:g}"
        element = x.el(x.el(battery, "component", typeCode="COMP"), "observation", classCode="OBS", moodCode="EVN")
        x.coded(element, "code", test, d.TESTS, name)
        x.el(element, "statusCode", code="completed")
        x.el(element, "effectiveTime", value=at)
        amount = x.value_of(element, "PQ", value=value, unit=unit)
        x.el(amount, "translation", value=value, code="1", codeSystem=d.UNITS, codeSystemVersion="2.14",
             codeSystemName="Единицы измерения", displayName=unit)  # fmt: skip
        x.el(element, "interpretationCode", code="N", codeSystem=d.P + "99.2.257", codeSystemVersion="1.2",
             codeSystemName="Коды интерпретации результатов", displayName="В пределах нормы")  # fmt: skip
        sample = x.el(x.el(element, "specimen"), "specimenRole")
        x.el(sample, "id", root=f"{org.oid}{VENDOR}.66", extension=number)
        interval = x.el(x.el(element, "referenceRange"), "observationRange")
        x.el(interval, "text", f"{low} - {high} {unit}")
        x.value_st(interval, f"{low}-{high}")
    service = d.study("lab", "")
    part = x.section(body, "SERVICES", "Оказанные услуги", [(service[2], service[3])])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", service[2], d.SERVICES, service[3])
    x.effective(act, on)


__all__ = ["cytology", "every", "histology", "icd_name", "instrumental", "laboratory"]
