"""An expression over named sets of persons, as a value: what a builder edits and a saved contingent keeps.

A name is the address of a contingent (`c:` and its random id) or of a set everybody has (`alive`, `insured`, `observed`,
`clinic:OID`, `register:oncology`, `sex:female`). Plain JSON out and in:
`{"op": "minus", "of": ["c:…", {"op": "any", "of": […]}]}`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from oncor_cases.kernel.errors import UserError

# in any; in all; in the first and none of the others; in an odd number (of two: in exactly one); in at least k
OPERATIONS = ("any", "all", "minus", "odd", "least")
DEEPEST, WIDEST, LARGEST = 6, 12, 60  # levels, parts of a group, leaves of the whole


@dataclass(frozen=True, slots=True)
class Named:
    """A set by its name."""

    name: str


@dataclass(frozen=True, slots=True)
class Group:
    """An operation over parts; `k` only for `least`."""

    op: str
    of: tuple["Expression", ...]
    k: int = 0


Expression = Named | Group


def names(expression: Expression) -> list[str]:
    """The names used, each once, in the order of reading."""
    return list(dict.fromkeys(_leaves(expression)))


def parsed(told: Any) -> Expression:
    """An expression out of JSON values. Raises UserError in words a person who clicked it together understands."""
    expression = _parsed(told, 1)
    if sum(1 for _ in _leaves(expression)) > LARGEST:
        raise UserError(f"В выражении больше {LARGEST} списков: сохраните его часть под именем")
    return expression


def plain(expression: Expression) -> Any:
    """The expression as JSON values; `parsed` gives it back."""
    if isinstance(expression, Named):
        return expression.name
    told: dict[str, Any] = {"op": expression.op, "of": [plain(part) for part in expression.of]}
    return told | ({"k": expression.k} if expression.op == "least" else {})


def renamed(expression: Expression, new: Mapping[str, str]) -> Expression:
    """The same expression with other names for the sets."""
    if isinstance(expression, Named):
        return Named(new.get(expression.name, expression.name))
    return Group(expression.op, tuple(renamed(part, new) for part in expression.of), expression.k)


def within(expression: Expression, name: str) -> bool:
    """Is everybody of the expression in the named set, whatever the sets hold? False where it cannot be told."""
    if isinstance(expression, Named):
        return expression.name == name
    match expression.op:
        case "all":
            return any(within(part, name) for part in expression.of)
        case "minus":
            return within(expression.of[0], name)
        case "any":
            return all(within(part, name) for part in expression.of)
    return False


def holds(op: str, among: tuple[bool, ...], k: int = 0) -> bool:
    """Is a person in the result, who is in these of the parts and not in the others? Says what each operation means."""
    match op:
        case "any":
            return any(among)
        case "all":
            return all(among)
        case "minus":
            return among[0] and not any(among[1:])
        case "odd":
            return sum(among) % 2 == 1
        case "least":
            return sum(among) >= k
    raise UserError("Такой операции нет")


def _parsed(told: Any, depth: int) -> Expression:
    if isinstance(told, str) and told:
        return Named(told[:200])
    if depth > DEEPEST:
        raise UserError(f"Группы вложены глубже {DEEPEST} уровней")
    if not isinstance(told, Mapping) or told.get("op") not in OPERATIONS or not isinstance(told.get("of"), list):
        raise UserError("Выражение не читается: нужна операция и список её частей")
    parts = tuple(_parsed(part, depth + 1) for part in told["of"])
    if not 1 <= len(parts) <= WIDEST:
        raise UserError(f"В группе должно быть от одной до {WIDEST} частей")
    k = told.get("k", 0)
    if told["op"] != "least":
        return Group(told["op"], parts)
    if not isinstance(k, int) or isinstance(k, bool) or not 1 <= k <= len(parts):
        raise UserError("«Не меньше чем в k»: число должно быть от одного до числа списков")
    return Group("least", parts, k)


def _leaves(expression: Expression) -> Iterator[str]:
    if isinstance(expression, Named):
        yield expression.name
    else:
        for part in expression.of:
            yield from _leaves(part)
