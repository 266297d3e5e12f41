"""One number of a trace moved by a nudge: what its gradient predicts for the loss, and what the loss does."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.steps import Cell, Trace
from backprop.runs.landscape import along, central

Array = np.ndarray

FINEST = 15
"""The finite difference moves a number by ±10⁻¹ to ±10⁻¹⁵."""


class Nudge(NamedTuple):
    """A number at `value` moved by `by`; the loss before and after, and the gradient before. Any may be inf or nan."""

    value: float
    by: float
    gradient: float
    before: float
    after: float

    @property
    def predicted(self) -> float:
        """gradient × h: by how much the loss changes along the tangent."""
        return self.gradient * self.by if self.by else 0.0

    @property
    def true(self) -> float:
        """L(v + h) − L(v)."""
        return self.after - self.before


@lru_cache(maxsize=512)
def nudged(trace: Trace, cell: Cell, gradient: float, by: float) -> Nudge:
    """The number at `cell` moved by `by`. Raises KeyError for a cell that landscape.along does not move."""
    value = trace.at(cell)
    before, after = along(trace, cell, np.array([value, value + by]))
    return Nudge(value, by, gradient, float(before), float(after))


@lru_cache(maxsize=256)
def stretch(trace: Trace, cell: Cell, low: float, high: float, count: int = 161) -> tuple[Array, Array]:
    """(values, losses), each (count,): the loss with the number put to evenly spaced values from low to high."""
    values = np.linspace(low, high, count)
    return values, along(trace, cell, values)


@lru_cache(maxsize=256)
def differences(trace: Trace, cell: Cell) -> tuple[float, ...]:
    """The finite difference (L(v + ε) − L(v − ε)) / 2ε for ε = 10⁻¹ … 10⁻¹⁵; inf or nan where the loss has left float64."""
    with np.errstate(all="ignore"):
        return tuple(central(trace, cell, 10.0 ** -np.arange(1, FINEST + 1)).tolist())


def descent(trace: Trace, cell: Cell) -> float | None:
    """By how much this iteration's update moves a parameter; None for a number that the update leaves as it is."""
    new = cell._replace(quantity=f"{cell.quantity}_new")
    if cell.quantity not in ("W", "b") or (new.quantity, new.layer) not in trace:
        return None
    gradient = trace.at(cell._replace(quantity=f"dL_d{cell.quantity}"))
    return -float(trace["learning_rate", None].value) * gradient
