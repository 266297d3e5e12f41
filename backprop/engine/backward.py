"""The backward pass: the chain rule from the loss to every parameter and to the inputs (Gur-Arie's equations 7 to 17).

Gradients are returned, never stored on the network, so calling it twice gives the same answer twice. The loss of a
batch is the mean over its m samples, so every quantity here carries the 1/m.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backprop.engine.forward import Forward
from backprop.engine.network import Network, Parameters

Array = np.ndarray


class Gradients(NamedTuple):
    """Everything the backward pass computes; index l-1 belongs to computed layer l.

    dL_da, dL_dz (m, n_l) · da_dz (m, n_l), or (m, n_l, n_l) for softmax, index [s, i, j] = da_i/dz_j
    dL_dW (n_l, n_{l-1}) · dL_db (n_l,), or (1,) where tied, or None without biases · dL_dx (m, n_0), or None if not asked for
    """

    dL_da: list[Array]
    da_dz: list[Array]
    dL_dz: list[Array]
    dL_dW: list[Array]
    dL_db: list[Array | None]
    dL_dx: Array | None


def backward(
    network: Network,
    parameters: Parameters,
    passed: Forward,
    T: Array,
    inputs: bool = True,
    biases: bool = True,
    story: bool = True,
) -> Gradients:
    """All gradients of the mean loss, with the parameters as they are before the update. T (m, n_L).

    The parameters may have leading axes as forward() takes them, b then (…, 1, n_l): so have the gradients, dL_db (…, 1, n_l) too.
    With inputs=False the gradient with respect to X is left out, with biases=False that of the biases: who only trains
    needs the first never, and the second not where biases stay as they are. With story=False dL_da and da_dz of a fused output
    are left out (None), which no other gradient is made of.
    """
    m = len(T)
    depth = network.depth
    z, a = passed
    none: Array = None  # type: ignore[assignment]
    dL_da = [none] * depth
    da_dz, dL_dz, dL_dW = list(dL_da), list(dL_da), list(dL_da)
    dL_db: list[Array | None] = [None] * depth
    fused = network.fused
    arriving = network.loss.slope_at(z[-1], a[-1], T) / m if story or not fused else none
    for l in range(depth - 1, -1, -1):
        activation, at_fused = network.activations[l], fused and l == depth - 1
        slope = activation.slope_at(z[l], a[l + 1]) if story or not at_fused else none
        if at_fused:
            error = network.loss.fused_at(z[-1], a[-1], T) / m  # type: ignore[misc]
        elif activation.vector:
            error = np.einsum("...si,...sij->...sj", arriving, slope)
        else:
            error = arriving * slope
        dL_da[l], da_dz[l], dL_dz[l] = arriving, slope, error
        dL_dW[l] = error.mT @ a[l]
        b = parameters.b[l]
        if biases and b is not None:
            per_unit = error.sum(axis=-2, keepdims=b.ndim > 1)
            dL_db[l] = per_unit if b.shape[-1] == per_unit.shape[-1] else per_unit.sum(axis=-1, keepdims=True)
        if l or inputs:
            arriving = error @ parameters.W[l]
    return Gradients(dL_da, da_dz, dL_dz, dL_dW, dL_db, arriving if inputs else None)
