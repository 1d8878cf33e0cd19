"""Small hands that write CDA elements: coded values, observations, sections, narrative tables."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from lxml import etree

from oncor_cases.sources.semd_writer import dictionaries as d

HL7 = "urn:hl7-org:v3"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
IDENTITY = "urn:hl7-ru:identity"
ADDRESS = "urn:hl7-ru:address"
FIAS = "urn:hl7-ru:fias"
MEDSERVICE = "urn:hl7-ru:medService"
PII = "urn:hl7-ru:PII"
NAMESPACES = {
    None: HL7, "xsi": XSI, "identity": IDENTITY, "address": ADDRESS, "fias": FIAS, "medService": MEDSERVICE, "PII": PII,
}  # fmt: skip
TYPE = f"{{{XSI}}}type"
Element = Any  # lxml's class is private


def el(parent: Element, tag: str, text: str | None = None, /, ns: str = HL7, **attributes: str) -> Element:
    """Appends an element; attributes keep their order."""
    child = etree.SubElement(parent, f"{{{ns}}}{tag}", attributes)
    if text is not None:
        child.text = text
    return child


def coded(parent: Element, tag: str, code: str, system: str, name: str, /, ns: str = HL7) -> Element:
    """A coded element with the dictionary's name and version."""
    title, version = d.SYSTEMS[system]
    return el(parent, tag, None, ns, code=code, codeSystem=system, codeSystemVersion=version, codeSystemName=title,
              displayName=name)  # fmt: skip


def value_cd(parent: Element, code: str, system: str, name: str) -> Element:
    """`<value xsi:type="CD">`."""
    element = coded(parent, "value", code, system, name)
    element.set(TYPE, "CD")
    return element


def value_st(parent: Element, text: str) -> Element:
    """`<value xsi:type="ST">`."""
    element = el(parent, "value", text)
    element.set(TYPE, "ST")
    return element


def value_of(parent: Element, kind: str, **attributes: str) -> Element:
    """`<value xsi:type="BL|INT|PQ|TS" …/>`."""
    element = el(parent, "value", None, **attributes)
    element.set(TYPE, kind)
    return element


def day(on: date) -> str:
    """`20260302`."""
    return f"{on:%Y%m%d}"


def minute(at: datetime, zone: str) -> str:
    """`202603021015+0300`: minutes are never written without a zone."""
    return f"{at:%Y%m%d%H%M}{zone}"


def effective(parent: Element, on: date | None) -> None:
    """`effectiveTime` of a day; nothing if the day is not known."""
    if on:
        el(parent, "effectiveTime", value=day(on))


def section(body: Element, code: str, name: str, rows: Iterable[tuple[str, str]] = (), pad: bool = False) -> Element:
    """A section with its narrative table; `pad` marks the table that grows to the wanted size of the document."""
    part = el(el(body, "component"), "section")
    coded(part, "code", code, d.SECTIONS, name)
    el(part, "title", name)
    narrative(part, rows, pad)
    return part


PADDING = "##padding##"


def narrative(part: Element, rows: Iterable[tuple[str, str]], pad: bool = False) -> None:
    """The words a person reads: a two-column table."""
    text = el(part, "text")
    body = el(el(text, "table", width="100%"), "tbody")
    for number, (left, right) in enumerate(rows):
        row = el(body, "tr")
        el(row, "td", left)
        el(row, "td", right)
        del number
    if pad or not len(body):
        row = el(body, "tr")
        el(row, "td", PADDING if pad else "Сведения")
        el(row, "td", "" if pad else "указаны в записях раздела")


def entry(part: Element) -> Element:
    """`<entry>`."""
    return el(part, "entry")


def observation(parent: Element, code: str, name: str, /, system: str = d.ELEMENTS, mood: str = "EVN") -> Element:
    """An observation inside an entry (or directly inside an entryRelationship)."""
    element = el(parent, "observation", classCode="OBS", moodCode=mood)
    coded(element, "code", code, system, name)
    return element


def component(parent: Element, kind: str = "COMP") -> Element:
    """`<entryRelationship typeCode="COMP">`."""
    return el(parent, "entryRelationship", typeCode=kind)
