"""The loss along one number with its tangent: what the gradient predicts for a nudge, and by how much it is wrong.

Where the nudge is too small to be seen beside the curve, a loupe shows its neighbourhood, both axes enlarged alike.
"""

from __future__ import annotations

import html
import math

import numpy as np

from backprop.engine.steps import Cell, Trace
from backprop.explain import numerals, symbols
from backprop.explain.conventions import Convention
from backprop.figures.axes import SIZE, Box, graduated, round_down, tick
from backprop.figures.marks import HALO, Point, between, line, rect, symbol, text, width_of
from backprop.language import _
from backprop.runs.nudge import Nudge, nudged, stretch

SEEN = 30
"""px: a shorter run is shown in the loupe."""

_LARGEST = 1e300
_FLAT = 1e-4
"""Below this share of the loss a change along the whole window is drawn as a flat line."""

_Pieces = list[list[Point]]


def tangent_svg(
    trace: Trace,
    cell: Cell,
    gradient: float,
    nudge: float,
    digits: int,
    convention: Convention,
    width: float = 520,
    height: float = 270,
) -> str:
    """The loss (purple) along the number at `cell`, its tangent (vermilion) and the nudge as a triangle, in px.

    gradient: the loss's derivative by the number; nudge: h. What is not finite is not drawn.
    Raises KeyError for a cell that landscape.along does not move.
    """
    convention, moved = convention.of(trace), nudged(trace, cell, gradient, nudge)
    title = _(
        "The loss along {name} and its tangent; with {name} changed by {nudge} the gradient predicts {predicted}, and the loss changes by {true}"
    ).format(
        name=symbols.text(cell, convention),
        nudge=numerals.plain(nudge, digits, given=True),
        predicted=numerals.plain(moved.predicted, digits),
        true=numerals.plain(moved.true, digits),
    )
    box = _box(trace, cell, moved, width, height)
    inside = _nothing(width, height) if box is None else _plot(trace, cell, moved, box, convention)
    return f'<svg class="fw-tangent" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title, quote=True)}">{inside}</svg>'


