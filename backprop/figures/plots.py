"""Plots with a point that is dragged: what stands still, what follows the point, and the areas that the hand holds are three drawings.

They lie on one another, so that a drag sends and paints no more than what moves.
"""

from __future__ import annotations

import html
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from backprop.figures.axes import SIZE, Box, graduated, tick
from backprop.figures.marks import HALO, Point, line, rect, text, width_of

_LARGEST = 1e300
LABEL = 15


@dataclass(frozen=True, eq=False)
class Curve:
    """x, y (points,) with nan or inf where there is nothing to draw · hue of the palette · name at the right end, for a text that is shown as it is"""

    x: np.ndarray
    y: np.ndarray
    hue: str
    name: str = ""
    dashed: bool = False


@dataclass(frozen=True, eq=False)
class Plot:
    """title: above the box at the left, SVG; below: at the end of the x axis, SVG · shaded: stretches of x, shade: the word in them ·
    numbered: does the x axis have numbers · gaps: each x where a line must not run on (a jump)
    """

    box: Box
    curves: tuple[Curve, ...]
    title: str = ""
    below: str = ""
    shaded: tuple[tuple[float, float], ...] = ()
    shade: str = ""
    numbered: bool = True
    gaps: tuple[float, ...] = ()


def heights(values: Sequence[np.ndarray], also: Sequence[float] = (0.0,)) -> tuple[float, float]:
    """From where to where a y axis reaches for some curves, and numbers that must be seen. What shoots up (as 1/z does) is cut off at
    `_STEEP` times what nine in ten points stay below, so that it does not press the rest flat."""
    found = [each[np.abs(each) < _LARGEST] for each in values]
    known = [each for each in also if abs(each) < _LARGEST]
    for each in found:
        if each.size:
            most = _STEEP * float(np.quantile(np.abs(each), 0.9)) if _shoots_up(each) else math.inf
            known += [max(float(each.min()), -most), min(float(each.max()), most)]
    low, high = (min(known), max(known)) if known else (-1.0, 1.0)
    if high - low <= _ROUNDING * max(1.0, abs(low), abs(high)):
        return low - 1.0, high + 1.0
    room = (high - low) * 0.06
    return low - room, high + room


_STEEP = 3.0
_ROUNDING = 1e-12
"""In proportion to a curve's height: less is drawn as level."""


def _shoots_up(values: np.ndarray) -> bool:
    """Has a neighbour but one of the largest value fallen below half of it?"""
    size = np.abs(values)
    k = int(size.argmax())
    return bool(min(size[max(0, k - 2)], size[min(len(size) - 1, k + 2)]) < 0.5 * size[k])


def margin(low: float, high: float, count: int = 4) -> float:
    """px that the numbers of a y axis need at its left."""
    step, ticks = graduated(low, high, count)
    return max((width_of(tick(each, step), SIZE) for each in ticks), default=20.0) + 10


# --- what stands still


def still_svg(plots: Sequence[Plot], width: float, height: float, told: str) -> str:
    """Axes, shaded stretches and curves. told: what the picture is, for who cannot see it."""
    return _svg("fx-still", width, height, "".join(_still(plot, place) for place, plot in enumerate(plots)), told)


def _still(plot: Plot, place: int) -> str:
    box, out = plot.box, []
    for low, high in plot.shaded:
        left, right = box.at(max(low, box.low_x), 0)[0], box.at(min(high, box.high_x), 0)[0]
        if right > left:
            out.append(rect(left, box.top, right - left, box.bottom - box.top, 0, "var(--field)"))
            if plot.shade and right - left > 7 * len(plot.shade):
                y = box.top + 18 if _lies_low(plot, (low + high) / 2) else box.bottom - 10
                out.append(text((left + right) / 2, y, html.escape(plot.shade), SIZE, fill="var(--ink2)"))
    step, ticks = graduated(box.low_y, box.high_y, 4 if box.bottom - box.top > 110 else 3)
    for each in ticks:
        y = box.at(0, each)[1]
        bold = abs(each) < step / 2
        out.append(line((box.left, y), (box.right, y), "var(--edge)" if bold else "var(--hair)", 1))
        out.append(text(box.left - 8, y + 5, tick(each, step), SIZE, "end", "var(--ink2)"))
    step, ticks = graduated(box.low_x, box.high_x, 6 if box.right - box.left > 300 else 4)
    for each in ticks:
        x = box.at(each, 0)[0]
        if abs(each) < step / 2 and box.low_x < -step / 2:
            out.append(line((x, box.top), (x, box.bottom), "var(--edge)", 1))
        if plot.numbered:
            out.append(text(x, box.bottom + 18, tick(each, step), SIZE, "middle", "var(--ink2)"))
    if plot.title:
        out.append(text(box.left, box.top - 8, plot.title, LABEL + 1, "start", more=HALO))
    if plot.below:
        out.append(
            text(
                box.right + (16 if abs(box.high_x / step - round(box.high_x / step)) < 1e-6 else 9),
                box.bottom + 18,
                plot.below,
                LABEL + 1,
                "start",
                more=HALO,
            )
        )
    clip = f"fx-clip-{place}"
    out.append(
        f'<clipPath id="{clip}"><rect x="{box.left:.1f}" y="{box.top - 3:.1f}" width="{box.right - box.left:.1f}" height="{box.bottom - box.top + 6:.1f}"/></clipPath><g clip-path="url(#{clip})">'
    )
    for curve in plot.curves:
        dash = ' stroke-dasharray="7 5"' if curve.dashed else ""
        for piece in pieces(curve, box, plot.gaps):
            points = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece)
            out.append(
                f'<polyline points="{points}" style="fill:none;stroke:var(--{curve.hue});stroke-width:3;stroke-linejoin:round"{dash}/>'
            )
    out.append("</g>")
    out.extend(_names(plot))
    return "".join(out)


