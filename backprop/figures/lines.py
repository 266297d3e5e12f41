"""Several numbers over the iterations in one plot: a curve each, its name at its end, and where in the run we are.

A curve ends where its number leaves float64. On a logarithmic axis what is not above 0 is not drawn.
"""

from __future__ import annotations

import html
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from backprop.explain import numerals
from backprop.figures.axes import SIZE, Box, graduated, tick
from backprop.figures.marks import HALO, Point, line, text

Array = np.ndarray

FINEST = 1.0
"""Points of a curve per px of the plot, at most; where there are more the smallest and the largest of each stretch are drawn."""
WORD = 15
"""px of the names."""
_LOW, _HIGH = 1e-300, 1e300
"""What is smaller or larger than these is drawn at the edge: a plot's range must be a number itself."""
_APART = 19
"""px between two names."""
_GRASP = 12
"""px around a curve in which the pointer picks it."""
_DECADES = 15.0
"""On a logarithmic axis at most so many powers of ten below the largest number are shown, unless more are asked for."""


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


def lines_svg(
    series: Sequence[Series],
    width: float,
    height: float,
    title: str,
    log: bool = False,
    here: float | None = None,
    drag: str = "",
    top: float | None = None,
    shade: str = "",
    decades: float = _DECADES,
) -> str:
    """The plot, in px. title: told to who cannot see it · here: the x that is marked on every curve · drag: the field of a Place that
    is set by dragging along the plot · top: the largest number shown, what is larger leaves the plot · shade: SVG below the curves ·
    decades: powers of ten below the largest number that a logarithmic axis shows, at most
    """
    low, high = _range(series, log, top, decades)
    first = min((float(each.x[0]) for each in series if len(each.x)), default=0.0)
    last = max((float(each.x[-1]) for each in series if len(each.x)), default=1.0)
    marks, labels = _marks(low, high, log, height)
    left = 12 + max((_wide(label, SIZE) for label in labels), default=20.0)
    room = max((_wide(each.name, WORD) for each in series if each.name and not each.lost), default=0.0)
    box = Box(
        left, width - (room + 14 if room else 8), 10, height - 24, first, last if last > first else first + 1, low, high
    )
    out = [_grid(box, marks, labels), _floor(box, first, last, height), shade]
    if here is not None:
        out.append(
            line(
                (box.at(here, low)[0], box.top - 4),
                (box.at(here, low)[0], box.bottom),
                "var(--ink2)",
                1.2,
                'stroke-dasharray="4 4"',
            )
        )
    if drag:
        out.append(
            f'<rect x="{box.left - 6:.1f}" y="0" width="{box.right - box.left + 12:.1f}" height="{height:g}" '
            f'style="fill:transparent" data-whole="" data-drag="{drag} {first:g} {last:g} {box.left:.1f} {box.right:.1f}"/>'
        )
    out.append(
        '<g style="pointer-events:none">'
    )  # what is drawn above hears no drag away, but for the curves to be picked
    ordered = sorted(series, key=lambda each: each.bold)
    clip = f"lines-{abs(hash((width, height, left, room))) % 10**8}"
    out.append(
        f'<clipPath id="{clip}"><rect x="{box.left - 3:.1f}" y="{box.top - 4:.1f}" width="{box.right - box.left + 6:.1f}" height="{box.bottom - box.top + 6:.1f}"/></clipPath>'
    )
    drawn = "".join(_curve(each, box, log, f"{clip}-{each.key}") for each in ordered)
    out.append(f'<g clip-path="url(#{clip})">{drawn}</g>')
    out += [_lost(each, box, log) for each in ordered if each.lost]
    if here is not None:
        out += [_dot(each, box, log, here) for each in ordered]
    out.append(_names(ordered, box, log) + "</g>")
    return f'<svg class="lines" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


def _wide(content: str, size: float) -> float:
    return 0.52 * size * len(re.sub(r"<[^>]*>|&#\d+;|&\w+;", "", content))


# --- what is shown


def heights(y: Array, log: bool) -> Array:
    """Where numbers stand on the axis; nan where a logarithmic one has no place for them."""
    if not log:
        return np.clip(y, -_HIGH, _HIGH)
    with np.errstate(all="ignore"):
        return np.where(y > 0, np.log10(np.clip(y, _LOW, _HIGH)), np.nan)


