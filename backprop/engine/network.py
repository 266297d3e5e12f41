"""A network without its numbers, and the numbers: layer sizes, activations and loss; weights and biases."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.losses import Loss
from backprop.language import _

Array = np.ndarray


@dataclass(frozen=True)
class Network:
    """sizes (n_0, …, n_L) from inputs to outputs; an activation per computed layer; the loss.

    biased      per computed layer: does it have biases?
    shared_bias one bias number for a whole layer, as the fourth article draws it
    """

    sizes: tuple[int, ...]
    activations: tuple[Activation, ...]
    loss: Loss
    biased: tuple[bool, ...]
    shared_bias: bool = False

    @property
    def depth(self) -> int:
        """L, the number of computed layers."""
        return len(self.sizes) - 1

    def shape(self, layer: int) -> tuple[int, int]:
        """The shape of W of a layer (1…L): (receiving units, sending units)."""
        return self.sizes[layer], self.sizes[layer - 1]

    def bias_shape(self, layer: int) -> tuple[int, ...] | None:
        """(n_l,), or (1,) where the layer's biases are one number, or None where it has none."""
        if not self.biased[layer - 1]:
            return None
        return (1,) if self.shared_bias else (self.sizes[layer],)

    @property
    def fused(self) -> bool:
        """Is ∂L/∂z of the output one formula (sigmoid with binary cross-entropy, softmax with cross-entropy)?"""
        return self.loss.needs is not None and self.loss.needs == self.activations[-1].name


@dataclass(frozen=True)
class Parameters:
    """Weights and biases of every computed layer, read-only float64 arrays.

    W[l-1] (n_l, n_{l-1}): a row per receiving unit, as in PyTorch's Linear.weight
    b[l-1] (n_l,), or (1,) where tied, or None
    """

    W: tuple[Array, ...]
    b: tuple[Array | None, ...]


def frozen(array: Array) -> Array:
    """The same array, no longer writable."""
    array.setflags(write=False)
    return array


def parameters(
    weights: Sequence[Sequence[Sequence[float]]], biases: Sequence[Sequence[float] | None], shared_bias: bool = False
) -> Parameters:
    """Parameters from nested lists; tied biases keep one of their equal numbers."""
    return Parameters(
        tuple(frozen(np.array(w, dtype=float)) for w in weights),
        tuple(None if b is None else frozen(np.array(b[:1] if shared_bias else b, dtype=float)) for b in biases),
    )


SCHEMES: dict[str, float] = {"normal": 0.01, "uniform": 0.5, "xavier": 1.0, "he": 1.0, "zeros": 1.0}
"""Initialisation schemes with their default scale s.

normal: s·N(0, 1), with 0.01 the fifth article's · uniform: s·U(−1, 1) · xavier: s·√(2/(n_in + n_out))·N(0, 1) (Glorot and
Bengio 2010) · he: s·√(2/n_in)·N(0, 1) (He et al. 2015) · zeros: all 0.
"""


def initialise(network: Network, scheme: str, scale: float | None = None, seed: int = 1) -> Parameters:
    """Drawn weights and zero biases; the same seed gives the same numbers.

    Draws come from numpy.random.RandomState(seed): W of layer 1 first, then layer 2 and so on, each in C order.
    Raises ValueError for an unknown scheme.
    """
    if scheme not in SCHEMES:
        raise ValueError(
            _("“{came}” is not an initialisation; allowed are {allowed}.").format(
                came=scheme, allowed=", ".join(SCHEMES)
            )
        )
    scale = SCHEMES[scheme] if scale is None else scale
    random = np.random.RandomState(seed)
    weights = []
    for layer in range(1, network.depth + 1):
        rows, columns = network.shape(layer)
        if scheme == "zeros":
            draw = np.zeros((rows, columns))
        elif scheme == "uniform":
            draw = scale * random.uniform(-1.0, 1.0, (rows, columns))
        else:
            spread = {"normal": 1.0, "xavier": math.sqrt(2 / (rows + columns)), "he": math.sqrt(2 / columns)}[scheme]
            draw = random.randn(rows, columns) * (scale * spread)
        weights.append(frozen(draw))
    shapes = (network.bias_shape(layer) for layer in range(1, network.depth + 1))
    return Parameters(tuple(weights), tuple(None if shape is None else frozen(np.zeros(shape)) for shape in shapes))
