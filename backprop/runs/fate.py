"""What becomes of a loss in the long run."""

from __future__ import annotations

import numpy as np

from backprop.engine.steps import Cell, Trace

Array = np.ndarray

TAIL = 0.1
_STEADY, _SWING = 1e-3, 1e-2
_NOTHING = 1e-12
"""A loss below this share of the first one is as good as 0, and what it still does is rounding."""


def lost(losses: Array) -> int | None:
    """The first iteration whose loss has left float64; None where all are numbers."""
    gone = np.flatnonzero(~np.isfinite(losses))
    return int(gone[0]) if len(gone) else None


def trend(losses: Array) -> str:
    """What a loss does over the last tenth of its iterations: "lost", "falls", "rises", "swings" or "still"."""
    if lost(losses) is not None:
        return "lost"
    tail = losses[-max(2, int(len(losses) * TAIL)) :]
    largest = float(np.abs(tail).max())
    if largest <= _NOTHING * abs(float(losses[0])):
        return "still"
    steps = np.diff(tail / largest)
    if steps.max() > _SWING and steps.min() < -_SWING:
        return "swings"
    moved = tail[-1] / largest - tail[0] / largest
    return "still" if abs(moved) <= _STEADY else "falls" if moved < 0 else "rises"


def first_lost(trace: Trace) -> Cell | None:
    """The first number of an iteration, in the order in which they are computed, that lies beyond float64."""
    for step in (*trace.given, *trace):
        gone = np.flatnonzero(~np.isfinite(step.value))
        if len(gone):
            return list(trace.cells(step))[gone[0]]
    return None
