"""The patient of a header, as this sender wrote them: numbers with their check digits, name, address."""

from dataclasses import replace

from lxml import etree

from oncor_cases.kernel.codes import enp, is_oid, snils
from oncor_cases.sources.reading import Identity, Problem
from oncor_cases.sources.semd.dates import moment
from oncor_cases.sources.semd.elements import NAMES_OF, children, down, extension_of, local, organisation
from oncor_cases.sources.semd.systems import POLICY_A, SNILS

UNIFIED = "2"  # kind of policy (…11.1035) whose number is the insurance number


def read_patient(target: etree._Element, problems: list[Problem]) -> tuple[Identity, str]:
    role = down(target, "patientRole")
    if role is None:
        return Identity(), ""
    who: dict[str, str] = {}
    phones: list[str] = []
    provider = local_root = ""
    known = NAMES_OF
    for part in role:
        name = known[part.tag]
        if name == "id":
            oid, extension = part.get("root") or "", extension_of(part)
            if oid == SNILS:
                who["snils"] = _checked(part, snils(extension), "snils", "СНИЛС", problems)
            elif oid == POLICY_A:
                who["enp"] = _checked(part, enp(extension), "enp", "номер полиса", problems)
            elif extension and "local_id" not in who:
                who["local_id"], local_root = extension, oid
        elif name == "InsurancePolicy" and "enp" not in who:
            _policy(part, who, problems)
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
            provider = organisation(part)
    issuer = local_root.partition(".100.")[0]
    who["organisation"] = issuer if is_oid(issuer) else provider
    return Identity(**who, phones=tuple(phones)), provider


def _policy(policy: etree._Element, who: dict[str, str], problems: list[Problem]) -> None:
    """The number of a policy is the insurance number only where the policy is of the unified kind."""
    kind = next((p.get("code") for p in children(policy, "InsurancePolicyType")), None)
    number = next(children(policy, "Number"), None)
    text = (number.text or "").strip() if number is not None else ""
    if number is not None and text and (kind in (None, UNIFIED) or len(text) == 16):
        who["enp"] = _checked(number, enp(text), "enp", "номер полиса", problems)


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


def policy_of_participant(part: etree._Element, who: Identity, problems: list[Problem]) -> Identity:
    """Documents before 2021 name the policy among the participants; it counts where the role has none."""
    if part.get("typeCode") not in ("HLD", "IND") or who.enp:
        return who
    entity = down(part, "associatedEntity")
    for found in children(entity, "id") if entity is not None else ():
        if found.get("root") == POLICY_A:
            value = enp(found.get("extension"))
            if value:
                return replace(who, enp=value)
            if found.get("nullFlavor") is None:
                path = "participant/associatedEntity/id"
                problems.append(Problem("enp_check", "Неверный номер полиса: не сходится контрольная цифра", path))
    return who
