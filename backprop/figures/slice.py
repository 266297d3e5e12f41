"""One weight: the loss as it alone moves, its tangent where it stands, and the step that descent takes from there."""

from __future__ import annotations

import html
import math
from typing import NamedTuple

import numpy as np

from backprop.figures.axes import SIZE, Box, graduated, tick
from backprop.figures.marks import HALO, Point, between, line, text

Array = np.ndarray


class Slice(NamedTuple):
    """values, losses (P,): the loss with the weight put to each value · at: where it stands, loss: the loss there · slope: of the tangent ·
    new, loss_new: where the update puts this weight alone, and the loss there; None where it stays
    """

    values: Array
    losses: Array
    at: float
    loss: float
    slope: float
    new: float | None
    loss_new: float | None


def slice_svg(
    shown: Slice, name: str, slope: str, step: str, title: str, width: float = 548, height: float = 216
) -> str:
    """The plot, in px. name: of the weight, as SVG text · slope, step: what stands at the tangent and at the step, as SVG text · title: for who cannot see it"""
    box = _box(shown, width, height)
    out = [*_grid(box, height, name)]
    clip = f'<clipPath id="slice"><rect x="{box.left:.1f}" y="{box.top - 8:.1f}" width="{box.right - box.left:.1f}" height="{box.bottom - box.top + 9:.1f}"/></clipPath>'
    curve = _pieces(shown, box)
    drawn = "".join(
        f'<polyline points="{piece}" style="fill:none;stroke:var(--loss);stroke-width:2.6"/>' for piece in curve
    )
    tangent = _tangent(shown, box)
    if tangent:
        drawn += line(*tangent, "var(--bwd)", 2.4)
    out.append(f'{clip}<g clip-path="url(#slice)">{drawn}</g>')
    out.append(_step(shown, box, step))
    if tangent:
        out.append(_slope_label(shown, box, tangent, slope))
    return f'<svg class="slice" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'


def _box(shown: Slice, width: float, height: float) -> Box:
    seen = [
        *shown.losses[np.isfinite(shown.losses)].tolist(),
        *(v for v in (shown.loss, shown.loss_new) if v is not None and math.isfinite(v)),
    ]
    seen = [min(max(v, -1e300), 1e300) for v in seen]
    low, high = min(0.0, *seen, 0.0), max(0.0, *seen, 0.0)
    high = high + 0.16 * (high - low) or 1.0
    return Box(
        52, width - 8, 10, height - 26, float(shown.values[0]), float(shown.values[-1]), low - 0.12 * (high - low), high
    )


def _grid(box: Box, height: float, name: str) -> list[str]:
    out = []
    step, marks = graduated(max(0.0, box.low_y) if box.low_y > 0 else box.low_y, box.high_y, 3)
    for value in marks:
        y = box.at(box.low_x, value)[1]
        if value >= 0 or box.low_y < -step:
            out.append(line((box.left, y), (box.right, y), "var(--hair)" if value else "var(--edge)", 1))
            out.append(text(box.left - 7, y + 5, tick(value, step), SIZE, "end", "var(--ink2)"))
    step, marks = graduated(box.low_x, box.high_x, 5)
    for value in marks:
        x = box.at(value, box.low_y)[0]
        if x < box.right - 44:
            out.append(text(x, height - 6, tick(value, step), SIZE, "middle", "var(--ink2)"))
    out.append(text(box.right, height - 5, name, 16, "end"))
    return out


def _pieces(shown: Slice, box: Box) -> list[str]:
    """The curve, in pieces where it leaves float64."""
    pieces: list[list[str]] = [[]]
    for value, loss in zip(shown.values.tolist(), shown.losses.tolist(), strict=True):
        if math.isfinite(loss):
            x, y = box.at(value, loss)
            pieces[-1].append(f"{x:.1f},{y:.1f}")
        elif pieces[-1]:
            pieces.append([])
    return [" ".join(piece) for piece in pieces if len(piece) > 1]


