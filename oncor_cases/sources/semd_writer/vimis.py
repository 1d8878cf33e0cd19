"""VIMIS messages of the first version: examination (SMSV5) and the register card (SMSV7)."""

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, every, first, icd_name, record_id
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said

V1, V5 = "vimis1", "vimis5"  # made-up code systems: real messages carry them


def _made_up(parent: x.Element, code: str, system: str, name: str) -> None:
    x.el(parent, "code", code=code, codeSystem=system, displayName=name)


def _section(body: x.Element, code: str, title: str) -> x.Element:
    part = x.el(x.el(body, "component"), "section")
    _made_up(part, code, V1, title)
    x.el(part, "title", title)
    x.el(part, "text")
    return part


def _diagnoses(body: x.Element, says: tuple[Said, ...]) -> None:
    """Shape 1: certainty above, rank below, then one observation with many sibling values."""
    named, suspected = first(says, "diagnosis"), first(says, "suspicion")
    icd10 = named["icd10"] if named else code_of(says)
    final = bool(named) and named is not None and named["status"] != "preliminary"
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(icd10))], pad=True)
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", "3" if final else "1", d.CERTAINTY_OLD,
            "Заключительный клинический диагноз" if final else "Предварительный диагноз")  # fmt: skip
    main = x.observation(x.component(act), "1", "Основное заболевание", system=d.RANK)
    x.effective(main, named.on if named else None)
    x.value_cd(main, icd10, d.ICD, icd_name(icd10))
    if named:
        if named["primacy"]:
            new = named["primacy"] == "first"
            x.value_cd(main, "1" if new else "2", d.COURSE, "Впервые в жизни установленное хроническое" if new
                       else "Ранее установленное хроническое")  # fmt: skip
        for letter in "tnm":
            if named[letter]:
                label = f"{letter.upper()}{named[letter]}"
                x.value_cd(main, record_id(label), d.TNM, label)
        if named["stage"]:
            x.value_cd(main, record_id(named["stage"]), d.STAGE, named["stage"])
        if named["morphology"]:
            x.value_cd(main, f"M-{named['morphology']}", d.MORPHOLOGY, named["morphology"])
        if named["topography"]:
            x.value_cd(main, named["topography"], d.TOPOGRAPHY, named["topography"])
    if suspected:
        sign = x.el(x.component(main), "observation", classCode="OBS", moodCode="EVN")
        _made_up(sign, "317", V5, "Признак подозрения на злокачественное новообразование")
        x.effective(sign, suspected.on)
        x.value_of(sign, "BL", value="true")
    if named and named["primacy"] == "first" and named["first_on"]:
        sign = x.el(x.component(main), "observation", classCode="OBS", moodCode="EVN")
        _made_up(sign, "318", V5, "Впервые в жизни установленный диагноз")
        x.el(sign, "effectiveTime", value=str(named["first_on"]).replace("-", ""))
        x.value_cd(sign, "2", d.SOURCE_OF_DATE, "На основании медицинской документации")


def examination(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                links: tuple[Link, ...]) -> None:  # fmt: skip
    """SMSV5: the diagnosis and the service of the visit."""
    _diagnoses(body, says)
    meeting = first(says, "consultation")
    code, name, _ = d.SPECIALTY[(meeting["specialty"] if meeting else "") or "oncologist"]
    part = x.section(body, "SERVICES", "Оказанные услуги", [(code, name)])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", code, d.SERVICES, name)
    x.effective(act, meeting.on if meeting else head.moment.date())


def register_card(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                  links: tuple[Link, ...]) -> None:  # fmt: skip
    """SMSV7: entry and exit as coded dates, visits due and kept, the yearly group, drug treatment by method."""
    _diagnoses(body, says)
    entered, left = first(says, "register_entry"), first(says, "register_exit")
    if entered or left:
        part = _section(body, "vimisDispensaryObservation", "Информация о диспансерном наблюдении")
        card = x.el(x.entry(part), "observation", classCode="OBS", moodCode="EVN")
        x.el(card, "id", root=f"{org.oid}.100.1.1.59", extension=head.card)
        status = ("2", "Снят с учёта") if left else ("1", "Состоит")
        x.coded(card, "code", status[0], d.ON_REGISTER, status[1])
        width = x.el(x.el(card, "effectiveTime"), "width")
        for code, said in (("1", entered), ("3", left)):
            if said and said.on:
                x.el(width, "translation", value=x.day(said.on), code=code)
        if left:
            words = {"left_region": "Выезд за пределы субъекта", "not_confirmed": "Диагноз не подтвердился",
                     "recovered": "Выздоровление"}.get(left["reason"], "Другая причина")  # fmt: skip
            x.value_cd(card, "1", d.EXIT, words)
    _treatment(body, says)
    due, kept = every(says, "visit_planned"), every(says, "visit")
    if due or kept:
        part = _section(body, "vimisDispensaryObservationCheck", "Информация о явках пациента на осмотр")
        for said in (*due, *kept):
            element = x.el(x.entry(part), "observation", classCode="OBS", moodCode="EVN")
            x.coded(element, "code", "4", d.PROCESS, "Стабилизация процесса")
            span = x.el(element, "effectiveTime")
            if said.on:
                x.el(span, "low" if said.kind == "visit_planned" else "high", value=x.day(said.on))
    groups = every(says, "clinical_group")
    if groups:
        part = _section(body, "vimisDispensaryObservationPeriod", "Информация о состоянии пациента на конец периода")
        for said in groups:
            element = x.el(x.entry(part), "observation", classCode="OBS", moodCode="EVN")
            code, label = d.GROUP_NAMES[said["group"]]
            x.coded(element, "code", code, d.GROUP, label)
            x.effective(element, said.on)


def _treatment(body: x.Element, says: tuple[Said, ...]) -> None:
    hormones, cycles, rays = every(says, "hormone_therapy"), every(says, "chemo_cycle"), every(says, "radiotherapy")
    if not hormones and not cycles and not rays:
        return
    part = x.section(body, "SUM", "Информация о лечении", [("Лечение", "проводится")])
    for method, system, name, given in (("2", d.P + "99.2.133", "Гамма-терапия", rays),
                                        ("41", d.CHEMO, "самостоятельная", cycles),
                                        ("42", d.P + "99.2.138", "лекарственная", hormones)):  # fmt: skip
        if not given:
            continue
        nested = x.el(x.el(part, "component"), "section")
        title = {"2": "Лучевая терапия", "41": "Химиотерапия", "42": "Гормонотерапия"}[method]
        x.coded(nested, "code", method, d.METHOD, title)
        x.el(nested, "title", title)
        x.el(nested, "text")
        for said in given:
            element = x.el(x.entry(nested), "observation", classCode="OBS", moodCode="EVN")
            x.el(element, "code", code="1", codeSystem=system, displayName=name)
            span = x.el(element, "effectiveTime")
            if said.on and said["phase"] == "end":
                x.el(span, "high", value=x.day(said.on))
            elif said.on:
                x.el(span, "low", value=x.day(said.on))
            if said["regimen"]:
                x.value_cd(element, record_id(said["regimen"]), d.SCHEME, said["regimen"])
