"""The loss over two weights as a map: level lines, the way down, and where we are. Both axes have one scale.

Only so is it true to the eye that a step of descent leaves the level line at a right angle.
"""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from contourpy import contour_generator

from backprop.explain import numerals
from backprop.figures.axes import SIZE, Box, graduated, round_step, tick
from backprop.figures.marks import HALO, Point, line, rect, text, width_of

Array = np.ndarray

LEVELS = 9
"""Level lines, about."""
_WIDE_RANGE = 50.0
"""Where the largest loss is so many times the smallest, the levels rise by factors instead of by equal steps."""
_LABELS = 5
ARROW = 38.0
"""px of the arrow of a step that is shorter: then it says only whereto."""


@dataclass(frozen=True, eq=False)
class Map:
    """u (P,), v (Q,): values of the two weights, evenly spaced over ranges of one length · loss (Q, P), inf or nan where it leaves float64 ·
    way (n, 2): both weights at the iterations that are drawn · here: which of them is now · level: the loss there · step: where the update
    leads from there, as (du, dv), None where it leads nowhere · steepest: is that the steepest way, at a right angle to the level line
    """

    u: Array
    v: Array
    loss: Array
    way: Array
    here: int
    level: float
    step: Point | None
    steepest: bool = True


def levels(loss: Array, count: int = LEVELS) -> list[float]:
    """Round losses between the smallest and the largest finite one."""
    seen = loss[np.isfinite(loss) & (np.abs(loss) < 1e300)]
    if not len(seen):
        return []
    low, high = float(seen.min()), float(seen.max())
    if not high - low > 1e-12 * max(abs(low), abs(high)):
        return []
    if low > 0 and high / low > _WIDE_RANGE:
        decades = math.log10(high / low)
        steps = (1.0, 2.0, 5.0) if decades * 3 <= count * 1.4 else (1.0, 3.0) if decades * 2 <= count * 1.4 else (1.0,)
        every = max(1, math.ceil(decades * len(steps) / count / 1.4))
        found = [
            10.0**k * step
            for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1, every)
            for step in steps
        ]
    else:
        _step, found = graduated(low, high, count)
    return [value for value in found if low < value < high]


def map_svg(
    shown: Map, across: str, up: str, title: str, width: float = 392, height: float = 372, start: str = ""
) -> str:
    """The map, in px. across, up: names of the two weights as SVG text · start: the word at the first dot · title: for who cannot see it"""
    box = _box(shown, width, height)
    found = levels(shown.loss)
    generator: Any = contour_generator(
        *_pixels(shown, box), np.nan_to_num(shown.loss, nan=1e300, posinf=1e300, neginf=-1e300), name="serial"
    )
    clip = f'<clipPath id="map"><rect x="{box.left:.1f}" y="{box.top:.1f}" width="{box.right - box.left:.1f}" height="{box.bottom - box.top:.1f}"/></clipPath>'
    out = [clip, '<g clip-path="url(#map)">']
    out += [_region(generator, level) for level in found]
    lines = {level: generator.lines(level) for level in found}
    if math.isfinite(shown.level):
        out.append(_level(generator.lines(shown.level), "var(--loss-t)", 2.2, 1.0))
    out.append(_way(shown, box))
    out.append("</g>")
    out.append(rect(box.left, box.top, box.right - box.left, box.bottom - box.top, 0, "none", "var(--line)", 1))
    out.append(_labels(lines, shown, box))
    out.append(_here(shown, box, start))
    out.append(_axes(box, across, up, height))
    return f'<svg class="map" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


def _box(shown: Map, width: float, height: float) -> Box:
    """A square as large as fits beside the numbers at the axes."""
    left, floor = 40.0, height - 24.0
    side = min(width - left - 4, floor - 4)
    return Box(
        left,
        left + side,
        floor - side,
        floor,
        float(shown.u[0]),
        float(shown.u[-1]),
        float(shown.v[0]),
        float(shown.v[-1]),
    )


