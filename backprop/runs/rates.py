"""Learning rates worth comparing: a small one, a large one, and one at which descent fails."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backprop.lessons.lesson import Lesson
from backprop.runs.abreast import Abreast, at_rates, stacked
from backprop.runs.fate import trend

FACTORS = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1e3, 1e4, 1e5, 1e6)
"""Times the lesson's own rate, tried for PROBE iterations."""
PROBE = 200


def _any_rate(lesson: Lesson) -> Lesson:
    """The same for all lessons that differ in their own rate alone."""
    return lesson.changed(learning_rate=0.0)


def suggested(lesson: Lesson, base: float) -> tuple[float, float, float]:
    """(small, large, failing): a tenth of the base; the largest of up to 10 times that still brings the loss down steadily; the smallest
    beyond it at which the loss has hardly fallen where the base has brought it down, or leaves float64, and where there is none 10⁶ times the base.

    base: a learning rate, 0.5 is taken for 0.
    """
    return _suggested(_any_rate(lesson), base or 0.5)


@lru_cache(maxsize=256)
def _suggested(lesson: Lesson, base: float) -> tuple[float, float, float]:
    rates = np.array([base * factor for factor in FACTORS])
    starts = stacked([lesson.parameters] * len(rates))
    runs = Abreast(lesson.network, starts, lesson.X, lesson.T, rates, lesson.update_biases).reach(PROBE)
    losses = runs.losses(PROBE)
    fails = [_fails(row, float(losses[0, -1])) for row in losses]
    first = next((k for k in range(1, len(rates)) if fails[k]), len(rates) - 1)
    steady = [k for k in range(1, first) if FACTORS[k] <= 10 and not fails[k]]
    large = rates[steady[-1]] if steady else base * 1.5
    return _round(base / 10), _round(float(large)), _round(float(rates[first]))


def _round(rate: float) -> float:
    return float(f"{rate:.3g}")


def _fails(losses: np.ndarray, at_base: float) -> bool:
    stuck = losses[-1] > 0.8 * losses[0] and losses[-1] > at_base
    return trend(losses) in ("lost", "rises") or bool(losses[-1] > losses[0] or stuck)


def compared(lesson: Lesson, rates: tuple[float, ...], only=()) -> Abreast:
    """The runs at several rates; equal for all lessons that differ in their own rate alone."""
    return at_rates(_any_rate(lesson), rates, only)
