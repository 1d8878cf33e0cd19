"""One walk over the body of any document: statements with their section, parent, code, values and time.

Kind readers choose from this index; none of them walks on its own. What a value says is looked at only when asked for:
most statements of a document are of no interest to a pathway."""

from collections.abc import Iterator
from typing import NamedTuple

from lxml import etree

from oncor_cases.sources.semd.dates import NOTHING, Moment, moment
from oncor_cases.sources.semd.systems import NAMES

HL7 = "{urn:hl7-org:v3}"
XSI_TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
DEEPEST = 60  # levels of statements; the deepest public document has 14

_STATEMENTS = (
    "section", "observation", "act", "procedure", "organizer", "substanceAdministration", "supply", "encounter",
)  # fmt: skip
_STATEMENT = {prefix + name: name for name in _STATEMENTS for prefix in (HL7, "")}
_PART = {
    prefix + name: part
    for name, part in {
        "code": 1, "value": 2, "effectiveTime": 3, "entry": 4, "entryRelationship": 4, "component": 4, "reference": 4,
        "performer": 5, "participant": 5, "id": 6, "specimen": 7,
    }.items()
    for prefix in (HL7, "")
}  # fmt: skip


class Coded(NamedTuple):
    """A value: `code` in dictionary `system` with its text, or plain `text` for strings, numbers and times."""

    code: str
    system: str
    text: str


