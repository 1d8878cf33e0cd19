"""Elements of a document by local names: documents come with and without a namespace."""

from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from oncor_cases.kernel.codes import is_oid

_LICENCE = ".1504.101"
_ORGANISATION = "1.2.643.5.1.13.13.12.2."


class _Names(dict[str, str]):
    """Tags to names without their namespace; a hostile document cannot make it grow for ever."""

    def __missing__(self, tag: str) -> str:
        if len(self) > 4096:
            self.clear()
        self[tag] = name = tag[tag.rfind("}") + 1 :]
        return name


NAMES_OF = _Names()


def local(element: etree._Element) -> str:
    """The tag without its namespace: documents come with and without one."""
    return NAMES_OF[element.tag]


def children(element: etree._Element, *names: str) -> Iterator[etree._Element]:
    """Direct children with one of the names."""
    known = NAMES_OF
    for child in element:
        if known[child.tag] in names:
            yield child


def down(element: etree._Element | None, *names: str) -> etree._Element | None:
    """The first grandchild along a chain of names."""
    known = NAMES_OF
    for name in names:
        if element is None:
            return None
        for child in element:
            if known[child.tag] == name:
                element = child
                break
        else:
            return None
    return element


def extension_of(element: etree._Element) -> str:
    """The extension of an `id`; empty for a placeholder (`${guid}`) a system forgot to fill: it would join strangers."""
    extension = (element.get("extension") or "").strip()
    return "" if "${" in extension else extension


def identifier(element: etree._Element) -> str:
    """`root^extension` of an `id`; empty without an extension: a bare root names nobody."""
    extension = extension_of(element)
    return f"{element.get('root') or ''}^{extension}" if extension else ""


@lru_cache(maxsize=4096)  # a region has some hundreds of organisations and millions of documents
def organisation_oid(root: str | None) -> str:
    """The identifier of a medical organisation; that of a department (….0.NNNN) is cut to its organisation's."""
    if not root or root.endswith(_LICENCE) or not is_oid(root):
        return ""
    return root.partition(".0.")[0] if root.startswith(_ORGANISATION) else root


def organisation(part: etree._Element | None) -> str:
    """The organisation an element names by its `id`, empty if by none."""
    for child in part if part is not None else ():
        if NAMES_OF[child.tag] == "id" and (oid := organisation_oid(child.get("root"))):
            return oid
    return ""
