"""Which paid courses have no document of their own: bills and documents of one person, one to one. Pure.

As many bills as possible find a document within the tolerance, then as near as possible; so a document that came late in a
chain of weekly courses accuses nobody, and the course left over is the one whose document is missing."""

from collections.abc import Sequence
from datetime import date


def unpaired(bills: Sequence[date], papers: Sequence[date], tolerance: int) -> list[date]:
    """The days of `bills` without a day of `papers` at most `tolerance` days away, each used once. Both ascending.

    On a line pairs need not cross, so what is best for the rest does not depend on what was paired before."""
    ahead = [(0, 0)] * (
        len(papers) + 1
    )  # (bills left over, days apart) of the bills after this one, by the first free paper
    chosen: list[list[int]] = []
    for bill in reversed(bills):
        costs = [(0, 0)] * (len(papers) + 1)
        moves = [0] * (len(papers) + 1)
        for at in range(len(papers), -1, -1):
            best, move = (ahead[at][0] + 1, ahead[at][1]), 0  # left over
            if at < len(papers):
                apart = abs((papers[at] - bill).days)
                if apart <= tolerance and (paired := (ahead[at + 1][0], ahead[at + 1][1] + apart)) < best:
                    best, move = paired, 1
                if costs[at + 1] < best:
                    best, move = costs[at + 1], 2  # nobody's paper
            costs[at], moves[at] = best, move
        ahead = costs
        chosen.append(moves)
    left, at = [], 0
    for bill, moves in zip(bills, reversed(chosen), strict=True):
        while moves[at] == 2:
            at += 1
        if moves[at]:
            at += 1
        else:
            left.append(bill)
    return left
