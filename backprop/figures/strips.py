"""Many numbers on a short line: a dot each, and from the smallest to the largest."""

from __future__ import annotations

import html

import numpy as np

from backprop.figures.marks import line

Array = np.ndarray

_EDGE = 7


def reach(many: list[Array]) -> tuple[float, float] | None:
    """The range that all of some numbers share; None if none of them is finite. Never empty."""
    seen = np.concatenate([np.ravel(each) for each in many])
    seen = seen[np.isfinite(seen)]
    if not len(seen):
        return None
    low, high = float(seen.min()), float(seen.max())
    if high / 2 - low / 2 < 1e-12 * max(abs(low), abs(high), 1e-300):
        pad = max(abs(low) / 2, 1e-3)
        return low - pad, high + pad
    return low, high


def strip_svg(values: Array, low: float, high: float, width: float, height: float, hue: str, title: str) -> str:
    """The dots of the values that are finite, on an axis from low to high. title: told to who cannot see it."""
    seen = np.unique(np.ravel(values)[np.isfinite(np.ravel(values))])
    shares = (seen / 2 - low / 2) / (high / 2 - low / 2)  # halves: the range may leave float64
    places = _EDGE + (width - 2 * _EDGE) * shares
    middle = height / 2
    out = [line((_EDGE, middle), (width - _EDGE, middle), "var(--hair)", 2)]
    if len(places):
        out.append(line((places[0], middle), (places[-1], middle), f"var(--{hue})", 3, 'opacity="0.35"'))
    out += [
        f'<circle cx="{x:.1f}" cy="{middle:.1f}" r="4.2" style="fill:var(--{hue});fill-opacity:.6"/>'
        for x in places.tolist()
    ]
    return f'<svg class="strip" viewBox="0 0 {width:g} {height:g}" width="{width:g}" height="{height:g}" role="img" aria-label="{html.escape(title)}">{"".join(out)}</svg>'
