"""Hidden units that are the same unit: who began equal, who still is, bit for bit; and why a layer's weights stand still.

A unit is the numbers that it adds up with (incoming weights and bias) and those that its activation is multiplied with
(outgoing weights). Two units that are equal in all of them may be exchanged without changing anything, so they get equal
gradients and stay equal, in exact arithmetic. On a computer sums may be rounded differently for different units: what is
said here is read from the numbers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.network import Network, Parameters

Array = np.ndarray
Groups = tuple[tuple[int, ...], ...]

LAST_DIGITS = 1e-9
"""Units that began equal and differ by less than this share of their largest number differ in the last digits only."""


class Numbers(NamedTuple):
    """The numbers of a hidden layer's units, a row each: incoming (n_l, n_{l-1}), bias (n_l, 1) or (n_l, 0), outgoing (n_l, n_{l+1})."""

    incoming: Array
    bias: Array
    outgoing: Array

    @property
    def rows(self) -> Array:
        return np.hstack(self)


def numbers(network: Network, parameters: Parameters, layer: int) -> Numbers:
    """The numbers of the units of a hidden layer (1…L−1). A tied bias is every unit's."""
    W, b = parameters.W[layer - 1], parameters.b[layer - 1]
    bias = np.zeros((len(W), 0)) if b is None else np.broadcast_to(b[:, None], (len(W), 1))
    return Numbers(W, bias, parameters.W[layer].T)


def groups(rows: Array) -> Groups:
    """The units, from 1, whose rows (n, k) are equal bit for bit, in groups of two and more; 0 and −0 are one number."""
    found: dict[bytes, list[int]] = {}
    for unit, row in enumerate(np.ascontiguousarray(rows + 0.0), 1):
        found.setdefault(row.tobytes(), []).append(unit)
    return tuple(tuple(units) for units in found.values() if len(units) > 1)


class Twins(NamedTuple):
    """The units of a hidden layer with each other. units: how many · began, now: groups that were equal at the start, and are ·
    sums: groups that at the start had equal incoming weights and biases, outgoing or not · apart: the largest difference now between units that began equal,
    as a share of their largest number
    """

    layer: int
    units: int
    began: Groups
    now: Groups
    sums: Groups
    apart: float

    @property
    def state(self) -> str:
        """alone, equal, nearly (but for the last digits), drifted, met (equal now, not at first), sums or different."""
        if self.units == 1:
            return "alone"
        if self.began:
            kept = set(self.began) <= set(self.now) or self.apart == 0
            return "equal" if kept else "nearly" if self.apart < LAST_DIGITS else "drifted"
        return "met" if self.now else "sums" if self.sums else "different"


def twins(network: Network, start: Parameters, now: Parameters) -> tuple[Twins, ...]:
    """Every hidden layer's units, at the start of a run and after some updates."""
    found = []
    for layer in range(1, network.depth):
        first, rows = numbers(network, start, layer), numbers(network, now, layer).rows
        began = groups(first.rows)
        apart = max((_apart(rows[np.array(group) - 1]) for group in began), default=0.0)
        sums = groups(np.hstack([first.incoming, first.bias]))
        found.append(Twins(layer, len(rows), began, groups(rows), sums, apart))
    return tuple(found)


def _apart(rows: Array) -> float:
    largest = float(np.abs(rows).max(initial=0.0))
    return float(np.ptp(rows, axis=0).max(initial=0.0)) / largest if largest else 0.0


CAUSES = ("incoming", "outgoing", "flat", "error", "cancel")
"""Why all of a layer's ∂L/∂W are exactly 0, the first that holds: what comes in is 0; the weights behind are 0; the slopes are 0; no
error arrives; the samples' parts sum to 0 (or are too small for float64).
"""


class Still(NamedTuple):
    """What an iteration leaves where it is. causes: of each layer (from 1) whose ∂L/∂W are all exactly 0 ·
    biases: the layers whose biases are moved
    """

    causes: dict[int, str]
    biases: tuple[int, ...]


def still(network: Network, parameters: Parameters, X: Array, T: Array, update_biases: bool = True) -> Still:
    """Which weights have no gradient in an iteration from these parameters, and why."""
    with np.errstate(all="ignore"):
        passed = forward(network, parameters, X)
        slopes = backward(network, parameters, passed, T, inputs=False)
    causes: dict[int, str] = {}
    for l in range(network.depth):
        if slopes.dL_dW[l].any():
            continue
        holds = {
            "incoming": not passed.a[l].any(),
            "outgoing": l + 1 < network.depth and not parameters.W[l + 1].any(),
            "flat": not slopes.da_dz[l].any(),
            "error": not slopes.dL_da[l].any() and not slopes.dL_dz[l].any(),
            "cancel": True,
        }
        causes[l + 1] = next(cause for cause in CAUSES if holds[cause])
    moved = tuple(l for l, g in enumerate(slopes.dL_db, 1) if update_biases and g is not None and g.any())
    return Still(causes, moved)
