"""Axes of a plot: round numbers within a range, written as the class writes them, and the box that they measure."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from backprop.explain import numerals
from backprop.figures.marks import Point

Array = np.ndarray

SIZE = 14
"""px of the numbers at an axis."""

LEAST, MOST = 1e-300, 1e300
"""What is smaller or larger than these is drawn at the edge: a plot's range must be a number itself."""

_FACTORS = (1.0, 2.0, 5.0, 10.0)


def round_step(span: float, count: int) -> float:
    """The smallest of 1, 2, 5 times a power of ten of which at most `count` fit into a span > 0."""
    raw = span / count
    unit = 10.0 ** math.floor(math.log10(raw))
    return next(unit * factor for factor in _FACTORS if unit * factor >= raw * (1 - 1e-9))


def round_down(size: float) -> float:
    """The largest of 1, 2, 5 times a power of ten that is not above a size > 0."""
    unit = 10.0 ** math.floor(math.log10(size))
    return max(unit * factor for factor in _FACTORS if unit * factor <= size * (1 + 1e-9))


def graduated(low: float, high: float, count: int = 4) -> tuple[float, list[float]]:
    """(step, round numbers from low to high): about `count` of them, none where the range is empty or not finite."""
    span = high - low
    if not (math.isfinite(span) and span > 1e-300):
        return 1.0, []
    step = round_step(span, count)
    first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
    return step, [step * k for k in range(first, last + 1)]


def tick(value: float, step: float) -> str:
    """A round number with as many decimals as its step has."""
    if abs(value) < step / 2:
        return "0"
    decimals = max(0, -math.floor(math.log10(step) + 1e-9))
    if decimals > 6 or abs(value) >= 1e5:
        return numerals.plain(value, 3)
    return numerals.pointed(f"{value:.{decimals}f}".replace("-", numerals.MINUS))


def heights(y: Array, log: bool) -> Array:
    """Where numbers stand on the axis; nan where a logarithmic one has no place for them."""
    if not log:
        return np.clip(y, -MOST, MOST)
    with np.errstate(all="ignore"):
        return np.where(y > 0, np.log10(np.clip(y, LEAST, MOST)), np.nan)


def marked(low: float, high: float, log: bool, count: int) -> tuple[list[float], list[str]]:
    """(heights of about `count` round numbers between two heights, how they are written). log: heights are powers of ten."""
    if not log:
        step, marks = graduated(low, high, count)
        return marks, [tick(value, step) for value in marks]
    if high - low < 1.9:
        decades = [k + math.log10(digit) for k in range(math.floor(low), math.ceil(high) + 1) for digit in (1, 2, 5)]
        marks = [value for value in decades if low <= value <= high]
        return marks, [numerals.short(float(f"{10**value:.3g}")) for value in marks]
    each = max(1, math.ceil((high - low) / count))
    marks = [float(k) for k in range(math.ceil(low / each) * each, math.floor(high) + 1, each)]
    return marks, [_power(value) for value in marks]


def _power(value: float) -> str:
    return {0: "1", 1: "10"}.get(round(value)) or numerals.ten_to(round(value))


@dataclass(frozen=True)
class Box:
    """A plot's box in px (left, right, top, bottom) and the range that it shows (x from low_x to high_x, y from low_y to high_y)."""

    left: float
    right: float
    top: float
    bottom: float
    low_x: float
    high_x: float
    low_y: float
    high_y: float

    def at(self, x: float, y: float) -> Point:
        """Where a point stands, in px; far outside of the box it is held 10,000 px away."""
        u = (x - self.low_x) / (self.high_x - self.low_x)
        v = (y - self.low_y) / (self.high_y - self.low_y)
        return _held(self.left + (self.right - self.left) * u), _held(self.bottom - (self.bottom - self.top) * v)

    def magnified(self, about: Point, factor: float, centre: Point, radius: float) -> Box:
        """A square box around `centre` that shows what lies around the px-point `about`, `factor` times as large."""
        x, y = about
        reach = radius / factor
        return Box(
            centre[0] - radius,
            centre[0] + radius,
            centre[1] - radius,
            centre[1] + radius,
            self._x(x - reach),
            self._x(x + reach),
            self._y(y + reach),
            self._y(y - reach),
        )

    def _x(self, px: float) -> float:
        return self.low_x + (self.high_x - self.low_x) * (px - self.left) / (self.right - self.left)

    def _y(self, px: float) -> float:
        return self.low_y + (self.high_y - self.low_y) * (self.bottom - px) / (self.bottom - self.top)


def _held(px: float) -> float:
    return min(max(px, -1e4), 1e4)
