"""How large an array of numbers is, also where its squares would leave float64: the largest is taken out first."""

from __future__ import annotations

import numpy as np

Array = np.ndarray


def lengths(values: Array) -> Array:
    """(P, …) ⇒ (P,): the root of the sum of squares of each; inf or nan where the numbers themselves are."""
    flat, scale = _scaled(values)
    return scale * np.sqrt(np.square(flat).sum(axis=1))


def root_mean_squares(values: Array) -> Array:
    """(P, …) ⇒ (P,): the root of the mean of squares of each; inf or nan where the numbers themselves are."""
    flat, scale = _scaled(values)
    return scale * np.sqrt(np.square(flat).mean(axis=1))


def _scaled(values: Array) -> tuple[Array, Array]:
    """(the sizes (P, count), each row divided by its largest, that largest (P,)); 1 for a largest that is 0 or beyond float64."""
    flat = np.abs(values).reshape(len(values), -1)
    largest = flat.max(axis=1)
    scale = np.where((largest > 0) & np.isfinite(largest), largest, 1.0)
    return flat / scale[:, None], scale
