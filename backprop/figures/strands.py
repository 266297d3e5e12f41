"""The curves of a plot over the iterations: each with its name at its end, its dot where we are, and a cross where it leaves float64."""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backprop.figures.axes import Box, heights
from backprop.figures.marks import HALO, Point, line, text

Array = np.ndarray

FINEST = 1.0
"""Points of a curve per px of the plot, at most; where there are more the smallest and the largest of each stretch are drawn."""
WORD = 15
"""px of the names."""
_APART = 19
"""px between two names."""
_GRASP = 12
"""px around a curve in which the pointer picks it."""


@dataclass(frozen=True, eq=False)
class Series:
    """A curve. name: what stands at its end, as SVG text (escaped, tspans allowed), "" for nothing · x, y (n,), x rising ·
    hue: of the palette · width: px · dash: as in SVG · bold: its name, and the curve lies above the others ·
    key: its data-sel, by which a click picks it · tip: SVG text that stands at the end while the pointer rests on such a curve ·
    beside: text beside the dot where we are
    """

    name: str
    x: Array
    y: Array
    hue: str
    width: float = 2.2
    dash: str = ""
    bold: bool = False
    key: str = ""
    tip: str = ""
    beside: str = ""
    _end: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        gone = np.flatnonzero(~np.isfinite(self.y))
        object.__setattr__(self, "_end", int(gone[0]) if len(gone) else len(self.y))

    @property
    def shown(self) -> tuple[Array, Array]:
        """The part that is drawn: up to where a number leaves float64."""
        return self.x[: self._end], self.y[: self._end]

    @property
    def lost(self) -> bool:
        return self._end < len(self.y)


def wide(content: str, size: float) -> float:
    """px of a text in SVG, about."""
    return 0.52 * size * len(re.sub(r"<[^>]*>|&#\d+;|&\w+;", "", content))


