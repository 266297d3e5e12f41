"""A gradient on its way back through many layers: how large it is at each of them, and the factors that make it so."""

from __future__ import annotations

import math
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from backprop.engine.activations import Activation
from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.losses import LOSSES
from backprop.engine.network import SCHEMES, Network, initialise
from backprop.runs.sizes import root_mean_squares

Array = np.ndarray


class Layer(NamedTuple):
    """number from 1 · signal: of its activations · slope: of its da/dz · gradient: of its ∂L/∂z, each the root of the mean square over the units ·
    weights: how many times as large a ∂L/∂z of the next layer comes through the weights between, √(units there) · rms of W; nan at the output
    """

    number: int
    signal: float
    slope: float
    gradient: float
    weights: float


class Passage(NamedTuple):
    """One forward and one backward pass; layers from the first to the output.

    by_slopes, by_both: what the gradient would be at each layer if on its way back it were only multiplied by the slopes, or by slopes
    and weights, each product over the layers behind it, begun with the output's own gradient
    """

    layers: tuple[Layer, ...]
    by_slopes: tuple[float, ...]
    by_both: tuple[float, ...]

    @property
    def gradients(self) -> tuple[float, ...]:
        return tuple(layer.gradient for layer in self.layers)

    @property
    def left(self) -> float:
        """What part of the output's gradient is left at layer 1; nan where it has none, or where a number has left float64."""
        first, last = self.layers[0].gradient, self.layers[-1].gradient
        return first / last if last and math.isfinite(first) and math.isfinite(last) else math.nan

    @property
    def factor(self) -> float:
        """By what each layer multiplies on the average: so many times itself, layer after layer, it gives `left`."""
        return self.left ** (1 / (len(self.layers) - 1))

    @property
    def slope(self) -> float:
        """The slopes' part of that factor."""
        return _mean(layer.slope for layer in self.layers[:-1])

    @property
    def weights(self) -> float:
        """The weights' part of it."""
        return _mean(layer.weights for layer in self.layers[:-1])


def root_mean_square(values: Array) -> float:
    """√(mean of v²), also where v² would leave float64."""
    return float(root_mean_squares(values[None])[0])


def _mean(factors) -> float:
    """The geometric mean."""
    known = list(factors)
    if any(math.isnan(each) for each in known):
        return math.nan
    return (
        0.0 if 0 in known else math.exp(sum(map(math.log, known)) / len(known)) if math.inf not in known else math.inf
    )


@lru_cache(maxsize=256)
def passage(row: Activation, deep: int, wide: int, scheme: str, times: float = 1.0, seed: int = 1) -> Passage:
    """A net of `deep` computed layers with `wide` units each, all with one activation; one random sample goes forth and back.

    The weights are those of network.initialise, with `times` its default scale; biases are 0; inputs and targets are N(0, 1); the loss is
    half the squared error. The same arguments give the same numbers. Raises ValueError for an unknown scheme and for a
    vector activation, which has no slope of its own for each unit.
    """
    if row.vector:
        raise ValueError(row.name)
    network = Network((wide,) * (deep + 1), (row,) * deep, LOSSES["half_squared_error"], (True,) * deep)
    start = initialise(network, scheme, SCHEMES[scheme] * times if scheme in SCHEMES else None, seed)
    random = np.random.RandomState([seed, 1])  # not the stream of the weights
    X, T = random.randn(1, wide), random.randn(1, wide)
    with np.errstate(all="ignore"):
        passed = forward(network, start, X)
        found = backward(network, start, passed, T, inputs=False, biases=False)
        layers = tuple(
            Layer(
                l,
                root_mean_square(passed.a[l]),
                root_mean_square(found.da_dz[l - 1]),
                root_mean_square(found.dL_dz[l - 1]),
                math.sqrt(wide) * root_mean_square(start.W[l]) if l < deep else math.nan,
            )
            for l in range(1, deep + 1)
        )
        slopes, both = [layers[-1].gradient], [layers[-1].gradient]
        for layer in layers[-2::-1]:
            slopes.append(slopes[-1] * layer.slope)
            both.append(both[-1] * layer.slope * layer.weights)
    return Passage(layers, tuple(slopes[::-1]), tuple(both[::-1]))