def _nothing(width: float, height: float) -> str:
    told = html.escape(_("Here nothing can be drawn: the loss has left the range of the numbers a computer keeps."))
    half = told.rfind(" ", 0, len(told) // 2 + 6)
    return text(width / 2, height / 2 - 10, told[:half], 15, fill="var(--ink2)") + text(
        width / 2, height / 2 + 12, told[half + 1 :], 15, fill="var(--ink2)"
    )


def window(value: float, nudge: float) -> float:
    """How far to both sides of a number the plot reaches: at least 1, as far as 0, and beyond the nudge.

    It grows in steps, so that the curve stands still while a nudge is dragged.
    """
    least = max(1.0, 1.25 * abs(nudge), abs(value))
    unit = 10.0 ** math.floor(math.log10(least))
    return next(unit * k for k in (1.0, 1.5, 2.0, 3.0, 5.0, 7.0, 10.0, 11.0) if unit * k >= least)


def _box(trace: Trace, cell: Cell, moved: Nudge, width: float, height: float) -> Box | None:
    """The box with its ranges; None where there is no finite loss to be drawn."""
    if not (abs(moved.value) < _LARGEST and abs(moved.by) < _LARGEST):
        return None
    half = window(moved.value, moved.by)
    low_x, high_x = moved.value - half, moved.value + half
    _values, losses = stretch(trace, cell, low_x, high_x)
    finite = losses[np.abs(losses) < _LARGEST]
    if not finite.size:
        return None
    low, high = _range([float(each) for each in np.sort(finite)], moved)
    widest = max(
        (width_of(tick(each, step), SIZE) for step, ticks in [graduated(low, high)] for each in ticks), default=30
    )
    return Box(widest + 12, width - 26, 20, height - 26, low_x, high_x, low, high)


def _range(losses: list[float], moved: Nudge) -> tuple[float, float]:
    """From which loss to which the plot reaches. losses: sorted. A curve that shoots up does not press the rest flat."""
    low, high = losses[0], losses[-1]
    most = losses[(3 * len(losses)) // 4]
    if most > low:
        high = min(high, low + 6 * (most - low))
    seen = [each for each in (moved.before, moved.after) if abs(each) < _LARGEST]
    low, high = min([low, *seen]), max([high, *seen])
    along = moved.before + moved.predicted
    if low - 1.5 * (high - low) < along < high + 1.5 * (high - low):
        low, high = min(low, along), max(high, along)
    least = max(_FLAT * max(abs(low), abs(high)), 1e-290)
    if high - low < least:
        middle = (low + high) / 2
        low, high = middle - least / 2, middle + least / 2
    room = 0.08 * (high - low)
    return low - room, high + room


def _plot(trace: Trace, cell: Cell, moved: Nudge, box: Box, convention: Convention) -> str:
    out = [_axes(trace, cell, box, convention)]
    known = abs(moved.before) < _LARGEST and math.isfinite(moved.gradient)
    values, losses = stretch(trace, cell, box.low_x, box.high_x)
    pieces = _pieces(box, values, losses)
    clip = f'<clipPath id="box-{cell.address}">{rect(box.left, box.top, box.right - box.left, box.bottom - box.top, 0, "#000")}</clipPath>'
    run = box.at(moved.value + moved.by, moved.before)[0] - box.at(moved.value, moved.before)[0] if known else 0.0
    near = known and 0 < abs(run) < SEEN
    out.append(f'{clip}<g clip-path="url(#box-{cell.address})">{_drawn(pieces, box, moved, known, not near)}</g>')
    if known and moved.by and not near:
        out.append(_labels(box, moved))
    if near:
        out.append(_loupe(trace, cell, moved, box, pieces, abs(run)))
    return "".join(out)


def _axes(trace: Trace, cell: Cell, box: Box, convention: Convention) -> str:
    out = []
    step, ticks = graduated(box.low_y, box.high_y)
    for each in ticks:
        y = box.at(box.low_x, each)[1]
        out.append(line((box.left, y), (box.right, y), "var(--hair)", 1))
        out.append(text(box.left - 6, y + 5, tick(each, step), SIZE, "end", "var(--ink2)"))
    step, ticks = graduated(box.low_x, box.high_x, 5)
    for each in ticks:
        x = box.at(each, box.low_y)[0]
        out.append(line((x, box.bottom), (x, box.bottom + 4), "var(--edge)", 1))
        if x < box.right - 24:
            out.append(text(x, box.bottom + 18, tick(each, step), SIZE, fill="var(--ink2)"))
    out.append(line((box.left, box.bottom), (box.right, box.bottom), "var(--edge)", 1))
    loss = symbols.named(Cell("loss", trace.network.depth), convention)
    name = symbols.named(cell, convention)
    out.append(text(box.left - 6, 15, symbol(symbols.unicode(loss.letter), loss.below, 16), 16, "end"))
    letter = symbols.unicode(name.letter).replace("Ŷ", "Y\u0302")
    out.append(text(box.right + 6, box.bottom + 18, symbol(letter, name.below, 16), 16, "end"))
    return "".join(out)


def _pieces(box: Box, values: np.ndarray, losses: np.ndarray) -> _Pieces:
    """The curve as lines in px, broken where the loss is not finite."""
    pieces: _Pieces = [[]]
    for value, loss in zip(values.tolist(), losses.tolist(), strict=True):
        if abs(loss) < _LARGEST:
            pieces[-1].append(box.at(value, loss))
        elif pieces[-1]:
            pieces.append([])
    return [piece for piece in pieces if piece]


def _drawn(pieces: _Pieces, box: Box, moved: Nudge, known: bool, nudge: bool) -> str:
    """Curve, tangent and point; with `nudge` the triangle, both points at v + h and the gap between them."""
    out = []
    v, h, before = moved.value, moved.by, moved.before
    there = v + h, before + moved.predicted
    start, corner, end = box.at(v, before), box.at(v + h, before), box.at(*there)
    if known and nudge and h:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in (start, corner, end))
        out.append(f'<polygon points="{points}" style="fill:var(--bwd-w)"/>')
    for piece in pieces:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in piece)
        out.append(
            f'<polyline points="{points}" style="fill:none;stroke:var(--loss);stroke-width:4;stroke-linejoin:round"/>'
        )
    if not known:
        return "".join(out)
    reach = box.high_x - v, box.low_x - v
    ends = [box.at(v + each, before + moved.gradient * each) for each in reach]
    out.append(line(ends[0], ends[1], "var(--bwd)", 1.8))
    if nudge and h:
        out.append(line(start, corner, "var(--bwd)", 2, 'stroke-dasharray="4 4"'))
        out.append(line(corner, end, "var(--bwd)", 3.4))
        if abs(moved.after) < _LARGEST:
            out.append(_gap(end, box.at(v + h, moved.after), 1 if h > 0 else -1))
            out.append(_dot(box.at(v + h, moved.after), "var(--loss)"))
        out.append(_dot(end, "var(--bwd)"))
    out.append(_dot(start, "var(--ink)", 5))
    return "".join(out)