class Node:
    """A section or a statement of the body. `section`: the nearest section; `chain`: codes of sections around it."""

    __slots__ = (
        "chain", "children", "code", "code_element", "element", "ids", "parent", "performers", "section", "specimens",
        "system", "tag", "time", "values",
    )  # fmt: skip

    def __init__(self, element: etree._Element, tag: str, parent: "Node | None") -> None:
        self.element, self.tag, self.parent = element, tag, parent
        self.code = self.system = ""
        self.code_element: etree._Element | None = None
        self.values: tuple[etree._Element, ...] = ()
        self.time: etree._Element | None = None
        self.children: list[Node] = []
        self.performers: tuple[etree._Element, ...] = ()
        self.ids: tuple[etree._Element, ...] = ()
        self.specimens: tuple[etree._Element, ...] = ()
        self.section: Node | None = None
        self.chain: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """The text beside the code, for people and for dictionaries we have no rows of."""
        return (self.code_element.get("displayName") or "").strip() if self.code_element is not None else ""

    def coded(self) -> Iterator[Coded]:
        """Its values in order; null values are left out."""
        for value in self.values:
            code = value.get("code")
            if code:
                oid = value.get("codeSystem")
                yield Coded(code.strip(), NAMES.get(oid) or oid or "", (value.get("displayName") or "").strip())
            else:
                text = value.get("value") or (None if value.get("nullFlavor") else _text(value))
                if text:
                    yield Coded("", value.get("unit") or "", text)

    def value(self, system: str) -> Coded | None:
        """Its first value of a dictionary."""
        for value in self.values:
            oid = value.get("codeSystem")
            if (NAMES.get(oid) or oid or "") == system and (code := value.get("code")):
                return Coded(code.strip(), system, (value.get("displayName") or "").strip())
        return None

    def words(self) -> str:
        """Its first value as words: the free text, or the text beside a code."""
        return next((v.text or v.code for v in self.coded()), "")

    def when(self) -> Moment:
        """The point of time, or the start of the interval."""
        return NOTHING if self.time is None else low(self.time)

    def until(self) -> Moment:
        """The end of the interval; nothing for a single point."""
        return NOTHING if self.time is None else bound(self.time, "high")

    def under(self) -> list["Node"]:
        """Every statement below, depth first."""
        found: list[Node] = []
        self._collect(found)
        return found

    def _collect(self, found: list["Node"]) -> None:
        for child in self.children:
            found.append(child)
            if child.children:
                child._collect(found)

    def above(self) -> Iterator["Node"]:
        """Statements and sections around it, nearest first."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    def child(self, code: str, system: str = "field") -> "Node | None":
        """The first statement directly below with this code."""
        for child in self.children:
            if child.code == code and child.system == system:
                return child
        return None

    def find(self, code: str, system: str = "field") -> "Node | None":
        """The first statement anywhere below with this code."""
        for child in self.children:
            if child.code == code and child.system == system:
                return child
            if child.children and (found := child.find(code, system)) is not None:
                return found
        return None

    def is_(self, code: str, system: str = "field") -> bool:
        """True if it carries this code of this dictionary."""
        return self.code == code and self.system == system

    def section_is(self, *codes: str) -> bool:
        """True if the nearest section has one of these codes."""
        return self.section is not None and self.section.code in codes

    def path(self) -> str:
        """Where it stands, for the "show me" link: `section[DGN]/observation[838][2]`."""
        steps: list[str] = []
        node: Node | None = self
        while node is not None and node.parent is not None:
            twins = [c for c in node.parent.children if c.code == node.code and c.tag == node.tag]
            steps.append(f"{node.tag}[{node.code or '-'}]" + (f"[{twins.index(node) + 1}]" if len(twins) > 1 else ""))
            node = node.parent
        return "/".join(reversed(steps))


def _text(element: etree._Element) -> str:
    return " ".join("".join(element.itertext()).split())


def bound(time: etree._Element, name: str) -> Moment:
    """`low` or `high` of an interval."""
    for child in time:
        if child.tag == HL7 + name or child.tag == name:
            return moment(child.get("value"))
    return NOTHING


def low(time: etree._Element) -> Moment:
    """The point itself or the start of the interval."""
    value = time.get("value")
    return moment(value) if value else bound(time, "low")


class Body:
    """Every statement of a body, found by (dictionary, code), by dictionary and by section."""

    __slots__ = ("_all", "by_code", "by_system", "root", "sections", "too_deep")

    def __init__(self, structured: etree._Element | None) -> None:
        self.by_code: dict[tuple[str, str], list[Node]] = {}
        self.by_system: dict[str, list[Node]] = {}
        self.sections: dict[str, list[Node]] = {}
        self.too_deep = False
        self._all: list[Node] = []
        self.root = Node(structured, "body", None) if structured is not None else None
        if self.root is not None:
            self._walk(structured, self.root, 0)

    def __iter__(self) -> Iterator[Node]:
        return iter(self._all)

    def find(self, *codes: str, system: str = "field") -> list[Node]:
        """Statements with any of these codes, by code and then in document order."""
        if len(codes) == 1:
            return self.by_code.get((system, codes[0]), [])
        return [node for code in codes for node in self.by_code.get((system, code), ())]

    def first(self, *codes: str, system: str = "field") -> Node | None:
        """The first statement with one of these codes."""
        found = self.find(*codes, system=system)
        return found[0] if found else None

    def of(self, system: str) -> list[Node]:
        """Statements coded in a dictionary, in document order."""
        return self.by_system.get(system, [])

    def section(self, *codes: str) -> list[Node]:
        """Sections with any of these codes."""
        return [node for code in codes for node in self.sections.get(code, ())]

    def release(self) -> None:
        """Unties the nodes, so that the document is freed at once; the search for cycles would cost a third of a read."""
        for node in self._all:
            node.parent = node.section = None
            node.children = []
        if self.root is not None:
            self.root.children = []

    def _walk(self, element: etree._Element, node: Node, depth: int) -> None:
        if depth > DEEPEST:
            self.too_deep = True
            return
        statement, part = _STATEMENT.get, _PART.get
        for child in element:
            kind = part(child.tag)
            if kind is None:
                continue
            if kind == 4:
                for inner in child:
                    tag = statement(inner.tag)
                    if tag is not None:
                        self._enter(inner, tag, node, depth)
                    elif part(inner.tag) == 4:
                        self._walk(child, node, depth + 1)
            elif kind == 1:
                if node.code_element is None:
                    node.code_element = child
                    node.code = (child.get("code") or "").strip()
                    oid = child.get("codeSystem")
                    node.system = NAMES.get(oid) or oid or ""
            elif kind == 2:
                node.values += (child,)
            elif kind == 3:
                if node.time is None:
                    node.time = child
            elif kind == 5:
                node.performers += (child,)
            elif kind == 6:
                node.ids += (child,)
            elif kind == 7:
                node.specimens += (child,)

    def _enter(self, element: etree._Element, tag: str, parent: Node, depth: int) -> None:
        node = Node(element, tag, parent)
        parent.children.append(node)
        self._all.append(node)
        if tag == "section":
            node.section = node
            self._walk_section(element, node, parent, depth)
            return
        node.section, node.chain = parent.section, parent.chain
        self._walk(element, node, depth + 1)
        if node.system:
            self.by_code.setdefault((node.system, node.code), []).append(node)
            self.by_system.setdefault(node.system, []).append(node)

    def _walk_section(self, element: etree._Element, node: Node, parent: Node, depth: int) -> None:
        for child in element:  # the code first: statements below want the chain
            if _PART.get(child.tag) == 1:
                node.code = (child.get("code") or "").strip()
                oid = child.get("codeSystem")
                node.system, node.code_element = NAMES.get(oid) or oid or "", child
                break
        name = node.code if node.system != "method" else f"method:{node.code}"
        node.chain = (*parent.chain, name)
        self.sections.setdefault(name, []).append(node)
        self._walk(element, node, depth + 1)