def _tangent(shown: Slice, box: Box) -> tuple[Point, Point] | None:
    """A piece of the tangent, 110 px to each side."""
    if not (math.isfinite(shown.slope) and math.isfinite(shown.loss) and math.isfinite(shown.at)):
        return None
    x, y = box.at(shown.at, shown.loss)
    gx, gy = (box.right - box.left) / (box.high_x - box.low_x), (box.bottom - box.top) / (box.high_y - box.low_y)
    dx, dy = gx, -min(max(shown.slope, -1e100), 1e100) * gy
    scale = 110 / math.hypot(dx, dy)
    return (x - dx * scale, y - dy * scale), (x + dx * scale, y + dy * scale)


def _dot(at: Point, fill: str, stroke: str) -> str:
    return f'<circle cx="{at[0]:.1f}" cy="{at[1]:.1f}" r="6" style="fill:{fill};stroke:{stroke};stroke-width:2.4"/>'


def _step(shown: Slice, box: Box, step: str) -> str:
    if not (math.isfinite(shown.at) and math.isfinite(shown.loss)):
        return ""
    here = box.at(shown.at, shown.loss)
    if not box.left <= here[0] <= box.right:
        return ""
    floor = box.at(0, box.low_y)[1] - 9
    out = ""
    if shown.new is None:
        left = here[0] < (box.left + box.right) / 2
        out += line(here, (here[0], floor), "var(--ink2)", 1, 'stroke-dasharray="3 4"')
        x, anchor = (here[0] + 10, "start") if left else (here[0] - 10, "end")
        out += text(x, floor + 5, step, 15, anchor, "var(--upd-t)", bold=True, more=HALO)
    elif math.isfinite(shown.new):
        far = min(max(box.at(shown.new, 0)[0], box.left - 30), box.right + 30)
        if shown.loss_new is not None and math.isfinite(shown.loss_new) and box.left <= far <= box.right:
            there = box.at(shown.new, shown.loss_new)
            out += line(there, (there[0], floor), "var(--ink2)", 1, 'stroke-dasharray="3 4"')
            out += _dot((there[0], max(there[1], box.top)), "var(--bg)", "var(--upd)")
        out += line((here[0], here[1]), (here[0], floor), "var(--ink2)", 1, 'stroke-dasharray="3 4"')
        end = min(max(far, box.left), box.right)
        side = math.copysign(1, end - here[0]) if end != here[0] else 0
        if side:
            reach = abs(end - here[0])
            head = min(9.0, max(4.0, reach))
            out += line((here[0], floor), (end - side * head * 0.6, floor), "var(--upd)", 3)
            out += f'<polygon points="{end:.1f},{floor:.1f} {end - side * head:.1f},{floor - 5:.1f} {end - side * head:.1f},{floor + 5:.1f}" style="fill:var(--upd)"/>'
        long = 0.42 * 15 * len(_bare(step))
        near, far_end = min(here[0], end), max(here[0], end)
        x, anchor = far_end + 10, "start"
        if x + long > box.right + 8:
            x, anchor = (near - 10, "end") if near - 10 - long > box.left else (box.right, "end")
        clear = anchor == "start" or x < near or far_end - near < 60
        drop = 5 if clear else -22  # with room on neither side it stands above the arrow and the curve
        out += text(x, floor + drop, step, 15, anchor, "var(--upd-t)", bold=True, more=HALO)
    return out + _dot(here, "var(--p1)", "var(--bg)")


def _bare(content: str) -> str:
    return "".join(part.partition(">")[2] or part if ">" in part else part for part in content.split("<"))


def _slope_label(shown: Slice, box: Box, tangent: tuple[Point, Point], slope: str) -> str:
    """Above the rising half of the tangent, on the side where the curve is not."""
    upper = min(tangent, key=lambda end: end[1])
    rising = upper is tangent[1] or abs(tangent[0][1] - tangent[1][1]) < 6
    here = between(tangent[0], tangent[1], 0.5)
    x, y = between(here, upper, 0.62)
    long = 0.52 * 15 * len(_bare(slope)) + 12
    x = min(max(x, box.left + (long if rising else 0)), box.right - (0 if rising else long))
    y = min(max(y - 15, box.top + 12), box.bottom - 40)
    return text(x, y, slope, 15, "end" if rising else "start", "var(--bwd-t)", bold=True, more=HALO)
