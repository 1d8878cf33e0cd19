"""The state diagram of a pathway as coordinates for an inline SVG, made from the code's own table of transitions.

The states of the main line stand in a row; a step to the next one is an arrow, a longer one an arc above, and states
outside the line (excluded) stand below. Where the patient has been is green with its date, where they are now is blue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from oncor_cases.web import words

W, H, GAP, TOP, LEFT = 104, 30, 26, 44, 6

STATES = {
    "suspected": "подозрение", "referred": "направлен", "investigating": "обследуется", "verified": "подтверждено",
    "planned": "есть план", "treated": "лечится", "excluded": "исключено", "lost": "потерян",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Node:
    """One state: a box with its title and, if the patient passed it, the day."""

    title: str
    date: str
    tone: str
    x: int
    y: int
    w: int
    h: int
    tx: float
    ty: float
    dy: float


@dataclass(frozen=True, slots=True)
class Edge:
    """One transition: a path of the drawing."""

    d: str
    tone: str


@dataclass(frozen=True, slots=True)
class Diagram:
    """`words` is what a screen reader says instead of the drawing."""

    width: int
    height: int
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    words: str


def state(name: str) -> str:
    """A state in words."""
    return STATES.get(name, name)


def draw(
    line: Sequence[str],
    aside: Sequence[str],
    transitions: Iterable[tuple[str, str]],
    now: str,
    reached: Mapping[str, date],
    today: date,
) -> Diagram:
    """`line`: states in order; `aside`: states below it; `reached`: the day each passed state was entered."""
    at = {s: (LEFT + i * (W + GAP), TOP) for i, s in enumerate(line)}
    below = TOP + H + 46
    start = max(0, len(line) // 2 - len(aside) // 2)
    at |= {s: (LEFT + (start + i) * (W + GAP), below) for i, s in enumerate(aside)}
    seen = {s for s in reached if s in at and s != now}
    nodes = tuple(_node(s, at[s], now, seen, reached, today) for s in (*line, *aside))
    edges = tuple(e for a, b in sorted(set(transitions)) if a in at and b in at and (e := _edge(a, b, at, line, seen, now)))
    passed = [state(s) + (f" {words.day(reached[s], today)}" if s in reached else "") for s in (*line, *aside) if s in seen]
    said = f"Сейчас: {state(now)}." + (f" Пройдено: {', '.join(passed)}." if passed else "")
    width = LEFT * 2 + len(line) * (W + GAP) - GAP
    return Diagram(width, below + H + 4 if aside else TOP + H + 24, nodes, edges, said)


def _node(name: str, place: tuple[int, int], now: str, seen: set[str], reached: Mapping[str, date], today: date) -> Node:
    x, y = place
    tone = "now" if name == now else "seen" if name in seen else "ahead"
    when = words.day(reached[name], today) if name in reached and (name in seen or name == now) else ""
    return Node(state(name), when, tone, x, y, W, H, x + W / 2, y + H / 2 + 4.5, y + H + 14)


def _edge(a: str, b: str, at: Mapping[str, tuple[int, int]], line: Sequence[str], seen: set[str], now: str) -> Edge | None:
    (xa, ya), (xb, yb) = at[a], at[b]
    gone = a in seen and (b in seen or b == now)
    if a in line and b in line:
        i, j = line.index(a), line.index(b)
        if j == i + 1:
            return Edge(f"M{xa + W} {ya + H / 2}H{xb - 1}", "gone" if gone else "")
        if j < i:
            return None  # a way back exists in the rules (a correction); drawing it would only tangle the picture
        lift = ya - 8 * (j - i)
        return Edge(f"M{xa + W * 0.7:.0f} {ya}C{xa + W} {lift} {xb} {lift} {xb + W * 0.3:.0f} {yb - 1}", "far")
    if b not in line:
        mid = (ya + H + yb) / 2 + 8
        return Edge(f"M{xa + W / 2} {ya + H + 18}C{xa + W / 2} {mid} {xb + W / 2} {mid - 8} {xb + W / 2} {yb - 1}", "far")
    return None
