"""Two losses over the iterations in one picture: as it should be, and with a slip. Their names stand at the curves.

Where they are decades apart the loss is drawn on a logarithmic axis.
"""

from __future__ import annotations

import html
import math

import numpy as np

from backprop.explain import numerals
from backprop.figures.axes import SIZE, Box, graduated, round_step, tick
from backprop.figures.marks import HALO, Point, line, text
from backprop.language import _

Array = np.ndarray

DECADES = 2.0
"""From so many decades between the largest and the smallest loss on, the axis is logarithmic."""
_PLACES = 200
_WORD = 15
"""px of the words at the curves."""


def two_losses_svg(right: Array, wrong: Array, width: float = 470, height: float = 200) -> str:
    """The losses (n + 1,) of two runs over the same iterations, in px; a curve ends where its loss leaves float64."""
    runs = (right, wrong)
    log = logarithmic(right, wrong)
    left, floor = (52.0 if log else 46.0), height - 22
    low, high = _range(runs, log)
    box = Box(left, width - 6, 8, floor, 0, max(1, len(right) - 1), low, high)
    curves = [_curve(losses, box, log) for losses in runs]
    out = [*_grid(box, log, floor), *_iterations(box, len(right) - 1, height)]
    out += [
        _polyline(curves[0], "var(--loss)", "stroke-width:3"),
        _polyline(curves[1], "var(--neg)", "stroke-width:2.4;stroke-dasharray:8 5"),
    ]
    for losses, curve, hue in zip(runs, curves, ("loss", "neg"), strict=True):
        if not np.isfinite(losses).all() and curve:
            out.append(_cross(curve[-1], hue))
    out += _names(curves, box)
    title = html.escape(_("Loss over iterations, as it should be and with the slip"))
    return f'<svg class="wr-curves" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{title}">{"".join(out)}</svg>'


def logarithmic(*runs: Array) -> bool:
    """Are the losses so far apart that only a logarithmic axis shows them all? Never where one is not above 0."""
    seen = np.concatenate([losses[np.isfinite(losses)] for losses in runs])
    return bool(len(seen) and seen.min() > 0 and math.log10(seen.max()) - math.log10(seen.min()) >= DECADES)


def _range(runs: tuple[Array, Array], log: bool) -> tuple[float, float]:
    seen = np.concatenate([losses[np.isfinite(losses)] for losses in runs])
    if not len(seen):
        return 0.0, 1.0
    if log:
        low, high = math.log10(seen.min()), math.log10(seen.max())
        return low - 0.04 * (high - low), high + 0.04 * (high - low)
    low, high = min(0.0, float(seen.min())), min(float(seen.max()), 1e300)
    return low, high + 0.06 * (high - low) or 1.0


def _curve(losses: Array, box: Box, log: bool) -> list[Point]:
    """Points of a curve, up to where its loss leaves float64."""
    gone = np.flatnonzero(~np.isfinite(losses))
    count = int(gone[0]) if len(gone) else len(losses)
    if not count:
        return []
    places = np.unique(np.linspace(0, count - 1, _PLACES).astype(int))
    return [box.at(float(k), math.log10(losses[k]) if log else float(losses[k])) for k in places]


def _polyline(points: list[Point], stroke: str, look: str) -> str:
    drawn = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{drawn}" style="fill:none;stroke:{stroke};{look};stroke-linejoin:round"/>'


def _cross(at: Point, hue: str) -> str:
    """Here a curve leaves the range of numbers."""
    x, y = at
    look = 'stroke-width="3"'
    return line((x - 6, y - 6), (x + 6, y + 6), f"var(--{hue})", 3, look) + line(
        (x - 6, y + 6), (x + 6, y - 6), f"var(--{hue})", 3, look
    )


