"""Where the vertices of a computational graph stand: in columns by their distance from the loss, or on a phone in rows.

Every edge runs from one column to the next, straight out of a vertex to the edge of its column, over the gap in a curve, and
straight into the next; so it never runs through another vertex.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from backprop.explain.excerpt import Excerpt
from backprop.figures.capsules import HALF
from backprop.figures.marks import Point

ABOVE, BELOW = HALF, 46
"""px of a vertex above and below the middle of its capsule, with its two numbers beneath it; upright they stand beside it."""
WIDE, BESIDE = 70, 74
"""px that two numbers need, beneath and beside a capsule."""
LARGEST_GAP, LARGEST_PITCH = 96, 84
ROW, GAP = 34, 32
"""px of a row and between rows on a phone."""
STRIP, MARGIN = 30, 20
"""px between two lines and at their ends, in which an edge runs on to the next line."""


@dataclass
class Ranks:
    """The places of a drawing, in px.

    at      centre of each vertex's capsule
    column  from where to where the column of a vertex reaches along the way of the signal
    half    half the length of each capsule along that way
    turns   edges that run on to the next line, with the height of the strip between
    """

    width: float
    height: float
    upright: bool
    at: dict[str, Point] = field(default_factory=dict)
    column: dict[str, tuple[float, float]] = field(default_factory=dict)
    half: dict[str, float] = field(default_factory=dict)
    turns: dict[tuple[str, str], float] = field(default_factory=dict)
    gap: float = GAP

    def edge(self, source: str, target: str) -> str:
        """The way of an edge, as the d of a path."""
        (x, y), (u, v) = self.at[source], self.at[target]
        p, q = self.column[source][1], self.column[target][0]
        if (source, target) in self.turns:
            strip, left, right, r = self.turns[source, target], MARGIN - 8.0, self.width - MARGIN + 8.0, 9.0
            return (
                f"M{x + self.half[source]:.1f} {y:.1f}H{right - r:.1f}q{r} 0 {r} {r}V{strip - r:.1f}q0 {r} {-r} {r}"
                f"H{left + r:.1f}q{-r} 0 {-r} {r}V{v - r:.1f}q0 {r} {r} {r}H{u - self.half[target]:.1f}"
            )
        middle = (p + q) / 2
        if self.upright:
            return f"M{x:.1f} {y + self.half[source]:.1f}V{p:.1f}C{x:.1f} {middle:.1f} {u:.1f} {middle:.1f} {u:.1f} {q:.1f}V{v - self.half[target]:.1f}"
        return f"M{x + self.half[source]:.1f} {y:.1f}H{p:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {v:.1f} {q:.1f} {v:.1f}H{u - self.half[target]:.1f}"

    def middle(self, source: str, target: str) -> Point:
        """Halfway along an edge."""
        (x, y), (u, v) = self.at[source], self.at[target]
        if (source, target) in self.turns:
            return self.width - MARGIN - 60, self.turns[source, target]
        halfway = (self.column[source][1] + self.column[target][0]) / 2
        return ((x + u) / 2, halfway) if self.upright else (halfway, (y + v) / 2)


def abreast(drawn: Excerpt, capsules: Mapping[str, float], width: float, height: float) -> Ranks:
    """From left to right, in as many lines as the excerpt has. capsules: the length of each vertex's capsule. At most `height`
    high where the excerpt fits."""
    several = len(drawn.lines) > 1
    rows = [max(map(len, line)) for line in drawn.lines]
    free = height - STRIP * (len(rows) - 1) - 4
    pitch = max(ABOVE + BELOW + 2, min(LARGEST_PITCH, free / sum(rows)))
    room = width - 2 * (MARGIN if several else 4)
    widths = [[max(WIDE, *(capsules[key] for key in column)) for column in line] for line in drawn.lines]
    gaps = [(room - sum(line)) / (len(line) - 1) for line in widths if len(line) > 1]
    ranks = Ranks(width, sum(rows) * pitch + STRIP * (len(rows) - 1) + 4, False, gap=min([*gaps, LARGEST_GAP]))
    top = 2.0
    for line, wide, count in zip(drawn.lines, widths, rows, strict=True):
        left = MARGIN if several else (width - sum(wide) - ranks.gap * (len(line) - 1)) / 2
        heights = _heights(drawn, line, count)
        for column, across in zip(line, wide, strict=True):
            for key in column:
                ranks.at[key] = (left + across / 2, top + pitch * heights[key] + (pitch - ABOVE - BELOW) / 2 + ABOVE)
                ranks.column[key] = (left, left + across)
                ranks.half[key] = capsules[key] / 2
            left += across + ranks.gap
        top += count * pitch + STRIP
    for before, after in pairwise(drawn.lines):
        for key in before[-1]:
            for child in drawn.feeds[key]:
                ranks.turns[key, child] = (
                    min(ranks.at[each][1] for column in after for each in column) - ABOVE - STRIP / 2
                )
    return ranks


def stacked(drawn: Excerpt, capsules: Mapping[str, float], width: float) -> Ranks:
    """From top to bottom, for a phone: a row for each column of the excerpt, as tall as it needs; the pinned way runs straight down."""
    ranks = Ranks(width, len(drawn.columns) * (ROW + GAP) - GAP + 8, True)
    rows = [sorted(column, key=lambda key: key not in drawn.pinned) for column in drawn.columns]
    lead = max(54.0, *(capsules[row[0]] / 2 + 4 for row in rows))
    for place, row in enumerate(rows):
        y = 4 + ROW / 2 + place * (ROW + GAP)
        end = width - BESIDE - max((capsules[key] / 2 for key in row[1:]), default=0.0)
        for rank, key in enumerate(row):
            ranks.at[key] = (lead + rank * (min(end, 0.66 * width) - lead) / max(1, len(row) - 1), y)
            ranks.column[key] = (y - ROW / 2 - 1, y + ROW / 2 + 1)
            ranks.half[key] = ABOVE
    return ranks


# --- how high things stand in their columns


def _heights(drawn: Excerpt, line: Sequence[tuple[str, ...]], rows: int) -> dict[str, float]:
    """The place of each vertex of a line, counted in rows: the fullest column is even, the others lean on their neighbours."""
    fullest = max(range(len(line)), key=lambda place: (len(line[place]), -place))
    found = {key: (rank + 0.5) * rows / len(line[fullest]) - 0.5 for rank, key in enumerate(line[fullest])}
    for column in reversed(line[:fullest]):
        _settle(drawn, column, found, drawn.feeds, rows)
    for column in line[fullest + 1 :]:
        _settle(drawn, column, found, {key: _made_before(drawn, key) for key in column}, rows)
    for column in reversed(line[fullest + 1 : -1]):  # what comes in from outside moves towards where it goes
        come_in = {key: drawn.feeds[key] if key not in drawn.place else (key,) for key in column}
        _settle(drawn, column, found, come_in, rows, 100.0)
    return found


def _made_before(drawn: Excerpt, key: str) -> list[str]:
    """What goes into an operation; if some of it is computed, only that."""
    inputs = [edge.source for edge in drawn.vertices[key].inputs]
    return [each for each in inputs if each in drawn.place] or inputs


def _settle(
    drawn: Excerpt,
    column: Sequence[str],
    found: dict[str, float],
    beside: Mapping[str, Sequence[str]],
    rows: int,
    firm: float = 1.0,
) -> None:
    """Put a column in the middle of what its vertices lean on, in its order and a row apart.

    firm: how much more an operation stays where it wants to be than what comes in from outside. Where not the whole network is
    drawn, the ways that are followed lean on nothing but themselves.
    """
    wanted, weights = [], []
    for rank, key in enumerate(column):
        lean = [each for each in beside[key] if each in found]
        followed = drawn.level != "whole" and key in drawn.route
        if followed:
            lean = [each for each in lean if each in drawn.route] or lean
        wanted.append(
            sum(found[each] for each in lean) / len(lean) if lean else (rank + 0.5) * rows / len(column) - 0.5
        )
        weights.append(100.0 if followed else firm if key in drawn.place else 1.0 if lean else 0.01)
    found.update(zip(column, apart(wanted, weights, 0.0, rows - 1.0), strict=True))


def apart(wanted: Sequence[float], weights: Sequence[float], low: float, high: float) -> list[float]:
    """Places as near as can be to those wanted, in this order, at least 1 apart and between low and high (in squares, weighted)."""
    blocks: list[list[float]] = []  # sum of weight·place, weight, how many
    for rank, (place, weight) in enumerate(zip(wanted, weights, strict=True)):
        blocks.append([weight * (place - rank), weight, 1])
        while len(blocks) > 1 and blocks[-2][0] / blocks[-2][1] >= blocks[-1][0] / blocks[-1][1]:
            total, weight_, count = blocks.pop()
            blocks[-1] = [blocks[-1][0] + total, blocks[-1][1] + weight_, blocks[-1][2] + count]
    top = max(low, high - len(wanted) + 1)
    places = [min(max(total / weight, low), top) for total, weight, count in blocks for _ in range(int(count))]
    return [place + rank for rank, place in enumerate(places)]
