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
) -> tuple[float, Parameters]:
    """One iteration without its story: (the loss before the update, the parameters after it)."""
    passed = forward(network, parameters, X)
    losses = sample_losses(network, passed, T)
    gradients = backward(network, parameters, passed, T, inputs=False, biases=update_biases)
    return losses.sum() / len(losses), update(parameters, gradients, learning_rate, update_biases)


def _reachable(iteration: int) -> None:
    if not 0 <= iteration <= MAX_ITERATIONS:
        raise ValueError(
            _("Iteration {came} is out of reach; allowed are 0 to {limit}.").format(
                came=iteration, limit=MAX_ITERATIONS
            )
        )


class Run:
    """The iterations 0…n of a lesson: their losses, and the parameters at any of them."""

    def __init__(self, lesson: Lesson) -> None:
        self._lesson, self._lock = lesson, Lock()
        self._losses: list[float] = []
        self._checkpoints = [lesson.parameters]  # at 0, STRIDE, 2·STRIDE, …
        self._at = lesson.parameters  # after as many updates as there are losses
        self._rests = False  # does an update change nothing any more?
        self.seconds = 0.0  # of computing so far

    def reach(self, iterations: int, seconds: float = inf) -> Run:
        """Compute on until the loss of iteration `iterations` is known, or the seconds are over. Raises ValueError out of reach.

        Once an update leaves every parameter as it is, to the bit, as in a run whose numbers have all become nan, all
        losses to come are known.
        """
        _reachable(iterations)
        began = perf_counter()
        until = began + seconds
        with self._lock, np.errstate(all="ignore"):
            lesson, losses, at = self._lesson, self._losses, self._at
            network, X, T, rate, biases = lesson.network, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases
            while len(losses) <= iterations and not self._rests:
                before = at
                loss, at = descend(network, at, X, T, rate, biases)
                losses.append(float(loss))
                if len(losses) % STRIDE == 0:
                    self._checkpoints.append(at)
                    self._rests = _same(before, at)
                    if perf_counter() > until:
                        break
            self._at = at
            if self._rests and len(losses) <= iterations:
                losses.extend([losses[-1]] * (iterations + 1 - len(losses)))
            self.seconds += perf_counter() - began
        return self

    def known(self, most: int = MAX_ITERATIONS) -> int:
        """The last iteration, up to `most`, whose loss is there already; −1 for none."""
        return min(len(self._losses) - 1, most)

    @property
    def loss(self) -> Array:
        """The loss at the start and after each update, (n + 1,)."""
        return np.array(self._losses)

    def losses(self, iterations: int) -> Array:
        """The losses of iterations 0…iterations."""
        return np.array(self.reach(iterations)._losses[: iterations + 1])

    def parameters(self, iteration: int) -> Parameters:
        """The parameters after `iteration` updates. Raises ValueError out of reach."""
        _reachable(iteration)
        self.reach(max(0, iteration - 1))
        lesson = self._lesson
        if self._rests and iteration // STRIDE >= len(self._checkpoints):
            return self._at
        at = self._checkpoints[iteration // STRIDE]
        with np.errstate(all="ignore"):
            for _again in range(iteration % STRIDE):
                at = descend(lesson.network, at, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases)[1]
        return at


def _same(before: Parameters, after: Parameters) -> bool:
    """Are two sets of parameters the same to the bit?"""
    pairs = zip((*before.W, *before.b), (*after.W, *after.b), strict=True)
    return all(a is b or (a is not None and b is not None and a.tobytes() == b.tobytes()) for a, b in pairs)


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
