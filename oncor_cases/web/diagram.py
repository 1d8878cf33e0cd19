"""The state diagram of a pathway as coordinates for an inline SVG, made from the code's own table of transitions.

States stand in a row in the order of the way; a step to the next one is an arrow, a longer one an arc above. A state
that can be reached from nearly everywhere (excluded) stands below. Where the patient has been is green with its date,
where they are now is blue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from oncor_cases.web import words
from oncor_cases.workflows.machine import Machine

W, H, GAP, TOP, LEFT = 112, 40, 30, 46, 4
OUT = frozenset({"excluded", "removed", "declined", "stopped"})  # ways out, drawn below the row


@dataclass(frozen=True, slots=True)
class Line:
    """A line of text inside a box."""

    text: str
    y: float


@dataclass(frozen=True, slots=True)
class Node:
    """One state: a box with its title and, if the patient passed it, the day under it."""

    lines: tuple[Line, ...]
    date: str
    tone: str
    x: int
    y: int
    w: int
    h: int
    tx: float
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


def draw(machine: Machine, now: str, reached: Mapping[str, date], today: date) -> Diagram:
    """`reached`: the day each passed state was entered; `now`: the state of today."""
    line = [s for s in machine.states if s not in OUT]
    aside = [s for s in machine.states if s in OUT]
    low = TOP + H + 40
    at = {s: (LEFT + i * (W + GAP), TOP) for i, s in enumerate(line)}
    at |= {s: (LEFT + (len(line) - 1 - i) * (W + GAP), low) for i, s in enumerate(aside)}
    seen = {s for s in reached if s in at and s != now}
    nodes = tuple(_node(s, machine.states[s], at[s], now, seen, reached, today) for s in (*line, *aside))
    steps = sorted({(a, t.target) for t in machine.transitions for a in t.sources if a in at and t.target in at})
    edges = [e for a, b in steps if b in line and (e := _edge(a, b, at, line, seen, now))]
    for out in aside:
        sources = sorted((line.index(a) for a, b in steps if b == out and a in line))
        edges += _gathered([at[line[i]] for i in sources], at[out], now == out)
    passed = [f"{machine.states[s]} {words.day(reached[s], today)}" for s in (*line, *aside) if s in seen]
    said = f"Сейчас: {machine.states.get(now, now)}." + (f" Пройдено: {', '.join(passed)}." if passed else "")
    width = LEFT * 2 + len(line) * (W + GAP) - GAP
    return Diagram(width, low + H + 4 if aside else TOP + H + 20, nodes, tuple(edges), said)


def _node(
    name: str, title: str, place: tuple[int, int], now: str, seen: set[str], reached: Mapping[str, date], today: date
) -> Node:
    x, y = place
    tone = "now" if name == now else "seen" if name in seen else "ahead"
    when = words.day(reached[name], today) if name in reached and tone != "ahead" else ""
    parts = _halves(title)
    middle = y + H / 2 + 4.5
    lines = tuple(Line(part, middle + (i - (len(parts) - 1) / 2) * 15) for i, part in enumerate(parts))
    return Node(lines, when, tone, x, y, W, H, x + W / 2, y + H + 14)


def _halves(title: str) -> list[str]:
    """One line, or two of about the same length."""
    parts = title.split()
    if len(title) <= 13 or len(parts) == 1:
        return [title]
    cut = min(range(1, len(parts)), key=lambda i: max(len(" ".join(parts[:i])), len(" ".join(parts[i:]))))
    return [" ".join(parts[:cut]), " ".join(parts[cut:])]


def _edge(a: str, b: str, at: Mapping[str, tuple[int, int]], line: list[str], seen: set[str], now: str) -> Edge | None:
    """An arrow between neighbours, an arc over the states that are passed by; a way back is not drawn."""
    if a not in line or line.index(b) <= line.index(a):
        return None
    (xa, ya), (xb, yb) = at[a], at[b]
    steps = line.index(b) - line.index(a)
    if steps == 1:
        gone = a in seen and (b in seen or b == now)
        return Edge(f"M{xa + W} {ya + H / 2}H{xb - 1}", "gone" if gone else "")
    lift = ya - 10 * steps
    return Edge(f"M{xa + W - 22} {ya}C{xa + W} {lift} {xb} {lift} {xb + 14 + 4 * steps} {yb - 1}", "far")


def _gathered(sources: list[tuple[int, int]], to: tuple[int, int], gone: bool) -> list[Edge]:
    """Many ways into one state: each drops to a common line that leads into it."""
    if not sources:
        return []
    x, y = to
    rail = y + H / 2
    first = min(sx for sx, _ in sources) + 16
    drops = [Edge(f"M{sx + 16} {sy + H}V{rail}", "far drop") for sx, sy in sources if sx < x]
    drops += [Edge(f"M{sx + 16} {sy + H}V{y - 1}", "far") for sx, sy in sources if sx >= x]
    tone = "gone" if gone else ""
    return [*drops, Edge(f"M{first} {rail}H{x - 1}", tone)] if first < x else drops
