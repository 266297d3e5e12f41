"""Where a run stops: at the first iteration whose loss is small enough, or changes by little enough.

A loss that leaves float64 is told too, but is no reason to stop: a later one may come back, as when a large weight shrinks.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

Array = np.ndarray

RULES = ("below", "still")


class Stop(NamedTuple):
    """iteration: the first at which the rule holds · rule: one of RULES."""

    iteration: int
    rule: str


def stop(losses: Array, below: float = 0.0, still: float = 0.0) -> Stop | None:
    """The first iteration whose loss is smaller than `below`, or was changed by less than `still` by the update before it.

    losses (n + 1,): of iterations 0…n, inf and nan allowed; they meet no rule. 0 is a rule that never holds. Where both hold
    at the same iteration, it is `below`. None where none does.
    """
    found = []
    with np.errstate(all="ignore"):
        for rule, holds, first in (
            ("below", (losses < below) & (below > 0), 0),
            ("still", np.abs(np.diff(losses)) < still, 1),
        ):
            at = int(holds.argmax()) if len(holds) else 0
            if len(holds) and holds[at]:
                found.append(Stop(at + first, rule))
    return min(found, key=lambda each: each.iteration, default=None)


def lost_from(losses: Array) -> int | None:
    """The iteration from which on no loss of a run is a number of float64; None where the last one is."""
    finite = np.flatnonzero(np.isfinite(losses))
    first = int(finite[-1]) + 1 if len(finite) else 0
    return first if first < len(losses) else None
