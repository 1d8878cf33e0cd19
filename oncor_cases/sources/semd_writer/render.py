"""One pure function from values to the bytes of a document."""

from collections.abc import Callable, Sequence

from lxml import etree

from oncor_cases.sources.semd_writer import death, hospital, meetings, notices, referral, studies, vimis
from oncor_cases.sources.semd_writer import xml as x
from oncor_cases.sources.semd_writer.head import write_head
from oncor_cases.sources.semd_writer.kinds import KINDS
from oncor_cases.sources.semd_writer.narrative import rows
from oncor_cases.sources.semd_writer.values import Head, Link, Organisation, Person, Said

Body = Callable[[x.Element, tuple[Said, ...], Person, Head, Organisation, tuple[Link, ...]], None]

BODIES: dict[str, Body] = {
    "85": referral.to_consultation, "185": referral.to_consultation,
    "43": referral.form_057, "177": referral.form_057, "206": referral.form_057, "222": referral.of_biopsy,
    "110": studies.instrumental, "174": studies.instrumental, "224": studies.instrumental,
    "186": studies.laboratory, "214": studies.histology, "176": studies.cytology,
    "119": meetings.consultation, "227": meetings.consultation_5, "111": meetings.dispensary,
    "190": meetings.consilium, "184": notices.notice, "211": notices.late_stage, "132": notices.ticket,
    "73": notices.certificate, "172": notices.certificate,
    "189": hospital.operation, "147": hospital.discharge, "235": hospital.discharge,
    "92": hospital.ambulatory, "233": hospital.ambulatory,
    "58": death.certificate, "125": death.certificate,
    "SMSV5": vimis.examination, "SMSV7": vimis.register_card,
}  # fmt: skip


def render(
    kind: str,
    head: Head,
    person: Person,
    org: Organisation,
    says: Sequence[Said],
    links: Sequence[Link] = (),
    size: int = 0,
) -> bytes:
    """A document of a kind (its number in the federal list, or `SMSV5`) that says these facts.

    `links`: the order answered first, then other papers. `size`: the narrative grows to about so many bytes.
    Raises KeyError for a kind the writer does not know."""
    known, write = KINDS[kind], BODIES[kind]
    root = etree.Element(f"{{{x.HL7}}}ClinicalDocument", nsmap=x.NAMESPACES)
    admitted = next((said.on for said in says if said.kind == "admission"), None)
    urgent = any(said["aim"] == "emergency" for said in says)
    write_head(root, known, head, person, org, tuple(links), admitted, urgent)
    body = x.el(x.el(root, "component"), "structuredBody")
    write(body, tuple(says), person, head, org, tuple(links))
    text: bytes = etree.tostring(root, xml_declaration=True, encoding="UTF-8")
    mark = f"<tr><td>{x.PADDING}</td><td></td></tr>".encode()
    if mark not in text:  # lxml writes the empty cell either way
        mark = f"<tr><td>{x.PADDING}</td><td/></tr>".encode()
    return text.replace(mark, rows(head.id, size - len(text)), 1)
