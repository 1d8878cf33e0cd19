"""The header of a document, the same for every kind but for the parts its schema allows (`kinds.py`)."""

from datetime import date, datetime, time, timedelta

from oncor_cases.sources.semd_writer import dictionaries as d
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.kinds import EVENT_NAMES, DocumentKind
from oncor_cases.sources.semd_writer.values import Doctor, Head, Link, Organisation, Person

VENDOR = ".100.1.1"  # the information system inside the clinic
LICENCE = "1.2.643.5.1.13.2.1.1.1504.101"
NOWHERE = "00000000-0000-4000-8000-000000000099"
Habits = frozenset[str]
NO_HABITS: Habits = frozenset()


def write_head(
    root: x.Element, kind: DocumentKind, head: Head, person: Person, org: Organisation, links: tuple[Link, ...],
    admitted: date | None = None, urgent: bool = False,
) -> None:  # fmt: skip
    """Everything above the body, in the order the schemas demand. `admitted`: first day of a stay in hospital;
    `urgent`: care without delay."""
    own = org.oid + VENDOR
    x.el(root, "realmCode", code="RU")
    x.el(root, "typeId", root="2.16.840.1.113883.1.3", extension="POCD_MT000040")
    x.el(root, "templateId", root=kind.template)
    x.el(root, "id", root=f"{own}.51", extension=head.id)
    _kind_code(root, kind)
    x.el(root, "title", kind.title)
    if head.dated:
        x.el(root, "effectiveTime", value=x.minute(head.moment, head.zone))
    else:
        x.el(root, "effectiveTime", nullFlavor="NA")
    x.coded(root, "confidentialityCode", "N", d.CONFIDENTIAL, "Обычный")
    x.el(root, "languageCode", code="ru-RU")
    x.el(root, "setId", root=f"{own}.50", extension=head.set_id)
    x.el(root, "versionNumber", value=str(head.version))
    _patient(root, person, org, own, kind.habits)
    _signer(root, "author", "assignedAuthor", head.author, org, own, kind.habits)
    custodian = x.el(
        x.el(x.el(root, "custodian"), "assignedCustodian"), "representedCustodianOrganization", **_class(kind.habits)
    )
    x.el(custodian, "id", root=org.oid)
    x.el(custodian, "name", org.name)
    x.el(custodian, "telecom", value=f"tel:{org.phone}", use="WP")
    address(custodian, org.address, org.postal, org)
    received = x.el(x.el(x.el(root, "informationRecipient"), "intendedRecipient"), "receivedOrganization")
    x.el(received, "id", root="1.2.643.5.1.13")
    x.el(received, "name", "Министерство здравоохранения Российской Федерации")
    _signer(root, "legalAuthenticator", "assignedEntity", head.chief, org, own, kind.habits)
    if kind.insurance:
        _insurance(root, person, org)
    if kind.fulfils and links:
        _order(root, kind, links[0])
    if kind.event:
        _event(root, kind, head, org, own, urgent)
    if kind.encounter:
        _encounter(root, kind, head, own, admitted)


def _kind_code(root: x.Element, kind: DocumentKind) -> None:
    """B names a kind by the list of papers, C by the federal list with the guide beside it (or the guide first)."""
    guide = kind.name.split(" (CDA)")[0]
    match kind.code_by:
        case "md":
            x.coded(root, "code", kind.md, d.KINDS, kind.name)
        case "vimis":
            x.coded(root, "code", kind.remd, d.VIMIS, kind.name)
        case "guide":
            code = x.coded(root, "code", kind.guide, d.GUIDES, guide)
            x.coded(code, "translation", kind.remd, d.REMD, kind.name)
        case _:
            code = x.coded(root, "code", kind.remd, d.REMD, kind.name)
            x.coded(code, "translation", kind.guide, d.GUIDES, guide)


