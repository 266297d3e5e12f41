"""What can be found out about a function on a range, as plain data: what examined.py finds and a page puts into words."""

from __future__ import annotations

from dataclasses import dataclass

SATURATED = 0.01
"""A tail is saturated where the slope stays below this share of the largest on the range."""
FAR = 1e6
"""So far out a tail is followed."""


@dataclass(frozen=True)
class Gap:
    """Where the function has no finite value: from low to high, or at one place (low == high).

    low_in, high_in  do the ends belong to the gap? ln(z) has none for z ≤ 0, sqrt(z) for z < 0. True at the range's ends
    kind             "undefined" (no real value, over an interval), "pole" (one place, infinite on a side at least),
                     "hole" (one place, finite on both sides), "overflow" (too large for float64, over an interval)
    left, right      what the function tends to at low from the left and at high from the right; ±inf, or nan where
                     there is nothing or it tends to nothing
    """

    low: float
    high: float
    low_in: bool
    high_in: bool
    kind: str
    left: float
    right: float


@dataclass(frozen=True)
class Kink:
    """A place where the function is continuous and has no derivative.

    left, right  the slopes on its sides; ±inf for a vertical tangent, nan where the function ends (sqrt(z) at 0)
    used         the slope that the app takes there
    """

    at: float
    left: float
    right: float
    used: float


@dataclass(frozen=True)
class Jump:
    """A place where the values on both sides are finite and different."""

    at: float
    left: float
    right: float


@dataclass(frozen=True)
class Tail:
    """side "left" or "right": from `start` outwards |slope| stays below SATURATED of the largest on the range.

    start may lie outside of the range; flat: the slope is 0 on all of it (ReLU), not only small.
    """

    side: str
    start: float
    flat: bool


@dataclass(frozen=True)
class Agreement:
    """The slope that the app takes, held against central difference quotients, away from gaps, kinks and jumps.

    points      at so many places; 0 where there is none
    at          the place of the largest disagreement; slope and difference are the two numbers there
    relative    |slope − difference| in proportion to the larger of them, and to a million times the difference's own
                rounding error where that is more: 1e-6 can be rounding, 1e-3 is a wrong slope
    missing     so many more have a value on both sides but no finite slope
    """

    points: int
    at: float
    slope: float
    difference: float
    relative: float
    missing: int


@dataclass(frozen=True)
class Examined:
    """A function on low … high, and what becomes of it far out.

    variable         "z" or "a"
    gaps, kinks, jumps   in order from left to right
    agreement        see Agreement
    steepest         the largest |slope| on the range, nothing counted beside a place where it grows without limit;
                     steepest_at is where
    tails            the saturated ones, left first
    lowest, highest  the infimum and supremum on the range, ±inf at a pole; lowest_at, highest_at are where; nan without
                     any finite value
    left, right      what it tends to at −∞ and +∞: a number, ±inf, or nan where it tends to nothing or has no value
    infimum, supremum    over all numbers, seen up to FAR: those of the sigmoid are 0 and 1
    more             there are more than MOST places at which something may happen; only some were looked at
    """

    variable: str
    low: float
    high: float
    gaps: tuple[Gap, ...]
    kinks: tuple[Kink, ...]
    jumps: tuple[Jump, ...]
    agreement: Agreement
    steepest: float
    steepest_at: float
    tails: tuple[Tail, ...]
    lowest: float
    lowest_at: float
    highest: float
    highest_at: float
    left: float
    right: float
    infimum: float
    supremum: float
    more: bool
