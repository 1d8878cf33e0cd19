"""An open document and the facts read from it: dates with their fall-back, links, the vocabulary at the door."""

from collections.abc import Iterable
from typing import Any

from oncor_cases.facts.vocabulary import check
from oncor_cases.kernel.errors import BadAttribute, UnknownFact
from oncor_cases.sources.reading import Problem, ReadFact
from oncor_cases.sources.semd.dates import Moment
from oncor_cases.sources.semd.elements import identifier, local, organisation
from oncor_cases.sources.semd.header import Header
from oncor_cases.sources.semd.identify import Identified
from oncor_cases.sources.semd.walker import Body, Node

REFERRALS = {"3", "57", "93", "107", "241", "346"}  # kinds of documents (~11.1522) that order something
REFERRAL_GUIDES = {"31", "32", "33", "34", "85", "101"}


class Sheet:
    """Header, body and the facts so far. Kind readers only add to it."""

    __slots__ = ("_day", "_orders", "body", "facts", "head", "kind", "problems")

    def __init__(self, head: Header, body: Body, kind: Identified, problems: list[Problem]) -> None:
        self.head, self.body, self.kind, self.problems = head, body, kind, problems
        self.facts: list[ReadFact] = []
        self._day: Moment | None = None
        self._orders: tuple[str, ...] | None = None

    @property
    def day(self) -> Moment:
        """The day of the document, or of the event or case it tells of."""
        if self._day is None:
            self._day = self.head.date()
        return self._day

    @property
    def orders(self) -> tuple[str, ...]:
        """Its own identifier and the orders it answers: every fact of the document carries them, so chains join."""
        if self._orders is None:
            linked = [self.head.id, *self.head.answers]
            for node in self.body.section("LINKDOCS", "vimisReferenceDocs"):
                for entry in node.children:
                    if (
                        (entry.system == "document_kind" and entry.code in REFERRALS)
                        or (entry.system == "guide" and entry.code in REFERRAL_GUIDES)
                        or entry.is_("SMSV1", "sms")
                    ):
                        linked += identifiers(entry)
            self._orders = tuple(dict.fromkeys(link for link in linked if link))
        return self._orders

    def add(
        self,
        kind: str,
        on: Moment | None,
        at: Node | str = "",
        /,
        *,
        certainty: str = "established",
        links: Iterable[str] = (),
        **attributes: Any,
    ) -> None:
        """One fact. `on` None means the document's day; a date that cannot be is a problem and stays partial or empty."""
        path = at.path() if isinstance(at, Node) else at
        when = self.day if on is None else on
        if when.problem:
            self.problems.append(Problem(when.problem, "Дата не читается или невозможна", path))
        try:
            checked = check(kind, attributes)
        except (BadAttribute, UnknownFact) as error:
            self.problems.append(Problem(error.code, error.message, path))
            return
        found = ReadFact(
            kind, when.on, checked, certainty, "document", path,
            tuple(dict.fromkeys((*self.orders, *(link for link in links if link)))),
        )  # fmt: skip
        if not any(f.kind == kind and f.on == found.on and f.attributes == checked for f in self.facts):
            self.facts.append(found)

    def somewhere(self, *codes: str) -> Node | str:
        """The first of these sections the document has: a place for facts the whole document tells."""
        return next(iter(self.body.section(*codes)), "")

    def complain(self, code: str, message: str, at: Node | str = "") -> None:
        """Something a person should know about this document."""
        self.problems.append(Problem(code, message, at.path() if isinstance(at, Node) else at))


def best(*moments: Moment | None) -> Moment | None:
    """The first that names a day, else the first with a problem or a partial date, else None for the document's day."""
    known = [m for m in moments if m is not None and (m.on or m.problem)]
    return next((m for m in known if m.full), known[0] if known else None)


def identifiers(node: Node) -> list[str]:
    """Identifiers of a statement: its own and those of the external documents it refers to."""
    found = [identifier(i) for i in node.ids]
    for part in node.element:
        if local(part) == "reference":
            for external in part:
                found += [identifier(i) for i in external if local(i) == "id"]
    return [i for i in found if i]


_ORGANISATIONS = ("representedOrganization", "participantRole", "associatedEntity")


def organisation_of(node: Node) -> str:
    """The organisation that performs it or takes part in it: an OID, or empty."""
    return organisation_named(node)[0]


def organisation_named(node: Node) -> tuple[str, str]:
    """The organisation of a statement and the name beside it; both empty if it names none."""
    for performer in node.performers:
        for part in performer.iter():
            if isinstance(part.tag, str) and local(part) in _ORGANISATIONS:
                oid = organisation(part)
                if oid:
                    names = (" ".join((n.text or "").split()) for n in part.iter() if local(n) == "name")
                    return oid, next(names, "")
    return "", ""


def telling(numbers: Iterable[str]) -> list[str]:
    """Numbers long enough to be an identifier: vial "1" would join everything a patient ever gave."""
    return [number for number in numbers if len(number) >= 4 and any(c.isdigit() for c in number)]


def specimens_of(nodes: Iterable[Node]) -> list[str]:
    """Identifiers of specimens named by statements."""
    found: list[str] = []
    for node in nodes:
        for specimen in node.specimens:
            found += [identifier(i) for i in specimen.iter() if isinstance(i.tag, str) and local(i) == "id"]
    return list(dict.fromkeys(i for i in found if i))