def _pixels(shown: Map, box: Box) -> tuple[Array, Array]:
    return (
        box.left + (box.right - box.left) * (shown.u - box.low_x) / (box.high_x - box.low_x),
        box.bottom - (box.bottom - box.top) * (shown.v - box.low_y) / (box.high_y - box.low_y),
    )


def _joined(points: Array) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points.tolist())


def _region(generator, level: float) -> str:
    """Where the loss is above a level: the washes of all levels lie on one another."""
    polygons, holes = generator.filled(level, np.inf)
    drawn = ""
    for points, offsets in zip(polygons, holes, strict=True):
        for start, end in pairwise(offsets):
            drawn += "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points[start:end].tolist()) + "Z"
    return (
        f'<path d="{drawn}" style="fill:var(--loss);fill-opacity:.06;fill-rule:evenodd;stroke:var(--loss);stroke-opacity:.6"/>'
        if drawn
        else ""
    )


def _level(drawn: list[Array], stroke: str, width: float, opacity: float) -> str:
    return "".join(
        f'<polyline points="{_joined(points)}" style="fill:none;stroke:{stroke};stroke-width:{width:g};opacity:{opacity:g}"/>'
        for points in drawn
        if len(points) > 1
    )


# --- the way down


def _dots(shown: Map, box: Box) -> list[Point]:
    return [box.at(float(x), float(y)) for x, y in shown.way if math.isfinite(x) and math.isfinite(y)]


def _way(shown: Map, box: Box) -> str:
    dots = _dots(shown, box)
    if not dots:
        return ""
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in dots)
    out = f'<polyline points="{drawn}" style="fill:none;stroke:var(--p1);stroke-width:1.6;opacity:.75"/>'
    last: Point | None = None
    for x, y in dots:
        if last is not None and math.hypot(x - last[0], y - last[1]) < 3:
            continue  # dots on one another are one
        out += f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" style="fill:var(--p1);stroke:var(--bg);stroke-width:1"/>'
        last = x, y
    return out


def _here(shown: Map, box: Box, start: str) -> str:
    dots = _dots(shown, box)
    if not dots or shown.here >= len(dots):
        return ""
    x, y = dots[shown.here]
    out = ""
    first = dots[0]
    if start and _inside(first, box) and math.hypot(first[0] - x, first[1] - y) > 24:
        right = first[0] < (box.left + box.right) / 2
        below = y < first[1]
        out += text(
            first[0] + (6 if right else -6),
            first[1] + (20 if below else -10),
            html.escape(start),
            15,
            "start" if right else "end",
            "var(--ink)",
            bold=True,
            more=HALO,
        )
    if not _inside((x, y), box):
        return out
    if shown.step is not None:
        out += _square(shown, box, (x, y))
    return out + f'<circle cx="{x:.1f}" cy="{y:.1f}" r="7" style="fill:var(--p1);stroke:var(--bg);stroke-width:2"/>'


def _square(shown: Map, box: Box, at: Point) -> str:
    """Where the next step leads, and the right angle that it makes with the level line."""
    assert shown.step is not None
    scale = (box.right - box.left) / (box.high_x - box.low_x)
    du, dv = shown.step[0] * scale, -shown.step[1] * scale
    length = math.hypot(du, dv)
    if not (math.isfinite(length) and length > 0):
        return ""
    c, s = du / length, dv / length
    reach, side = max(ARROW, min(length, 2 * (box.right - box.left))), 11.0
    x, y = at
    end = (x + c * reach, y + s * reach)
    tip = " ".join(
        f"{end[0] + c * a - s * b:.1f},{end[1] + s * a + c * b:.1f}" for a, b in ((9, 0), (-3, 5.5), (-3, -5.5))
    )
    corner = [(x + c * side, y + s * side), (x + (c - s) * side, y + (s + c) * side), (x - s * side, y + c * side)]
    drawn = " ".join(f"{a:.1f},{b:.1f}" for a, b in corner)
    return (
        line(at, end, "var(--upd)", 2.4)
        + f'<polygon points="{tip}" style="fill:var(--upd)"/>'
        + (
            f'<polyline points="{drawn}" style="fill:none;stroke:var(--ink2);stroke-width:1.4"/>'
            if shown.steepest
            else ""
        )
    )


