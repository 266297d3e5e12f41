"""Backpropagation against finite differences. Written from the forward pass alone: nothing of backward.py is used here.

Each parameter and each input is moved by ±h and ±h/2; Richardson's combination of the two central differences leaves
an error of order h⁴. Of several h the one counts whose two differences lie closest together. Where the smaller move disagrees with the larger one by far and a unit sits on a kink of its
activation (ReLU at exactly 0), there is no derivative to agree with: the entry is reported as a kink, not as a failure.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from backprop.engine.forward import forward
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell, Trace, mean_loss

Array = np.ndarray

STEP = 2.0**-9
RELATIVE = 1e-6
ABSOLUTE = 1e-9


@dataclass(frozen=True)
class Comparison:
    """One gradient: by backpropagation, by finite differences, and how far apart they may be.

    verdict: "agrees", "differs" or "kink"
    """

    cell: Cell
    backprop: float
    difference: float
    tolerance: float
    verdict: str


def compare(trace: Trace) -> list[Comparison]:
    """Every dL_dW, dL_db and dL_dx of a trace against finite differences of its mean loss.

    The tolerance is RELATIVE times the largest gradient of the same step, plus ABSOLUTE times the loss (at least 1).
    """
    network = trace.network
    X, T = trace["x", 0].value, trace["t", network.depth].value
    parameters = Parameters(
        tuple(trace["W", l].value for l in range(1, network.depth + 1)),
        tuple(trace["b", l].value if ("b", l) in trace else None for l in range(1, network.depth + 1)),
    )
    rows: list[Comparison] = []
    for step in trace:
        if step.quantity not in ("dL_dW", "dL_db", "dL_dx"):
            continue
        moved = _mover(network, parameters, X, T, step.quantity, step.layer or 0)
        largest = float(np.abs(step.value).max(initial=0.0))
        tolerance = RELATIVE * largest + ABSOLUTE * max(1.0, abs(trace.loss))
        for cell, index in zip(trace.cells(step), np.ndindex(step.value.shape), strict=True):
            backprop = float(step.value[index])
            difference, kinked = _difference(moved, index)
            agrees = abs(backprop - difference) <= tolerance
            rows.append(
                Comparison(
                    cell, backprop, difference, tolerance, "agrees" if agrees else "kink" if kinked else "differs"
                )
            )
    return rows


def _mover(
    network: Network, parameters: Parameters, X: Array, T: Array, quantity: str, layer: int
) -> Callable[[tuple[int, ...], float], tuple[float, list[Array]]]:
    """A function (index, h) → (mean loss, pre-activations) with one number of the chosen array moved by h."""
    k = layer - 1
    start = {"dL_dW": lambda: parameters.W[k], "dL_db": lambda: parameters.b[k], "dL_dx": lambda: X}[quantity]()
    assert start is not None

    def moved(index: tuple[int, ...], h: float) -> tuple[float, list[Array]]:
        array = start.copy()
        array[index] += h
        at, inputs = parameters, X
        if quantity == "dL_dW":
            at = replace(parameters, W=(*parameters.W[:k], array, *parameters.W[k + 1 :]))
        elif quantity == "dL_db":
            at = replace(parameters, b=(*parameters.b[:k], array, *parameters.b[k + 1 :]))
        else:
            inputs = array
        with np.errstate(all="ignore"):
            return mean_loss(network, at, inputs, T), _kinked(network, at, inputs)

    return moved


def _kinked(network: Network, parameters: Parameters, X: Array) -> list[Array]:
    """Of every activation with kinks, on which side of each kink every pre-activation lies (−1, 0, 1)."""
    z = forward(network, parameters, X).z
    return [np.sign(z[l] - kink) for l, activation in enumerate(network.activations) for kink in activation.kinks]


def _difference(
    moved: Callable[[tuple[int, ...], float], tuple[float, list[Array]]], index: tuple[int, ...]
) -> tuple[float, bool]:
    """(dL/dθ by Richardson's central difference, does a kink lie within the smallest reach of the moves?).

    Moves shrink until no unit crosses a kink between them; if one still does at the smallest move, it sits on the kink.
    """
    h = STEP
    for _ in range(4):
        (up, sides_up), (down, sides_down) = moved(index, h), moved(index, -h)
        crossed = any((s != r).any() for s, r in zip(sides_up, sides_down, strict=True))
        if not crossed:
            break
        h /= 16
    wide = (up - down) / (2 * h)
    found = []
    for _narrower in range(3):
        near = (moved(index, h / 2)[0] - moved(index, -h / 2)[0]) / h
        found.append((abs(near - wide), (4 * near - wide) / 3))
        h /= 8
        wide = (moved(index, h)[0] - moved(index, -h)[0]) / (2 * h)
    return min(found)[1], crossed
