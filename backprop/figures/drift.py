"""The loss of the twins over iterations, and below it how far they are from all digits, on a scale of powers of ten."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence

from backprop.explain import numerals
from backprop.figures.axes import Box, graduated, tick
from backprop.figures.marks import HALO, line, text, width_of
from backprop.language import _

SIZE = 14
LEFT, RIGHT, GAP = 44, 10, 30
"""px for the numbers at the axis, at the right end, and between the two plots."""
INKS = {"full": "loss", "up": "p1", "even": "p2"}
"""The hue of each twin, for its words and numbers too."""
_DASH = {"full": "", "up": "", "even": "5 4"}
_DECADES = 4
"""Powers of ten that have a line, at most."""


def drift_svg(
    losses: Sequence[float],
    up: Sequence[float],
    even: Sequence[float],
    apart: Sequence[Sequence[float]],
    here: int,
    places: int,
    width: float = 350,
    height: float = 226,
) -> str:
    """losses, up, even: of iterations 0, 1, …, each as far as it came; apart: |up − losses|, |even − losses|.

    here: the iteration that is marked; places: decimals kept, half a unit of the last of which is the dashed line
    """
    last = max(1, len(losses) - 1)
    top = 18 + (height - GAP - 18 - 20) * 0.5
    upper = _losses((losses, up, even), last, 22, top, width)
    lower = _apart(apart, last, places, top + GAP, height - 20, width)
    x = LEFT + (width - LEFT - RIGHT) * here / last
    mark = line((x, 22), (x, height - 20), "var(--ink2)", 1.2, 'stroke-dasharray="2 3"')
    label = html.escape(
        _("The loss over iterations, with all digits and rounded, and how far they are apart"), quote=True
    )
    return f'<svg class="hr-drift" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{label}">{mark}{upper}{lower}{_feet(last, here, height, width)}{_names(width)}</svg>'


def _names(width: float) -> str:
    """Which line is which: the names in their colours."""
    names = {"full": _("all digits"), "up": _("half up"), "even": _("half even")}
    out, x = [], float(LEFT)
    for key, name in names.items():
        hue = INKS[key]
        out.append(
            line((x, 9), (x + 16, 9), f"var(--{hue})", 2.4, f'stroke-dasharray="{_DASH[key]}"' if _DASH[key] else "")
        )
        out.append(text(x + 21, 14, html.escape(name), SIZE, "start", f"var(--{hue}-t)"))
        x += 36 + 0.98 * width_of(name, SIZE)
    return "".join(out)


def _feet(last: int, here: int, height: float, width: float) -> str:
    """The first, the marked and the last iteration below the plots, and what they are."""
    out = []
    for k in sorted({0, here, last}):
        x = LEFT + (width - LEFT - RIGHT) * k / last
        near = k != here and abs(k - here) / last < 0.08
        if not near:
            out.append(
                text(
                    x,
                    height - 4,
                    str(k),
                    SIZE,
                    "end" if k == last else "middle",
                    None if k == here else "var(--ink2)",
                    k == here,
                )
            )
    return "".join(out)


def _polyline(points: list[tuple[float, float]], key: str, width: float) -> str:
    where = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    dash = f"stroke-dasharray:{_DASH[key]};" if _DASH[key] else ""
    return f'<polyline points="{where}" style="fill:none;stroke:var(--{INKS[key]});stroke-width:{width:g};{dash}stroke-linejoin:round"/>'


def _losses(curves: Sequence[Sequence[float]], last: int, high: float, low: float, width: float) -> str:
    finite = [each for curve in curves for each in curve if math.isfinite(each) and abs(each) < 1e300]
    top = max(finite, default=1.0) or 1.0
    box = Box(LEFT, width - RIGHT, high, low, 0, last, min(0.0, min(finite, default=0.0)), top * 1.06)
    step, ticks = graduated(box.low_y, top, 2)
    out = []
    for each in ticks:
        y = box.at(0, each)[1]
        out.append(line((LEFT, y), (width - RIGHT, y), "var(--hair)", 1))
        out.append(text(LEFT - 6, y + 5, tick(each, step), SIZE, "end", "var(--ink2)"))
    for key, curve, wide in zip(INKS, curves, (4.5, 2, 2), strict=True):
        out.append(_polyline([box.at(k, v) for k, v in enumerate(curve) if math.isfinite(v)], key, wide))
    return "".join(out)


def _apart(apart: Sequence[Sequence[float]], last: int, places: int, high: float, low: float, width: float) -> str:
    half = 0.5 * 10.0**-places
    seen = [each for curve in apart for each in curve if 0 < each < 1e300]
    most = math.log10(max(*seen, half, half)) + 0.35
    least = max(min(math.log10(min(seen, default=half)), math.log10(half) - 1), most - 7)
    box = Box(LEFT, width - RIGHT, high, low, 0, last, least, most)
    out = [line((LEFT, low), (width - RIGHT, low), "var(--edge)", 1)]
    first, end = math.ceil(least), math.floor(most)
    every = max(1, -(-(end - first + 1) // _DECADES))
    for power in range(first, end + 1, every):
        y = box.at(0, power)[1]
        if y > high + 3:
            out.append(line((LEFT, y), (width - RIGHT, y), "var(--hair)", 1))
        out.append(text(LEFT - 6, y + 5, numerals.ten_to(power), SIZE, "end", "var(--ink2)"))
    y = box.at(0, math.log10(half))[1]
    out.append(line((LEFT, y), (width - RIGHT, y), "var(--slope)", 1.6, 'stroke-dasharray="6 4"'))
    for key, curve in zip(("up", "even"), apart, strict=True):
        points = [box.at(k, max(math.log10(v), least) if v > 0 else least) for k, v in enumerate(curve) if v < 1e300]
        out.append(_polyline(points, key, 2))
    word = html.escape(_("apart by"))
    out.append(text(LEFT, high - 8, word, SIZE, "start", "var(--ink2)"))
    word = _("half a unit of the last decimal")
    start = width - RIGHT - 0.86 * width_of(word, SIZE) - 26
    out.append(line((start, high - 13), (start + 20, high - 13), "var(--slope)", 1.6, 'stroke-dasharray="6 4"'))
    out.append(text(width - RIGHT, high - 8, html.escape(word), SIZE, "end", "var(--slope-t)", more=HALO))
    return "".join(out)
