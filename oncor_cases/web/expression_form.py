"""The expression as it is being edited: a tree with holes, out of the fields of a form and back.

A field's name says its place: `op.r.1` is the operation of the second part of the root, `set.r.0` a list, `k.r` the
number of "not less than in k". A button says what to do: `add:r`, `group:r.1`, `drop:r.0`; `tidy` leaves out lists nobody
chose. So it works without scripts."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from oncor_cases.contingents.expression import DEEPEST, OPERATIONS, WIDEST, Expression, Group, Named, parsed
from oncor_cases.kernel.errors import UserError
from oncor_cases.kernel.numbers import LARGEST, whole_or

ROOT = "r"


@dataclass(slots=True)
class Node:
    """A group with its parts, or a list (perhaps not chosen yet: an empty name)."""

    name: str = ""
    op: str = ""
    k: int = 2
    parts: list["Node"] = field(default_factory=list)


def empty() -> Node:
    """Two lists to choose, the first without the second: the question asked most often."""
    return Node(op="minus", parts=[Node(), Node()])


def of_expression(expression: Expression) -> Node:
    """A whole expression as a tree to edit."""
    if isinstance(expression, Named):
        return Node(op="any", parts=[Node(name=expression.name)])
    return _node(expression)


def of_text(text: str) -> Node:
    """The same out of the JSON an address carries. Raises UserError."""
    return of_expression(parsed(read(text)))


def read(text: str) -> Any:
    """JSON of an address or a form. Raises UserError."""
    try:
        return json.loads(text)
    except ValueError as error:
        raise UserError("Выражение не читается") from error


def of_fields(pairs: Iterable[tuple[str, str]]) -> Node:
    """The tree from the fields of a form, with what the pressed button asks for done. Raises UserError."""
    fields = dict(pairs)
    if not any(name == f"op.{ROOT}" for name in fields):
        return empty()
    tree = _built(ROOT, fields, 1)
    _do(tree, fields.get("do", ""))
    return tree


def complete(node: Node) -> Expression | None:
    """The expression without its holes; None while nothing can be said (no list chosen, or "the first" not chosen)."""
    if not node.op:
        return Named(node.name) if node.name else None
    parts = [complete(part) for part in node.parts]
    if node.op == "minus" and (not parts or parts[0] is None):
        return None
    kept = tuple(part for part in parts if part is not None)
    if not kept:
        return None
    return Group(node.op, kept, min(max(node.k, 1), len(kept)) if node.op == "least" else 0)


def _node(expression: Expression) -> Node:
    if isinstance(expression, Named):
        return Node(name=expression.name)
    return Node(op=expression.op, k=expression.k or 2, parts=[_node(part) for part in expression.of])


def _built(path: str, fields: dict[str, str], depth: int) -> Node:
    op = fields.get(f"op.{path}", "")
    if not op:
        return Node(name=fields.get(f"set.{path}", "")[:200])
    if op not in OPERATIONS or depth > DEEPEST:
        raise UserError("Выражение не читается")
    node = Node(op=op, k=whole_or(fields.get(f"k.{path}", ""), 0, LARGEST, 2))
    for n in range(WIDEST):
        below = f"{path}.{n}"
        if f"op.{below}" in fields or f"set.{below}" in fields:
            node.parts.append(_built(below, fields, depth + 1))
    return node


def _do(tree: Node, wanted: str) -> None:
    verb, _, path = wanted.partition(":")
    if verb == "tidy":
        _tidy(tree)
    steps = path.split(".")[1:]
    if verb not in ("add", "group", "drop") or not path.startswith(ROOT):
        return
    node, above, steps = tree, None, path.split(".")[1:]
    for step in steps:
        at = whole_or(step, 0, len(node.parts) - 1, -1)
        if at < 0:
            return
        above, node = node, node.parts[at]
    if verb == "drop" and above is not None:
        above.parts.remove(node)
    elif verb == "add" and node.op and len(node.parts) < WIDEST:
        node.parts.append(Node())
    elif verb == "group" and node.op and len(node.parts) < WIDEST and len(steps) + 2 < DEEPEST:
        node.parts.append(Node(op="any", parts=[Node(), Node()]))


def _tidy(node: Node) -> None:
    """Without holes, but for the two lists any question needs."""
    for part in node.parts:
        _tidy(part)
    for hole in [part for part in node.parts if not part.op and not part.name]:
        if len(node.parts) > 2:
            node.parts.remove(hole)
