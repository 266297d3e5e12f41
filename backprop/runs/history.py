"""A lesson's iterations: run() for the whole history, trace() for one iteration with every quantity.

Both are functions of their arguments. Behind them the runs of recent lessons are kept with a checkpoint every
STRIDE iterations, so that stepping back, a reload, or a whole class on the same lesson costs next to nothing.
"""

from __future__ import annotations

from functools import lru_cache
from math import inf
from threading import Lock
from time import perf_counter

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward, sample_losses
from backprop.engine.gradcheck import Comparison, compare
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Trace, record
from backprop.engine.update import update
from backprop.language import _
from backprop.lessons.lesson import Lesson

Array = np.ndarray

STRIDE = 100
MAX_ITERATIONS = 100_000


def descend(
    network: Network, parameters: Parameters, X: Array, T: Array, learning_rate: float, update_biases: bool
) -> tuple[Array, Parameters]:
    """One iteration without its story: (the loss before the update, the parameters after it).

    Parameters with leading axes, as forward() takes them, are as many networks at once: so are the losses.
    """
    passed = forward(network, parameters, X)
    losses = sample_losses(network, passed, T)
    gradients = backward(network, parameters, passed, T, inputs=False, biases=update_biases)
    return losses.sum(axis=-1) / losses.shape[-1], update(parameters, gradients, learning_rate, update_biases)


def _reachable(iteration: int) -> None:
    if not 0 <= iteration <= MAX_ITERATIONS:
        raise ValueError(
            _("Iteration {came} is out of reach; allowed are 0 to {limit}.").format(
                came=iteration, limit=MAX_ITERATIONS
            )
        )


class Run:
    """The iterations 0…n of a lesson: their losses, and the parameters at any of them.

    starts: other starting parameters than the lesson's. With a leading axis P they are as many networks at once, and each
    loss is P numbers.
    """

    def __init__(self, lesson: Lesson, starts: Parameters | None = None) -> None:
        self._lesson, self._lock = lesson, Lock()
        self._losses: list[Array] = []
        self._checkpoints = [starts or lesson.parameters]  # at 0, STRIDE, 2·STRIDE, …
        self._at = self._checkpoints[0]  # after as many updates as there are losses

    def reach(self, iterations: int, seconds: float = inf) -> Run:
        """Compute on until the loss of iteration `iterations` is known, or the seconds are over. Raises ValueError out of reach."""
        _reachable(iterations)
        until = perf_counter() + seconds
        with self._lock, np.errstate(all="ignore"):
            lesson, losses, at = self._lesson, self._losses, self._at
            network, X, T, rate, biases = lesson.network, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases
            while len(losses) <= iterations:
                loss, at = descend(network, at, X, T, rate, biases)
                losses.append(loss)
                if len(losses) % STRIDE == 0:
                    self._checkpoints.append(at)
                    if perf_counter() > until:
                        break
            self._at = at
        return self

    def known(self, most: int = MAX_ITERATIONS) -> int:
        """The last iteration, up to `most`, whose loss is there already; −1 for none."""
        return min(len(self._losses) - 1, most)

    @property
    def loss(self) -> Array:
        """The loss at the start and after each update, (n + 1,); of several networks (n + 1, P)."""
        return np.array(self._losses)

    def losses(self, iterations: int) -> Array:
        """The losses of iterations 0…iterations."""
        return np.array(self.reach(iterations)._losses[: iterations + 1])

    def parameters(self, iteration: int) -> Parameters:
        """The parameters after `iteration` updates. Raises ValueError out of reach."""
        _reachable(iteration)
        self.reach(max(0, iteration - 1))
        lesson = self._lesson
        at = self._checkpoints[iteration // STRIDE]
        with np.errstate(all="ignore"):
            for _again in range(iteration % STRIDE):
                at = descend(lesson.network, at, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases)[1]
        return at


@lru_cache(maxsize=256)
def history(lesson: Lesson) -> Run:
    """The kept run of a lesson; it grows as far as somebody has asked."""
    return Run(lesson)


def run(lesson: Lesson, iterations: int) -> Run:
    """The first `iterations` updates of a lesson: run(lesson, 100).loss has 101 numbers.

    Raises ValueError for a number of iterations that is out of reach.
    """
    return Run(lesson).reach(iterations)


@lru_cache(maxsize=1024)
def trace(lesson: Lesson, iteration: int = 0) -> Trace:
    """Iteration k of a lesson: the state after k updates, and everything computed from it. Raises ValueError out of reach."""
    parameters = history(lesson).parameters(iteration)
    return record(lesson.network, parameters, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases, iteration)


def check(lesson: Lesson, iteration: int = 0) -> list[Comparison]:
    """Every gradient of an iteration, by backpropagation and by finite differences; see engine.gradcheck."""
    return compare(trace(lesson, iteration))
