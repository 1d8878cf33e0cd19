"""Papers about the register: notice 090/у (184), late stage 027-2/у (211), certificate (73, 172), ticket (132)."""

from datetime import date, timedelta

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.diagnosis import code_of, disease, first, first_in_life, icd_name, ranked, tumour
from oncor_cases.sources.semd_writer.head import address
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said


def _organisation(parent: x.Element, org: Organisation) -> None:
    """`performer` that is a clinic, not a person."""
    entity = x.el(x.el(parent, "performer"), "assignedEntity")
    x.el(entity, "id", nullFlavor="NI")
    represented = x.el(entity, "representedOrganization", classCode="ORG")
    x.el(represented, "id", root=org.oid)
    x.el(represented, "name", org.name)
    x.el(represented, "telecom", value=f"tel:{org.phone}")
    address(represented, org.address, org.postal, org)


def _confirmed(part: x.Element) -> None:
    method = x.observation(x.entry(part), "12306", "Метод подтверждения диагноза")
    x.value_cd(method, "1", d.CONFIRMED, "морфологический")


def _named(says: tuple[Said, ...]) -> Said:
    return first(says, "diagnosis") or Said("diagnosis", None, {"icd10": code_of(says), "status": "final"})


def _seen_first(says: tuple[Said, ...], head: Head) -> date:
    named = _named(says)
    return (named.on or head.moment.date()) - timedelta(days=21)


def notice(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
           links: tuple[Link, ...]) -> None:  # fmt: skip
    """184: the disease in 838 with everything known of the tumour."""
    named = _named(says)
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Метод подтверждения", "морфологический")])
    x.value_of(x.observation(x.entry(part), "8035", "Извещение составлено в онкологическом диспансере (Отметка)"), "BL",
               value="false")  # fmt: skip
    visit = x.observation(x.entry(part), "11007", "Дата первичного обращения")
    x.effective(visit, _seen_first(says, head))
    _confirmed(part)
    x.value_cd(x.observation(x.entry(part), "12307", "Обстоятельства выявления опухоли"), "1", d.FOUND, "обратился сам")
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(named["icd10"])), ("Код", named["icd10"])], pad=True)
    element = disease(x.entry(part), named)
    told = named["first_on"] or (named.on and f"{named.on}")
    if told:
        first_in_life(element, date.fromisoformat(str(told)), person)
    tumour(element, named)
    number = x.observation(x.component(element), "12298", "Порядковый номер данной опухоли у данного больного")
    x.value_of(number, "INT", value="1")
    part = x.section(body, "WORK", "Место работы и должность, условия труда", [("Профессия", "не указана")])
    x.value_st(x.observation(x.entry(part), "4074", "Основная профессия (специальность, должность)"), "не указана")
    part = x.section(body, "ORGINFO", "Сведения о медицинской организации", [("Организация", org.name)])
    act = x.el(x.entry(part), "act", classCode="ACT", moodCode="EVN")
    x.coded(act, "code", "12016", d.ELEMENTS, "Медицинская организация, оказывающая медицинскую помощь")
    _organisation(act, org)


def late_stage(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
               links: tuple[Link, ...]) -> None:  # fmt: skip
    """211: why so late, the tumour, earlier visits; ORGINFO with a day only once the case was reviewed."""
    named = _named(says)
    reviewed = next((s for s in says if s.kind == "late_stage_protocol" and s["phase"] == "reviewed"), None)
    seen = _seen_first(says, head)
    part = _bare(body, "DOCINFO", "Сведения о документе")
    for code, name, on, placed in (
        ("12408", "Дата выявления случая запущенной формы злокачественного новообразования", named.on, False),
        ("12322", "Дата и время возникновения первых клинических симптомов", seen - timedelta(days=90), False),
        ("11007", "Дата первичного обращения", seen, True),
        ("12456", "Медицинская организация, где впервые в жизни был установлен диагноз злокачественного новообразования",
         named.on, True),
    ):  # fmt: skip
        element = x.observation(x.entry(part), code, name)
        x.effective(element, on or head.moment.date())
        if placed:
            place = x.observation(x.component(element), "12016", "Медицинская организация, оказывающая медицинскую помощь")
            _organisation(place, org)
    x.value_cd(x.observation(x.entry(part), "12411", "Причины поздней диагностики"), "1", d.LATE_REASON,
               "скрытое течение болезни")  # fmt: skip
    _confirmed(part)
    part = _bare(body, "DGN", "Диагнозы")
    tumour(disease(x.entry(part), named), named)
    part = _bare(body, "STAGETREATMENT", "Этапы обращения больного")
    earlier = x.observation(x.entry(part), "800", "Обращение")
    x.effective(earlier, seen)
    x.value_cd(earlier, "R53", d.ICD, "Недомогание и утомляемость")
    place = x.observation(x.component(earlier), "12016", "Медицинская организация, оказывающая медицинскую помощь")
    _organisation(place, org)
    for code, name, words in (("12004", "Метод исследования", "осмотр"), ("9038", "Проведенное лечение", "не проводилось")):
        x.value_st(x.observation(x.component(earlier), code, name), words)
    if reviewed:
        part = _bare(body, "ORGINFO", "Сведения о медицинской организации")
        review = x.observation(x.entry(part), "12457", "Медицинская организация, где проведена конференция")
        x.effective(review, reviewed.on)
        _organisation(review, org)
        x.value_st(x.observation(x.component(review), "8106", "Организационные выводы"), "разобрано на конференции")