def address(
    parent: x.Element, line: str, postal: str, org: Organisation, kind: str = "", habits: Habits = NO_HABITS
) -> None:
    """`<addr>`; the state register of addresses knows nothing of an invented region, so all share one identifier."""
    addr = x.el(parent, "addr")
    if "edition_6" in habits:
        x.el(addr, "streetAddressLine", line)
    if kind:
        x.coded(addr, "Type", kind, d.ADDRESS, "Адрес по месту жительства (постоянной регистрации)", ns=x.ADDRESS)
    if "edition_6" not in habits:
        x.el(addr, "streetAddressLine", line)
    x.coded(addr, "stateCode", org.region, d.REGIONS, org.region_name, ns=x.ADDRESS)
    if "locality" in habits:
        x.coded(addr, "residentCode", "1", d.LOCALITY, "городская", ns=x.ADDRESS)
    x.el(addr, "postalCode", postal)
    guid = x.el(addr, "Address", None, x.FIAS)
    x.el(guid, "AOGUID", NOWHERE, x.FIAS)
    x.el(guid, "HOUSEGUID", None, x.FIAS, nullFlavor="NI")


def _patient(root: x.Element, person: Person, org: Organisation, own: str, habits: Habits) -> None:
    role = x.el(x.el(root, "recordTarget"), "patientRole")
    x.el(role, "id", root=f"{own}.10", extension=person.local_id)
    if person.snils:
        x.el(role, "id", root=d.SNILS, extension=person.snils)
    elif "snils_or_nothing" not in habits:
        x.el(role, "id", root=d.SNILS, nullFlavor="NI")
    series, number = person.passport
    if "edition_6" in habits:
        x.el(role, "IdentityDoc", None, x.IDENTITY, nullFlavor="NA")
    elif number:
        paper = x.el(role, "IdentityDoc", None, x.IDENTITY)
        x.coded(paper, "IdentityCardType", "1", d.PASSPORT, "Паспорт гражданина Российской Федерации", ns=x.IDENTITY)
        x.el(paper, "Series", series, x.IDENTITY)
        x.el(paper, "Number", number, x.IDENTITY)
        for tag in ("IssueOrgName", "IssueOrgCode"):
            x.el(paper, tag, None, x.IDENTITY, nullFlavor="NI")
        issued = min(person.born.replace(year=person.born.year + 45, day=15), person.born.replace(year=2025, day=15))
        x.el(paper, "IssueDate", None, x.IDENTITY, value=x.day(issued))
    else:
        x.el(role, "IdentityDoc", None, x.IDENTITY, nullFlavor="NI")
    if "edition_6" in habits:
        pass  # the policy stands in the body
    elif person.enp:
        policy = x.el(role, "InsurancePolicy", None, x.IDENTITY)
        x.coded(policy, "InsurancePolicyType", "2", d.POLICY, "Полис ОМС единого образца, бессрочный", ns=x.IDENTITY)
        x.el(policy, "Number", person.enp, x.IDENTITY)
    else:
        x.el(role, "InsurancePolicy", None, x.IDENTITY, nullFlavor="NI")
    address(role, person.address, person.postal, org, "1", habits)
    if person.phone:
        x.el(role, "telecom", value=f"tel:{person.phone}", use="MC")
    elif "two_phones" in habits:
        x.el(role, "telecom", nullFlavor="NI")
    patient = x.el(role, "patient")
    _name(patient, person.family, person.given, person.patronymic, habits)
    male = person.sex == "male"
    x.coded(patient, "administrativeGenderCode", "1" if male else "2", d.SEX, "Мужской" if male else "Женский")
    x.el(patient, "birthTime", value=x.day(person.born))
    provider = x.el(role, "providerOrganization")
    x.el(provider, "id", root=org.oid, extension=f"{org.oid}.0.100100")
    props = provider
    if "edition_6" in habits:
        x.el(
            provider, "id", root=LICENCE, extension=f"ЛО-{org.region}-01-{org.ogrn[-6:]}", assigningAuthorityName="Лицензия"
        )
    else:
        props = x.el(provider, "Props", None, x.IDENTITY)
        x.el(props, "Ogrn", org.ogrn, x.IDENTITY)
    if "ogrnip" in habits:
        x.el(props, "Ogrnip", None, x.IDENTITY, nullFlavor="NA")
    x.el(props, "Okpo", org.ogrn[2:10], x.IDENTITY)
    if "okato" in habits:
        x.el(props, "Okato", f"{org.region}401000000", x.IDENTITY)
    x.el(provider, "name", org.name)
    x.el(provider, "telecom", value=f"tel:{org.phone}", use="WP")
    address(provider, org.address, org.postal, org)


def _name(parent: x.Element, family: str, given: str, patronymic: str, habits: Habits = NO_HABITS) -> None:
    name = x.el(parent, "name")
    x.el(name, "family", family)
    x.el(name, "given", given)
    if patronymic and "given_patronymic" in habits:
        x.el(name, "given", patronymic)
    elif patronymic:
        x.el(name, "Patronymic", patronymic, x.IDENTITY)


