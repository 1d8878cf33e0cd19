"""The header of a document, one function for every generation: who, where, when, in answer to what."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from lxml import etree

from oncor_cases.kernel.codes import enp, is_oid, snils
from oncor_cases.sources.reading import Identity, Problem
from oncor_cases.sources.semd.dates import NOTHING, Moment, moment
from oncor_cases.sources.semd.systems import NAMES, POLICY_A, SNILS

_LICENCE = ".1504.101"


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
    performer_posts: list[tuple[str, str]] = field(default_factory=list)  # (code, text) of who did the event
    answers: list[str] = field(default_factory=list)  # orders this document fulfils
    event: str = ""  # code of the documented event
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


class _Names(dict[str, str]):
    """Tags to names without their namespace; a hostile document cannot make it grow for ever."""

    def __missing__(self, tag: str) -> str:
        if len(self) > 4096:
            self.clear()
        self[tag] = name = tag[tag.rfind("}") + 1 :]
        return name


_NAMES = _Names()


def local(element: etree._Element) -> str:
    """The tag without its namespace: documents come with and without one."""
    return _NAMES[element.tag]


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Direct children with one of the names."""
    for child in element:
        if local(child) in names:
            yield child


def down(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first grandchild along a chain of names."""
    for name in names:
        if element is None:
            return None
        element = next(children(element, name), None)
    return element


def identifier(element: etree._Element) -> str:
    """`root^extension` of an `id`; empty without an extension: a bare root names nobody."""
    root, extension = element.get("root") or "", (element.get("extension") or "").strip()
    return f"{root}^{extension}" if extension else ""


def read_header(root: etree._Element, problems: list[Problem]) -> Header:
    """Everything the header tells. What is missing or fails its check digits becomes a problem with its path."""
    head = Header()
    templates: list[str] = []
    providers: list[str] = []
    custodian = author = ""
    versioned = False
    for part in root:
        name = local(part)
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
                head.patient, provider = _patient(part, problems)
                providers.append(provider)
        elif name == "author":
            author = author or _author(part, head)
        elif name == "custodian":
            custodian = _organisation(down(part, "assignedCustodian", "representedCustodianOrganization"))
        elif name == "participant":
            _policy_of_participant(part, head, problems)
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
    head.organisation = next((o for o in (custodian, *providers, author) if o), "")
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


def _patient(target: etree._Element, problems: list[Problem]) -> tuple[Identity, str]:
    role = down(target, "patientRole")
    if role is None:
        return Identity(), ""
    who: dict[str, str] = {}
    phones: list[str] = []
    provider = local_root = ""
    for part in role:
        name = local(part)
        if name == "id":
            oid, extension = part.get("root") or "", (part.get("extension") or "").strip()
            if oid == SNILS:
                who["snils"] = _checked(part, snils(extension), "snils", "СНИЛС", problems)
            elif oid == POLICY_A:
                who["enp"] = _checked(part, enp(extension), "enp", "номер полиса", problems)
            elif extension and "local_id" not in who:
                who["local_id"], local_root = extension, oid
        elif name == "InsurancePolicy" and "enp" not in who:
            number = next(children(part, "Number"), None)
            if number is not None and (number.text or "").strip():
                who["enp"] = _checked(number, enp(number.text), "enp", "номер полиса", problems)
        elif name == "addr" and "address" not in who:
            line = next(children(part, "streetAddressLine"), None)
            who["address"] = " ".join((line.text or "").split()) if line is not None else ""
        elif name == "telecom":
            value = part.get("value") or ""
            if value.startswith("tel:") and len(value) > 6:
                phones.append(value[4:])
        elif name == "patient":
            _person(part, who, problems)
        elif name == "providerOrganization":
            provider = _organisation(part)
    organisation = local_root.partition(".100.")[0]
    who["organisation"] = organisation if is_oid(organisation) else provider
    return Identity(**who, phones=tuple(phones)), provider


def _checked(part: etree._Element, value: str | None, code: str, words: str, problems: list[Problem]) -> str:
    if value is None and part.get("nullFlavor") is None:
        path = f"recordTarget/patientRole/{local(part)}"
        problems.append(Problem(f"{code}_check", f"Неверный {words} пациента: не сходятся контрольные цифры", path))
    return value or ""


def _person(patient: etree._Element, who: dict[str, str], problems: list[Problem]) -> None:
    for part in patient:
        name = local(part)
        if name == "name":
            given = []
            for piece in part:
                text, tag = " ".join((piece.text or "").split()), local(piece)
                if tag == "family":
                    who["family"] = text
                elif tag == "given" and text:
                    given.append(text)
                elif tag == "Patronymic":
                    who["patronymic"] = text
            who["given"] = given[0] if given else ""
            if len(given) > 1:  # before 2021 the patronymic was the second given name
                who.setdefault("patronymic", given[1])
        elif name == "administrativeGenderCode":
            who["sex"] = {"1": "male", "2": "female"}.get(part.get("code") or "", "")
        elif name == "birthTime":
            when = moment(part.get("value"))
            who["birth_date"] = (when.on or "") if when.full else ""
            if not when.full and part.get("nullFlavor") is None:
                path = "recordTarget/patientRole/patient/birthTime"
                problems.append(Problem("birth_date_unreadable", "Дата рождения не читается или неполна", path))


def _organisation(part: etree._Element | None) -> str:
    """The identifier of the medical organisation; a department keeps its organisation's root."""
    if part is None:
        return ""
    roots = (i.get("root") or "" for i in children(part, "id"))
    return next((root for root in roots if is_oid(root) and not root.endswith(_LICENCE)), "")


def _author(part: etree._Element, head: Header) -> str:
    assigned = down(part, "assignedAuthor")
    if assigned is None:
        return ""
    code = down(assigned, "code")
    if code is not None:
        head.author_post, head.author_post_label = (code.get("code") or "").strip(), (code.get("displayName") or "").lower()
    return _organisation(down(assigned, "representedOrganization"))


def _policy_of_participant(part: etree._Element, head: Header, problems: list[Problem]) -> None:
    """Documents before 2021 name the policy among the participants; it counts where the role has none."""
    if part.get("typeCode") not in ("HLD", "IND") or head.patient.enp:
        return
    entity = down(part, "associatedEntity")
    if entity is None:
        return
    for found in children(entity, "id"):
        if found.get("root") == POLICY_A:
            value = enp(found.get("extension"))
            if value:
                fields = {name: getattr(head.patient, name) for name in Identity.__dataclass_fields__}
                head.patient = Identity(**(fields | {"enp": value}))
            elif found.get("nullFlavor") is None:
                path = "participant/associatedEntity/id"
                problems.append(Problem("enp_check", "Неверный номер полиса: не сходится контрольная цифра", path))


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
            head.performer_posts.append(posts(part))


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