def _lies_low(plot: Plot, x: float) -> bool:
    """Does the first curve run in the lower half of the box at x?"""
    curve, box = plot.curves[0], plot.box
    y = float(np.interp(min(max(x, box.low_x), box.high_x), curve.x, curve.y))
    return not y > (box.low_y + box.high_y) / 2


def pieces(curve: Curve, box: Box, gaps: Sequence[float] = ()) -> Iterator[list[Point]]:
    """The runs of neighbouring finite points, in px; a line does not run across a gap, nor from below the box to above it."""
    piece: list[Point] = []
    before = math.nan
    high = box.high_y - box.low_y
    for x, y in zip(curve.x.tolist(), curve.y.tolist(), strict=True):
        torn = any(before < gap <= x or before <= gap < x for gap in gaps)
        if piece and not torn and math.isfinite(y):
            last = piece[-1][1]
            now = box.at(x, y)[1]
            torn = (last < box.top - 1 and now > box.bottom + 1) or (last > box.bottom + 1 and now < box.top - 1)
        if (torn or not abs(y) < _LARGEST) and piece:
            if len(piece) > 1:
                yield piece
            piece = []
        if abs(y) < _LARGEST and high:
            piece.append(box.at(x, y))
        before = x
    if len(piece) > 1:
        yield piece


def _names(plot: Plot) -> Iterator[str]:
    """The curves' names beside their right ends, at least a line apart."""
    box = plot.box
    ends = []
    for curve in plot.curves:
        seen = [y for y in curve.y.tolist() if abs(y) < _LARGEST]
        if curve.name and seen:
            y = box.at(0, seen[-1])[1]
            ends.append((min(max(y, box.top + 4), box.bottom - 2), curve))
    ends.sort(key=lambda each: each[0])
    placed: list[float] = []
    for y, _curve in ends:
        placed.append(max(y, placed[-1] + 18) if placed else y)
    over = placed[-1] - (box.bottom - 4) if placed else 0
    if over > 0:
        placed = [y - over for y in placed]
    for y, (_y, curve) in zip(placed, ends, strict=True):
        yield text(box.right + 8, y + 5, html.escape(curve.name), LABEL, "start", f"var(--{curve.hue}-t)", True, HALO)


# --- what follows the point


@dataclass(frozen=True)
class Dot:
    """A point of a curve in the plot of this place; slope: that of its tangent, None for none; hollow: of the dashed curve."""

    plot: int
    y: float
    hue: str
    slope: float | None = None
    hollow: bool = False


def point_svg(plots: Sequence[Plot], x: float, dots: Sequence[Dot], width: float, height: float) -> str:
    """A line through all plots at x, and on it the dots with their tangents."""
    out = []
    for plot in plots:
        if plot.box.low_x <= x <= plot.box.high_x:
            at = plot.box.at(x, plot.box.low_y)[0]
            out.append(line((at, plot.box.top), (at, plot.box.bottom), "var(--ink2)", 1.2, 'stroke-dasharray="3 4"'))
    for dot in dots:
        box = plots[dot.plot].box
        if abs(dot.y) < _LARGEST and dot.slope is not None and math.isfinite(dot.slope):
            out.append(_tangent(box, x, dot))
    for dot in dots:
        box = plots[dot.plot].box
        if math.isnan(dot.y) or not box.low_x <= x <= box.high_x:
            continue
        if not box.low_y <= dot.y <= box.high_y:
            out.append(_beyond(box, x, dot))
            continue
        at, y = box.at(x, dot.y)
        fill, stroke = ("var(--bg)", f"var(--{dot.hue})") if dot.hollow else (f"var(--{dot.hue})", "var(--bg)")
        out.append(f'<circle cx="{at:.1f}" cy="{y:.1f}" r="6.5" style="fill:{fill};stroke:{stroke};stroke-width:2"/>')
    return _svg("fx-point", width, height, "".join(out))


