"""How far the finite difference is from backprop for every ε from 10⁻¹ to 10⁻¹⁵: too coarse on the left, rounding on the right.

Both axes are logarithmic: the error of the coarse side falls with ε², that of rounding rises with 1/ε.
"""

from __future__ import annotations

import html
import math

from backprop.engine.steps import Cell, Trace
from backprop.explain import symbols
from backprop.explain.conventions import Convention
from backprop.figures.axes import SIZE
from backprop.figures.marks import Point, line, text
from backprop.language import _
from backprop.runs.nudge import FINEST, differences

MARGIN = 8
"""px left and right of the first and the last ε: half a slider's thumb, so that a slider of the same width points at its ε."""

_STEEP = 30.0
"""A branch has a word when its end is this many times the smallest error."""


def errors(trace: Trace, cell: Cell, gradient: float) -> list[float]:
    """|finite difference − gradient| for ε = 10⁻¹ … 10⁻¹⁵; nan where the loss has left float64."""
    apart = [abs(each - gradient) for each in differences(trace, cell)]
    return [each if math.isfinite(each) else math.nan for each in apart]


def wiggle_svg(
    trace: Trace,
    cell: Cell,
    gradient: float,
    epsilon: int,
    convention: Convention,
    width: float = 190,
    height: float = 80,
) -> str:
    """|finite difference − backprop| over ε, log-log, the present ε = 10^−epsilon marked; in px.

    Raises KeyError for a cell that landscape.along does not move.
    """
    convention = convention.of(trace)
    found = errors(trace, cell, gradient)
    seen = [each for each in found if each > 0]
    title = html.escape(
        _("How far the finite difference of {name} is from backprop, for smaller and smaller steps").format(
            name=symbols.text(cell, convention)
        ),
        quote=True,
    )
    low, high = (math.log10(min(seen)), math.log10(max(seen))) if seen else (-1.0, 0.0)
    high = max(high, low + 2)
    floor = height - 24

    def at(k: int) -> Point:
        """Where the error of ε = 10^−k stands; no error at all stands on the axis."""
        value = found[k - 1]
        share = (math.log10(value) - low) / (high - low) * 0.86 + 0.1 if value > 0 else 0.0
        return MARGIN + (width - 2 * MARGIN) * (k - 1) / (FINEST - 1), floor - (floor - 6) * share

    known = [k for k in range(1, FINEST + 1) if not math.isnan(found[k - 1])]
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, known))
    out = [line((0, floor), (width, floor), "var(--edge)", 1)]
    out.append(
        f'<polyline points="{points}" style="fill:none;stroke:var(--bwd);stroke-width:1.8;stroke-linejoin:round"/>'
    )
    if epsilon in known:
        x, y = at(epsilon)
        out.append(line((x, floor), (x, y), "var(--bwd)", 1.2, 'stroke-dasharray="3 3"'))
        out.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="5" style="fill:var(--bwd-t);stroke:var(--bg);stroke-width:1.5"/>'
        )
    least = min(seen, default=0.0)
    for k, anchor, x, word in (
        (known[0] if known else 1, "start", 0.0, _("too coarse")),
        (known[-1] if known else 1, "end", width, _("too fine: rounding")),
    ):
        if least and found[k - 1] > _STEEP * least:
            out.append(text(x, height - 7, html.escape(word), SIZE, anchor, "var(--ink2)"))
    return f'<svg class="fw-wiggle" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{title}">{"".join(out)}</svg>'