def _grid(box: Box, log: bool, floor: float) -> list[str]:
    out = [line((box.left, floor), (box.right, floor), "var(--edge)", 1)]
    if log:
        each = max(1, math.ceil(round_step(box.high_y - box.low_y, 5)))
        marks = [float(k) for k in range(math.ceil(box.low_y / each) * each, math.floor(box.high_y) + 1, each)]
        labels = [numerals.ten_to(int(k)) if k else "1" for k in marks]
    else:
        step, marks = graduated(box.low_y, box.high_y, 3)
        labels = [tick(value, step) for value in marks]
    for value, label in zip(marks, labels, strict=True):
        y = box.at(0, value)[1]
        out.append(line((box.left, y), (box.right, y), "var(--hair)", 1))
        out.append(text(box.left - 6, y + 5, label, SIZE, "end", "var(--ink2)"))
    return out


def _iterations(box: Box, last: int, height: float) -> list[str]:
    middle = [str(last // 2)] if last > 3 else []
    named = html.escape(_("iteration {iteration}").format(iteration=last))
    out = [text(box.left, height - 5, "0", SIZE, "start", "var(--ink2)")]
    out += [text(box.at(float(label), 0)[0], height - 5, label, SIZE, "middle", "var(--ink2)") for label in middle]
    return [*out, text(box.right, height - 5, named, SIZE, "end", "var(--ink2)")]


# --- the names at the curves


def _names(curves: list[list[Point]], box: Box) -> list[str]:
    """Each name where it covers least: above, below or beside its curve, at one of a few places along it."""
    words = (_("as it should be"), _("with the slip"))
    dense = [_dense(curve) for curve in curves]
    taken: list[Array] = []
    out = []
    for mine, (word, hue) in enumerate(zip(words, ("loss", "neg"), strict=True)):
        if not len(dense[mine]):
            continue
        areas = _areas(dense[mine], 0.47 * _WORD * len(word), box)
        best = areas[_costs(areas, dense[mine], dense[1 - mine], taken).argmin()]
        taken.append(best)
        look = f'class="wr-name" {HALO}'
        out.append(
            text(best[0], best[3] - 4, html.escape(word), _WORD, "start", f"var(--{hue}-t)", bold=True, more=look)
        )
    return out


def _dense(curve: list[Point]) -> Array:
    """A curve as points a few px apart, (n, 2)."""
    points = np.array(curve, dtype=float).reshape(-1, 2)
    if not len(points):
        return points
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0.0, along[-1], max(2, int(min(along[-1], 3000) / 4)))
    return np.stack([np.interp(at, along, points[:, 0]), np.interp(at, along, points[:, 1])], axis=1)


def _areas(curve: Array, wide: float, box: Box) -> Array:
    """Where a name may stand inside of the box, (k, 4): left, top, right, bottom."""
    tall, found = _WORD + 4.0, []
    for share in (0.95, 0.85, 0.75, 0.65, 0.55, 0.45, 0.35, 0.25, 0.15, 0.05):
        x, y = curve[int(share * (len(curve) - 1))]
        found += [(x - side * wide, y + away) for side in (0.0, 0.5, 1.0) for away in (-3 - tall, -12 - tall, 3, 12)]
        found += [(x - wide - 10, y - tall / 2), (x + 10, y - tall / 2)]
    corners = np.clip(found, (box.left + 4, box.top - 4), (box.right - wide, box.bottom - tall))
    return np.hstack([corners, corners + np.array([wide, tall])])


def _costs(areas: Array, mine: Array, other: Array, taken: list[Array]) -> Array:
    """How badly a name stands in each area (k, 4): on a curve, on the other name, or nearer to the other curve than to its own."""
    costs = np.zeros(len(areas))
    away = []
    for curve in (mine, other):
        x, y = curve.T[:, None]
        left, top, right, bottom = areas.T[..., None]
        costs += 12 * ((x > left - 3) & (x < right + 3) & (y > top) & (y < bottom)).sum(axis=1)
        away.append(np.hypot(x - (left + right) / 2, y - (top + bottom) / 2).min(axis=1, initial=np.inf))
    for left, top, right, bottom in taken:
        apart = (areas[:, 0] > right + 6) | (areas[:, 2] < left - 6) | (areas[:, 1] >= bottom) | (areas[:, 3] <= top)
        costs += np.where(apart, 0.0, 1000.0)
    return costs + 0.4 * away[0] + np.where(away[1] < away[0] + 8, 60.0, 0.0)