def staff(
    entity: x.Element, doctor: Doctor, org: Organisation, own: str, habits: Habits = NO_HABITS, remote: bool | None = None
) -> None:
    """A member of staff inside `assignedAuthor` or `assignedEntity`."""
    x.el(entity, "id", root=f"{own}.70", extension=doctor.number)
    x.el(entity, "id", root=d.SNILS, extension=doctor.snils)
    posts = d.POSTS_OF_DEATH if "edition_6" in habits else d.POSTS
    x.coded(entity, "code", doctor.post, posts, d.POST_NAMES[doctor.post])
    if remote is not None:
        x.el(entity, "serviceRemote", None, x.MEDSERVICE, value="true" if remote else "false")
    address(entity, org.address, org.postal, org)
    for _ in range(2 if "two_phones" in habits else 1):
        x.el(entity, "telecom", value=f"tel:{org.phone}", use="WP")
    _name(x.el(entity, "assignedPerson"), doctor.family, doctor.given, doctor.patronymic, habits)
    represented = x.el(entity, "representedOrganization", **_class(habits))
    x.el(represented, "id", root=org.oid)
    x.el(represented, "name", org.name)
    x.el(represented, "telecom", value=f"tel:{org.phone}", use="WP")
    address(represented, org.address, org.postal, org)


def _class(habits: Habits) -> dict[str, str]:
    return {} if "edition_6" in habits else {"classCode": "ORG"}


def _signer(root: x.Element, tag: str, inner: str, doctor: Doctor, org: Organisation, own: str, habits: Habits) -> None:
    signer = x.el(root, tag)
    x.el(signer, "time", nullFlavor="NI")
    if tag == "legalAuthenticator":
        x.el(signer, "signatureCode", nullFlavor="NI")
    staff(x.el(signer, inner), doctor, org, own, habits)


def _insurance(root: x.Element, person: Person, org: Organisation) -> None:
    """Who pays. The policy stands here a second time, as in real documents."""
    entity = x.el(x.el(root, "participant", typeCode="IND"), "associatedEntity", classCode="GUAR")
    x.coded(entity, "code", "1", d.PAYER, "Средства обязательного медицинского страхования")
    info = x.el(entity, "DocInfo", None, x.IDENTITY)
    if person.enp:
        x.coded(info, "IdentityDocType", "1", d.PAYER_DOC, "Полис ОМС", ns=x.IDENTITY)
        x.coded(info, "InsurancePolicyType", "2", d.POLICY, "Полис ОМС единого образца, бессрочный", ns=x.IDENTITY)
        x.el(info, "Series", None, x.IDENTITY, nullFlavor="NA")
        x.el(info, "Number", person.enp, x.IDENTITY)
        x.el(info, "INN", None, x.IDENTITY, nullFlavor="NI")
        span = x.el(info, "effectiveTime", None, x.IDENTITY)
        x.el(span, "low", None, x.IDENTITY, value="20150112")
        x.el(span, "high", None, x.IDENTITY, nullFlavor="NAV")
    else:
        info.set("nullFlavor", "NA")
    insurer = x.el(entity, "scopingOrganization")
    x.el(insurer, "id", root=d.INSURERS, extension=f"{org.region}003")
    x.el(insurer, "name", "АО «Страховая компания «Здоровый край»")
    x.el(insurer, "telecom", value=f"tel:{org.phone}", use="WP")
    address(insurer, org.address, org.postal, org)


def _order(root: x.Element, kind: DocumentKind, link: Link) -> None:
    """The order this document answers: the primary key of "ordered, performed"."""
    order = x.el(x.el(root, "inFulfillmentOf"), "order")
    x.el(order, "id", root=link.root, extension=link.extension)
    if kind.generation != "vimis":
        x.el(order, "id", root=d.REFERENCE_OF, nullFlavor="NI")
    x.coded(order, "code", link.md, d.KINDS, PAPERS.get(link.md, "Направление"))