def points_of(each: Series, box: Box, log: bool) -> list[Point]:
    """A curve in px, thinned."""
    x, y = each.shown
    y = heights(y, log)
    keep = np.isfinite(y)
    x, y = x[keep], y[keep]
    most = int(FINEST * (box.right - box.left))
    if len(x) > most:
        x, y = _thinned(x, y, most // 2)
    u = box.left + (box.right - box.left) * (x - box.low_x) / (box.high_x - box.low_x)
    v = box.bottom - (box.bottom - box.top) * (y - box.low_y) / (box.high_y - box.low_y)
    return list(zip(u.tolist(), np.clip(v, -1e4, 1e4).tolist(), strict=True))


def _thinned(x: Array, y: Array, count: int) -> tuple[Array, Array]:
    """The first and last point, and of each of `count` stretches the smallest and the largest: a swing stays as high as it is."""
    edges = np.linspace(0, len(x), count + 1).astype(int)[:-1]
    least, most = np.minimum.reduceat(y, edges), np.maximum.reduceat(y, edges)
    group = np.repeat(np.arange(count), np.diff([*edges, len(x)]))
    chosen = {0, len(x) - 1}
    for wanted in (least, most):
        places = np.flatnonzero(y == wanted[group])
        _groups, firsts = np.unique(group[places], return_index=True)
        chosen.update(places[firsts].tolist())
    at = np.array(sorted(chosen))
    return x[at], y[at]


def curve(each: Series, box: Box, log: bool, name: str) -> str:
    """The curve; one with a key can be picked, its shape then has the id `name`."""
    points = points_of(each, box, log)
    drawn = " ".join(f"{u:.1f},{v:.1f}" for u, v in points)
    dash = f";stroke-dasharray:{each.dash}" if each.dash else ""
    look = f"stroke:var(--{each.hue});stroke-width:{each.width:g}{dash}"
    if not each.key:
        return f'<polyline points="{drawn}" style="fill:none;{look};stroke-linejoin:round"/>'
    # the curve once more, wide and clear, for the pointer
    shape = f'<polyline id="{name}" points="{drawn}" style="fill:none;stroke-linejoin:round"/>'
    wide = f'<g style="stroke:transparent;stroke-width:{_GRASP}"><use href="#{name}"/></g>'
    tip = ""
    if each.tip and points:
        tip = text(
            points[-1][0] - 4, max(_held(box, points[-1])[1] - 8, box.top + 12), each.tip, WORD, "end", more=HALO
        )
        tip = f'<g class="tip" style="pointer-events:none">{tip}</g>'
    return f'<g class="strand pick" data-sel="{each.key}" style="pointer-events:auto"><g style="{look}">{shape}</g>{wide}{tip}</g>'


def _held(box: Box, at: Point) -> Point:
    return at[0], min(max(at[1], box.top), box.bottom)


def lost_cross(each: Series, box: Box, log: bool) -> str:
    """A cross where a curve leaves the range of numbers."""
    points = points_of(each, box, log)
    x, y = _held(box, points[-1]) if points else (box.left, box.top)
    hue = f"var(--{each.hue})"
    cross = line((x - 6, y - 6), (x + 6, y + 6), hue, 3) + line((x - 6, y + 6), (x + 6, y - 6), hue, 3)
    after = x < box.right - wide(each.name, WORD) - 12
    label = text(
        x + (12 if after else -12),
        max(y + 5, box.top + 12),
        each.name,
        WORD,
        "start" if after else "end",
        f"var(--{each.hue}-t)",
        bold=each.bold,
        more=HALO,
    )
    return cross + (label if each.name else "")


def dot(each: Series, box: Box, log: bool, here: float) -> str:
    """Where we are on a curve."""
    x, y = each.shown
    at = int(np.searchsorted(x, here))
    if at >= len(x) or x[at] != here:
        return ""
    v = heights(y[at : at + 1], log)[0]
    if not math.isfinite(v) or not box.low_y - 1e-9 <= v <= box.high_y + 1e-9:
        return ""
    u, w = box.at(here, float(v))
    radius = 5.5 if each.bold else 4.5 if each.width >= 2 else 2.8
    out = f'<circle cx="{u:.1f}" cy="{w:.1f}" r="{radius:g}" style="fill:var(--{each.hue});stroke:var(--bg);stroke-width:1.5"/>'
    if each.beside:
        left = u + 14 + wide(each.beside, WORD) > box.right
        out += text(
            u + (-10 if left else 10),
            w - 9 if w - 9 > box.top + 8 else w + 20,
            html.escape(each.beside),
            WORD,
            "end" if left else "start",
            f"var(--{each.hue}-t)",
            bold=each.bold,
            more=HALO,
        )
    return out


def names(series: Sequence[Series], box: Box, log: bool) -> str:
    """The names at the right ends, moved apart where curves end close together."""
    ends = [
        (_held(box, points[-1])[1], each)
        for each in series
        if each.name and not each.lost and (points := points_of(each, box, log))
    ]
    ends.sort(key=lambda end: end[0])
    places = spread([y + 5 for y, _each in ends], box.top + 8, box.bottom + 1)
    return "".join(
        text(
            box.right + 9,
            y,
            each.name,
            WORD,
            "start",
            f"var(--{each.hue}-t)",
            bold=each.bold,
            more=f'data-sel="{each.key}" class="pick" pointer-events="auto"' if each.key else "",
        )
        for y, (_end, each) in zip(places, ends, strict=True)
    )


def spread(wanted: Sequence[float], low: float, high: float, apart: float = _APART) -> list[float]:
    """Rising heights moved as little as is needed to stand `apart`, between low and high as long as there is room."""
    placed: list[float] = []
    for y in wanted:
        placed.append(max(y, low, placed[-1] + apart if placed else low))
    limit = high
    for k in range(len(placed) - 1, -1, -1):
        placed[k] = min(placed[k], limit)
        limit = placed[k] - apart
    return placed
