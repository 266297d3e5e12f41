"""Several numbers over the iterations in one plot: a curve each (figures/strands.py), one axis, and where in the run we are.

A curve ends where its number leaves float64. On a logarithmic axis what is not above 0 is not drawn.
"""

from __future__ import annotations

import html
from collections.abc import Sequence

import numpy as np

from backprop.figures.axes import LEAST, SIZE, Box, graduated, heights, marked, tick
from backprop.figures.marks import line, text
from backprop.figures.strands import WORD, Series, curve, dot, lost_cross, names, wide

Array = np.ndarray

_DECADES = 15.0
"""On a logarithmic axis at most so many powers of ten below the largest number are shown, unless more are asked for."""
_ROW = 45
"""px of a plot for each number at its axis, at least."""


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
    marks, labels = marked(low, high, log, max(2, int(height / _ROW)))
    left = 12 + max((wide(label, SIZE) for label in labels), default=20.0)
    room = max((wide(each.name, WORD) for each in series if each.name and not each.lost), default=0.0)
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
    # what is drawn above takes no drag away, but for the curves that can be picked
    out.append('<g style="pointer-events:none">')
    ordered = sorted(series, key=lambda each: each.bold)
    clip = f"lines-{abs(hash((width, height, left, room))) % 10**8}"
    out.append(
        f'<clipPath id="{clip}"><rect x="{box.left - 3:.1f}" y="{box.top - 4:.1f}" width="{box.right - box.left + 6:.1f}" height="{box.bottom - box.top + 6:.1f}"/></clipPath>'
    )
    drawn = "".join(curve(each, box, log, f"{clip}-{each.key}") for each in ordered)
    out.append(f'<g clip-path="url(#{clip})">{drawn}</g>')
    out += [lost_cross(each, box, log) for each in ordered if each.lost]
    if here is not None:
        out += [dot(each, box, log, here) for each in ordered]
    out.append(names(ordered, box, log) + "</g>")
    return f'<svg class="lines" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


# --- what is shown


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
    if high - low < LEAST:
        return low, 1.0
    margin = 0.05 * (high - low) or 1.0
    return (low - margin if low < 0 else 0.0), high + (margin if high > 0 else 0.0)


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