PAPERS = {
    "3": "Направление на госпитализацию, восстановительное лечение, обследование, консультацию",
    "57": "Направление на консультацию и во вспомогательные кабинеты",
    "93": "Направление на прижизненное патолого-анатомическое исследование биопсийного (операционного) материала",
    "5": "Протокол консультации", "371": "Протокол консилиума врачей (онкологического)",
    "12": "Протокол прижизненного патолого-анатомического исследования биопсийного (операционного) материала",
    "41": "Медицинская карта пациента, получающего медицинскую помощь в амбулаторных условиях",
    "1": "Эпикриз в стационаре выписной", "108": "Протокол оперативного вмешательства (операции)",
}  # fmt: skip


def _event(root: x.Element, kind: DocumentKind, head: Head, org: Organisation, own: str, urgent: bool) -> None:
    event = x.el(x.el(root, "documentationOf"), "serviceEvent")
    x.coded(event, "code", kind.event, d.EVENT, EVENT_NAMES[kind.event])
    if kind.event_time == "value":
        x.el(event, "effectiveTime", value=x.minute(head.moment, head.zone))
    else:
        span = x.el(event, "effectiveTime")
        x.el(span, "low", value=x.minute(head.moment - timedelta(minutes=25), head.zone))
        x.el(span, "high", value=x.minute(head.moment, head.zone))
    inpatient = kind.md in ("1", "108")
    if urgent:
        x.coded(event, "serviceForm", "2", d.CARE_FORM, "экстренная", ns=x.MEDSERVICE)
    else:
        x.coded(event, "serviceForm", "1", d.CARE_FORM, "плановая", ns=x.MEDSERVICE)
    if inpatient:
        x.coded(event, "serviceType", "4", d.CARE_TYPE, "Специализированная медицинская помощь", ns=x.MEDSERVICE)
        x.coded(event, "serviceCond", "1", d.CARE_PLACE, "Стационарно", ns=x.MEDSERVICE)
    else:
        x.coded(event, "serviceType", "3", d.CARE_TYPE, "Первичная специализированная медико-санитарная помощь",
                ns=x.MEDSERVICE)  # fmt: skip
        x.coded(event, "serviceCond", "2", d.CARE_PLACE, "Амбулаторно", ns=x.MEDSERVICE)
    present = (head.author, *head.colleagues)[: max(kind.performers, len(head.colleagues) + 1)]
    for place, doctor in enumerate(present if kind.performers else ()):
        performer = x.el(event, "performer", typeCode="SPRF" if place else "PPRF")
        if "roles" in kind.habits:
            code, name = (ROLES_SURGERY if kind.md == "108" else ROLES_MEETING)[place > 0]
            x.coded(performer, "functionCode", code, d.ROLE, name)
        entity = x.el(performer, "assignedEntity")
        if "brief_staff" in kind.habits:  # by number, post and name only
            x.el(entity, "id", root=f"{own}.70", extension=doctor.number)
            x.coded(entity, "code", doctor.post, d.POSTS, d.POST_NAMES[doctor.post])
            _name(x.el(entity, "assignedPerson"), doctor.family, doctor.given, doctor.patronymic)
        else:
            staff(entity, doctor, org, own, remote=False if kind.md == "371" else None)


ROLES_MEETING = (("CHAIRMAN", "Председатель"), ("COMMISSIONER", "Член комиссии"))
ROLES_SURGERY = (("PRIMARY_SURGEON", "Основной хирург"), ("ASSISTANT", "Ассистент"))


def _encounter(root: x.Element, kind: DocumentKind, head: Head, own: str, admitted: date | None) -> None:
    encounter = x.el(x.el(root, "componentOf"), "encompassingEncounter")
    inpatient = kind.md in ("1", "108")
    x.el(encounter, "id", root=f"{own}.15", extension=head.case)
    if kind.encounter == 2:
        x.el(encounter, "id", root=f"{own}.{16 if inpatient else 17}", extension=head.card)
        name = "Стационарная медицинская карта" if inpatient else "Амбулаторная медицинская карта"
        x.coded(encounter, "code", "2" if inpatient else "1", d.CARD, name)
        md = "34" if inpatient else "41"
        paper = "Медицинская карта стационарного больного" if inpatient else PAPERS["41"]
        x.coded(encounter, "DocType", md, d.KINDS, paper, ns=x.MEDSERVICE)
    span = x.el(encounter, "effectiveTime")
    start = datetime.combine(admitted, time(9, 30)) if admitted else head.moment - timedelta(minutes=30)
    x.el(span, "low", value=x.minute(start, head.zone))
    x.el(span, "high", value=x.minute(head.moment, head.zone))
