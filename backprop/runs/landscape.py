"""The loss as a function of one number of a trace, everything else held: by forward passes alone, all places in one of them.

A weight, a bias or an input moves the whole network. A pre-activation or an activation is put in the place of the computed
one, and what lies behind it is computed on.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backprop.engine import formula
from backprop.engine.forward import forward, sample_losses
from backprop.engine.losses import Loss
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell, Trace

Array = np.ndarray

MOVABLE = ("W", "b", "x", "z", "a")


def parameters_of(trace: Trace) -> Parameters:
    """The parameters that a trace starts from."""
    layers = range(1, trace.network.depth + 1)
    return Parameters(
        tuple(trace["W", l].value for l in layers),
        tuple(trace["b", l].value if ("b", l) in trace else None for l in layers),
    )


def along(trace: Trace, cell: Cell, values: Array) -> Array:
    """The mean loss with the number at `cell` put to each of `values` (P,) ⇒ (P,). Without a warning inf or nan where it leaves float64.

    cell: of W, b, x, z or a; a tied bias without its unit. Raises KeyError for any other.
    """
    trace.at(cell)  # KeyError for a number that is not there
    if cell.quantity not in MOVABLE:
        raise KeyError(cell)
    with np.errstate(all="ignore"):
        return _along(trace, cell, np.asarray(values, dtype=float))


def _along(trace: Trace, cell: Cell, values: Array) -> Array:
    network, parameters = trace.network, parameters_of(trace)
    X, T = trace["x", 0].value, trace["t", network.depth].value
    layer = cell.layer or 0
    if cell.quantity in ("W", "b"):
        return _moved_parameter(network, parameters, cell, values, X, T)
    rows = _moved_rows(trace[cell.quantity, layer].value, cell, values)  # (P, m, n_l)
    if cell.quantity == "z":
        rows = network.activations[layer - 1].value(rows) if layer < network.depth else rows
    if layer < network.depth:
        tail = Network(
            network.sizes[layer:],
            network.activations[layer:],
            network.loss,
            network.biased[layer:],
            network.shared_bias,
        )
        behind = Parameters(parameters.W[layer:], parameters.b[layer:])
        return sample_losses(tail, forward(tail, behind, rows), T).mean(axis=-1)
    if cell.quantity == "z":
        return network.loss.term_at(rows, network.activations[-1].value(rows), T).sum(axis=-1).mean(axis=-1)
    return _terms_in_a(network.loss, rows, T).sum(axis=-1).mean(axis=-1)


def _moved_parameter(network: Network, parameters: Parameters, cell: Cell, values: Array, X: Array, T: Array) -> Array:
    k = (cell.layer or 0) - 1
    W, b = list(parameters.W), list(parameters.b)
    if cell.quantity == "W":
        W[k] = np.broadcast_to(W[k], (len(values), *W[k].shape)).copy()
        W[k][:, (cell.unit or 0) - 1, (cell.from_unit or 0) - 1] = values
    else:
        row = b[k]
        assert row is not None
        stacked = np.broadcast_to(row, (len(values), 1, len(row))).copy()
        stacked[:, 0, 0 if len(row) == 1 else (cell.unit or 0) - 1] = values
        b[k] = stacked
    moved = Parameters(tuple(W), tuple(b))
    return sample_losses(network, forward(network, moved, X), T).mean(axis=-1)


def _moved_rows(rows: Array, cell: Cell, values: Array) -> Array:
    moved = np.broadcast_to(rows, (len(values), *rows.shape)).copy()
    moved[:, (cell.sample or 0) - 1, (cell.unit or 0) - 1] = values
    return moved


@lru_cache(maxsize=16)
def _in_a(loss: Loss):
    return formula.numeric(loss.term, ("a", "t"))


def _terms_in_a(loss: Loss, a: Array, T: Array) -> Array:
    """The loss's terms from the outputs alone: a cross-entropy's own are computed from z, which an output put in by hand does not have."""
    if not loss.needs:
        return loss.term_at(a, a, T)
    return np.where((T == 0) & (a == 0), 0.0, _in_a(loss)(a, T))


def central(trace: Trace, cell: Cell, steps: Array) -> Array:
    """(L(v + ε) − L(v − ε)) / 2ε for each ε of `steps` (P,) ⇒ (P,), in float64 as it stands, rounding and all."""
    steps = np.asarray(steps, dtype=float)
    at = trace.at(cell)
    losses_at = along(trace, cell, np.concatenate([at + steps, at - steps]))
    with np.errstate(all="ignore"):
        return (losses_at[: len(steps)] - losses_at[len(steps) :]) / (2 * steps)
