"""The header of a document, one function for every generation: who, where, when, in answer to what."""

from dataclasses import dataclass, field

from lxml import etree

from oncor_cases.sources.reading import Identity, Problem
from oncor_cases.sources.semd.dates import NOTHING, Moment, moment
from oncor_cases.sources.semd.elements import NAMES_OF, children, down, identifier, local, organisation, organisation_oid
from oncor_cases.sources.semd.patient import policy_of_participant, read_patient
from oncor_cases.sources.semd.systems import NAMES


@dataclass(slots=True)
class Header:
    """What stands before the body. Moments keep their precision; identifiers are `root^extension`."""

    templates: tuple[str, ...] = ()
    codes: tuple[tuple[str, str], ...] = ()  # (dictionary, code) of the document's kind and its translations
    title: str = ""
    id: str = ""
    set_id: str = ""
    version: int = 1
    written: Moment = NOTHING
    patient: Identity = field(default_factory=Identity)
    organisation: str = ""
    author_post: str = ""
    author_post_label: str = ""
    performers: list[etree._Element] = field(default_factory=list)  # who did the event
    answers: list[str] = field(default_factory=list)  # orders this document fulfils
    event: str = ""  # code of the documented event
    form: str = ""  # 1 planned, 2 emergency, 3 urgent
    event_from: Moment = NOTHING
    event_to: Moment = NOTHING
    case_from: Moment = NOTHING
    case_to: Moment = NOTHING
    case_outcome: str = ""
    body: etree._Element | None = None

    def date(self) -> Moment:
        """The day to hang undated facts on: written, else the end of the event, else the end of the case."""
        for when in (self.written, self.event_to, self.case_to):
            if when.on:
                return when
        return NOTHING


def read_header(root: etree._Element, problems: list[Problem]) -> Header:
    """Everything the header tells. What is missing or fails its check digits becomes a problem with its path."""
    head = Header()
    templates: list[str] = []
    providers: list[str] = []
    custodian = author = ""
    versioned = False
    known = NAMES_OF
    for part in root:
        name = known[part.tag]
        if name == "templateId":
            templates.append(part.get("root") or "")
        elif name == "code":
            head.codes = _codes(part)
        elif name == "title":
            head.title = " ".join((part.text or "").split())
        elif name == "id":
            head.id = identifier(part)
        elif name == "setId":
            head.set_id = identifier(part)
        elif name == "versionNumber":
            versioned = _version(part, head, problems)
        elif name == "effectiveTime":
            head.written = moment(part.get("value"))
        elif name == "recordTarget":
            if not head.patient.organisation and not head.patient.family:
                head.patient, provider = read_patient(part, problems)
                providers.append(provider)
        elif name == "author":
            author = author or _author(part, head)
        elif name == "custodian":
            custodian = organisation(down(part, "assignedCustodian", "representedCustodianOrganization"))
        elif name == "participant":
            head.patient = policy_of_participant(part, head.patient, problems)
        elif name == "inFulfillmentOf":
            order = down(part, "order")
            if order is not None:
                head.answers += [found for i in children(order, "id") if (found := identifier(i))]
        elif name == "documentationOf":
            _event(down(part, "serviceEvent"), head)
        elif name == "componentOf":
            _case(down(part, "encompassingEncounter"), head)
        elif name == "component":
            head.body = down(part, "structuredBody")
    head.templates = tuple(templates)
    issuer = organisation_oid(head.id.partition(".100.")[0])  # identifiers of documents grow from their organisation's
    head.organisation = next((o for o in (custodian, *providers, author, issuer) if o), "")
    if not versioned:
        problems.append(Problem("version_missing", "Номер версии документа не указан: принят за 1", "versionNumber"))
    _complaints(head, problems)
    return head


def _complaints(head: Header, problems: list[Problem]) -> None:
    if head.written.problem:
        problems.append(Problem(head.written.problem, "Дата документа не читается", "effectiveTime"))
    elif not head.written.on:
        problems.append(Problem("document_date_missing", "Документ без даты", "effectiveTime"))
    if not head.set_id:
        problems.append(Problem("set_id_missing", "Не указан идентификатор набора версий", "setId"))
    if not head.organisation:
        problems.append(Problem("organisation_missing", "Не указана медицинская организация", "custodian"))
    if not (head.patient.snils or head.patient.enp or head.patient.local_id):
        problems.append(Problem("patient_unidentified", "Нет ни одного действительного номера пациента", "recordTarget"))


def _codes(code: etree._Element) -> tuple[tuple[str, str], ...]:
    found = []
    for element in (code, *children(code, "translation")):
        oid = element.get("codeSystem")
        found.append((NAMES.get(oid) or oid or "", (element.get("code") or "").strip()))
    return tuple(found)


def _version(part: etree._Element, head: Header, problems: list[Problem]) -> bool:
    text = (part.get("value") or "").strip()
    if text.isascii() and text.isdigit() and len(text) < 9 and int(text) > 0:
        head.version = int(text)
        return True
    if text:
        problems.append(Problem("version_unreadable", "Номер версии документа не число: принят за 1", "versionNumber"))
    return bool(text)


def _author(part: etree._Element, head: Header) -> str:
    assigned = down(part, "assignedAuthor")
    if assigned is None:
        return ""
    code = down(assigned, "code")
    if code is not None:
        head.author_post, head.author_post_label = (code.get("code") or "").strip(), (code.get("displayName") or "").lower()
    return organisation(down(assigned, "representedOrganization"))


def posts(performer: etree._Element) -> tuple[str, str]:
    """Post code and its text of a performer."""
    code = down(performer, "assignedEntity", "code")
    return ("", "") if code is None else ((code.get("code") or "").strip(), (code.get("displayName") or "").lower())


def _event(event: etree._Element | None, head: Header) -> None:
    if event is None:
        return
    for part in event:
        name = local(part)
        if name == "code" and not head.event:
            head.event = (part.get("code") or "").strip()
        elif name == "effectiveTime":
            head.event_from, head.event_to = _interval(part)
        elif name == "performer":
            head.performers.append(part)
        elif name == "serviceForm":
            head.form = (part.get("code") or "").strip()


def _case(case: etree._Element | None, head: Header) -> None:
    if case is None:
        return
    for part in case:
        name = local(part)
        if name == "effectiveTime":
            head.case_from, head.case_to = _interval(part)
        elif name == "dischargeDispositionCode":
            head.case_outcome = (part.get("displayName") or "").strip()


def _interval(time: etree._Element) -> tuple[Moment, Moment]:
    """Start and end; a single point is both."""
    if time.get("value"):
        point = moment(time.get("value"))
        return point, point
    start = end = NOTHING
    for part in time:
        name = local(part)
        if name == "low":
            start = moment(part.get("value"))
        elif name == "high":
            end = moment(part.get("value"))
    return start, end
