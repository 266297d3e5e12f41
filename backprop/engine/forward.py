"""The forward pass: z = a W^T + b, a = f(z), layer by layer (Gur-Arie's equations 2 to 5)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from backprop.engine.network import Network, Parameters

Array = np.ndarray


class Forward(NamedTuple):
    """What the forward pass leaves behind.

    z  z[l-1] (m, n_l): pre-activations of computed layer l
    a  a[l] (m, n_l): activations of layer l; a[0] are the inputs
    """

    z: list[Array]
    a: list[Array]


def forward(network: Network, parameters: Parameters, X: Array) -> Forward:
    """One forward pass of a batch. X (m, n_0), samples first.

    X, W and b may have the same leading axes: X (…, m, n_0), W (…, n_l, n_{l-1}), b (…, 1, n_l) are as many batches or
    networks at once.
    """
    z: list[Array] = []
    a = [X]
    for W, b, activation in zip(parameters.W, parameters.b, network.activations, strict=True):
        pre = a[-1] @ W.mT
        if b is not None:
            pre = pre + b
        z.append(pre)
        a.append(activation.value(pre))
    return Forward(z, a)


def sample_losses(network: Network, passed: Forward, T: Array) -> Array:
    """The loss of each sample, (…, m). T (m, n_L)."""
    return network.loss.term_at(passed.z[-1], passed.a[-1], T).sum(axis=-1)
