"""Sets of persons: evaluation over compressed bitmaps, and the plain reference the tests hold it to.

Members are the dense numbers of persons (int4). Sets are never changed in place: what comes in may be shared."""

from collections.abc import Mapping, Sequence

from pyroaring import BitMap

from oncor_cases.contingents.expression import Expression, Named, holds

Persons = BitMap


def evaluated(expression: Expression, sets: Mapping[str, Persons]) -> Persons:
    """The persons of an expression. A name without a set is a KeyError: who evaluates brings every one of `names`."""
    if isinstance(expression, Named):
        return sets[expression.name]
    return combined(expression.op, [evaluated(part, sets) for part in expression.of], expression.k)


def combined(op: str, parts: Sequence[Persons], k: int = 0) -> Persons:
    """One operation over sets already evaluated; see `expression.holds` for what each means."""
    if op == "any":
        return BitMap.union(*parts)
    if op == "all":
        return BitMap.intersection(*parts)
    if op == "minus":
        return parts[0] - BitMap.union(*parts[1:]) if len(parts) > 1 else parts[0].copy()
    if op == "odd":
        found = BitMap()
        for part in parts:
            found = found ^ part
        return found
    return at_least(k, parts)


def at_least(k: int, parts: Sequence[Persons]) -> Persons:
    """Persons in at least `k` of the sets: one pass, keeping who was seen in at least 1, 2 … k so far."""
    seen = [BitMap() for _ in range(k)]
    for part in parts:
        for level in range(k - 1, 0, -1):
            seen[level] |= seen[level - 1] & part
        seen[0] |= part
    return seen[k - 1]


def reference(expression: Expression, sets: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """The same by asking person by person what the operation says: slow, and obviously right."""
    if isinstance(expression, Named):
        return sets[expression.name]
    parts = [reference(part, sets) for part in expression.of]
    everybody = frozenset().union(*parts)
    return frozenset(p for p in everybody if holds(expression.op, tuple(p in part for part in parts), expression.k))
