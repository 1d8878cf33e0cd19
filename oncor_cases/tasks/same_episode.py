"""Which stored episode a computed one is: an episode keeps its permanent id while its code, side and facts change.

Shared facts decide first (a suspicion R91 that became C34.1 has the same facts), then site, side and round (a corrected
document brings new facts of the same tumour). What stays unmatched is a new episode."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

_SITE = re.compile(r"[A-Z]\d")  # a tumour site: C50, C18-C20, D46
UNKNOWN = "-"  # the side in a key nobody has named


@dataclass(frozen=True, slots=True)
class Stored:
    """An episode as stored: its permanent id, its last computed key (`C50/left/1`) and the facts it then had."""

    id: int
    key: str
    anchors: frozenset[str]


@dataclass(frozen=True, slots=True)
class Computed:
    """An episode as the workflows see it today."""

    key: str
    anchors: frozenset[str]


def match(computed: Iterable[Computed], stored: Iterable[Stored]) -> dict[str, int]:
    """Computed key → permanent id, one to one; keys of new episodes are absent. The order of arguments is nothing."""
    new = {c.key: c for c in computed}
    old = {s.id: s for s in stored}
    if len(new) == 1 and len(old) == 1:
        ((key, c),), ((id, s),) = new.items(), old.items()
        if key == s.key or (c.anchors & s.anchors and _family(key) == _family(s.key)):
            return {key: id}
    found: dict[str, int] = {}
    pairs = [
        (-len(c.anchors & s.anchors), c.key != s.key, s.id, c.key)
        for c in new.values()
        for s in old.values()
        if c.anchors & s.anchors and _family(c.key) == _family(s.key)
    ]
    for alike in (lambda c, s: c.key == s.key, _one_side_unknown):
        pairs += [
            (0, alike is _one_side_unknown, s.id, c.key)
            for c in new.values()
            for s in old.values()
            if not c.anchors & s.anchors and alike(c, s)
        ]
    for _, _, id, key in sorted(pairs):
        if key not in found and id in old:
            found[key] = id
            del old[id]
    return found


def _family(key: str) -> str:
    """Cases of different families may share facts and are never one another: the rounds of a tumour, the observation of
    a tumour (round 0), a condition or a programme by its name."""
    site, _, turn = _parts(key)
    if site == "?" or _SITE.match(site):
        return "observation" if turn == "0" else "round"
    return site


def _one_side_unknown(c: Computed, s: Stored) -> bool:
    """The same site and round, and the side was written down on one of the two days only."""
    (site, side, turn), (other_site, other_side, other_turn) = _parts(c.key), _parts(s.key)
    return (site, turn) == (other_site, other_turn) and side != other_side and UNKNOWN in (side, other_side)


def _parts(key: str) -> tuple[str, str, str]:
    site, _, rest = key.partition("/")
    side, _, turn = rest.rpartition("/")
    return site, side, turn