def _inside(at: Point, box: Box) -> bool:
    return box.left <= at[0] <= box.right and box.top <= at[1] <= box.bottom


# --- numbers


def _labels(lines: dict[float, list[Array]], shown: Map, box: Box) -> str:
    """The losses of a few level lines, where nothing else is drawn."""
    taken = np.array([*_dots(shown, box), *((box.left + x, box.top + 12) for x in (10, 30, 50))])
    out, values = "", list(lines)
    every = max(1, math.ceil(len(values) / _LABELS))
    for value in values[::every]:
        name = numerals.short(float(f"{value:.3g}"))
        half = width_of(name, SIZE) / 2 + 8
        points = np.concatenate([*lines[value], np.empty((0, 2))])
        room = (
            (points[:, 0] > box.left + half)
            & (points[:, 0] < box.right - half)
            & (points[:, 1] > box.top + 14)
            & (points[:, 1] < box.bottom - 14)
        )
        points = points[room]
        if not len(points):
            continue
        apart = np.hypot(points[:, None, 0] - taken[None, :, 0], 1.6 * (points[:, None, 1] - taken[None, :, 1])).min(
            axis=1
        )
        best = int(apart.argmax())
        if apart[best] < 40:
            continue
        x, y = points[best]
        taken = np.concatenate([taken, points[best][None]])
        out += rect(x - half, y - 10, 2 * half, 20, 4, "var(--bg)", more='opacity=".85"') + text(
            x, y + 5, name, SIZE, "middle", "var(--loss-t)"
        )
    return out


def _axes(box: Box, across: str, up: str, height: float) -> str:
    out = ""
    step, marks = graduated(box.low_x, box.high_x, 4)
    for value in marks:
        x = box.at(value, 0)[0]
        if x < box.right - 40:  # the name of the axis stands at its end
            out += text(x, height - 6, tick(value, step), SIZE, "middle", "var(--ink2)")
    step, marks = graduated(box.low_y, box.high_y, 4)
    for value in marks:
        y = box.at(0, value)[1]
        if y > box.top + 8:
            out += text(box.left - 6, y + 5, tick(value, step), SIZE, "end", "var(--ink2)")
    return (
        out
        + text(box.right, height - 5, across, 16, "end")
        + text(box.left + 8, box.top + 18, up, 16, "start", more=HALO)
    )


def frame(way: Array, spot: tuple[float, float] | None = None, least: float = 4.0) -> tuple[float, float, float, float]:
    """(low u, high u, low v, high v) of a square with round borders that shows a way (n, 2), what has left float64 aside.

    spot: where we are, which is in sight in any case; far from the way it alone is.
    """
    found = _framed(way, least)
    if spot is None or not all(abs(each) < 1e150 for each in spot):
        return found
    inside = found[0] <= spot[0] <= found[1] and found[2] <= spot[1] <= found[3]
    if inside:
        return found
    near = max(map(abs, spot)) < 3 * max(map(abs, found))
    return _framed(np.array([*way, spot] if near else [spot]), max(least, 0.5 * max(map(abs, spot))))


def _framed(way: Array, least: float) -> tuple[float, float, float, float]:
    seen = way[np.isfinite(way).all(axis=1) & (np.abs(way) < 1e150).all(axis=1)]
    if not len(seen):
        seen = np.zeros((1, 2))
    low, high = seen.min(axis=0), seen.max(axis=0)
    side = max(float((high - low).max()) * 1.5, least, float(np.abs(seen).max()) * 1e-3)
    grain = round_step(side, 8)
    side = grain * math.ceil(side / grain)
    corner = [grain * round(((low[k] + high[k]) / 2 - side / 2) / grain) for k in (0, 1)]
    return corner[0], corner[0] + side, corner[1], corner[1] + side
