"""A lesson's iterations: run() for the whole history, trace() for one iteration with every quantity.

Both are functions of their arguments. Behind them the runs of recent lessons are kept with checkpoints, so that stepping back, a reload, or a whole class on the same lesson costs next to nothing.
"""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from functools import lru_cache
from math import inf
from threading import Lock
from time import perf_counter
from typing import NamedTuple

import numpy as np

from backprop.engine.backward import backward
from backprop.engine.forward import forward, sample_losses
from backprop.engine.gradcheck import Comparison, compare
from backprop.engine.network import Network, Parameters
from backprop.engine.steps import Cell, Trace, record
from backprop.engine.update import update
from backprop.language import _
from backprop.lessons.lesson import Lesson

Array = np.ndarray

FINE, DENSE, STRIDE = 10, 2_000, 100
MAX_ITERATIONS = 100_000
ROOM = 96 * 2**20
"""Bytes that all the kept runs may take together, about."""
FEWEST, MOST = 8, 256
"""Runs that are kept however large they are, and however small."""


def kept(iteration: int) -> bool:
    """Is there a checkpoint: every FINE iterations up to DENSE, every STRIDE after?"""
    return iteration % (FINE if iteration <= DENSE else STRIDE) == 0


class Learning(NamedTuple):
    """1 for each parameter that learns and 0 for each that is held, in the shapes of Parameters."""

    W: tuple[Array, ...]
    b: tuple[Array | None, ...]


def learning(parameters: Parameters, cells: tuple[Cell, ...]) -> Learning | None:
    """Only these weights and biases learn; None for all."""
    if not cells:
        return None
    W, b = [np.zeros(w.shape) for w in parameters.W], [None if v is None else np.zeros(v.shape) for v in parameters.b]
    for cell in cells:
        layer, unit = (cell.layer or 1) - 1, (cell.unit or 1) - 1
        row = W[layer] if cell.quantity == "W" else b[layer]
        assert row is not None
        row[(unit, (cell.from_unit or 1) - 1) if cell.quantity == "W" else unit] = 1.0
    return Learning(tuple(W), tuple(b))


def descend(
    network: Network,
    parameters: Parameters,
    X: Array,
    T: Array,
    learning_rate: float | Array,
    update_biases: bool,
    only: Learning | None = None,
) -> tuple[Array, Parameters]:
    """One iteration without its story: (the loss before the update, the parameters after it).

    As many networks at once as the parameters' leading axes hold (engine.forward), each with its learning rate (…, 1, 1).
    """
    passed = forward(network, parameters, X)
    losses = sample_losses(network, passed, T)
    gradients = backward(network, parameters, passed, T, inputs=False, biases=update_biases, story=False)
    if only is not None:
        gradients = gradients._replace(
            # chosen, not multiplied: a gradient beyond float64 times 0 is no 0
            dL_dW=[np.where(m, g, 0.0) for g, m in zip(gradients.dL_dW, only.W, strict=True)],
            dL_db=[
                None if g is None or m is None else np.where(m, g, 0.0)
                for g, m in zip(gradients.dL_db, only.b, strict=True)
            ],
        )
    return losses.sum(axis=-1) / losses.shape[-1], update(parameters, gradients, learning_rate, update_biases)


def _reachable(iteration: int) -> None:
    if not 0 <= iteration <= MAX_ITERATIONS:
        raise ValueError(
            _("Iteration {came} is out of reach; allowed are 0 to {limit}.").format(
                came=iteration, limit=MAX_ITERATIONS
            )
        )


