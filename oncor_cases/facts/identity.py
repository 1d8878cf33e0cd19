"""Which identity records are one human being: connected components over strong identifiers, whatever came first.

A strong identifier is a SNILS, an ENP or an organisation's local id. A component whose birth dates or sexes
contradict each other is not one person: it falls apart into groups of equal demographics, a record that fits exactly
one of them joins it, and every identifier still shared by two groups is a conflict for a person to look at. A policy
alone is weak: a newborn is written with its mother's, so a record that gives nothing but it and another given name is
somebody else until a person says otherwise.
A person's own word (a pin) is stronger than any identifier. Pure; tests/unit/test_identity.py."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from oncor_cases.kernel.names import name_of


@dataclass(frozen=True, slots=True)
class Record:
    """An identity record: `keys` are its trusted strong identifiers (a policy is `enp:…`), `pinned` the person somebody
    decided on."""

    id: int
    keys: frozenset[str]
    born: str = ""
    sex: str = ""
    pinned: int | None = None
    given: str = ""


class Conflict(NamedTuple):
    """An identifier carried by records that cannot be one person."""

    key: str
    records: tuple[int, ...]


def resolve(records: Iterable[Record]) -> tuple[list[tuple[Record, ...]], list[Conflict]]:
    """Groups of records, each one person, and the identifiers that two groups share. Independent of the order given."""
    ordered = sorted(records, key=lambda r: r.id)
    groups = [
        part for component in _components(ordered) for own in _strangers_apart(component) for part in _one_or_apart(own)
    ]
    carriers: dict[str, set[int]] = defaultdict(set)
    for number, group in enumerate(groups):
        for record in group:
            for key in record.keys:
                carriers[key].add(number)
    conflicts = [
        Conflict(key, tuple(sorted(r.id for n in numbers for r in groups[n] if key in r.keys)))
        for key, numbers in sorted(carriers.items())
        if len(numbers) > 1
    ]
    return groups, conflicts


class _Union:
    """Disjoint sets over positions; the root is always the smallest member."""

    def __init__(self, size: int) -> None:
        self.parent = list(range(size))

    def find(self, at: int) -> int:
        while self.parent[at] != at:
            self.parent[at] = self.parent[self.parent[at]]
            at = self.parent[at]
        return at

    def join(self, a: int, b: int) -> None:
        a, b = self.find(a), self.find(b)
        if a != b:
            self.parent[max(a, b)] = min(a, b)

    def sets(self) -> list[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for at in range(len(self.parent)):
            found[self.find(at)].append(at)
        return list(found.values())


def _components(records: Sequence[Record]) -> list[list[Record]]:
    """Records connected by any identifier or by the same pin, contradictions or not."""
    return _joined(records, lambda r: r.keys | ({f"pin:{r.pinned}"} if r.pinned is not None else frozenset()))


def _joined(records: Sequence[Record], tokens: Callable[[Record], Iterable[str]]) -> list[list[Record]]:
    union = _Union(len(records))
    first: dict[str, int] = {}
    for at, record in enumerate(records):
        for token in tokens(record):
            union.join(first.setdefault(token, at), at)
    return [[records[at] for at in group] for group in union.sets()]


def _strangers_apart(component: Sequence[Record]) -> list[list[Record]]:
    """The component without records of another given name that know its people by a policy alone; those by themselves."""
    doubtful = {r.id for r in component if _policy_alone(r)}
    named: dict[str, set[str]] = defaultdict(set)
    for record in component:
        if record.id not in doubtful and record.given:
            for key in record.keys:
                named[key].add(_given(record))
    apart = [
        r for r in component
        if r.id in doubtful and (names := set().union(*(named[k] for k in r.keys))) and not _among(_given(r), names)
    ]  # fmt: skip
    if not apart:
        return [list(component)]
    gone = {r.id for r in apart}
    alike = _joined(apart, lambda r: {f"{key}|{_given(r)}" for key in r.keys})
    return [[r for r in component if r.id not in gone], *alike]


def _policy_alone(record: Record) -> bool:
    only = all(key.startswith("enp:") for key in record.keys)
    return bool(record.keys and only and record.given and not record.born and record.pinned is None)


def _given(record: Record) -> str:
    return name_of("", record.given, "").given


def _among(name: str, names: set[str]) -> bool:
    """The same name, or one of the two is written short."""
    return not name or any(name.startswith(one) or one.startswith(name) for one in names)


class _Group(NamedTuple):
    records: tuple[Record, ...]
    keys: frozenset[str]
    born: frozenset[str]
    sexes: frozenset[str]


def _group(records: Iterable[Record]) -> _Group:
    members = tuple(sorted(records, key=lambda r: r.id))
    return _Group(
        members,
        frozenset().union(*(r.keys for r in members)),
        frozenset(r.born for r in members if r.born),
        frozenset(r.sex for r in members if r.sex),
    )


def _fits(a: _Group, b: _Group) -> bool:
    """They share an identifier and no known birth date or sex contradicts."""
    return bool(
        a.keys & b.keys
        and (not a.born or not b.born or a.born & b.born)
        and (not a.sexes or not b.sexes or a.sexes & b.sexes)
    )


def _one_or_apart(component: Sequence[Record]) -> list[tuple[Record, ...]]:
    pins = {r.pinned for r in component} - {None}
    whole = _group(component)
    if len(pins) < 2 and len(whole.born) < 2 and len(whole.sexes) < 2:
        return [whole.records]
    pinned = [_group(r for r in component if r.pinned == pin) for pin in sorted(p for p in pins if p is not None)]
    free = [r for r in component if r.pinned is None]
    known = _alike(r for r in free if r.born and r.sex)
    vague = _alike(r for r in free if not (r.born and r.sex))
    pinned, known = _absorb(pinned, known)
    people, vague = _absorb([*pinned, *known], vague)
    return [group.records for group in (*people, *vague)]


def _alike(records: Iterable[Record]) -> list[_Group]:
    """Records of equal demographics that share an identifier, directly or through each other."""
    return [
        _group(part)
        for part in _joined(list(records), lambda r: {f"{key}|{r.born}|{r.sex}" for key in r.keys} | {f"record:{r.id}"})
    ]


def _absorb(strong: list[_Group], weak: list[_Group]) -> tuple[list[_Group], list[_Group]]:
    """Each weak group joins the strong one it fits, if that is exactly one. Asked before anything is joined."""
    homes: dict[int, list[_Group]] = defaultdict(list)
    left = []
    for group in weak:
        fitting = [at for at, candidate in enumerate(strong) if _fits(candidate, group)]
        if len(fitting) == 1:
            homes[fitting[0]].append(group)
        else:
            left.append(group)
    grown = [_group(r for part in (group, *homes[at]) for r in part.records) for at, group in enumerate(strong)]
    return grown, left
