"""Two parameters of a lesson looked at closely: the way that they go over the iterations, and the loss around them."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from backprop.engine.network import Parameters
from backprop.engine.steps import Cell, Trace, record
from backprop.lessons.lesson import Lesson
from backprop.runs.history import FINE, STRIDE, history, trace
from backprop.runs.landscape import parameters_of
from backprop.runs.surface import surface

Array = np.ndarray

DOTS = 200
"""Iterations of a way that are drawn, at most."""
GRID = 61
"""Values of each of the two on a map."""


def suggested(lesson: Lesson) -> tuple[Cell, Cell]:
    """The two that suggest themselves: the first and the last weight of the last layer that has two; else of the first and last layer, or a bias."""
    for layer in range(lesson.network.depth, 0, -1):
        rows, columns = lesson.network.shape(layer)
        if rows * columns > 1:
            return Cell("W", layer, None, 1, 1), Cell("W", layer, None, rows, columns)
    depth = lesson.network.depth
    if depth > 1:
        return Cell("W", depth, None, 1, 1), Cell("W", 1, None, 1, 1)
    return Cell("W", 1, None, 1, 1), Cell("b", 1, unit=None if lesson.shared_bias else 1)


def learnable(lesson: Lesson) -> list[Cell]:
    """Every weight and bias, layer by layer; a tied bias without its unit."""
    found = []
    for layer in range(1, lesson.network.depth + 1):
        rows, columns = lesson.network.shape(layer)
        found += [Cell("W", layer, None, i, j) for i in range(1, rows + 1) for j in range(1, columns + 1)]
        shape = lesson.network.bias_shape(layer)
        if shape is not None:
            found += [Cell("b", layer, unit=None if lesson.shared_bias else i) for i in range(1, shape[0] + 1)]
    return found


def chosen(lesson: Lesson, first: Cell | None, second: Cell | None) -> tuple[Cell, Cell] | None:
    """The two that were chosen, as far as the lesson has them, filled up by the suggested; None for a network with a single parameter."""
    every = learnable(lesson)
    if len(every) < 2:
        return None
    one, other = suggested(lesson)
    one = first if first in every else one if one in every else every[0]
    other = second if second in every else other
    if other == one or other not in every:
        other = next(each for each in (*suggested(lesson), *every) if each != one and each in every)
    return one, other


def value(parameters: Parameters, cell: Cell) -> float:
    """The number of a weight or bias."""
    layer, unit = (cell.layer or 1) - 1, (cell.unit or 1) - 1
    if cell.quantity == "W":
        return float(parameters.W[layer][unit, (cell.from_unit or 1) - 1])
    b = parameters.b[layer]
    assert b is not None
    return float(b[unit])


@lru_cache(maxsize=256)
def state(lesson: Lesson, iteration: int, only: tuple[Cell, ...] = ()) -> Trace:
    """The trace of an iteration of a run in which only some parameters learn, () for all."""
    if not only:
        return trace(lesson, iteration)
    parameters = history(lesson, only).parameters(iteration)
    return record(lesson.network, parameters, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases, iteration)


def stride(last: int) -> int:
    """How many iterations lie between two dots of a way."""
    return next(each for each in (1, FINE, STRIDE) if last // each <= DOTS or each == STRIDE)


@lru_cache(maxsize=128)
def way(lesson: Lesson, cells: tuple[Cell, Cell], last: int, only: tuple[Cell, ...] = ()) -> Array:
    """Both numbers after 0, stride, 2·stride, … updates, (n, 2), up to iteration `last`."""
    every = range(0, last + 1, stride(last))
    return np.array([[value(at, cell) for cell in cells] for at in history(lesson, only).passed(every)])


@lru_cache(maxsize=64)
def around(
    trace: Trace, cells: tuple[Cell, Cell], frame: tuple[float, float, float, float], count: int = GRID
) -> tuple[Array, Array, Array]:
    """(u (P,), v (P,), loss (P, P)): the loss over a frame of values, everything else as in a trace."""
    u, v = np.linspace(*frame[:2], count), np.linspace(*frame[2:], count)
    X, T = trace["x", 0].value, trace["t", trace.network.depth].value
    return u, v, surface(trace.network, parameters_of(trace), X, T, *cells, u, v)