class Run:
    """The iterations 0…n of a lesson: their losses, and the parameters at any of them. only: the parameters that learn, () for all."""

    def __init__(self, lesson: Lesson, only: tuple[Cell, ...] = ()) -> None:
        self._lesson, self._lock, self._only = lesson, Lock(), learning(lesson.parameters, only)
        self._losses = array("d")
        self._checkpoints = {0: lesson.parameters}
        self._at = lesson.parameters  # after as many updates as there are losses
        self._rests: int | None = None  # the iteration from which on an update changes nothing any more
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
            only = self._only
            while len(losses) <= iterations and self._rests is None:
                before = at
                loss, at = descend(network, at, X, T, rate, biases, only)
                losses.append(float(loss))
                if len(losses) % FINE == 0:
                    rests = same(before, at)
                    if kept(len(losses)) or rests:
                        self._checkpoints[len(losses)] = at
                    if rests:
                        self._rests = len(losses)
                    if perf_counter() > until:
                        break
            self._at = at
            if len(losses) <= iterations and self._rests is not None:
                losses.extend(array("d", [losses[-1]]) * (iterations + 1 - len(losses)))
            self.seconds += perf_counter() - began
        return self

    def known(self, most: int = MAX_ITERATIONS) -> int:
        """The last iteration, up to `most`, whose loss is there already; −1 for none."""
        return min(len(self._losses) - 1, most)

    @property
    def loss(self) -> Array:
        """The loss at the start and after each update, (n + 1,)."""
        return np.array(self._losses[:])  # a copy: what numpy reads cannot grow meanwhile

    @property
    def size(self) -> int:
        """Bytes that it takes, about."""
        at = self._lesson.parameters
        arrays = [each for each in (*at.W, *at.b) if each is not None]
        return 8 * len(self._losses) + len(self._checkpoints) * sum(each.nbytes + 128 for each in arrays)

    def losses(self, iterations: int) -> Array:
        """The losses of iterations 0…iterations."""
        return np.array(self.reach(iterations)._losses[: iterations + 1])

    def parameters(self, iteration: int) -> Parameters:
        """The parameters after `iteration` updates. Raises ValueError out of reach."""
        return next(self.passed([iteration]))

    def passed(self, iterations: Sequence[int]) -> Iterator[Parameters]:
        """The parameters after each of some numbers of updates, which rise. Raises ValueError out of reach."""
        lesson, last, at = self._lesson, 0, self._lesson.parameters
        for wanted in iterations:
            _reachable(wanted)
            self.reach(max(0, wanted - 1))
            iteration = wanted if self._rests is None else min(wanted, self._rests)
            checkpoint = next(k for k in range(iteration - iteration % FINE, -1, -FINE) if k in self._checkpoints)
            if checkpoint > last:
                last, at = checkpoint, self._checkpoints[checkpoint]
            with np.errstate(all="ignore"):
                for _again in range(iteration - last):
                    at = descend(
                        lesson.network, at, lesson.X, lesson.T, lesson.learning_rate, lesson.update_biases, self._only
                    )[1]
            last = iteration
            yield at


def same(before: Parameters, after: Parameters) -> bool:
    """Are two sets of parameters the same to the bit?"""
    pairs = zip((*before.W, *before.b), (*after.W, *after.b), strict=True)
    return all(a is b or (a is not None and b is not None and a.tobytes() == b.tobytes()) for a, b in pairs)


class Shelf:
    """The runs that were asked for last: as many as there is room for, since a run grows while it stands here."""

    def __init__(self, room: int = ROOM) -> None:
        self._room, self._lock = room, Lock()
        self._runs: OrderedDict[tuple[Lesson, tuple[Cell, ...]], Run] = OrderedDict()

    def __call__(self, lesson: Lesson, only: tuple[Cell, ...] = ()) -> Run:
        key = lesson, only
        with self._lock:
            if key in self._runs:
                self._runs.move_to_end(key)
                return self._runs[key]
            while len(self._runs) >= MOST or (len(self._runs) >= FEWEST and self.size > self._room):
                self._runs.popitem(last=False)
            return self._runs.setdefault(key, Run(lesson, only))

    @property
    def size(self) -> int:
        """Bytes of all of them, about."""
        return sum(run.size for run in self._runs.values())


_run = Shelf()


def history(lesson: Lesson, only: tuple[Cell, ...] = ()) -> Run:
    """The kept run of a lesson; it grows as far as somebody has asked. only: the parameters that learn, () for all."""
    return _run(lesson, only)


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