def _range(series: Sequence[Series], log: bool, top: float | None, decades: float) -> tuple[float, float]:
    """Of what is drawn; a curve that leaves float64 does not count beyond its start, as long as another one stays."""
    staying = any(not each.lost and len(each.y) for each in series)
    some = [heights(each.shown[1][: 1 if staying and each.lost else None], log) for each in series]
    seen = np.concatenate([*some, np.array([])])
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return 0.0, 1.0
    low, high = float(seen.min()), float(seen.max())
    if top is not None:
        high = min(high, float(heights(np.array([top]), log)[0]))
    if log:
        low = max(min(low, high), high - decades)
        margin = 0.05 * (high - low) or 0.5
        return low - margin, high + margin
    low, high = min(0.0, low), max(0.0, high)
    if high - low < _LOW:
        return low, 1.0
    margin = 0.05 * (high - low) or 1.0
    return (low - margin if low < 0 else 0.0), high + (margin if high > 0 else 0.0)


def _marks(low: float, high: float, log: bool, height: float) -> tuple[list[float], list[str]]:
    """The round numbers at the axis, and how they are written."""
    count = max(2, int(height / 45))
    if not log:
        step, marks = graduated(low, high, count)
        return marks, [tick(value, step) for value in marks]
    if high - low < 1.9:
        decades = [k + math.log10(digit) for k in range(math.floor(low), math.ceil(high) + 1) for digit in (1, 2, 5)]
        marks = [value for value in decades if low <= value <= high]
        return marks, [numerals.short(float(f"{10**value:.3g}")) for value in marks]
    each = max(1, math.ceil((high - low) / count))
    marks = [float(k) for k in range(math.ceil(low / each) * each, math.floor(high) + 1, each)]
    return marks, [_power(value) for value in marks]


def _power(value: float) -> str:
    whole = round(value)
    if abs(value - whole) > 1e-9:
        return numerals.plain(10**value, 1)
    return {0: "1", 1: "10"}.get(whole) or numerals.ten_to(whole)


def _grid(box: Box, marks: list[float], labels: list[str]) -> str:
    out = ""
    for value, label in zip(marks, labels, strict=True):
        y = box.at(box.low_x, value)[1]
        out += line((box.left, y), (box.right, y), "var(--hair)", 1) + text(
            box.left - 7, y + 5, label, SIZE, "end", "var(--ink2)"
        )
    return out


def _floor(box: Box, first: float, last: float, height: float) -> str:
    """The axis of the iterations."""
    step, marks = graduated(first, last, max(1, int((box.right - box.left) / 90)))
    step = max(1.0, step)
    marks = [value for value in marks if value == round(value)] or [first, last]
    out = line((box.left, box.bottom), (box.right, box.bottom), "var(--edge)", 1)
    for value in marks:
        out += text(box.at(value, box.low_y)[0], height - 6, tick(value, step), SIZE, "middle", "var(--ink2)")
    return out


# --- the curves


def _points(each: Series, box: Box, log: bool) -> list[Point]:
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


def _curve(each: Series, box: Box, log: bool, name: str) -> str:
    points = _points(each, box, log)
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


def _lost(each: Series, box: Box, log: bool) -> str:
    """A cross where a curve leaves the range of numbers."""
    points = _points(each, box, log)
    x, y = _held(box, points[-1]) if points else (box.left, box.top)
    hue = f"var(--{each.hue})"
    cross = line((x - 6, y - 6), (x + 6, y + 6), hue, 3) + line((x - 6, y + 6), (x + 6, y - 6), hue, 3)
    after = x < box.right - _wide(each.name, WORD) - 12
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


def _dot(each: Series, box: Box, log: bool, here: float) -> str:
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
        left = u + 14 + _wide(each.beside, WORD) > box.right
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


def _names(series: Sequence[Series], box: Box, log: bool) -> str:
    """The names at the right ends, moved apart where curves end close together."""
    ends = [
        (_held(box, points[-1])[1], each)
        for each in series
        if each.name and not each.lost and (points := _points(each, box, log))
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
