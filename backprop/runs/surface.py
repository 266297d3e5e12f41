"""The loss over two weights (or biases), all others held: a whole grid by one batched forward pass.

What lies before the first of the two is computed once, what lies between them once for each value of the first; from the
second on, every point of the grid is a row of the batch.
"""

from __future__ import annotations

import numpy as np

from backprop.engine.forward import forward, sample_losses
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell

Array = np.ndarray


def surface(
    network: Network, parameters: Parameters, X: Array, T: Array, first: Cell, second: Cell, u: Array, v: Array
) -> Array:
    """The mean loss with the number at `first` put to each of u (P,) and the one at `second` to each of v (Q,) ⇒ (Q, P).

    first, second: different cells of W or b; a tied bias without its unit. What leaves float64 is inf or nan, without a warning.
    """
    if (first.layer or 0) > (second.layer or 0):
        return surface(network, parameters, X, T, second, first, v, u).T
    early, late = (first.layer or 1) - 1, (second.layer or 1) - 1
    with np.errstate(all="ignore"):
        below = forward(_part(network, 0, early), _behind(parameters, 0, early), X).a[-1]  # (m, n)
        if early == late:
            z = _moved(network, parameters, early, below, ((first, u[None, :, None]), (second, v[:, None, None])))
        else:
            z = _moved(network, parameters, early, below, ((first, u[:, None]),))  # (P, m, n)
            between = _above(network, parameters, early, late, z)
            z = _moved(network, parameters, late, between, ((second, v[:, None, None]),))  # (Q, P, m, n)
        rows = np.broadcast_to(z, (len(v), len(u), *z.shape[-2:])).reshape(-1, z.shape[-1])
        T = np.broadcast_to(T, (len(v) * len(u), *T.shape)).reshape(-1, T.shape[-1])
        return _loss(network, parameters, late, rows, T).reshape(len(v), len(u), len(X)).mean(axis=-1)


def _part(network: Network, start: int, end: int) -> Network:
    """Computed layers start + 1 … end as a network of their own."""
    return Network(
        network.sizes[start : end + 1], network.activations[start:end], network.loss, network.biased[start:end]
    )


def _behind(parameters: Parameters, start: int, end: int | None) -> Parameters:
    return Parameters(parameters.W[start:end], parameters.b[start:end])


def _moved(
    network: Network, parameters: Parameters, k: int, below: Array, put: tuple[tuple[Cell, Array], ...]
) -> Array:
    """The pre-activations of a layer with some of its own weights or biases put to other values, which spread over new axes.

    The moved ones are left out of the sum and added to it: nothing else of the layer is computed again.
    """
    W, b = parameters.W[k].copy(), parameters.b[k]
    b = None if b is None else b.copy()
    for cell, _values in put:
        if cell.quantity == "W":
            W[(cell.unit or 1) - 1, (cell.from_unit or 1) - 1] = 0.0
        else:
            assert b is not None
            b[0 if len(b) == 1 else (cell.unit or 1) - 1] = 0.0
    z = below @ W.mT
    z = z if b is None else z + b
    shape = np.broadcast_shapes(z.shape[:-1], *(values.shape for _cell, values in put))
    z = np.array(np.broadcast_to(z, (*shape, z.shape[-1])))
    for cell, values in put:
        if cell.quantity == "W":
            z[..., (cell.unit or 1) - 1] += values * below[..., (cell.from_unit or 1) - 1]
        elif cell.unit is None or (b is not None and len(b) == 1):
            z += values[..., None]
        else:
            z[..., cell.unit - 1] += values
    return z


def _above(network: Network, parameters: Parameters, k: int, end: int, z: Array) -> Array:
    """The activations of layer `end` for pre-activations of layer k + 1."""
    a = network.activations[k].value(z)
    return forward(_part(network, k + 1, end), _behind(parameters, k + 1, end), a).a[-1]


def _loss(network: Network, parameters: Parameters, k: int, z: Array, T: Array) -> Array:
    """The loss of each row of pre-activations of layer k + 1."""
    a = network.activations[k].value(z)
    if k == network.depth - 1:
        return network.loss.term_at(z, a, T).sum(axis=-1)
    tail = _part(network, k + 1, network.depth)
    return sample_losses(tail, forward(tail, _behind(parameters, k + 1, None), a), T)
