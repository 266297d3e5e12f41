"""How closely a file that computes an iteration again must meet the app's numbers, and which of them can be met at all."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

import numpy as np
import sympy as sp

from backprop.engine import activations, formula, losses
from backprop.engine.steps import Step, Trace

RELATIVE = 1e-10
_ROUNDING = 2e-15


def fused_error(trace: Trace, step: Step) -> bool:
    """Is it ∂L/∂a of an output whose loss is computed from z, so that ∂L/∂z does not come from it?"""
    return trace.network.fused and step.quantity == "dL_da" and step.layer == trace.network.depth


def far(trace: Trace, from_: float = losses.SATURATED) -> bool:
    """Does an output of a sigmoid or softmax with its cross-entropy lie so far out that a − t must not be taken apart?"""
    z = trace["z", trace.network.depth].value
    return trace.network.fused and not bool((np.abs(z) <= from_).all())


def comparable(trace: Trace) -> frozenset[int]:
    """The numbers of the steps in which nothing has left float64, nor in any step before: the rest is shown, not compared.

    A typed formula that overflows on its way counts as left: the app follows it (engine/beyond.py), other programs do not.
    """
    found: set[int] = set()
    lost = any(not np.isfinite(step.value).all() for step in trace.given)
    for step in trace:
        here = bool(np.isfinite(step.value).all()) and not strayed(trace, step)
        if here and not lost and step.number is not None:
            found.add(step.number)
        lost = lost or not (here or fused_error(trace, step))
    return frozenset(found)


def strayed(trace: Trace, step: Step) -> bool:
    """Is the step a typed formula, or its slope, that does not arrive there if it is computed in float64 just as it stands?"""
    network, l = trace.network, step.layer or 0
    names: tuple[str, ...]
    match step.quantity:
        case "a" | "da_dz" if isinstance(row := network.activations[l - 1], activations.TypedActivation):
            expr, names, share = (row.formula if step.quantity == "a" else row.slope), ("z",), 1
        case "loss_term" | "dL_da" if l == network.depth and isinstance(loss := network.loss, losses.TypedLoss):
            expr, names = (loss.term if step.quantity == "loss_term" else loss.slope), ("a", "t")
            share = 1 if step.quantity == "loss_term" else trace.samples
        case _:
            return False
    came = _as_typed(expr, names)(*(trace[name, l].value for name in names)) / share
    with np.errstate(all="ignore"):
        return not np.allclose(came, step.value, rtol=RELATIVE, atol=0.0, equal_nan=True)


@lru_cache(maxsize=256)
def _as_typed(expr: sp.Expr, names: tuple[str, ...]) -> Callable[..., np.ndarray]:
    return formula.as_typed(expr, names)


def rounding(trace: Trace) -> dict[int, float]:
    """Per step number: how far apart two correct computations may lie, over and above RELATIVE.

    Sums are taken in another order, and a − t or 1 − a leave only rounding of numbers near 1; so what counts is the
    size of the summands, carried from layer to layer: |W| |a| + |b| on the way there, |δ| |W| on the way back.
    """
    network, m = trace.network, trace.samples
    depth = network.depth
    size: dict[tuple[str, int | None], float] = {}
    came = [_largest(trace["x", 0])]
    for l in range(1, depth + 1):
        W = trace["W", l].value
        bias = _largest(trace["b", l]) if ("b", l) in trace else 0.0
        size["z", l] = came[-1] * _rows(W) + bias
        size["a", l] = _largest(trace["a", l]) + max(1.0, _largest(trace["da_dz", l])) * size["z", l]
        came.append(size["a", l])
    error = size["a", depth] + _largest(trace["t", depth])
    size["loss_term", depth] = size["loss", depth] = _largest(trace["loss", depth]) + error * error
    arriving = max(2.0, _bend(trace)) * error / m
    for l in range(depth, 0, -1):
        slope = max(1.0, _largest(trace["da_dz", l]))
        size["dL_da", l] = arriving + _largest(trace["dL_da", l])
        size["da_dz", l] = slope
        fused = network.fused and l == depth
        size["dL_dz", l] = arriving if fused else slope * size["dL_da", l] * (network.sizes[l] if l == depth else 1)
        size["dL_dW", l] = m * size["dL_dz", l] * came[l - 1]
        size["dL_db", l] = m * size["dL_dz", l] * network.sizes[l]
        arriving = size["dL_dz", l] * _rows(trace["W", l].value.T)
    size["dL_dx", 0] = arriving
    rate = float(trace["learning_rate", None].value)
    for l in range(1, depth + 1):
        size["W_new", l] = _largest(trace["W", l]) + rate * size["dL_dW", l]
        size["b_new", l] = 1.0 + rate * size["dL_db", l]
    return {
        step.number: min(_ROUNDING * size[step.quantity, step.layer], 1e300)
        for step in trace
        if step.number is not None
    }


def _bend(trace: Trace) -> float:
    """How fast the slope of a typed loss changes at the outputs, at most: as |2 (a − t)| does with 2."""
    row, depth = trace.network.loss, trace.network.depth
    if not isinstance(row, losses.TypedLoss):
        return 0.0
    bend = _second(row)(trace["a", depth].value, trace["t", depth].value)
    return float(np.abs(bend[np.isfinite(bend)]).max(initial=0.0))


@lru_cache(maxsize=64)
def _second(row: losses.TypedLoss) -> Callable[..., np.ndarray]:
    bend = sp.diff(row.slope, activations.a).replace(
        sp.DiracDelta, lambda *_at: sp.Integer(0)
    )  # a kink bends nowhere else
    return formula.numeric(bend, ("a", "t"))


def _largest(step: Step) -> float:
    return float(np.abs(step.value).max(initial=0.0))


def _rows(W: np.ndarray) -> float:
    """The largest sum of a row's sizes: by how much the matrix can enlarge a number."""
    return float(np.abs(W).sum(axis=1).max())