def _bare(body: x.Element, code: str, name: str) -> x.Element:
    """A section without a narrative: the schema of 211 has none."""
    part = x.el(x.el(body, "component"), "section")
    x.coded(part, "code", code, d.SECTIONS, name)
    x.el(part, "title", name)
    return part


def certificate(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
                links: tuple[Link, ...]) -> None:  # fmt: skip
    """73, 172: on the register of the oncology dispensary (conclusion 9) on the day of the certificate."""
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Диспансер", "онкологический")], pad=True)
    kind = x.observation(x.entry(part), "9017", "Вид диспансера")
    value = x.el(kind, "value", code="2", codeSystem=d.P + "11.1090", codeSystemVersion="1.1",
                 codeSystemName="Виды диспансеров", displayName="Онкологический")  # fmt: skip
    value.set(x.TYPE, "CD")
    entry = first(says, "register_entry")
    place = x.observation(x.entry(part), "837", "Заключение")
    x.effective(place, entry.on if entry else None)
    value = x.el(place, "value", code="9", codeSystem=d.P + "99.2.725", codeSystemVersion="1.15",
                 codeSystemName="Заключения", displayName="Состоит на учете в диспансере")  # fmt: skip
    value.set(x.TYPE, "CD")


def ticket(body: x.Element, says: tuple[Said, ...], person: Person, head: Head, org: Organisation,
           links: tuple[Link, ...]) -> None:  # fmt: skip
    """132: the number, the day the papers were sent (7017), the clinic that will treat (7016), the diagnosis."""
    issued = first(says, "vmp_ticket") or Said("vmp_ticket", head.moment.date())
    named = _named(says)
    where = issued.org or org
    part = x.section(body, "DOCINFO", "Сведения о документе", [("Номер талона", head.case)], pad=True)
    x.value_st(x.observation(x.entry(part), "11003", "Номер документа"), f"99.0000.{head.case}")
    x.value_cd(x.observation(x.entry(part), "7020", "Источник оказания ВМП"), "1", d.MONEY, "Субсидии из бюджета ФОМС")
    treats = x.observation(x.entry(part), "7016", "Наименование МО-ВМП")
    role = x.el(x.el(treats, "participant", typeCode="LOC"), "participantRole", classCode="SDLOC")
    x.el(role, "id", root=where.oid)
    address(role, where.address, where.postal, where)
    x.el(x.el(role, "playingEntity"), "name", where.name)
    sent = x.observation(x.entry(part), "7017",
                         "Дата направления документов в ФГУ или МО субъекта Российской Федерации")  # fmt: skip
    x.effective(sent, issued.on)
    part = x.section(body, "DGN", "Диагнозы", [("Диагноз", icd_name(named["icd10"]))])
    ranked(x.entry(part), named, full=False)
    part = x.section(body, "CONSENT", "Сведения о согласии", [("Согласие", "получено")])
    consent = x.observation(x.entry(part), "7021",
                            "Согласие на использование персональных данных для организации ВМП")  # fmt: skip
    x.effective(consent, issued.on)
    x.value_of(consent, "BL", value="true")