def _tangent(box: Box, x: float, dot: Dot) -> str:
    """So long that it is seen, whatever its steepness: 70 px to both sides, as far as the box goes."""
    assert dot.slope is not None
    px, py = box.at(x, dot.y)
    run = (box.right - box.left) / (box.high_x - box.low_x)
    rise = -dot.slope * (box.bottom - box.top) / (box.high_y - box.low_y)
    if not (math.isfinite(rise) and box.left <= px <= box.right and box.top <= py <= box.bottom):
        return ""
    scale = 70.0 / math.hypot(run, rise)
    ends = []
    for way in (-scale, scale):
        u, v = run * way, rise * way
        across = (box.right - px) / u if u > 0 else (box.left - px) / u
        along = (box.bottom - py) / v if v > 0 else (box.top - py) / v if v < 0 else 1.0
        share = min(1.0, across, along)
        ends.append((px + u * share, py + v * share))
    return line(ends[0], ends[1], "var(--slope)", 3)


def _beyond(box: Box, x: float, dot: Dot) -> str:
    """A point that lies above or below the box: an arrow head at its edge tells which way."""
    at, up = box.at(x, box.low_y)[0], dot.y > box.high_y
    y, tip = (box.top + 8, -9) if up else (box.bottom - 8, 9)
    points = f"{at:.1f},{y + tip:.1f} {at - 7:.1f},{y:.1f} {at + 7:.1f},{y:.1f}"
    fill, stroke = ("var(--bg)", f"var(--{dot.hue})") if dot.hollow else (f"var(--{dot.hue})", "var(--bg)")
    return f'<polygon points="{points}" style="fill:{fill};stroke:{stroke};stroke-width:2"/>'


# --- what the hand holds


def grip_svg(plots: Sequence[Plot], field: str, width: float, height: float, more: str = "") -> str:
    """A transparent area over each plot: where it is pressed or dragged, there `field` of the Place goes."""
    areas = "".join(grip(plot.box, field) for plot in plots)
    return _svg("fx-grip", width, height, areas + more)


def grip(box: Box, field: str, top: float | None = None, tall: float | None = None) -> str:
    y = box.top if top is None else top
    high = box.bottom - box.top if tall is None else tall
    return f'<rect x="{box.left - 8:.1f}" y="{y:.1f}" width="{box.right - box.left + 16:.1f}" height="{high:.1f}" data-drag="{field} {box.low_x:g} {box.high_x:g} {box.left:g} {box.right:g}"/>'


def target_svg(plots: Sequence[Plot], x: float, name: str, width: float, height: float) -> str:
    """A line at the target in each plot, and below the axis with numbers its flag, which is dragged. name: SVG."""
    out = []
    for plot in plots:
        box = plot.box
        if box.low_x <= x <= box.high_x:
            at = box.at(x, box.low_y)[0]
            out.append(line((at, box.top), (at, box.bottom + (24 if plot.numbered else 0)), "var(--upd)", 1.6))
        if plot.numbered and box.low_x <= x <= box.high_x:
            out.append(rect(at - 11, box.bottom + 22, 22, 20, 6, "var(--upd-w)", "var(--upd)", 1.5))
            out.append(text(at, box.bottom + 37, name, LABEL + 1, fill="var(--upd-t)"))
    return _svg("fx-point", width, height, "".join(out))


# --- thumbnails


def thumb_svg(curve: Curve, width: float = 72, height: float = 34) -> str:
    """A curve without axes but for the two lines through 0."""
    low, high = heights([curve.y], (0.0,))
    box = Box(2, width - 2, 2, height - 2, float(curve.x[0]), float(curve.x[-1]), low, high)
    zero = box.at(0, 0)
    out = [line((0, zero[1]), (width, zero[1]), "var(--hair)", 1)]
    if box.low_x < 0 < box.high_x:
        out.append(line((zero[0], 0), (zero[0], height), "var(--hair)", 1))
    thin = Curve(curve.x[::3], curve.y[::3], curve.hue)
    for piece in pieces(thin, box):
        points = " ".join(f"{x:.1f},{min(max(y, 1), height - 1):.1f}" for x, y in piece)
        out.append(f'<polyline points="{points}" style="fill:none;stroke:var(--{curve.hue});stroke-width:2.2"/>')
    return f'<svg viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" aria-hidden="true">{"".join(out)}</svg>'


def _svg(name: str, width: float, height: float, inside: str, told: str = "") -> str:
    said = f'role="img" aria-label="{html.escape(told, quote=True)}"' if told else 'aria-hidden="true"'
    return f'<svg class="{name}" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" {said}>{inside}</svg>'
