"""Zeros, dips, limits and difference quotients of a function of arrays, from numbers alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

Array = np.ndarray
Function = Callable[[Array], Array]

SETTLING = 0.9
"""Three values tend to something if the second step is at most this share of the first; those of a logarithm go on as before."""


def bisected(function: Function, low: Array, high: Array) -> Array:
    """Where the sign changes between low and high, each (k,), halved to neighbouring float64s; exact zeros are met exactly."""
    low, high = np.array(low, dtype=float), np.array(high, dtype=float)
    if not len(low):
        return low
    start = np.sign(function(low))
    for _halving in range(60):
        middle = low + (high - low) / 2
        sign = np.sign(function(middle))
        low, high = np.where(sign == start, middle, low), np.where(sign == start, high, middle)
    return high


def zoomed(function: Function, low: float, high: float) -> tuple[float, float]:
    """(where, value) of the least value between low and high, if there is one dip."""
    at, least = low, np.inf
    for _zoom in range(6):
        points = np.linspace(low, high, 33)
        values = np.where(np.isnan(values := function(points)), np.inf, values)
        k = int(values.argmin())
        if values[k] < least:
            at, least = float(points[k]), float(values[k])
        low, high = points[max(0, k - 1)], points[min(32, k + 1)]
    return at, least


def towards(first: Array, second: Array, third: Array) -> tuple[Array, Array]:
    """(limit, doubt) of three values at steps that shrink tenfold: a number, ±inf, or nan where they tend to nothing.

    The limit is Aitken's, which is exact for any power of the step; doubt is how far the third value is from it.
    """
    one, two = second - first, third - second
    still = np.abs(two) <= 1e-12 * np.abs(third)
    settling = np.abs(two) <= SETTLING * np.abs(one)
    limit = np.where(settling, third - two**2 / np.where(two == one, 1.0, two - one), np.nan)
    growing = ~settling & (np.abs(third) > np.abs(second)) & (np.abs(second) > np.abs(first))
    limit = np.where(growing, np.copysign(np.inf, third), limit)
    limit = np.where(still | np.isinf(third), third, limit)
    doubt = np.where(np.isfinite(limit), np.abs(third - limit), np.inf)
    return np.where(np.abs(limit) <= 0.3 * doubt, np.where(np.isinf(limit), limit, 0.0), limit), doubt


def one_sided(function: Function, places: Array, *steps: Array) -> tuple[Array, Array]:
    """(limit, doubt) of the function at each place, coming from places + step; all (k,). Of several steps the least doubt counts.

    A small step comes nearer; a large one is not drowned in rounding, as (1 − cos z)/z² is at 0.
    """
    best: tuple[Array, Array] | None = None
    for step in steps:
        limit, doubt = towards(*(function(places + share * step) for share in (1.0, 0.1, 0.01)))
        if best is None:
            best = limit, doubt
        else:
            best = np.where(doubt < best[1], limit, best[0]), np.minimum(doubt, best[1])
    assert best is not None
    return best


def at_infinity(function: Function, way: float) -> float:
    """What the function tends to at way·∞ (way ±1): a number, ±inf, or nan where it swings, has no value, or is too slow to tell."""
    spread = np.array([1.0, 1.1, 1.23, 1.37, 1.51, 1.68, 1.84, 2.0])
    near, mid, far = (function(way * size * spread) for size in (1e4, 1e8, 1e12))
    if np.isnan(far).any():
        return float("nan")
    centre = float(far[-1])
    scale = 1e-6 * (1 + abs(centre))
    if np.isfinite(far).all() and np.ptp(far) <= scale and abs(centre - float(mid[-1])) <= 100 * scale:
        return 0.0 if abs(centre) < 1e-9 else float(f"{centre:.12g}")
    if np.isinf(far).all() and len(set(far)) == 1:
        return centre
    grows = np.abs(far).min() > np.abs(mid).max() > np.abs(near).max()
    return float(np.copysign(np.inf, centre)) if grows and len(set(np.sign(far))) == 1 else float("nan")


def difference_quotients(function: Function, points: Array, width: float) -> tuple[Array, Array, Array]:
    """(quotient, rounding, sure), each (k,): central ones, extrapolated, with the step that is best at each point.

    rounding is the quotient's own rounding error; sure where three steps agree, which they do not where the function
    swings faster than they see.
    """
    found = np.full(points.shape, np.nan)
    doubt, rounding = np.full(points.shape, np.inf), np.full(points.shape, np.inf)
    for h in width * np.array([2e-4, 2e-5, 2e-6, 2e-7]):
        at = function(points + h * np.array([[1.0], [-1.0], [0.5], [-0.5], [0.2], [-0.2]]))
        wide, narrow, least = (at[0] - at[1]) / (2 * h), (at[2] - at[3]) / h, (at[4] - at[5]) / (0.4 * h)
        steep = np.maximum(np.abs(at[0] - at[2]), np.abs(at[1] - at[3])) / (0.5 * h)
        noise = 2.0**-50 * (np.abs(at).max(axis=0) + np.abs(points) * steep) / h
        off = np.abs(wide - narrow) + np.abs(narrow - least) + noise
        better = off < doubt
        found, doubt = np.where(better, (4 * narrow - wide) / 3, found), np.where(better, off, doubt)
        rounding = np.where(better, noise, rounding)
    sure = np.isfinite(found) & (doubt <= np.maximum(1e-3 * np.abs(found), 1e6 * rounding))
    return found, rounding, sure