def _gap(predicted: Point, true: Point, side: int) -> str:
    """The error of the prediction, beside the two points."""
    if abs(predicted[1] - true[1]) < 2:
        return ""
    x = predicted[0] + 9 * side
    bar = line((x, predicted[1]), (x, true[1]), "var(--neg)", 3)
    ends = "".join(line((x - 4, y), (x + 4, y), "var(--neg)", 2) for y in (predicted[1], true[1]))
    return bar + ends


def _dot(at: Point, fill: str, radius: float = 4.5) -> str:
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="{radius:g}" style="fill:{fill};stroke:var(--bg);stroke-width:1.5"/>'


def _labels(box: Box, moved: Nudge) -> str:
    """h at the run, "gradient · h" at the rise; where there is no room for a word, none."""
    start, corner = box.at(moved.value, moved.before), box.at(moved.value + moved.by, moved.before)
    end = box.at(moved.value + moved.by, moved.before + moved.predicted)
    below = end[1] < corner[1] or (end[1] == corner[1])
    middle = between(start, corner, 0.5)
    y = middle[1] + 18 if below else middle[1] - 8
    out = []
    if box.top + 12 < y < box.bottom - 2:
        out.append(text(middle[0], y, symbol("h", size=17), 17, fill="var(--bwd-t)", more=HALO))
    rise = min(max((corner[1] + end[1]) / 2, box.top), box.bottom)
    if abs(corner[1] - end[1]) > 14:
        label = html.escape(_("gradient × h"))
        outside = 1 if moved.by > 0 else -1
        edge = box.right if outside > 0 else box.left
        side = outside if abs(edge - corner[0]) > 7.2 * len(label) + 18 else -outside
        anchor = "start" if side > 0 else "end"
        out.append(text(corner[0] + 18 * side, rise + 5, label, 15, anchor, "var(--bwd-t)", more=HALO))
    return "".join(out)


# --- the loupe


def _loupe(trace: Trace, cell: Cell, moved: Nudge, box: Box, pieces: _Pieces, run: float) -> str:
    """The nudge, enlarged by a round number, in the corner that the curve leaves free."""
    radius = 58.0 if box.right - box.left > 400 else 46.0
    factor = round_down(min(1.3 * radius / run, 1e6))
    start = box.at(moved.value, moved.before)
    about = between(start, box.at(moved.value + moved.by, moved.before + moved.predicted), 0.5)
    centre = _corner(box, radius, [each for piece in pieces for each in piece], _tangent_points(box, moved))
    lens = box.magnified(about, factor, centre, radius)
    values, losses = stretch(trace, cell, lens.low_x, lens.high_x, 41)
    drawn = _drawn(_pieces(lens, values, losses), lens, moved, True, True)
    circle = f'cx="{centre[0]:.1f}" cy="{centre[1]:.1f}" r="{radius:g}"'
    side = math.atan2(centre[1] - start[1], centre[0] - start[0])
    ring, rim = 8.0, radius
    handle = line(
        (start[0] + ring * math.cos(side), start[1] + ring * math.sin(side)),
        (centre[0] - rim * math.cos(side), centre[1] - rim * math.sin(side)),
        "var(--edge)",
        1.2,
    )
    times = html.escape(_("{factor} times").format(factor=_written(factor)))
    return (
        f'{handle}<circle cx="{start[0]:.1f}" cy="{start[1]:.1f}" r="{ring:g}" style="fill:none;stroke:var(--edge);stroke-width:1.2"/>'
        f'<clipPath id="lens-{cell.address}"><circle {circle}/></clipPath><circle {circle} style="fill:var(--bg)"/>'
        f'<g clip-path="url(#lens-{cell.address})">{drawn}</g><circle {circle} style="fill:none;stroke:var(--edge);stroke-width:1.6"/>'
        + text(centre[0], centre[1] + radius - 8, times, SIZE, fill="var(--ink2)", more=HALO)
    )


def _written(factor: float) -> str:
    return str(round(factor)) if factor < 1e5 else numerals.plain(factor, 2)


def _tangent_points(box: Box, moved: Nudge) -> list[Point]:
    reach = np.linspace(box.low_x - moved.value, box.high_x - moved.value, 41).tolist()
    return [box.at(moved.value + each, moved.before + moved.gradient * each) for each in reach]


def _corner(box: Box, radius: float, curve: list[Point], tangent: list[Point]) -> Point:
    """The corner of the box in which a circle is farthest from both lines."""
    points = curve + tangent
    corners = [
        (x, y)
        for x in (box.left + radius + 12, box.right - radius - 8)
        for y in (box.top + radius + 4, box.bottom - radius - 8)
    ]
    return max(corners, key=lambda at: min((math.hypot(at[0] - x, at[1] - y) for x, y in points), default=0.0))
