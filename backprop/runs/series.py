"""A run's parameters at chosen iterations as stacked arrays, and how large the gradients are there: by one backward pass.

The parameters come from the checkpoints of the kept run, each block of STRIDE iterations walked once and kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import groupby

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward
from backprop.engine.network import Parameters
from backprop.engine.steps import Cell
from backprop.lessons.lesson import Lesson
from backprop.runs import abreast
from backprop.runs.history import STRIDE, descend, history
from backprop.runs.pair import learnable
from backprop.runs.sizes import lengths

Array = np.ndarray

MOST = 200
"""Iterations that a drawing samples, about."""
_SPACED = (1, 2, 4, 5, 10, 20, 25, 50)
"""Divisors of STRIDE: with them a block is entered at its checkpoint."""


def sampled(last: int, most: int = MOST) -> tuple[int, ...]:
    """About `most` of the iterations 0…last, evenly, the first and last among them; all, where there are no more.

    Where some are left out they come in neighbouring pairs, so that a drawing shows a number that swings to and fro.
    """
    if last < most:
        return tuple(range(last + 1))
    pairs = most // 2
    hundreds = -(-last // (pairs * STRIDE)) * STRIDE
    space = next((each for each in _SPACED if last <= each * pairs), hundreds)
    return tuple(sorted({last, *(k + j for k in range(0, last, space) for j in (0, 1))}))


def stacked(lesson: Lesson, iterations: Sequence[int]) -> Parameters:
    """The parameters at some iterations, rising, with a leading axis: W (P, n_l, n_{l-1}), b (P, 1, n_l) or (P, 1, 1) where tied.

    Raises ValueError for an iteration out of reach.
    """
    rows = [
        each
        for block, some in groupby(iterations, lambda k: k // STRIDE)
        for each in _within(lesson, block, tuple(k % STRIDE for k in some))
    ]
    return abreast.stacked(rows)


def walked(lesson: Lesson, iterations: int, chunk: int = 500) -> Iterator[tuple[int, Parameters]]:
    """The parameters of iterations 0…iterations, a chunk at a time, and the first iteration of each; nothing is kept."""
    at = lesson.parameters
    for first in range(0, iterations + 1, chunk):
        rows = []
        for _each in range(min(chunk, iterations + 1 - first)):
            rows.append(at)
            at = _next(lesson, at)
        yield first, abreast.stacked(rows)


def norms(lesson: Lesson, parameters: Parameters) -> Array:
    """‖∂L/∂W‖ of each layer, the root of the sum of squares, at stacked parameters: (L, P). inf or nan where it leaves float64."""
    network = lesson.network
    with np.errstate(all="ignore"):
        passed = forward(network, parameters, lesson.X)
        gradients = backward(network, parameters, passed, lesson.T, inputs=False, biases=False).dL_dW
        return np.array([lengths(each) for each in gradients])


def numbers(lesson: Lesson, layer: int) -> tuple[Cell, ...]:
    """Every weight of a layer, row by row, then its biases; a tied one without a unit."""
    return tuple(cell for cell in learnable(lesson) if cell.layer == layer)


def columns(parameters: Parameters, layer: int) -> Array:
    """A layer's numbers at stacked parameters, in the order of `numbers`: (P, count)."""
    W, b = parameters.W[layer - 1], parameters.b[layer - 1]
    flat = W.reshape(len(W), -1)
    return flat if b is None else np.concatenate([flat, b.reshape(len(b), -1)], axis=1)


@lru_cache(maxsize=256)  # up to 0.5 MB each
def _within(lesson: Lesson, block: int, offsets: tuple[int, ...]) -> tuple[Parameters, ...]:
    """The parameters at STRIDE·block plus each offset, rising."""
    return tuple(history(lesson).passed([STRIDE * block + offset for offset in offsets]))


def _next(lesson: Lesson, at: Parameters) -> Parameters:
    with np.errstate(all="ignore"):
        return descend(lesson.network, at, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases)[1]
